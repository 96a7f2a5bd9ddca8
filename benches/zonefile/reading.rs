//! Text to wire form in this process: megabytes and records a second on one core, from memory, and megabytes a second on all
//! of them, from the file.

use std::fs;
use std::hint::black_box;
use std::io;
use std::thread;
use std::time::Instant;

use gannet::base::spread::spread;
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
    if let Some(cores) = thread::available_parallelism().ok().filter(|cores| cores.get() > 1) {
        on_all_cores(zones, rounds, cores.get())?;
    }
    Ok(())
}

/// Reads each file as the daemon and the checker do, by wall time, with one thread and with all.
fn on_all_cores(zones: &[ZoneFile], rounds: usize, cores: usize) -> io::Result<()> {
    println!("\n| file to wire | MB/s of wall time, 1 core | {cores} cores | ratio |");
    println!("|---|---|---|---|");
    for zone in zones {
        let octets = fs::metadata(&zone.file)?.len() as f64 / 1e6;
        let mut samples = [Sample::default(), Sample::default()];
        for round in 0..=rounds {
            let mut counts = Vec::new();
            for (threads, sample) in [1, cores].into_iter().zip(&mut samples) {
                let start = Instant::now();
                counts.push(read_file(zone, threads)?);
                if round > 0 {
                    sample.add(octets / start.elapsed().as_secs_f64());
                }
            }
            assert_eq!(counts[0].records, counts[1].records, "{}", zone.title);
        }
        let [one, all] = samples;
        println!("| {} | {} | {} | {:.2} |", zone.title, one.show(0), all.show(0), all.median() / one.median());
    }
    Ok(())
}

/// Reads a file with so many threads; one where it is too short for more.
fn read_file(zone: &ZoneFile, threads: usize) -> io::Result<Count> {
    let origin: NameBuf = zone.apex.parse().map_err(io::Error::other)?;
    let mut reader = Reader::open(&zone.file, origin.as_name())?;
    let Some(stretches) = reader.stretches(threads) else { return count_all(&mut reader) };
    let counts = spread(threads, stretches, |stretch| {
        let mut reader = stretch.reader();
        let count = count_all(&mut reader)?;
        if stretch.is_joined(&reader) { Ok(count) } else { Err(io::Error::other("stretches that do not join")) }
    });
    counts.into_iter().try_fold(Count { records: 0, octets: 0 }, |sum, count| {
        let count = count?;
        Ok(Count { records: sum.records + count.records, octets: sum.octets + count.octets })
    })
}

fn read(apex: &str, text: &[u8]) -> io::Result<Count> {
    let origin: NameBuf = apex.parse().map_err(io::Error::other)?;
    count_all(&mut Reader::new(text, "bench", origin.as_name()))
}

fn count_all(reader: &mut Reader<'_>) -> io::Result<Count> {
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
