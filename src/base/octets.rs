//! Octets of text looked at sixteen at a time.
//!
//! Does not know what they mean.

/// Sixteen octets.
#[derive(Debug, Clone, Copy)]
pub struct Sixteen(lanes::Octets);

/// Which of [`Sixteen`] have a property.
#[derive(Debug, Clone, Copy)]
pub struct Found(lanes::Found);

impl Sixteen {
    /// Takes octets.
    #[inline(always)]
    pub fn of(octets: &[u8; 16]) -> Self {
        Self(lanes::load(octets))
    }

    /// Those that are `octet`.
    #[inline(always)]
    pub fn equal(self, octet: u8) -> Found {
        Found(lanes::equal(self.0, octet))
    }

    /// Those that are `octet` or less.
    #[inline(always)]
    pub fn at_most(self, octet: u8) -> Found {
        Found(lanes::at_most(self.0, octet))
    }
}

impl Found {
    /// Those that have this property and not the other.
    #[inline(always)]
    pub fn and_not(self, other: Self) -> Self {
        Self(lanes::and_not(self.0, other.0))
    }

    /// One bit each, bit 0 for the first octet.
    #[inline(always)]
    pub fn bits(self) -> u16 {
        lanes::bits(self.0)
    }
}

impl std::ops::BitOr for Found {
    type Output = Self;

    /// Those that have either property.
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self(lanes::or(self.0, other.0))
    }
}

/// Up to sixteen octets as a number, the first octet lowest, with zeros behind the last.
///
/// The result is meaningless for more than sixteen.
#[inline(always)]
pub fn short(text: &[u8]) -> u128 {
    let length = text.len();
    // Two pieces that overlap where they must: what both have is the same in both.
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
        return u128::from(first) | u128::from(last) << (8 * (length - 8) % 128);
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return (u64::from(first) | u64::from(last) << (8 * (length - 4) % 64)).into();
    }
    match *text {
        [] => 0,
        [first] => first.into(),
        [first, .., last] => {
            let middle = u32::from(text[length / 2]) << (8 * (length / 2));
            (u32::from(first) | middle | u32::from(last) << (8 * (length - 1))).into()
        }
    }
}

/// The vectors of x86-64: every such processor has SSE2.
#[cfg(all(target_feature = "sse2", not(feature = "scalar")))]
mod lanes {
    use std::arch::x86_64::{
        __m128i, _mm_andnot_si128, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128,
        _mm_set1_epi8,
    };

    pub(super) type Octets = __m128i;
    pub(super) type Found = __m128i;

    #[inline(always)]
    pub(super) fn load(octets: &[u8; 16]) -> Octets {
        // SAFETY: the target has SSE2; sixteen octets can be read, and this load takes any alignment.
        unsafe { _mm_loadu_si128(octets.as_ptr().cast()) }
    }

    #[inline(always)]
    pub(super) fn equal(octets: Octets, octet: u8) -> Found {
        // SAFETY: the target has SSE2.
        unsafe { _mm_cmpeq_epi8(octets, _mm_set1_epi8(octet as i8)) }
    }

    #[inline(always)]
    pub(super) fn at_most(octets: Octets, octet: u8) -> Found {
        // SAFETY: the target has SSE2.
        unsafe { _mm_cmpeq_epi8(octets, _mm_min_epu8(octets, _mm_set1_epi8(octet as i8))) }
    }

    #[inline(always)]
    pub(super) fn and_not(found: Found, other: Found) -> Found {
        // SAFETY: the target has SSE2.
        unsafe { _mm_andnot_si128(other, found) }
    }

    #[inline(always)]
    pub(super) fn or(found: Found, other: Found) -> Found {
        // SAFETY: the target has SSE2.
        unsafe { _mm_or_si128(found, other) }
    }

    #[inline(always)]
    pub(super) fn bits(found: Found) -> u16 {
        // SAFETY: the target has SSE2.
        unsafe { _mm_movemask_epi8(found) as u16 }
    }
}

#[cfg(not(all(target_feature = "sse2", not(feature = "scalar"))))]
use plain as lanes;

/// The same one by one: for other processors, and the safe twin that the tests compare with; the feature `scalar` makes
/// all that is built on this run on it.
#[cfg(any(test, feature = "scalar", not(target_feature = "sse2")))]
mod plain {
    pub(super) type Octets = [u8; 16];
    pub(super) type Found = u16;

    #[inline]
    pub(super) fn load(octets: &[u8; 16]) -> Octets {
        *octets
    }

    fn each(octets: Octets, property: impl Fn(u8) -> bool) -> Found {
        octets.iter().rev().fold(0, |bits, &octet| bits << 1 | u16::from(property(octet)))
    }

    #[inline]
    pub(super) fn equal(octets: Octets, octet: u8) -> Found {
        each(octets, |other| other == octet)
    }

    #[inline]
    pub(super) fn at_most(octets: Octets, octet: u8) -> Found {
        each(octets, |other| other <= octet)
    }

    #[inline]
    pub(super) fn and_not(found: Found, other: Found) -> Found {
        found & !other
    }

    #[inline]
    pub(super) fn or(found: Found, other: Found) -> Found {
        found | other
    }

    #[inline]
    pub(super) fn bits(found: Found) -> u16 {
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn vectors_find_what_their_twin_finds(octets in any::<[u8; 16]>(), place in 0..16usize, other in any::<u8>()) {
            let (sixteen, twin) = (Sixteen::of(&octets), plain::load(&octets));
            for octet in [octets[place], other, 0, 0x7f, 0x80, 0xff] {
                let (equal, at_most) = (plain::equal(twin, octet), plain::at_most(twin, octet));
                prop_assert_eq!(sixteen.equal(octet).bits(), plain::bits(equal));
                prop_assert_eq!(sixteen.at_most(octet).bits(), plain::bits(at_most));
                let less = sixteen.at_most(octet).and_not(sixteen.equal(octet));
                prop_assert_eq!(less.bits(), plain::and_not(at_most, equal));
                let either = sixteen.equal(octet) | sixteen.equal(other);
                prop_assert_eq!(either.bits(), plain::or(equal, plain::equal(twin, other)));
            }
        }

        #[test]
        fn short_text_is_its_octets_and_zeros(text in proptest::collection::vec(any::<u8>(), 0..=16)) {
            let mut octets = [0; 16];
            octets[..text.len()].copy_from_slice(&text);
            prop_assert_eq!(short(&text), u128::from_le_bytes(octets));
        }
    }
}
