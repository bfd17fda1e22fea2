//! Destinations by their names: what others may read of them.
#![cfg(feature = "load")]

use tapwright_runtime::rt::destinations::shown;

#[test]
fn what_is_shown_of_a_destination_has_no_password() {
    for (to, expected) in [
        ("postgres://user:s3cret@host/x", "postgres"),
        ("parquet:s3://bucket/some/where", "parquet:s3://bucket/some/where"),
        ("parquet:s3://key:s3cret@bucket/x", "parquet"),
        ("csv:az://container/x?sig=s3cret", "csv"),
        ("parquet:data@home", "parquet:data@home"),
    ] {
        assert_eq!(shown(to), expected);
    }
}
