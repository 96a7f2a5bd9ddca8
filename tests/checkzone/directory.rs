//! Thousands of files in one call.

use std::fs;

use crate::checker::{DOUBTFUL, GOOD, checkzone, run};
use crate::process::Directory;

#[test]
fn one_broken_zone_among_good_ones_is_told() {
    let directory = Directory::create();
    for number in 0..300 {
        directory.write(&format!("z{number:03}.example.zone"), GOOD);
    }
    directory.write("z150.example.zone", &format!("{GOOD}web A nowhere\n"));
    directory.write("z200.example.zone", DOUBTFUL);
    directory.write("notes.txt", "no zone");
    let mut said = Vec::new();
    for jobs in ["1", "2", "7"] {
        let outcome = run(&directory, &["--dir", ".", "--jobs", jobs]);
        assert_eq!((outcome.code(), outcome.stderr.as_str()), (1, ""));
        said.push(outcome.stdout);
    }
    assert!(said.iter().all(|text| *text == said[0]));
    insta::assert_snapshot!(said[0], @"
    error[bad-rdata]: expected an IPv4 address such as 192.0.2.1, found `nowhere`
     --> ./z150.example.zone:6:7
      |
    6 | web A nowhere
      |       ^^^^^^^

    z150.example.: the zone cannot be served: 1 error

    warning[unequal-ttls]: two.z200.example.: the A records differ in their TTL: the lowest is used for all
     --> ./z200.example.zone:6:5
      |
    6 | two 60 A 192.0.2.1
      |     ^^
      |
      = help: write the same TTL at all of them

    z200.example.: the zone is good: serial 2026010101, 6 records; 1 warning

    300 zones: 299 good, 1 bad; 1 error, 1 warning
    ");
}

#[test]
fn good_zones_are_one_line_in_all() {
    let directory = Directory::create();
    directory.write("a.example.zone", GOOD);
    let outcome = run(&directory, &["--dir", "."]);
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (0, "1 zone: 1 good, 0 bad\n"));
    let outcome = run(&directory, &["--dir", ".", "--quiet"]);
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (0, ""));
    directory.write("b.example.zone", DOUBTFUL);
    assert_eq!(run(&directory, &["--dir", ".", "--quiet"]).code(), 0);
    assert_eq!(run(&directory, &["--dir", ".", "--quiet", "--strict"]).code(), 1);
}

#[test]
fn a_file_whose_name_is_no_zone_is_an_error() {
    let directory = Directory::create();
    directory.write("a..example.zone", GOOD);
    directory.write("b.example.zone", GOOD);
    let outcome = run(&directory, &["--dir", "."]);
    assert_eq!(outcome.code(), 1);
    insta::assert_snapshot!(outcome.stdout, @"
    error: a..example is not the name of a zone: an empty label
    --> ./a..example.zone

    2 zones: 1 good, 1 bad; 1 error
    ");
}

#[test]
fn a_directory_that_is_none_is_an_error() {
    let directory = Directory::create();
    directory.write("file", GOOD);
    for (name, why) in [("absent", "No such file or directory"), ("file", "Not a directory")] {
        let outcome = run(&directory, &["--dir", name]);
        assert_eq!((outcome.code(), outcome.stderr.as_str()), (1, ""));
        assert!(outcome.stdout.contains(why), "{}", outcome.stdout);
    }
}

/// Whoever reads our output has gone: all threads end.
#[test]
fn a_reader_that_has_gone_ends_it() {
    let directory = Directory::create();
    for number in 0..100 {
        fs::write(directory.path().join(format!("z{number}.example.zone")), "@ NS").unwrap();
    }
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = checkzone();
    command.arg("--dir").arg(directory.path()).stdout(writer);
    let output = command.stderr(std::process::Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "gannet-checkzone: cannot write: Broken pipe (os error 32)\n");
}
