//! Asks the processor to fetch memory that will be needed soon.
//!
//! Does not know what is in it. A hint: nothing depends on whether the processor follows it.

/// Starts to fetch the cache line where `value` begins.
#[inline(always)]
pub fn prefetch<T>(value: &T) {
    let address: *const T = value;
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
        assert_eq!(octets, [1, 2, 3]);
    }
}
