//! PTR records in zones for addresses: reversed addresses in front, names of hosts behind.

use super::finding::Remark;
use super::hostname::octet_number;
use super::lint::Lint;
use super::survey::{Reverse, Survey, labels, record, target, whole};
use super::targets;
use crate::wire::Rtype;
use crate::zone::{Rrset, Tail};

/// Labels of in-addr.arpa and ip6.arpa.
const SUFFIX_LABELS: usize = 2;

/// Checks the PTR records of one name.
pub(super) fn check(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    let owner = rrset.node().owner();
    // Services are found by PTR too (RFC 6763 section 11), in every zone.
    let is_service = owner.as_name().labels().any(|label| label.starts_with(b"_"));
    let (Some(reverse), false) = (survey.reverse, is_service) else {
        rrset.records().for_each(|rdata| {
            targets::check_dot(rrset, rdata, target(Rtype::PTR, rdata), survey);
        });
        return;
    };
    for rdata in rrset.records() {
        let name = target(Rtype::PTR, rdata);
        if name.tail == Tail::Absolute {
            targets::check_spelling(rrset, rdata, name, survey);
        } else if !targets::check_dot(rrset, rdata, name, survey) {
            survey.report.add(Lint::ForgottenDot, || {
                let spelled = survey.zone.spell(name, rrset.node());
                Remark::new(
                    record(rrset, rdata),
                    format!("{spelled} is in the zone for addresses: no host is named so"),
                )
                .help("end the host's name with a dot")
            });
        }
    }
    let address = owner.as_name().label_count() - SUFFIX_LABELS;
    let front = || owner.as_name().labels().take(address);
    let (is_fine, expected) = match reverse {
        // RFC 2317 section 4: more labels where parts of a network have zones of their own, with a name that is no octet.
        Reverse::Ipv4 if address > 4 => {
            (front().any(|label| octet_number(label).is_none()), "four numbers from 0 to 255")
        }
        Reverse::Ipv4 => {
            (address == 4 && front().all(|label| octet_number(label).is_some()), "four numbers from 0 to 255")
        }
        Reverse::Ipv6 => {
            let is_digit = |label: &[u8]| label.len() == 1 && label[0].is_ascii_hexdigit();
            (address == 32 && front().all(is_digit), "32 hexadecimal digits, each a label")
        }
    };
    // A wildcard stands for addresses of its network.
    if !is_fine && labels(rrset.node().labels()).next() != Some(b"*") {
        survey.report.add(Lint::ReverseOwner, || {
            let message = format!("{address} labels in front of the suffix do not make an address");
            Remark::new(whole(rrset), message).help(format!("an address is {expected}, the last one first"))
        });
    }
}
