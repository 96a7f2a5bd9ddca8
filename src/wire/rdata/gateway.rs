//! The gateway of IPSECKEY (RFC 4025) and the relay of AMTRELAY (RFC 8777): nothing, an address or a name, as a type says.
//!
//! Does not know the fields around them.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::address::{ipv4, ipv6};
use super::field::WireError;
use super::token::{TextError, Tokens, number};
use crate::wire::Name;

/// The top bit of AMTRELAY's type octet: discovery is optional (RFC 8777 section 4.2.2).
const DISCOVERY_OPTIONAL: u8 = 0x80;
/// The rest of that octet.
const RELAY_TYPE: u8 = 0x7f;
/// The type of a gateway or relay that is a name.
const A_NAME: u8 = 3;

/// Takes IPSECKEY's gateway type, algorithm and gateway.
pub(super) fn read_gateway(
    tokens: &mut Tokens<'_>,
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), TextError> {
    let kind = read_kind(tokens)?;
    out.push(kind);
    out.push(tokens.u8()?);
    read_target(kind, tokens, origin, out)
}

/// Takes AMTRELAY's discovery bit, relay type and relay.
pub(super) fn read_relay(
    tokens: &mut Tokens<'_>,
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), TextError> {
    let optional = tokens.parse("0 or 1: whether discovery is optional", |text| number(text, 1))?;
    let kind = read_kind(tokens)?;
    out.push(kind | if optional == 1 { DISCOVERY_OPTIONAL } else { 0 });
    read_target(kind, tokens, origin, out)
}

fn read_kind(tokens: &mut Tokens<'_>) -> Result<u8, TextError> {
    let expected = "0 for no gateway, 1 for an IPv4 address, 2 for an IPv6 address or 3 for a name";
    tokens.parse(expected, |text| number(text, 3).map(|kind| kind as u8))
}

fn read_target(
    kind: u8,
    tokens: &mut Tokens<'_>,
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), TextError> {
    match kind {
        0 => tokens.parse("`.` for no gateway", |text| (text == b".").then_some(()))?,
        1 => out.extend_from_slice(&tokens.parse("an IPv4 address such as 192.0.2.1", ipv4)?),
        2 => out.extend_from_slice(&tokens.parse("an IPv6 address such as 2001:db8::1", ipv6)?),
        _ => tokens.name(origin, out)?,
    }
    Ok(())
}

/// The octets of IPSECKEY's gateway type, algorithm and gateway.
pub(super) fn gateway_length(rdata: &[u8]) -> Result<usize, WireError> {
    let (&[kind, _], target) = rdata.split_first_chunk::<2>().ok_or(WireError::CutOff)?;
    Ok(2 + target_length(kind, target)?)
}

/// The octets of AMTRELAY's relay type and relay.
pub(super) fn relay_length(rdata: &[u8]) -> Result<usize, WireError> {
    let (&kind, target) = rdata.split_first().ok_or(WireError::CutOff)?;
    Ok(1 + target_length(kind & RELAY_TYPE, target)?)
}

fn target_length(kind: u8, target: &[u8]) -> Result<usize, WireError> {
    let length = match kind {
        0 => 0,
        1 => 4,
        2 => 16,
        A_NAME => Name::split_from(target).map_err(WireError::Name)?.0.wire().len(),
        _ => return Err(WireError::BadValue("an unknown type of gateway")),
    };
    if length <= target.len() { Ok(length) } else { Err(WireError::CutOff) }
}

/// Octets of IPSECKEY's gateway field before the name, where the gateway is one.
pub(super) fn name_in_gateway(rdata: &[u8]) -> Option<usize> {
    (*rdata.first()? == A_NAME).then_some(2)
}

/// Octets of AMTRELAY's relay field before the name, where the relay is one.
pub(super) fn name_in_relay(rdata: &[u8]) -> Option<usize> {
    (*rdata.first()? & RELAY_TYPE == A_NAME).then_some(1)
}

/// Writes what [`gateway_length`] has cut out.
pub(super) fn write_gateway(octets: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    let (&[kind, algorithm], target) = octets.split_first_chunk::<2>().ok_or(fmt::Error)?;
    write!(out, "{kind} {algorithm} ")?;
    write_target(target, kind, out)
}

/// Writes what [`relay_length`] has cut out.
pub(super) fn write_relay(octets: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    let (&kind, target) = octets.split_first().ok_or(fmt::Error)?;
    write!(out, "{} {} ", u8::from(kind & DISCOVERY_OPTIONAL != 0), kind & RELAY_TYPE)?;
    write_target(target, kind & RELAY_TYPE, out)
}

fn write_target(target: &[u8], kind: u8, out: &mut dyn fmt::Write) -> fmt::Result {
    match kind {
        0 => out.write_char('.'),
        1 => write!(out, "{}", Ipv4Addr::from(<[u8; 4]>::try_from(target).map_err(|_| fmt::Error)?)),
        2 => write!(out, "{}", Ipv6Addr::from(<[u8; 16]>::try_from(target).map_err(|_| fmt::Error)?)),
        _ => write!(out, "{}", Name::from_wire(target).map_err(|_| fmt::Error)?),
    }
}
