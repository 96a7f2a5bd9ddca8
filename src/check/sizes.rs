//! Sizes and times that are out of the usual.

use super::finding::{Remark, Report, Subject};
use super::lint::Lint;
use super::survey::{Survey, whole};
use crate::base::limits::{HEADER_OCTETS, UDP_OCTETS_DEFAULT};
use crate::zone::Rrset;

/// Seconds that common caches keep a record at most.
const WEEK: u32 = 7 * 86_400;

/// Octets of a record in an answer beside its rdata: the owner as a pointer, type, class, TTL and length.
const RECORD_OCTETS: usize = 12;

/// Checks one RRset; its TTL is long if it is over `ttl_max`, or over a week.
#[inline]
pub(super) fn check(rrset: Rrset<'_>, ttl_max: Option<u32>, report: &mut Report) {
    if rrset.ttl == 0 {
        report.add(Lint::TtlZero, || {
            Remark::new(whole(rrset), "the TTL is 0: every question comes here")
                .help("a minute is short enough for failover")
        });
    } else if rrset.ttl > ttl_max.unwrap_or(WEEK) {
        report.add(Lint::TtlLong, || {
            let message = format!("the TTL is {} s, {} days", rrset.ttl, rrset.ttl / 86_400);
            let help = match ttl_max {
                Some(most) => format!("at most {most} s were asked for"),
                None => "a change takes as long to be seen, and most caches keep nothing longer than a week".to_owned(),
            };
            Remark::new(whole(rrset), message).help(help)
        });
    }
    let records = rrset.record_count() + rrset.signature_count();
    // Each rdata is stored with its length, which is among the octets of a record already.
    let octets = rrset.octets() + records * (RECORD_OCTETS - 2);
    if octets > UDP_OCTETS_DEFAULT - HEADER_OCTETS {
        report.add(Lint::LargeRrset, || {
            let question = rrset.node().owner().as_name().wire().len() + 4;
            let octets = HEADER_OCTETS + question + octets;
            let message = format!("an answer with these {records} {} records has about {octets} octets", rrset.rtype);
            Remark::new(whole(rrset), message)
                .note(format!("more than {UDP_OCTETS_DEFAULT} octets do not fit a datagram on every path: clients ask again by TCP"))
                .help("remove what is not needed, or give it names of its own")
        });
    }
}

/// Checks the zone as a whole.
pub(super) fn check_zone(survey: &mut Survey<'_>) {
    let apex = survey.zone.apex_node();
    if survey.zone.nodes().nth(1).is_none() && apex.rrsets().count() == 2 {
        survey.report.add(Lint::EmptyZone, || {
            Remark::new(Subject::name(survey.zone.apex()), "the zone holds nothing but its SOA and NS records")
                .help("was the rest of the file lost?")
        });
    }
}
