//! By how much a version has to grow.

use semver::Version;

/// By how much a version grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bump {
    /// Not at all.
    #[default]
    None,
    /// For what nobody has to know of.
    Patch,
    /// For what is new.
    Minor,
    /// For what breaks.
    Major,
}

impl Bump {
    /// The part of a version that grows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }

    /// The part of this version that grows: before 1.0 a break takes the next minor, and what is new a patch.
    #[must_use]
    pub fn of(self, version: &Version) -> Self {
        match (self, version.major, version.minor) {
            (Self::None, ..) => Self::None,
            (Self::Major, 0, 1..) => Self::Minor,
            (_, 0, _) => Self::Patch,
            _ => self,
        }
    }

    /// The least version that follows.
    #[must_use]
    pub fn after(self, version: &Version) -> Version {
        let Version { major, minor, patch, .. } = *version;
        match self.of(version) {
            // What leads up to a version promises nothing.
            _ if !version.pre.is_empty() => version.clone(),
            Self::None => version.clone(),
            Self::Patch => Version::new(major, minor, patch + 1),
            Self::Minor => Version::new(major, minor + 1, 0),
            Self::Major => Version::new(major + 1, 0, 0),
        }
    }
}

/// The versions that the two sides name, and what lies between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// That of the old side.
    pub old: Version,
    /// That of the new side.
    pub new: Version,
    /// What the changes ask for.
    pub needed: Version,
    /// The part of the version that has to grow.
    pub bump: Bump,
}

impl Release {
    /// What a bump asks of two versions; none where either is no version.
    #[must_use]
    pub fn new(old: &str, new: &str, bump: Bump) -> Option<Self> {
        let (old, new) = (Version::parse(old).ok()?, Version::parse(new).ok()?);
        Some(Self { needed: bump.after(&old), bump: bump.of(&old), old, new })
    }

    /// Whether the new version is as large as the changes ask for.
    #[must_use]
    pub fn is_declared(&self) -> bool {
        self.new >= self.needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_grow_by_the_rules_of_cargo() {
        for (version, bump, part, next) in [
            ("1.2.3", Bump::Major, "major", "2.0.0"),
            ("1.2.3", Bump::Minor, "minor", "1.3.0"),
            ("1.2.3", Bump::Patch, "patch", "1.2.4"),
            ("1.2.3", Bump::None, "none", "1.2.3"),
            ("0.2.3", Bump::Major, "minor", "0.3.0"),
            ("0.2.3", Bump::Minor, "patch", "0.2.4"),
            ("0.0.3", Bump::Major, "patch", "0.0.4"),
            ("1.0.0-rc.1", Bump::Major, "major", "1.0.0-rc.1"),
        ] {
            let version = Version::parse(version).unwrap();
            assert_eq!((bump.of(&version).as_str(), bump.after(&version).to_string().as_str()), (part, next), "{version}");
        }
    }

    #[test]
    fn a_version_may_grow_by_more_than_it_must() {
        let declared = |old, new, bump| Release::new(old, new, bump).unwrap().is_declared();
        assert!(declared("0.1.0", "0.2.0", Bump::Major) && declared("0.1.0", "1.0.0", Bump::Minor));
        assert!(!declared("0.1.0", "0.1.1", Bump::Major) && !declared("1.1.0", "1.1.0", Bump::Patch));
        assert!(Release::new("1", "2", Bump::None).is_none());
    }
}
