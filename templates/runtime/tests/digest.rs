//! Digests are kept in checkpoints, so they are the same in every version.

use tapwright_runtime::rt::digest::digest;

#[test]
fn a_digest_is_what_it_always_was() {
    let bytes: Vec<u8> = (0..100).collect();
    // Worked out by another program.
    let cases = [
        (0, 0xc15e_82e6_873b_b084),
        (1, 0x87d4_6a18_9ff2_a7f7),
        (31, 0x2d09_42f6_b0ca_7255),
        (32, 0x3f1a_9f0a_7980_242d),
        (33, 0xe0dc_cf15_47d6_fdc6),
        (100, 0xd904_5960_8593_510f),
    ];
    for (length, expected) in cases {
        assert_eq!(digest(&bytes[..length]), expected, "{length} bytes");
    }
}
