//! Whether labels make a host name (RFC 952, RFC 1123 section 2.1), or rather an address.
//!
//! Does not know where the labels come from.

use std::fmt;

use super::survey::labels;

/// Why labels are no host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HostSlip {
    /// An underscore and nothing worse.
    Underscore,
    /// An octet that is no letter, digit or hyphen.
    Octet(u8),
    /// A label begins or ends with a hyphen.
    Hyphen,
}

impl fmt::Display for HostSlip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Underscore => f.write_str("it has an underscore"),
            Self::Octet(octet @ 0x21..=0x7e) => write!(f, "it has `{}`", char::from(*octet)),
            Self::Octet(octet) => write!(f, "it has the octet {octet}"),
            Self::Hyphen => f.write_str("a label begins or ends with a hyphen"),
        }
    }
}

/// Why these labels, in wire form, make no host name; none where they do.
#[inline]
pub(super) fn host_slip(wire: &[u8]) -> Option<HostSlip> {
    let mut underscore = None;
    for label in labels(wire) {
        for &octet in label {
            match CLASSES[usize::from(octet)] {
                PLAIN => {}
                UNDERSCORE => underscore = Some(HostSlip::Underscore),
                _ => return Some(HostSlip::Octet(octet)),
            }
        }
        if label.first() == Some(&b'-') || label.last() == Some(&b'-') {
            return Some(HostSlip::Hyphen);
        }
    }
    underscore
}

const PLAIN: u8 = 0;
const UNDERSCORE: u8 = 1;
const BAD: u8 = 2;

/// What each octet is in a label.
static CLASSES: [u8; 256] = {
    let (mut classes, mut octet) = ([BAD; 256], 0);
    while octet < 256 {
        if (octet as u8).is_ascii_alphanumeric() || octet as u8 == b'-' {
            classes[octet] = PLAIN;
        }
        octet += 1;
    }
    classes[b'_' as usize] = UNDERSCORE;
    classes
};

/// Whether the labels are four numbers: an IPv4 address where a name should be.
#[inline]
pub(super) fn is_ipv4(wire: &[u8]) -> bool {
    // Nearly every name begins with a letter: no more is looked at then.
    wire.get(1).is_some_and(u8::is_ascii_digit)
        && labels(wire).count() == 4
        && labels(wire).all(|label| octet_number(label).is_some())
}

/// The number from 0 to 255 that a label spells.
pub(super) fn octet_number(label: &[u8]) -> Option<u8> {
    let plain = !label.is_empty() && label.iter().all(u8::is_ascii_digit) && (label.len() == 1 || label[0] != b'0');
    plain.then(|| std::str::from_utf8(label).ok()?.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_have_letters_digits_and_hyphens_inside() {
        for (wire, expected) in [
            (&b"\x03www\x07example\0"[..], None),
            (b"\x019\x04a--b", None),
            (b"\x03a_b", Some(HostSlip::Underscore)),
            (b"\x02_a\x02b!", Some(HostSlip::Octet(b'!'))),
            (b"\x02-a", Some(HostSlip::Hyphen)),
            (b"\x02a-\x01b", Some(HostSlip::Hyphen)),
            (b"\x01\xe9", Some(HostSlip::Octet(0xe9))),
        ] {
            assert_eq!(host_slip(wire), expected, "{}", wire.escape_ascii());
        }
    }

    #[test]
    fn four_numbers_are_an_address() {
        assert!(is_ipv4(b"\x03192\x010\x012\x0255") && is_ipv4(b"\x03192\x010\x012\x0255\0"));
        for wire in [&b"\x03192\x010\x012"[..], b"\x03192\x010\x012\x03256", b"\x03192\x0200\x012\x011", b"\x01a"] {
            assert!(!is_ipv4(wire), "{}", wire.escape_ascii());
        }
    }
}
