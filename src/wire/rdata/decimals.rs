//! Numbers in the text of a character string: GPOS (RFC 1712), X25 (RFC 1183); and the node number of IPN.

use std::fmt;

use super::field::WireError;
use super::strings;
use super::token::{TextError, Tokens};

/// A number with a sign and a fraction, in a character string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::wire) struct Decimals {
    /// Its greatest magnitude.
    most: u32,
    expected: &'static str,
    wrong: &'static str,
}

/// The degrees of GPOS. RFC 1712 has the longitude first in section 3 and the latitude in its examples, so either may be
/// as great as a longitude.
pub(in crate::wire) static DEGREES: Decimals =
    Decimals { most: 180, expected: "degrees from -180.0 to 180.0", wrong: "degrees that are no number up to 180" };

/// The metres of GPOS.
pub(in crate::wire) static METRES: Decimals =
    Decimals { most: u32::MAX, expected: "an altitude in metres such as 10.0", wrong: "an altitude that is no number" };

impl Decimals {
    fn fits(&self, text: &[u8]) -> bool {
        let unsigned = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
        let plain = unsigned.iter().all(|octet| octet.is_ascii_digit() || *octet == b'.');
        let value = std::str::from_utf8(unsigned).ok().filter(|_| plain).and_then(|text| text.parse::<f64>().ok());
        value.is_some_and(|value| value <= f64::from(self.most))
    }

    /// Takes one token, quoted or not.
    pub(super) fn read(&self, tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
        let start = out.len();
        tokens.peek_or(self.expected)?;
        strings::read_one(tokens, out)?;
        if self.fits(&out[start + 1..]) { Ok(()) } else { Err(tokens.refuse(self.expected)) }
    }

    /// The octets of the string, checked.
    pub(super) fn length(&self, rdata: &[u8]) -> Result<usize, WireError> {
        let octets = strings::length(rdata)?;
        if self.fits(&rdata[1..octets]) { Ok(octets) } else { Err(WireError::BadValue(self.wrong)) }
    }
}

/// Digits of the network in front of an address of X25, which are always there (RFC 1183 section 3.1).
const NETWORK_DIGITS: usize = 4;

fn is_x25(text: &[u8]) -> bool {
    text.len() >= NETWORK_DIGITS && text.iter().all(u8::is_ascii_digit)
}

/// Takes one token, quoted or not, as an address of X25.
pub(super) fn read_x25(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let (start, expected) = (out.len(), "an X.121 address of four digits or more such as 311061700956");
    tokens.peek_or(expected)?;
    strings::read_one(tokens, out)?;
    if is_x25(&out[start + 1..]) { Ok(()) } else { Err(tokens.refuse(expected)) }
}

/// The octets of an address of X25, checked.
pub(super) fn x25_length(rdata: &[u8]) -> Result<usize, WireError> {
    let octets = strings::length(rdata)?;
    if is_x25(&rdata[1..octets]) {
        Ok(octets)
    } else {
        Err(WireError::BadValue("an X.121 address that is no four digits or more"))
    }
}

/// What the text of a node number must be (draft-johnson-dns-ipn-cla-07 section 3.1).
pub(super) const NODE_EXPECTED: &str =
    "a node number from 0 to 18446744073709551615, or its two halves such as 977000.100";

/// Reads a node number: 64 bits as one number, or as two of 32 bits with a dot between them.
pub(super) fn node(text: &[u8]) -> Option<u64> {
    let plain = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(text).ok()?;
    match text.split_once('.') {
        None => text.parse().ok().filter(|_| plain(text.as_bytes())),
        Some((high, low)) => {
            let half = |text: &str| text.parse::<u32>().ok().filter(|_| plain(text.as_bytes()));
            Some(u64::from(half(high)?) << 32 | u64::from(half(low)?))
        }
    }
}

/// Writes eight octets as a node number.
pub(super) fn write_node(octets: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    write!(out, "{}", octets.iter().fold(0u64, |value, &octet| value << 8 | u64::from(octet)))
}
