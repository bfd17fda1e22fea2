//! JSON Web Tokens that the client signs itself (RFC 7519, RFC 7523): sent as they are, or traded for a token.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use ring::{hmac, rand};

use crate::rt::auth::{Credentials, Scheme, Setup};
use crate::rt::descriptor::Template;
use crate::rt::error::{Error, ErrorKind, Result};
use crate::rt::json_write::ObjectWriter;
use crate::rt::oauth2::{Endpoint, OAuth2};
use crate::rt::secret::{ExposeSecret, SecretString};
use crate::rt::token::{Answer, Grant, Next, Notes, TokenSource};

/// How far the clocks of client and service may be apart: a JWT is dated back by this.
const CLOCK_SKEW: u64 = 30;

/// A JWT and what it is for.
#[derive(Clone, Copy, Debug)]
pub struct Jwt {
    /// How it is signed.
    pub algorithm: Algorithm,
    /// The key: a PEM text, or the shared secret of HS256.
    pub key: Template,
    /// How a shared secret is written.
    pub key_encoding: KeyEncoding,
    /// The id of the key, for the header; empty for none.
    pub key_id: Template,
    /// Further members of the header.
    pub headers: &'static [(&'static str, Template)],
    /// The claims that are texts, besides `iat`, `exp` and `jti`.
    pub claims: &'static [(&'static str, Template)],
    /// Claims that are no texts, as JSON.
    pub constants: &'static [(&'static str, &'static str)],
    /// How long it lasts, in seconds.
    pub lifetime: u64,
    /// What it is for.
    pub purpose: Purpose,
}

/// How a JWT is signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Algorithm {
    /// RSA with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// HMAC with SHA-256.
    Hs256,
}

/// How the shared secret of HS256 is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyEncoding {
    /// As it is.
    Text,
    /// In base64, of either alphabet.
    Base64,
    /// In hexadecimal digits.
    Hex,
}

/// What a JWT is for.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// It authorises requests itself.
    Bearer(Answer),
    /// It is traded for a token (RFC 7523, section 2.1).
    Assertion(OAuth2),
    /// It stands for the client's secret in client credentials (RFC 7523, section 2.2).
    ClientAssertion(OAuth2),
}

impl Jwt {
    /// Signed with RSA, good for five minutes; a descriptor says only in what it differs.
    pub const DEFAULT: Self = Self {
        algorithm: Algorithm::Rs256,
        key: "",
        key_encoding: KeyEncoding::Text,
        key_id: "",
        headers: &[],
        claims: &[],
        constants: &[],
        lifetime: 300,
        purpose: Purpose::Bearer(Answer::OAUTH2),
    };
}

impl Scheme for Jwt {
    fn credentials(&'static self, setup: &mut Setup<'_>) -> Result<Option<Credentials>, String> {
        let Some(key) = setup.inputs.expand(self.key).filter(|key| !key.is_empty()) else { return Ok(None) };
        setup.hide(&key);
        let mut headers = setup.fields(self.headers);
        if let Some(id) = setup.inputs.expand(self.key_id).filter(|id| !id.is_empty()) {
            headers.push(("kid", id));
        }
        let signer = Signer {
            algorithm: self.algorithm,
            key: key.into(),
            key_encoding: self.key_encoding,
            headers,
            claims: setup.fields(self.claims),
            constants: self.constants,
            lifetime: self.lifetime,
        };
        let origins = setup.origins.clone();
        let source = match &self.purpose {
            Purpose::Bearer(answer) => TokenSource::new(Signed { signer, traded: None }, answer, origins),
            Purpose::Assertion(oauth2) => {
                let traded = Some(Traded::Assertion(oauth2.endpoint(setup)?));
                TokenSource::new(Signed { signer, traded }, &oauth2.answer, origins)
            }
            Purpose::ClientAssertion(oauth2) => {
                let traded = Some(Traded::ClientAssertion(oauth2.endpoint(setup)?));
                TokenSource::new(Signed { signer, traded }, &oauth2.answer, origins)
            }
        };
        Ok(Some(Credentials::Token(source)))
    }
}

/// A JWT as a way to come by tokens.
#[derive(Debug)]
struct Signed {
    signer: Signer,
    /// Where it is traded; none if it is the token.
    traded: Option<Traded>,
}

#[derive(Debug)]
enum Traded {
    Assertion(Endpoint),
    ClientAssertion(Endpoint),
}

impl Grant for Signed {
    fn ask(&self, notes: &mut Notes<'_>) -> Result<Next> {
        let (jwt, life) = self.signer.sign(notes.now.unix)?;
        notes.secrets.note(&jwt);
        Ok(match &self.traded {
            None => Next::Made(jwt.into(), life),
            Some(Traded::Assertion(endpoint)) => {
                Next::Send(endpoint.request("urn:ietf:params:oauth:grant-type:jwt-bearer", &[("assertion", jwt)]))
            }
            Some(Traded::ClientAssertion(endpoint)) => {
                let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned();
                let assertion = [("client_assertion_type", kind), ("client_assertion", jwt)];
                Next::Send(endpoint.request("client_credentials", &assertion))
            }
        })
    }
}

/// Signs JWTs of one form.
struct Signer {
    algorithm: Algorithm,
    key: SecretString,
    key_encoding: KeyEncoding,
    headers: Vec<(&'static str, String)>,
    claims: Vec<(&'static str, String)>,
    constants: &'static [(&'static str, &'static str)],
    lifetime: u64,
}

impl Signer {
    /// A JWT of this moment, and how long it lasts from now on.
    fn sign(&self, unix: Duration) -> Result<(String, Duration)> {
        let random = SystemRandom::new();
        let back = CLOCK_SKEW.min(self.lifetime / 4);
        let issued = unix.as_secs().saturating_sub(back);
        let name = match self.algorithm {
            Algorithm::Rs256 => "RS256",
            Algorithm::Es256 => "ES256",
            Algorithm::Hs256 => "HS256",
        };
        let header = ObjectWriter::new().string("alg", name).string("typ", "JWT");
        let header = self.headers.iter().fold(header, |object, (name, value)| object.string(name, value));
        let claims = self.claims.iter().fold(ObjectWriter::new(), |object, (name, value)| object.string(name, value));
        let claims = self.constants.iter().fold(claims, |object, (name, json)| object.raw(name, json));
        let mut claims = claims.raw("iat", &issued.to_string()).raw("exp", &issued.saturating_add(self.lifetime).to_string());
        if !self.claims.iter().map(|(name, _)| name).chain(self.constants.iter().map(|(name, _)| name)).any(|name| *name == "jti")
        {
            claims = claims.string("jti", &unique(&random)?);
        }
        let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
        let message = format!("{}.{}", encode(header.finish()), encode(claims.finish()));
        let signature = self.signature(message.as_bytes(), &random)?;
        Ok((format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)), Duration::from_secs(self.lifetime - back)))
    }

    fn signature(&self, message: &[u8], random: &SystemRandom) -> Result<Vec<u8>> {
        let key = self.key.expose_secret();
        match self.algorithm {
            Algorithm::Hs256 => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, &shared(key, self.key_encoding)?);
                Ok(hmac::sign(&key, message).as_ref().to_vec())
            }
            Algorithm::Rs256 => {
                let (label, der) = pem(key)?;
                let pair = match label {
                    "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der),
                    _ => RsaKeyPair::from_pkcs8(&der),
                };
                let pair = pair.map_err(|why| unusable(&format!("it is no RSA key ({why})")))?;
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, random, message, &mut signature).map_err(|_| unusable("it does not sign"))?;
                Ok(signature)
            }
            Algorithm::Es256 => {
                let (label, mut der) = pem(key)?;
                if label == "EC PRIVATE KEY" {
                    der = pkcs8(&der)?;
                }
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der, random)
                    .map_err(|why| unusable(&format!("it is no key on P-256 ({why})")))?;
                Ok(pair.sign(random, message).map_err(|_| unusable("it does not sign"))?.as_ref().to_vec())
            }
        }
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// A name that no other JWT has.
fn unique(random: &SystemRandom) -> Result<String> {
    let bytes: [u8; 16] = rand::generate(random).map_err(|_| unusable("there are no random numbers"))?.expose();
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The bytes of a shared secret.
fn shared(key: &str, encoding: KeyEncoding) -> Result<Vec<u8>> {
    match encoding {
        KeyEncoding::Text => Ok(key.as_bytes().to_vec()),
        KeyEncoding::Base64 => {
            let plain = key.trim().trim_end_matches('=').replace('+', "-").replace('/', "_");
            URL_SAFE_NO_PAD.decode(plain).map_err(|_| unusable("it is no base64"))
        }
        KeyEncoding::Hex => {
            let digits: Option<Vec<u32>> = key.trim().chars().map(|digit| digit.to_digit(16)).collect();
            let digits =
                digits.filter(|digits| digits.len().is_multiple_of(2)).ok_or_else(|| unusable("it is no hexadecimal text"))?;
            let byte = |pair: &[u32]| pair.iter().fold(0, |byte, digit| byte * 16 + digit);
            Ok(digits.chunks(2).map(|pair| u8::try_from(byte(pair)).unwrap_or_default()).collect())
        }
    }
}

/// The label and the bytes of a PEM text. Its line ends may have been written as `\n`, as they are in JSON and in many settings.
fn pem(text: &str) -> Result<(&'static str, Vec<u8>)> {
    const LABELS: [&str; 3] = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"];
    let text = text.replace("\\n", "\n").replace("\\r", "");
    if text.contains("ENCRYPTED") {
        return Err(unusable("it is encrypted; decrypt it first"));
    }
    let body = |label: &str| {
        let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
        rest.split_once(&format!("-----END {label}-----")).map(|(body, _)| body.to_owned())
    };
    let found = LABELS.into_iter().find_map(|label| Some((label, body(label)?)));
    let (label, body) = found.ok_or_else(|| unusable("it is no PEM text of a private key"))?;
    let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    let der = STANDARD.decode(body).map_err(|_| unusable("its PEM text is damaged"))?;
    Ok((label, der))
}

/// A key on P-256 in the form of RFC 5915, wrapped as PKCS #8 has it.
fn pkcs8(ec: &[u8]) -> Result<Vec<u8>> {
    // Version 0, then the algorithm: a public key of elliptic curves, on P-256.
    const HEAD: [u8; 24] = [
        0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
        0x3d, 0x03, 0x01, 0x07,
    ];
    let inner = [&HEAD[..], &element(0x04, ec)?].concat();
    element(0x30, &inner)
}

/// An element of DER.
fn element(tag: u8, content: &[u8]) -> Result<Vec<u8>> {
    let length = u8::try_from(content.len()).map_err(|_| unusable("it is too long for a key on P-256"))?;
    let mut bytes = vec![tag];
    if length > 0x7f {
        bytes.push(0x81);
    }
    bytes.push(length);
    bytes.extend(content);
    Ok(bytes)
}

fn unusable(why: &str) -> Error {
    Error::new(ErrorKind::Config, format!("the key of the login's JWT can not be used: {why}"))
}
