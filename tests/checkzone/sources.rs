//! Where a zone may come from, and where what is said may go.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use crate::checker::{DOUBTFUL, GOOD, checkzone, run};
use crate::process::{Directory, Process, without_rights};

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

/// What is found in a stream has its line, though a stream cannot be read twice.
#[test]
fn findings_in_a_stream_have_their_places() {
    let directory = Directory::create();
    let file = directory.write("input", DOUBTFUL);
    let input = fs::File::open(&file).unwrap();
    let outcome = Process::start(checkzone().args(["example.com", "-"]).stdin(input)).outcome();
    assert!(outcome.stdout.contains("--> <stdin>:6:5"), "{}", outcome.stdout);

    let pipe = directory.path().join("pipe");
    let path = std::ffi::CString::new(pipe.to_str().unwrap()).unwrap();
    // SAFETY: a plain system call with a text that ends in NUL.
    assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
    let process = Process::start(checkzone().current_dir(directory.path()).args(["example.com", "pipe"]));
    fs::write(&pipe, DOUBTFUL).unwrap();
    let outcome = process.outcome();
    assert!(outcome.stdout.contains("--> pipe:6:5"), "{}", outcome.stdout);
}

#[test]
fn findings_in_an_included_file_name_it() {
    let directory = Directory::create();
    directory.write("example.com.zone", &format!("{GOOD}$INCLUDE more.zone\n"));
    directory.write("more.zone", "two 60 A 192.0.2.1\n  70 A 192.0.2.2\n");
    let outcome = run(&directory, &["example.com", "example.com.zone"]);
    assert_eq!(outcome.code(), 0);
    insta::assert_snapshot!(outcome.stdout, @"
    warning[unequal-ttls]: two.example.com.: the A records differ in their TTL: the lowest is used for all
     --> more.zone:1:5
      |
    1 | two 60 A 192.0.2.1
      |     ^^
      |
      = note: included from example.com.zone:6
      = help: write the same TTL at all of them

    example.com.: the zone is good: serial 2026010101, 6 records; 1 warning
    ");
}

/// A name that somebody else chose must not write on the terminal.
#[test]
fn odd_file_names_are_shown_as_they_are_written() {
    let directory = Directory::create();
    for (name, text) in [("odd\x1b[31m\n.zone", DOUBTFUL), ("bad\x1b[31m\n.zone", "@ A")] {
        fs::write(directory.path().join(name), text).unwrap();
        let outcome = run(&directory, &["example.com", name]);
        assert!(outcome.stdout.contains("\\027[31m\\010.zone:"), "{}", outcome.stdout);
        let all = run(&directory, &["--dir", "."]);
        let absent = run(&directory, &["--diff", "absent\x1b", "example.com", name]);
        for said in [outcome.stdout, outcome.stderr, all.stdout, all.stderr, absent.stdout, absent.stderr] {
            assert!(!said.contains('\x1b'), "{said:?}");
        }
    }
    let absent = run(&directory, &["example.com", "absent\x1b.zone"]);
    assert!(absent.stdout.contains("absent\\027.zone: No such file"), "{}", absent.stdout);
}

/// No progress bar, no colours: nothing of a terminal where there is none.
#[test]
fn a_terminal_is_not_taken_for_granted() {
    let directory = Directory::create();
    for number in 0..50 {
        directory.write(&format!("z{number}.example.zone"), GOOD);
    }
    let outcome = Process::start(checkzone().arg("--dir").arg(directory.path()).env_remove("NO_COLOR")).outcome();
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("50 zones: 50 good, 0 bad\n", ""));
}
