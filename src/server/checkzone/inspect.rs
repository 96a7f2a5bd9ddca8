//! One zone from its source to a verdict.
//!
//! Does not know how a verdict is shown, nor what other zones there are.

use std::path::Path;
use std::time::SystemTime;

use super::place::place;
use super::progress::Terminal;
use super::signatures::check_signatures;
use super::source::Source;
use super::verdict::{State, Verdict};
use crate::check::{self, Report};
use crate::config::{CheckOrder, DnssecMode, Previous, ZoneName};
use crate::dnssec;
use crate::server::load::{LoadFailure, Loaded, read_zone};
use crate::wire::{Name, Rtype, SuffixHasher};
use crate::zone::Zone;
use crate::zonefile::shown_path;

/// What is the same for all zones that are checked in one run.
pub(super) struct Inspector<'o> {
    order: &'o CheckOrder,
    options: check::Options,
    /// The time to judge by, in seconds since 1970.
    now: u64,
    hasher: SuffixHasher,
}

/// A zone that was looked at.
pub(super) struct Inspection {
    pub(super) verdict: Verdict,
    /// The zone, if it can be served.
    pub(super) zone: Option<Zone>,
}

impl<'o> Inspector<'o> {
    /// With the serial of the version that is served now, if it is known.
    pub(super) fn new(order: &'o CheckOrder, previous_serial: Option<u32>) -> Self {
        let now = order.at.map_or_else(clock, |moment| moment.0);
        let options =
            check::Options { levels: order.levels.clone(), previous_serial, now: Some(now), ttl_max: order.ttl_max };
        // Nobody sends queries here, so no seed needs to be secret.
        Self { order, options, now, hasher: SuffixHasher::new(0) }
    }

    /// Reads a zone and judges it, with so many threads; `terminal` shows how far long work is.
    pub(super) fn inspect(&self, name: &ZoneName, file: &Path, jobs: usize, terminal: Option<Terminal>) -> Inspection {
        let unreadable =
            |reason: String| Inspection { verdict: Verdict::of_unreadable(name, file, reason), zone: None };
        let mut source = match Source::open(file) {
            Ok(source) => source,
            Err(error) => return unreadable(error.to_string()),
        };
        let apex = name.as_name();
        let loaded =
            source.read(apex).map_err(LoadFailure::Open).and_then(|reader| read_zone(apex, reader, &self.hasher, jobs));
        let (report, zone) = match loaded {
            Err(LoadFailure::Open(error)) => return unreadable(error.to_string()),
            Err(LoadFailure::File(errors)) => {
                return Inspection { verdict: Verdict::of_errors(name, file, &errors), zone: None };
            }
            Err(LoadFailure::Zone(sealed)) => {
                let mut report = Report::new(self.options.levels.clone());
                report.take_sealed(&sealed);
                (report, None)
            }
            Ok(Loaded { zone, warnings, .. }) => {
                let mut report = check::examine(&zone, &warnings, &self.options);
                self.check_signatures(&zone, jobs, terminal, &mut report);
                (report, Some(zone))
            }
        };
        let state = match &zone {
            Some(zone) => State::Servable { serial: zone.serial(), records: zone.records() },
            None => State::Unservable,
        };
        let places = if report.findings().is_empty() || self.order.quiet {
            Vec::new()
        } else {
            source.reread(apex).map(|reader| place(report.findings(), reader)).unwrap_or_default()
        };
        Inspection { verdict: Verdict::of_report(name, file, state, &report, places), zone }
    }

    fn check_signatures(&self, zone: &Zone, jobs: usize, terminal: Option<Terminal>, report: &mut Report) {
        match self.order.dnssec {
            DnssecMode::Off => return,
            DnssecMode::Auto if !check::may_be_signed(zone) => return,
            DnssecMode::Auto => {}
            DnssecMode::On => report.take_unsigned(zone),
        }
        let options = dnssec::Options { time: self.now, warn_before: self.order.warn_before };
        report.take_faults(&check_signatures(zone, &options, jobs, terminal));
    }
}

/// Seconds since 1970.
fn clock() -> u64 {
    // A clock before 1970 is no clock.
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The serial of the version that is served now.
///
/// # Errors
/// Why its file tells none, in one line.
pub(super) fn previous_serial(previous: &Previous, apex: Name<'_>) -> Result<u32, String> {
    let file = match previous {
        Previous::Serial(serial) => return Ok(*serial),
        Previous::File(file) => file,
    };
    let failure = |reason: &dyn std::fmt::Display| format!("--previous {}: {reason}", shown_path(file));
    let mut source = Source::open(file).map_err(|error| failure(&error))?;
    let mut reader = source.read(apex).map_err(|error| failure(&error))?;
    loop {
        match reader.next() {
            Some(Ok((record, _))) if record.rtype == Rtype::SOA && record.owner.eq_ignore_case(apex) => {
                // Five numbers of four octets end it (RFC 1035 section 3.3.13), the serial first.
                let numbers = record.rdata.last_chunk::<20>().and_then(|numbers| numbers.first_chunk().copied());
                return numbers.map(u32::from_be_bytes).ok_or_else(|| failure(&"its SOA has no serial"));
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(failure(&error)),
            None => return Err(failure(&format!("it has no SOA of {apex}"))),
        }
    }
}
