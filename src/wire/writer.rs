//! Writes a message: records counted by section, names compressed, and steps back to a mark when something did not fit.
//!
//! Does not know what belongs into a message.

mod stored;

use arrayvec::ArrayVec;

use super::header::u16_at;
use super::{Class, Flags, Name, Rcode, Rtype};
use crate::base::limits::{HEADER_OCTETS, LABEL_OCTETS_MAX};
use crate::base::words::copy_loosely;

/// The room ran out. The message is as it was before the call; step back to a [`Mark`] to drop what belongs together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// The sections that hold records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// What was asked for.
    Answer = 1,
    /// Where it comes from, or why there is nothing.
    Authority = 2,
    /// What will be needed next.
    Additional = 3,
}

/// Where a name stands in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(u16);

impl Place {
    /// The question's name: right behind the header.
    pub const QUESTION: Self = Self(HEADER_OCTETS as u16);

    /// The largest offset that a compression pointer can tell (RFC 1035 section 4.1.4).
    const POINTER_MAX: u16 = 0x3fff;

    /// The compression pointer to this place, where it is near enough for one.
    #[inline]
    fn pointer(self) -> Option<[u8; 2]> {
        (self.0 <= Self::POINTER_MAX).then(|| (0xc000 | self.0).to_be_bytes())
    }

    /// The place `octets` further on: of a suffix, where the name stands there uncompressed.
    #[inline]
    #[must_use]
    pub fn after(self, octets: usize) -> Self {
        Self(self.0 + octets as u16)
    }
}

/// A state of the message to come back to.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    length: usize,
    counts: [u16; 4],
    suffixes: usize,
}

/// A record that is being written: its rdata length is filled in when it ends.
#[derive(Debug)]
#[must_use = "a record has no length until it is finished"]
pub struct OpenRecord {
    rdata_at: usize,
    section: Section,
}

/// A message being written into a buffer of fixed size.
#[derive(Debug)]
pub struct Writer<'b> {
    buffer: &'b mut [u8],
    length: usize,
    /// Where the room ends: the end of the buffer less what is reserved.
    limit: usize,
    counts: [u16; 4],
    suffixes: Suffixes,
}

impl<'b> Writer<'b> {
    /// An empty message of at most `buffer.len()` octets, 12 or more; the header is written by [`finish`](Self::finish).
    #[inline]
    pub fn new(buffer: &'b mut [u8]) -> Self {
        let limit = buffer.len();
        Self { buffer, length: HEADER_OCTETS, limit, counts: [0; 4], suffixes: Suffixes(ArrayVec::new()) }
    }

    /// Octets written so far.
    #[inline]
    pub fn length(&self) -> usize {
        self.length
    }

    /// Keeps `octets` free for what is written last; [`release`](Self::release) gives them back.
    #[inline]
    pub fn reserve(&mut self, octets: usize) -> Result<(), Full> {
        let limit = self.limit.checked_sub(octets).filter(|&limit| limit >= self.length).ok_or(Full)?;
        self.limit = limit;
        Ok(())
    }

    /// Gives back octets that were reserved.
    #[inline]
    pub fn release(&mut self, octets: usize) {
        self.limit = (self.limit + octets).min(self.buffer.len());
    }

    /// The next `octets` octets of the message, to be filled by the caller, if they fit.
    #[inline]
    fn room(&mut self, octets: usize) -> Result<&mut [u8], Full> {
        let end = self.length + octets;
        if end > self.limit {
            return Err(Full);
        }
        let start = std::mem::replace(&mut self.length, end);
        Ok(&mut self.buffer[start..end])
    }

    /// The state now, to come back to with [`step_back`](Self::step_back).
    #[inline]
    pub fn mark(&self) -> Mark {
        Mark { length: self.length, counts: self.counts, suffixes: self.suffixes.0.len() }
    }

    /// Forgets all that was written since `mark`.
    #[inline]
    pub fn step_back(&mut self, mark: Mark) {
        (self.length, self.counts) = (mark.length, mark.counts);
        self.suffixes.0.truncate(mark.suffixes);
    }

    /// Copies the question of a query.
    #[inline]
    pub fn question(&mut self, question: &[u8]) -> Result<(), Full> {
        self.question_of(question, question.len())
    }

    /// The same where other octets follow the first `octets`: it is copied sooner then.
    #[inline]
    pub fn question_of(&mut self, question: &[u8], octets: usize) -> Result<(), Full> {
        let end = self.length + octets;
        if end > self.limit {
            return Err(Full);
        }
        copy_loosely::<64>(&mut self.buffer[self.length..], question, octets);
        self.length = end;
        self.counts[0] += 1;
        Ok(())
    }

    /// Opens a record whose owner stands at `owner` already.
    #[inline]
    pub fn open(
        &mut self,
        section: Section,
        owner: Place,
        rtype: Rtype,
        class: Class,
        ttl: u32,
    ) -> Result<OpenRecord, Full> {
        let start = self.length;
        match self.pointer_to(owner) {
            Some(pointer) => {
                let room = self.room(12)?;
                room[..2].copy_from_slice(&pointer);
                write_fixed(&mut room[2..], rtype, class, ttl);
                Ok(OpenRecord { rdata_at: start + 12, section })
            }
            None => {
                self.spell_out(owner)?;
                self.open_behind_owner(start, section, rtype, class, ttl)
            }
        }
    }

    /// Opens a record whose owner the caller has just written, from `start` on.
    #[inline]
    pub fn open_behind_owner(
        &mut self,
        start: usize,
        section: Section,
        rtype: Rtype,
        class: Class,
        ttl: u32,
    ) -> Result<OpenRecord, Full> {
        let at = self.length;
        let Ok(room) = self.room(10) else {
            self.length = start;
            return Err(Full);
        };
        write_fixed(room, rtype, class, ttl);
        Ok(OpenRecord { rdata_at: at + 10, section })
    }

    /// Ends a record: its rdata is all that was written since it was opened.
    #[inline]
    pub fn close(&mut self, record: OpenRecord) {
        let length = (self.length - record.rdata_at) as u16;
        self.buffer[record.rdata_at - 2..record.rdata_at].copy_from_slice(&length.to_be_bytes());
        self.counts[record.section as usize] += 1;
    }

    /// Writes a whole record whose owner stands at `owner` already; its rdata is all of `pieces`, one behind the other.
    #[inline]
    pub fn record<const PIECES: usize>(
        &mut self,
        section: Section,
        owner: Place,
        rtype: Rtype,
        class: Class,
        ttl: u32,
        pieces: [&[u8]; PIECES],
    ) -> Result<(), Full> {
        let Some(pointer) = self.pointer_to(owner) else {
            let record = self.open(section, owner, rtype, class, ttl)?;
            pieces.iter().try_for_each(|piece| self.octets(piece))?;
            self.close(record);
            return Ok(());
        };
        let octets = pieces.iter().map(|piece| piece.len()).sum::<usize>();
        let (head, mut rest) = self.room(12 + octets)?.split_at_mut(12);
        head[..2].copy_from_slice(&pointer);
        write_fixed(&mut head[2..], rtype, class, ttl);
        head[10..].copy_from_slice(&(octets as u16).to_be_bytes());
        for piece in pieces {
            let (here, behind) = rest.split_at_mut(piece.len());
            here.copy_from_slice(piece);
            rest = behind;
        }
        self.counts[section as usize] += 1;
        Ok(())
    }

    /// Writes a whole record whose owner stands nowhere yet: it is `labels` (wire form, no root label) in front of the name
    /// at `tail`. Returns where it stands.
    #[inline]
    pub fn record_of_new_owner(
        &mut self,
        section: Section,
        (labels, tail): (&[u8], Place),
        rtype: Rtype,
        class: Class,
        ttl: u32,
        rdata: &[u8],
    ) -> Result<Place, Full> {
        let start = self.length;
        let Some(pointer) = self.pointer_to(tail).filter(|_| !labels.is_empty()) else {
            let place = self.labels_then(labels, tail)?;
            let record = self.open_behind_owner(start, section, rtype, class, ttl)?;
            self.octets(rdata)?;
            self.close(record);
            return Ok(place);
        };
        let room = self.room(labels.len() + 12 + rdata.len())?;
        let (owner, rest) = room.split_at_mut(labels.len());
        let (head, room) = rest.split_at_mut(12);
        owner.copy_from_slice(labels);
        head[..2].copy_from_slice(&pointer);
        write_fixed(&mut head[2..], rtype, class, ttl);
        head[10..].copy_from_slice(&(rdata.len() as u16).to_be_bytes());
        room.copy_from_slice(rdata);
        self.counts[section as usize] += 1;
        Ok(Place(start as u16))
    }

    /// The place of what is written next.
    #[inline]
    pub fn here(&self) -> Place {
        Place(self.length as u16)
    }

    /// Writes octets as they are.
    #[inline]
    pub fn octets(&mut self, octets: &[u8]) -> Result<(), Full> {
        self.room(octets.len())?.copy_from_slice(octets);
        Ok(())
    }

    /// The compression pointer to a name that stands in the message, where it is near enough for one; none to the root, which is
    /// shorter as it is, and a pointer to which Knot takes for malformed.
    #[inline]
    fn pointer_to(&self, place: Place) -> Option<[u8; 2]> {
        place.pointer().filter(|_| self.buffer.get(usize::from(place.0)) != Some(&0))
    }

    /// Writes `labels` (wire form, no root label) in front of the name at `tail`, and returns where the
    /// whole name stands.
    #[inline]
    pub fn labels_then(&mut self, labels: &[u8], tail: Place) -> Result<Place, Full> {
        let place = if labels.is_empty() { tail } else { Place(self.length as u16) };
        let start = self.length;
        self.octets(labels)?;
        let written = match self.pointer_to(tail) {
            Some(pointer) => self.octets(&pointer),
            None => self.spell_out(tail),
        };
        if written.is_err() {
            self.length = start;
        }
        written.map(|()| place)
    }

    /// Writes an absolute name given as octets that were a [`Name`] once; see [`name`](Self::name).
    #[inline]
    pub fn wire_name(&mut self, name: &[u8]) -> Result<Place, Full> {
        debug_assert!(Name::from_wire(name).is_ok());
        self.name(Name::checked(name))
    }

    /// The same, compressed only against what is spelled alike, so that its case is kept.
    pub fn wire_name_as_spelled(&mut self, name: &[u8]) -> Result<Place, Full> {
        debug_assert!(Name::from_wire(name).is_ok());
        self.compressed(Name::checked(name), |a, b| a == b)
    }

    /// Writes an absolute name, compressed against the names written so before, and returns its place.
    pub fn name(&mut self, name: Name<'_>) -> Result<Place, Full> {
        self.compressed(name, <[u8]>::eq_ignore_ascii_case)
    }

    #[inline(always)] // `same` is known at each of two places
    fn compressed(&mut self, name: Name<'_>, same: impl Fn(&[u8], &[u8]) -> bool + Copy) -> Result<Place, Full> {
        let (start, wire) = (self.length, name.wire());
        let mut skip = 0;
        // From the whole name to its last label: the first suffix that is known is the longest.
        while wire[skip] != 0 {
            if let Some(place) = self.find_suffix(&wire[skip..], same) {
                let place = self.labels_then(&wire[..skip], place)?;
                self.suffixes.add(&wire[..skip], wire.len(), start);
                return Ok(place);
            }
            skip += 1 + usize::from(wire[skip]);
        }
        self.octets(wire)?;
        self.suffixes.add(&wire[..skip], wire.len(), start);
        Ok(Place(start as u16))
    }

    fn find_suffix(&self, suffix: &[u8], same: impl Fn(&[u8], &[u8]) -> bool + Copy) -> Option<Place> {
        let same_length = self.suffixes.0.iter().filter(|entry| usize::from(entry.0) == suffix.len());
        same_length.map(|entry| entry.1).find(|&at| self.holds_name(at, suffix, same)).map(Place)
    }

    /// Whether the name at `at` is `name`: each of its labels the same.
    fn holds_name(&self, at: u16, name: &[u8], same: impl Fn(&[u8], &[u8]) -> bool) -> bool {
        let mut labels = LabelsAt { message: &self.buffer[..self.length], at: usize::from(at) };
        let mut wanted = name;
        while let Some((&length, rest)) = wanted.split_first() {
            if length == 0 {
                break;
            }
            let (label, rest) = rest.split_at(usize::from(length));
            if !labels.next().is_some_and(|there| same(&there[1..], label)) {
                return false;
            }
            wanted = rest;
        }
        labels.next().is_none()
    }

    /// Writes the name at `place` without a pointer.
    fn spell_out(&mut self, place: Place) -> Result<(), Full> {
        let (start, mut at) = (self.length, usize::from(place.0));
        loop {
            let label = LabelsAt { message: &self.buffer[..start], at }.next_span();
            let end = label.as_ref().map_or(self.length + 1, |label| self.length + label.len());
            if end > self.limit {
                self.length = start;
                return Err(Full);
            }
            let Some(label) = label else {
                self.buffer[self.length] = 0;
                self.length = end;
                return Ok(());
            };
            at = label.end;
            self.buffer.copy_within(label, self.length);
            self.length = end;
        }
    }

    /// Where the suffix stands that is left of the name at `place` when `skip` labels are taken off.
    pub fn skip_labels(&self, place: Place, skip: usize) -> Place {
        let mut labels = LabelsAt { message: &self.buffer[..self.length], at: usize::from(place.0) };
        for _ in 0..skip {
            labels.next_span();
        }
        labels.follow();
        Place(labels.at as u16)
    }

    /// Writes the header and returns the message's length. `rcode`'s upper bits are for the OPT record, which an
    /// [`OptWriter`](super::OptWriter) adds.
    #[inline]
    pub fn finish(self, id: [u8; 2], flags: Flags, rcode: Rcode) -> usize {
        let flags = (flags.0 | rcode.low()).to_be_bytes();
        let [qd, an, ns, ar] = self.counts.map(u16::to_be_bytes);
        let header = [id[0], id[1], flags[0], flags[1], qd[0], qd[1], an[0], an[1], ns[0], ns[1], ar[0], ar[1]];
        self.buffer[..HEADER_OCTETS].copy_from_slice(&header);
        self.length
    }
}

/// Writes what stands between a record's owner and the length of its rdata.
#[inline]
fn write_fixed(room: &mut [u8], rtype: Rtype, class: Class, ttl: u32) {
    room[..2].copy_from_slice(&rtype.0.to_be_bytes());
    room[2..4].copy_from_slice(&class.0.to_be_bytes());
    room[4..8].copy_from_slice(&ttl.to_be_bytes());
}

/// The suffixes of the names that [`Writer::name`] wrote: what later names are compressed against.
///
/// Names that are related to the question never come here: their places are known without a search. So a short list
/// is enough; names past its end are written without entering it.
///
/// Of each its length when spelled out, and its offset.
#[derive(Debug)]
struct Suffixes(ArrayVec<(u8, u16), SUFFIXES_MAX>);

/// Suffixes remembered for one message: 13 name servers of four labels fit.
const SUFFIXES_MAX: usize = 52;

impl Suffixes {
    /// Enters the suffixes that begin with each of `labels`, which start a name of `length` octets at `start`.
    fn add(&mut self, labels: &[u8], length: usize, start: usize) {
        let mut skip = 0;
        while skip < labels.len() {
            let is_far = start + skip > usize::from(Place::POINTER_MAX);
            if is_far || self.0.try_push(((length - skip) as u8, (start + skip) as u16)).is_err() {
                return;
            }
            skip += 1 + usize::from(labels[skip]);
        }
    }
}

/// The labels of a name inside the message, with their length octets, across compression pointers.
///
/// The writer made every pointer itself, and each points backwards, so the walk ends.
struct LabelsAt<'m> {
    message: &'m [u8],
    at: usize,
}

impl<'m> LabelsAt<'m> {
    /// Moves to where the next label stands itself.
    fn follow(&mut self) {
        while let Some(pointer) = u16_at(self.message, self.at).filter(|octets| octets >> 14 == 3) {
            self.at = usize::from(pointer & Place::POINTER_MAX);
        }
    }

    fn next_span(&mut self) -> Option<std::ops::Range<usize>> {
        self.follow();
        let length = usize::from(*self.message.get(self.at)?);
        debug_assert!(length <= LABEL_OCTETS_MAX);
        let span = self.at..self.at + 1 + length;
        (length != 0).then(|| {
            self.at = span.end;
            span
        })
    }
}

impl<'m> Iterator for LabelsAt<'m> {
    type Item = &'m [u8];

    fn next(&mut self) -> Option<&'m [u8]> {
        let span = self.next_span()?;
        self.message.get(span)
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
