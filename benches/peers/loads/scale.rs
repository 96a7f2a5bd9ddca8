//! Registries of any size, to see what grows with it: delegations as in *million*, with labels that need not be kept.

use std::io::{self, Write};

use super::million::{ORIGIN, push, write_apex};
use super::{Disk, Load, SEED};
use crate::carriage::Carriage;
use crate::query::{Kind, Queries, Type};
use crate::random::Random;

/// More than the server answers in ten seconds, and for the largest registry still a draw.
const QUERIES: usize = 4_000_000;

/// Letters that all labels begin with: what they spell tells them apart and keeps their order.
const LETTERS: u32 = 8;
const LABELS: u64 = 26_u64.pow(LETTERS);

/// Records of the registry itself, and of each delegation: two NS, and glue or a DS.
const RECORDS_OF_APEX: usize = 5;
const RECORDS_OF_EACH: usize = 3;

/// A registry of so many delegations.
pub(super) fn draw(disk: &mut Disk, name: &'static str, count: usize) -> io::Result<Load> {
    write_zone(count, &mut *disk.zone(ORIGIN)?)?;
    let (mut random, mut queries, mut probes) = (Random::new(SEED), Queries::default(), Queries::default());
    for _ in 0..QUERIES {
        let number = random.below(count);
        push(&label(number, count), kind(number), &mut random, &mut queries);
    }
    probes.push(ORIGIN, Type::Soa, Kind::Answer);
    for number in [0, count / 2, count - 1] {
        push(&label(number, count), kind(number), &mut random, &mut probes);
    }
    Ok(Load {
        name,
        description: format!("one zone of {count} delegations, each 2 NS and a glue A or a DS; names drawn uniformly"),
        carriage: Carriage::Datagrams,
        records: Some(RECORDS_OF_APEX + count * RECORDS_OF_EACH),
        directory: disk.directory.clone(),
        origins: vec![ORIGIN.to_owned()],
        probes,
        queries,
    })
}

/// The label of a delegation: 8 letters that count up with its number, by steps of any size, and up to 7 more.
fn label(number: usize, count: usize) -> String {
    let step = LABELS / count as u64;
    let mut chance = Random::new(SEED ^ number as u64);
    let mut value = number as u64 * step + chance.next() % step;
    let mut letters = [0; LETTERS as usize];
    for letter in letters.iter_mut().rev() {
        *letter = b'a' + (value % 26) as u8;
        value /= 26;
    }
    let mut label: String = letters.map(char::from).iter().collect();
    for _ in 0..chance.below(8) {
        label.push(char::from(b'a' + chance.below(26) as u8));
    }
    label
}

fn has_glue(number: usize) -> bool {
    number.is_multiple_of(2)
}

fn kind(number: usize) -> Kind {
    if has_glue(number) { Kind::ReferralWithGlue } else { Kind::Referral }
}

fn write_zone(count: usize, out: &mut dyn Write) -> io::Result<()> {
    write_apex(out)?;
    for number in 0..count {
        let label = label(number, count);
        let hoster = number % 5_003;
        writeln!(out, "{label}.{ORIGIN}\t86400\tIN\tNS\tns2.hoster-{hoster}.net.")?;
        if has_glue(number) {
            let [_, a, b, c] = (number as u32).to_be_bytes();
            writeln!(out, "{label}.{ORIGIN}\t86400\tIN\tNS\tns1.{label}.{ORIGIN}")?;
            writeln!(out, "ns1.{label}.{ORIGIN}\t86400\tIN\tA\t100.{a}.{b}.{c}")?;
        } else {
            writeln!(out, "{label}.{ORIGIN}\t86400\tIN\tNS\tns1.hoster-{hoster}.net.")?;
            writeln!(out, "{label}.{ORIGIN}\t86400\tIN\tDS\t{} 13 2 {:064X}", number % 65_536, number)?;
        }
    }
    out.flush()
}
