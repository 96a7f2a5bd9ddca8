//! Records out of a zone file and the files it includes: the reader that everything else here serves.
//!
//! Does not know rdata: `wire::rdata` reads it from the words it is handed.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::entry::{Rdata, Ttls, guess_type};
use super::error::Error;
use super::fault::{Checked, Fault, shown_path};
use super::frame::Frame;
use super::generate::Generate;
use super::heads::Heads;
use super::kind::Kind;
use super::provenance::{Footprint, IncludedFile, Opened};
use super::scanner::Span;
use super::stretches::Context;
use crate::base::limits::ERRORS_SHOWN_MAX;
use crate::wire::{Class, Name, Record, Rtype};

/// Reads a zone file: a stream of records and errors.
///
/// Having a record from it tells you: its owner is absolute, its class is IN, its type is no meta type, its TTL is at most
/// 2³¹ − 1, and its rdata is what its type allows. Whether it belongs into the zone is not known.
pub struct Reader<'r> {
    /// The file being read is the last one; those in front of it included it.
    pub(super) frames: Vec<Frame<'r>>,
    /// The first file, where it may be read in stretches.
    pub(super) opened: Option<Arc<Opened>>,
    pub(super) ttls: Ttls,
    heads: Heads,
    /// The files that were included and read to their ends.
    included: Vec<IncludedFile>,
    /// The `$GENERATE` that is making records, if one is.
    pub(super) generate: Option<Generate>,
    /// The words of the entry.
    pub(super) words: Vec<Span>,
    pub(super) rdata: Rdata,
    /// How many errors there were.
    errors: usize,
}

/// Where a record was read.
#[derive(Debug, Clone, Copy)]
pub struct Position<'a> {
    /// The file, as it was named by whoever opened it.
    pub file: &'a Arc<Path>,
    /// The line in which the record begins, from 1 on. Records of a `$GENERATE` have its line.
    pub line: u32,
}

/// A record that was read; its owner and rdata lie in the reader.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) rtype: Rtype,
    pub(super) ttl: u32,
}

impl Reader<'static> {
    /// Opens a zone file. `$INCLUDE`s are relative to its folder; `origin` is the apex, and the first `$ORIGIN`.
    pub fn open(path: impl AsRef<Path>, origin: Name<'_>) -> io::Result<Self> {
        let opened = Arc::new(Opened::open(path.as_ref())?);
        let mut reader = Self::of(Frame::opened(&opened, origin.to_buf()));
        reader.opened = Some(opened);
        Ok(reader)
    }
}

impl<'r> Reader<'r> {
    /// Reads a zone from any stream. `file_name` is for messages alone. `$INCLUDE` is an error, until
    /// [`include_from`](Self::include_from) says where to look.
    pub fn new(read: impl Read + 'r, file_name: impl AsRef<Path>, origin: Name<'_>) -> Self {
        Self::of(Frame::new(Box::new(read), file_name.as_ref().into(), origin.to_buf()))
    }

    /// Reads what a frame holds.
    pub(super) fn of(frame: Frame<'r>) -> Self {
        let (ttls, heads, rdata) = (Ttls::default(), Heads::default(), Rdata::default());
        let (included, words) = (Vec::new(), Vec::new());
        Self { frames: vec![frame], opened: None, ttls, heads, included, generate: None, words, rdata, errors: 0 }
    }

    /// Allows `$INCLUDE`, relative to `folder`. Files that are included look in their own folders.
    pub fn include_from(mut self, folder: impl Into<PathBuf>) -> Self {
        if let Some(frame) = self.frames.first_mut() {
            frame.folder = Some(folder.into());
        }
        self
    }

    /// The next record, or the next error; none at the end of the file.
    ///
    /// After an error reading goes on at the next entry. Of errors behind the first [`ERRORS_SHOWN_MAX`] no more is said than
    /// what is wrong: they are there to be counted. The record lives until the next call; it costs no allocation.
    #[allow(clippy::should_implement_trait)] // it lends, which an Iterator cannot
    pub fn next(&mut self) -> Option<Result<(Record<'_>, Position<'_>), Error>> {
        let found = match self.advance()? {
            Ok(found) => found,
            Err(error) => return Some(Err(error)),
        };
        let frame = self.frames.last()?;
        let owner = self.generate.as_ref().map_or(frame.owner.name(), Generate::owner);
        let Found { rtype, ttl } = found;
        let record = Record { owner, class: Class::IN, ttl, rtype, rdata: self.rdata.octets() };
        Some(Ok((record, Position { file: &frame.file, line: frame.line })))
    }

    /// Reads on until there is a record or an error.
    fn advance(&mut self) -> Option<Result<Found, Error>> {
        loop {
            let step = if self.generate.is_some() { self.generate_next() } else { self.read_entry()? };
            match step {
                Ok(Some(found)) => return Some(Ok(found)),
                Ok(None) => {}
                Err(mut fault) => {
                    self.generate = None;
                    self.errors += 1;
                    if self.errors <= ERRORS_SHOWN_MAX {
                        fault = guess_type(fault);
                    }
                    let error = self.error(*fault);
                    self.ttls.excuse();
                    self.frames.last_mut()?.go_on();
                    return Some(Err(error));
                }
            }
        }
    }

    /// Reads one entry, or leaves a file that has no more; none where that was the first file.
    fn read_entry(&mut self) -> Option<Checked<Option<Found>>> {
        match self.frames.last_mut()?.next_entry(&mut self.words) {
            Ok(true) if self.words.is_empty() => Some(Ok(None)),
            Ok(true) => Some(self.entry()),
            Ok(false) if self.frames.len() == 1 => None,
            Ok(false) => {
                let left = self.frames.pop().and_then(|frame| frame.watch);
                self.included.extend(left.as_ref().map(IncludedFile::from));
                Some(Ok(None))
            }
            Err(fault) => Some(Err(fault)),
        }
    }

    /// Reads the entry whose words were found; gives nothing for a directive.
    fn entry(&mut self) -> Checked<Option<Found>> {
        let (Some(frame), Some((&first, behind_first))) = (self.frames.last_mut(), self.words.split_first()) else {
            return Ok(None);
        };
        let (octets, indented, last_owner, origin) = frame.entry_parts();
        if !first.quoted && octets[first.range()].first() == Some(&b'$') {
            return self.directive(first).map(|()| None);
        }
        let (owner, words) = if indented { (None, self.words.as_slice()) } else { (Some(first), behind_first) };
        match owner {
            Some(word) => last_owner.read(octets, word, origin)?,
            None => last_owner.repeat(first)?,
        }
        let (head, words) = self.heads.read(octets, first, owner, words)?;
        self.rdata.read(&head, octets, words, origin)?;
        let ttl = self.ttls.settle(&head, self.rdata.octets())?;
        Ok(Some(Found { rtype: head.rtype, ttl }))
    }

    /// What was read, by a reader that has come to its end without an error; once. None for streams.
    pub fn footprint(&mut self) -> Option<Footprint> {
        Footprint::new(self.frames.first()?.watch.as_ref()?, std::mem::take(&mut self.included))
    }

    /// What holds behind the entry that was read last.
    pub(super) fn context(&self) -> Context {
        Context { origin: self.frames[0].origin, ttl: self.ttls.default }
    }

    /// Puts a fault of the entry being read into its place.
    #[cold]
    pub(super) fn error(&self, fault: Fault) -> Error {
        let (frame, including) = self.frames.split_last().expect("faults are found while a file is open");
        let mut error = frame.error(fault);
        if !including.is_empty() && error.name != Kind::IncludeCycle.name() {
            let places = including.iter().rev().map(|outer| format!("from {}:{}", shown_path(&outer.file), outer.line));
            let from = format!("included {}", places.collect::<Vec<_>>().join(", "));
            let note = error.note.take().map_or(from.clone(), |note| format!("{note}\n{from}"));
            error.note = Some(note.into());
        }
        error
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
