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

/// Copies the first `length` octets of `from` in lower case; of what is behind them in it, more may come with them. `from` is no
/// longer than `to`, which has whole chunks of sixteen.
#[inline]
pub fn copy_lower<const OCTETS: usize>(to: &mut [u8; OCTETS], from: &[u8], length: usize) {
    const { assert!(OCTETS.is_multiple_of(CHUNK)) };
    let (whole, _) = from.as_chunks::<CHUNK>();
    let mut at = 0;
    for (to, from) in to.as_chunks_mut::<CHUNK>().0.iter_mut().zip(whole) {
        *to = *from;
        to.make_ascii_lowercase();
        at += CHUNK;
        if at >= length {
            return;
        }
    }
    // The rest with octets in front of it that are there already, or without where there are too few.
    match from.last_chunk::<CHUNK>() {
        Some(last) => {
            let start = from.len() - CHUNK;
            if let Some(to) = to.get_mut(start..).and_then(<[u8]>::first_chunk_mut::<CHUNK>) {
                *to = *last;
                to.make_ascii_lowercase();
            }
        }
        None => {
            for (to, from) in to[at..length].iter_mut().zip(&from[at..length]) {
                *to = from.to_ascii_lowercase();
            }
        }
    }
}

/// Octets put in lower case at once.
const CHUNK: usize = 16;

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
    fn lower_case_is_the_same_octets_but_for_letters() {
        let from: Vec<u8> = (0..=95).map(|at| b"aZ.\x03@[\xc1"[at % 7]).collect();
        for (held, length) in (0..=96).flat_map(|held| (0..=held).map(move |length| (held, length))) {
            let mut to = [0; 96];
            copy_lower(&mut to, &from[..held], length);
            assert_eq!(to[..length], from[..length].to_ascii_lowercase(), "{length} of {held}");
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
