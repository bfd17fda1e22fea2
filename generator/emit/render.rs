//! Everything that passes through a template: the manifest, the README, the example, the tests.
