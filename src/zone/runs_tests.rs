use std::convert::Infallible;

use proptest::prelude::*;

use super::*;

fn push(part: &mut Part, rtype: Rtype, ttl: u32, rdata: &[u8]) {
    let write = |out: &mut Vec<u8>| {
        out.extend_from_slice(rdata);
        Ok::<(), Infallible>(())
    };
    let Ok(_) = part.push(rtype, ttl, rdata.len(), write);
}

/// Labels of one octet, so many of them.
fn labels(count: usize, letter: u8) -> Vec<u8> {
    [1, letter].repeat(count)
}

/// All records with their owner, in the order they are kept.
fn all(part: &Part) -> Vec<(Vec<u8>, Rtype, u32, Vec<u8>)> {
    let runs = part.runs().flat_map(|(_, run)| run.records().map(move |record| (run, record)));
    runs.map(|(run, record)| (run.labels.to_vec(), record.rtype, record.ttl, record.rdata.to_vec())).collect()
}

proptest! {
    #[test]
    fn records_come_back_as_they_were(
        records in proptest::collection::vec(
            (any::<bool>(), 0..4usize, b'a'..b'd', 1..4u16, 0..3u32, prop_oneof![0..300usize, 60_000..=65_535usize]), 0..40)
    ) {
        let (mut part, mut expected, mut owner) = (Part::default(), Vec::new(), None);
        for (same, depth, letter, rtype, ttl, length) in records {
            let labels = owner.take().filter(|_| same).unwrap_or_else(|| {
                let labels = labels(depth, letter);
                part.start(&Start { flags: 0, depth, home_depth: depth, labels: &labels });
                labels
            });
            let rdata = vec![letter; length];
            push(&mut part, Rtype(rtype), ttl, &rdata);
            expected.push((labels.clone(), Rtype(rtype), ttl, rdata));
            owner = Some(labels);
        }
        prop_assert_eq!(all(&part), expected);
        prop_assert!(part.chunks.iter().all(|chunk| chunk.0.len() <= CHUNK_OCTETS));
    }
}

#[test]
fn a_record_that_cannot_be_written_is_not_there() {
    let mut part = Part::default();
    part.start(&Start { flags: 0, depth: 1, home_depth: 1, labels: b"\x01a" });
    let failed = part.push(Rtype::TXT, 7, 400, |out: &mut Vec<u8>| {
        out.push(1);
        Err(())
    });
    assert_eq!(failed, Err(()));
    push(&mut part, Rtype::A, 7, &[1, 2, 3, 4]);
    assert_eq!(all(&part), [(b"\x01a".to_vec(), Rtype::A, 7, vec![1, 2, 3, 4])]);
}

#[test]
fn a_small_zone_takes_little_memory_and_a_large_one_has_parts() {
    let (mut runs, mut expected) = (Runs::default(), Vec::new());
    let hash_of = |labels: &[u8]| u64::from_le_bytes(*labels.first_chunk().expect("eight octets"));
    for number in 0..200_000_u64 {
        if runs.outgrow_one_part() {
            assert!(runs.settled.parts[0].chunks.len() >= PARTED_OCTETS / CHUNK_OCTETS);
            runs.split(hash_of);
            assert_eq!(runs.settled.count(), 1 << PART_BITS);
        }
        let hash = (number / 3).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let labels = hash.to_le_bytes();
        runs.start(hash, &Start { flags: 0, depth: 0, home_depth: 0, labels: &labels });
        let write = |out: &mut Vec<u8>| {
            out.extend_from_slice(&[0; 40]);
            out.extend_from_slice(&number.to_le_bytes());
            Ok::<(), Infallible>(())
        };
        let Ok(()) = runs.push(Rtype::TXT, 300, 48, write);
        expected.push((hash >> (64 - PART_BITS), number));
        if number == 9 {
            assert!(runs.settled.parts[0].chunks[0].0.capacity() < 2_048);
        }
    }
    expected.sort_unstable();
    let mut found = Vec::new();
    for (number, part) in (0..).zip(&runs.settled.parts) {
        let records = part.runs().flat_map(|(_, run)| run.records());
        found.extend(
            records.map(|record| (number, u64::from_le_bytes(*record.rdata.last_chunk().expect("eight octets")))),
        );
    }
    assert_eq!(found, expected);
}
