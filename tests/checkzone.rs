//! The zone checker from outside: what it prints and how it exits.
//!
//! Does not know the library.
#![allow(missing_docs, clippy::unwrap_used)] // no docs are made of tests

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

#[allow(dead_code)] // the daemon's tests use the rest
#[path = "process/mod.rs"]
pub mod process;

use process::{Directory, Outcome, Process, without_rights};

const GOOD: &str = "$TTL 1h\n@ SOA ns hostmaster 2026010101 4h 1h 2w 10m\n@ NS ns\nns A 192.0.2.53\nwww CNAME ns\n";

fn checkzone() -> Command {
    Command::new(env!("CARGO_BIN_EXE_gannet-checkzone"))
}

/// Checks a zone file of this text, named `example.com.zone`.
fn check(text: impl AsRef<[u8]>, options: &[&str]) -> Outcome {
    let directory = Directory::create();
    fs::write(directory.path().join("example.com.zone"), text).unwrap();
    run(&directory, &[options, &["example.com", "example.com.zone"]].concat())
}

fn run(directory: &Directory, args: &[&str]) -> Outcome {
    Process::start(checkzone().current_dir(directory.path()).args(args)).outcome()
}

/// What it says of a zone that is bad.
fn bad(text: impl AsRef<[u8]>) -> String {
    let outcome = check(text, &[]);
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (1, ""));
    outcome.stdout
}

#[test]
fn a_good_zone_is_praised() {
    let outcome = check(GOOD, &[]);
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(outcome.stdout, @"example.com.: the zone is good: serial 2026010101, 4 records");
    let outcome = check(GOOD.replace('\n', "\r\n").trim_end(), &[]);
    assert_eq!(outcome.code(), 0, "{}", outcome.stdout);
    // Doubtful is not bad.
    let outcome = check(format!("{GOOD}two 60 A 192.0.2.1\ntwo 70 A 192.0.2.2\n"), &[]);
    assert_eq!(outcome.code(), 0);
    insta::assert_snapshot!(outcome.stdout, @"
    warning: two.example.com.: the A records differ in their TTL: the lowest is used for all
    example.com.: the zone is good: serial 2026010101, 6 records
    ");
}

#[test]
fn the_example_zones_are_good() {
    for name in ["example.com", "delegations.example", "types.example"] {
        let file = format!("{}/zones/{name}.zone", env!("CARGO_MANIFEST_DIR"));
        let outcome = Process::start(checkzone().args([name, &file])).outcome();
        assert_eq!(outcome.code(), 0, "{}", outcome.stdout);
    }
}

#[test]
fn errors_show_the_line_and_what_is_expected() {
    insta::assert_snapshot!(bad(format!("{GOOD}web A 192.0.2.300\nmail MX mail\nx\tTXT \"open\n_s SRV 1 2 99999 @\n")), @r#"
    error[bad-rdata]: expected an IPv4 address such as 192.0.2.1, found `192.0.2.300`
     --> example.com.zone:6:7
      |
    6 | web A 192.0.2.300
      |       ^^^^^^^^^^^

    error[bad-rdata]: expected a number from 0 to 65535, found `mail`
     --> example.com.zone:7:9
      |
    7 | mail MX mail
      |         ^^^^

    error[unclosed-quote]: a quoted string is not closed
     --> example.com.zone:8:7
      |
    8 | x    TXT "open
      |          ^ opened here; the line ends before the next quote

    error[bad-rdata]: expected a number from 0 to 65535, found `99999`
     --> example.com.zone:9:12
      |
    9 | _s SRV 1 2 99999 @
      |            ^^^^^

    example.com.: the zone cannot be served: 4 errors
    "#);
    insta::assert_snapshot!(bad("@ 60 SOA ns h 1 2 3 4 5 (\n@ NS ns\n"), @"
    error[unbalanced-parenthesis]: a parenthesis is not closed
     --> example.com.zone:1:25
      |
    1 | @ 60 SOA ns h 1 2 3 4 5 (
      |                         ^ opened here; the file ends before a `)`

    example.com.: the zone cannot be served: 1 error
    ");
    insta::assert_snapshot!(bad(format!("{GOOD}www.example.org. A 192.0.2.1\nbad..name A 192.0.2.1\n")), @"
    error[out-of-zone]: the owner is not in this zone
     --> example.com.zone:6:1
      |
    6 | www.example.org. A 192.0.2.1
      | ^^^^^^^^^^^^^^^^

    error[bad-name]: `bad..name` is not a domain name: an empty label
     --> example.com.zone:7:1
      |
    7 | bad..name A 192.0.2.1
      | ^^^^^^^^^

    example.com.: the zone cannot be served: 2 errors
    ");
}

#[test]
fn records_that_make_no_zone_are_said() {
    insta::assert_snapshot!(bad(""), @"
    error: example.com.: the zone has no SOA record at its apex
    example.com.: the zone cannot be served: 1 error
    ");
    insta::assert_snapshot!(bad(format!("{GOOD}www A 192.0.2.1\n@ SOA ns h 2 3 4 5 6\n")), @"
    error: www.example.com.: a CNAME cannot stand beside other data, here A
    error: example.com.: the zone has more than one SOA record
    example.com.: the zone cannot be served: 2 errors
    ");
}

#[test]
fn more_than_twenty_errors_are_counted() {
    let text = bad(format!("{GOOD}{}", "web A nowhere\n".repeat(33)));
    assert_eq!(text.matches("error[bad-rdata]: expected an IPv4 address").count(), 20);
    assert!(text.ends_with("example.com.: the zone cannot be served: 33 errors, the first 20 shown\n"), "{text}");
    let text =
        bad(format!("{GOOD}{}", (0..25).map(|n| format!("c{n} CNAME @\nc{n} A 192.0.2.1\n")).collect::<String>()));
    assert_eq!(text.lines().filter(|line| line.starts_with("error: ")).count(), 21, "{text}");
    assert!(text.contains("error: and 5 more\n") && text.ends_with("25 errors\n"), "{text}");
}

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
fn standard_input_is_a_file_too() {
    for (text, code, says) in [
        (GOOD.to_owned(), 0, "serial 2026010101, 4 records"),
        (format!("{GOOD}web A nowhere\n"), 1, "<stdin>:6:7"),
        ("$INCLUDE absent.zone\n".to_owned(), 1, "absent.zone"),
    ] {
        let directory = Directory::create();
        fs::write(directory.path().join("input"), text).unwrap();
        let input = fs::File::open(directory.path().join("input")).unwrap();
        let outcome = Process::start(checkzone().args(["example.com", "-"]).stdin(input)).outcome();
        assert_eq!(outcome.code(), code, "{}", outcome.stdout);
        assert!(outcome.stdout.contains(says), "{}", outcome.stdout);
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
fn what_cannot_be_read_is_one_line() {
    let directory = Directory::create();
    let outcome = run(&directory, &["example.com", "absent.zone"]);
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (1, ""));
    insta::assert_snapshot!(outcome.stdout, @"example.com.: the zone cannot be served: absent.zone: No such file or directory (os error 2)");
    let outcome = run(&directory, &["example.com", "."]);
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (1, ""));
    insta::assert_snapshot!(outcome.stdout, @"example.com.: the zone cannot be served: .: is a directory");
    let file = directory.write("secret.zone", GOOD);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    let mut command = without_rights(&directory, env!("CARGO_BIN_EXE_gannet-checkzone"));
    let outcome = Process::start(command.arg("example.com").arg(&file)).outcome();
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (1, ""));
    assert!(outcome.stdout.ends_with("secret.zone: Permission denied (os error 13)\n"), "{}", outcome.stdout);
}

#[test]
fn a_reader_that_has_gone_is_no_panic() {
    let directory = Directory::create();
    let file = directory.write("example.com.zone", &format!("{GOOD}{}", "web A nowhere\n".repeat(30)));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = checkzone();
    let child =
        command.arg("example.com").arg(file).stdout(Stdio::from(writer)).stderr(Stdio::piped()).spawn().unwrap();
    drop(command); // it holds the pipe
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr, "gannet-checkzone: cannot write: Broken pipe (os error 32)\n");
}

#[test]
fn a_pipe_that_is_slow_is_read_to_its_end() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let process = Process::start(checkzone().args(["example.com", "-"]).stdin(reader));
    for line in GOOD.split_inclusive('\n') {
        let (first, second) = line.split_at(line.len() / 2);
        writer.write_all(first.as_bytes()).unwrap();
        writer.write_all(second.as_bytes()).unwrap();
    }
    drop(writer);
    assert_eq!(process.outcome().code(), 0);
}
