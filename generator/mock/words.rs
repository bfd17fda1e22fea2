//! Texts that look like what their field is called.

use super::random::Random;

const FIRST: &[&str] = &["Ada", "Grace", "Alan", "Edsger", "Barbara", "Zoë", "Jürgen", "Radia", "Ken", "Hedy", "Łukasz", "美咲"];
const LAST: &[&str] =
    &["Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "O'Neil", "Müller", "Perlman", "Lamarr", "Sørensen"];
const WORDS: &[&str] =
    &["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "indigo", "juniper", "kelp", "lumen"];
const CITIES: &[(&str, &str, &str, &str)] = &[
    ("Reykjavík", "IS", "ISL", "Iceland"),
    ("Lyon", "FR", "FRA", "France"),
    ("Osaka", "JP", "JPN", "Japan"),
    ("São Paulo", "BR", "BRA", "Brazil"),
];

/// A text for a field of this name.
pub(super) fn text(random: &mut Random, name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let has = |part: &str| name.contains(part);
    let ends = |part: &str| name.ends_with(part);
    if has("email") {
        let word = pick(random, WORDS);
        format!("{word}.{:04x}@example.com", random.below(0x1_0000))
    } else if ["url", "uri", "link", "href", "picture", "logo", "avatar"].into_iter().any(ends) {
        format!("https://example.com/{}/{:08x}?v=1&size=m", pick(random, WORDS), random.below(1 << 32))
    } else if has("user_agent") {
        format!("Mozilla/5.0 (X11; Linux x86_64) Mock/{}.0", random.below(100))
    } else if name == "ip" || ends("_ip") {
        format!("192.0.2.{}", random.below(256))
    } else if has("phone") {
        format!("+1555{:07}", random.below(10_000_000))
    } else if ends("host") || ends("hostname") || ends("domain") {
        format!("{}.example.com", pick(random, WORDS))
    } else if ends("_at") || ends("date") || ends("_login") || ends("timestamp") {
        super::values::moment(random)
    } else if name == "id" || ends("_id") || ends("key") || ends("hash") || ends("fingerprint") || ends("kid") {
        format!("{:016x}", random.next())
    } else if ends("version") {
        format!("{}.{}.0", random.below(9), random.below(20))
    } else if has("country") || has("city") || has("locale") || has("time_zone") {
        place(random, &name)
    } else if has("color") || has("background") {
        format!("#{:06x}", random.below(1 << 24))
    } else if has("given_name") || has("first_name") {
        pick(random, FIRST).to_owned()
    } else if has("family_name") || has("last_name") {
        pick(random, LAST).to_owned()
    } else if ends("name") {
        format!("{} {}", pick(random, FIRST), pick(random, LAST))
    } else if has("description") || has("message") || has("comment") || has("template") {
        sentence(random)
    } else {
        format!("{}-{:04x}", pick(random, WORDS), random.below(0x1_0000))
    }
}

/// A text for a field that holds a secret: anyone who meets it in a log knows where it came from.
pub(super) fn secret(random: &mut Random, name: &str) -> String {
    format!("mock-{name}-{:012x}", random.below(1 << 48))
}

/// A sentence; some hold what decoders get wrong: quotes, backslashes, line ends, characters beyond 16 bits.
fn sentence(random: &mut Random) -> String {
    let (a, b) = (pick(random, WORDS), pick(random, WORDS));
    match random.below(6) {
        0 => format!("The \"{a}\" of the {b}.\nSee C:\\{b}\\."),
        1 => format!("{a} → {b} 🦀"),
        _ => format!("Moves every {a} to the {b} that it belongs to."),
    }
}

fn place(random: &mut Random, name: &str) -> String {
    let Some((city, code, code3, country)) = random.pick(CITIES) else { return String::new() };
    let part = match name {
        _ if name.contains("city") => city,
        _ if name.contains("code3") => code3,
        _ if name.contains("code") => code,
        _ if name.contains("country") => country,
        _ if name.contains("zone") => "Europe/Paris",
        _ => "en-GB",
    };
    part.to_owned()
}

fn pick(random: &mut Random, from: &'static [&'static str]) -> &'static str {
    random.pick(from).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_look_like_their_names() {
        for (name, fits) in [
            ("email", (|text| text.ends_with("@example.com")) as fn(&str) -> bool),
            ("logo_uri", |text| text.starts_with("https://example.com/")),
            ("last_ip", |text| text.starts_with("192.0.2.")),
            ("created_at", |text| text.ends_with('Z') && text.contains('T')),
            ("phone_number", |text| text.starts_with("+1555")),
            ("page_background", |text| text.starts_with('#') && text.len() == 7),
        ] {
            let text = text(&mut Random::new(7), name);
            assert!(fits(&text), "{name}: {text}");
        }
    }
}
