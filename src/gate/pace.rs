//! The arithmetic of one rate: a token bucket kept as a single moment (the generic cell rate algorithm, ITU-T I.371).
//!
//! A bucket's state is the moment at which it will be full again: each query moves it on by one query's time, and a
//! query for which it would lie further ahead than the burst is over the rate. So a bucket that is at rest needs no
//! upkeep, and a query over the rate changes nothing. Does not know whose bucket it is or where it is kept.

use std::time::Duration;

/// One rate. Its clock counts sixteenths of a query, so that a query's time is a whole number at any rate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Ticks per nanosecond, with [`FRACTION_BITS`] binary places.
    speed: u64,
    /// How far ahead of now a bucket may be filled up, in ticks.
    burst: u64,
    /// What is further ahead than this cannot come from the recent past, in ticks.
    horizon: u64,
}

/// A moment on the clock of a [`Pace`]: [`Moment::BITS`] bits that wrap around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(u64);

/// Ticks of one query.
const QUERY: u64 = 16;

/// Binary places of a speed: at one query per second it is then exact to 1 in 17,000.
const FRACTION_BITS: u32 = 40;

impl Moment {
    /// Bits of a moment. At a million queries a second they wrap after 19 hours.
    pub(super) const BITS: u32 = 40;

    const MASK: u64 = (1 << Self::BITS) - 1;

    /// The moment in the lowest [`BITS`](Self::BITS) of a word; the others are ignored.
    pub(super) fn from_word(word: u64) -> Self {
        Self(word & Self::MASK)
    }

    /// The moment as the lowest [`BITS`](Self::BITS) of a word, the others 0.
    pub(super) fn word(self) -> u64 {
        self.0
    }

    /// Ticks from `other` to this moment, the short way round: negative if this one is earlier.
    pub(super) fn since(self, other: Self) -> i64 {
        let spare = u64::BITS - Self::BITS;
        (self.0.wrapping_sub(other.0) << spare) as i64 >> spare
    }
}

impl Pace {
    /// `per_second` queries on the long run, and up to `burst` at once.
    pub(super) fn new(per_second: u32, burst: u32) -> Self {
        let ticks_per_second = u64::from(per_second) * QUERY;
        let speed = (u128::from(ticks_per_second) << FRACTION_BITS) / 1_000_000_000;
        let burst = u64::from(burst.max(1)) * QUERY;
        // Clocks of two threads may differ by how long a batch takes; a second is far more than that.
        Self { speed: speed as u64, burst, horizon: burst + ticks_per_second }
    }

    /// The moment `elapsed` after the clock's start.
    pub(super) fn moment(&self, elapsed: Duration) -> Moment {
        let nanoseconds = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        let ticks = (u128::from(nanoseconds) * u128::from(self.speed)) >> FRACTION_BITS;
        Moment::from_word(ticks as u64)
    }

    /// The state of the bucket `full` after `queries` more at `now`; `None` if they are over the rate.
    pub(super) fn take(&self, full: Moment, now: Moment, queries: u32) -> Option<Moment> {
        let ahead = self.ahead(full, now) + u64::from(queries) * QUERY;
        (ahead <= self.burst).then(|| Moment::from_word(now.word().wrapping_add(ahead)))
    }

    /// How many ticks the bucket is from being full; 0 as well for a state so old that its moment has come round.
    pub(super) fn ahead(&self, full: Moment, now: Moment) -> u64 {
        match u64::try_from(full.since(now)) {
            Ok(ahead) if ahead <= self.horizon => ahead,
            _ => 0,
        }
    }
}

// The largest horizon (rate and burst of u32::MAX) must be less than half way round.
const _: () = assert!(2 * (u32::MAX as u64) * QUERY < 1 << (Moment::BITS - 1));
