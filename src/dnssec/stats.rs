//! What signatures a zone has, in numbers.
//!
//! Does not judge them.

use super::algorithm::Algorithm;
use super::signature::Rrsig;
use super::window::seconds_between;

/// What signatures a zone has, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Signatures over what the zone answers for.
    pub signatures: u64,
    /// Those of them that were verified and found good.
    pub verified: u64,
    /// How many there are of each algorithm, by its number.
    pub by_algorithm: Vec<(Algorithm, u64)>,
    /// When the first one expires, in seconds since 1970 modulo 2³².
    pub earliest_expiration: Option<u32>,
    /// When the last one expires.
    pub latest_expiration: Option<u32>,
}

impl Stats {
    pub(super) fn count(&mut self, rrsig: &Rrsig<'_>) {
        self.signatures += 1;
        self.count_algorithm(rrsig.algorithm, 1);
        self.widen(rrsig.window.expiration);
    }

    fn count_algorithm(&mut self, algorithm: Algorithm, more: u64) {
        // A zone has one or two algorithms, an absurd one 256.
        match self.by_algorithm.binary_search_by_key(&algorithm, |row| row.0) {
            Ok(found) => self.by_algorithm[found].1 += more,
            Err(place) => self.by_algorithm.insert(place, (algorithm, more)),
        }
    }

    fn widen(&mut self, expiration: u32) {
        let (earliest, latest) = (&mut self.earliest_expiration, &mut self.latest_expiration);
        if earliest.is_none_or(|earliest| seconds_between(earliest, expiration) < 0) {
            *earliest = Some(expiration);
        }
        if latest.is_none_or(|latest| seconds_between(latest, expiration) > 0) {
            *latest = Some(expiration);
        }
    }

    /// Adds those of another part.
    pub fn absorb(&mut self, other: &Self) {
        self.signatures += other.signatures;
        self.verified += other.verified;
        other.by_algorithm.iter().for_each(|&(algorithm, more)| self.count_algorithm(algorithm, more));
        other.earliest_expiration.into_iter().chain(other.latest_expiration).for_each(|end| self.widen(end));
    }
}
