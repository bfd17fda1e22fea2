//! What a page gives besides its cursor and every later request sends, such as the id of a point in time.

use crate::rt::descriptor::Path;
use crate::rt::paging::Carry;
use crate::rt::reader::Reader;

/// Values by their place in the body of the next request, and their place in the page.
#[derive(Clone, Copy, Debug)]
pub struct Carried(pub &'static [(Path, Path)]);

/// A cursor and its values are the elements of one JSON array; a value that no page gave yet is null.
impl Carry for Carried {
    fn sources(&self) -> Vec<Path> {
        self.0.iter().map(|(_, from)| *from).collect()
    }

    fn join(&self, cursor: &str, values: &[Option<String>], before: Option<&str>) -> String {
        let before = before.map(elements).unwrap_or_default();
        let mut text = format!("[{cursor}");
        for at in 0..self.0.len() {
            let value = values.get(at).and_then(Option::as_deref);
            text.push(',');
            text.push_str(value.or_else(|| before.get(at + 1).copied()).unwrap_or("null"));
        }
        text.push(']');
        text
    }

    fn cursor<'a>(&self, joined: &'a str) -> &'a str {
        elements(joined).first().copied().unwrap_or(joined)
    }

    fn values<'a>(&self, joined: &'a str) -> Vec<(Path, &'a str)> {
        let places = self.0.iter().map(|(to, _)| *to);
        places.zip(elements(joined).into_iter().skip(1)).filter(|(_, value)| *value != "null").collect()
    }
}

/// The elements of a JSON array as texts; none of anything else, which can only be a position that someone else wrote.
fn elements(text: &str) -> Vec<&str> {
    let mut elements = Vec::new();
    let read = Reader::new(text).array(&mut |r, _| {
        elements.push(r.skip()?);
        Ok(())
    });
    if read.is_ok() { elements } else { Vec::new() }
}
