//! Cuts octets into one entry and its words: blanks, comments, quotes, parentheses, line ends.
//!
//! Does not know what the words mean, and copies nothing: words are spans of the octets.

use std::ops::Range;

/// Where a word stands, counted from the first octet of its entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    start: u32,
    end: u32,
    /// Whether it stood in quotes, which are not part of the span.
    pub(super) quoted: bool,
}

impl Span {
    #[inline]
    fn new(start: usize, end: usize, quoted: bool) -> Self {
        // An entry has at most ZONE_ENTRY_OCTETS_MAX octets, far below 2³².
        Self { start: start as u32, end: end as u32, quoted }
    }

    /// All of `octets` as one word.
    pub(super) fn over(octets: &[u8]) -> Self {
        Self::new(0, octets.len(), false)
    }

    /// The octets of the word.
    #[inline]
    pub(super) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The octets of the word with its quotes.
    pub(super) fn outer_range(self) -> Range<usize> {
        let quote = usize::from(self.quoted);
        self.start as usize - quote..self.end as usize + quote
    }
}

/// One record or directive with its continuation lines; or one line that is empty.
#[derive(Debug, Clone, Copy, Default)]
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
}

/// Finds the entry at the start of `octets` and puts its words into `spans`.
///
/// `last` says that nothing follows the octets. Without it, `None` asks for more of them.
pub(super) fn scan(octets: &[u8], last: bool, spans: &mut Vec<Span>) -> Result<Option<Entry>, Break> {
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
                _ => at += 1,
            }
        }
        if self.last { Err(Break::QuoteNotClosed { at: start, open: self.open }) } else { Ok(None) }
    }

    /// Octets of the escape that begins here, as far as it hides what they mean: the digits of `\DDD` mean nothing anyway.
    ///
    /// A line end is never hidden: a backslash in front of it is a bad escape, and the line ends.
    #[inline]
    fn escape_length(&self, at: usize) -> usize {
        if matches!(self.octets.get(at + 1), None | Some(b'\n' | b'\r')) { 1 } else { 2 }
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
    kinds
};
