//! The work of `gannet-checkzone`: one zone file, what is wrong with it, and what it holds.
//!
//! Does not know the terminal: it is handed where to write.

mod diff;
mod print;
mod source;
mod stats;

use std::fmt::Write as _;
use std::io::{self, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use super::load::{LoadFailure, Loaded, load_zone, read_zone};
use crate::config::CheckzoneArgs;
use crate::wire::{Name, SuffixHasher};
use crate::zone::{Findings, Level};
use crate::zonefile::Reader;

pub use diff::{DiffOptions, Differences, diff_zones};
pub use print::{PrintForm, print_zone};
pub use source::Source;
pub use stats::{Expiry, LargestRrset, Nsec3Parameters, ZoneStats, zone_stats};

/// Whether the zone can be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckzoneOutcome {
    /// It can.
    Good,
    /// It cannot.
    Bad,
}

/// Checks the zone of `args` and tells `out` what was found, in colour if asked.
///
/// # Errors
/// What `out` says if it takes no more.
pub fn check_zone(args: &CheckzoneArgs, out: &mut dyn Write, color: bool) -> io::Result<CheckzoneOutcome> {
    let apex = args.origin.as_name();
    // Nobody sends queries here, so no seed needs to be secret.
    let hasher = SuffixHasher::new(0);
    let result = if args.file == Path::new("-") {
        let reader = Reader::new(io::stdin().lock(), "<stdin>", apex).include_from("");
        read_zone(apex, reader, &hasher)
    } else if std::fs::metadata(&args.file).is_ok_and(|file| file.file_type().is_fifo()) {
        // What a shell writes as `<(command)`; who waits for it can interrupt.
        Reader::open(&args.file, apex).map_err(LoadFailure::Open).and_then(|reader| read_zone(apex, reader, &hasher))
    } else {
        load_zone(apex, &args.file, &hasher)
    };
    let (text, outcome) = match result {
        Ok(loaded) => (praise(apex, &loaded), CheckzoneOutcome::Good),
        Err(failure) => (complain(args, &failure, color), CheckzoneOutcome::Bad),
    };
    if !args.quiet {
        out.write_all(text.as_bytes())?;
        out.flush()?;
    }
    Ok(outcome)
}

fn praise(apex: Name<'_>, loaded: &Loaded) -> String {
    let Loaded { zone, warnings } = loaded;
    let mut text = findings(warnings, Level::Warning);
    let _ = writeln!(text, "{apex}: the zone is good: serial {}, {} records", zone.serial(), zone.records());
    text
}

fn complain(args: &CheckzoneArgs, failure: &LoadFailure, color: bool) -> String {
    let apex = args.origin.as_name();
    let mut text = String::new();
    let summary = match failure {
        LoadFailure::Open(cause) => format!("{}: {cause}", args.file.display()),
        LoadFailure::File(errors) => {
            errors.shown().iter().for_each(|error| text += &format!("{}\n\n", error.render(color)));
            errors.summary()
        }
        LoadFailure::Zone(found) => {
            text += &findings(found, Level::Error);
            text += &findings(found, Level::Warning);
            let count = found.count(Level::Error);
            format!("{count} {}", if count == 1 { "error" } else { "errors" })
        }
    };
    let _ = writeln!(text, "{apex}: the zone cannot be served: {summary}");
    text
}

/// The findings of one level, one line each.
fn findings(found: &Findings, level: Level) -> String {
    let word = if level == Level::Error { "error" } else { "warning" };
    let mut text = String::new();
    let mut shown = 0;
    for finding in found.iter().filter(|finding| finding.problem.level() == level) {
        let _ = writeln!(text, "{word}: {finding}");
        shown += 1;
    }
    let unseen = found.count(level) - shown;
    if unseen > 0 {
        let _ = writeln!(text, "{word}: and {unseen} more");
    }
    text
}
