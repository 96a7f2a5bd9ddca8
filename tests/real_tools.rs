//! Tools that others wrote, as a second opinion: checkers on the sample zones.
//!
//! They come from Debian's packages, which `.ci/run` installs. A tool that is not there is named and passed over.
#![allow(missing_docs, clippy::print_stderr)] // no docs are made of tests; what is passed over is named

use std::process::{Command, Stdio};

const ZONES: [&str; 3] = ["example.com", "delegations.example", "types.example"];

/// What a tool prints and whether it is content; none where the tool is not installed.
fn run(tool: &str, arguments: &[&str]) -> Option<(bool, String)> {
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    match Command::new(tool).args(arguments).env("PATH", path).stdin(Stdio::null()).output() {
        Ok(output) => Some((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("{tool} is not installed: not tried");
            None
        }
        Err(error) => panic!("{tool} cannot be run: {error}"),
    }
}

#[test]
fn other_checkers_and_ours_find_the_sample_zones_good() {
    for zone in ZONES {
        let file = format!("{}/zones/{zone}.zone", env!("CARGO_MANIFEST_DIR"));
        // Of the zone's own data alone: no checker may ask the network for names outside.
        let named: &[&str] = &["-i", "local", zone, &file];
        let tools = [("named-checkzone", named), ("nsd-checkzone", &[zone, &file])];
        for (tool, arguments) in
            tools.into_iter().chain([(env!("CARGO_BIN_EXE_gannet-checkzone"), &[zone, &*file][..])])
        {
            let Some((good, said)) = run(tool, arguments) else { continue };
            assert!(good, "{tool} {zone}: {said}");
        }
    }
}
