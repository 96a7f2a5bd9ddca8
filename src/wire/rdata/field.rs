//! The fields that rdata is made of: each is read from tokens, measured and checked on the wire, and written as text.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use data_encoding::{BASE32_DNSSEC, BASE64, HEXUPPER};

use super::address::{ipv4, ipv6};
use super::codes::{Codes, Groups};
use super::decimals::{self, Decimals};
use super::names::NameForm;
use super::token::{TextError, Tokens};
use super::{a6, atma, bitmap, blob, flags, gateway, hip, location, prefixes, services, strings, svcparams, time};
use crate::wire::{self, NameError, Rtype};

/// The fewest octets of a digest of ZONEMD, whatever its algorithm (RFC 8976 section 2.2.4).
const DIGEST_OCTETS_MIN: usize = 12;

/// One field of a type's rdata. Those that say "to the end" can only be the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::wire) enum Field {
    /// A number of one octet.
    U8,
    /// A number of two octets.
    U16,
    /// A number of four octets.
    U32,
    /// Seconds in four octets, written with or without units.
    Period,
    /// A number that may be written as a mnemonic.
    Code(&'static Codes),
    /// The flags of KEY in two octets (RFC 2535 section 3.1.2).
    KeyFlags,
    /// The node number of IPN in eight octets (draft-johnson-dns-ipn-cla-07 section 3.1).
    Node,
    /// A fixed number of octets in groups of hex digits.
    Grouped(&'static Groups),
    /// An RR type in two octets (RRSIG's type covered).
    Type,
    /// Seconds since 1970 in four octets, written as `YYYYMMDDHHmmSS` or as a number (RFC 4034 section 3.2).
    Time,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// A domain name.
    Name(NameForm),
    /// Names to the end, perhaps none.
    Names(NameForm),
    /// A length octet and as many octets (RFC 1035 section 3.3).
    CharString,
    /// One of them that holds a number with a fraction.
    Decimal(&'static Decimals),
    /// One of them that holds an address of X.25 (RFC 1183 section 3.1).
    X25,
    /// One of them, or the end.
    OptionalString,
    /// One or more of them, to the end.
    CharStrings,
    /// One or more octets to the end, written in hex.
    Hex,
    /// Twelve or more octets to the end, written in hex (RFC 8976 section 2.2.4).
    Digest,
    /// One or more octets to the end, written as an NSAP address (RFC 1706 section 6).
    Nsap,
    /// One or more octets to the end, written in base64.
    Base64,
    /// Any number of octets to the end, written in base64 (KEY without a key, RFC 2535 section 3.1.2).
    OptionalBase64,
    /// Any number of octets to the end, written in base64, or `-` for none (draft-durand-doa-over-dns-03 section 3).
    Base64OrDash,
    /// A length octet and as many octets, written in hex, or `-` for none (RFC 5155 section 3.3).
    Salt,
    /// A length octet and as many octets, at least one, written in base32hex (RFC 5155 section 3.3).
    NextHash,
    /// The types at a name, to the end (RFC 4034 section 4.1.2).
    TypeBitmap,
    /// The types at a name, to the end, as in NXT (RFC 2535 section 5.2).
    NxtBitmap,
    /// The services of WKS, to the end (RFC 1035 section 3.4.2).
    Services,
    /// The property tag of CAA (RFC 8659 section 4.1).
    CaaTag,
    /// The property value of CAA: any octets to the end (RFC 8659 section 4.1).
    CaaValue,
    /// The target of URI: one or more octets to the end (RFC 7553 section 4.4).
    UriTarget,
    /// All of LOC (RFC 1876 section 2).
    Location,
    /// The parameters of SVCB, to the end (RFC 9460 section 2).
    SvcParams,
    /// IPSECKEY's gateway type, algorithm and gateway (RFC 4025 section 2).
    Gateway,
    /// AMTRELAY's relay type and relay (RFC 8777 section 4.2).
    Relay,
    /// HIP's algorithm, host identity tag and key (RFC 8005 section 5).
    HostIdentity,
    /// All of A6 (RFC 2874 section 3.1).
    A6,
    /// All of ATMA.
    Atma,
    /// The address prefixes of APL, to the end (RFC 3123 section 4).
    Prefixes,
    /// Octets to the end of a type without a text form of its own.
    Opaque,
}

/// Why octets are not rdata of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireError {
    /// The rdata ends inside a field, or before one.
    CutOff,
    /// Octets follow the last field.
    TrailingOctets,
    /// A domain name in it is none.
    Name(NameError),
    /// A field has a value that its type does not allow: what is wrong.
    BadValue(&'static str),
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutOff => f.write_str("the rdata is cut off"),
            Self::TrailingOctets => f.write_str("octets follow the last field"),
            Self::Name(error) => error.fmt(f),
            Self::BadValue(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for WireError {}

impl Field {
    /// Takes the field's tokens and appends its wire form.
    #[inline]
    pub(super) fn read(
        self,
        tokens: &mut Tokens<'_>,
        origin: Option<wire::Name<'_>>,
        out: &mut Vec<u8>,
    ) -> Result<(), TextError> {
        match self {
            Self::U8 => out.push(tokens.u8()?),
            Self::U16 => out.extend_from_slice(&tokens.u16()?.to_be_bytes()),
            Self::U32 => out.extend_from_slice(&tokens.u32()?.to_be_bytes()),
            Self::Period => {
                let expected = "a period in seconds such as 3600, or with units such as 1h30m";
                out.extend_from_slice(&tokens.parse(expected, time::period)?.to_be_bytes());
            }
            Self::Code(codes) => {
                let code = tokens.parse(codes.expected, |text| codes.read(text))?;
                out.extend_from_slice(&code.to_be_bytes()[2 - codes.octets..]);
            }
            Self::KeyFlags => out.extend_from_slice(&tokens.parse(flags::EXPECTED, flags::read)?.to_be_bytes()),
            Self::Node => {
                out.extend_from_slice(&tokens.parse(decimals::NODE_EXPECTED, decimals::node)?.to_be_bytes());
            }
            Self::Grouped(groups) => tokens.parse(groups.expected, |text| groups.append(text, out))?,
            Self::Type => {
                out.extend_from_slice(&tokens.parse("an RR type", Rtype::from_text)?.0.to_be_bytes());
            }
            Self::Time => {
                let expected = "a time as YYYYMMDDHHmmSS, 1970 to 2106, or in seconds since 1970";
                out.extend_from_slice(&tokens.parse(expected, time::moment)?.to_be_bytes());
            }
            Self::Ipv4 => {
                out.extend_from_slice(&tokens.parse("an IPv4 address such as 192.0.2.1", ipv4)?);
            }
            Self::Ipv6 => {
                out.extend_from_slice(&tokens.parse("an IPv6 address such as 2001:db8::1", ipv6)?);
            }
            Self::Name(_) => tokens.name(origin, out)?,
            _ => self.read_variable(tokens, origin, out)?,
        }
        Ok(())
    }

    /// Takes the tokens of a field that is more than a number, an address or a name.
    #[inline]
    fn read_variable(
        self,
        tokens: &mut Tokens<'_>,
        origin: Option<wire::Name<'_>>,
        out: &mut Vec<u8>,
    ) -> Result<(), TextError> {
        match self {
            Self::Names(_) => {
                while !tokens.are_taken() {
                    tokens.name(origin, out)?;
                }
            }
            Self::CharString => strings::read_one(tokens, out)?,
            Self::Decimal(decimals) => decimals.read(tokens, out)?,
            Self::X25 => decimals::read_x25(tokens, out)?,
            Self::OptionalString if tokens.are_taken() => {}
            Self::OptionalString => strings::read_one(tokens, out)?,
            Self::CharStrings => strings::read_all(tokens, out)?,
            Self::OptionalBase64 => blob::read_base64(tokens, out)?,
            Self::Hex => {
                tokens.peek_or("hex digits")?;
                blob::read_hex(tokens, out)?;
            }
            Self::Digest => {
                let (start, expected) = (out.len(), "a digest in hex of at least 12 octets");
                tokens.peek_or(expected)?;
                blob::read_hex(tokens, out)?;
                if out.len() - start < DIGEST_OCTETS_MIN {
                    return Err(tokens.refuse(expected));
                }
            }
            Self::Base64 => {
                tokens.peek_or("base64")?;
                blob::read_base64(tokens, out)?;
            }
            Self::Base64OrDash => blob::read_base64_or_dash(tokens, out)?,
            Self::Nsap => blob::read_nsap(tokens, out)?,
            Self::Salt => blob::read_salt(tokens, out)?,
            Self::NextHash => blob::read_next_hash(tokens, out)?,
            Self::TypeBitmap => bitmap::read(tokens, out)?,
            Self::NxtBitmap => bitmap::read_nxt(tokens, out)?,
            Self::Services => services::read(tokens, out)?,
            Self::CaaTag => strings::read_tag(tokens, out)?,
            Self::CaaValue => strings::read_long(tokens, "a value, in quotes if it has spaces", out)?,
            Self::UriTarget => strings::read_target(tokens, out)?,
            Self::Location => location::read(tokens, out)?,
            Self::SvcParams => svcparams::read(tokens, out)?,
            Self::Gateway => gateway::read_gateway(tokens, origin, out)?,
            Self::Relay => gateway::read_relay(tokens, origin, out)?,
            Self::HostIdentity => hip::read(tokens, out)?,
            Self::A6 => a6::read(tokens, origin, out)?,
            Self::Atma => atma::read(tokens, out)?,
            Self::Prefixes => prefixes::read(tokens, out)?,
            // Of the others, `read` has taken all but those without a text form of their own.
            _ => {
                let expected = "`\\# length hex`: the type has no text form of its own";
                tokens.take(expected)?;
                return Err(tokens.refuse(expected));
            }
        }
        Ok(())
    }

    /// How many octets the field takes where that is always the same.
    pub(in crate::wire) const fn fixed_octets(self) -> Option<usize> {
        Some(match self {
            Self::U8 => 1,
            Self::U16 | Self::Type | Self::KeyFlags => 2,
            Self::U32 | Self::Period | Self::Time | Self::Ipv4 => 4,
            Self::Node => 8,
            Self::Ipv6 => 16,
            Self::Location => location::OCTETS,
            Self::Code(codes) => codes.octets,
            Self::Grouped(groups) => groups.length(),
            _ => return None,
        })
    }

    /// Whether the field may be without octets and is then left out of the text.
    pub(super) fn may_be_absent(self) -> bool {
        matches!(
            self,
            Self::Names(_)
                | Self::OptionalString
                | Self::OptionalBase64
                | Self::TypeBitmap
                | Self::NxtBitmap
                | Self::Services
                | Self::SvcParams
                | Self::Prefixes
        )
    }

    /// Whether the text form of a field that [`length`](Self::length) has cut out gives back the same octets.
    pub(super) fn has_text(self, octets: &[u8]) -> bool {
        match self {
            Self::Services => services::have_text(octets),
            Self::Opaque => false,
            _ => true,
        }
    }

    /// How many octets the field takes at the start of `rdata`, after checking its value.
    pub(super) fn length(self, rdata: &[u8]) -> Result<usize, WireError> {
        if let Some(octets) = self.fixed_octets() {
            let field = rdata.get(..octets).ok_or(WireError::CutOff)?;
            if self == Self::Location {
                location::check(field)?;
            }
            return Ok(octets);
        }
        match self {
            Self::Name(_) => wire::Name::split_from(rdata).map(|parts| parts.0.wire().len()).map_err(WireError::Name),
            Self::Names(_) => {
                let mut rest = rdata;
                while !rest.is_empty() {
                    rest = wire::Name::split_from(rest).map_err(WireError::Name)?.1;
                }
                Ok(rdata.len())
            }
            Self::Decimal(decimals) => decimals.length(rdata),
            Self::X25 => decimals::x25_length(rdata),
            Self::OptionalString if rdata.is_empty() => Ok(0),
            Self::CharString | Self::OptionalString | Self::Salt => strings::length(rdata),
            Self::CharStrings => strings::check_all(rdata),
            Self::Hex | Self::Nsap | Self::Base64 | Self::UriTarget if rdata.is_empty() => Err(WireError::CutOff),
            Self::Digest if rdata.len() < DIGEST_OCTETS_MIN => {
                Err(WireError::BadValue("a digest of less than 12 octets"))
            }
            Self::NextHash if rdata.first() == Some(&0) => Err(WireError::BadValue("an empty hash")),
            Self::NextHash => strings::length(rdata),
            Self::TypeBitmap => bitmap::check(rdata),
            Self::NxtBitmap => bitmap::check_nxt(rdata),
            Self::Services => services::check(rdata),
            Self::CaaTag => strings::check_tag(rdata),
            Self::SvcParams => svcparams::check(rdata),
            Self::Gateway => gateway::gateway_length(rdata),
            Self::Relay => gateway::relay_length(rdata),
            Self::HostIdentity => hip::length(rdata),
            Self::A6 => a6::length(rdata),
            Self::Atma => atma::check(rdata),
            Self::Prefixes => prefixes::check(rdata),
            _ => Ok(rdata.len()),
        }
    }

    /// Where names begin in the field at the start of `rdata`, which go on to the field's end; none where it has none.
    pub(super) fn names(self, rdata: &[u8]) -> Option<(usize, NameForm)> {
        match self {
            Self::Name(form) | Self::Names(form) => Some((0, form)),
            // RFC 4034 section 6.2 lists A6.
            Self::A6 => a6::before_name(rdata).map(|before| (before, NameForm::Lowered)),
            Self::Gateway => gateway::name_in_gateway(rdata).map(|before| (before, NameForm::Verbatim)),
            Self::Relay => gateway::name_in_relay(rdata).map(|before| (before, NameForm::Verbatim)),
            _ => None,
        }
    }

    /// Whether the canonical form lower-cases names of this field.
    pub(in crate::wire) const fn has_lowered_names(self) -> bool {
        match self {
            Self::Name(form) | Self::Names(form) => form.is_lowered(),
            Self::A6 => true,
            _ => false,
        }
    }

    /// Writes the field, which [`length`](Self::length) has cut out and checked.
    pub(super) fn write(self, octets: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
        let value = || octets.iter().fold(0u32, |value, &octet| value << 8 | u32::from(octet));
        let content = || octets.get(1..).unwrap_or_default();
        match self {
            Self::U8 | Self::U16 | Self::U32 | Self::Period | Self::Code(_) | Self::KeyFlags => {
                write!(out, "{}", value())
            }
            Self::Node => decimals::write_node(octets, out),
            Self::Grouped(groups) => groups.write(octets, out),
            Self::Type => write!(out, "{}", Rtype(value() as u16)),
            Self::Time => time::write(value(), out),
            Self::Ipv4 => write!(out, "{}", Ipv4Addr::from(value())),
            Self::Ipv6 => match <[u8; 16]>::try_from(octets) {
                Ok(address) => write!(out, "{}", Ipv6Addr::from(address)),
                Err(_) => Err(fmt::Error),
            },
            Self::Name(_) => match wire::Name::from_wire(octets) {
                Ok(name) => write!(out, "{name}"),
                Err(_) => Err(fmt::Error),
            },
            Self::Names(_) => write_names(octets, out),
            Self::Decimal(_) | Self::X25 => content().iter().try_for_each(|&octet| out.write_char(char::from(octet))),
            Self::CharString | Self::OptionalString => strings::write_quoted(content(), out),
            Self::CharStrings => strings::write_all(octets, out),
            Self::CaaValue | Self::UriTarget => strings::write_quoted(octets, out),
            Self::CaaTag => content().iter().try_for_each(|&octet| out.write_char(char::from(octet))),
            Self::Hex | Self::Digest => write!(out, "{}", HEXUPPER.encode_display(octets)),
            Self::Base64OrDash if octets.is_empty() => out.write_char('-'),
            Self::Base64 | Self::OptionalBase64 | Self::Base64OrDash => {
                write!(out, "{}", BASE64.encode_display(octets))
            }
            Self::Nsap => write!(out, "0x{}", HEXUPPER.encode_display(octets)),
            Self::Salt if octets == [0] => out.write_char('-'),
            Self::Salt => write!(out, "{}", HEXUPPER.encode_display(content())),
            Self::NextHash => write!(out, "{}", BASE32_DNSSEC.encode_display(content())),
            Self::TypeBitmap => bitmap::write(octets, out),
            Self::NxtBitmap => bitmap::write_nxt(octets, out),
            Self::Services => services::write(octets, out),
            Self::Location => location::write(octets, out),
            Self::SvcParams => svcparams::write(octets, out),
            Self::Gateway => gateway::write_gateway(octets, out),
            Self::Relay => gateway::write_relay(octets, out),
            Self::HostIdentity => hip::write(octets, out),
            Self::A6 => a6::write(octets, out),
            Self::Atma => atma::write(octets, out),
            Self::Prefixes => prefixes::write(octets, out),
            Self::Opaque => Err(fmt::Error),
        }
    }
}

/// Writes names, one behind the other.
fn write_names(octets: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    let mut rest = octets;
    while !rest.is_empty() {
        let (name, tail) = wire::Name::split_from(rest).map_err(|_| fmt::Error)?;
        let space = if rest.len() < octets.len() { " " } else { "" };
        write!(out, "{space}{name}")?;
        rest = tail;
    }
    Ok(())
}
