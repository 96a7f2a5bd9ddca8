//! Which depths there are, a depth being a number of labels: what a search for the deepest name need not pass over.
//!
//! Does not know names.

/// A set of depths from 0 to 127.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Depths(u128);

impl Depths {
    /// Adds a depth.
    pub(super) fn add(&mut self, depth: usize) {
        self.0 |= 1 << depth;
    }

    /// Adds those of another set.
    pub(super) fn add_all(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether a depth is among them.
    pub(super) fn has(self, depth: usize) -> bool {
        self.0 >> depth & 1 != 0
    }

    /// The set as it is kept.
    pub(super) fn to_octets(self) -> [u8; 16] {
        self.0.to_le_bytes()
    }

    /// The set that was kept.
    pub(super) fn from_octets(octets: [u8; 16]) -> Self {
        Self(u128::from_le_bytes(octets))
    }

    /// These depths but for 0.
    #[inline]
    pub(super) fn below_apex(self) -> Self {
        Self(self.0 & !1)
    }

    /// These depths from `most` on upwards in the tree, the deepest first.
    #[inline]
    pub(super) fn up_from(self, most: usize) -> impl Iterator<Item = usize> {
        let mut left = self.0 & (u128::MAX >> (127 - most));
        std::iter::from_fn(move || {
            let depth = 127usize.checked_sub(left.leading_zeros() as usize)?;
            left &= !(1 << depth);
            Some(depth)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_comes_first_and_none_beyond_the_most() {
        let mut depths = Depths::default();
        [0, 1, 5, 126, 127].into_iter().for_each(|depth| depths.add(depth));
        let from = |most| depths.up_from(most).collect::<Vec<_>>();
        assert_eq!(from(127), [127, 126, 5, 1, 0]);
        assert_eq!(from(125), [5, 1, 0]);
        assert_eq!((from(0), Depths::default().up_from(127).count()), (vec![0], 0));
        assert_eq!(depths.below_apex().up_from(4).collect::<Vec<_>>(), [1]);
    }
}
