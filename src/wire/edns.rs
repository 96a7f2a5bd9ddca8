//! Reads an OPT record (RFC 6891) in one pass, without allocating: payload size, version, flags, and the options that
//! mean something to an authoritative server.
//!
//! Does not know what an option gets in the reply.

use super::header::u16_at;

/// What a query's OPT record says (RFC 6891 section 6.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edns {
    /// The UDP payload size that the client can take, as sent: values below 512 mean 512.
    pub payload: u16,
    /// The EDNS version.
    pub version: u8,
    /// DNSSEC OK (RFC 3225).
    pub dnssec_ok: bool,
    /// Compact answers OK (RFC 9824 section 5.1). Counted; only a server that makes such answers tells it back.
    pub compact_ok: bool,
    /// The options; none are read where the version is not 0, for nobody knows what they mean there.
    pub options: Options,
}

/// The number of an option (RFC 6891 section 6.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionCode(pub u16);

impl OptionCode {
    /// Which server of many this is (RFC 5001).
    pub const NSID: Self = Self(3);
    /// The client's network (RFC 7871).
    pub const SUBNET: Self = Self(8);
    /// When the zone will expire (RFC 7314).
    pub const EXPIRE: Self = Self(9);
    /// DNS Cookies (RFC 7873).
    pub const COOKIE: Self = Self(10);
    /// How long a connection may idle (RFC 7828).
    pub const KEEPALIVE: Self = Self(11);
    /// An extended DNS error (RFC 8914).
    pub const EXTENDED_ERROR: Self = Self(15);
    /// Where errors are to be reported (RFC 9567).
    pub const REPORT_CHANNEL: Self = Self(18);
    /// The version of the zone (RFC 9660).
    pub const ZONE_VERSION: Self = Self(19);
}

/// What is asked for by an option that has no value of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Wish {
    /// To know which server this is.
    Nsid = 1,
    /// To know when the zone expires.
    Expire = 2,
    /// To know how long the connection may idle.
    Keepalive = 4,
    /// To know the zone's version.
    ZoneVersion = 8,
}

/// The options of a query that mean something here: of each the first, as RFC 7873 section 5.2 has it for cookies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    wishes: u8,
    is_malformed: bool,
    cookie: Span,
    subnet: Span,
}

/// Where the value of an option stands in the message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Span {
    start: u16,
    /// 0: there is none.
    octets: u8,
}

/// A COOKIE option (RFC 7873 section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cookie<'q> {
    /// What the client made.
    pub client: [u8; Cookie::CLIENT_OCTETS],
    /// What it had from a server, or thinks it had: nothing, or 8 to 32 octets.
    pub server: &'q [u8],
}

impl Cookie<'_> {
    /// Octets of a client cookie.
    pub const CLIENT_OCTETS: usize = 8;
}

/// Most octets of a COOKIE option: a client cookie and the longest server cookie.
const COOKIE_OCTETS_MAX: usize = 40;

impl Edns {
    /// Octets of an OPT record without options.
    const BARE_OCTETS: usize = 11;

    /// Reads an OPT record of version 0 without options: what most queries end with. None where the octets are not that and
    /// nothing else.
    #[inline]
    pub(super) fn bare(octets: &[u8]) -> Option<Self> {
        let octets: &[u8; Self::BARE_OCTETS] = octets.try_into().ok()?;
        let [0, 0, 41, high, low, _, 0, flags, _, 0, 0] = *octets else { return None };
        Some(Self {
            payload: u16::from_be_bytes([high, low]),
            version: 0,
            dnssec_ok: flags & 0x80 != 0,
            compact_ok: flags & 0x40 != 0,
            options: Options::default(),
        })
    }

    /// Reads the OPT record whose TYPE stands at `fixed` and which ends at `end`, inside the message. None where an option
    /// says that it is longer than the record has room for: the message is broken.
    #[inline]
    pub(super) fn read(message: &[u8], fixed: usize, end: usize) -> Option<Self> {
        let flags = u16_at(message, fixed + 6)?;
        let version = *message.get(fixed + 5)?;
        let options = if version == 0 { Options::read(message, fixed + 10, end)? } else { Options::default() };
        Some(Self {
            payload: u16_at(message, fixed + 2)?,
            version,
            dnssec_ok: flags & 0x8000 != 0,
            compact_ok: flags & 0x4000 != 0,
            options,
        })
    }

    /// What can be told of an OPT record that is not as it has to be; its TYPE stands at `fixed`.
    pub(super) fn broken(message: &[u8], fixed: usize) -> Option<Self> {
        let flags = u16_at(message, fixed + 6)?;
        Some(Self {
            payload: u16_at(message, fixed + 2)?,
            version: 0,
            dnssec_ok: flags & 0x8000 != 0,
            compact_ok: flags & 0x4000 != 0,
            options: Options { is_malformed: true, ..Options::default() },
        })
    }
}

impl Options {
    #[inline]
    fn read(message: &[u8], start: usize, end: usize) -> Option<Self> {
        let mut options = Self::default();
        let mut at = start;
        while at < end {
            let code = OptionCode(u16_at(&message[..end], at)?);
            let octets = usize::from(u16_at(&message[..end], at + 2)?);
            at += 4;
            let value = message[..end].get(at..at + octets)?;
            options.take(code, value, at);
            at += octets;
        }
        Some(options)
    }

    /// Notes one option. What is not known is passed over (RFC 6891 section 6.1.2).
    fn take(&mut self, code: OptionCode, value: &[u8], at: usize) {
        match code {
            // RFC 5001 section 2.1 and RFC 7314 section 3.1: what a query brings as their value means nothing.
            OptionCode::NSID => self.wish(Wish::Nsid),
            OptionCode::EXPIRE => self.wish(Wish::Expire),
            OptionCode::KEEPALIVE => self.wish(Wish::Keepalive),
            OptionCode::ZONE_VERSION if value.is_empty() => self.wish(Wish::ZoneVersion),
            // RFC 9660 section 3: a query's has no value.
            OptionCode::ZONE_VERSION => self.is_malformed = true,
            OptionCode::COOKIE if self.cookie != Span::default() => {}
            // RFC 7873 section 5.2.2.
            OptionCode::COOKIE if !matches!(value.len(), 8 | 16..=COOKIE_OCTETS_MAX) => self.is_malformed = true,
            OptionCode::COOKIE => self.cookie.note(value, at),
            OptionCode::SUBNET if is_subnet(value) => self.subnet.note(value, at),
            OptionCode::SUBNET => self.is_malformed = true,
            _ => {}
        }
    }

    fn wish(&mut self, wish: Wish) {
        self.wishes |= wish as u8;
    }

    /// Whether none of them asks for another option in the reply; a cookie aside.
    #[inline]
    pub fn is_without_wishes(&self) -> bool {
        self.wishes == 0 && self.subnet.octets == 0
    }

    /// Whether it is asked for.
    #[inline]
    pub fn has(&self, wish: Wish) -> bool {
        self.wishes & wish as u8 != 0
    }

    /// Whether an option has a value that its RFC answers with FORMERR.
    #[inline]
    pub fn is_malformed(&self) -> bool {
        self.is_malformed
    }

    /// Whether there is a cookie.
    #[inline]
    pub fn has_cookie(&self) -> bool {
        self.cookie.octets != 0
    }

    /// The cookie; `message` is the one that was read.
    #[inline]
    pub fn cookie<'m>(&self, message: &'m [u8]) -> Option<Cookie<'m>> {
        let (client, server) = self.cookie.of(message)?.split_first_chunk()?;
        Some(Cookie { client: *client, server })
    }

    /// The client's network as it came: FAMILY, SOURCE PREFIX-LENGTH, SCOPE PREFIX-LENGTH (0) and ADDRESS, at most 20 octets;
    /// `message` is the one that was read.
    #[inline]
    pub fn subnet<'m>(&self, message: &'m [u8]) -> Option<&'m [u8]> {
        self.subnet.of(message)
    }
}

impl Span {
    fn note(&mut self, value: &[u8], at: usize) {
        if self.octets == 0 {
            *self = Self { start: at as u16, octets: value.len() as u8 };
        }
    }

    #[inline]
    fn of<'m>(&self, message: &'m [u8]) -> Option<&'m [u8]> {
        let start = usize::from(self.start);
        message.get(start..start + usize::from(self.octets)).filter(|value| !value.is_empty())
    }
}

/// Whether this is the value of a client-subnet option of a query (RFC 7871 section 6). Any other is answered with FORMERR (section
/// 7.2.1), also where it is of an address family that nobody has defined.
fn is_subnet(value: &[u8]) -> bool {
    let Some((&[high, low, source, scope], address)) = value.split_first_chunk() else { return false };
    let bits = match u16::from_be_bytes([high, low]) {
        // What `dig +subnet=0` sends: no network at all.
        0 => 0,
        1 => 32,
        2 => 128,
        _ => return false,
    };
    let spare = (8 - source % 8) % 8;
    let is_padded = address.last().is_none_or(|last| last & ((1 << spare) - 1) as u8 == 0);
    let is_whole = address.len() == usize::from(source).div_ceil(8);
    scope == 0 && source <= bits && is_whole && is_padded
}

#[cfg(test)]
#[path = "edns_tests.rs"]
mod tests;
