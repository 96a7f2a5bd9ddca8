//! Addresses that no host can have, or none on the public Internet (the special-purpose registries of RFC 6890).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::finding::{Remark, Subject};
use super::glue;
use super::lint::Lint;
use super::survey::{Survey, record};
use crate::wire::Rtype;
use crate::zone::{Glue, Node, Rrset};

/// What is wrong with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// No host can have it.
    Impossible(&'static str),
    /// Hosts have it, but not for everyone.
    NonPublic(&'static str),
}

/// Checks the addresses of a name.
#[inline]
pub(super) fn check(rrset: Rrset<'_>, survey: &mut Survey<'_>) {
    for rdata in rrset.records() {
        if let Some(wrong) = judge(rrset.rtype, rdata) {
            tell(wrong, rrset, rdata, || record(rrset, rdata), survey);
        }
    }
}

/// Checks the addresses of a name below a cut.
#[inline]
pub(super) fn check_glue(cut: Node<'_>, glue: Glue<'_>, survey: &mut Survey<'_>) {
    for rdata in glue.rrset.records() {
        if let Some(wrong) = judge(glue.rrset.rtype, rdata) {
            let subject = || Subject::record(glue::owner(cut, glue).as_name(), glue.rrset.rtype, rdata);
            tell(wrong, glue.rrset, rdata, subject, survey);
        }
    }
}

fn tell(wrong: Wrong, rrset: Rrset<'_>, rdata: &[u8], subject: impl FnOnce() -> Subject, survey: &mut Survey<'_>) {
    let (lint, what, help) = match wrong {
        Wrong::Impossible(what) => (Lint::ImpossibleAddress, what, "write the host's address, or remove the record"),
        Wrong::NonPublic(what) => (Lint::NonPublicAddress, what, "keep it in a zone that only its network sees"),
    };
    survey.report.add(lint, || {
        let address = match (rrset.rtype, rdata.first_chunk::<4>(), rdata.first_chunk::<16>()) {
            (Rtype::A, Some(&octets), _) => Ipv4Addr::from(octets).to_string(),
            (_, _, Some(&octets)) => Ipv6Addr::from(octets).to_string(),
            _ => String::new(),
        };
        Remark::new(subject(), format!("{address} {what}")).help(help)
    });
}

#[inline]
fn judge(rtype: Rtype, rdata: &[u8]) -> Option<Wrong> {
    match rtype {
        Rtype::A => ipv4(*rdata.first_chunk()?),
        _ => ipv6(*rdata.first_chunk()?),
    }
}

#[inline]
fn ipv4(octets: [u8; 4]) -> Option<Wrong> {
    Some(match octets {
        [0, ..] => Wrong::Impossible("means \"this network\": no host has it"),
        [224..=239, ..] => Wrong::Impossible("is a multicast address: no host has it"),
        [255, 255, 255, 255] => Wrong::Impossible("is the broadcast address: no host has it"),
        [240..=255, ..] => Wrong::Impossible("is reserved: no host has it"),
        [127, ..] => Wrong::NonPublic("is a loopback address"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Wrong::NonPublic("is a private address (RFC 1918)"),
        [100, 64..=127, ..] => Wrong::NonPublic("is a shared address of carriers (RFC 6598)"),
        [169, 254, ..] => Wrong::NonPublic("is a link-local address (RFC 3927)"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Wrong::NonPublic("is for documentation (RFC 5737)"),
        [198, 18..=19, ..] => Wrong::NonPublic("is for benchmarks (RFC 2544)"),
        _ => return None,
    })
}

#[inline]
fn ipv6(octets: [u8; 16]) -> Option<Wrong> {
    let address = u128::from_be_bytes(octets);
    Some(match octets {
        _ if address == 0 => Wrong::Impossible("is the unspecified address: no host has it"),
        _ if address == 1 => Wrong::NonPublic("is the loopback address"),
        _ if address >> 32 == 0xffff => {
            Wrong::Impossible("is an IPv4 address in IPv6 form: it belongs into an A record")
        }
        _ if address >> 32 == 0 => {
            Wrong::Impossible("is an IPv4-compatible address, which nobody uses (RFC 4291 section 2.5.5)")
        }
        [0xff, ..] => Wrong::Impossible("is a multicast address: no host has it"),
        [0xfe, 0xc0..=0xff, ..] => Wrong::Impossible("is a site-local address, which nobody uses (RFC 3879)"),
        [0xfe, 0x80..=0xbf, ..] => Wrong::NonPublic("is a link-local address"),
        [0xfc..=0xfd, ..] => Wrong::NonPublic("is a unique local address (RFC 4193)"),
        [0x20, 0x01, 0x0d, 0xb8, ..] | [0x3f, 0xff, 0..=0x0f, ..] => {
            Wrong::NonPublic("is for documentation (RFC 3849, RFC 9637)")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_public_local_or_none() {
        for (address, expected) in [
            ("0.0.0.0", 'i'),
            ("239.255.255.255", 'i'),
            ("240.0.0.1", 'i'),
            ("255.255.255.255", 'i'),
            ("127.0.0.2", 'n'),
            ("172.31.255.255", 'n'),
            ("172.32.0.0", 'p'),
            ("100.63.255.255", 'p'),
            ("100.64.0.0", 'n'),
            ("198.20.0.0", 'p'),
            ("223.255.255.255", 'p'),
            ("192.0.2.255", 'n'),
        ] {
            let octets = address.parse::<Ipv4Addr>().expect("an address").octets();
            assert_eq!(letter(ipv4(octets)), expected, "{address}");
        }
        for (address, expected) in [
            ("::", 'i'),
            ("::1", 'n'),
            ("::ffff:192.0.2.1", 'i'),
            ("::192.0.2.1", 'i'),
            ("64:ff9b::1", 'p'),
            ("ff02::1", 'i'),
            ("fec0::1", 'i'),
            ("fe80::1", 'n'),
            ("fd00::1", 'n'),
            ("2001:db8::1", 'n'),
            ("2001:db9::1", 'p'),
            ("3fff:fff::1", 'n'),
            ("3fff:1000::1", 'p'),
        ] {
            let octets = address.parse::<Ipv6Addr>().expect("an address").octets();
            assert_eq!(letter(ipv6(octets)), expected, "{address}");
        }
    }

    fn letter(wrong: Option<Wrong>) -> char {
        match wrong {
            Some(Wrong::Impossible(_)) => 'i',
            Some(Wrong::NonPublic(_)) => 'n',
            None => 'p',
        }
    }
}
