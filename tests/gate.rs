//! Admission takes no memory beyond the table that the gate starts with.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gannet::gate::{Admission, Gate, GateConfig, Keeper};

/// The system's allocator, which counts what the calling thread asks of it.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: passes every call on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn admission_does_not_allocate() {
    let exempt = vec!["198.51.100.0/24".parse().expect("a prefix")];
    let config = GateConfig { client_qps: 3, server_qps: 50_000, exempt, ..GateConfig::default() };
    let start = Instant::now();
    let mut keeper = Keeper::new(Arc::new(Gate::new(&config, start)));
    let before = ALLOCATIONS.with(Cell::get);
    assert!(before > 0, "the gate itself was counted");
    let mut seen = [0; 3];
    for i in 0..100_000_u32 {
        let client: IpAddr = Ipv4Addr::from_bits(0xc633_6400 ^ (i % 30_000)).into();
        match keeper.admit(client, start + Duration::from_micros(u64::from(i))) {
            Admission::Pass => seen[0] += 1,
            Admission::Slip(_) => seen[1] += 1,
            Admission::Drop(_) => seen[2] += 1,
        }
    }
    assert_eq!(ALLOCATIONS.with(Cell::get) - before, 0);
    assert!(seen.iter().all(|&count| count > 0), "{seen:?}");
}
