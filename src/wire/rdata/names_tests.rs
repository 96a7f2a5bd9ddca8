//! The names in rdata, wherever they stand, and the canonical form.

use super::tests::{hex, wire_of};
use super::*;
use crate::wire::{Name, Rtype};

/// The names in the rdata of `TYPE rdata`, and how they are treated.
fn names_of(text: &str) -> Vec<(String, NameForm)> {
    let wire = wire_of(text).expect(text);
    let name = |octets| Name::from_wire(octets).expect("a name").to_string();
    names(rtype_of(text), &wire).map(|found| (name(&wire[found.place]), found.form)).collect()
}

fn rtype_of(text: &str) -> Rtype {
    Rtype::from_text(text.split(' ').next().expect("a type").as_bytes()).expect("a type")
}

#[test]
fn names_are_found_wherever_they_stand() {
    use NameForm::{Compressible, Lowered, Verbatim};
    for (text, found) in [
        ("NS A.", &[("A.", Compressible)][..]),
        ("SOA a. B. 1 1 1 1 1", &[("a.", Compressible), ("B.", Compressible)]),
        ("MX 1 .", &[(".", Compressible)]),
        ("SRV 1 1 1 a.b.", &[("a.b.", Lowered)]),
        ("NAPTR 1 1 s t \"\" a.", &[("a.", Lowered)]),
        ("PX 1 a. b.", &[("a.", Lowered), ("b.", Lowered)]),
        ("RRSIG A 8 1 1 1 1 1 A. AA==", &[("A.", Lowered)]),
        ("NSEC A. A", &[("A.", Verbatim)]),
        ("SVCB 1 a. port=1", &[("a.", Verbatim)]),
        ("TALINK a. b.", &[("a.", Verbatim), ("b.", Verbatim)]),
        ("IPSECKEY 1 3 1 a. AA==", &[("a.", Verbatim)]),
        ("IPSECKEY 1 1 1 192.0.2.1 AA==", &[]),
        ("A6 0 ::", &[]),
        ("A6 3 :: A.", &[("A.", Lowered)]),
        ("A6 128 A.", &[("A.", Lowered)]),
        ("NXT A. A", &[("A.", Lowered)]),
        ("HIP 2 00 AAAA", &[]),
        ("HIP 2 00 AAAA A. b.c. .", &[("A.", Verbatim), ("b.c.", Verbatim), (".", Verbatim)]),
        ("AMTRELAY 1 1 3 a.", &[("a.", Verbatim)]),
        ("AMTRELAY 1 1 2 ::", &[]),
        ("TXT a.", &[]),
        ("A 192.0.2.1", &[]),
        ("TYPE65280 \\# 3 016100", &[]),
    ] {
        let found: Vec<_> = found.iter().map(|(name, form)| ((*name).to_owned(), *form)).collect();
        assert_eq!(names_of(text), found, "{text}");
    }
}

#[test]
fn the_walk_ends_where_the_rdata_does_not_fit() {
    for (rtype, wire, count) in [
        (Rtype::MX, "00", 0),
        (Rtype::SOA, "016100 0162", 1),
        (Rtype::NAPTR, "0001", 0),
        (Rtype::IPSECKEY, "0a0301 05", 0),
        (Rtype::A6, "78 01", 0),
        (Rtype::HIP, "01 02 0001 00 00 00 0161", 0),
    ] {
        assert_eq!(names(rtype, &hex(wire)).count(), count, "{rtype}");
    }
}

#[test]
fn the_canonical_form_lower_cases_only_what_rfc_4034_lists() {
    for (text, canonical_text) in [
        ("NS A.B.", "NS a.b."),
        ("SOA A. B. 1 1 1 1 1", "SOA a. b. 1 1 1 1 1"),
        ("NAPTR 1 1 S T \"U\" A.", "NAPTR 1 1 S T \"U\" a."),
        ("DNAME A.", "DNAME a."),
        ("A6 8 ::1 A.", "A6 8 ::1 a."),
        ("NXT A. A", "NXT a. A"),
        ("HIP 2 00 AAAA A.", "HIP 2 00 AAAA A."),
        ("RRSIG A 8 1 1 1 1 1 A. AAAA", "RRSIG A 8 1 1 1 1 1 a. AAAA"),
        // RFC 6840 section 5.1
        ("NSEC A. A", "NSEC A. A"),
        ("SVCB 1 A. alpn=H2", "SVCB 1 A. alpn=H2"),
        ("LP 1 A.", "LP 1 A."),
        ("IPSECKEY 1 3 1 A. AA==", "IPSECKEY 1 3 1 A. AA=="),
        ("TXT A", "TXT A"),
    ] {
        let mut out = b"BEFORE".to_vec();
        canonical(rtype_of(text), &wire_of(text).expect(text), &mut out);
        assert_eq!(out, [&b"BEFORE"[..], &wire_of(canonical_text).expect(text)].concat(), "{text}");
    }
}
