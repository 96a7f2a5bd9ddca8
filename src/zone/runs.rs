//! The records of a zone before it is sealed: runs of records with one owner, in parts by the hash of where they belong.
//!
//! Does not judge what it holds.
//!
//! A run's *home* is its owner or, where that is occluded, what occludes it: what is compiled together has one home. The
//! upper bits of the home's hash choose the part, as they choose the block of the compiled zone; so one part after the
//! other can be compiled and freed, and a zone takes little more memory while it is sealed than before or after. A run
//! whose home is not known yet waits elsewhere, and goes to its home when all runs are there.
//!
//! ```text
//! run     | flags u8 | owner length u8 | depth u8 | home depth u8 | octets of records u32 | owner labels | record … |
//! record  | marks u8 | type u16, if marked | TTL u32, if marked | length u8, or u16 if marked | stored rdata |
//! ```
//!
//! A record without a type or TTL has that of the one before it in its run.

use std::sync::{Arc, LazyLock};

use super::node::{u16_of, u32_of};
use crate::base::limits::{NAME_OCTETS_MAX, RDATA_OCTETS_MAX};
use crate::base::prefetch::prefetch;
use crate::wire::Rtype;

const HEADER: usize = 8;

/// The home of the run is not its owner, but a zone cut or DNAME above it.
pub(super) const OCCLUDED: u8 = 1;
/// The name `*` directly below this one exists.
pub(super) const WILDCARD_BELOW: u8 = 2;
/// The run holds an NS below the apex, or a DNAME: it may occlude other names.
pub(super) const BARRIER: u8 = 4;
/// The run was moved elsewhere: what is here no longer counts.
pub(super) const MOVED: u8 = 8;
/// There are nodes below the home of the run.
pub(super) const PARENT: u8 = 16;

/// A record says its type.
const TYPE: u8 = 1;
/// A record says its TTL.
const TTL: u8 = 2;
/// A record's length takes two octets.
const LONG: u8 = 4;
/// Octets in front of a record's rdata, at most.
const RECORD_HEADER_MAX: usize = 9;

/// Octets of memory that a part takes at once: large enough to be given back to the system when it is freed, small
/// enough that half of it unused in each part is little.
const CHUNK_OCTETS: usize = 128 * 1024;

/// How many bits of a hash choose the part, in a zone that has several. More parts make the last of them to be compiled
/// smaller, but each is written at a place of its own, and so many lines of memory must stay in a first-level cache.
const PART_BITS: u32 = 6;

/// Octets from which on a zone has several parts: each then fills a chunk or two.
const PARTED_OCTETS: usize = 8 << 20;

// Any one record fits a chunk, beside its owner.
const _: () = assert!(HEADER + NAME_OCTETS_MAX + RECORD_HEADER_MAX + RDATA_OCTETS_MAX <= CHUNK_OCTETS);
// A part is a whole number of blocks.
const _: () = assert!(PARTED_OCTETS / super::block::BLOCK_OCTETS >= 1 << PART_BITS);

/// Where a run stands in its part. Later runs have greater places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    chunk: u32,
    offset: u32,
}

/// All runs of a zone.
#[derive(Debug, Default)]
pub(super) struct Runs {
    /// Those whose home is known.
    pub(super) settled: Parts,
    /// Those that may be below a zone cut or a DNAME that comes later, in parts by their [family](RunView::family): what a
    /// run of a family is below is in the parts of the same number.
    pub(super) waiting: Parts,
    /// Whether the run that was started last waits.
    open_waits: bool,
    octets: usize,
}

impl Runs {
    /// Starts a run at the home with this hash; records pushed from now on belong to it.
    pub(super) fn start(&mut self, hash_of_home: u64, start: &Start<'_>) {
        self.open_waits = false;
        self.octets += HEADER + start.labels.len();
        self.settled.start(hash_of_home, start);
    }

    /// Starts a run that waits for its home; `hash_of_family` is that of the name directly below the apex that it is below.
    pub(super) fn start_waiting(&mut self, hash_of_family: u64, start: &Start<'_>) {
        self.open_waits = true;
        self.octets += HEADER + start.labels.len();
        self.waiting.start(hash_of_family, start);
    }

    fn open(&mut self) -> &mut Part {
        let parts = if self.open_waits { &mut self.waiting } else { &mut self.settled };
        &mut parts.parts[parts.open]
    }

    /// Appends a record to the run that was started last: see [`Part::push`].
    pub(super) fn push<E>(
        &mut self,
        rtype: Rtype,
        ttl: u32,
        most: usize,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.octets += self.open().push(rtype, ttl, most, write)?;
        Ok(())
    }

    /// Flags the run that was started last; says whether the flag is new.
    pub(super) fn flag_open(&mut self, flag: u8) -> bool {
        let part = self.open();
        let flags = &mut part.header_mut(part.open)[0];
        let is_new = *flags & flag == 0;
        *flags |= flag;
        is_new
    }

    /// Whether there may be waiting runs of the family with this hash.
    #[inline]
    pub(super) fn may_wait(&self, hash_of_family: u64) -> bool {
        !self.waiting.of(hash_of_family).is_empty()
    }

    /// Whether they are too many for one part.
    #[inline]
    pub(super) fn outgrow_one_part(&self) -> bool {
        self.octets >= PARTED_OCTETS && self.settled.count() == 1
    }

    /// Sorts the runs of the only parts into many; `hash` is that of the name with such labels.
    pub(super) fn split(&mut self, hash: impl Fn(&[u8]) -> u64) {
        self.settled.split(|run| hash(run.home()));
        self.waiting.split(|run| hash(run.family()));
    }

    /// Puts other runs behind these, as if they had been started here; `hash` is that of the name with such labels.
    pub(super) fn append(&mut self, mut later: Self, hash: impl Fn(&[u8]) -> u64) {
        match (self.settled.count(), later.settled.count()) {
            (mine, theirs) if mine == theirs => {}
            (1, _) => self.split(hash),
            _ => later.split(hash),
        }
        for (waiting, settled) in self.waiting.parts.iter_mut().zip(&mut later.settled.parts) {
            if !waiting.is_empty() {
                waiting.take_occluded(settled);
            }
        }
        self.settled.append(later.settled);
        self.waiting.append(later.waiting);
        self.octets += later.octets;
    }

    /// Octets that all runs take.
    pub(super) fn octets(&self) -> usize {
        self.octets
    }
}

/// Runs in parts, by the hash of some name.
#[derive(Debug)]
pub(super) struct Parts {
    /// One, or two to the power of [`PART_BITS`].
    pub(super) parts: Vec<Part>,
    /// The part of the run that was started last.
    open: usize,
}

impl Default for Parts {
    fn default() -> Self {
        Self::of_count(1)
    }
}

impl Parts {
    /// So many empty parts.
    pub(super) fn of_count(count: usize) -> Self {
        Self { parts: std::iter::repeat_with(Part::default).take(count).collect(), open: 0 }
    }

    /// How many they are.
    pub(super) fn count(&self) -> usize {
        self.parts.len()
    }

    #[inline]
    fn number_of(&self, hash: u64) -> usize {
        if self.parts.len() == 1 { 0 } else { (hash >> (64 - PART_BITS)) as usize }
    }

    /// The part for this hash.
    #[inline]
    pub(super) fn of(&self, hash: u64) -> &Part {
        &self.parts[self.number_of(hash)]
    }

    /// Starts a run in the part for this hash.
    pub(super) fn start(&mut self, hash: u64, start: &Start<'_>) {
        self.open = self.number_of(hash);
        self.parts[self.open].start(start);
    }

    /// Appends a run to the part for this hash, with the home that has so many labels in front of the apex.
    pub(super) fn settle(&mut self, hash_of_home: u64, home_depth: usize, run: RunView<'_>) {
        let number = self.number_of(hash_of_home);
        self.parts[number].append(run, home_depth);
    }

    /// Sorts the runs of the only part into many.
    fn split(&mut self, hash: impl Fn(RunView<'_>) -> u64) {
        let whole = std::mem::take(&mut self.parts);
        *self = Self::of_count(1 << PART_BITS);
        for chunk in whole.into_iter().flat_map(|part| part.chunks) {
            let whole = Part { chunks: vec![chunk], ..Part::default() };
            for (_, run) in whole.runs() {
                // The last run may still be open.
                self.open = self.number_of(hash(run));
                self.parts[self.open].append(run, run.home_depth);
            }
        }
    }

    /// All runs in one part.
    pub(super) fn into_one(self) -> Part {
        Part { chunks: self.parts.into_iter().flat_map(|part| part.chunks).collect(), ..Part::default() }
    }

    /// Puts the runs of as many other parts behind these.
    pub(super) fn append(&mut self, later: Self) {
        for (mine, theirs) in self.parts.iter_mut().zip(later.parts) {
            mine.chunks.extend(theirs.chunks);
        }
    }
}

/// What is known when a run begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start<'a> {
    pub(super) flags: u8,
    /// Labels in front of the apex.
    pub(super) depth: usize,
    /// Labels that its home has in front of the apex.
    pub(super) home_depth: usize,
    /// The owner's labels, relative to the apex.
    pub(super) labels: &'a [u8],
}

/// Runs in the order they came, in chunks of memory.
#[derive(Debug, Default)]
pub(super) struct Part {
    chunks: Vec<Chunk>,
    /// The run that was started last.
    open: Place,
    /// Type and TTL of the open run's last record, which the next one need not repeat.
    last: Option<(Rtype, u32)>,
}

impl Part {
    /// Starts a run; records pushed from now on belong to it.
    pub(super) fn start(&mut self, start: &Start<'_>) {
        let Start { flags, depth, home_depth, labels } = *start;
        let octets = self.begin(HEADER + labels.len());
        octets.extend_from_slice(&[flags, labels.len() as u8, depth as u8, home_depth as u8, 0, 0, 0, 0]);
        octets.extend_from_slice(labels);
    }

    /// Whether there are no runs.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Appends a record to the run that was started last; `write` appends its stored rdata, `most` octets at most. Where
    /// that fails the record is not there. Returns how many octets it takes.
    pub(super) fn push<E>(
        &mut self,
        rtype: Rtype,
        ttl: u32,
        most: usize,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<usize, E> {
        self.make_room(RECORD_HEADER_MAX + most);
        let Some(Chunk(octets)) = self.chunks.last_mut() else { return Ok(0) };
        let start = octets.len();
        let (mut header, mut end) = ([0; RECORD_HEADER_MAX], 1);
        if self.last.is_none_or(|last| last.0 != rtype) {
            header[0] |= TYPE;
            header[end..end + 2].copy_from_slice(&rtype.0.to_le_bytes());
            end += 2;
        }
        if self.last.is_none_or(|last| last.1 != ttl) {
            header[0] |= TTL;
            header[end..end + 4].copy_from_slice(&ttl.to_le_bytes());
            end += 4;
        }
        let is_long = most > usize::from(u8::MAX);
        header[0] |= if is_long { LONG } else { 0 };
        octets.extend_from_slice(&header[..end + 1 + usize::from(is_long)]);
        let rdata = octets.len();
        write(octets).inspect_err(|_| octets.truncate(start))?;
        let length = ((octets.len() - rdata) as u16).to_le_bytes();
        if is_long {
            octets[rdata - 2..rdata].copy_from_slice(&length);
        } else {
            octets[rdata - 1] = length[0];
        }
        self.last = Some((rtype, ttl));
        let (added, run) = (octets.len() - start, self.open.offset as usize);
        let total = u32_of(octets, run + 4) + added as u32;
        octets[run + 4..run + 8].copy_from_slice(&total.to_le_bytes());
        Ok(added)
    }

    /// Appends a run, with the home that has so many labels in front of the apex: its owner or what occludes it.
    pub(super) fn append(&mut self, run: RunView<'_>, home_depth: usize) {
        self.begin(run.octets.len()).extend_from_slice(run.octets);
        let header = self.header_mut(self.open);
        header[0] = if home_depth < run.depth { run.flags | OCCLUDED } else { run.flags & !OCCLUDED };
        header[3] = home_depth as u8;
    }

    /// Takes the runs of `settled` that went to their home at once, which those of the same owner that wait here have not:
    /// they wait behind these, or they would be in front of them in the end.
    fn take_occluded(&mut self, settled: &mut Self) {
        let mut next = Place::default();
        while let Some((place, run)) = settled.step(&mut next) {
            if run.is_occluded() {
                self.append(run, run.depth);
                settled.header_mut(place)[0] |= MOVED;
            }
        }
    }

    /// Where a run of so many octets is to be written, which is the open one from now on.
    fn begin(&mut self, octets: usize) -> &mut Vec<u8> {
        if self.chunks.last().is_none_or(|chunk| chunk.0.len() + octets > CHUNK_OCTETS) {
            // The first chunk grows with what is in it: most zones are small.
            let room = if self.chunks.is_empty() { 0 } else { CHUNK_OCTETS };
            self.chunks.push(Chunk(Vec::with_capacity(room)));
        }
        self.last = None;
        let chunk = self.chunks.len() - 1;
        self.open = Place { chunk: chunk as u32, offset: self.chunks[chunk].0.len() as u32 };
        &mut self.chunks[chunk].0
    }

    /// Goes on with the open run in the next chunk where this one has no room.
    fn make_room(&mut self, octets: usize) {
        if self.chunks.last().is_some_and(|chunk| chunk.0.len() + octets > CHUNK_OCTETS) {
            let RunView { flags, depth, home_depth, labels, .. } = self.view(self.open);
            let labels = labels.to_vec();
            self.begin(CHUNK_OCTETS);
            self.start(&Start { flags, depth, home_depth, labels: &labels });
        }
    }

    /// The run at `place`.
    pub(super) fn view(&self, place: Place) -> RunView<'_> {
        self.chunks[place.chunk as usize].view(place.offset as usize)
    }

    /// Asks the processor to fetch the run at `place`, which will soon be viewed.
    #[inline]
    pub(super) fn prefetch(&self, place: Place) {
        let chunk = self.chunks.get(place.chunk as usize);
        let octets = chunk.and_then(|chunk| chunk.0.get(place.offset as usize..)).unwrap_or_default();
        octets.first().into_iter().chain(octets.get(64)).for_each(prefetch);
    }

    /// All runs with their places, but those that were moved.
    pub(super) fn runs(&self) -> impl Iterator<Item = (Place, RunView<'_>)> {
        let mut place = Place::default();
        std::iter::from_fn(move || self.step(&mut place)).filter(|(_, run)| run.flags & MOVED == 0)
    }

    /// The run at `place` or behind it; `place` becomes that of the next one.
    pub(super) fn step(&self, place: &mut Place) -> Option<(Place, RunView<'_>)> {
        while place.offset as usize >= self.chunks.get(place.chunk as usize)?.0.len() {
            *place = Place { chunk: place.chunk + 1, offset: 0 };
        }
        let (at, run) = (*place, self.view(*place));
        place.offset += run.octets.len() as u32;
        Some((at, run))
    }

    /// The octets of the run at `place` that tell flags and home depth.
    fn header_mut(&mut self, place: Place) -> &mut [u8] {
        &mut self.chunks[place.chunk as usize].0[place.offset as usize..][..HEADER]
    }

    /// The same runs, for good.
    pub(super) fn finish(mut self) -> Finished {
        self.chunks.iter_mut().for_each(|chunk| chunk.0.shrink_to_fit());
        let places = self.runs().map(|(place, _)| place).collect();
        Finished { places, chunks: self.chunks.into() }
    }
}

/// Runs that are kept, each to be found by its number.
#[derive(Debug, Default)]
pub(super) struct Finished {
    chunks: Box<[Chunk]>,
    places: Box<[Place]>,
}

impl Finished {
    /// How many they are.
    pub(super) fn count(&self) -> usize {
        self.places.len()
    }

    /// One of them.
    pub(super) fn run(&self, number: usize) -> RunView<'_> {
        let place = self.places[number];
        self.chunks[place.chunk as usize].view(place.offset as usize)
    }

    /// All of them.
    pub(super) fn runs(&self) -> impl Iterator<Item = RunView<'_>> {
        (0..self.count()).map(|number| self.run(number))
    }

    /// The chunks, and of each run the chunk and where in it.
    pub(super) fn parts(&self) -> (impl ExactSizeIterator<Item = &[u8]>, impl ExactSizeIterator<Item = (u32, u32)>) {
        let places = self.places.iter().map(|place| (place.chunk, place.offset));
        (self.chunks.iter().map(|chunk| chunk.0.as_slice()), places)
    }

    /// The same, to be shared: all that have none are one.
    pub(super) fn shared(self) -> Arc<Self> {
        static NONE: LazyLock<Arc<Finished>> = LazyLock::new(Arc::default);
        if self.places.is_empty() { Arc::clone(&NONE) } else { Arc::new(self) }
    }

    /// The runs of such parts.
    pub(super) fn of_parts(chunks: Vec<Vec<u8>>, places: &[(u32, u32)]) -> Self {
        let places = places.iter().map(|&(chunk, offset)| Place { chunk, offset }).collect();
        Self { chunks: chunks.into_iter().map(Chunk).collect(), places }
    }

    /// Octets of memory they take.
    pub(super) fn octets(&self) -> usize {
        size_of_val(&*self.places) + self.chunks.iter().map(|chunk| size_of::<Chunk>() + chunk.0.len()).sum::<usize>()
    }
}

/// A piece of memory full of runs.
#[derive(Debug, Default)]
struct Chunk(Vec<u8>);

impl Chunk {
    fn view(&self, offset: usize) -> RunView<'_> {
        let octets = &self.0[offset..];
        let labels_end = HEADER + usize::from(octets[1]);
        let octets = &octets[..labels_end + u32_of(octets, 4) as usize];
        RunView {
            flags: octets[0],
            depth: usize::from(octets[2]),
            home_depth: usize::from(octets[3]),
            labels: &octets[HEADER..labels_end],
            octets,
        }
    }
}

/// A run, read.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunView<'a> {
    pub(super) flags: u8,
    /// Labels in front of the apex.
    pub(super) depth: usize,
    /// Labels that its home has in front of the apex.
    pub(super) home_depth: usize,
    /// The owner's labels, relative to the apex.
    pub(super) labels: &'a [u8],
    octets: &'a [u8],
}

/// One record of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunRecord<'a> {
    pub(super) rtype: Rtype,
    pub(super) ttl: u32,
    pub(super) rdata: &'a [u8],
}

impl<'a> RunView<'a> {
    /// Its records, in the order they came.
    pub(super) fn records(self) -> impl Iterator<Item = RunRecord<'a>> {
        let mut rest = &self.octets[HEADER + self.labels.len()..];
        let (mut rtype, mut ttl) = (Rtype(0), 0);
        std::iter::from_fn(move || {
            let marks = *rest.first()?;
            let mut at = 1;
            if marks & TYPE != 0 {
                rtype = Rtype(u16_of(rest, at));
                at += 2;
            }
            if marks & TTL != 0 {
                ttl = u32_of(rest, at);
                at += 4;
            }
            let length;
            (length, at) = if marks & LONG != 0 { (u16_of(rest, at), at + 2) } else { (rest[at].into(), at + 1) };
            let (rdata, after) = rest[at..].split_at(length.into());
            rest = after;
            Some(RunRecord { rtype, ttl, rdata })
        })
    }

    /// The labels of its home: the name itself or what occludes it.
    pub(super) fn home(self) -> &'a [u8] {
        skip_labels(self.labels, self.depth - self.home_depth)
    }

    pub(super) fn is_occluded(self) -> bool {
        self.flags & OCCLUDED != 0
    }

    /// The labels of the name directly below the apex that it is at or below.
    pub(super) fn family(self) -> &'a [u8] {
        skip_labels(self.labels, self.depth.saturating_sub(1))
    }
}

/// Whether the first of these labels is an asterisk alone (RFC 4592 section 2.1.1).
pub(super) fn is_wildcard(labels: &[u8]) -> bool {
    labels.starts_with(b"\x01*")
}

/// How many labels these are.
pub(super) fn label_count(mut labels: &[u8]) -> usize {
    let mut count = 0;
    while let Some((&length, rest)) = labels.split_first() {
        labels = &rest[usize::from(length)..];
        count += 1;
    }
    count
}

/// `labels` without the first `skip` of them.
pub(super) fn skip_labels(mut labels: &[u8], skip: usize) -> &[u8] {
    for _ in 0..skip {
        labels = &labels[1 + usize::from(labels[0])..];
    }
    labels
}

#[cfg(test)]
#[path = "runs_tests.rs"]
mod tests;
