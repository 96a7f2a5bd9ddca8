//! An allocator that counts for each thread what it asks for, so that tests beside each other do not disturb the count.
//!
//! Whoever declares this module has it as its program's allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

struct CountingAllocator;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static OCTETS_HELD: Cell<i64> = const { Cell::new(0) };
}

static OCTETS_HELD_BY_ALL: AtomicI64 = AtomicI64::new(0);

fn count_one() {
    // While a thread ends its count may be gone already; nobody reads it then.
    let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
}

fn count_octets(fresh: usize, freed: usize) {
    let change = fresh as i64 - freed as i64;
    let _ = OCTETS_HELD.try_with(|held| held.set(held.get() + change));
    OCTETS_HELD_BY_ALL.fetch_add(change, Relaxed);
}

// SAFETY: every call is handed on to the system's allocator as it came; counting neither allocates nor panics.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count_one();
        count_octets(layout.size(), 0);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count_one();
        count_octets(layout.size(), 0);
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count_one();
        count_octets(size, layout.size());
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count_octets(0, layout.size());
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// How many allocations this thread has made.
pub fn allocations() -> u64 {
    ALLOCATIONS.get()
}

/// Octets that this thread has allocated, less those that it has freed.
pub fn octets_held() -> i64 {
    OCTETS_HELD.get()
}

/// The same of all threads together, for a test that has its process to itself.
pub fn octets_held_by_all() -> i64 {
    OCTETS_HELD_BY_ALL.load(Relaxed)
}

/// How many it makes in `work`.
pub fn allocations_in(work: impl FnOnce()) -> u64 {
    let before = allocations();
    work();
    allocations() - before
}
