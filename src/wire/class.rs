//! Record classes (RFC 1035 section 3.2.4).

use std::fmt;

/// A class or, in a question, a QCLASS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Class(pub u16);

impl Class {
    /// The Internet: the class of every zone here.
    pub const IN: Self = Self(1);
    /// Chaos, in which servers tell their version and identity (RFC 4892).
    pub const CH: Self = Self(3);
    /// Hesiod.
    pub const HS: Self = Self(4);
    /// QCLASS NONE (RFC 2136).
    pub const NONE: Self = Self(254);
    /// QCLASS `*` (RFC 1035 section 3.2.5).
    pub const ANY: Self = Self(255);

    /// Reads a mnemonic, in any case, or `CLASSnnn` (RFC 3597 section 5).
    pub fn from_text(text: &[u8]) -> Option<Self> {
        const KNOWN: [(&[u8], Class); 3] = [(b"IN", Class::IN), (b"CH", Class::CH), (b"HS", Class::HS)];
        if let Some(known) = KNOWN.iter().find(|known| text.eq_ignore_ascii_case(known.0)) {
            return Some(known.1);
        }
        let digits = text.split_at_checked(5).filter(|parts| parts.0.eq_ignore_ascii_case(b"CLASS"))?.1;
        let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        plain.then(|| std::str::from_utf8(digits).ok()?.parse().ok()).flatten().map(Self)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::IN => f.write_str("IN"),
            Self::CH => f.write_str("CH"),
            Self::HS => f.write_str("HS"),
            Self(code) => write!(f, "CLASS{code}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_forms() {
        for (text, class) in [("in", Class::IN), ("CLASS1", Class::IN), ("class65535", Class(65535)), ("Ch", Class::CH)]
        {
            assert_eq!(Class::from_text(text.as_bytes()), Some(class), "{text}");
        }
        for text in ["", "CLASS", "CLASS65536", "CLASS+1", "INN", "CLA"] {
            assert_eq!(Class::from_text(text.as_bytes()), None, "{text}");
        }
        assert_eq!([Class::IN.to_string(), Class(7).to_string()], ["IN", "CLASS7"]);
    }
}
