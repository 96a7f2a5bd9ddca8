//! Names without escapes from text, the dots found by whole words: the way that nearly all names of a zone go.
//!
//! Knows no errors: what it does not take, [`NameBuf::from_text`](super::NameBuf::from_text) reads or refuses.

use crate::base::limits::{LABEL_OCTETS_MAX, NAME_OCTETS_MAX};
use crate::base::octets::{Sixteen, short};

/// Text that is a name as it stands, with lengths in place of its dots.
///
/// Having one tells you: at most 63 octets of text, no escape, no empty label, and a wire form of at most 255 octets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain {
    /// One bit for each octet that is a dot.
    dots: u64,
    /// Whether the last octet is a dot, so that no origin follows.
    pub(super) absolute: bool,
}

impl Plain {
    /// Looks at text; none where it needs more care. `origin_octets` is the length of what completes it.
    #[inline(always)]
    pub(super) fn of(text: &[u8], origin_octets: usize) -> Option<Self> {
        let length = text.len();
        if length == 0 || length > LABEL_OCTETS_MAX {
            return None;
        }
        let (dots, escapes) = dots_and_escapes(text);
        // A dot in front or behind another one.
        if escapes | dots & (dots << 1 | 1) != 0 || text == b"@" {
            return None;
        }
        let absolute = dots >> (length - 1) != 0;
        (absolute || 1 + length + origin_octets <= NAME_OCTETS_MAX).then_some(Self { dots, absolute })
    }

    /// Turns an octet and the text behind it into labels; where the name is absolute, its root label too.
    #[inline]
    pub(super) fn put_lengths(self, name: &mut [u8]) {
        let (mut label, mut dots) = (0, self.dots);
        while dots != 0 {
            // The text begins behind the first length octet.
            let dot = dots.trailing_zeros() as usize + 1;
            name[label] = (dot - label - 1) as u8;
            (label, dots) = (dot, dots & (dots - 1));
        }
        name[label] = (name.len() - label - 1) as u8;
    }
}

/// One bit for each octet that is a dot, and for each that is a backslash, of at most 64 octets.
#[inline]
fn dots_and_escapes(text: &[u8]) -> (u64, u64) {
    let find = |octets: &[u8; 16], at: usize| {
        let octets = Sixteen::of(octets);
        let bits = |octet| u64::from(octets.equal(octet).bits()) << at;
        (bits(b'.'), bits(b'\\'))
    };
    let Some(last) = text.last_chunk() else {
        return find(&short(text).to_le_bytes(), 0);
    };
    let (mut dots, mut escapes) = find(last, text.len() - 16);
    for (index, octets) in text.as_chunks::<16>().0.iter().enumerate() {
        let found = find(octets, 16 * index);
        (dots, escapes) = (dots | found.0, escapes | found.1);
    }
    (dots, escapes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::{Name, NameBuf};

    #[test]
    fn common_names_are_plain() {
        for text in ["a.", "www", "ns1.hoster-17.example.net.", "aaaaaaaaaaaaaaa.", "aaaaaaaaaaaaaaaa.", "_a.*"] {
            assert!(Plain::of(text.as_bytes(), 5).is_some(), "{text}");
        }
        for text in ["", ".", "@", "a\\.b", "a..b", ".a", &"a".repeat(64)] {
            assert!(Plain::of(text.as_bytes(), 5).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn plain_names_are_as_their_twin_reads_them(
            text in "[a-c.]{0,9}|(([a-c@]{1,30}\\.){0,5}[a-d]{0,3}\\.?)|[a.]{50,70}|.{0,9}", origin in "([a-e]{60}\\.){0,3}([a-e]{1,9}\\.)?"
        ) {
            let origin: NameBuf = format!("{origin}z.").parse().expect("a name");
            let origin = origin.as_name();
            if let Some(plain) = Plain::of(text.as_bytes(), origin.wire().len()) {
                let mut wire = [b"x", text.as_bytes()].concat();
                plain.put_lengths(&mut wire);
                if !plain.absolute {
                    wire.extend_from_slice(origin.wire());
                }
                let twin = NameBuf::from_text_with_care(text.as_bytes(), Some(origin));
                prop_assert_eq!(Ok(wire.as_slice()), twin.as_ref().map(|name| name.as_name().wire()).map_err(|e| *e));
                prop_assert!(Name::from_wire(&wire).is_ok());
            }
        }
    }
}
