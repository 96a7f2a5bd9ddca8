//! Asks the processor to fetch memory that will be needed soon.
//!
//! Does not know what is in it. A hint: nothing depends on whether the processor follows it.

use arrayvec::ArrayVec;

/// Places in memory that are to be fetched, gathered first.
///
/// A processor that does not know a place's page waits for it, and goes on meanwhile with the next two hundred instructions or
/// so. A loop that does nothing but fetch thus has many pages sought at once; one that reckons each place in between, two.
#[derive(Debug, Default)]
pub struct Places<const N: usize>(ArrayVec<*const u8, N>);

impl<const N: usize> Places<N> {
    /// Gathers the place where `value` begins, or nothing where there are `N` already.
    #[inline(always)]
    pub fn gather<T: ?Sized>(&mut self, value: &T) {
        let address: *const T = value;
        let _ = self.0.try_push(address.cast());
    }

    /// Starts to fetch so many cache lines from each place on, and forgets the places.
    #[inline(always)]
    pub fn fetch(&mut self, lines: usize) {
        for place in self.0.drain(..) {
            (0..lines).for_each(|line| fetch(place.wrapping_add(line * CACHE_LINE)));
        }
    }

    /// The same for all cache lines of a `T` that is at each place.
    #[inline(always)]
    pub fn fetch_whole<T>(&mut self) {
        self.fetch(size_of::<T>().div_ceil(CACHE_LINE));
    }
}

/// Starts to fetch the cache line where `value` begins.
#[inline(always)]
pub fn prefetch<T>(value: &T) {
    let address: *const T = value;
    fetch(address.cast());
}

/// Starts to fetch the first `lines` cache lines of `octets`, or as many as there are.
#[inline(always)]
pub fn prefetch_lines(octets: &[u8], lines: usize) {
    octets.chunks(CACHE_LINE).take(lines).for_each(|line| prefetch(&line[0]));
}

/// Octets of a cache line, or fewer.
const CACHE_LINE: usize = 64;

#[inline(always)]
fn fetch(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: SSE is part of x86-64, and a prefetch has no effect that a program can see, whatever the address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_hint_changes_nothing() {
        let octets = [1, 2, 3];
        super::prefetch(&octets[1]);
        let mut places = super::Places::<2>::default();
        (0..3).for_each(|_| places.gather(&octets[..]));
        assert_eq!(places.0.len(), 2, "more than there is room for");
        places.fetch(1);
        places.gather(&octets);
        assert_eq!(places.0.len(), 1, "the others are forgotten");
        places.fetch_whole::<[u8; 3]>();
        super::prefetch_lines(&octets, 2);
        super::prefetch_lines(&[], 2);
        assert_eq!(octets, [1, 2, 3]);
    }
}
