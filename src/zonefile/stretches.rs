//! A large file in stretches, each to be read by a thread of its own.
//!
//! Does not know what becomes of the records, nor who reads which stretch.
//!
//! What a record means depends on what stands before it: the origin, the last `$TTL`, the last owner, an open parenthesis.
//! So a stretch begins where a line has something in its first column, and origin and TTL there are guessed, from the
//! first record and from the lines that begin with `$`. Whether that was right shows when all has been read: a stretch
//! [is joined](Stretch::is_joined) to the next one if it ended behind a whole entry, with origin and TTL as they were guessed.
//! The owner and the last TTL that was written are not guessed: a record that needs one from before its stretch is an
//! error. Where anything is an error, or not joined, all is to be read in one: only that tells what is wrong, and where.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use super::frame::{Frame, begins_entry};
use super::provenance::{Opened, Watch};
use super::reader::Reader;
use crate::base::limits::{STRETCH_OCTETS_MIN, ZONE_READ_OCTETS};
use crate::base::spread::spread;
use crate::wire::NameBuf;

/// A part of a file that begins with an entry.
#[derive(Debug)]
pub struct Stretch {
    opened: Arc<Opened>,
    range: Range<u64>,
    begins: Context,
    /// What it has to end with; none where nothing follows.
    ends: Option<Context>,
}

/// What holds at some place in a file from what stands before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub(super) origin: NameBuf,
    /// The last `$TTL`, or what counts as one.
    pub(super) ttl: Option<u32>,
}

/// Octets of lines with directives that a stretch may have, once those that others make void are dropped.
const DIRECTIVES_OCTETS_MAX: usize = 4096;

/// Octets of one line with a directive, as far as it is looked at.
const DIRECTIVE_OCTETS_MAX: usize = 1100;

impl PartialEq for Context {
    /// Case counts: names that are relative to the origin have its letters.
    fn eq(&self, other: &Self) -> bool {
        self.origin.as_name().wire() == other.origin.as_name().wire() && self.ttl == other.ttl
    }
}

impl Reader<'_> {
    /// Cuts the file into as many stretches, if that is worth while, and if it shows from its beginning how: none for short
    /// files, streams and what is compressed, and where an included file or a mistake comes in front of the first record.
    ///
    /// For readers that have read nothing so far, and that goes on to be so.
    pub fn stretches(&self, count: usize) -> Option<Vec<Stretch>> {
        self.stretches_of(count, STRETCH_OCTETS_MIN)
    }

    /// The same, for stretches of `least` octets each: short ones show in tests what long ones would not.
    pub(super) fn stretches_of(&self, count: usize, least: u64) -> Option<Vec<Stretch>> {
        let opened = self.opened.as_ref().filter(|_| count > 1)?;
        let metadata = opened.file.metadata().ok().filter(|metadata| metadata.is_file())?;
        let count = (count as u64).min(metadata.len() / least);
        if count < 2 {
            return None;
        }
        let origin = self.frames.first()?.origin;
        let (start, context) = behind_first_record(opened, origin)?;
        let cuts: Vec<u64> = (1..count)
            .filter_map(|number| cut_at(&opened.file, start.max(metadata.len() / count * number), least).transpose())
            .collect::<io::Result<_>>()
            .ok()?;
        let mut ranges = Vec::with_capacity(cuts.len() + 1);
        let mut last = 0;
        for cut in cuts.into_iter().filter(|&cut| cut > start) {
            if cut > last {
                ranges.push(last..cut);
                last = cut;
            }
        }
        // To the end, wherever that is by then.
        ranges.push(last..u64::MAX);
        let mut contexts = vec![Context { origin, ttl: None }];
        contexts.extend(guess(opened, start, context, &ranges)?);
        let stretch = |(number, range): (usize, Range<u64>)| Stretch {
            opened: Arc::clone(opened),
            range,
            begins: contexts[number],
            ends: contexts.get(number + 1).copied(),
        };
        (ranges.len() > 1).then(|| ranges.into_iter().enumerate().map(stretch).collect())
    }
}

impl Stretch {
    /// A reader of this stretch alone. Lines are counted from its first one on.
    pub fn reader(&self) -> Reader<'static> {
        let name = &self.opened.name;
        let watch = Watch::new(&self.opened, self.range.start);
        let text = Box::new(Text { watch: Some(watch.clone()), ..Text::of(&self.opened, self.range.clone()) });
        let mut frame = match self.range.start {
            0 => Frame::new(text, Arc::clone(name), self.begins.origin),
            _ => Frame::amid(text, Arc::clone(name), self.begins.origin),
        };
        (frame.folder, frame.identity) = (Some(self.opened.folder().into()), Some(self.opened.identity));
        frame.watch = Some(watch);
        let mut reader = Reader::of(frame);
        if self.range.start > 0 {
            reader.ttls.begin_amid(self.begins.ttl);
        }
        reader
    }

    /// Whether a reader that has read this stretch to its end, without an error, has come to where the next one begins.
    pub fn is_joined(&self, reader: &Reader<'_>) -> bool {
        self.ends.is_none_or(|ends| reader.context() == ends)
    }
}

/// Octets of a file, from one place to another.
struct Text {
    opened: Arc<Opened>,
    rest: Range<u64>,
    watch: Option<Watch>,
}

impl Text {
    fn of(opened: &Arc<Opened>, rest: Range<u64>) -> Self {
        Self { opened: Arc::clone(opened), rest, watch: None }
    }
}

impl Read for Text {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.rest.end - self.rest.start).map_or(out.len(), |rest| rest.min(out.len()));
        let count = self.opened.file.read_at(&mut out[..most], self.rest.start)?;
        self.rest.start += count as u64;
        self.watch.iter().for_each(|watch| watch.update(&out[..count]));
        Ok(count)
    }
}

/// Where the entry behind the first record begins, and what holds there.
fn behind_first_record(opened: &Arc<Opened>, origin: NameBuf) -> Option<(u64, Context)> {
    let text = Text::of(opened, 0..u64::MAX);
    let mut reader = Reader::of(Frame::new(Box::new(text), Arc::clone(&opened.name), origin));
    reader.next()?.ok()?;
    let [frame] = reader.frames.as_slice() else { return None };
    Some((frame.offset()?, reader.context()))
}

/// The first place from `from` on where a line begins that has something in its first column; none where no such place
/// is near.
fn cut_at(file: &File, from: u64, least: u64) -> io::Result<Option<u64>> {
    let mut buffer = vec![0; ZONE_READ_OCTETS];
    let mut at = from;
    while at < from + least {
        let count = file.read_at(&mut buffer, at)?;
        let place = buffer[..count].array_windows().position(|&[last, first]| last == b'\n' && begins_entry(first));
        match place {
            Some(place) => return Ok(Some(at + place as u64 + 1)),
            None if count < 2 => return Ok(None),
            None => at += count as u64 - 1,
        }
    }
    Ok(None)
}

/// What holds where each of these ranges but the first one begins, if `context` does at `start`, in the first one.
fn guess(opened: &Opened, start: u64, context: Context, ranges: &[Range<u64>]) -> Option<Vec<Context>> {
    let (_, ahead) = ranges.split_last()?;
    let parts = ahead.iter().map(|range| range.start.max(start)..range.end).collect();
    let found = spread(ranges.len(), parts, |range| Directives::find(&opened.file, range));
    let mut contexts = Vec::with_capacity(found.len());
    for directives in found {
        contexts.push(directives.ok()??.apply(*contexts.last().unwrap_or(&context))?);
    }
    Some(contexts)
}

/// The lines of a stretch that say what the origin and the TTL are behind it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Directives {
    /// The last absolute `$ORIGIN`, and the relative ones behind it.
    origins: Vec<u8>,
    /// The last `$TTL`.
    ttl: Vec<u8>,
}

impl Directives {
    /// Looks for lines that begin with `$`, wherever they stand: some may be in strings or comments. None where they are
    /// too many to be kept.
    fn find(file: &File, range: Range<u64>) -> io::Result<Option<Self>> {
        let mut found = Self::default();
        let mut buffer = vec![0; ZONE_READ_OCTETS];
        let (mut at, mut before) = (range.start, b'\n');
        while at < range.end {
            let most = buffer.len().min(usize::try_from(range.end - at).unwrap_or(usize::MAX));
            let count = file.read_at(&mut buffer[..most], at)?;
            let Some(octets) = buffer.get(..count).filter(|octets| !octets.is_empty()) else { break };
            for place in memchr::memchr_iter(b'$', octets) {
                let last = place.checked_sub(1).map_or(before, |last| octets[last]);
                if last == b'\n' && !found.take_line(file, at + place as u64)? {
                    return Ok(None);
                }
            }
            (at, before) = (at + count as u64, octets[count - 1]);
        }
        Ok(Some(found))
    }

    /// Takes the line at this place if it has to do with origin or TTL; false where there are too many.
    fn take_line(&mut self, file: &File, at: u64) -> io::Result<bool> {
        let mut line = [0; DIRECTIVE_OCTETS_MAX];
        let count = file.read_at(&mut line, at)?;
        let line = line[..count].split_inclusive(|&octet| octet == b'\n').next().unwrap_or_default();
        let is = |name: &[u8]| line.get(..name.len()).is_some_and(|octets| octets.eq_ignore_ascii_case(name));
        if is(b"$TTL") {
            self.ttl.clear();
            self.ttl.extend_from_slice(line);
        } else if is(b"$ORIGIN") {
            if line.trim_ascii_end().ends_with(b".") {
                self.origins.clear();
            }
            self.origins.extend_from_slice(line);
        }
        Ok(self.origins.len() <= DIRECTIVES_OCTETS_MAX)
    }

    /// What holds behind them where `context` does in front of them.
    fn apply(&self, context: Context) -> Option<Context> {
        let text = [self.origins.as_slice(), b"\n", &self.ttl].concat();
        let mut reader = Reader::of(Frame::amid(Box::new(text.as_slice()), Path::new("").into(), context.origin));
        reader.ttls.begin_amid(context.ttl);
        reader.next().is_none().then(|| reader.context())
    }
}

#[cfg(test)]
#[path = "stretches_tests.rs"]
mod tests;
