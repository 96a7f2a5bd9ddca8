//! A zone as octets that can be kept, and the zone again from them.
//!
//! Does not know files, nor sums over them: whoever keeps an image sees to it that it comes back as it was. Octets of any kind
//! give a zone or an error here; whether the zone answers rightly is another matter, which only such a sum can tell.
//!
//! An image has two parts. The *body* is the blocks, one behind the other, as they are in memory: it stays where it was
//! read to, and the zone's blocks are parts of it. The *head* is all else, and is copied out. Numbers have their lowest octet first.
//!
//! ```text
//! head    | layout u32 | machine u32 | probe u64 | apex | apex' node u64 | bits of hash for block u32 |
//!         | serial u32 | negative TTL u32 | records u64 | depths u128 | usual depth u32 | block … | occluded | denial | break |
//! apex    | octets u32 | wire form |
//! block … | count u32 | (slots u32, octets u32) … |
//! occluded| chunks u32 | (octets u32, runs) … | runs u32 | (chunk u32, offset u32) … |
//! denial  | 0 u32 |   or   | 1 u32 | places |   or
//!         | 2 u32 | iterations u32 | salt's octets u32 | salt | costly u32 | apex u32 | tails u32 | apex' tail | links | numbers |
//! break   | 0 u32 |   or   | 1 u32 | number of a place u32 |
//! places  | count u32 | (key u64, block u32, at u32) … |
//! links   | count u32 | (key u32, number u32, block u32, at u32) … |
//! numbers | count u32 | (block u32, at and whether divided u32) … |    none where each is a place in the order of links
//! ```
//!
//! `probe` stands for how names are hashed: with which seed, and by which version of the hasher.

use std::fmt;

use bytes::Bytes;

use super::Zone;
use super::block::{Block, Blocks};
use super::chain::{Link, Nsec3Chain, Numbered};
use super::denial::Denial;
use super::depths::Depths;
use super::node::{TAIL_OCTETS, Tail};
use super::order::Place;
use super::runs::Finished;
use crate::base::limits::LABEL_OCTETS_MAX;
use crate::wire::{Name, SuffixHasher};

/// Changes whenever what is in a head or in a block does: `what_is_kept_changes_with_its_number` tells when.
const LAYOUT: u32 = 6;

/// What a block needs to be read beside its octets, and how names are hashed, depends on the processor.
const MACHINE: u32 = (size_of::<usize>() as u32) << 8 | cfg!(target_endian = "big") as u32;

/// Why octets give no zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// Another version of the program wrote it, or another machine.
    Foreign,
    /// Its names were hashed with another seed.
    OtherSeed,
    /// It is of another zone.
    OtherZone,
    /// It contradicts itself.
    Malformed,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Foreign => "it is of another version or machine",
            Self::OtherSeed => "it was made with another seed",
            Self::OtherZone => "it is of another zone",
            Self::Malformed => "it contradicts itself",
        })
    }
}

impl std::error::Error for Unusable {}

impl Zone {
    /// The head of its image.
    pub fn image_head(&self) -> Vec<u8> {
        let mut out = Writer(Vec::new());
        out.u32(LAYOUT);
        out.u32(MACHINE);
        out.u64(probe(&self.hasher()));
        out.octets(&self.apex);
        out.u64(self.apex_at as u64);
        [self.block_bits, self.serial, self.negative_ttl].into_iter().for_each(|number| out.u32(number));
        out.u64(self.records);
        out.0.extend_from_slice(&self.depths.to_octets());
        out.u32(self.usual_depth.into());
        out.u32(self.blocks.len() as u32);
        for block in &self.blocks {
            out.u32(block.slots() as u32);
            out.u32(block.as_octets().len() as u32);
        }
        let (chunks, places) = self.occluded.parts();
        out.u32(chunks.len() as u32);
        chunks.for_each(|chunk| out.octets(chunk));
        out.u32(places.len() as u32);
        for (chunk, offset) in places {
            out.u32(chunk);
            out.u32(offset);
        }
        match &self.denial {
            Denial::None => out.u32(0),
            Denial::Nsec(places) => {
                out.u32(1);
                out.places(places);
            }
            Denial::Nsec3(chain) => {
                out.u32(2);
                out.u32(chain.iterations.into());
                out.octets(&chain.salt);
                out.u32(chain.is_costly.into());
                out.u32(chain.apex);
                out.u32(chain.apex_tail.is_some().into());
                out.0.extend(chain.apex_tail.into_iter().flat_map(Tail::octets));
                out.u32(chain.links.len() as u32);
                let links = chain.links.iter().flat_map(|link| [link.key, link.number, link.block, link.at]);
                links.for_each(|number| out.u32(number));
                out.u32(chain.numbers.len() as u32);
                let numbers = chain.numbers.iter().flat_map(|number| [number.block, number.at]);
                numbers.for_each(|number| out.u32(number));
            }
        }
        out.u32(self.first_break.is_some().into());
        self.first_break.into_iter().for_each(|place| out.u32(place));
        out.0
    }

    /// The pieces of its image's body, one behind the other.
    pub fn image_body(&self) -> impl Iterator<Item = &[u8]> {
        self.blocks.iter().map(Block::as_octets)
    }

    /// The zone at `apex` whose image this is, its names hashed by `hasher`.
    pub fn from_image(head: &[u8], body: &Bytes, apex: Name<'_>, hasher: &SuffixHasher) -> Result<Self, Unusable> {
        let mut head = Reader(head);
        if (head.u32(), head.u32()) != (Some(LAYOUT), Some(MACHINE)) {
            return Err(Unusable::Foreign);
        }
        if head.u64() != Some(probe(hasher)) {
            return Err(Unusable::OtherSeed);
        }
        let apex = apex.to_lower();
        if head.octets().ok_or(Unusable::Malformed)? != apex.as_name().wire() {
            return Err(Unusable::OtherZone);
        }
        head.zone(body, apex.as_name(), hasher).ok_or(Unusable::Malformed)
    }
}

/// What a hasher makes of labels of each length.
fn probe(hasher: &SuffixHasher) -> u64 {
    let label = [b'-'; LABEL_OCTETS_MAX];
    (1..=label.len()).fold(hasher.root(), |parent, length| hasher.child(parent, &label[..length]))
}

struct Writer(Vec<u8>);

impl Writer {
    fn u32(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn u64(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn octets(&mut self, octets: &[u8]) {
        self.u32(octets.len() as u32);
        self.0.extend_from_slice(octets);
    }

    fn places(&mut self, places: &[Place]) {
        self.u32(places.len() as u32);
        for place in places {
            self.u64(place.key);
            self.u32(place.block);
            self.u32(place.at);
        }
    }
}

/// A head, as far as it is not read yet.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn octets(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()? as usize;
        let (octets, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(octets)
    }

    fn bool(&mut self) -> Option<bool> {
        self.u32().filter(|&number| number <= 1).map(|number| number == 1)
    }

    /// So many things of `N` octets; none where the head ends before.
    fn array<const N: usize, T>(&mut self, read: impl Fn([u8; N]) -> T) -> Option<Box<[T]>> {
        let count = self.u32()? as usize;
        let (octets, rest) = self.0.split_at_checked(count.checked_mul(N)?)?;
        self.0 = rest;
        Some(octets.as_chunks().0.iter().map(|chunk| read(*chunk)).collect())
    }

    fn places(&mut self) -> Option<Box<[Place]>> {
        self.array(|octets: [u8; 16]| {
            let [key, place] = [&octets[..8], &octets[8..]].map(|half| half.try_into().map_or(0, u64::from_le_bytes));
            Place { key, block: place as u32, at: (place >> 32) as u32 }
        })
    }

    fn links(&mut self) -> Option<Box<[Link]>> {
        self.array(|octets: [u8; 16]| {
            let (numbers, _) = octets.as_chunks();
            let [key, number, block, at] = [0, 1, 2, 3].map(|index: usize| u32::from_le_bytes(numbers[index]));
            Link { key, number, block, at }
        })
    }

    fn numbers(&mut self) -> Option<Box<[Numbered]>> {
        Some(self.pairs()?.iter().map(|&(block, at)| Numbered { block, at }).collect())
    }

    fn pairs(&mut self) -> Option<Box<[(u32, u32)]>> {
        self.array(|octets| {
            let pair = u64::from_le_bytes(octets);
            (pair as u32, (pair >> 32) as u32)
        })
    }

    /// All behind the apex, to the end.
    fn zone(&mut self, body: &Bytes, apex: Name<'_>, hasher: &SuffixHasher) -> Option<Zone> {
        let apex_at = usize::try_from(self.u64()?).ok()?;
        let (block_bits, serial, negative_ttl) = (self.u32()?, self.u32()?, self.u32()?);
        let (records, depths) = (self.u64()?, Depths::from_octets(self.take()?));
        let usual_depth = u8::try_from(self.u32()?).ok().filter(|&depth| depth > 0)?;
        let blocks = blocks(&self.pairs()?, body)?;
        let chunks = (0..self.u32()?).map(|_| self.octets().map(<[u8]>::to_vec)).collect::<Option<Vec<_>>>()?;
        let occluded = Finished::of_parts(chunks, &self.pairs()?);
        let denial = self.denial()?;
        let first_break = if self.bool()? { Some(self.u32()?) } else { None };
        let zone = Zone {
            apex: apex.wire().into(),
            apex_labels: apex.label_count(),
            apex_hash: hasher.name(apex),
            apex_at,
            seed: hasher.root(),
            block_bits,
            usual_depth,
            blocks,
            depths,
            occluded: occluded.shared(),
            denial,
            first_break,
            serial,
            negative_ttl,
            records,
        };
        let is_whole = self.0.is_empty() && block_bits < 32 && zone.blocks.len() == 1 << block_bits;
        (is_whole && zone.block(zone.apex_hash).as_octets().len() > apex_at).then_some(zone)
    }

    fn denial(&mut self) -> Option<Denial> {
        Some(match self.u32()? {
            0 => Denial::None,
            1 => Denial::Nsec(self.places()?),
            2 => {
                let iterations = u16::try_from(self.u32()?).ok()?;
                let (salt, is_costly, apex) = (self.octets()?.into(), self.bool()?, self.u32()?);
                let apex_tail = if self.bool()? { Some(Tail::read(&self.take::<TAIL_OCTETS>()?)) } else { None };
                let (links, numbers) = (self.links()?, self.numbers()?);
                let chain = Nsec3Chain { iterations, salt, links, numbers, is_costly, apex, apex_tail };
                chain.agrees_with_itself().then(|| Denial::Nsec3(Box::new(chain)))?
            }
            _ => return None,
        })
    }
}

/// The blocks with so many slots and octets, which are all of the body.
fn blocks(sizes: &[(u32, u32)], body: &Bytes) -> Option<Blocks> {
    let mut start = 0;
    let blocks = sizes.iter().map(|&(slots, octets)| {
        let end = start + octets as usize;
        let part = (end <= body.len()).then(|| body.slice(start..end))?;
        start = end;
        Block::of_octets(slots, part)
    });
    let blocks = blocks.collect::<Option<_>>()?;
    (start == body.len()).then_some(blocks)
}

#[cfg(test)]
#[path = "image_tests.rs"]
mod tests;
