//! What is done with a zone beside judging it: printed, compared, counted.
//!
//! Does not know how that is done, only what was ordered and where it goes.

use std::io::Write;
use std::path::Path;

use super::diff::{DiffOptions, Differences, diff_zones};
use super::json_extras;
use super::output::Output;
use super::print::print_zone;
use super::run::RunFailure;
use super::source::Source;
use super::stats::{ZoneStats, zone_stats};
use crate::config::{CheckOrder, DiffIgnore};
use crate::server::load::read_zone;
use crate::wire::{Name, SuffixHasher};
use crate::zone::Zone;
use crate::zonefile::shown_path;

/// What there is to tell of a zone beside the verdict.
#[derive(Default)]
pub(super) struct Extras {
    pub(super) differences: Option<Differences>,
    pub(super) stats: Option<ZoneStats>,
}

/// Compares and counts, as ordered. The records that differ go to `out`.
pub(super) fn survey(order: &CheckOrder, zone: &Zone, out: &mut dyn Write) -> Result<Extras, RunFailure> {
    let mut extras = Extras::default();
    if let Some(path) = &order.diff {
        let other = read_other(path, zone.apex(), order.jobs)?;
        let options = DiffOptions {
            ignore_serial: order.diff_ignore.contains(&DiffIgnore::Serial),
            ignore_dnssec: order.diff_ignore.contains(&DiffIgnore::Dnssec),
        };
        extras.differences = Some(match order.json {
            true => json_extras::write_differences(&other, zone, options, out)?,
            false => diff_zones(&other, zone, options, out)?,
        });
    }
    if order.stats {
        extras.stats = Some(zone_stats(zone));
    }
    Ok(extras)
}

/// The zone to compare with.
fn read_other(path: &Path, apex: Name<'_>, jobs: usize) -> Result<Zone, RunFailure> {
    let unusable = |cause: String| RunFailure::Other(format!("--diff {}: {cause}", shown_path(path)));
    let mut source = Source::open(path).map_err(|cause| unusable(cause.to_string()))?;
    let reader = source.read(apex).map_err(|cause| unusable(cause.to_string()))?;
    let loaded = read_zone(apex, reader, &SuffixHasher::new(0), jobs);
    Ok(loaded.map_err(|failure| unusable(failure.to_string()))?.zone)
}

/// Writes the zone, if ordered, to `out` or to a file.
pub(super) fn print(order: &CheckOrder, zone: &Zone, out: &mut dyn Write) -> Result<(), RunFailure> {
    match (order.print, &order.output) {
        (None, _) => Ok(()),
        (Some(form), None) => Ok(print_zone(zone, form, out)?),
        (Some(form), Some(path)) => {
            let write = || {
                let mut output = Output::create(path)?;
                print_zone(zone, form, &mut output)?;
                output.finish()
            };
            write().map_err(|cause| RunFailure::Unusable(path.clone(), cause))
        }
    }
}
