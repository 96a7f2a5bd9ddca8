//! Runs NSD, Knot, BIND and PowerDNS beside Gannet on the same zones, and prints what a query costs each server's CPU.
//!
//! `cargo bench --bench peers` measures; `benches/NOTES.md` says how the figures are made. Under `cargo test` it only
//! checks itself, in a second or two. It knows of Gannet what a user knows: its program and configuration file.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the table on standard output is what a bench is for")]

mod batch;
mod floor;
mod generator;
mod interrupt;
mod loads;
mod options;
mod process;
mod query;
mod random;
mod report;
mod servers;
mod signed;

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use generator::{Generator, OUTSTANDING_MAX, Shape};
use loads::Load;
use options::Options;
use report::{Report, Sample};
use servers::{GENERATOR_CPU, Running, Server, bind_to_cpu};

/// Queries between the rounds' places in the stream.
const ROUND_STRIDE: usize = 1_250_003;

fn main() -> ExitCode {
    match run(&Options::parse()) {
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
        for (at, &server) in options.servers.iter().enumerate() {
            if failed[at] || interrupt::check().is_err() {
                continue;
            }
            eprintln!("peers: {} round {} of {}: {}", load.name, round + 1, options.rounds, server.name());
            match measure_once(server, &mut running[at], load, round, options) {
                Ok(sample) => report.add(load.name, sample),
                Err(error) => {
                    eprintln!("peers: {} on {}: {error}", server.name(), load.name);
                    report.fail(load.name, server, &error);
                    failed[at] = true;
                    running[at] = None;
                }
            }
        }
    }
}

/// One server, one round: starts it if it does not run, sends the load, reads the cost.
fn measure_once(
    server: Server,
    slot: &mut Option<Running>,
    load: &Load,
    round: usize,
    options: &Options,
) -> Result<Sample, String> {
    if slot.is_none() {
        let patience = Duration::from_secs_f64(options.patience);
        let scratch = options.scratch.canonicalize().map_err(|error| error.to_string())?;
        *slot = Some(Running::start(server, load, &scratch, options.gannet_of(server), patience)?);
    }
    let running = slot.as_mut().expect("it was started above");
    let shape = Shape {
        clients: options.clients.into(),
        outstanding: options.outstanding,
        rate: options.rate,
        echo: server == Server::Floor,
        warm_up: Duration::from_secs_f64(options.warm_up),
        counting: Duration::from_secs_f64(options.seconds),
    };
    let explain = |error: io::Error, running: &mut Running| running.obituary().unwrap_or(error.to_string());
    let generator = Generator::connect(running.port, &load.queries, shape).map_err(|error| error.to_string())?;
    let outcome = generator.start_at(round * ROUND_STRIDE).run(|| (running.cpu(), process::cpu_busy_and_stolen_ns()));
    let ((cpu, (busy, stolen)), tally) = match outcome {
        Ok(outcome) => outcome,
        Err(error) => return Err(explain(error, running)),
    };
    let cpu = running.cpu() - cpu;
    let (busy_now, stolen_now) = process::cpu_busy_and_stolen_ns();
    if tally.replies == 0 {
        return Err(running.obituary().unwrap_or("it answered no query".to_owned()));
    }
    let sample = Sample {
        server,
        cpu,
        tally,
        start: running.start,
        memory: process::memory(running.pid()),
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
    query::check_itself().map_err(io::Error::other)?;
    // Concurrent runs of the bench must not share zones that are being written.
    let scratch = options.scratch.join(format!("check-{}", std::process::id()));
    let checked = ["small", "signed-small"].iter().try_for_each(|name| match loads::prepare(name, &scratch) {
        Err(missing) if missing.kind() == io::ErrorKind::Unsupported => Ok(()),
        load => check_load(&load?, &scratch),
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
    let tally = measure_once(Server::Floor, &mut None, load, 0, &quick).map_err(io::Error::other)?.tally;
    match tally.wrong {
        0 => Ok(()),
        _ => Err(io::Error::other(format!("the floor answered wrongly: {:?}", tally.first_wrong))),
    }
}
