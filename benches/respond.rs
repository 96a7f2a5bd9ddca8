//! Answers queries through the waist, one for each outcome, without the answer cache and with it.
//!
//! With the cache, only what it admits is served from it; the others show what asking it costs them.
#![allow(missing_docs)] // criterion's macros make public functions without any

mod outcomes;
mod questions;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gannet::base::limits::{BATCH, DATAGRAM_OCTETS};
use gannet::net::{Batch, Respond};

use outcomes::{CASES, PEER, ZONE, check, message, responder, zones};
use questions::name;

fn each_outcome(criterion: &mut Criterion) {
    let mut reply = [0; DATAGRAM_OCTETS];
    for (cache, cached_answers) in [("no cache", 0), ("cache", 4_096)] {
        let mut responder = responder(zones(&name("example.com"), ZONE.as_bytes()), cached_answers);
        let mut group = criterion.benchmark_group(format!("respond, {cache}"));
        for case in &CASES {
            // Twice: the second may come from the cache.
            check(&mut responder, case, &mut reply);
            check(&mut responder, case, &mut reply);
            let message = message(case);
            group.bench_function(case.0, |bencher| {
                bencher.iter(|| responder.respond(black_box(&message), PEER, &mut reply));
            });
        }
        group.finish();
    }
}

/// A batch as a worker reads it, all outcomes mixed.
fn batches(criterion: &mut Criterion) {
    let messages: Vec<Vec<u8>> = CASES.iter().cycle().take(BATCH).map(message).collect();
    let mut batch = Batch::new();
    let mut group = criterion.benchmark_group("respond, batches");
    group.throughput(Throughput::Elements(BATCH as u64));
    for (what, cached_answers) in [("no cache", 0), ("cache", 4_096)] {
        let mut responder = responder(zones(&name("example.com"), ZONE.as_bytes()), cached_answers);
        let mut answer = || {
            batch.clear();
            assert!(messages.iter().all(|message| batch.push(message, PEER)), "a batch has room");
            responder.respond_batch(&mut batch);
            batch.reply(BATCH - 1).map(<[u8]>::len)
        };
        assert!(answer().is_some(), "every message gets a reply");
        group.bench_function(what, |bencher| bencher.iter(&mut answer));
    }
    group.finish();
}

criterion_group!(benches, each_outcome, batches);
criterion_main!(benches);
