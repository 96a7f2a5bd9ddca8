//! The hosts that records name: whether they have addresses, and whether their names are as they should be.
//!
//! Does not know zone cuts but as the place where others answer: name servers are judged by `servers`.

use super::finding::Remark;
use super::hostname::{HostSlip, host_slip, is_ipv4};
use super::lint::Lint;
use super::survey::{Survey, is_root, labels, record, target, whole};
use crate::wire::Rtype;
use crate::zone::{Node, Outcome, Rrset, StoredName, Tail};

/// What a zone says of a host that one of its records names.
#[derive(Debug, Clone, Copy)]
pub(super) enum Host<'z> {
    /// It is in another zone.
    Elsewhere,
    /// It is at or below this zone cut.
    Delegated(Node<'z>),
    /// This node has its addresses.
    Reachable(Node<'z>),
    /// It is an alias by a record of this type.
    Alias(Rrset<'z>),
    /// It exists and has no address.
    NoAddress,
    /// It does not exist.
    Missing,
}

/// Finds the host; it is then the name that the finder looked for last.
pub(super) fn host<'z>(name: StoredName<'_>, node: Node<'_>, survey: &mut Survey<'z>) -> Host<'z> {
    match survey.finder.look_up(name, node, Rtype::A) {
        None => Host::Elsewhere,
        Some(Outcome::Referral(cut)) => Host::Delegated(cut),
        Some(Outcome::Answer(rrset)) => Host::Reachable(rrset.node()),
        Some(Outcome::Cname(rrset) | Outcome::Dname(rrset)) => Host::Alias(rrset),
        Some(Outcome::NoData(node)) if node.rrset(Rtype::AAAA).is_some() => Host::Reachable(node),
        Some(Outcome::NoData(_) | Outcome::Signatures(_)) => Host::NoAddress,
        Some(Outcome::NxDomain(_)) => Host::Missing,
    }
}

/// Checks records that name one host each.
pub(super) fn check(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    let mut nulls = 0;
    for rdata in rrset.records() {
        let name = target(rrset.rtype, rdata);
        if is_root(name, survey.zone) {
            nulls += 1;
            continue;
        }
        if check_spelling(rrset, rdata, name, survey) {
            continue;
        }
        let found = host(name, rrset.node(), survey);
        check_host(rrset, rdata, name, found, survey);
    }
    if nulls > 0 && rrset.record_count() > nulls && matches!(rrset.rtype, Rtype::MX | Rtype::SRV) {
        survey.report.add(Lint::NullTargetNotAlone, || {
            let message = format!("one {0} record says that there is no service, others say where it is", rrset.rtype);
            Remark::new(whole(rrset), message).help("remove the one whose target is `.`, or all others")
        });
    }
}

/// Tells a host without an address, or one that is an alias.
pub(super) fn check_host(
    rrset: Rrset<'_>,
    rdata: &[u8],
    name: StoredName<'_>,
    found: Host<'_>,
    survey: &mut Survey<'_>,
) {
    let (finder, report) = (&survey.finder, &mut survey.report);
    match found {
        Host::Elsewhere | Host::Delegated(_) | Host::Reachable(_) => {}
        Host::Alias(alias) => report.add(Lint::AliasAsTarget, || {
            let message = format!("the target {} is an alias by a {} record", finder.name(), alias.rtype);
            Remark::new(record(rrset, rdata), message)
                .help(format!("name the host that the alias leads to: {} targets are no aliases", rrset.rtype))
        }),
        Host::NoAddress => report.add(Lint::MissingAddress, || {
            Remark::new(record(rrset, rdata), format!("the target {} has no address", finder.name()))
                .help("give it an A or AAAA record")
        }),
        Host::Missing => {
            if let Some(meant) = without_apex(name, rrset.node()) {
                return report.add(Lint::ForgottenDot, || {
                    let message = format!("the target {} does not exist", finder.name());
                    Remark::new(record(rrset, rdata), message).help(format!("write `{meant}` if that is meant"))
                });
            }
            report.add(Lint::MissingAddress, || {
                Remark::new(record(rrset, rdata), format!("the target {} does not exist", finder.name()))
                    .help("give it an A or AAAA record, or name another host")
            });
        }
    }
}

/// Judges a target by its letters alone. Returns whether there is nothing to look for.
pub(super) fn check_spelling(rrset: Rrset<'_>, rdata: &[u8], name: StoredName<'_>, survey: &mut Survey<'_>) -> bool {
    if check_dot(rrset, rdata, name, survey) {
        return true;
    }
    let spelled = || survey.zone.spell(name, rrset.node());
    if is_ipv4(name.labels) {
        survey.report.add(Lint::AddressAsTarget, || {
            Remark::new(record(rrset, rdata), format!("the target {} is written as an address", spelled()))
                .note(format!("{} takes a name; one of numbers alone has no address", rrset.rtype))
                .help("give the host a name with an A record, and write that name")
        });
        return true;
    }
    if let Some(slip) = host_slip(name.labels) {
        let lint = if slip == HostSlip::Underscore { Lint::UnderscoreHost } else { Lint::NotAHostname };
        survey.report.add(lint, || {
            Remark::new(record(rrset, rdata), format!("the target {} is no host name: {slip}", spelled()))
                .help("host names have letters, digits and hyphens inside: rename the host")
        });
    }
    false
}

/// Tells a name that ends in the apex twice, and returns whether it does.
pub(super) fn check_dot(rrset: Rrset<'_>, rdata: &[u8], name: StoredName<'_>, survey: &mut Survey<'_>) -> bool {
    let forgotten = name.tail != Tail::Absolute && survey.repeats_apex(name.labels);
    if forgotten {
        survey.report.add(Lint::ForgottenDot, || {
            let spelled = survey.zone.spell(name, rrset.node());
            Remark::new(record(rrset, rdata), format!("{spelled} ends in the zone's name twice"))
                .help(format!("write `{}` with its final dot", dotted(name.labels)))
        });
    }
    forgotten
}

/// What was meant by a name that does not exist here but looks like one of another domain: `mail.example.net` in
/// example.com, without its final dot.
pub(super) fn without_apex(name: StoredName<'_>, node: Node<'_>) -> Option<String> {
    /// Domains that nobody would expect within a zone.
    const COMMON: [&[u8]; 8] = [b"com", b"net", b"org", b"edu", b"gov", b"info", b"arpa", b"local"];
    let is_relative = name.tail == Tail::Apex || (name.tail == Tail::Owner && node.labels().is_empty());
    if !is_relative || labels(name.labels).count() < 2 {
        return None;
    }
    let last = labels(name.labels).last()?;
    COMMON.iter().any(|common| last.eq_ignore_ascii_case(common)).then(|| dotted(name.labels))
}

/// These labels as an absolute name.
fn dotted(labels: &[u8]) -> String {
    let wire = [labels, &[0]].concat();
    crate::wire::Name::from_wire(&wire).map(|name| name.to_string()).unwrap_or_default()
}
