//! The canonical form of rdata (RFC 4034 section 6.2): the names of some types in lower case.
//!
//! Does not know how it is compared.

use crate::wire::{Name, Rtype};

/// Whether the canonical form of a type has its names in lower case.
///
/// RFC 4034 section 6.2 item 3 without NSEC, as RFC 6840 section 5.1 corrects it. Types that came later keep their case.
fn folds(rtype: Rtype) -> bool {
    matches!(
        rtype,
        Rtype::NS
            | Rtype::MD
            | Rtype::MF
            | Rtype::CNAME
            | Rtype::SOA
            | Rtype::MB
            | Rtype::MG
            | Rtype::MR
            | Rtype::PTR
            | Rtype::MINFO
            | Rtype::MX
            | Rtype::RP
            | Rtype::AFSDB
            | Rtype::RT
            | Rtype::SIG
            | Rtype::PX
            | Rtype::NAPTR
            | Rtype::KX
            | Rtype::SRV
            | Rtype::DNAME
            | Rtype::RRSIG
    )
}

/// Whether the canonical form of this rdata is another than the rdata itself.
pub(super) fn differs(rtype: Rtype, rdata: &[u8]) -> bool {
    folds(rtype) && names(rtype, rdata).is_some_and(|names| rdata[names].iter().any(u8::is_ascii_uppercase))
}

/// Brings rdata into its canonical form.
pub(super) fn fold(rtype: Rtype, rdata: &mut [u8]) {
    if let Some(names) = names(rtype, rdata).filter(|_| folds(rtype)) {
        // Length octets are at most 63, below every letter, so folding them changes nothing.
        rdata[names].make_ascii_lowercase();
    }
}

/// Where the names of rdata are, all in a row.
fn names(rtype: Rtype, rdata: &[u8]) -> Option<std::ops::Range<usize>> {
    let layout = rtype.name_layout();
    let (start, names) = match rtype {
        // Behind order, preference and three strings.
        Rtype::NAPTR => ((0..3).try_fold(4, |at, _| Some(at + 1 + usize::from(*rdata.get(at)?)))?, 1),
        _ => (usize::from(layout.prefix), layout.names),
    };
    let mut rest = rdata.get(start..)?;
    for _ in 0..names {
        rest = Name::split_from(rest).ok()?.1;
    }
    Some(start..rdata.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_where_the_type_says_so_and_nothing_else_is() {
        for (rtype, rdata, expected) in [
            (Rtype::MX, &b"A\x42\x01M\0"[..], &b"A\x42\x01m\0"[..]),
            (Rtype::SOA, b"\x01A\0\x01B\0CCCCDDDDEEEEFFFFGGGG", b"\x01a\0\x01b\0CCCCDDDDEEEEFFFFGGGG"),
            (Rtype::NAPTR, b"AABB\x01S\0\x02XY\x01N\0", b"AABB\x01S\0\x02XY\x01n\0"),
            (Rtype::RRSIG, b"AABBCCCCDDDDEEEEFF\x01S\0SIG", b"AABBCCCCDDDDEEEEFF\x01s\0SIG"),
            (Rtype::NSEC, b"\x01N\0\0\x01\x40", b"\x01N\0\0\x01\x40"),
            (Rtype::SVCB, b"\0\x01\x01N\0", b"\0\x01\x01N\0"),
            (Rtype::TXT, b"\x01T", b"\x01T"),
            (Rtype::NAPTR, b"AABB\x01S", b"AABB\x01S"),
        ] {
            let mut folded = rdata.to_vec();
            fold(rtype, &mut folded);
            assert_eq!(folded, expected, "{rtype}");
            assert_eq!(differs(rtype, rdata), rdata != expected, "{rtype}");
        }
    }
}
