//! The heads read lately: `86400 IN NS` means the same each time, and a zone has few that differ.
//!
//! Does not know how a head is read: that is [`Head::read`], which has the last word wherever this one knows nothing.

use super::entry::Head;
use super::fault::Checked;
use super::scanner::Span;
use crate::base::octets::short;
use crate::wire::Rtype;

/// Longer ones are not kept: what fits one number is compared at once.
const TEXT_OCTETS_MAX: usize = 16;

/// Places for heads: a registry's zone has four or five that differ.
const PLACES: usize = 16;

/// What was read from a head's text, from its first word's first octet to its last word's last.
#[derive(Debug, Clone, Copy)]
struct Kept {
    text: u128,
    /// Octets of the text; 0 in a free place.
    length: u32,
    ttl: Option<u32>,
    rtype: Rtype,
}

/// The heads read lately.
#[derive(Debug)]
pub(super) struct Heads {
    /// How many words the last head had: the next one most likely has as many.
    words: usize,
    kept: [Kept; PLACES],
}

impl Default for Heads {
    fn default() -> Self {
        Self { words: 1, kept: [Kept { text: 0, length: 0, ttl: None, rtype: Rtype(0) }; PLACES] }
    }
}

impl Heads {
    /// Reads a head as [`Head::read`] does, or remembers it.
    #[inline]
    pub(super) fn read<'w>(
        &mut self,
        octets: &[u8],
        before: Span,
        owner: Option<Span>,
        words: &'w [Span],
    ) -> Checked<(Head, &'w [Span])> {
        if let Some((text, length, rtype_word)) = text_of(octets, words, self.words) {
            let kept = &self.kept[place(text)];
            if kept.text == text && kept.length == length {
                let head = Head { ttl: kept.ttl, rtype: kept.rtype, rtype_word };
                return Ok((head, &words[self.words..]));
            }
        }
        self.read_anew(octets, before, owner, words)
    }

    #[inline(never)]
    fn read_anew<'w>(
        &mut self,
        octets: &[u8],
        before: Span,
        owner: Option<Span>,
        words: &'w [Span],
    ) -> Checked<(Head, &'w [Span])> {
        let (head, rest) = Head::read(octets, before, owner, words)?;
        self.words = words.len() - rest.len();
        if let Some((text, length, _)) = text_of(octets, words, self.words) {
            self.kept[place(text)] = Kept { text, length, ttl: head.ttl, rtype: head.rtype };
        }
        Ok((head, rest))
    }
}

/// The first `count` words as one text, its length, and the last of the words; none where there are not as many, where the
/// text is long, or where quotes touch it. What is between words, comments and all, is part of it, so that the same text is
/// always the same words.
#[inline]
fn text_of(octets: &[u8], words: &[Span], count: usize) -> Option<(u128, u32, Span)> {
    let (&first, &last) = (words.first()?, words.get(count.wrapping_sub(1))?);
    let text = octets.get(first.range().start..last.range().end)?;
    let plain = text.len() <= TEXT_OCTETS_MAX && !first.quoted && !last.quoted;
    plain.then(|| (short(text), text.len() as u32, last))
}

/// Where a head's text is kept.
#[inline]
fn place(text: u128) -> usize {
    // The factor spreads each octet over the highest bits.
    let hash = (text as u64 ^ (text >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash >> 60) as usize % PLACES
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::scanner::scan;
    use super::*;

    const PIECES: [&str; 16] =
        ["86400", "1h", "IN", "in", "CH", "NS", "DS", "A", "TYPE1", "\"NS\"", "AXFR", "x", "NS\0", "(\n", ") ", ";c\n"];

    proptest! {
        #[test]
        fn heads_are_as_their_twin_reads_them(
            heads in proptest::collection::vec(proptest::collection::vec(prop::sample::select(&PIECES[..]), 1..5), 1..60)
        ) {
            let mut kept = Heads::default();
            for head in heads {
                let text = format!("{} rdata\n", head.join(" "));
                let mut words = Vec::new();
                let scanned = scan(text.as_bytes(), true, &mut words);
                let Some(&first) = words.first().filter(|_| scanned.is_ok()) else { continue };
                let shown = |read: Checked<(Head, &[Span])>| format!("{read:?}");
                let twin = shown(Head::read(text.as_bytes(), first, Some(first), &words));
                prop_assert_eq!(shown(kept.read(text.as_bytes(), first, Some(first), &words)), twin);
            }
        }
    }

    #[test]
    fn a_head_is_remembered_with_its_own_words() {
        let mut heads = Heads::default();
        for (text, rest) in [("1h IN NS a", 1), ("1h IN NS bb c", 2), ("1h IN A", 0), ("IN A x", 1), ("1h IN NS a", 1)]
        {
            let mut words = Vec::new();
            assert!(scan(text.as_bytes(), true, &mut words).is_ok());
            let (head, behind) = heads.read(text.as_bytes(), words[0], None, &words).expect("a head");
            assert_eq!(
                (behind, head.rtype_word),
                (&words[words.len() - rest..], words[words.len() - rest - 1]),
                "{text}"
            );
        }
        assert!(heads.kept.iter().filter(|kept| kept.length > 0).count() >= 2);
    }
}
