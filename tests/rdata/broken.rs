//! The samples' wire forms, broken in every way: refused, or other rdata that comes back from its text; never a panic.

use gannet::base::limits::RDATA_OCTETS_MAX;
use gannet::wire::{Rtype, rdata};

use crate::samples::{self, read};
use crate::text_of;

/// `wire` is refused and then written generically, or good and then comes back from its text. Whether it is good.
fn is_good(rtype: Rtype, wire: &[u8]) -> bool {
    let text = text_of(rtype, wire);
    let good = rdata::check(rtype, wire).is_ok();
    if good {
        assert_eq!(read(&format!("{rtype} {text}")), Ok((rtype, wire.to_vec())), "{rtype} {text}");
    } else {
        assert!(text.starts_with("\\# "), "{rtype} {text}");
        assert!(read(&format!("{rtype} {text}")).is_err(), "{rtype} {text}");
    }
    // What is no rdata of the type must neither stop the walk over its names nor the canonical form.
    let mut canonical = Vec::new();
    rdata::canonical(rtype, wire, &mut canonical);
    assert!(canonical.eq_ignore_ascii_case(wire), "{rtype} {text}");
    good
}

#[test]
fn cut_off_anywhere() {
    for sample in samples::all() {
        for end in 0..sample.wire.len() {
            is_good(sample.rtype, &sample.wire[..end]);
        }
        // Only types whose rdata may be empty, or of which nothing is known, can do without their first octet.
        let may_be_empty =
            matches!(sample.rtype, Rtype::NULL | Rtype::APL) || sample.rtype.to_string().starts_with("TYPE");
        assert_eq!(is_good(sample.rtype, &[]), may_be_empty, "{}", sample.text);
    }
}

#[test]
fn with_any_octet_changed_or_added() {
    for sample in samples::all() {
        for at in 0..sample.wire.len() {
            for change in [1, 2, 16, 32, 64, 128, 255] {
                let mut wire = sample.wire.clone();
                wire[at] ^= change;
                is_good(sample.rtype, &wire);
            }
        }
        for octet in [0, 1, 63, 192, 255] {
            is_good(sample.rtype, &[&sample.wire[..], &[octet]].concat());
        }
    }
}

#[test]
fn longer_than_a_record_can_be() {
    for sample in samples::all() {
        let (most, more) = (vec![b'1'; RDATA_OCTETS_MAX - sample.wire.len()], vec![b'1'; RDATA_OCTETS_MAX]);
        let _ = text_of(sample.rtype, &[&sample.wire[..], &most].concat());
        let too_long = [&sample.wire[..], &more].concat();
        let generic = text_of(Rtype(65_280), &too_long);
        if too_long.len() > RDATA_OCTETS_MAX {
            assert!(read(&format!("{} {generic}", sample.rtype)).is_err(), "{}", sample.text);
        }
    }
}
