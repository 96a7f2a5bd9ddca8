//! Fuzz targets: functions that take any octets, and panic where a promise of this crate is broken.
//!
//! Built with `--cfg fuzzing`, as `tests/fuzz/run` does, this is libFuzzer with one of the targets. Built as a test it
//! replays the inputs that are kept in `tests/fuzz/corpus`, so that what was found once stays mended. Built plainly it
//! replays the files that it is given: `cargo run --example fuzz -- TARGET FILE...`.
#![cfg_attr(fuzzing, no_main)]
#![allow(missing_docs)] // no docs are made of tests

#[allow(dead_code)] // each build uses a part
pub mod kept;
#[allow(dead_code)]
pub mod samples;
pub mod targets;

#[path = "../model/check.rs"]
pub mod check;
#[allow(dead_code)] // the model's tests use the rest
#[path = "../model/data.rs"]
pub mod data;
#[allow(dead_code)]
#[path = "../model/generate.rs"]
pub mod generate;
#[allow(dead_code)]
#[path = "../model/message.rs"]
pub mod message;
#[allow(dead_code)]
#[path = "../model/mutate.rs"]
pub mod mutate;
#[path = "../model/oracle.rs"]
pub mod oracle;
#[path = "../model/sane.rs"]
pub mod sane;
#[path = "../model/server.rs"]
pub mod server;
#[allow(dead_code)]
#[path = "../model/trial.rs"]
pub mod trial;

/// A function under attack.
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Words that mutation would hardly find.
    pub words: fn() -> Vec<Vec<u8>>,
    /// Octets of an input at most: what makes the target do everything it can, and no more.
    pub octets_max: usize,
}

/// All targets. `tests/fuzz/run` learns their names from here.
const TARGETS: [Target; 10] = [
    targets::scanner::TARGET,
    targets::rdata::TEXT,
    targets::rdata::WIRE,
    targets::name::TARGET,
    targets::query::TARGET,
    targets::zone::TARGET,
    targets::answers::TARGET,
    targets::dnssec::TARGET,
    targets::large::TARGET,
    targets::config::TARGET,
];

fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

#[cfg(fuzzing)]
mod driver;

#[cfg(not(any(fuzzing, test)))]
fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let target = arguments.next().and_then(|name| find(&name)).ok_or_else(|| {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        std::io::Error::other(format!("give a target, one of {}, and files", names.join(", ")))
    })?;
    for file in arguments {
        (target.run)(&std::fs::read(file)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    /// Runs a target over what is kept for it.
    fn replay(name: &str) {
        let target = find(name).expect("a target");
        (target.run)(b"");
        let mut broken = Vec::new();
        for (line, input) in kept::read(&kept::file(name)).expect("the kept inputs can be read") {
            if catch_unwind(|| (target.run)(&input)).is_err() {
                broken.push(line);
            }
        }
        assert!(broken.is_empty(), "{}, lines {broken:?}: see above", kept::file(name).display());
    }

    macro_rules! replays {
        ($($test:ident $name:literal,)+) => {
            $(#[test]
            fn $test() {
                replay($name);
            })+

            #[test]
            fn every_target_is_replayed() {
                assert_eq!([$($name),+], TARGETS.map(|target| target.name));
            }
        };
    }

    replays! {
        scanner "scanner",
        rdata_text "rdata-text",
        rdata_wire "rdata-wire",
        name "name",
        query "query",
        zone "zone",
        answers "answers",
        dnssec "dnssec",
        large "large",
        config "config",
    }

    #[test]
    fn samples_hold_too() {
        for target in &TARGETS {
            (target.seeds)().iter().for_each(|seed| (target.run)(seed));
        }
    }
}
