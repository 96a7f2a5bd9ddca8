//! One open file: where reading stands, and how it goes on behind text that is no entry.
//!
//! Does not know what entries mean.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::directive::Identity;
use super::entry::Owner;
use super::error::Error;
use super::fault::{Checked, Fault};
use super::format::{FORMAT_OCTETS, refuse_format};
use super::input::Input;
use super::kind::Kind;
use super::provenance::{Opened, Watch, WatchedFile};
use super::scanner::{Break, Entry, Span, count_lines, scan};
use crate::base::limits::ZONE_READ_OCTETS;
use crate::wire::{Name, NameBuf};

/// A file being read, or one that waits for the files it includes.
pub(super) struct Frame<'r> {
    pub(super) file: Arc<Path>,
    /// Where its `$INCLUDE`s are looked for; none where it may have none.
    pub(super) folder: Option<PathBuf>,
    /// Which file it is, whatever its name; none for streams.
    pub(super) identity: Option<Identity>,
    /// Takes in what is read; none for streams.
    pub(super) watch: Option<Watch>,
    pub(super) origin: NameBuf,
    pub(super) owner: Owner,
    /// The line of the entry.
    pub(super) line: u32,
    input: Input<'r>,
    /// The entry at the start of the input's window. It is done with when the next one is asked for.
    entry: Entry,
    /// Whether the start of the file was looked at.
    begun: bool,
    /// Where to go on behind text that is no entry.
    broken: Option<Resume>,
}

/// Where reading goes on: `at` is an octet of the window.
#[derive(Debug, Clone, Copy)]
enum Resume {
    /// Nowhere: nothing of the file is worth a look.
    Nowhere,
    /// Here.
    Here { at: usize },
    /// At the next line.
    NextLine { at: usize },
    /// At the next line that begins with something in the first column.
    NextOwner { at: usize },
}

impl<'r> Frame<'r> {
    pub(super) fn new(read: Box<dyn Read + 'r>, file: Arc<Path>, origin: NameBuf) -> Self {
        Self::with_buffer(read, file, origin, ZONE_READ_OCTETS)
    }

    /// The same with a buffer of another size: small ones show in tests that sizes change nothing.
    pub(super) fn with_buffer(read: Box<dyn Read + 'r>, file: Arc<Path>, origin: NameBuf, octets: usize) -> Self {
        Self::of(Input::new(read, octets), file, origin)
    }

    /// An opened file from its beginning on, watched. Its `$INCLUDE`s are relative to its folder.
    pub(super) fn opened(opened: &Arc<Opened>, origin: NameBuf) -> Self {
        let watch = Watch::new(opened, 0);
        let frame = Self::new(Box::new(WatchedFile(watch.clone())), Arc::clone(&opened.name), origin);
        Self { folder: Some(opened.folder().into()), identity: Some(opened.identity), watch: Some(watch), ..frame }
    }

    /// A file of which what is read begins somewhere amid, with an entry.
    pub(super) fn amid(read: Box<dyn Read + 'r>, file: Arc<Path>, origin: NameBuf) -> Self {
        Self { begun: true, ..Self::of(Input::plain(read, ZONE_READ_OCTETS), file, origin) }
    }

    fn of(input: Input<'r>, file: Arc<Path>, origin: NameBuf) -> Self {
        Self {
            file,
            folder: None,
            identity: None,
            watch: None,
            origin,
            owner: Owner::default(),
            line: 1,
            input,
            entry: Entry::default(),
            begun: false,
            broken: None,
        }
    }

    /// Where in the file the entry ends; none where the file is compressed.
    pub(super) fn offset(&self) -> Option<u64> {
        Some(self.input.offset()? + self.entry.length as u64)
    }

    /// The octets of the entry.
    pub(super) fn entry(&self) -> &[u8] {
        &self.input.octets()[..self.entry.length]
    }

    /// Whether the first column of the entry is blank.
    pub(super) fn is_indented(&self) -> bool {
        self.entry.indented
    }

    /// The octets of the entry, whether its first column is blank, and what an owner is read into and with.
    #[inline]
    pub(super) fn entry_parts(&mut self) -> (&[u8], bool, &mut Owner, Name<'_>) {
        let octets = &self.input.octets()[..self.entry.length];
        (octets, self.entry.indented, &mut self.owner, self.origin.as_name())
    }

    /// Finds the words of the next entry; false at the end of the file.
    ///
    /// After a fault [`go_on`](Self::go_on) is to be called.
    #[inline]
    pub(super) fn next_entry(&mut self, words: &mut Vec<Span>) -> Checked<bool> {
        self.input.consume(self.entry.length);
        self.line = self.line.saturating_add(self.entry.lines);
        self.entry = Entry::default();
        if !self.begun {
            self.begin()?;
        }
        loop {
            let (octets, last) = (self.input.octets(), self.input.ended());
            if last && octets.is_empty() {
                return Ok(false);
            }
            match scan(octets, last, words) {
                Ok(Some(entry)) => {
                    self.entry = entry;
                    return Ok(true);
                }
                Ok(None) if self.input.extend() => {}
                Ok(None) => return Err(self.cut_off()),
                Err(stop) => return Err(self.stopped(stop)),
            }
        }
    }

    /// Steps over a byte-order mark, and sees whether this is text at all.
    fn begin(&mut self) -> Checked<()> {
        const MARK: &[u8] = "\u{feff}".as_bytes();
        self.begun = true;
        while self.input.octets().len() < FORMAT_OCTETS && self.input.extend() {}
        if let Some(fault) = refuse_format(self.input.octets()) {
            self.broken = Some(Resume::Nowhere);
            return Err(fault);
        }
        if self.input.octets().starts_with(MARK) {
            self.input.consume(MARK.len());
        }
        Ok(())
    }

    /// The fault of an entry that has no end in the window, which cannot grow.
    #[cold]
    fn cut_off(&mut self) -> Box<Fault> {
        let end = self.input.octets().len();
        if let Some(failure) = self.input.take_failure() {
            self.broken = Some(Resume::Here { at: end });
            return Fault::new(Kind::ReadFailure, end..end, format!("cannot read on: {failure}"))
                .label("the file was read up to here");
        }
        let first = self.input.octets().iter().position(|octet| !octet.is_ascii_whitespace()).unwrap_or(0);
        self.broken = Some(Resume::NextOwner { at: 0 });
        Fault::too_long(first)
    }

    /// The fault of text that is no entry.
    #[cold]
    fn stopped(&mut self, stop: Break) -> Box<Fault> {
        let owner_if = |open: bool, at| if open { Resume::NextOwner { at } } else { Resume::NextLine { at } };
        let (at, resume) = match stop {
            Break::NotOpened { at } => (at, Resume::NextLine { at }),
            Break::NotClosed { open } => (open, Resume::NextOwner { at: open }),
            Break::QuoteNotClosed { at, open }
            | Break::QuoteInWord { at, open }
            | Break::BareReturn { at, open }
            | Break::Nul { at, open } => (at, owner_if(open.is_some(), at)),
            Break::Nested { at, open } => {
                let octets = self.input.octets();
                let line = octets[open..at].iter().rposition(|&octet| octet == b'\n').map(|newline| open + newline + 1);
                // The line of the second parenthesis is a record of its own if it has an owner.
                (
                    at,
                    line.filter(|&at| begins_entry(octets[at]))
                        .map_or(Resume::NextOwner { at }, |at| Resume::Here { at }),
                )
            }
        };
        self.broken = Some(resume);
        // The message shows the line up to its end.
        while !self.input.octets()[at..].contains(&b'\n') && self.input.extend() {}
        let fault: Box<Fault> = stop.into();
        match stop {
            Break::Nested { open, .. } => {
                let line = self.line.saturating_add(count_lines(&self.input.octets()[..open]));
                fault.note(format!("the parenthesis of line {line} is still open"))
            }
            _ => fault,
        }
    }

    /// After a fault: leaves the entry, or the text that is none.
    pub(super) fn go_on(&mut self) {
        self.owner.excuse(self.origin.as_name());
        let Some(resume) = self.broken.take() else { return };
        let (Resume::Here { at } | Resume::NextLine { at } | Resume::NextOwner { at }) = resume else {
            return self.input.abandon();
        };
        self.line = self.line.saturating_add(count_lines(&self.input.octets()[..at]));
        self.input.consume(at);
        if matches!(resume, Resume::Here { .. }) {
            return;
        }
        self.skip_line();
        if matches!(resume, Resume::NextOwner { .. }) {
            while self.input.peek().is_some_and(|octet| !begins_entry(octet)) {
                self.skip_line();
            }
        }
    }

    fn skip_line(&mut self) {
        self.line = self.line.saturating_add(u32::from(self.input.skip_line()));
    }

    /// Puts a fault into its place in the file.
    pub(super) fn error(&self, fault: Fault) -> Error {
        Error::new(&self.file, self.line, self.input.octets(), fault)
    }
}

/// Whether a line that begins with this octet is an entry with an owner, or a directive.
pub(super) fn begins_entry(octet: u8) -> bool {
    !matches!(octet, b' ' | b'\t' | b'\x0c' | b'\r' | b'\n' | b';' | b')')
}
