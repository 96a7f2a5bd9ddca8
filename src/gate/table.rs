//! Buckets by key: a table of fixed size that all threads share, one word per bucket.
//!
//! A key that is not in it takes the place of the one in its row whose bucket is nearest to full, so memory is
//! bounded and a new key is never turned away for want of room: all that a crowd of others can do is to have some
//! bucket forgotten, that is, filled up. Rows are chosen by a keyed hash that nobody outside can compute.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::pace::{Moment, Pace};
use crate::base::limits::{GATE_CLIENTS, GATE_REPLIES};

/// What has a bucket: the bits of a client's prefix, and what else tells buckets apart.
pub(super) type Key = (u128, u64);

/// Buckets, each of them a tag of its key's hash above the [`Moment`] at which it is full.
#[derive(Debug)]
pub(super) struct Table {
    rows: Box<[Row]>,
    keys: RandomState,
}

/// The places that a key may have: one cache line.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Row([AtomicU64; PLACES]);

const PLACES: usize = 8;

const TAG: u64 = !((1 << Moment::BITS) - 1);

const _: () = assert!((GATE_CLIENTS / PLACES).is_power_of_two() && (GATE_REPLIES / PLACES).is_power_of_two());

impl Table {
    /// A table of `places`, a power of two, in which every bucket is full.
    pub(super) fn new(places: usize) -> Self {
        Self { rows: (0..places / PLACES).map(|_| Row::default()).collect(), keys: RandomState::new() }
    }

    /// Takes one from the bucket of `key`; `false` if it is over the rate.
    pub(super) fn take(&self, key: Key, pace: &Pace, now: Moment) -> bool {
        let hash = self.keys.hash_one(key);
        let row = &self.rows[hash as usize & (self.rows.len() - 1)].0;
        let tag = hash & TAG;
        // Each round again means that another thread wrote the same word, so some thread always gets on.
        loop {
            let (place, word) = find(row, tag, pace, now);
            // A place taken over from another key starts full. So does an untouched one, for its moment is past.
            let full = if word & TAG == tag { Moment::from_word(word) } else { now };
            let Some(full) = pace.take(full, now, 1) else { return false };
            if place.compare_exchange_weak(word, tag | full.word(), Relaxed, Relaxed).is_ok() {
                return true;
            }
        }
    }
}

/// The place of the key with `tag`, or else the one to take over; and what it holds.
fn find<'r>(row: &'r [AtomicU64; PLACES], tag: u64, pace: &Pace, now: Moment) -> (&'r AtomicU64, u64) {
    let mut best = (&row[0], row[0].load(Relaxed));
    let mut least = u64::MAX;
    for place in row {
        let word = place.load(Relaxed);
        if word & TAG == tag {
            return (place, word);
        }
        let ahead = pace.ahead(Moment::from_word(word), now);
        if ahead < least {
            (best, least) = ((place, word), ahead);
        }
    }
    best
}
