//! url
/// A URL.
#[derive(Clone, Debug, PartialEq)]
pub struct Url;
impl Url {
    /// Without query.
    #[must_use]
    pub fn without_query(&self) -> String {
        String::new()
    }
}
