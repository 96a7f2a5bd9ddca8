//! Options one by one, and command lines that are wrong.

use crate::checker::{DOUBTFUL, GOOD, check, run};
use crate::process::Directory;

#[test]
fn quiet_leaves_the_exit_status_alone_to_tell() {
    for (text, code) in [(GOOD, 0), ("@ NS", 1)] {
        for option in ["-q", "--quiet"] {
            let outcome = check(text, &[option]);
            assert_eq!((outcome.code(), outcome.stdout, outcome.stderr), (code, String::new(), String::new()));
        }
    }
}

#[test]
fn a_bad_command_line_is_status_2() {
    let directory = Directory::create();
    for (args, why) in [
        (&[][..], "required arguments were not provided"),
        (&["example.com"], "<FILE>"),
        (&["a..b", "-"], "an empty label"),
        (&["--colour", "a", "b"], "unexpected argument '--colour'"),
    ] {
        let outcome = run(&directory, args);
        assert_eq!((outcome.code(), outcome.stdout.as_str()), (2, ""), "{args:?}");
        assert!(outcome.stderr.contains(why), "{args:?}: {}", outcome.stderr);
    }
    assert_eq!(run(&directory, &["--help"]).code(), 0);
}

#[test]
fn colours_come_where_they_are_asked_for() {
    for (option, colored) in [("--color=always", true), ("--color=never", false), ("--color=auto", false)] {
        let outcome = check(DOUBTFUL, &[option]);
        assert_eq!(outcome.stdout.contains("\x1b["), colored, "{option}: {}", outcome.stdout);
    }
}

#[test]
fn a_serial_must_be_greater_than_the_previous_one() {
    let directory = Directory::create();
    directory.write("new.zone", GOOD);
    directory.write("old.zone", &GOOD.replace("2026010101", "2026010102"));
    directory.write("none.zone", "$TTL 1h\n@ NS ns\n");
    for (previous, code) in [("2026010100", 0), ("2026010101", 1), ("old.zone", 1), ("new.zone", 1)] {
        let args = ["--previous", previous, "--deny", "serial-backwards", "example.com", "new.zone"];
        let outcome = run(&directory, &args);
        assert_eq!(outcome.code(), code, "{previous}: {}", outcome.stdout);
        assert_eq!(outcome.stdout.contains("error[serial-backwards]"), code == 1, "{previous}: {}", outcome.stdout);
    }
    for (previous, why) in [
        ("absent.zone", "--previous absent.zone: No such file or directory"),
        ("none.zone", "--previous none.zone: it has no SOA of example.com."),
        (".", "--previous .: is a directory"),
    ] {
        let outcome = run(&directory, &["--previous", previous, "example.com", "new.zone"]);
        assert_eq!((outcome.code(), outcome.stdout.as_str()), (1, ""), "{previous}");
        assert!(outcome.stderr.contains(why), "{previous}: {}", outcome.stderr);
    }
}
