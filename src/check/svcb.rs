//! SVCB and HTTPS records: where services are, and what is said of them beforehand (RFC 9460).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::finding::Remark;
use super::lint::Lint;
use super::survey::{Survey, is_root, record, target, whole};
use super::targets::{self, Host};
use crate::base::limits::CHAIN_STEPS_MAX;
use crate::wire::Rtype;
use crate::zone::{Node, Outcome, Rrset, StoredName};

const IPV4HINT: u16 = 4;
const IPV6HINT: u16 = 6;

/// Checks the records of one name.
pub(super) fn check(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    let is_alias = |rdata: &[u8]| rdata.starts_with(&[0, 0]);
    let aliases = rrset.records().filter(|rdata| is_alias(rdata)).count();
    if aliases > 0 && aliases < rrset.record_count() {
        survey.report.add(Lint::SvcbMixedModes, || {
            Remark::new(whole(rrset), "records of priority 0 (AliasMode) beside others (ServiceMode)")
                .note("where one is in AliasMode clients pass the others over")
                .help("keep those of one mode")
        });
    }
    for rdata in rrset.records() {
        let name = target(rrset.rtype, rdata);
        if is_alias(rdata) {
            if parameters(rdata).next().is_some() {
                survey.report.add(Lint::SvcbMixedModes, || {
                    Remark::new(record(rrset, rdata), "parameters in AliasMode: clients pass them over")
                        .help("give it a priority from 1 up, or remove the parameters")
                });
            }
            // RFC 9460 section 2.5.1: `.` says that there is no such service.
            if !is_root(name, survey.zone) && !targets::check_dot(rrset, rdata, name, survey) {
                check_target(rrset, rdata, name, true, survey);
            }
        } else if is_root(name, survey.zone) {
            check_own(rrset, rdata, survey);
        } else if !targets::check_dot(rrset, rdata, name, survey) {
            check_target(rrset, rdata, name, false, survey);
        }
    }
}

/// Checks a record whose target is its owner.
fn check_own(rrset: Rrset<'_>, rdata: &[u8], survey: &mut Survey<'_>) {
    let node = rrset.node();
    if [Rtype::A, Rtype::AAAA].iter().any(|&rtype| node.rrset(rtype).is_some()) {
        check_hints(rrset, rdata, node, survey);
        return;
    }
    survey.report.add(Lint::MissingAddress, || {
        Remark::new(record(rrset, rdata), "the target is the name itself, which has no address")
            .help("give it an A or AAAA record, or name the host that serves it")
    });
}

/// Checks a record that names another host; aliases may stand in between (RFC 9460 section 3).
fn check_target(rrset: Rrset<'_>, rdata: &[u8], name: StoredName<'_>, is_alias: bool, survey: &mut Survey<'_>) {
    let mut found = targets::host(name, rrset.node(), survey);
    for _ in 0..CHAIN_STEPS_MAX {
        let Host::Alias(alias) = found else { break };
        let Some(next) = alias.records().next().filter(|_| alias.rtype == Rtype::CNAME) else { return };
        found = targets::host(target(Rtype::CNAME, next), alias.node(), survey);
    }
    match found {
        Host::Reachable(node) => check_hints(rrset, rdata, node, survey),
        // An alias may lead to records of its own type.
        Host::NoAddress if is_alias && leads_on(rrset, name, survey) => {}
        Host::NoAddress | Host::Missing => targets::check_host(rrset, rdata, name, found, survey),
        Host::Elsewhere | Host::Delegated(_) | Host::Alias(_) => {}
    }
}

fn leads_on(rrset: Rrset<'_>, name: StoredName<'_>, survey: &mut Survey<'_>) -> bool {
    matches!(survey.finder.look_up(name, rrset.node(), rrset.rtype), Some(Outcome::Answer(_) | Outcome::Cname(_)))
}

/// Compares the hints with the addresses of the host.
fn check_hints(rrset: Rrset<'_>, rdata: &[u8], host: Node<'_>, survey: &mut Survey<'_>) {
    for (key, value) in parameters(rdata) {
        let (rtype, octets) = match key {
            IPV4HINT => (Rtype::A, 4),
            IPV6HINT => (Rtype::AAAA, 16),
            _ => continue,
        };
        let addresses = || host.rrset(rtype).map(Rrset::records).into_iter().flatten();
        let strange = value.chunks_exact(octets).find(|hint| !addresses().any(|address| address == *hint));
        if let Some(hint) = strange {
            survey.report.add(Lint::SvcbHints, || {
                let hint = match (hint.first_chunk::<4>(), hint.first_chunk::<16>()) {
                    (_, Some(&hint)) => Ipv6Addr::from(hint).to_string(),
                    (Some(&hint), None) => Ipv4Addr::from(hint).to_string(),
                    _ => String::new(),
                };
                let message = format!("the hint {hint} is no {rtype} record of {}", host.owner());
                Remark::new(record(rrset, rdata), message)
                    .note("clients may connect to hints before they know better")
                    .help("write the hints as the addresses are, or leave them off")
            });
        }
    }
}

/// Keys and values, ascending by key.
fn parameters(rdata: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let (_, mut rest) = StoredName::split_from(&rdata[2..]);
    std::iter::from_fn(move || {
        let (&[high, low, long, short], tail) = rest.split_first_chunk()?;
        let (value, tail) = tail.split_at_checked(usize::from(u16::from_be_bytes([long, short])))?;
        rest = tail;
        Some((u16::from_be_bytes([high, low]), value))
    })
}
