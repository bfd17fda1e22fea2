//! The specs that the project ships: each loads without an error and without a warning.

use std::path::Path;

use tapwright::diagnostic::Diagnostics;
use tapwright::source::Sources;

#[test]
fn shipped_specs_load_without_a_word() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let mut loaded = 0;
    for entry in std::fs::read_dir(&folder).expect("the folder of specs") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let api = tapwright::load(&path, &mut sources, &mut diagnostics);
        let shown = diagnostics.render(&sources, false);
        assert!(shown.is_empty(), "{shown}");
        assert!(api.is_some(), "{} gives no API", path.display());
        loaded += 1;
    }
    assert!(loaded >= 3, "{loaded} specs in {}", folder.display());
}
