//! What is wrong with an entry, before it is known where the entry stands.
//!
//! Does not know files and lines: a span counts from the first octet of the entry.

use std::fmt::{Display, Write};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::kind::Kind;
use super::scanner::{Break, Span};
use crate::base::limits::ZONE_ENTRY_OCTETS_MAX;

/// Octets of a word that a message repeats; the source line shows the rest.
const WORD_OCTETS_SHOWN: usize = 48;

/// One thing that is wrong, and where in the entry.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
    pub(super) message: String,
    /// What stands at the caret.
    pub(super) label: Option<String>,
    /// What else one must know.
    pub(super) note: Option<String>,
    /// What one may do.
    pub(super) help: Option<String>,
    /// What stands where a type is due, in upper case: perhaps a slip of the pen. Which type it was meant for is looked up
    /// only where somebody will read it.
    pub(super) slip: Option<String>,
}

/// A value, or what is wrong. Boxed: errors are rare, and records are many.
pub(super) type Checked<T> = Result<T, Box<Fault>>;

impl Fault {
    pub(super) fn new(kind: Kind, span: Range<usize>, message: impl Into<String>) -> Box<Self> {
        Box::new(Self { kind, span, message: message.into(), label: None, note: None, help: None, slip: None })
    }

    /// Something else was expected where `span` stands.
    pub(super) fn expected(kind: Kind, what: impl Display, octets: &[u8], span: Span) -> Box<Self> {
        let found = quoted(&octets[span.range()], span.quoted);
        Self::new(kind, span.outer_range(), format!("expected {what}, found {found}"))
    }

    /// The entry ends behind `last` where something was expected.
    pub(super) fn missing(kind: Kind, what: impl Display, last: Span) -> Box<Self> {
        let end = last.outer_range().end;
        Self::new(kind, end..end, format!("expected {what}, found the end of the entry")).label("missing here")
    }

    pub(super) fn label(mut self: Box<Self>, label: impl Into<String>) -> Box<Self> {
        self.label = Some(label.into());
        self
    }

    pub(super) fn note(mut self: Box<Self>, note: impl Into<String>) -> Box<Self> {
        self.note = Some(note.into());
        self
    }

    pub(super) fn help(mut self: Box<Self>, help: impl Into<String>) -> Box<Self> {
        self.help = Some(help.into());
        self
    }

    /// The octets do not end an entry within its greatest length.
    pub(super) fn too_long(first: usize) -> Box<Self> {
        Self::new(Kind::EntryTooLong, first..first + 1, format!("an entry of more than {ZONE_ENTRY_OCTETS_MAX} octets"))
            .label("it begins here")
            .help("is a parenthesis not closed? Otherwise this is no zone file")
    }
}

impl From<Break> for Box<Fault> {
    fn from(from: Break) -> Self {
        match from {
            Break::NotOpened { at } => {
                Fault::new(Kind::UnbalancedParenthesis, at..at + 1, "a closing parenthesis without an opening one")
                    .label("nothing is open here")
            }
            Break::Nested { at, .. } => {
                Fault::new(Kind::UnbalancedParenthesis, at..at + 1, "an opening parenthesis inside parentheses")
                    .label("they do not nest")
            }
            Break::NotClosed { open } => {
                Fault::new(Kind::UnbalancedParenthesis, open..open + 1, "a parenthesis is not closed")
                    .label("opened here; the file ends before a `)`")
            }
            Break::QuoteNotClosed { at, open } => {
                let label = match open {
                    Some(_) => "opened here; the file ends before the next quote",
                    None => "opened here; the line ends before the next quote",
                };
                Fault::new(Kind::UnclosedQuote, at..at + 1, "a quoted string is not closed").label(label)
            }
            Break::QuoteInWord { at, .. } => {
                Fault::new(Kind::StrayQuote, at..at + 1, "a quote in the middle of a word")
                    .label("a quoted string begins behind a blank")
                    .help("write `\\\"` if the quote is meant itself")
            }
            Break::Nul { at, .. } => Fault::new(Kind::NulOctet, at..at + 1, "a NUL octet")
                .label("no text has these")
                .help("was the file cut short by a crash or a full disk? A NUL that is meant is written `\\000`"),
            Break::BareReturn { at, .. } => {
                Fault::new(Kind::BareCarriageReturn, at..at + 1, "a carriage return that does not end the line")
                    .label("expected a line feed behind it")
            }
        }
    }
}

/// A word as messages show it.
pub(super) fn quoted(text: &[u8], in_quotes: bool) -> String {
    let mut shown = String::new();
    let cut = text.len() > WORD_OCTETS_SHOWN;
    escape(&text[..text.len().min(WORD_OCTETS_SHOWN)], &mut shown);
    let dots = if cut { "…" } else { "" };
    if in_quotes { format!("the quoted string `\"{shown}{dots}\"`") } else { format!("`{shown}{dots}`") }
}

/// The name of a file as messages show it: what would move a terminal's cursor, or end the line, is `\DDD`.
pub fn shown_path(path: &Path) -> String {
    let mut shown = String::new();
    escape(path.as_os_str().as_bytes(), &mut shown);
    shown
}

/// Appends octets as text that is safe to show: what is no printable text becomes `\DDD`.
pub(super) fn escape(octets: &[u8], out: &mut String) {
    for chunk in octets.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() && character != '\t' {
                let mut buffer = [0; 4];
                character.encode_utf8(&mut buffer).bytes().for_each(|octet| escape_octet(octet, out));
            } else {
                out.push(character);
            }
        }
        chunk.invalid().iter().for_each(|&octet| escape_octet(octet, out));
    }
}

fn escape_octet(octet: u8, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "\\{octet:03}");
}
