//! The name of a zone as the configuration keeps it: folded and no larger than it is.
//!
//! Does not know what is in the zone.

use std::fmt;
use std::str::FromStr;

use crate::wire::{Name, NameBuf, NameError};

/// The apex of a configured zone, in lower case, so that two spellings of a name are one zone (RFC 4343).
///
/// Kept on the heap at its own length: a hosting server lists zones by the hundred thousand, and a [`NameBuf`] takes
/// 256 octets whatever it holds.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ZoneName(Box<[u8]>);

impl ZoneName {
    /// The name, borrowed.
    pub fn as_name(&self) -> Name<'_> {
        Name::from_wire(&self.0).expect("a zone name is only made from a name")
    }
}

impl From<Name<'_>> for ZoneName {
    fn from(name: Name<'_>) -> Self {
        Self(name.wire().to_ascii_lowercase().into())
    }
}

impl FromStr for ZoneName {
    type Err = NameError;

    /// Reads a name as people write it, with or without its final dot.
    fn from_str(text: &str) -> Result<Self, NameError> {
        text.parse::<NameBuf>().map(|name| Self::from(name.as_name()))
    }
}

impl fmt::Display for ZoneName {
    /// The name as people write it: without its final dot, but for the root.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.as_name().to_string();
        f.write_str(match text.strip_suffix('.') {
            Some(relative) if !relative.is_empty() => relative,
            _ => &text,
        })
    }
}

impl fmt::Debug for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_name_are_one_zone() {
        let zone = |text: &str| text.parse::<ZoneName>().expect("a name");
        assert_eq!(zone("Example.COM"), zone("example.com."));
        assert_eq!(zone("Example.COM.").to_string(), "example.com");
        assert_eq!(zone(".").to_string(), ".");
        assert_eq!(zone(r"0\0471.arpa"), zone("0/1.arpa"));
        assert!("a..b".parse::<ZoneName>().is_err());
    }
}
