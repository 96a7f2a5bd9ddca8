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
    fn add_all(&mut self, other: Self) {
        (self.shallow, self.deep) = (self.shallow | other.shallow, self.deep | other.deep);
    }

    /// Whether a depth is among them.
    pub(super) fn has(self, depth: usize) -> bool {
        match depth.checked_sub(64) {
            None => self.shallow >> depth & 1 != 0,
            Some(deep) => self.deep >> deep & 1 != 0,
        }
    }

    /// The set as it is kept.
    pub(super) fn to_octets(self) -> [u8; 16] {
        (u128::from(self.deep) << 64 | u128::from(self.shallow)).to_le_bytes()
    }

    /// The set that was kept.
    pub(super) fn from_octets(octets: [u8; 16]) -> Self {
        let depths = u128::from_le_bytes(octets);
        Self { shallow: depths as u64, deep: (depths >> 64) as u64 }
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

/// At which depths there are nodes, and how many names that may be asked for.
#[derive(Debug)]
pub(super) struct Population {
    depths: Depths,
    askable: [u32; 128],
}

impl Default for Population {
    fn default() -> Self {
        Self { depths: Depths::default(), askable: [0; 128] }
    }
}

impl Population {
    /// Counts a node. What owns no records, or NSEC3 alone, is hardly asked for.
    pub(super) fn add(&mut self, depth: usize, is_askable: bool) {
        self.depths.add(depth);
        self.askable[depth] += u32::from(is_askable);
    }

    /// Adds those of another part.
    pub(super) fn add_all(&mut self, other: &Self) {
        self.depths.add_all(other.depths);
        self.askable.iter_mut().zip(&other.askable).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// The depths that there are.
    pub(super) fn depths(&self) -> Depths {
        self.depths
    }

    /// The deepest that a name in question is likely to have, at least 1: of those below it there are no more than one in
    /// sixteen.
    pub(super) fn usual(&self) -> u8 {
        let few = self.askable.iter().map(|&count| u64::from(count)).sum::<u64>() / 16;
        let mut deeper = 0;
        let is_usual = |&depth: &u8| {
            deeper += u64::from(self.askable[usize::from(depth)]);
            deeper > few
        };
        (1..128).rev().find(is_usual).unwrap_or(1)
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

    #[test]
    fn what_few_have_is_not_usual() {
        let usual = |counts: &[(usize, u32)]| {
            let mut population = Population::default();
            counts.iter().for_each(|&(depth, count)| (0..count).for_each(|_| population.add(depth, true)));
            population.add(100, false);
            let mut twice = Population::default();
            (0..2).for_each(|_| twice.add_all(&population));
            assert_eq!(twice.usual(), population.usual());
            assert_eq!(population.depths().up_from(127).count(), counts.len() + 1);
            population.usual()
        };
        assert_eq!((usual(&[]), usual(&[(0, 1)])), (1, 1));
        assert_eq!((usual(&[(0, 1), (1, 3)]), usual(&[(0, 1), (1, 1), (127, 1)])), (1, 127));
        assert_eq!((usual(&[(0, 1), (1, 1000), (2, 2)]), usual(&[(0, 1), (1, 1000), (2, 100)])), (1, 2));
        assert_eq!(usual(&[(0, 1), (1, 1000), (2, 40), (3, 40)]), 2, "those below count too");
    }
}
