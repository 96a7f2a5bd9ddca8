//! Memory for what is large and stays.
//!
//! Does not know what that is.

use std::collections::BTreeMap;
use std::ops::Range;

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

/// The addresses at which a slice stands.
pub fn addresses<T>(slice: &[T]) -> Range<usize> {
    let Range { start, end } = slice.as_ptr_range();
    start.addr()..end.addr()
}

/// Memory that stays where it is, in many pieces, to be gathered in huge pages once all of it is written: an allocator asks for
/// memory in steps too small for the kernel to give it such pages at once.
#[derive(Debug, Default)]
pub struct Gathering {
    /// Octets in use on each huge page, by its number.
    used: BTreeMap<usize, usize>,
}

impl Gathering {
    /// Octets of a huge page. Where the kernel has others it refuses, and nothing is gathered.
    const PAGE_OCTETS: usize = 2 << 20;

    /// Adds a piece, given by its addresses.
    pub fn add(&mut self, piece: Range<usize>) {
        let mut start = piece.start;
        while start < piece.end {
            let page = start / Self::PAGE_OCTETS;
            let end = piece.end.min((page + 1) * Self::PAGE_OCTETS);
            *self.used.entry(page).or_default() += end - start;
            start = end;
        }
    }

    /// Has the kernel gather the pages that are in use for the most part, where it is not told to have none (`never` in
    /// `/sys/kernel/mm/transparent_hugepage/enabled`), and returns how many it has gathered. Takes some 100 µs a page, while
    /// which whoever reads it waits. Where that cannot be done at once (Linux before 6.1) the kernel does so in its own time.
    pub fn finish(self) -> usize {
        let mostly_used = self.used.into_iter().filter(|used| used.1 >= Self::PAGE_OCTETS / 4 * 3);
        let pages: Vec<usize> = mostly_used.map(|(page, _)| page).collect();
        if pages.is_empty() || !has_huge_pages() {
            return 0;
        }
        pages.into_iter().filter(|page| gather(page * Self::PAGE_OCTETS, Self::PAGE_OCTETS)).count()
    }
}

/// Whether the kernel gives huge pages to who asks.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn has_huge_pages() -> bool {
    std::fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled").is_ok_and(|when| !when.contains("[never]"))
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn gather(address: usize, octets: usize) -> bool {
    let advise = |advice| {
        // SAFETY: both kinds of advice leave all that is in memory as it is, whoever owns it and whoever reads or writes it
        // meanwhile; where none is, or none of ours, they fail.
        unsafe { libc::madvise(std::ptr::without_provenance_mut(address), octets, advice) == 0 }
    };
    advise(libc::MADV_HUGEPAGE) && advise(libc::MADV_COLLAPSE)
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn has_huge_pages() -> bool {
    false
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn gather(_: usize, _: usize) -> bool {
    false
}

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

    #[test]
    fn pieces_are_gathered_where_they_are_and_stay_as_they_are() {
        const PIECE: usize = 48 * 1024;
        let mut pieces: Vec<Vec<u8>> = (0..600u32).map(|n| vec![n as u8; PIECE]).collect();
        let gathering = |pieces: &[Vec<u8>]| {
            let mut gathering = Gathering::default();
            pieces.iter().for_each(|piece| gathering.add(addresses(piece)));
            gathering
        };
        let used: usize = gathering(&pieces).used.values().sum();
        assert_eq!(used, 600 * PIECE);
        let gathered = gathering(&pieces).finish();
        // What the kernel does for one page of ours that is aligned, it does for most of these.
        let mut room = vec![1u8; 3 * Gathering::PAGE_OCTETS];
        let start = addresses(&room).start.next_multiple_of(Gathering::PAGE_OCTETS);
        if has_huge_pages() && gather(start, Gathering::PAGE_OCTETS) {
            assert!((10..=15).contains(&gathered), "{gathered} pages of 14");
        } else {
            assert_eq!(gathered, 0, "this kernel gives none");
        }
        room.fill(2);
        for (n, piece) in pieces.iter_mut().enumerate() {
            assert!(piece.iter().all(|&octet| octet == n as u8), "{n}");
            piece.fill(0);
        }
    }

    #[test]
    fn pages_that_are_hardly_used_are_not_gathered() {
        let memory = vec![1u8; 3 * Gathering::PAGE_OCTETS];
        let start = addresses(&memory).start.next_multiple_of(Gathering::PAGE_OCTETS);
        let gathered = |octets| {
            let mut gathering = Gathering::default();
            gathering.add(start..start + octets);
            gathering.finish()
        };
        assert_eq!((Gathering::default().finish(), gathered(Gathering::PAGE_OCTETS / 4 * 3 - 1)), (0, 0));
        assert!(gathered(Gathering::PAGE_OCTETS) <= 1);
    }
}
