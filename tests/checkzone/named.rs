//! Command lines that are written for `named-checkzone`.

use std::fs;

use crate::checker::{GOOD, check, run};
use crate::process::Directory;

#[test]
fn usual_options_do_what_they_do_there() {
    let directory = Directory::create();
    fs::create_dir(directory.path().join("zones")).unwrap();
    directory.write("zones/example.com.zone", GOOD);
    let args =
        ["-i", "local", "-k", "fail", "-c", "IN", "-f", "text", "-w", "zones", "example.com", "example.com.zone"];
    let outcome = run(&directory, &args);
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
    let outcome = run(&directory, &["-w", "absent", "example.com", "example.com.zone"]);
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (1, ""));
    assert!(outcome.stderr.starts_with("gannet-checkzone: absent: No such file"), "{}", outcome.stderr);
}

#[test]
fn what_does_nothing_says_so_and_what_misleads_is_refused() {
    let outcome = check(GOOD, &["-d"]);
    assert_eq!(outcome.code(), 0);
    assert_eq!(outcome.stderr, "gannet-checkzone: -d does nothing here: there is no debugging output");
    let outcome = check(GOOD, &["-d", "-q"]);
    assert_eq!((outcome.code(), outcome.stdout.as_str(), outcome.stderr.as_str()), (0, "", ""));
    for (option, value, why) in [
        ("-t", "/", "there is no chroot"),
        ("-c", "CH", "IN is the only class"),
        ("-f", "raw", "raw files are BIND's own"),
        ("-J", "x", "journals are BIND's own"),
    ] {
        let outcome = check(GOOD, &[option, value]);
        assert_eq!((outcome.code(), outcome.stdout.as_str()), (2, ""), "{option}");
        assert!(outcome.stderr.contains(why), "{option}: {}", outcome.stderr);
    }
}
