//! What a parameter sends: a name, and a text of one or several parts.

use std::fmt;

use crate::rt::fault::Fault;

/// A parameter as it is sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Its name.
    pub name: String,
    /// What its value is made of.
    pub parts: Vec<String>,
}

/// What stands between the parts of a value, as it is sent.
#[derive(Clone, Copy, Debug)]
pub struct Joints {
    /// After the first part, the third and so on: between a name and its value.
    pub within: &'static str,
    /// After the second part, the fourth and so on.
    pub between: &'static str,
}

/// Takes a value apart.
pub trait Spread: fmt::Debug + Sync {
    /// What is sent of a value, which is given as JSON.
    fn spread(&self, name: &str, json: &str) -> Result<Vec<Sent>, Fault>;
}

impl Sent {
    /// A parameter whose value has one part.
    pub fn new(name: &str, value: String) -> Self {
        Self { name: name.to_owned(), parts: vec![value] }
    }

    /// The value as one text, with each part written by `write`.
    pub fn text(&self, joints: Option<Joints>, write: fn(&mut String, &str)) -> String {
        let mut text = String::new();
        for (at, part) in self.parts.iter().enumerate() {
            if let (1.., Some(joints)) = (at, joints) {
                text.push_str(if at % 2 == 1 { joints.within } else { joints.between });
            }
            write(&mut text, part);
        }
        text
    }
}
