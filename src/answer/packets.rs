//! The packet cache: replies to queries that come again, found before a query is read as such.
//!
//! Does not know how replies are made, nor zones: whoever holds it says when all that it holds is out of date.
//!
//! A hot name is asked for again and again, and its reply is the same but for the message id and the case of the name, as long as
//! nobody's own wishes are in it: so a query with EDNS options is none of this cache's, nor is one of an unusual form. What is kept
//! lies in one ring, the oldest overwritten first, so that hot replies lie side by side however long they are. A query is kept
//! when it is asked a second time: names that are drawn by chance push nothing out. And where few come again, as in a registry's traffic, the cache is passed by for a while.

use super::options::PayloadSizes;
use crate::base::limits::{
    BATCH, HEADER_OCTETS, LABEL_OCTETS_MAX, NAME_OCTETS_MAX, PACKET_OCTETS_MAX, PACKET_OCTETS_USUAL, PACKETS_MAX,
    PACKETS_MIN, UDP_OCTETS_PLAIN,
};
use crate::base::prefetch::{prefetch, prefetch_lines};
use crate::base::words::{copy_loosely, copy_lower, same};
use crate::net::{Peer, Queries, Transport};
use crate::wire::{Flags, Rcode, SuffixHasher};

/// Octets of a question's type and class.
const FIXED_OCTETS: usize = 4;

/// Octets of a key behind the question: what the client is capable of, and the room for the reply.
const CIRCUMSTANCES: usize = 3;

/// Bits of the first of them: RD is that of the header.
const HAS_OPT: u8 = 0x02;
const IS_IPV6: u8 = 0x04;
const DO: u8 = 0x80;
const RD: u8 = (Flags::RD.0 >> 8) as u8;

/// What positions in the ring count.
const UNIT: usize = 16;

/// Octets in front of a kept reply: the length of its query's key, and of what follows its question.
const LENGTHS: usize = 4;

/// Octets of a header that are kept: flags and counts.
const KEPT_HEADER: std::ops::Range<usize> = 2..HEADER_OCTETS;

/// Octets that are copied at once: what most replies have behind their question.
const LOOSE: usize = 128;

/// Replies that are found by the octets of their queries.
pub(super) struct PacketCache {
    hasher: SuffixHasher,
    buckets: Box<[Bucket]>,
    /// For each reply its query's key, what is kept of its header, and what follows its question; of whole units.
    ring: Box<[u8]>,
    /// Units that were ever written, those left out at the ring's end too.
    written: u32,
    /// What was written before is out of date.
    valid_from: u32,
    /// The keys of a batch.
    keys: Vec<Key>,
    worth: Worth,
}

/// Where replies may be whose keys share some bits of their hash, in half a cache line.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(32))]
struct Bucket {
    places: [Place; 3],
    /// Tags of keys that were asked for.
    asked: [u16; 4],
}

/// Where a reply may be: from the lowest bit on 32 that count units from the first that was ever written, 8 that say how many
/// it takes, and 24 of its key's hash. 0: nowhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Place(u64);

impl Place {
    fn new(hash: u64, units: u32, at: u32) -> Self {
        Self(hash >> 40 << 40 | u64::from(units) << 32 | u64::from(at))
    }

    #[inline]
    fn may_be(self, hash: u64) -> bool {
        (self.0 ^ hash) >> 40 == 0
    }

    #[inline]
    fn at(self) -> u32 {
        self.0 as u32
    }

    #[inline]
    fn octets(self) -> usize {
        usize::from((self.0 >> 32) as u8) * UNIT
    }
}

/// What a reply of this cache depends on, in one piece: the name in lower case, type and class, RD, DO, whether there is an OPT
/// record, the kind of address that it goes to, and how long it may be.
#[derive(Clone)]
#[repr(C, align(64))] // most are read with one cache line
struct Key {
    hash: u64,
    /// 0: it is none of this cache's.
    length: u16,
    /// Octets of the question in the message.
    question: u16,
    octets: [u8; NAME_OCTETS_MAX + 1 + FIXED_OCTETS + CIRCUMSTANCES],
}

/// A reply that was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet {
    /// Its octets.
    pub(super) length: u16,
    pub(super) rcode: Rcode,
}

/// What became of a query.
#[derive(Debug, Clone, Copy)]
pub(super) enum Look {
    /// Its reply was here.
    Found(Packet),
    /// It is to be made, and kept if `again`.
    Missing { again: bool },
    /// It is none that this cache would have.
    Foreign,
}

impl PacketCache {
    /// A cache for some `packets` replies; none for 0.
    pub(super) fn new(packets: usize, hasher: &SuffixHasher) -> Option<Self> {
        if packets == 0 {
            return None;
        }
        let packets = packets.clamp(PACKETS_MIN, PACKETS_MAX).next_power_of_two();
        Some(Self {
            hasher: hasher.clone(),
            // Three places for two replies: one in ten is pushed out before its time.
            buckets: vec![Bucket::default(); packets / 2].into(),
            // Zeroed memory comes from the kernel as it is touched.
            ring: vec![0; packets * PACKET_OCTETS_USUAL].into(),
            written: 1,
            valid_from: 1,
            keys: vec![Key { octets: [0; _], length: 0, question: 0, hash: 0 }; BATCH],
            worth: Worth::default(),
        })
    }

    /// Forgets all replies.
    pub(super) fn forget(&mut self) {
        self.valid_from = self.written;
    }

    /// Looks at a batch that is to be answered. `false` where nothing is to be looked for: as long as it does not pay.
    ///
    /// What decides is fetched step by step: one query after the other would wait for it, for the kernel's work between two
    /// batches leaves little of it near.
    pub(super) fn look_ahead(&mut self, queries: Queries<'_>, sizes: PayloadSizes) -> bool {
        if self.worth.is_passed_by(queries.len()) {
            return false;
        }
        let Self { hasher, buckets, keys, .. } = self;
        for (index, key) in (0..queries.len()).zip(keys.iter_mut()) {
            if key.read(queries.query(index), queries.peer(index), sizes) {
                key.hash = hasher.child(hasher.root(), key.octets());
                prefetch(&buckets[key.hash as usize & (buckets.len() - 1)]);
                self.worth.looks += 1;
            }
        }
        for key in self.keys[..queries.len()].iter().filter(|key| key.length > 0) {
            for place in self.bucket(key.hash).places {
                if place.may_be(key.hash) {
                    let start = self.offset(place.at());
                    let entry = self.ring.get(start..start + place.octets());
                    entry.into_iter().for_each(|entry| prefetch_lines(entry, usize::MAX));
                }
            }
        }
        true
    }

    /// Looks for the reply to the message at `index` of the batch, and writes it to `out`.
    #[inline]
    pub(super) fn look(&mut self, index: usize, message: &[u8], out: &mut [u8]) -> Look {
        let key = &self.keys[index];
        if key.length == 0 {
            return Look::Foreign;
        }
        if let Some(packet) = self.serve(key, message, out) {
            self.worth.hits += 1;
            return Look::Found(packet);
        }
        let (tag, hash) = ((key.hash >> 48) as u16 | 1, key.hash);
        let which = (hash >> 32) as usize & 3;
        let asked = &mut self.bucket_mut(hash).asked[which];
        Look::Missing { again: std::mem::replace(asked, tag) == tag }
    }

    #[inline]
    fn bucket(&self, hash: u64) -> &Bucket {
        &self.buckets[hash as usize & (self.buckets.len() - 1)]
    }

    fn bucket_mut(&mut self, hash: u64) -> &mut Bucket {
        let mask = self.buckets.len() - 1;
        &mut self.buckets[hash as usize & mask]
    }

    #[inline]
    fn serve(&self, key: &Key, message: &[u8], out: &mut [u8]) -> Option<Packet> {
        let (rest, behind) = self.find(key)?;
        let (header, rest) = rest.split_first_chunk::<{ KEPT_HEADER.end - KEPT_HEADER.start }>()?;
        let question = HEADER_OCTETS + usize::from(key.question);
        if rest.len() < behind || out.len() < question + behind {
            return None;
        }
        // The question as it came; what stands behind it in the query is overwritten next.
        copy_loosely::<64>(&mut out[HEADER_OCTETS..], &message[HEADER_OCTETS..], question - HEADER_OCTETS);
        copy_loosely::<LOOSE>(&mut out[question..], rest, behind);
        out[..2].copy_from_slice(&message[..2]);
        out[KEPT_HEADER].copy_from_slice(header);
        Some(Packet { length: (question + behind) as u16, rcode: Rcode(u16::from(header[1] & 0xf)) })
    }

    /// What is kept for a key, and more: what is kept of the header, and so many octets that follow the question.
    #[inline]
    fn find(&self, key: &Key) -> Option<(&[u8], usize)> {
        for place in self.bucket(key.hash).places {
            if !place.may_be(key.hash) || !self.is_valid(place.at()) {
                continue;
            }
            let (lengths, octets) = self.ring[self.offset(place.at())..].split_first_chunk::<LENGTHS>()?;
            let [of_key, behind] = [[lengths[0], lengths[1]], [lengths[2], lengths[3]]].map(u16::from_le_bytes);
            let (kept, rest) = octets.split_at_checked(usize::from(of_key))?;
            if same(kept, key.octets()) {
                return Some((rest, usize::from(behind)));
            }
        }
        None
    }

    /// Keeps the reply to the message at `index` of the batch.
    pub(super) fn keep(&mut self, index: usize, reply: &[u8]) {
        let Key { hash, length, question, .. } = self.keys[index];
        let (Some((header, rest)), true) = (reply.split_first_chunk::<HEADER_OCTETS>(), length > 0) else { return };
        // A truncated reply is counted as such, and its client comes back by another way.
        let is_truncated = Flags(u16::from_be_bytes([header[2], header[3]])).has(Flags::TC);
        let Some(behind) = rest.get(usize::from(question)..).filter(|_| !is_truncated) else { return };
        // One that came several times in its batch is kept once.
        if reply.len() > PACKET_OCTETS_MAX || self.find(&self.keys[index]).is_some() {
            return;
        }
        let key = self.keys[index].octets();
        let lengths = [length.to_le_bytes(), (behind.len() as u16).to_le_bytes()];
        let pieces = [lengths.as_flattened(), key, &header[KEPT_HEADER], behind];
        let units = pieces.iter().map(|piece| piece.len()).sum::<usize>().div_ceil(UNIT) as u32;
        let all = (self.ring.len() / UNIT) as u32;
        // Not cut in two at the ring's end.
        let left = all - self.written % all;
        let at = if units > left { self.written + left } else { self.written };
        // Positions end: those that come now start anew, and none of the old ones may be taken for one of them.
        let at = if at > u32::MAX - 2 * all {
            self.buckets.fill(Bucket::default());
            self.valid_from = 1;
            all
        } else {
            at
        };
        let start = self.offset(at);
        let mut to = &mut self.ring[start..];
        for piece in pieces {
            to.split_off_mut(..piece.len()).unwrap_or_default().copy_from_slice(piece);
        }
        self.written = at + units;
        let places = &mut self.bucket_mut(hash).places;
        let index = places.iter().position(|place| place.may_be(hash));
        let oldest = (0..places.len()).min_by_key(|&index| places[index].at());
        if let Some(index) = index.or(oldest) {
            places[index] = Place::new(hash, units, at);
        }
    }

    /// Whether what was written there still stands.
    #[inline]
    fn is_valid(&self, at: u32) -> bool {
        at >= self.valid_from && (self.written - at) as usize * UNIT <= self.ring.len()
    }

    /// Where that position is in the ring, whose length is a power of two.
    #[inline]
    fn offset(&self, at: u32) -> usize {
        (at as usize * UNIT) & (self.ring.len() - 1)
    }
}

impl std::fmt::Debug for PacketCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PacketCache of {} octets", self.ring.len())
    }
}

impl Key {
    fn octets(&self) -> &[u8] {
        &self.octets[..usize::from(self.length)]
    }

    /// Becomes the key of `message`. `false` if that is not for this cache.
    #[inline]
    fn read(&mut self, message: &[u8], peer: Peer, sizes: PayloadSizes) -> bool {
        self.length = 0;
        if peer.transport != Transport::Udp {
            return false;
        }
        let Some((header, body)) = message.split_first_chunk::<HEADER_OCTETS>() else { return false };
        // A query with one question and nothing else but perhaps one additional record.
        let [_, _, flags, _, counts @ .., additional] = *header;
        if flags & 0xf8 != 0 || counts != [0, 1, 0, 0, 0, 0, 0] || additional > 1 {
            return false;
        }
        let octets = body.get(..NAME_OCTETS_MAX).unwrap_or(body);
        let mut at = 0;
        loop {
            match octets.get(at) {
                Some(0) => break,
                Some(&length) if usize::from(length) <= LABEL_OCTETS_MAX => at += 1 + usize::from(length),
                _ => return false,
            }
        }
        let name = at + 1;
        let Some((fixed, opt)) = body[name..].split_first_chunk::<FIXED_OCTETS>() else { return false };
        let (bits, room) = match (additional, opt) {
            (0, []) => (0, UDP_OCTETS_PLAIN),
            // Owned by the root, of version 0, with no flag but DO and without options (RFC 6891 section 6.1.2).
            (1, &[0, 0, 41, high, low, 0, 0, flags, 0, 0, 0]) if flags & !DO == 0 => {
                (HAS_OPT | flags, sizes.limit_over_udp(u16::from_be_bytes([high, low]), peer))
            }
            _ => return false,
        };
        let Some(lower) = self.octets.first_chunk_mut::<{ NAME_OCTETS_MAX + 1 }>() else { return false };
        // Length octets are below every letter, so they stay as they are.
        copy_lower(lower, octets, name);
        let Some(behind) = self.octets[name..].first_chunk_mut::<{ FIXED_OCTETS + CIRCUMSTANCES }>() else {
            return false;
        };
        let bits = bits | flags & RD | if peer.addr.is_ipv6() { IS_IPV6 } else { 0 };
        let [high, low] = (room as u16).to_be_bytes();
        *behind = [fixed[0], fixed[1], fixed[2], fixed[3], bits, high, low];
        (self.length, self.question) = ((name + behind.len()) as u16, (name + FIXED_OCTETS) as u16);
        true
    }
}

/// Weighs whether the cache pays: a look in vain takes some 250 instructions, and a reply that is found saves 1,250 or more.
#[derive(Debug, Default)]
struct Worth {
    looks: u32,
    hits: u32,
    /// Queries that are still to pass by.
    passing: u32,
}

/// Queries by which it is weighed: at full load some fifty milliseconds of them.
const WEIGHED: u32 = 16_384;

/// Queries that pass by when it did not pay, for each by which it was weighed.
const PASSING: u32 = 16;

impl Worth {
    /// Whether so many queries are to pass by.
    #[inline]
    fn is_passed_by(&mut self, queries: usize) -> bool {
        if self.passing > 0 {
            self.passing = self.passing.saturating_sub(queries as u32);
            return true;
        }
        if self.looks < WEIGHED {
            return false;
        }
        let pays = self.hits >= self.looks / 4;
        *self = Self { looks: 0, hits: 0, passing: if pays { 0 } else { PASSING * WEIGHED } };
        !pays
    }
}

#[cfg(test)]
#[path = "packets_tests.rs"]
mod tests;
