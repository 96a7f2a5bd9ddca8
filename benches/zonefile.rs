//! Reads generated zones: megabytes and records per second on one core.
#![allow(missing_docs)] // criterion's macros make public functions without any

use std::fmt::Write;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gannet::wire::NameBuf;
use gannet::zonefile::Reader;

/// A registry's zone: for each name two name servers, for every fourth one inside it with its address, for every fifth a DS.
fn delegations(names: u32) -> String {
    let mut text =
        "$ORIGIN example.\n$TTL 86400\n@ SOA a.nic hostmaster.nic 1 1800 900 604800 900\n@ NS a.nic\n".to_owned();
    text += "a.nic A 192.0.2.1\n";
    for number in 0..names {
        // A name that differs in its first letters too, as names do.
        let name = format!("{:06x}-domain", number.wrapping_mul(0x9e_3779) & 0xff_ffff);
        let hoster = number % 97;
        let _ = match number % 4 {
            0 => write!(
                text,
                "{name} NS ns.{name}\n{name} NS ns2.hoster{hoster}.example.net.\nns.{name} A 192.0.2.{hoster}\n"
            ),
            _ => write!(
                text,
                "{name}\tIN\tNS\tns1.hoster{hoster}.example.net.\n\tIN\tNS\tns2.hoster{hoster}.example.net.\n"
            ),
        };
        if number % 5 == 0 {
            let digest = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let _ = writeln!(text, "{name} 3600 IN DS 12345 13 2 {digest:016x}{digest:016x}{digest:016x}{digest:016x}");
        }
    }
    text
}

/// Records, and octets of rdata so that nothing is left out.
fn read(text: &str, origin: &NameBuf) -> (u64, usize) {
    let mut reader = Reader::new(text.as_bytes(), "bench", origin.as_name());
    let (mut records, mut octets) = (0, 0);
    while let Some(next) = reader.next() {
        let (record, _) = next.expect("a generated zone has no errors");
        records += 1;
        octets += record.owner.wire().len() + black_box(record.rdata).len();
    }
    (records, octets)
}

fn zonefile(criterion: &mut Criterion) {
    let origin: NameBuf = "example".parse().expect("a name");
    let text = delegations(100_000);
    let records = read(&text, &origin).0;

    let mut group = criterion.benchmark_group("zonefile");
    group.sample_size(20);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("delegations, by octets", |bencher| bencher.iter(|| read(&text, &origin)));
    group.throughput(Throughput::Elements(records));
    group.bench_function("delegations, by records", |bencher| bencher.iter(|| read(&text, &origin)));
    group.finish();
}

criterion_group!(benches, zonefile);
criterion_main!(benches);
