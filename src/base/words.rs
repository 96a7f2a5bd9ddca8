//! Short runs of octets, compared and copied by the word: most are a few octets long, and calling the C library for each costs
//! more than the work.
//!
//! Does not know what they are.

/// Whether two runs of octets are the same.
#[inline(always)]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    // Whole words, and a last one that overlaps with the one before it.
    if let (Some(last_of_a), Some(last_of_b)) = (a.last_chunk::<8>(), b.last_chunk::<8>()) {
        let mut words = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0);
        return last_of_a == last_of_b && words.all(|(a, b)| a == b);
    }
    if let (Some(last_of_a), Some(last_of_b)) = (a.last_chunk::<4>(), b.last_chunk::<4>()) {
        return last_of_a == last_of_b && a.first_chunk::<4>() == b.first_chunk();
    }
    a.iter().zip(b).all(|(a, b)| a == b)
}

/// Copies the first `length` octets of `from` to the start of `to`, both being as long; up to `LOOSE` octets are moved at once,
/// whether they are wanted or not. What stands behind the wanted ones in `to` is of no value before or after.
#[inline(always)]
pub fn copy_loosely<const LOOSE: usize>(to: &mut [u8], from: &[u8], length: usize) {
    match (to.first_chunk_mut::<LOOSE>(), from.first_chunk::<LOOSE>()) {
        (Some(to), Some(from)) if length <= LOOSE => *to = *from,
        _ => to[..length].copy_from_slice(&from[..length]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_octet_makes_the_difference_wherever_it_is() {
        let octets: Vec<u8> = (0..70).collect();
        for length in 0..octets.len() {
            assert!(same(&octets[..length], &octets[..length]), "{length}");
            assert!(!same(&octets[..length], &octets[..length + 1]) && !same(&octets[..length + 1], &octets[..length]));
            for at in 0..length {
                let mut other = octets[..length].to_vec();
                other[at] ^= 0x80;
                assert!(!same(&octets[..length], &other), "octet {at} of {length}");
            }
        }
    }

    #[test]
    fn loose_copies_hold_what_was_asked_for_and_leave_all_behind_alone() {
        let from: Vec<u8> = (1..=120).collect();
        let cases = (0..=90).flat_map(|length| [(length, 90, 120), (length, length, 120), (length, 90, length)]);
        for (length, room, held) in cases {
            let mut to = [0; 100];
            copy_loosely::<64>(&mut to[..room], &from[..held], length);
            assert_eq!(to[..length], from[..length]);
            let untouched = length.max(64).min(room).max(length);
            assert!(to[untouched..].iter().all(|&octet| octet == 0), "{length} of {room}");
        }
    }
}
