//! The work of `gannet-checkzone`: zones read, judged and shown.
//!
//! Does not know the command line, which `config` reads, nor whether it writes to a terminal: it is told.
//!
//! One zone's way: its source is read and sealed, the lints look at it, and what they find is a [`Verdict`]. Findings
//! know owner, type and rdata, but no line; only if there are any the source is read a second time, and each finding
//! gets the place of its record. So a good zone costs no more than loading it. Then `text` or `json` shows the verdict.

mod deliver;
mod diff;
mod in_order;
mod inspect;
mod json;
mod json_extras;
mod output;
mod place;
mod print;
mod progress;
mod run;
mod signatures;
mod source;
mod stats;
mod text;
mod verdict;

pub use diff::{DiffOptions, Differences, diff_zones};
pub use print::print_zone;
pub use run::{CheckzoneOutcome, RunFailure, Streams, run_check};
pub use source::Source;
pub use stats::{Expiry, LargestRrset, Nsec3Parameters, ZoneStats, zone_stats};
