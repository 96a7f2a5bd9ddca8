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

use std::process::ExitCode;

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

fn run(options: &Options) -> std::io::Result<()> {
    let files = Files::make(options)?;
    for missing in &files.missing {
        println!("left out: {missing}");
    }
    reading::compare(&files.zones, options.rounds)?;
    checkers::compare(&files.zones, options.rounds)
}
