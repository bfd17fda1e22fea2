//! What the emitter makes of an API that no spec of ours describes, but a document does.
//!
//! `INSTA_UPDATE=always cargo test --test calls` writes the snapshots anew.

mod api;

use tapwright::diagnostic::Diagnostics;
use tapwright::{EmitOptions, emit};

#[test]
fn calls_are_written_as_before() {
    let mut diagnostics = Diagnostics::default();
    let tree = emit(&api::api(), &EmitOptions { spec: "pets.json".to_owned() }, &mut diagnostics);
    assert!(diagnostics.is_empty());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        let own = tree.iter().filter(|(path, _)| path.starts_with("src/models/") || path.starts_with("src/operations/"));
        for (path, content) in own {
            insta::assert_snapshot!(path.replace('/', "-"), std::str::from_utf8(content).unwrap());
        }
    });
}
