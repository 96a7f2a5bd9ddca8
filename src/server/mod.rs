//! The only place that starts threads and joins the floors: loads zones, publishes them, serves, reloads, stops.
//!
//! Does not know how anything is read, answered or carried; each floor below does its part.

mod checkzone;
mod cookies;
mod daemon;
mod descriptors;
mod load;
mod log;
mod priority;
mod tally;
mod upkeep;

pub use checkzone::{
    CheckzoneOutcome, DiffOptions, Differences, Expiry, LargestRrset, Nsec3Parameters, RunFailure, Source, Streams,
    ZoneStats, diff_zones, print_zone, run_check, zone_stats,
};
pub use daemon::{Failure, run};
pub use load::{LoadFailure, Loaded, load_zone, read_zone};
pub use upkeep::{Retired, Upkeep, UpkeepReport};
