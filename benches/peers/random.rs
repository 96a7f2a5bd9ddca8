//! A small seeded generator, so that every run of the bench sees the same zones and the same queries.
//!
//! Not for anything that an adversary may guess.

/// The state of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// A number from 0 to `bound` - 1, near enough to uniform for bounds far below 2^64.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// A label of `shortest` to `longest` octets that looks like a registered name: letters, and digits at its end.
    pub(crate) fn label(&mut self, shortest: usize, longest: usize) -> String {
        const LETTERS: &[u8] = b"aaabcdeeefghiiijklmnnooopqrrsstttuuvwxyz";
        let length = shortest + self.below(longest - shortest + 1);
        let digits = if self.below(4) == 0 { 1 + self.below(2) } else { 0 };
        let mut label = String::with_capacity(length);
        for at in 0..length {
            let octet = if at + digits >= length { b'0' + self.below(10) as u8 } else { *self.pick(LETTERS) };
            label.push(char::from(octet));
        }
        label
    }

    /// `count` different labels in canonical order, as registries write their zones.
    pub(crate) fn labels(&mut self, count: usize, shortest: usize, longest: usize) -> Vec<String> {
        let mut labels = std::collections::BTreeSet::new();
        while labels.len() < count {
            labels.insert(self.label(shortest, longest));
        }
        labels.into_iter().collect()
    }
}
