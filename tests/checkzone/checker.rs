//! The checker as a process.

use std::fs;
use std::process::Command;

use crate::process::{Directory, Outcome, Process};

/// A zone in which nothing is to be found, of 5 lines and 4 records.
pub const GOOD: &str =
    "$TTL 1h\n@ SOA ns hostmaster 2026010101 4h 1h 2w 10m\n@ NS ns\n@ NS ns.example.net.\nns A 192.0.2.53\n";

/// A zone with one warning, in line 6, and 6 records.
pub const DOUBTFUL: &str = "$TTL 1h\n@ SOA ns hostmaster 2026010101 4h 1h 2w 10m\n@ NS ns\n@ NS ns.example.net.\n\
     ns A 192.0.2.53\ntwo 60 A 192.0.2.1\ntwo 70 A 192.0.2.2\n";

pub fn checkzone() -> Command {
    Command::new(env!("CARGO_BIN_EXE_gannet-checkzone"))
}

/// Checks a zone file of this text, named `example.com.zone`.
pub fn check(text: impl AsRef<[u8]>, options: &[&str]) -> Outcome {
    let directory = Directory::create();
    fs::write(directory.path().join("example.com.zone"), text).unwrap();
    run(&directory, &[options, &["example.com", "example.com.zone"]].concat())
}

pub fn run(directory: &Directory, args: &[&str]) -> Outcome {
    Process::start(checkzone().current_dir(directory.path()).args(args)).outcome()
}

/// What it says of a zone that is bad.
pub fn bad(text: impl AsRef<[u8]>) -> String {
    let outcome = check(text, &[]);
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (1, ""));
    outcome.stdout
}
