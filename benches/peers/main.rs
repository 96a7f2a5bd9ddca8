//! Runs NSD, Knot, BIND and PowerDNS beside Gannet on the same zones, and prints what a query costs each server's CPU.
//!
//! `cargo bench --bench peers` measures; `benches/NOTES.md` says how the figures are made. Under `cargo test` it only
//! checks itself, in a second or two. It knows of Gannet what a user knows: its program and configuration file.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the table on standard output is what a bench is for")]

mod batch;
mod caches;
mod carriage;
mod datagrams;
mod floor;
mod generator;
mod idle;
mod interrupt;
mod latency;
mod ledger;
mod loads;
mod options;
mod port;
mod process;
mod query;
mod random;
mod report;
mod servers;
mod signed;
mod streams;

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use generator::{Generator, Shape};
use ledger::{OUTSTANDING_MAX, Tally};
use loads::Load;
use options::Options;
use report::{Delay, Pace, Report, Sample};
use servers::{GENERATOR_CPU, Running, Server, bind_to_cpu};

/// How often the bench tries to check itself where no reply comes in time.
const CHECK_TRIES: usize = 5;

/// Queries between the rounds' places in the stream.
const ROUND_STRIDE: usize = 1_250_003;

fn main() -> ExitCode {
    match run(&Options::read()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("peers: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<()> {
    if let Some(port) = options.floor_server {
        floor::serve(port)?;
    }
    if options.test || !options.bench {
        return check_itself(options);
    }
    if !(1..=OUTSTANDING_MAX).contains(&options.outstanding) {
        return Err(io::Error::other(format!("--outstanding takes 1 to {OUTSTANDING_MAX}")));
    }
    interrupt::listen();
    bind_to_cpu(GENERATOR_CPU).map_err(|error| {
        io::Error::other(format!("two CPUs are needed, one for the server, one for the load: {error}"))
    })?;
    if options.idle > 0 {
        idle::make_room(options.idle)?;
    }
    let mut report = Report::new(options);
    print!("{}", report.preamble());
    for name in &options.loads {
        eprintln!("peers: preparing {name}");
        let load = match loads::prepare(name, &options.scratch) {
            Err(missing) if missing.kind() == io::ErrorKind::Unsupported => {
                println!("\n### {name}\n\nleft out: {missing}");
                continue;
            }
            load => load?,
        };
        measure(&load, options, &mut report);
        interrupt::check()?;
        print!("{}", report.table(&load));
    }
    if options.scale {
        print!("{}", report.scale_table());
    }
    if let Some(path) = &options.json {
        std::fs::write(path, report.json())?;
    }
    Ok(())
}

/// Measures every server on one load, round by round. Whoever fails is reported and left out from then on.
fn measure(load: &Load, options: &Options, report: &mut Report) {
    let mut running: Vec<Option<Running>> = options.servers.iter().map(|_| None).collect();
    let mut failed = vec![false; options.servers.len()];
    for round in 0..options.rounds {
        let mut rates = Vec::new();
        for (at, &server) in options.servers.iter().enumerate() {
            if failed[at] || interrupt::check().is_err() {
                continue;
            }
            eprintln!("peers: {} round {} of {}: {}", load.name, round + 1, options.rounds, server.name());
            match measure_once(server, &mut running[at], load, round, options) {
                Ok(sample) => {
                    rates.push((at, sample.qps()));
                    report.add(load, sample);
                }
                Err(error) => {
                    eprintln!("peers: {} on {}: {error}", server.name(), load.name);
                    report.fail(load.name, server, &error);
                    failed[at] = true;
                    running[at] = None;
                }
            }
        }
        if options.latency {
            measure_delays(&rates, &mut running, load, round, options, report);
        }
    }
}

/// How long the replies of each server take below its limits: at half of its own rate, and at half of the best peer's.
fn measure_delays(
    rates: &[(usize, f64)],
    running: &mut [Option<Running>],
    load: &Load,
    round: usize,
    options: &Options,
    report: &mut Report,
) {
    let of_peers = rates.iter().filter(|(at, _)| options.servers[*at].is_peer()).map(|(_, qps)| *qps);
    let best_peer = of_peers.max_by(f64::total_cmp);
    for &(at, own) in rates {
        let server = options.servers[at];
        for (pace, rate) in [(Pace::OwnHalf, Some(own)), (Pace::PeersHalf, best_peer)] {
            let (Some(rate), Ok(())) = (rate.map(|qps| (qps / 2.0) as u32), interrupt::check()) else { continue };
            eprintln!("peers: {} round {} at {rate} a second: {}", load.name, round + 1, server.name());
            let quiet = Shape { rate: Some(rate), watchful: true, ..shape(server, load, options) };
            // Another place in the stream than the round's.
            let start = round * ROUND_STRIDE + ROUND_STRIDE / 2;
            let outcome = started(server, &mut running[at], load, options)
                .and_then(|running| send_load(running, load, start, quiet, |_| ()).map(|((), tally)| tally));
            match outcome {
                Ok(tally) => report.add_delay(load.name, Delay { server, pace, rate, tally }),
                Err(error) => eprintln!("peers: {} on {}: {error}", server.name(), load.name),
            }
        }
    }
}

/// The server, started if it does not run.
fn started<'r>(
    server: Server,
    slot: &'r mut Option<Running>,
    load: &Load,
    options: &Options,
) -> Result<&'r mut Running, String> {
    if slot.is_none() {
        let patience = Duration::from_secs_f64(options.patience);
        let scratch = options.scratch.canonicalize().map_err(|error| error.to_string())?;
        let mut running = Running::start(server, load, &scratch, options.gannet_of(server), patience, options.idle)?;
        if options.idle > 0 {
            running.hold_idle(options.idle, &load.queries)?;
        }
        *slot = Some(running);
    }
    Ok(slot.as_mut().expect("it was started above"))
}

fn shape(server: Server, load: &Load, options: &Options) -> Shape {
    Shape {
        carriage: load.carriage,
        clients: options.clients.into(),
        outstanding: options.outstanding,
        rate: options.rate,
        watchful: false,
        echo: server == Server::Floor,
        warm_up: Duration::from_secs_f64(options.warm_up),
        counting: Duration::from_secs_f64(options.seconds),
    }
}

/// Sends the load from query `start` on; `count_from` is called when counting begins.
fn send_load<T>(
    running: &mut Running,
    load: &Load,
    start: usize,
    shape: Shape,
    count_from: impl FnOnce(&Running) -> T,
) -> Result<(T, Tally), String> {
    let generator = Generator::connect(running.port, &load.queries, start, shape).map_err(|error| error.to_string())?;
    let outcome = generator.run(|| count_from(running));
    outcome.map_err(|error| running.obituary().unwrap_or(error.to_string()))
}

/// One server, one round: starts it if it does not run, sends the load, reads the cost.
fn measure_once(
    server: Server,
    slot: &mut Option<Running>,
    load: &Load,
    round: usize,
    options: &Options,
) -> Result<Sample, String> {
    let running = started(server, slot, load, options)?;
    let costs = |running: &Running| {
        running.tell_counters();
        (running.cpu(), process::cpu_busy_and_stolen_ns())
    };
    let shape = shape(server, load, options);
    let ((cpu, (busy, stolen)), tally) = send_load(running, load, round * ROUND_STRIDE, shape, costs)?;
    let (cpu_now, (busy_now, stolen_now)) = costs(running);
    if tally.replies == 0 {
        return Err(running.obituary().unwrap_or("it answered no query".to_owned()));
    }
    let sample = Sample {
        server,
        cpu: cpu_now - cpu,
        tally,
        start: running.start,
        memory: process::memory(running.pid()),
        caches: running.caches(),
        cpu_busy_ns: busy_now.saturating_sub(busy),
        cpu_stolen_ns: stolen_now.saturating_sub(stolen),
    };
    if options.restart {
        *slot = None;
    }
    Ok(sample)
}

/// Draws the small loads, and lets the kernel floor answer them for a moment: all parts of the bench work together.
fn check_itself(options: &Options) -> io::Result<()> {
    query::check_itself()
        .and_then(|()| latency::check_itself())
        .and_then(|()| caches::check_itself())
        .map_err(io::Error::other)?;
    // Concurrent runs of the bench must not share zones that are being written.
    let scratch = options.scratch.join(format!("check-{}", std::process::id()));
    let checked = ["small", "tcp-short", "tcp-pipelined", "signed-small"].iter().try_for_each(|name| {
        match loads::prepare(name, &scratch) {
            Err(missing) if missing.kind() == io::ErrorKind::Unsupported => Ok(()),
            load => check_load(&load?, &scratch),
        }
    });
    std::fs::remove_dir_all(&scratch)?;
    checked?;
    println!("peers: the bench works; `cargo bench --bench peers` measures");
    Ok(())
}

fn check_load(load: &Load, scratch: &Path) -> io::Result<()> {
    let quick = Options {
        seconds: 0.1,
        warm_up: 0.05,
        rate: Some(20_000),
        scratch: scratch.to_owned(),
        ..Options::parse_from(["peers"])
    };
    // On a busy machine the floor may not have had the processor in a tenth of a second.
    let once = || measure_once(Server::Floor, &mut None, load, 0, &quick);
    let sample = (1..CHECK_TRIES).find_map(|_| once().ok());
    let tally = sample.map_or_else(once, Ok).map_err(io::Error::other)?.tally;
    let median = tally.latencies.percentile_us(0.5);
    match tally.wrong {
        0 if median > 0.0 && median < 1e6 => Ok(()),
        0 => Err(io::Error::other(format!("half of the replies of {} took {median} µs", load.name))),
        _ => Err(io::Error::other(format!("the floor answered {} wrongly: {:?}", load.name, tally.first_wrong))),
    }
}
