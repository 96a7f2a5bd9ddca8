//! The address prefixes of APL (RFC 3123).

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::address::{ipv4, ipv6};
use super::field::WireError;
use super::token::{TextError, Tokens, number};
use crate::base::limits::RDATA_OCTETS_MAX;

/// Octets in front of an item's address: family, prefix length, and the length of the address with the negation bit.
const HEADER: usize = 4;
const NEGATED: u8 = 0x80;

/// Takes all tokens left as `[!]family:address/length`, perhaps none.
pub(super) fn read(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let start = out.len();
    while !tokens.are_taken() && out.len() - start <= RDATA_OCTETS_MAX {
        tokens.parse("an address prefix such as 1:192.0.2.0/24 or !2:2001:db8::/32", |text| append(text, out))?;
    }
    Ok(())
}

fn append(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (negated, text) = text.strip_prefix(b"!").map_or((0, text), |rest| (NEGATED, rest));
    let colon = text.iter().position(|&octet| octet == b':')?;
    let slash = text.iter().rposition(|&octet| octet == b'/').filter(|&slash| slash > colon)?;
    let mut address = [0u8; 16];
    let (family, address) = match number(&text[..colon], 65_535)? {
        1 => {
            address[..4].copy_from_slice(&ipv4(&text[colon + 1..slash])?);
            (1u16, &address[..4])
        }
        2 => {
            address = ipv6(&text[colon + 1..slash])?;
            (2, &address[..])
        }
        _ => return None,
    };
    let prefix = number(&text[slash + 1..], 8 * address.len() as u64)?;
    // RFC 3123 section 4.1: zeros at the end of the address are left out.
    let length = address.len() - address.iter().rev().take_while(|&&octet| octet == 0).count();
    out.extend_from_slice(&family.to_be_bytes());
    out.extend_from_slice(&[prefix as u8, negated | length as u8]);
    out.extend_from_slice(&address[..length]);
    Some(())
}

/// One item of the list.
struct Item {
    family: u16,
    prefix: u8,
    negated: bool,
    /// The address, filled with zeros.
    address: [u8; 16],
}

/// Splits the first item off.
fn split_item(items: &[u8]) -> Result<(Item, &[u8]), WireError> {
    let (header, tail) = items.split_first_chunk::<HEADER>().ok_or(WireError::CutOff)?;
    let (family, length) = (u16::from_be_bytes([header[0], header[1]]), usize::from(header[3] & !NEGATED));
    let (octets, tail) = tail.split_at_checked(length).ok_or(WireError::CutOff)?;
    let most = match family {
        1 => 4,
        2 => 16,
        _ => return Err(WireError::BadValue("an unknown address family")),
    };
    if length > most || usize::from(header[2]) > 8 * most || octets.last() == Some(&0) {
        return Err(WireError::BadValue("an address prefix that is too long or ends in zeros"));
    }
    let mut address = [0; 16];
    address[..length].copy_from_slice(octets);
    Ok((Item { family, prefix: header[2], negated: header[3] & NEGATED != 0, address }, tail))
}

/// Checks items to the end of the rdata.
pub(super) fn check(rdata: &[u8]) -> Result<usize, WireError> {
    let mut rest = rdata;
    while !rest.is_empty() {
        rest = split_item(rest)?.1;
    }
    Ok(rdata.len())
}

/// Writes items that [`check`] has passed.
pub(super) fn write(octets: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    let mut rest = octets;
    while !rest.is_empty() {
        if rest.len() < octets.len() {
            out.write_char(' ')?;
        }
        let (item, tail) = split_item(rest).map_err(|_| fmt::Error)?;
        rest = tail;
        let mark = if item.negated { "!" } else { "" };
        match (item.family, item.address) {
            (1, [a, b, c, d, ..]) => write!(out, "{mark}1:{}/{}", Ipv4Addr::new(a, b, c, d), item.prefix)?,
            (_, address) => write!(out, "{mark}2:{}/{}", Ipv6Addr::from(address), item.prefix)?,
        }
    }
    Ok(())
}
