//! A6 (RFC 2874): the end of an IPv6 address, and the name whose addresses begin it.
//!
//! Historic (RFC 6563), but zones still hold it.

use std::fmt;
use std::net::Ipv6Addr;

use super::address::ipv6;
use super::field::WireError;
use super::token::{TextError, Tokens, number};
use crate::wire::Name;

/// The bits of an address; where the name stands for all of them, no address follows.
const BITS: u8 = 128;

/// Octets that the address takes where the name stands for its first `prefix` bits (RFC 2874 section 3.1.1).
fn suffix_octets(prefix: u8) -> usize {
    usize::from(BITS - prefix).div_ceil(8)
}

/// The bits of the first of those octets that are the address's own.
fn own_bits(prefix: u8) -> u8 {
    0xff >> (prefix % 8)
}

/// Takes the prefix length, the address and the name, each of the last two where the length leaves room for it.
pub(super) fn read(tokens: &mut Tokens<'_>, origin: Option<Name<'_>>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let prefix = tokens.parse("a prefix length from 0 to 128", |text| number(text, BITS.into()))? as u8;
    out.push(prefix);
    // RFC 2874 section 3.1.3: at 128 the address may be there or not.
    if prefix < BITS || tokens.are_more_than(1) {
        let address = tokens.parse("an IPv6 address such as ::1", ipv6)?;
        let start = out.len();
        out.extend_from_slice(&address[address.len() - suffix_octets(prefix)..]);
        // RFC 2874 section 3.1.3: the bits before are without meaning.
        if let Some(first) = out.get_mut(start) {
            *first &= own_bits(prefix);
        }
    }
    if prefix > 0 { tokens.name(origin, out) } else { Ok(()) }
}

/// The octets of the whole, checked.
pub(super) fn length(rdata: &[u8]) -> Result<usize, WireError> {
    let (&prefix, rest) = rdata.split_first().ok_or(WireError::CutOff)?;
    if prefix > BITS {
        return Err(WireError::BadValue("an A6 prefix length above 128"));
    }
    let (suffix, rest) = rest.split_at_checked(suffix_octets(prefix)).ok_or(WireError::CutOff)?;
    if suffix.first().is_some_and(|first| first & !own_bits(prefix) != 0) {
        return Err(WireError::BadValue("an A6 address with bits of its prefix"));
    }
    let name = if prefix > 0 { Name::split_from(rest).map_err(WireError::Name)?.0.wire().len() } else { 0 };
    Ok(1 + suffix.len() + name)
}

/// Octets before the name, where there is one.
pub(super) fn before_name(rdata: &[u8]) -> Option<usize> {
    rdata.first().filter(|&&prefix| (1..=BITS).contains(&prefix)).map(|&prefix| 1 + suffix_octets(prefix))
}

/// Writes what [`length`] has passed.
pub(super) fn write(octets: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    let (&prefix, rest) = octets.split_first().ok_or(fmt::Error)?;
    let (suffix, name) = rest.split_at_checked(suffix_octets(prefix)).ok_or(fmt::Error)?;
    write!(out, "{prefix}")?;
    if prefix < BITS {
        let mut address = [0; 16];
        address[16 - suffix.len()..].copy_from_slice(suffix);
        write!(out, " {}", Ipv6Addr::from(address))?;
    }
    if prefix > 0 {
        write!(out, " {}", Name::from_wire(name).map_err(|_| fmt::Error)?)?;
    }
    Ok(())
}
