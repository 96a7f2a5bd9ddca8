//! Asks the processor to fetch memory that will be needed soon.
//!
//! Does not know what is in it. A hint: nothing depends on whether the processor follows it.

/// Starts to fetch the cache line where `value` begins.
#[inline(always)]
pub fn prefetch<T>(value: &T) {
    let address: *const T = value;
    fetch(address.cast());
}

/// Starts to fetch all cache lines of `value` itself.
#[inline(always)]
pub fn prefetch_whole<T>(value: &T) {
    let address: *const T = value;
    for at in (0..size_of::<T>()).step_by(CACHE_LINE) {
        fetch(address.cast::<u8>().wrapping_add(at));
    }
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
        super::prefetch_whole(&octets);
        super::prefetch_lines(&octets, 2);
        super::prefetch_lines(&[], 2);
        assert_eq!(octets, [1, 2, 3]);
    }
}
