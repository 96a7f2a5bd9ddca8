//! Text to wire form in this process, from memory: megabytes and records a second on one core.

use std::fs;
use std::hint::black_box;
use std::io;

use gannet::wire::NameBuf;
use gannet::zonefile::Reader;

use super::sample::Sample;
use super::zones::ZoneFile;

/// What reading a text gives.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Count {
    records: u64,
    /// Octets of owners and rdata: nothing can be left out.
    octets: usize,
}

/// Reads each zone once a round and shows the medians.
pub(crate) fn compare(zones: &[ZoneFile], rounds: usize) -> io::Result<()> {
    println!("\n| text to wire, one core | MB | records | MB/s of CPU time | million records/s |");
    println!("|---|---|---|---|---|");
    let texts: Vec<Vec<u8>> = zones.iter().map(|zone| fs::read(&zone.file)).collect::<io::Result<_>>()?;
    let mut samples = vec![(Sample::default(), Sample::default()); zones.len()];
    let mut counts = Vec::new();
    for round in 0..=rounds {
        for (number, (zone, text)) in zones.iter().zip(&texts).enumerate() {
            let start = cpu_seconds();
            let count = read(&zone.apex, text)?;
            let seconds = cpu_seconds() - start;
            if round == 0 {
                counts.push(count); // and pages are there, branches learnt
                continue;
            }
            samples[number].0.add(text.len() as f64 / seconds / 1e6);
            samples[number].1.add(count.records as f64 / seconds / 1e6);
        }
    }
    for (((zone, text), count), (octets, records)) in zones.iter().zip(&texts).zip(counts).zip(samples) {
        let megabytes = text.len() as f64 / 1e6;
        println!("| {} | {megabytes:.1} | {} | {} | {} |", zone.title, count.records, octets.show(0), records.show(2));
    }
    Ok(())
}

fn read(apex: &str, text: &[u8]) -> io::Result<Count> {
    let origin: NameBuf = apex.parse().map_err(io::Error::other)?;
    let mut reader = Reader::new(text, "bench", origin.as_name());
    let mut count = Count { records: 0, octets: 0 };
    while let Some(next) = reader.next() {
        let (record, _) = next.map_err(io::Error::other)?;
        count.records += 1;
        count.octets += record.owner.wire().len() + black_box(record.rdata).len();
    }
    Ok(count)
}

/// CPU time that this thread has taken.
fn cpu_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec, which is all that the call writes.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
