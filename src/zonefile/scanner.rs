//! Cuts octets into one entry and its words: blanks, comments, quotes, parentheses, line ends.
//!
//! Does not know what the words mean, and copies nothing: words are spans of the octets.

use super::block::{BLOCK_OCTETS, Block};
pub(super) use crate::wire::rdata::Span;

/// One record or directive with its continuation lines; or one line that is empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// Octets, the last line end included.
    pub(super) length: usize,
    /// Line ends among them.
    pub(super) lines: u32,
    /// Whether the first column is blank.
    pub(super) indented: bool,
}

/// Why octets are not an entry, whatever its words mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Break {
    /// `)` at this octet without `(`.
    NotOpened { at: usize },
    /// `(` at this octet inside the parentheses that were opened at the other.
    Nested { at: usize, open: usize },
    /// The octets end and `(` at this octet is still open.
    NotClosed { open: usize },
    /// The quote at this octet has no end; and where a parenthesis is open.
    QuoteNotClosed { at: usize, open: Option<usize> },
    /// A quote in the middle of a word.
    QuoteInWord { at: usize, open: Option<usize> },
    /// A CR that is not part of a line end.
    BareReturn { at: usize, open: Option<usize> },
    /// A NUL.
    Nul { at: usize, open: Option<usize> },
}

/// Finds the entry at the start of `octets` and puts its words into `spans`.
///
/// `last` says that nothing follows the octets. Without it, `None` asks for more of them.
#[inline]
pub(super) fn scan(octets: &[u8], last: bool, spans: &mut Vec<Span>) -> Result<Option<Entry>, Break> {
    match scan_plain(octets, spans) {
        Some(entry) => Ok(Some(entry)),
        None => scan_any(octets, last, spans),
    }
}

/// Finds an entry of one line that is words and blanks alone, as most are; none where more is needed.
#[inline]
fn scan_plain(octets: &[u8], spans: &mut Vec<Span>) -> Option<Entry> {
    spans.clear();
    // `word` is where the word begins that the last block has left open.
    let (mut at, mut word, mut indented) = (0, None, false);
    loop {
        let block = Block::of(octets.get(at..)?.first_chunk::<BLOCK_OCTETS>()?);
        let newline = block.newlines & block.newlines.wrapping_neg();
        // All bits up to the line end; all of them where there is none.
        let line = newline.wrapping_mul(2).wrapping_sub(1);
        if block.hard & line != 0 {
            return None;
        }
        indented |= at == 0 && block.gaps & !block.newlines & 1 != 0;
        // A word begins, or ends, at each octet that is not what the one before it is.
        let before = block.gaps << 1 | u64::from(word.is_none());
        let mut edges = (block.gaps ^ before) & line;
        if let Some(start) = word.filter(|_| edges != 0) {
            spans.push(Span::new(start, at + edges.trailing_zeros() as usize, false));
            (edges, word) = (edges & (edges - 1), None);
        }
        // Whole words are pairs of edges; an edge without another is a word that goes on.
        loop {
            let ends = edges & edges.wrapping_sub(1);
            if ends == 0 {
                break;
            }
            let (start, end) = (at + edges.trailing_zeros() as usize, at + ends.trailing_zeros() as usize);
            spans.push(Span::new(start, end, false));
            edges = ends & (ends - 1);
        }
        if edges != 0 {
            word = Some(at + edges.trailing_zeros() as usize);
        }
        if newline != 0 {
            return Some(Entry { length: at + newline.trailing_zeros() as usize + 1, lines: 1, indented });
        }
        at += BLOCK_OCTETS;
    }
}

/// Finds any entry: [`scan`] without its fast way, and the twin that the tests compare that with.
#[inline(never)]
fn scan_any(octets: &[u8], last: bool, spans: &mut Vec<Span>) -> Result<Option<Entry>, Break> {
    spans.clear();
    let indented = matches!(octets.first(), Some(b' ' | b'\t' | b'\x0c'));
    let mut scan = Scan { octets, last, at: 0, open: None };
    let mut joined = false;
    while let Some(&octet) = octets.get(scan.at) {
        match KIND[usize::from(octet)] {
            Kind::Blank => scan.at += 1,
            Kind::Newline => {
                scan.at += 1;
                if scan.open.is_none() {
                    let lines = if joined { count_lines(&octets[..scan.at]) } else { 1 };
                    return Ok(Some(Entry { length: scan.at, lines, indented }));
                }
            }
            Kind::Comment => scan.comment(),
            Kind::Word | Kind::Backslash => {
                let Some(end) = scan.word()? else { return Ok(None) };
                spans.push(Span::new(scan.at, end, false));
                scan.at = end;
            }
            Kind::Quote => {
                let Some(end) = scan.quoted(scan.at)? else { return Ok(None) };
                spans.push(Span::new(scan.at + 1, end - 1, true));
                scan.at = end;
            }
            Kind::Open => match scan.open {
                None => (scan.open, scan.at, joined) = (Some(scan.at), scan.at + 1, true),
                Some(open) => return Err(Break::Nested { at: scan.at, open }),
            },
            Kind::Close => match scan.open.take() {
                Some(_) => scan.at += 1,
                None => return Err(Break::NotOpened { at: scan.at }),
            },
            Kind::Return => match scan.line_end_follows() {
                Some(true) => scan.at += 1,
                Some(false) => return Err(Break::BareReturn { at: scan.at, open: scan.open }),
                None => return Ok(None),
            },
            Kind::Nul => return Err(Break::Nul { at: scan.at, open: scan.open }),
        }
    }
    match scan.open {
        _ if !last => Ok(None),
        Some(open) => Err(Break::NotClosed { open }),
        None => Ok(Some(Entry { length: scan.at, lines: count_lines(&octets[..scan.at]), indented })),
    }
}

/// Line ends among the octets: those in quoted strings count too.
pub(super) fn count_lines(octets: &[u8]) -> u32 {
    octets.iter().filter(|&&octet| octet == b'\n').count() as u32
}

struct Scan<'o> {
    octets: &'o [u8],
    last: bool,
    at: usize,
    open: Option<usize>,
}

impl Scan<'_> {
    /// Steps over a comment, not over its line end.
    fn comment(&mut self) {
        let rest = &self.octets[self.at..];
        self.at += rest.iter().position(|&octet| octet == b'\n').unwrap_or(rest.len());
    }

    /// The end of the word that starts here; none where it may go on behind the octets.
    #[inline]
    fn word(&self) -> Result<Option<usize>, Break> {
        let mut at = self.at;
        loop {
            at += self.octets[at..].iter().take_while(|&&octet| KIND[usize::from(octet)] == Kind::Word).count();
            let Some(&octet) = self.octets.get(at) else { return Ok(self.last.then_some(at)) };
            match KIND[usize::from(octet)] {
                Kind::Backslash => at += self.escape_length(at),
                Kind::Quote if self.octets[at - 1] == b'=' => match self.quoted(at)? {
                    Some(end) => at = end,
                    None => return Ok(None),
                },
                Kind::Quote => return Err(Break::QuoteInWord { at, open: self.open }),
                _ => return Ok(Some(at)),
            }
        }
    }

    /// The place behind the quoted string that starts at `start`; none where it goes on behind the octets.
    fn quoted(&self, start: usize) -> Result<Option<usize>, Break> {
        let mut at = start + 1;
        while let Some(&octet) = self.octets.get(at) {
            match octet {
                b'"' => return Ok(Some(at + 1)),
                b'\\' => at += self.escape_length(at),
                b'\n' if self.open.is_none() => return Err(Break::QuoteNotClosed { at: start, open: None }),
                b'\0' => return Err(Break::Nul { at, open: self.open }),
                _ => at += 1,
            }
        }
        if self.last { Err(Break::QuoteNotClosed { at: start, open: self.open }) } else { Ok(None) }
    }

    /// Octets of the escape that begins here, as far as it hides what they mean: the digits of `\DDD` mean nothing anyway.
    ///
    /// A line end is never hidden: a backslash in front of it is a bad escape, and the line ends. Neither is a NUL.
    #[inline]
    fn escape_length(&self, at: usize) -> usize {
        if matches!(self.octets.get(at + 1), None | Some(b'\n' | b'\r' | b'\0')) { 1 } else { 2 }
    }

    /// Whether the CR here belongs to a line end (they are doubled where a file was converted twice); none where
    /// that shows only behind the octets.
    fn line_end_follows(&self) -> Option<bool> {
        let next = self.octets[self.at..].iter().find(|&&octet| octet != b'\r');
        next.map(|&octet| octet == b'\n').or(self.last.then_some(true))
    }
}

/// What an octet means outside quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Blank,
    Newline,
    Return,
    Comment,
    Quote,
    Backslash,
    Open,
    Close,
    Nul,
}

const KIND: [Kind; 256] = {
    let mut kinds = [Kind::Word; 256];
    kinds[b' ' as usize] = Kind::Blank;
    kinds[b'\t' as usize] = Kind::Blank;
    kinds[b'\x0c' as usize] = Kind::Blank;
    kinds[b'\n' as usize] = Kind::Newline;
    kinds[b'\r' as usize] = Kind::Return;
    kinds[b';' as usize] = Kind::Comment;
    kinds[b'"' as usize] = Kind::Quote;
    kinds[b'\\' as usize] = Kind::Backslash;
    kinds[b'(' as usize] = Kind::Open;
    kinds[b')' as usize] = Kind::Close;
    kinds[b'\0' as usize] = Kind::Nul;
    kinds
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn plain_lines_are_as_their_twin_scans_them(
            text in "([ \ta-c@.*\u{e9}]{0,40}[ \t][ \ta-z0-9]{0,90}|[a-z]{0,140}|[ \"();\\\\\\r\u{c}a\n]{0,9})\n(.|\n){0,140}"
        ) {
            let (mut plain, mut any) = (Vec::new(), Vec::new());
            if let Some(entry) = scan_plain(text.as_bytes(), &mut plain) {
                let twin = scan_any(text.as_bytes(), false, &mut any);
                prop_assert_eq!(Ok(Some(entry)), twin);
                prop_assert_eq!(plain, any);
            }
        }
    }

    #[test]
    fn plain_lines_go_the_fast_way() {
        let behind = "x".repeat(BLOCK_OCTETS);
        for line in ["\n", "a\n", "\tb c\n", " \n", "a.b. 3600 IN\tTXT c \n"] {
            for words in [0, 1, 60, 61, 62, 63, 64, 65, 126, 127, 128, 129] {
                for (unit, long) in [("w", 1), (" ", 1), ("w ", 2)] {
                    let text = format!("{}{line}{behind}", unit.repeat(words / long));
                    let (mut plain, mut any) = (Vec::new(), Vec::new());
                    let entry = scan_plain(text.as_bytes(), &mut plain);
                    assert!(entry.is_some(), "{text:?}");
                    assert_eq!((Ok(entry), plain), (scan_any(text.as_bytes(), false, &mut any), any), "{text:?}");
                }
            }
        }
    }
}
