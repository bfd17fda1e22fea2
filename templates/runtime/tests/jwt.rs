//! JWTs that the client signs: their form, their signatures, and what is made of them.
#![expect(clippy::large_types_passed_by_value, reason = "the tests read better so")]

mod client;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use client::{API, START, fetch_with, set_up, token_answer};
use ring::{hmac, signature};
use serde_json::Value;
use tapwright_runtime::rt::auth::Credentials;
use tapwright_runtime::rt::descriptor::{Api, Auth};
use tapwright_runtime::rt::error::{Error, ErrorKind};
use tapwright_runtime::rt::jwt::{Algorithm, Jwt, KeyEncoding, Purpose};
use tapwright_runtime::rt::oauth2::OAuth2;
use tapwright_runtime::rt::secret::Secrets;
use tapwright_runtime::rt::token::{Claim, Token, TokenSource};

const RSA_PKCS1: &str = include_str!("keys/rsa_pkcs1.pem");
const RSA_PKCS8: &str = include_str!("keys/rsa_pkcs8.pem");
const EC_SEC1: &str = include_str!("keys/ec_sec1.pem");
const EC_PKCS8: &str = include_str!("keys/ec_pkcs8.pem");
const RSA_PUBLIC: &[u8] = include_bytes!("keys/rsa_public.der");
const EC_PUBLIC: &[u8] = include_bytes!("keys/ec_public.bin");

const JWT: Jwt = Jwt {
    key: "{client_secret}",
    key_id: "{organization}",
    claims: &[("iss", "{client_id}"), ("aud", "everyone"), ("sub", "{trace_key}")],
    ..Jwt::DEFAULT
};

fn source(jwt: Jwt, key: &str) -> TokenSource {
    let jwt: &'static Jwt = Box::leak(Box::new(jwt));
    let api: &'static Api = Box::leak(Box::new(Api { auth: Auth::Scheme(jwt), ..API }));
    match set_up(api, &[("client_id", "app"), ("client_secret", key), ("organization", "key-1")], None) {
        Ok((Credentials::Token(source), _)) => source,
        other => panic!("{other:?}"),
    }
}

/// The JWT that is sent itself.
fn made(jwt: Jwt, key: &str) -> Result<Token, Error> {
    fetch_with(&source(jwt, key), &Secrets::default(), &mut START.clone(), |_| panic!("nothing is asked for"))
}

fn part(token: &str, at: usize) -> Value {
    let part = token.split('.').nth(at).expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
}

/// The signed text and the signature.
fn signed(token: &str) -> (&[u8], Vec<u8>) {
    let (message, signature) = token.rsplit_once('.').expect("a signature");
    (message.as_bytes(), URL_SAFE_NO_PAD.decode(signature).expect("base64"))
}

#[test]
fn each_algorithm_signs_what_others_can_verify() {
    let one_line = RSA_PKCS8.replace('\n', "\\n");
    let public = |algorithm| match algorithm {
        Algorithm::Rs256 => signature::UnparsedPublicKey::new(
            &signature::RSA_PKCS1_2048_8192_SHA256 as &dyn signature::VerificationAlgorithm,
            RSA_PUBLIC,
        ),
        _ => signature::UnparsedPublicKey::new(
            &signature::ECDSA_P256_SHA256_FIXED as &dyn signature::VerificationAlgorithm,
            EC_PUBLIC,
        ),
    };
    let cases = [
        (Algorithm::Rs256, RSA_PKCS1, "RS256"),
        (Algorithm::Rs256, RSA_PKCS8, "RS256"),
        (Algorithm::Rs256, one_line.as_str(), "RS256"),
        (Algorithm::Es256, EC_SEC1, "ES256"),
        (Algorithm::Es256, EC_PKCS8, "ES256"),
    ];
    for (algorithm, key, name) in cases {
        let token = made(Jwt { algorithm, ..JWT }, key).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (message, signature) = signed(token.bare());
        public(algorithm).verify(message, &signature).unwrap_or_else(|_| panic!("{name}: it is not verified"));
        assert_eq!(part(token.bare(), 0)["alg"], name);
    }
    for (encoding, key, bytes) in [
        (KeyEncoding::Text, "secret", b"secret".to_vec()),
        (KeyEncoding::Base64, "_-8=", vec![0xff, 0xef]),
        (KeyEncoding::Base64, "/+8", vec![0xff, 0xef]),
        (KeyEncoding::Hex, "00fF10", vec![0, 0xff, 0x10]),
    ] {
        let token = made(Jwt { algorithm: Algorithm::Hs256, key_encoding: encoding, ..JWT }, key).expect("a token");
        let (message, signature) = signed(token.bare());
        hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &bytes), message, &signature).expect("it is verified");
    }
}

#[test]
fn a_jwt_says_what_the_spec_says() {
    let constants = &[("admin", "true"), ("level", "3"), ("roles", r#"["reader"]"#)];
    let jwt = Jwt { algorithm: Algorithm::Es256, headers: &[("cty", "x")], constants, lifetime: 600, ..JWT };
    let token = made(jwt, EC_PKCS8).expect("a token");
    let header = part(token.bare(), 0);
    assert_eq!(header, serde_json::json!({"alg": "ES256", "typ": "JWT", "cty": "x", "kid": "key-1"}));
    let mut claims = part(token.bare(), 1);
    let id = claims["jti"].take();
    assert!(id.as_str().is_some_and(|id| id.len() == 22), "{id}");
    let issued = START.unix.as_secs() - 30;
    let expected = serde_json::json!({
        "iss": "app", "aud": "everyone", "admin": true, "level": 3, "roles": ["reader"],
        "iat": issued, "exp": issued + 600, "jti": null,
    });
    assert_eq!(claims, expected, "a claim whose input is absent is left out");
    let other = made(jwt, EC_PKCS8).expect("a token");
    assert_ne!(part(other.bare(), 1)["jti"], id, "each has a name of its own");
}

#[test]
fn one_that_is_sent_itself_is_signed_anew_ahead_of_its_end() {
    let source = source(Jwt { algorithm: Algorithm::Hs256, lifetime: 600, ..JWT }, "secret");
    fetch_with(&source, &Secrets::default(), &mut START.clone(), |_| panic!("nothing is asked for")).expect("a token");
    let at = |seconds| tapwright_runtime::rt::retry::Now { elapsed: Duration::from_secs(seconds), ..START };
    // It is dated back by half a minute, and renewed a minute before its end.
    assert!(matches!(source.claim(None, at(509)), Claim::Held(_)));
    assert!(matches!(source.claim(None, at(510)), Claim::Fetch { .. }));
}

#[test]
fn one_that_is_traded_is_sent_as_its_grant_says() {
    const OAUTH2: OAuth2 =
        OAuth2 { token_url: "https://{domain}/token", client_id: "{client_id}", fields: &[("scope", "read")], ..OAuth2::DEFAULT };
    let cases = [
        (
            Purpose::Assertion(OAUTH2),
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&client_id=app&assertion=eyJ",
        ),
        (
            Purpose::ClientAssertion(OAUTH2),
            "grant_type=client_credentials&client_id=app&client_assertion_type=\
             urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=eyJ",
        ),
    ];
    for (purpose, begins) in cases {
        let source = source(Jwt { algorithm: Algorithm::Es256, purpose, ..JWT }, EC_PKCS8);
        let secrets = Secrets::default();
        let token = fetch_with(&source, &secrets, &mut START.clone(), |request| {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            assert!(body.starts_with(begins) && body.ends_with("&scope=read"), "{body}");
            assert!(!secrets.mask(&body).contains("eyJ"), "an assertion is a secret: {}", secrets.mask(&body));
            Ok(token_answer("traded"))
        });
        assert_eq!(token.expect("a token").bare(), "traded");
    }
}

#[test]
fn a_key_that_can_not_be_used_is_an_error_that_does_not_show_it() {
    let damaged = EC_PKCS8.replace('M', "*");
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\ncanary\n-----END ENCRYPTED PRIVATE KEY-----";
    let cut = "-----BEGIN PRIVATE KEY-----\ncanary";
    let cases = [
        (Algorithm::Rs256, "canary", "it is no PEM text of a private key"),
        (Algorithm::Rs256, cut, "it is no PEM text of a private key"),
        (Algorithm::Rs256, encrypted, "it is encrypted; decrypt it first"),
        (Algorithm::Es256, damaged.as_str(), "its PEM text is damaged"),
        (Algorithm::Rs256, EC_PKCS8, "it is no RSA key"),
        (Algorithm::Es256, RSA_PKCS8, "it is no key on P-256"),
        (Algorithm::Es256, RSA_PKCS1, "it is no key on P-256"),
    ];
    for (algorithm, key, why) in cases {
        let error = made(Jwt { algorithm, ..JWT }, key).expect_err(why);
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.message().starts_with(&format!("the key of the login's JWT can not be used: {why}")), "{error}");
        assert!(!format!("{error:?}").contains("canary"));
    }
    for (key_encoding, key) in [(KeyEncoding::Base64, "***"), (KeyEncoding::Hex, "0g"), (KeyEncoding::Hex, "123")] {
        made(Jwt { algorithm: Algorithm::Hs256, key_encoding, ..JWT }, key).expect_err(key);
    }
}
