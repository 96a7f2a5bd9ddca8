//! Which depths there are, a depth being a number of labels: what a search for the deepest name need not pass over.
//!
//! Does not know names.

/// A set of depths from 0 to 127, by halves: the deeper one is nearly always empty, and arithmetic of 128 bits takes several
/// times the instructions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Depths {
    shallow: u64,
    deep: u64,
}

impl Depths {
    /// Adds a depth.
    pub(super) fn add(&mut self, depth: usize) {
        match depth.checked_sub(64) {
            None => self.shallow |= 1 << depth,
            Some(deep) => self.deep |= 1 << deep,
        }
    }

    /// Adds those of another set.
    pub(super) fn add_all(&mut self, other: Self) {
        (self.shallow, self.deep) = (self.shallow | other.shallow, self.deep | other.deep);
    }

    /// Whether a depth is among them.
    pub(super) fn has(self, depth: usize) -> bool {
        match depth.checked_sub(64) {
            None => self.shallow >> depth & 1 != 0,
            Some(deep) => self.deep >> deep & 1 != 0,
        }
    }

    /// These depths but for 0.
    #[inline]
    pub(super) fn below_apex(self) -> Self {
        Self { shallow: self.shallow & !1, ..self }
    }

    /// These depths from `most` on upwards in the tree, the deepest first.
    #[inline(always)]
    pub(super) fn up_from(self, most: usize) -> UpFrom {
        match most.checked_sub(64) {
            None => UpFrom(Self { shallow: self.shallow & (u64::MAX >> (63 - most)), deep: 0 }),
            Some(deep) => UpFrom(Self { deep: self.deep & (u64::MAX >> (63 - deep)), ..self }),
        }
    }
}

/// Depths, the deepest first.
#[derive(Debug, Clone)]
pub(super) struct UpFrom(Depths);

impl Iterator for UpFrom {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        let Depths { shallow, deep } = &mut self.0;
        if *deep != 0 {
            let depth = deep.ilog2();
            *deep &= !(1 << depth);
            return Some(64 + depth as usize);
        }
        let depth = shallow.checked_ilog2()?;
        *shallow &= !(1 << depth);
        Some(depth as usize)
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
