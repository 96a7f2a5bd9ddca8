//! Reads queries and writes replies: nanoseconds for each, without zones.
#![allow(missing_docs)] // criterion's macros make public functions without any

mod questions;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use gannet::base::limits::UDP_OCTETS_DEFAULT;
use gannet::wire::{
    Class, Flags, Full, HashedName, NameBuf, OptWriter, Place, Query, Rcode, Rtype, Section, SuffixHasher, Writer,
};

use questions::{name, query};

/// A name of 255 octets and 127 labels: the most that a query can make anybody hash.
fn longest_name() -> NameBuf {
    name(&"a.".repeat(127))
}

fn parse(criterion: &mut Criterion) {
    let short = name("www.example.com");
    let messages = [
        ("plain", query(&short, Rtype::A, false)),
        ("with EDNS and a cookie", query(&short, Rtype::A, true)),
        ("of 127 labels", query(&longest_name(), Rtype::A, false)),
    ];
    let mut hashed = HashedName::new(&SuffixHasher::new(1));
    let mut group = criterion.benchmark_group("wire/parse a query");
    for (what, message) in &messages {
        assert!(Query::parse(message, &mut hashed).is_ok(), "{what}");
        group.bench_function(*what, |bencher| {
            bencher.iter(|| Query::parse(black_box(message), &mut hashed).map(|query| query.qtype));
        });
    }
    group.finish();
}

fn read_a_name(criterion: &mut Criterion) {
    let mut hashed = HashedName::new(&SuffixHasher::new(1));
    let mut group = criterion.benchmark_group("wire/read and hash a name");
    for (what, owner) in [("of 3 labels", name("www.example.com")), ("of 127 labels", longest_name())] {
        let octets = owner.as_name().wire();
        assert_eq!(hashed.read(octets), Ok(octets.len()), "{what}");
        group.bench_function(what, |bencher| bencher.iter(|| hashed.read(black_box(octets))));
    }
    group.finish();
}

/// An answer of one address, as most replies are.
fn write_an_address(question: &[u8], buffer: &mut [u8]) -> Result<usize, Full> {
    let mut writer = Writer::new(buffer);
    writer.question(question)?;
    writer.record(Section::Answer, Place::QUESTION, Rtype::A, Class::IN, 3_600, [&[192, 0, 2, 1]])?;
    let length = writer.finish([0x12, 0x34], Flags::QR.with(Flags::AA), Rcode::NOERROR);
    write_an_opt(buffer, length)
}

/// A referral: two name servers below its owner, which `write_server` writes by number, with an address each.
fn write_a_referral(
    question: &[u8],
    buffer: &mut [u8],
    write_server: impl Fn(&mut Writer<'_>, usize) -> Result<Place, Full>,
) -> Result<usize, Full> {
    let mut writer = Writer::new(buffer);
    writer.question(question)?;
    let mut places = [Place::QUESTION; 2];
    for (number, place) in places.iter_mut().enumerate() {
        let record = writer.open(Section::Authority, Place::QUESTION, Rtype::NS, Class::IN, 86_400)?;
        *place = write_server(&mut writer, number)?;
        writer.close(record);
    }
    for place in places {
        writer.record(Section::Additional, place, Rtype::A, Class::IN, 86_400, [&[192, 0, 2, 1]])?;
    }
    let length = writer.finish([0x12, 0x34], Flags::QR, Rcode::NOERROR);
    write_an_opt(buffer, length)
}

fn write_an_opt(buffer: &mut [u8], length: usize) -> Result<usize, Full> {
    Ok(OptWriter::open(buffer, length, UDP_OCTETS_DEFAULT as u16, Rcode::NOERROR, false)?.close())
}

fn write(criterion: &mut Criterion) {
    let message = query(&name("www.example.com"), Rtype::A, false);
    let question = &message[12..];
    let labels = [b"\x03ns1", b"\x03ns2"];
    let servers = [name("ns1.www.example.com"), name("ns2.www.example.com")];
    let behind_the_owner = |writer: &mut Writer<'_>, number: usize| writer.labels_then(labels[number], Place::QUESTION);
    let searched_for = |writer: &mut Writer<'_>, number: usize| writer.name(servers[number].as_name());
    let mut buffer = [0; UDP_OCTETS_DEFAULT];
    // The header, 21 octets of question, 11 of OPT; a record of 16, or two of 12 + 6 and two of 16.
    assert_eq!(write_an_address(question, &mut buffer), Ok(12 + 21 + 16 + 11));
    assert_eq!(write_a_referral(question, &mut buffer, behind_the_owner), Ok(12 + 21 + 2 * (18 + 16) + 11));
    // The question is not searched: the first name is spelled out, 15 octets more.
    assert_eq!(write_a_referral(question, &mut buffer, searched_for), Ok(12 + 21 + 2 * (18 + 16) + 11 + 15));
    let mut group = criterion.benchmark_group("wire/write a reply");
    group.bench_function("one address", |bencher| {
        bencher.iter(|| write_an_address(black_box(question), &mut buffer));
    });
    group.bench_function("a referral, names stored without the owner", |bencher| {
        bencher.iter(|| write_a_referral(black_box(question), &mut buffer, behind_the_owner));
    });
    group.bench_function("a referral, names compressed by search", |bencher| {
        bencher.iter(|| write_a_referral(black_box(question), &mut buffer, searched_for));
    });
    group.finish();
}

criterion_group!(benches, parse, read_a_name, write);
criterion_main!(benches);
