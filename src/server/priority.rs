//! How much of the processor a thread gets where others want it too.
//!
//! Does not know what the threads do.

use tracing::debug;

/// How much nicer threads are that load zones while others serve: beside one that serves they get a tenth of a core, as
/// the scheduler weighs ten steps (110 to 1,024), and all of a core that is idle.
const STEPS: libc::c_int = 10;

/// Makes the calling thread, and all that it starts from now on, give way to those that serve.
pub(super) fn give_way() {
    let niceness = niceness() + STEPS;
    // SAFETY: takes numbers alone. On Linux niceness belongs to a thread, and 0 is the calling one.
    if unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, niceness) } != 0 {
        debug!("zones are loaded at the priority of those that serve: {}", std::io::Error::last_os_error());
    }
}

/// That of the calling thread.
fn niceness() -> libc::c_int {
    // SAFETY: takes numbers alone.
    unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gives_way_does_so_with_all_it_starts_and_nobody_else_does() {
        let before = niceness();
        let gave_way = std::thread::spawn(|| {
            give_way();
            (niceness(), std::thread::spawn(niceness).join().expect("no panic"))
        });
        let nicer = (before + STEPS).min(19); // the kernel has no nicer
        assert_eq!(gave_way.join().expect("no panic"), (nicer, nicer));
        assert_eq!(niceness(), before);
    }
}
