//! The answer cache: finished replies of one worker, least recently used ones leaving first.
//!
//! Does not know how replies are made, nor which of them are worth keeping.
//!
//! All memory is taken when the cache is made: replies live in slots of fixed size, and the LRU list holds a slot's
//! number for each key. A reply is patched when it is served again: message id, RD, and the question, whose case
//! is the client's. Its OPT record is not kept: what is in it is each client's own, and whoever serves a reply adds it.

use std::num::NonZeroUsize;

use lru::LruCache;

use crate::base::as_is::BuildAsIs;
use crate::base::limits::{CACHED_REPLY_OCTETS_MAX, HEADER_OCTETS};
use crate::wire::{Flags, Query, Rcode};

/// What a reply depends on besides the name: all of it is compared before a reply is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Octets that the reply may have without its OPT record: stands for the transport, the client's payload size and
    /// what its options take.
    pub(super) room: u16,
    /// Whether DNSSEC records are wanted.
    pub(super) dnssec_ok: bool,
}

/// What a reply was made from: it dies with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    /// [`ZoneSet::shape`](crate::zone::ZoneSet::shape).
    pub(super) set: u64,
    /// The one zone it came from, by index.
    pub(super) zone: usize,
    /// [`ZoneSet::version`](crate::zone::ZoneSet::version) of that zone.
    pub(super) version: u64,
}

/// What is known of the reply in a slot.
#[derive(Debug, Clone, Copy)]
struct Slot {
    origin: Origin,
    shape: Shape,
    /// 0: the slot is empty.
    length: u16,
}

impl Slot {
    const EMPTY: Self = Self {
        origin: Origin { set: 0, zone: usize::MAX, version: 0 },
        shape: Shape { room: 0, dnssec_ok: false },
        length: 0,
    };
}

/// Finished replies by question.
pub(super) struct AnswerCache {
    slots: Vec<Slot>,
    replies: Vec<u8>,
    order: LruCache<u64, u32, BuildAsIs>,
    /// Tags of keys that were asked for, by some of their bits.
    asked: Box<[u16]>,
}

impl AnswerCache {
    /// A cache of `entries` replies; none for 0.
    pub(super) fn new(entries: usize) -> Option<Self> {
        let entries = u32::try_from(entries).unwrap_or(u32::MAX);
        let capacity = NonZeroUsize::new(entries as usize)?;
        let mut order = LruCache::with_hasher(capacity, BuildAsIs::default());
        // Every slot starts with a key of its own, so that from now on an entry only ever takes another one's place.
        // Then each key is replaced by one that hashes behind all others: that uses up the table's spare room, and it
        // grows now. From its next size on it tidies itself up in place, and no query ever pays for its growth.
        for key in 0..2 * u64::from(entries) + 1 {
            let slot = if key < u64::from(entries) { key as u32 } else { order.peek_lru().map_or(0, |lru| *lru.1) };
            order.push(key, slot);
        }
        Some(Self {
            slots: vec![Slot::EMPTY; entries as usize],
            // Zeroed memory comes from the kernel as it is touched: an idle cache costs next to nothing.
            replies: vec![0; entries as usize * CACHED_REPLY_OCTETS_MAX],
            order,
            asked: vec![0; (entries as usize).next_power_of_two()].into(),
        })
    }

    /// Whether this key was asked about before, and none since that shares its place: what is asked for but once, as random
    /// names are, is not worth keeping, nor what it would push out.
    pub(super) fn was_asked(&mut self, key: u64) -> bool {
        let tag = key as u16 | 1;
        let at = (key >> 32) as usize & (self.asked.len() - 1);
        std::mem::replace(&mut self.asked[at], tag) == tag
    }

    /// The key of a query.
    #[inline]
    pub(super) fn key(query: &Query<'_>, shape: Shape) -> u64 {
        let rest = u64::from(query.qtype.0) << 32
            | u64::from(query.qclass.0) << 20
            | u64::from(shape.room) << 2
            | u64::from(shape.dnssec_ok);
        (query.name.hash(0) ^ rest.wrapping_mul(0x9e37_79b9_7f4a_7c15)).rotate_left(29)
    }

    /// Copies the reply for a query into `out` and returns its length and RCODE; `is_current` tells whether what it was
    /// made from still stands.
    #[inline]
    pub(super) fn serve(
        &mut self,
        key: u64,
        query: &Query<'_>,
        shape: Shape,
        is_current: impl FnOnce(Origin) -> bool,
        out: &mut [u8],
    ) -> Option<(usize, Rcode)> {
        let slot = *self.order.get(&key)? as usize;
        let Slot { origin, shape: stored_shape, length } = self.slots[slot];
        let reply = &self.replies[slot * CACHED_REPLY_OCTETS_MAX..][..usize::from(length)];
        let question = query.question();
        let end = HEADER_OCTETS + question.len();
        let (name, fixed) = question.split_at(question.len() - 4);
        let same = stored_shape == shape
            && reply.len() >= end
            && reply[end - 4..end] == *fixed
            && reply[HEADER_OCTETS..end - 4].eq_ignore_ascii_case(name)
            && is_current(origin);
        if !same {
            return None;
        }
        let out = out.get_mut(..reply.len())?;
        out.copy_from_slice(reply);
        out[..2].copy_from_slice(&query.id());
        let flags = Flags(u16::from_be_bytes([reply[2], reply[3]]) & !Flags::RD.0).with(query.flags().only(Flags::RD));
        out[2..4].copy_from_slice(&flags.0.to_be_bytes());
        out[HEADER_OCTETS..end].copy_from_slice(question);
        Some((reply.len(), Rcode(flags.0 & 0xf)))
    }

    /// Keeps a reply, in the place of the one that was not used for longest.
    pub(super) fn keep(&mut self, key: u64, shape: Shape, origin: Origin, reply: &[u8]) {
        if reply.len() > CACHED_REPLY_OCTETS_MAX {
            return;
        }
        let slot = match self.order.get(&key) {
            Some(&slot) => slot,
            None => {
                let Some((_, &slot)) = self.order.peek_lru() else { return };
                self.order.push(key, slot);
                slot
            }
        } as usize;
        self.slots[slot] = Slot { origin, shape, length: reply.len() as u16 };
        self.replies[slot * CACHED_REPLY_OCTETS_MAX..][..reply.len()].copy_from_slice(reply);
    }
}

impl std::fmt::Debug for AnswerCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AnswerCache of {}", self.slots.len())
    }
}
