//! Addresses from text, without a detour over `str`: they are a good part of every zone.
//!
//! The standard library's parser is the safe twin that the tests compare with.

use crate::base::octets::{Sixteen, short};

/// Reads a dotted quad: four decimal numbers without leading zeros, which some take for octal.
#[inline]
pub(super) fn ipv4(text: &[u8]) -> Option<[u8; 4]> {
    if text.len() > "255.255.255.255".len() {
        return None;
    }
    let octets = short(text).to_le_bytes();
    // One bit for each dot, and one for the end.
    let mut ends = u32::from(Sixteen::of(&octets).equal(b'.').bits()) | 1 << text.len();
    let (mut address, mut start) = ([0; 4], 0);
    for part in &mut address {
        let end = ends.trailing_zeros() as usize;
        ends &= ends.wrapping_sub(1);
        let digit = |at: usize| octets.get(at).map(|&octet| octet.wrapping_sub(b'0')).filter(|&digit| digit <= 9);
        let value = match end - start {
            1 => digit(start)?.into(),
            2 => u16::from(digit(start).filter(|&first| first > 0)?) * 10 + u16::from(digit(start + 1)?),
            3 => {
                let first = digit(start).filter(|&first| first > 0)?;
                u16::from(first) * 100 + u16::from(digit(start + 1)?) * 10 + u16::from(digit(start + 2)?)
            }
            _ => return None,
        };
        *part = u8::try_from(value).ok()?;
        start = end + 1;
    }
    (ends == 0).then_some(address)
}

/// Reads the forms of RFC 4291 section 2.2: groups of hex, `::` for one or more groups of zeros, a dotted quad at the end.
pub(super) fn ipv6(text: &[u8]) -> Option<[u8; 16]> {
    let (mut address, mut at, mut gap, mut rest) = ([0u8; 16], 0, None, text);
    if let Some(tail) = rest.strip_prefix(b"::") {
        (gap, rest) = (Some(0), tail);
    }
    while !rest.is_empty() {
        let (mut value, mut digits) = (0u32, 0);
        while let Some(digit) = rest.get(digits).and_then(|&octet| char::from(octet).to_digit(16)) {
            (value, digits) = (value << 4 | digit, digits + 1);
            if digits > 4 {
                return None;
            }
        }
        if rest.get(digits) == Some(&b'.') {
            address.get_mut(at..at + 4)?.copy_from_slice(&ipv4(rest)?);
            at += 4;
            break;
        }
        if digits == 0 {
            return None;
        }
        address.get_mut(at..at + 2)?.copy_from_slice(&(value as u16).to_be_bytes());
        at += 2;
        rest = match &rest[digits..] {
            [] => break,
            [b':', b':', tail @ ..] if gap.is_none() => {
                gap = Some(at);
                tail
            }
            [b':', tail @ ..] if !tail.is_empty() => tail,
            _ => return None,
        };
    }
    match gap {
        Some(gap) if at < address.len() => {
            let tail = address.len() - (at - gap);
            address.copy_within(gap..at, tail);
            address[gap..tail].fill(0);
            Some(address)
        }
        None if at == address.len() => Some(address),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn corners() {
        for text in [
            "::",
            "1::",
            "::1",
            "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7:8",
            "1::8",
            "::1.2.3.4",
            "1:2:3:4:5:6:1.2.3.4",
        ] {
            assert_eq!(ipv6(text.as_bytes()), text.parse::<Ipv6Addr>().map(|address| address.octets()).ok(), "{text}");
            assert!(ipv6(text.as_bytes()).is_some(), "{text}");
        }
        for text in [
            "",
            ":",
            ":1",
            "1:",
            "1::2::3",
            ":::",
            "1:2:3:4:5:6:7:8::",
            "::1:2:3:4:5:6:7:8",
            "12345::",
            "1:2:3:4:5:6:7:1.2.3.4",
            "1.2.3.4",
            "::1.2.3",
            "1:2",
            "::g",
        ] {
            assert_eq!(ipv6(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_same_as_the_standard_library(text in "[0-9a-fA-F:.]{0,24}|([0-9a-f]{1,5}:{1,2}){0,9}([0-9a-f]{0,4}|[0-9]{1,3}(\\.[0-9]{1,3}){3})|[0-9]{1,3}(\\.[0-9]{0,3}){3}") {
            prop_assert_eq!(ipv6(text.as_bytes()), text.parse::<Ipv6Addr>().map(|address| address.octets()).ok());
            prop_assert_eq!(ipv4(text.as_bytes()), text.parse::<Ipv4Addr>().map(|address| address.octets()).ok());
        }

        #[test]
        fn every_address_comes_back(octets in any::<[u8; 16]>(), zeros in any::<u8>()) {
            let mut octets = octets;
            for group in (0..8).filter(|group| zeros & (1 << group) != 0) {
                octets[2 * group..2 * group + 2].fill(0);
            }
            prop_assert_eq!(ipv6(Ipv6Addr::from(octets).to_string().as_bytes()), Some(octets));
        }
    }
}
