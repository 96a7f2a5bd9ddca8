//! Type bitmaps of NSEC and NSEC3, compared with the types that there are (RFC 4034 section 4.1.2).
//!
//! Does not know which types there should be.

use crate::wire::Rtype;

/// The types of a bitmap, ascending; where it is malformed they end.
pub(super) fn types(bitmap: &[u8]) -> impl Iterator<Item = Rtype> {
    let mut rest = bitmap;
    let blocks = std::iter::from_fn(move || {
        let (&[window, octets], tail) = rest.split_first_chunk()?;
        let (bits, tail) = tail.split_at_checked(usize::from(octets))?;
        rest = tail;
        Some((window, bits))
    });
    blocks.flat_map(|(window, bits)| {
        let set = |&bit: &usize| bits[bit / 8] & (0x80 >> (bit % 8)) != 0;
        // A block has at most 32 octets; what is behind them belongs to no type.
        (0..bits.len().min(32) * 8).filter(set).map(move |bit| Rtype(u16::from(window) << 8 | bit as u16))
    })
}

/// The first type in which a bitmap and the types that should be in it differ, and whether the bitmap lists it.
///
/// `expected` is sorted here; a type may be in it twice.
pub(super) fn difference(expected: &mut [Rtype], bitmap: &[u8]) -> Option<(Rtype, bool)> {
    expected.sort_unstable();
    let mut rest = &*expected;
    for listed in types(bitmap) {
        match rest.first() {
            Some(&first) if first < listed => return Some((first, false)),
            Some(&first) if first == listed => {
                rest = &rest[rest.iter().take_while(|&&other| other == first).count()..];
            }
            _ => return Some((listed, true)),
        }
    }
    rest.first().map(|&first| (first, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_found() {
        // A, NS, SOA; CAA.
        let bitmap = [0, 1, 0b0110_0010, 1, 1, 0b0100_0000];
        assert_eq!(types(&bitmap).map(|rtype| rtype.0).collect::<Vec<_>>(), [1, 2, 6, 257]);
        let all = [Rtype::CAA, Rtype::A, Rtype::NS, Rtype::SOA, Rtype::A];
        assert_eq!(difference(&mut all.clone(), &bitmap), None);
        assert_eq!(difference(&mut all[..3].to_vec(), &bitmap), Some((Rtype::SOA, true)));
        assert_eq!(difference(&mut all[1..].to_vec(), &bitmap), Some((Rtype::CAA, true)));
        assert_eq!(difference(&mut [&all[..], &[Rtype::MX]].concat(), &bitmap), Some((Rtype::MX, false)));
        assert_eq!(difference(&mut [&all[..], &[Rtype(300)]].concat(), &bitmap), Some((Rtype(300), false)));
        assert_eq!(difference(&mut [], &[]), None);
    }

    #[test]
    fn malformed_ones_end() {
        for bitmap in [&[0][..], &[0, 2, 1], &[0, 255]] {
            assert_eq!(types(bitmap).count(), 0);
        }
        assert_eq!(types(&[&[0, 40][..], &[0; 32], &[0xff; 8]].concat()).count(), 0);
    }
}
