//! Owners: names that are not what their records need.

use super::finding::{Remark, Subject};
use super::held::Held;
use super::hostname::{HostSlip, host_slip};
use super::lint::Lint;
use super::survey::{Survey, labels, whole};
use crate::wire::Rtype;
use crate::zone::{Node, Rrset};

/// Judges a name by what it holds.
#[inline]
pub(super) fn check(node: Node<'_>, held: Held, survey: &mut Survey<'_>) {
    if held.is_empty() {
        return;
    }
    let own = node.labels();
    if survey.repeats_apex(own) {
        tell_dot(node, survey);
    }
    // A length octet may look like an asterisk, so this is a hint and no proof.
    if own.contains(&b'*')
        && labels(own).enumerate().any(|(at, label)| (at, label) != (0, b"*") && label.contains(&b'*'))
    {
        tell_asterisk(node, survey);
    } else if held.has(Held::ADDRESS.or(Held::MX).or(Held::NS)) {
        check_host(node, held, survey);
    }
    if held.has(Held::SERVICE) {
        node.rrsets().for_each(|rrset| check_service(rrset, survey));
    }
    if held.has(Held::OF_APEX) && !own.is_empty() {
        check_not_apex(node, survey);
    }
}

/// Whether hosts may have this name: a wildcard's asterisk may stand for one.
fn check_host(node: Node<'_>, held: Held, survey: &mut Survey<'_>) {
    // Of the apex all labels are looked at, of other names those in front of it.
    let own = if node.labels().is_empty() { survey.apex() } else { node.labels() };
    let Some(slip) = host_slip(own.strip_prefix(b"\x01*").unwrap_or(own)) else { return };
    let is_host = held.has(Held::ADDRESS.or(Held::MX));
    let is_fine = match slip {
        // Services are delegated, as `_acme-challenge` is; and Windows has its own names for its servers.
        HostSlip::Underscore => !is_host || labels(own).any(|label| label.eq_ignore_ascii_case(b"_msdcs")),
        // RFC 2317 section 4: networks smaller than an octet, such as 0/25.
        _ => !is_host && survey.reverse.is_some(),
    };
    if is_fine {
        return;
    }
    let lint = if slip == HostSlip::Underscore { Lint::UnderscoreHost } else { Lint::NotAHostname };
    survey.report.add(lint, || {
        let of_host = |rrset: &Rrset<'_>| matches!(rrset.rtype, Rtype::A | Rtype::AAAA | Rtype::MX | Rtype::NS);
        let subject = node.rrsets().find(of_host).map_or_else(|| Subject::name(node.owner().as_name()), whole);
        let message = match is_host {
            true => format!("a host's name that is no host name: {slip}"),
            false => format!("a zone is delegated whose name is no host name: {slip}"),
        };
        Remark::new(subject, message).help("host names have letters, digits and hyphens inside, no other octets")
    });
}

fn tell_dot(node: Node<'_>, survey: &mut Survey<'_>) {
    survey.report.add(Lint::ForgottenDot, || {
        let owner = node.owner();
        Remark::new(Subject::name(owner.as_name()), "the name ends in the zone's name twice")
            .help("end the name with a dot where it is written in full, or leave the zone's name off")
    });
}

fn tell_asterisk(node: Node<'_>, survey: &mut Survey<'_>) {
    survey.report.add(Lint::LiteralAsterisk, || {
        Remark::new(Subject::name(node.owner().as_name()), "an asterisk that stands for itself alone")
            .note("a wildcard is a whole label, and the leftmost one")
            .help("write `*` as the first label and nothing beside it")
    });
}

/// Where the records of a service are looked for.
fn check_service(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    let owner = rrset.node().owner();
    let mut all = owner.as_name().labels();
    let [first, second, third] = std::array::from_fn(|_| all.next().unwrap_or_default());
    let (is_fine, expected) = match rrset.rtype {
        Rtype::SRV => {
            let is_service = (is_underscored(first) || first == b"*") && is_underscored(second);
            // RFC 6763 section 4.1: an instance, by any name in front of its service.
            let is_instance = is_underscored(second) && is_underscored(third);
            (is_service || is_instance, "`_service._proto` in front, such as `_sip._tcp`")
        }
        Rtype::TLSA => {
            let port =
                first.strip_prefix(b"_").and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u16>().ok());
            (
                (port.is_some() || first == b"*") && is_underscored(second),
                "`_port._proto` in front, such as `_443._tcp`",
            )
        }
        Rtype::SMIMEA => (is_local_part(first, second, b"_smimecert"), "`hash._smimecert` in front, of 56 hex digits"),
        Rtype::OPENPGPKEY => {
            (is_local_part(first, second, b"_openpgpkey"), "`hash._openpgpkey` in front, of 56 hex digits")
        }
        _ => return,
    };
    if !is_fine {
        survey.report.add(Lint::ServiceOwner, || {
            Remark::new(whole(rrset), format!("nobody looks for {} records here", rrset.rtype))
                .help(format!("the owner has {expected}"))
        });
    }
}

fn is_underscored(label: &[u8]) -> bool {
    label.len() > 1 && label[0] == b'_'
}

/// Whether the first label is the hash of a mailbox's local part, or a wildcard, and the second says what for.
fn is_local_part(first: &[u8], second: &[u8], expected: &[u8]) -> bool {
    let is_hash = first.len() == 56 && first.iter().all(u8::is_ascii_hexdigit);
    (is_hash || first == b"*") && second.eq_ignore_ascii_case(expected)
}

fn check_not_apex(node: Node<'_>, survey: &mut Survey<'_>) {
    // RFC 9615 section 2: what another zone would have at its apex, signalled by its name server.
    let is_signal = labels(node.labels()).next().is_some_and(|label| label.eq_ignore_ascii_case(b"_dsboot"));
    for rrset in node.rrsets() {
        let mut held = Held::default();
        held.add(rrset.rtype);
        if held.has(Held::OF_APEX) && !(is_signal && matches!(rrset.rtype, Rtype::CDS | Rtype::CDNSKEY)) {
            survey.report.add(Lint::NotAtApex, || {
                Remark::new(whole(rrset), format!("{} records mean nothing below the apex", rrset.rtype))
                    .help(format!("they belong to {}", survey.zone.apex()))
            });
        }
    }
}
