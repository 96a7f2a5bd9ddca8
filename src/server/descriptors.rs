//! File descriptors: raises the limit of the process to what the configuration may need.
//!
//! Does not know what they are used for: it is told how many.

use std::io;

use libc::{RLIMIT_NOFILE, rlim_t, rlimit};
use tracing::{debug, warn};

/// Sees to it that `needed` descriptors may be open, as far as the system lets us; says in one line where it does not.
///
/// Many systems let a process have 1,024 and allow it to ask for more: the soft and the hard limit of setrlimit(2).
pub(super) fn provide(needed: usize) {
    let needed = rlim_t::try_from(needed).unwrap_or(rlim_t::MAX);
    let limit = match limit() {
        Ok(limit) => limit,
        Err(cause) => return debug!("cannot tell how many files may be open: {cause}"),
    };
    if limit.rlim_cur >= needed {
        return;
    }
    if let Err(cause) = set_limit(rlimit { rlim_cur: limit.rlim_max, ..limit }) {
        return warn!("{} files may be open, {needed} may be needed, and the limit stays: {cause}", limit.rlim_cur);
    }
    if limit.rlim_max < needed {
        warn!(
            "{} files may be open, {needed} may be needed: raise the hard limit (LimitNOFILE= of systemd) or lower \
             `connections` in [tcp]",
            limit.rlim_max
        );
    } else {
        debug!("{} files may be open now, {} before", limit.rlim_max, limit.rlim_cur);
    }
}

fn limit() -> io::Result<rlimit> {
    let mut limit = rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the kernel writes one `rlimit`.
    let result = unsafe { libc::getrlimit(RLIMIT_NOFILE, &raw mut limit) };
    if result == 0 { Ok(limit) } else { Err(io::Error::last_os_error()) }
}

fn set_limit(limit: rlimit) -> io::Result<()> {
    // SAFETY: the kernel reads one `rlimit`.
    let result = unsafe { libc::setrlimit(RLIMIT_NOFILE, &raw const limit) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
