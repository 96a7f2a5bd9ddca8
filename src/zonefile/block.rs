//! Sorts octets into blanks, line ends and all that is harder, 64 at a time, as bits of a word.
//!
//! Does not know words: the scanner reads those off the bits.

use crate::base::octets::Sixteen;

/// Octets that are sorted at once.
pub(super) const BLOCK_OCTETS: usize = 64;

/// What 64 octets are; bit 0 is the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Block {
    /// Spaces, tabs and line feeds.
    pub(super) gaps: u64,
    /// Line feeds.
    pub(super) newlines: u64,
    /// Quotes, backslashes, parentheses, semicolons, all other control characters, and `!#$%&'`: what may need more care
    /// than plain words and what is rare.
    pub(super) hard: u64,
}

/// The last of the octets below `*` that are not plain; all of those between them count as hard.
const LOW_MAX: u8 = b')';

impl Block {
    /// Sorts octets.
    #[inline(always)]
    pub(super) fn of(octets: &[u8; BLOCK_OCTETS]) -> Self {
        let mut block = Self::default();
        for (index, octets) in octets.as_chunks::<16>().0.iter().enumerate() {
            let octets = Sixteen::of(octets);
            let newlines = octets.equal(b'\n');
            let gaps = octets.equal(b' ') | octets.equal(b'\t') | newlines;
            let hard = octets.at_most(LOW_MAX).and_not(gaps) | octets.equal(b';') | octets.equal(b'\\');
            block.gaps |= u64::from(gaps.bits()) << (16 * index);
            block.newlines |= u64::from(newlines.bits()) << (16 * index);
            block.hard |= u64::from(hard.bits()) << (16 * index);
        }
        block
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one_by_one(octets: &[u8; BLOCK_OCTETS]) -> Block {
        octets.iter().enumerate().fold(Block::default(), |mut block, (index, &octet)| {
            let bit = 1 << index;
            match octet {
                b' ' | b'\t' => block.gaps |= bit,
                b'\n' => (block.gaps, block.newlines) = (block.gaps | bit, block.newlines | bit),
                0..=LOW_MAX | b';' | b'\\' => block.hard |= bit,
                _ => {}
            }
            block
        })
    }

    #[test]
    fn every_octet_at_every_place_is_as_its_twin_sorts_it() {
        for octet in 0..=u8::MAX {
            let mut octets = [b'a'; BLOCK_OCTETS];
            octets[usize::from(octet) % BLOCK_OCTETS] = octet;
            assert_eq!(Block::of(&octets), one_by_one(&octets), "{octet}");
        }
    }

    proptest! {
        #[test]
        fn any_octets_are_as_their_twin_sorts_them(octets in any::<[[u8; 32]; 2]>()) {
            let octets: &[u8; BLOCK_OCTETS] = octets.as_flattened().try_into().expect("two halves");
            prop_assert_eq!(Block::of(octets), one_by_one(octets));
        }
    }
}
