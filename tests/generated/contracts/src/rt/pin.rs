//! Pins: what was written for one version of a list does not compile with another.

/// Whether two texts are the same.
#[must_use]
pub const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

/// Stops the build where a list's requests or records are no longer those that a fingerprint stands for:
/// `pin!(resources::Users = "6e6fbce99b5592f6");`. The fingerprint is the one in `connector.lock`.
#[macro_export]
macro_rules! pin {
    ($($list:ident)::+ = $fingerprint:literal) => {
        const _: () = ::std::assert!(
            $crate::rt::pin::is_same($crate::$($list)::+::FINGERPRINT, $fingerprint),
            ::std::concat!(
                "`", ::std::stringify!($($list)::+), "` is no longer what `", $fingerprint, "` stands for: see what has changed \
                 with `gen diff`, then write the fingerprint that `connector.lock` has now"
            )
        );
    };
}
