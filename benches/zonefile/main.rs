//! Reads zone files, and checks them beside the other checkers: CPU time, wall time, memory. `--help` says how.
//!
//! Under `cargo test --benches` everything is done once, on small zones.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the tables on standard output are what a bench is for")]

mod checkers;
mod options;
#[path = "../peers/random.rs"]
#[allow(dead_code, reason = "the other bench that has it takes more of it")]
mod random;
mod reading;
mod sample;
mod zones;

use std::io;
use std::process::{Command, ExitCode};

use options::Options;
use zones::Files;

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => return ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}; see --help");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<()> {
    let files = Files::make(options)?;
    if options.check_only {
        return checkers::compare(&files.zones, options.rounds);
    }
    for missing in &files.missing {
        println!("left out: {missing}");
    }
    reading::compare(&files.zones, options.rounds)?;
    // The kernel counts a process' peak of memory from before it became another program, when it still shared its
    // parent's memory: so the checkers need a parent that has taken little.
    let mut small = Command::new(std::env::current_exe()?);
    small.args(["--bench", "--check-only", "--rounds", &options.rounds.to_string()]);
    for zone in &files.zones {
        small.arg("--zone").arg(format!("{}={}", zone.apex, zone.file.display()));
    }
    if small.status()?.success() { Ok(()) } else { Err(io::Error::other("the checkers were not compared")) }
}
