//! What every enum of texts has in common. A service may add a value at any time, so each such enum has a variant `Other`.

#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum {
    ($name:ident) => {
        /// An empty text.
        impl ::std::default::Default for $name {
            fn default() -> Self {
                Self::Other(::std::default::Default::default())
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl ::std::convert::From<$name> for ::std::string::String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::rt::codec::Decode for $name {
            fn decode(r: &mut $crate::rt::reader::Reader<'_>) -> ::std::result::Result<Self, $crate::rt::fault::Fault> {
                let text = r.str()?;
                let value = Self::from(&*text);
                if let Self::Other(_) = value {
                    r.unlisted(text);
                }
                ::std::result::Result::Ok(value)
            }
        }

        #[cfg(feature = "arrow")]
        impl $crate::rt::columnar::Columnar for $name {
            const TYPE: $crate::rt::columnar::Type =
                $crate::rt::columnar::Type::Word(|text| !::std::matches!(Self::from(text), Self::Other(_)));
        }

        #[cfg(feature = "serde")]
        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                <::std::string::String as ::serde::Deserialize>::deserialize(deserializer).map(Self::from)
            }
        }
    };
}

/// Completes an enum of texts that has a variant `Other(Box<str>)`, an `as_str` and a `From<&str>`: `Default`, `Display`,
/// conversions from and to `String`, decoding, and serde under its feature.
pub use crate::__open_enum as open_enum;
