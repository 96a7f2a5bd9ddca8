//! Address prefixes: `192.0.2.0/24`, `2001:db8::/32`, or one address.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A block of addresses.
///
/// Having a `Prefix` tells you: its length is at most that of its address, and no bit beyond the length is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    addr: IpAddr,
    length: u8,
}

/// Why a text or a pair of address and length is no prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrefixError {
    /// What stands before the slash is no address.
    Address,
    /// What stands after the slash is no number, or more than these, which are all the bits that the address has.
    Length(u8),
    /// The address has bits beyond the length: perhaps a typing error in either. The prefix without them.
    HostBits(Prefix),
}

impl Prefix {
    /// The first `length` bits of `addr`, of which the others must be 0.
    pub fn new(addr: IpAddr, length: u8) -> Result<Self, PrefixError> {
        if length > width(addr) {
            return Err(PrefixError::Length(width(addr)));
        }
        let first: IpAddr = match addr {
            IpAddr::V4(addr) => Ipv4Addr::from_bits(addr.to_bits() & mask(length + 96) as u32).into(),
            IpAddr::V6(addr) => Ipv6Addr::from_bits(addr.to_bits() & mask(length)).into(),
        };
        let prefix = Self { addr: first, length };
        if first == addr { Ok(prefix) } else { Err(PrefixError::HostBits(prefix)) }
    }

    /// Whether `addr` is in the block. An IPv4 address mapped into IPv6 is that IPv4 address, and no IPv6 block that is
    /// wider than all IPv4 addresses has it.
    pub fn contains(&self, addr: IpAddr) -> bool {
        let length = if self.addr.is_ipv4() { self.length + 96 } else { self.length };
        let is_ipv4 = in_one_space(addr) >> 32 == 0xffff;
        (length >= 96 || !is_ipv4) && (in_one_space(self.addr) ^ in_one_space(addr)) & mask(length) == 0
    }
}

/// How many bits the address has.
fn width(addr: IpAddr) -> u8 {
    if addr.is_ipv4() { 32 } else { 128 }
}

/// The address as 128 bits, IPv4 addresses as mapped ones (RFC 4291 section 2.5.5.2).
pub(super) fn in_one_space(addr: IpAddr) -> u128 {
    match addr {
        IpAddr::V4(addr) => addr.to_ipv6_mapped().to_bits(),
        IpAddr::V6(addr) => addr.to_bits(),
    }
}

/// The mask of the first `length` of 128 bits.
pub(super) fn mask(length: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(length.min(128))).unwrap_or(0)
}

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let (addr, length) = match text.split_once('/') {
            Some((addr, length)) => (addr, Some(length)),
            None => (text, None),
        };
        let addr: IpAddr = addr.parse().map_err(|_| PrefixError::Address)?;
        let length = match length {
            // `parse` would take a sign.
            Some(digits) if digits.bytes().all(|octet| octet.is_ascii_digit()) => {
                digits.parse().map_err(|_| PrefixError::Length(width(addr)))?
            }
            Some(_) => return Err(PrefixError::Length(width(addr))),
            None => width(addr),
        };
        Self::new(addr, length)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.addr, self.length)
    }
}

impl fmt::Display for PrefixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("not an IP address, alone or with a prefix length"),
            Self::Length(most) => write!(f, "not a prefix length from 0 to {most}"),
            Self::HostBits(prefix) => write!(f, "bits are set behind the prefix, which is {prefix}"),
        }
    }
}

impl std::error::Error for PrefixError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prefixes_contain_what_begins_alike() {
        for (prefix, addr, inside) in [
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.0/24", "::ffff:192.0.2.7", true),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.3", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "2001:db8::", false),
            ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::", false),
            ("::/0", "2001:db8::", true),
            ("::/0", "192.0.2.1", false),
            ("::ffff:0:0/96", "192.0.2.1", true),
            ("::1", "::2", false),
        ] {
            let parsed: Prefix = prefix.parse().expect(prefix);
            assert_eq!(parsed.contains(addr.parse().expect(addr)), inside, "{addr} in {prefix}");
        }
    }

    #[test]
    fn what_is_no_prefix_is_refused_with_its_reason() {
        for (text, error) in [
            ("", PrefixError::Address),
            ("example.com/8", PrefixError::Address),
            ("192.0.2.0/", PrefixError::Length(32)),
            ("192.0.2.0/33", PrefixError::Length(32)),
            ("192.0.2.0/+24", PrefixError::Length(32)),
            ("192.0.2.0/999", PrefixError::Length(32)),
            ("::/129", PrefixError::Length(128)),
            ("192.0.2.1/24", PrefixError::HostBits("192.0.2.0/24".parse().expect("a prefix"))),
            ("192.0.2.1/0", PrefixError::HostBits("0.0.0.0/0".parse().expect("a prefix"))),
            ("2001:db8::1/64", PrefixError::HostBits("2001:db8::/64".parse().expect("a prefix"))),
        ] {
            assert_eq!(text.parse::<Prefix>(), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_prefix_or_an_error(text in "[0-9a-f:./]{0,24}") {
            if let Ok(prefix) = text.parse::<Prefix>() {
                prop_assert_eq!(prefix.to_string().parse(), Ok(prefix));
                prop_assert!(prefix.contains(prefix.addr));
            }
        }

        #[test]
        fn a_network_is_parsed_back(bits: u128, length in 0..=128_u8) {
            let addr = Ipv6Addr::from_bits(bits & mask(length));
            let prefix = Prefix::new(addr.into(), length);
            prop_assert_eq!(format!("{addr}/{length}").parse(), prefix);
            let inside = Ipv6Addr::from_bits(bits);
            prop_assert!(prefix.expect("a network").contains(inside.into()) || inside.to_ipv4_mapped().is_some());
        }
    }
}
