//! Numbers that only depend on their seed, and inputs made with them.

/// FNV-1a.
pub(crate) fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A generator of numbers that are always the same for a seed (xorshift64*).
pub(crate) struct Random(u64);

impl Random {
    /// Seeds next to each other give numbers that have nothing in common (splitmix64).
    pub(crate) fn new(seed: u64) -> Self {
        let mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self((mixed ^ (mixed >> 31)) | 1)
    }

    /// What a check chooses by itself depends on its input alone, so that a kept input is all of a finding.
    pub(crate) fn of(input: &[u8]) -> Self {
        Self::new(digest(input))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number from 0 up to the bound, which is left out and is not 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from((self.next() >> 16) % bound as u64).expect("below a usize")
    }

    /// True once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<'t, T>(&mut self, among: &'t [T]) -> &'t T {
        &among[self.below(among.len())]
    }

    /// A place between two bytes.
    fn place(&mut self, bytes: &[u8]) -> usize {
        self.below(bytes.len() + 1)
    }

    /// Some words in a row.
    pub(crate) fn sentence(&mut self, words: &[&str], most: usize) -> Vec<u8> {
        let count = self.below(most + 1);
        let mut bytes = Vec::new();
        for _ in 0..count {
            bytes.extend_from_slice(self.pick(words).as_bytes());
        }
        bytes
    }

    /// Changes a text in a few places: bytes, words, numbers, lines and whole pieces, also of another text.
    pub(crate) fn change(&mut self, bytes: &mut Vec<u8>, words: &[&str], other: &[u8]) {
        for _ in 0..=self.below(4) {
            self.change_once(bytes, words, other);
        }
    }

    fn change_once(&mut self, bytes: &mut Vec<u8>, words: &[&str], other: &[u8]) {
        let (a, b) = (self.place(bytes), self.place(bytes));
        let (start, end) = (a.min(b), a.max(b).min(a.min(b) + 200));
        let at = a.min(bytes.len().saturating_sub(1));
        match self.below(11) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
            1 if !bytes.is_empty() => bytes[at] = *self.pick(ODD_BYTES),
            2 => insert(bytes, a, self.pick(words).as_bytes()),
            3 => replace(bytes, start, end.min(start + 12), self.pick(words).as_bytes()),
            4 => replace(bytes, start, end, &[]),
            5 => {
                let piece = bytes[start..end].to_vec();
                insert(bytes, b, &piece);
            }
            6 => self.change_number(bytes),
            7 => self.swap_lines(bytes),
            8 if !other.is_empty() => {
                let from = self.below(other.len());
                let to = other.len().min(from + 1 + self.below(200));
                insert(bytes, a, &other[from..to]);
            }
            9 if self.once_in(4) => {
                let piece = bytes[start..end.min(start + 8)].to_vec();
                let times = 1 << self.below(11);
                insert(bytes, a, &piece.repeat(times));
            }
            10 if self.once_in(4) => bytes.truncate(a),
            _ => insert(bytes, a, &[*self.pick(ODD_BYTES)]),
        }
    }

    /// Puts an odd number in the place of a number.
    fn change_number(&mut self, bytes: &mut Vec<u8>) {
        let from = self.place(bytes);
        let Some(start) = bytes[from..].iter().position(u8::is_ascii_digit).map(|at| from + at) else { return };
        let end = bytes[start..].iter().position(|byte| !byte.is_ascii_digit()).map_or(bytes.len(), |at| start + at);
        let number = self.pick(ODD_NUMBERS).as_bytes();
        replace(bytes, start, end, number);
    }

    fn swap_lines(&mut self, bytes: &mut Vec<u8>) {
        let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        let (a, b) = (self.below(lines.len()), self.below(lines.len()));
        lines.swap(a, b);
        *bytes = lines.join(&b'\n');
    }

    /// Changes JSON in a few places, so that it stays JSON; what is put there is in other trees, or odd.
    pub(crate) fn change_tree(&mut self, tree: &mut serde_json::Value, others: &[serde_json::Value]) {
        for _ in 0..=self.below(3) {
            let other = self.pick(others);
            let value = match self.below(6) {
                0..3 => self.part(other).clone(),
                3 => serde_json::Value::from(self.pick(ODD_TEXTS).to_owned()),
                4 => serde_json::from_str(self.pick::<&str>(ODD_NUMBERS)).unwrap_or(serde_json::Value::Null),
                _ => self.pick(&[serde_json::json!([]), serde_json::json!({}), true.into(), serde_json::Value::Null]).clone(),
            };
            self.change_part(tree, value);
        }
    }

    /// A value anywhere in a tree.
    fn part<'t>(&mut self, tree: &'t serde_json::Value) -> &'t serde_json::Value {
        let count = children(tree);
        if count == 0 || self.once_in(5) {
            return tree;
        }
        let at = self.below(count);
        let child = match tree {
            serde_json::Value::Array(elements) => elements.get(at),
            serde_json::Value::Object(members) => members.values().nth(at),
            _ => None,
        };
        child.map_or(tree, |child| self.part(child))
    }

    fn change_part(&mut self, tree: &mut serde_json::Value, value: serde_json::Value) {
        let count = children(tree);
        let deeper = count > 0 && !self.once_in(4);
        match tree {
            serde_json::Value::Array(elements) if deeper => {
                let at = self.below(count);
                self.change_part(&mut elements[at], value);
            }
            serde_json::Value::Object(members) if deeper => {
                let at = self.below(count);
                if let Some(child) = members.values_mut().nth(at) {
                    self.change_part(child, value);
                }
            }
            serde_json::Value::Array(elements) if count > 0 => {
                let at = self.below(count);
                match self.below(3) {
                    0 => drop(elements.remove(at)),
                    1 => elements.insert(at, value),
                    _ => elements[at] = value,
                }
            }
            serde_json::Value::Object(members) if count > 0 => {
                let key = members.keys().nth(self.below(count)).cloned().unwrap_or_default();
                match self.below(4) {
                    0 => drop(members.shift_remove(&key)),
                    1 => drop(members.insert(key, value)),
                    2 => drop(members.insert((*self.pick(ODD_TEXTS)).to_owned(), value)),
                    // The value under another key.
                    _ => {
                        let held = members.shift_remove(&key).unwrap_or_default();
                        members.insert((*self.pick(ODD_TEXTS)).to_owned() + &key, held);
                    }
                }
            }
            tree => *tree = value,
        }
    }
}

fn children(tree: &serde_json::Value) -> usize {
    match tree {
        serde_json::Value::Array(elements) => elements.len(),
        serde_json::Value::Object(members) => members.len(),
        _ => 0,
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    replace(bytes, at, at, piece);
}

fn replace(bytes: &mut Vec<u8>, start: usize, end: usize, piece: &[u8]) {
    bytes.splice(start..end, piece.iter().copied());
}

/// What formats give a meaning to, and what is no text.
const ODD_BYTES: &[u8] = b"{}[]():;,.<>\"'\\/#&*!|%@`=-+ \t\r\n\x00\x1f\x7f\x80\xbf\xc3\xed\xf4\xff09eEtn";

const ODD_NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "00",
    "2",
    "127",
    "128",
    "255",
    "256",
    "999",
    "1e3",
    "1e400",
    "-0",
    "0.1",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    "1e999999999",
    "1e-999999999",
];

const ODD_TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "$",
    "$ref",
    "type",
    "null",
    "true",
    "~",
    "*",
    "a.b",
    "a[0]",
    "{a}",
    "{}",
    "../x",
    "#/",
    "http://[::1]/",
    "ü",
    "\u{0}",
    "\u{feff}",
    "\u{1f600}",
    "r#fn",
    "self",
    "Self",
    "crate",
    "_",
    "__",
    "1",
    "-1",
    "a b",
    "a/b",
    "a\nb",
    "'",
    "\"",
    "\\",
];
