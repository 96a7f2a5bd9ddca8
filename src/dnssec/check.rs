//! Whether a zone is signed as it should be: the whole of it, in parts for as many threads as there are.
//!
//! Does not know threads or the clock. The way is: [`Check::new`] looks at the apex and the chains and cuts the work;
//! [`Check::run`] does one part, on any thread and in any order; [`Check::finish`] puts together what the parts found.
//!
//! ```text
//! new ──► parts ──► run(part) ──► outcome ──┐
//!                   run(part) ──► outcome ──┼─► finish ──► report
//!                   run(part) ──► outcome ──┘
//! ```

use std::sync::atomic::{AtomicU64, Ordering};

use super::delegation;
use super::fault::{Faults, Problem};
use super::keys::ZoneKeys;
use super::nsec::NsecPart;
use super::nsec3::{Chains, Nsec3Part};
use super::signatures::Signatures;
use super::stats::Stats;
use super::zonemd::Claims;
use crate::base::limits::CHECK_PART_NAMES;
use crate::wire::{Name, NameBuf, Rtype};
use crate::zone::{Order, Standing, Walk, Zone};

/// Under which circumstances a zone is checked.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The time at which signatures must be valid, in seconds since 1970.
    pub time: u64,
    /// Warn of signatures that expire within so many seconds.
    pub warn_before: u32,
}

/// The check of one zone.
#[derive(Debug)]
pub struct Check<'z> {
    zone: &'z Zone,
    apex: NameBuf,
    options: Options,
    keys: ZoneKeys,
    /// Whether the zone has, or should have, an NSEC chain.
    has_nsec: bool,
    chains: Chains<'z>,
    claims: Claims,
    /// What was found at the apex and in the chains.
    faults: Faults,
    names: u64,
    done: AtomicU64,
}

/// One part of the work.
#[derive(Debug)]
pub struct Part<'z>(Work<'z>);

#[derive(Debug)]
enum Work<'z> {
    /// The digest of the whole zone.
    Digest(Walk<'z>),
    /// The names of a walk; parts are counted in canonical order.
    Names(usize, Walk<'z>),
}

/// What one part found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The part's number; that of the digest comes first.
    number: usize,
    faults: Faults,
    stats: Stats,
    nsec: NsecPart,
    nsec3: Nsec3Part,
}

/// What was found in a zone.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What is wrong: what concerns the zone as a whole, then names in canonical order.
    pub faults: Faults,
    /// The signatures in numbers.
    pub stats: Stats,
}

/// Which records of DNSSEC a zone has, seen in one quick pass.
#[derive(Debug, Default)]
struct Census {
    nsec: bool,
    nsec3: bool,
    signatures: bool,
    names: u64,
}

impl<'z> Check<'z> {
    /// Looks at the apex and the NSEC3 chains, and cuts the work into parts, the longest first.
    ///
    /// A zone without a DNSKEY has nothing to check but its ZONEMD.
    pub fn new(order: &'z Order<'z>, options: &Options) -> (Self, Vec<Part<'z>>) {
        let zone = order.zone();
        let mut faults = Faults::default();
        let mut check = Self {
            zone,
            apex: zone.apex().to_buf(),
            options: *options,
            keys: ZoneKeys::default(),
            has_nsec: false,
            chains: Chains::default(),
            claims: Claims::default(),
            faults: Faults::default(),
            names: 0,
            done: AtomicU64::new(0),
        };
        let mut walk = order.walk();
        if let Some(apex) = walk.next() {
            check.keys = ZoneKeys::read(&apex, &mut faults);
            check.claims = Claims::read(&apex, zone.serial(), &mut faults);
            delegation::check(&apex, &check.keys, &mut faults);
        }
        check.read_chains(order, &mut faults);
        check.faults = faults;
        let digest = (!check.claims.is_empty()).then(|| Part(Work::Digest(order.walk())));
        let count = (check.names as usize).div_ceil(CHECK_PART_NAMES);
        let walks = if check.keys.is_empty() { Vec::new() } else { order.parts(count) };
        let names = walks.into_iter().enumerate().map(|(number, walk)| Part(Work::Names(number + 1, walk)));
        let parts = digest.into_iter().chain(names).collect();
        (check, parts)
    }

    fn read_chains(&mut self, order: &Order<'z>, faults: &mut Faults) {
        let is_signed = !self.keys.is_empty();
        if is_signed {
            self.chains = Chains::of(self.zone.apex_node(), faults);
        }
        let mut census = Census::default();
        for node in order.nodes() {
            census.names += 1;
            census.nsec = census.nsec || node.rrset(Rtype::NSEC).is_some();
            census.nsec3 = census.nsec3 || node.rrset(Rtype::NSEC3).is_some();
            census.signatures = census.signatures || node.rrsets().any(|rrset| rrset.signature_count() > 0);
            if is_signed && !self.chains.is_empty() {
                self.chains.take(node, self.zone.negative_ttl(), faults);
            }
        }
        let apex = self.apex.as_name();
        self.names = census.names;
        if !is_signed {
            if census.nsec || census.nsec3 || census.signatures {
                faults.add(apex, Rtype::DNSKEY, Problem::NoDnskey);
            }
            return;
        }
        let at_apex = self.zone.apex_node().rrset(Rtype::NSEC).is_some();
        self.has_nsec = at_apex || (census.nsec && self.chains.is_empty());
        if self.chains.is_empty() && census.nsec3 {
            faults.add(apex, Rtype::NSEC3PARAM, Problem::NoNsec3param);
        } else if self.chains.is_empty() && !self.has_nsec {
            faults.add(apex, Rtype::NSEC, Problem::NoDenial);
        }
        self.chains.check_links(apex, faults);
    }

    /// Does one part of the work.
    pub fn run(&self, part: Part<'_>) -> Outcome {
        let mut outcome = Outcome::default();
        match part.0 {
            Work::Digest(walk) => self.claims.check(walk, self.apex.as_name(), &mut outcome.faults),
            Work::Names(number, walk) => {
                outcome.number = number;
                self.run_names(walk, &mut outcome);
            }
        }
        outcome
    }

    fn run_names(&self, mut walk: Walk<'_>, outcome: &mut Outcome) {
        let mut signatures = Signatures::new(&self.keys, self.apex.as_name(), &self.options);
        let faults = &mut outcome.faults;
        while let Some(holding) = walk.next() {
            signatures.check(&holding, faults);
            if self.has_nsec {
                outcome.nsec.check(&holding, self.zone.negative_ttl(), faults);
            } else if holding.rrset(Rtype::NSEC).is_some() {
                faults.add(holding.owner, Rtype::NSEC, Problem::StrayNsec);
            }
            outcome.nsec3.check(&self.chains, &holding, faults);
            if !matches!(holding.standing, Standing::Glue | Standing::Occluded) {
                self.done.fetch_add(1, Ordering::Relaxed);
            }
        }
        outcome.stats = signatures.stats;
    }

    /// How many names are done, and how many there are: to be read by anyone at any time.
    pub fn progress(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.names)
    }

    /// Puts together what the parts found, which may come in any order. All must have been run.
    pub fn finish(mut self, mut outcomes: Vec<Outcome>) -> Report {
        outcomes.sort_by_key(|outcome| outcome.number);
        let apex: Name<'_> = self.apex.as_name();
        let (mut nsec, mut nsec3) = (NsecPart::default(), Nsec3Part::default());
        let mut report = Report { faults: std::mem::take(&mut self.faults), stats: Stats::default() };
        for outcome in outcomes {
            nsec.absorb(outcome.nsec, &mut report.faults);
            nsec3.absorb(outcome.nsec3, &mut report.faults);
            report.faults.absorb(outcome.faults);
            report.stats.absorb(&outcome.stats);
        }
        nsec.close(apex, &mut report.faults);
        self.chains.check_surplus(apex, &mut report.faults);
        report
    }
}

/// Checks a zone on the thread that asks.
pub fn check(zone: &Zone, options: &Options) -> Report {
    let order = zone.order();
    let (check, parts) = Check::new(&order, options);
    let outcomes = parts.into_iter().map(|part| check.run(part)).collect();
    check.finish(outcomes)
}
