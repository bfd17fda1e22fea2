//! Durations and sizes.

/// A duration in milliseconds: `500ms`, `10s`, `2m`, `1h`, `3d`, `1w`, or a number of seconds.
pub fn duration_ms(text: &str) -> Option<u64> {
    scaled(text, &[("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000), ("", 1_000)])
}

/// A whole number, which may stand without a unit.
pub fn lag_units(text: &str) -> Option<i64> {
    text.trim().parse().ok().filter(|units| *units >= 0)
}

/// A number of bytes: `4096`, `64KiB`, `8MB`.
pub fn size_bytes(text: &str) -> Option<u64> {
    const UNITS: &[(&str, u64)] = &[
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("KB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("B", 1),
        ("", 1),
    ];
    scaled(text, UNITS)
}

/// A decimal number times its unit, exactly; digits below the unit's resolution are refused.
fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let (_, scale) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut value = whole.parse::<u64>().ok()?.checked_mul(*scale)?;
    if !fraction.is_empty() {
        let parts = fraction.parse::<u64>().ok()?.checked_mul(*scale)?;
        let denominator = 10u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        if parts % denominator != 0 {
            return None;
        }
        value = value.checked_add(parts / denominator)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, expected) in [
            ("500ms", Some(500)),
            ("10s", Some(10_000)),
            ("2m", Some(120_000)),
            ("1h", Some(3_600_000)),
            ("3d", Some(259_200_000)),
            ("1w", Some(604_800_000)),
            ("30", Some(30_000)),
            ("1.5s", Some(1_500)),
            ("0.5", Some(500)),
            ("10 s", Some(10_000)),
            ("0", Some(0)),
            ("1.0001s", None),
            ("-1s", None),
            ("10sec", None),
            ("s", None),
            ("", None),
            ("1.2.3", None),
            ("99999999999999999999s", None),
            ("18446744073709551615h", None),
        ] {
            assert_eq!(duration_ms(text), expected, "{text}");
        }
    }

    #[test]
    fn sizes() {
        for (text, expected) in [
            ("4096", Some(4096)),
            ("64KiB", Some(65_536)),
            ("1.5MiB", Some(1_572_864)),
            ("8MB", Some(8_000_000)),
            ("8mb", None),
            ("x", None),
        ] {
            assert_eq!(size_bytes(text), expected, "{text}");
        }
    }
}
