//! The log: lines on standard error, with their level.
//!
//! Does not know what is logged.

use std::io::{self, IsTerminal};

use tracing::level_filters::LevelFilter;

use crate::config::LogLevel;

/// Starts logging. A second call in one process changes nothing.
pub(super) fn start(level: LogLevel) {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let lines = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        .with_ansi(io::stderr().is_terminal())
        // Told on standard error, which panics where that is what failed: a full disk would end the server.
        .log_internal_errors(false)
        .with_writer(io::stderr);
    // The journal stamps each line itself.
    let started =
        if std::env::var_os("JOURNAL_STREAM").is_some() { lines.without_time().try_init() } else { lines.try_init() };
    drop(started); // an error says that a log was started before
}
