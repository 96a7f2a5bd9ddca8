//! Ends the bench in order when it is told to stop, so that no server outlives it.
//!
//! Servers fork, and a child of a killed parent would be left running with all its memory.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

extern "C" fn note(_signal: libc::c_int) {
    INTERRUPTED.store(true, Ordering::Relaxed);
}

/// Makes SIGINT and SIGTERM fail the next `check` instead of killing the process.
pub(crate) fn listen() {
    for signal in [libc::SIGINT, libc::SIGTERM] {
        let handler: extern "C" fn(libc::c_int) = note;
        // SAFETY: the handler stores to an atomic and does nothing else, which is allowed in a signal handler.
        unsafe { libc::signal(signal, handler as libc::sighandler_t) };
    }
}

/// An error once the process has been told to stop.
pub(crate) fn check() -> io::Result<()> {
    match INTERRUPTED.load(Ordering::Relaxed) {
        true => Err(io::Error::other("interrupted")),
        false => Ok(()),
    }
}
