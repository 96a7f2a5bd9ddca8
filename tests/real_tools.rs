//! Tools that others wrote, as a second opinion: checkers on the sample zones, verifiers on the signed ones.
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

/// The zones that the tests of DNSSEC take for good, and one with a record that its signature does not cover.
#[test]
fn other_verifiers_say_of_signed_zones_what_those_tests_say() {
    const TIME: (&str, &str) = ("20261201000000", "1796083200");
    let damaged = std::env::temp_dir().join(format!("gannet-damaged-{}.zone", std::process::id()));
    let folder = format!("{}/tests/dnssec", env!("CARGO_MANIFEST_DIR"));
    for zone in ["nsec-ed25519", "nsec-ecdsap384", "nsec-two-algorithms", "nsec3-opt-out-ed25519", "nsec3-knot"] {
        let file = format!("{folder}/{zone}.zone");
        let text = std::fs::read_to_string(&file).expect("a zone of the tests");
        std::fs::write(&damaged, text.replace("192.0.2.2\n", "192.0.2.22\n")).expect("a temporary file");
        let damaged = damaged.to_str().expect("a plain path");
        for (file, expected) in [(file.as_str(), true), (damaged, false)] {
            let tools: [(&str, &[&str]); 2] = [
                ("ldns-verify-zone", &["-t", TIME.0, file]),
                ("kzonecheck", &["-o", "example", "-d", "on", "-t", TIME.1, file]),
            ];
            for (tool, arguments) in tools {
                let Some((good, said)) = run(tool, arguments) else { continue };
                assert_eq!(good, expected, "{tool} {file}: {said}");
            }
        }
    }
    std::fs::remove_file(&damaged).expect("the temporary file");
}
