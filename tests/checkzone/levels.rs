//! The levels of checks: what options change, and what they cannot.

use crate::checker::{DOUBTFUL, GOOD, check, run};
use crate::process::Directory;

#[test]
fn strict_makes_errors_of_warnings() {
    assert_eq!(check(DOUBTFUL, &[]).code(), 0);
    let outcome = check(DOUBTFUL, &["--strict"]);
    assert_eq!(outcome.code(), 1);
    assert!(outcome.stdout.starts_with("error[unequal-ttls]: "), "{}", outcome.stdout);
    assert!(outcome.stdout.ends_with("the zone is bad: serial 2026010101, 6 records; 1 error\n"), "{}", outcome.stdout);
    assert_eq!(check(GOOD, &["--strict"]).code(), 0);
}

#[test]
fn a_check_can_be_allowed_and_denied() {
    for (options, code, start) in [
        (&["--allow", "unequal-ttls"][..], 0, "example.com.: the zone is good"),
        (&["--allow=soa-timers,unequal-ttls", "--strict"], 0, "example.com.: the zone is good"),
        (&["--deny", "unequal-ttls"], 1, "error[unequal-ttls]"),
        (&["--warn", "unequal-ttls"], 0, "warning[unequal-ttls]"),
        (&["--deny", "soa-timers"], 0, "warning[unequal-ttls]"),
    ] {
        let outcome = check(DOUBTFUL, options);
        assert_eq!(outcome.code(), code, "{options:?}");
        assert!(outcome.stdout.starts_with(start), "{options:?}: {}", outcome.stdout);
    }
}

#[test]
fn what_is_fatal_stays_so() {
    let outcome = check(GOOD, &["--allow", "no-soa"]);
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (2, ""));
    assert!(outcome.stderr.contains("it is fatal"), "{}", outcome.stderr);
}

#[test]
fn an_unknown_check_is_bad_usage_with_a_suggestion() {
    for option in ["--allow", "--warn", "--deny"] {
        let outcome = check(GOOD, &[option, "unequal-tls"]);
        assert_eq!((outcome.code(), outcome.stdout.as_str()), (2, ""));
        assert!(outcome.stderr.contains("did you mean `unequal-ttls`?"), "{}", outcome.stderr);
    }
}

#[test]
fn checks_are_explained_without_a_zone() {
    let directory = Directory::create();
    let outcome = run(&directory, &["--explain", "unequal-ttls"]);
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (0, ""));
    assert!(outcome.stdout.starts_with("unequal-ttls: The records of one name"), "{}", outcome.stdout);
    let outcome = run(&directory, &["--explain", "bad-ttl"]);
    assert!(outcome.stdout.contains("Fatal: "), "{}", outcome.stdout);
    assert_eq!(run(&directory, &["--explain", "nothing"]).code(), 2);

    let outcome = run(&directory, &["--list-checks"]);
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (0, ""));
    for line in ["fatal    no-soa ", "warning  unequal-ttls ", "fatal    bad-ttl "] {
        assert!(outcome.stdout.lines().any(|listed| listed.starts_with(line)), "{line}: {}", outcome.stdout);
    }
}
