//! What a file holds, as one number: to see that it holds the same as before.
//!
//! Does not know files. Octets that come by chance never have the number of others; whoever wants to can make some that have,
//! and fools nobody but whoever serves their file.
//!
//! A file is cut into segments by place. Each is hashed (XXH3), and then their hashes are; so several threads can read one file,
//! each from a place of its own, and what they found is [joined](Digest::join) afterwards, wherever those places were.

use twox_hash::XxHash3_64;

/// Octets of a segment: what is read from a zone file at a time, so that most are hashed where they lie.
pub const SEGMENT_OCTETS: usize = 64 * 1024;

/// The hash of some octets.
pub fn hash(octets: &[u8]) -> u64 {
    XxHash3_64::oneshot(octets)
}

/// The digest of a file, or of a part of it while there are others.
#[derive(Debug, Default)]
pub struct Digest {
    /// Where the part begins.
    start: u64,
    /// Where it ends so far.
    end: u64,
    /// What is in front of the first segment that begins in this part.
    head: Vec<u8>,
    /// The hashes of all segments that are whole.
    segments: Vec<u64>,
    /// What there is of the last one.
    open: Vec<u8>,
}

impl Digest {
    /// Nothing yet, of a part that begins at this place.
    pub fn starting_at(start: u64) -> Self {
        Self { start, end: start, ..Self::default() }
    }

    /// Where the part ends.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Takes the octets that follow.
    pub fn update(&mut self, mut octets: &[u8]) {
        let first_segment = self.start.next_multiple_of(SEGMENT_OCTETS as u64);
        if self.end < first_segment {
            let missing = usize::try_from(first_segment - self.end).unwrap_or(usize::MAX).min(octets.len());
            self.head.extend_from_slice(&octets[..missing]);
            self.end += missing as u64;
            octets = &octets[missing..];
        }
        self.end += octets.len() as u64;
        while !octets.is_empty() {
            if self.open.is_empty() && octets.len() >= SEGMENT_OCTETS {
                self.segments.push(hash(&octets[..SEGMENT_OCTETS]));
                octets = &octets[SEGMENT_OCTETS..];
                continue;
            }
            let missing = (SEGMENT_OCTETS - self.open.len()).min(octets.len());
            self.open.extend_from_slice(&octets[..missing]);
            octets = &octets[missing..];
            if self.open.len() == SEGMENT_OCTETS {
                self.segments.push(hash(&self.open));
                self.open.clear();
            }
        }
    }

    /// Takes the part that follows. `false` where it does not begin where this one ends.
    #[must_use]
    pub fn join(&mut self, next: Self) -> bool {
        if self.end != next.start {
            return false;
        }
        self.update(&next.head);
        if self.end < next.end {
            self.segments.extend(next.segments);
            self.open = next.open;
            self.end = next.end;
        }
        true
    }

    /// The number, of a file that was taken from its beginning on.
    pub fn finish(self) -> u64 {
        let numbers = self.segments.into_iter().chain([hash(&self.open), self.end]);
        hash(&numbers.flat_map(u64::to_le_bytes).collect::<Vec<u8>>())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole(octets: &[u8]) -> u64 {
        let mut digest = Digest::default();
        digest.update(octets);
        digest.finish()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn parts_joined_are_the_whole(
            octets in 0..5 * SEGMENT_OCTETS,
            cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..8),
        ) {
            let octets: Vec<u8> = (0..octets).map(|n| (n * n / 7) as u8).collect();
            let mut cuts: Vec<(usize, bool)> = cuts.iter().map(|(at, part)| (at.index(octets.len() + 1), *part)).collect();
            cuts.push((octets.len(), true));
            cuts.sort_unstable();
            let (mut joined, mut part, mut from) = (Digest::default(), Digest::default(), 0);
            for (cut, ends_part) in cuts {
                part.update(&octets[from..cut]);
                from = cut;
                if ends_part {
                    prop_assert!(joined.join(std::mem::replace(&mut part, Digest::starting_at(cut as u64))));
                }
            }
            prop_assert_eq!(joined.end(), octets.len() as u64);
            prop_assert_eq!(joined.finish(), whole(&octets));
        }
    }

    #[test]
    fn every_octet_counts_and_so_does_the_length() {
        let octets = vec![0; 2 * SEGMENT_OCTETS + 100];
        let digest = whole(&octets);
        for at in [0, SEGMENT_OCTETS - 1, SEGMENT_OCTETS, 2 * SEGMENT_OCTETS + 99] {
            let mut other = octets.clone();
            other[at] = 1;
            assert_ne!(whole(&other), digest, "octet {at}");
        }
        for length in [0, 1, SEGMENT_OCTETS, 2 * SEGMENT_OCTETS, octets.len() - 1] {
            assert_ne!(whole(&octets[..length]), digest, "{length} octets");
        }
        assert!(!Digest::default().join(Digest::starting_at(1)));
    }
}
