//! The processor cores this process may run on, and tying a thread to one.

use std::io;
use std::mem::{size_of, zeroed};

/// The numbers of the cores we may run on, ascending; never empty.
pub(super) fn available() -> Vec<usize> {
    // SAFETY: all zeroes is an empty set; the kernel writes at most the size it is told.
    let (result, set) = unsafe {
        let mut set: libc::cpu_set_t = zeroed();
        (libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &raw mut set), set)
    };
    // SAFETY: only numbers below `CPU_SETSIZE`, the number of bits in the set, are asked for.
    let is_set = |core: &usize| unsafe { libc::CPU_ISSET(*core, &set) };
    let cores: Vec<usize> =
        if result == 0 { (0..libc::CPU_SETSIZE as usize).filter(is_set).collect() } else { Vec::new() };
    if cores.is_empty() { vec![0] } else { cores }
}

/// Ties the calling thread to `core`.
pub(super) fn pin(core: usize) -> io::Result<()> {
    if core >= libc::CPU_SETSIZE as usize {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: all zeroes is an empty set; `core` is one of its bits; the kernel only reads it.
    let result = unsafe {
        let mut set: libc::cpu_set_t = zeroed();
        libc::CPU_SET(core, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_pinned_to_a_core_may_run_there_alone() {
        let last = *available().last().expect("a core");
        let seen = std::thread::spawn(move || pin(last).map(|()| available())).join().expect("no panic");
        assert_eq!(seen.expect("a set of cores"), vec![last]);
        assert!(pin(usize::MAX).is_err());
    }
}
