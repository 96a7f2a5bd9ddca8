//! Memory for what is large and stays.
//!
//! Does not know what that is.

/// So many zeros, in huge pages where the kernel grants them to who asks: a large zone that is read into them faults once where it
/// would fault five hundred times, and to look something up in it seldom misses the processor's table of pages.
pub fn zeroed(octets: usize) -> Vec<u8> {
    let mut memory = vec![0; octets];
    ask_for_huge_pages(&mut memory);
    memory
}

#[cfg(target_os = "linux")]
fn ask_for_huge_pages(memory: &mut [u8]) {
    const PAGE_OCTETS: usize = 4_096;
    let ahead = memory.as_ptr().align_offset(PAGE_OCTETS);
    let Some(pages) = memory.get_mut(ahead..) else { return };
    let octets = pages.len() / PAGE_OCTETS * PAGE_OCTETS;
    if octets > 0 {
        // SAFETY: these are whole pages of ours (or, where pages are larger, it fails); the advice changes nothing of what is in
        // them. Whether it is taken shows in nothing but time.
        let _ = unsafe { libc::madvise(pages.as_mut_ptr().cast(), octets, libc::MADV_HUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
fn ask_for_huge_pages(_: &mut [u8]) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_any_other_memory() {
        for octets in [0, 1, 4_095, 4_096, 70_000, 5 << 20] {
            let mut memory = zeroed(octets);
            assert!(memory.len() == octets && memory.iter().all(|&octet| octet == 0), "{octets}");
            memory.fill(0xa5);
            assert!(memory.iter().all(|&octet| octet == 0xa5), "{octets}");
        }
    }
}
