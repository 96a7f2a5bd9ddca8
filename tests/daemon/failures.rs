//! What keeps it from starting: each cause one clear text and its exit status.

use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::process::Command;

use hickory_proto::rr::RecordType;

use crate::client::*;
use crate::process::{Directory, Outcome, Process, without_rights};
use crate::server::{Server, WITH_ZONE, ZONE, config, gannetd, run};

/// The last line on standard error of a run that failed with `code`.
fn failed(outcome: &Outcome, code: i32) -> &str {
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (code, ""), "{}", outcome.stderr);
    outcome.stderr.lines().last().unwrap_or_default()
}

#[test]
fn a_port_in_use_is_one_line_and_status_1() {
    let directory = Server::directory("");
    let (udp, tcp) = (UdpSocket::bind("127.0.0.1:0").unwrap(), TcpListener::bind("[::1]:0").unwrap());
    for (addr, transport) in [(udp.local_addr().unwrap(), "UDP"), (tcp.local_addr().unwrap(), "TCP")] {
        let outcome = run(directory.path(), &["-c", "gannet.toml", "--listen", &addr.to_string()]);
        let line = format!("gannetd: cannot listen on {addr} over {transport}: address already in use");
        assert_eq!(failed(&outcome, 1), line);
        assert!(outcome.stderr.lines().count() <= 2, "{}", outcome.stderr);
    }
    // A second daemon of the same user must not share the port of the first.
    let server = Server::start("");
    let outcome = run(directory.path(), &["-c", "gannet.toml", "--listen", &server.v4.to_string()]);
    assert!(failed(&outcome, 1).ends_with("address already in use"));
    let outcome = run(directory.path(), &["-c", "gannet.toml", "--listen", "192.0.2.77:5353"]);
    assert_eq!(
        failed(&outcome, 1),
        "gannetd: cannot listen on 192.0.2.77:5353 over UDP: no network interface has this address"
    );
}

#[test]
fn a_privileged_port_without_rights_is_one_line_and_status_1() {
    let first_open = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap_or_default();
    if first_open.trim().parse::<u16>().is_ok_and(|port| port <= 53) {
        return; // no port is privileged here
    }
    let directory = Directory::create();
    let zone = directory.write("example.com.zone", ZONE);
    let zone = format!("example.com={}", zone.display());
    let arguments = ["--listen", "127.0.0.53:53", "--zone", &zone];
    let mut command = without_rights(&directory, env!("CARGO_BIN_EXE_gannetd"));
    let outcome = Process::start(command.args(arguments)).outcome();
    assert_eq!(
        failed(&outcome, 1),
        "gannetd: cannot listen on 127.0.0.53:53 over UDP: permission denied (ports below 1024 need CAP_NET_BIND_SERVICE)"
    );
}

#[test]
fn a_configuration_that_is_missing_or_wrong_is_status_2_and_shows_the_line() {
    let directory = Directory::create();
    let outcome = run(directory.path(), &["-c", "absent.toml"]);
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.stderr, @"
    error: cannot read absent.toml: No such file or directory (os error 2)
     |
     = help: `-c FILE` names another; with `--zone NAME=FILE` none is needed
    ");
    directory.write("gannet.toml", "[server]\nlisten = [\"0.0.0.0\", \"127.0.0.1\"]\n[tcp]\nidle_timeout = \"30s\"\n");
    let outcome = run(directory.path(), &["-c", "gannet.toml"]);
    assert_eq!(outcome.code(), 2);
    insta::assert_snapshot!(outcome.stderr, @r#"
    error: `listen` takes an array of addresses, such as ["192.0.2.1", "[2001:db8::1]:53"]
     --> gannet.toml:2:22
      |
    2 | listen = ["0.0.0.0", "127.0.0.1"]
      |                      ^^^^^^^^^^^ 0.0.0.0:53, which is named before, is all addresses and this one too

    error: unknown key `idle_timeout` in [tcp]
     --> gannet.toml:4:1
      |
    4 | idle_timeout = "30s"
      | ^^^^^^^^^^^^
      |
      = help: did you mean `idle-timeout`?
    "#);
    let outcome = run(directory.path(), &["--check", "-c", "."]);
    assert!(failed(&outcome, 2).contains("cannot read .: Is a directory"), "{}", outcome.stderr);
}

#[test]
fn a_bad_command_line_is_status_2() {
    let directory = Directory::create();
    for (args, why) in [
        (&["--frobnicate"][..], "unexpected argument '--frobnicate'"),
        (&["--zone", "example.com"], "it is written NAME=FILE"),
        (&["--listen", "53", "--check"], "an address is missing"),
        (&["--listen", "::1", "--listen", "::", "--zone", "a=b"], "this is all addresses, and [::1]:53"),
        (&["--zone", "a=b", "--zone", "A.=c"], "the zone is already named on the command line"),
        (&["serve"], "unexpected argument 'serve'"),
    ] {
        let outcome = run(directory.path(), args);
        assert_eq!(outcome.code(), 2, "{args:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(why), "{args:?}: {}", outcome.stderr);
    }
    for (flag, text) in [("--version", "gannetd "), ("--help", "Usage: gannetd")] {
        let outcome = run(directory.path(), &[flag]);
        assert_eq!((outcome.code(), outcome.stderr.as_str()), (0, ""));
        assert!(outcome.stdout.contains(text), "{}", outcome.stdout);
    }
}

#[test]
fn check_tells_whether_all_would_be_served() {
    let directory = Server::directory("");
    let outcome = run(directory.path(), &["--check", "-c", "gannet.toml"]);
    assert_eq!(outcome.code(), 0, "{}", outcome.stderr);
    assert!(outcome.stderr.ends_with("INFO gannet.toml is fine: 1 zones, 121 records"), "{}", outcome.stderr);
    let more = "[[zone]]\nname = \"absent.example\"\nfile = \"absent.zone\"\n[[zone-directory]]\npath = \"nowhere\"\n";
    directory.write("gannet.toml", &config(&format!("{WITH_ZONE}{more}")));
    let outcome = run(directory.path(), &["--check", "-c", "gannet.toml"]);
    assert_eq!(failed(&outcome, 1), "gannetd: 2 of 3 zones would not be served");
    assert!(outcome.stderr.contains("zone absent.example: cannot be opened: No such file"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("WARN nowhere: cannot be read: No such file"), "{}", outcome.stderr);
    // The same starts, with warnings, and serves what there is.
    let server = Server::start_in(directory);
    server.process.await_line(0, "WARN zone absent.example: not loaded from ");
    assert_eq!(ask_udp(server.v4, &query("web.example.com.", RecordType::A)).message.answers.len(), 2);
}

#[test]
fn a_signed_zone_that_cannot_prove_what_it_denies_is_told_and_served() {
    let signature = "@ RRSIG SOA 13 2 300 20400101000000 20200101000000 1 example.com. QUFB\n";
    let nsec3 = "3MSEV9USMD4BR9S97V51R2TDVMR9IQO1 NSEC3 1 0 0 - 3MSEV9USMD4BR9S97V51R2TDVMR9IQO1 SOA\n";
    for (more, told) in [
        ("", "signed, with neither NSEC at its apex nor NSEC3"),
        (nsec3, "NSEC3 that cannot be used: an NSEC3PARAM of theirs with flags 0"),
        ("@ NSEC a SOA\n", "the chain of NSEC is broken behind example.com."),
    ] {
        let directory = Server::directory("");
        directory.write("example.com.zone", &format!("{ZONE}$ORIGIN example.com.\n$TTL 300\n{signature}{more}"));
        let outcome = run(directory.path(), &["--check", "-c", "gannet.toml"]);
        assert_eq!(outcome.code(), 0, "{}", outcome.stderr);
        assert!(outcome.stderr.contains(&format!("WARN zone example.com: {told}")), "{}", outcome.stderr);
        let server = Server::start_in(directory);
        server.process.await_line(0, told);
        assert_eq!(ask_udp(server.v4, &query("web.example.com.", RecordType::A)).message.answers.len(), 2);
    }
}

#[test]
fn a_zone_on_the_command_line_needs_no_configuration() {
    let directory = Directory::create();
    directory.write("a zone=1", ZONE);
    let args = ["--zone", "example.com=a zone=1", "--listen", "127.0.0.1:0", "--listen", "[::1]:0"];
    let process = Process::start(gannetd().current_dir(directory.path()).args(args));
    let (line, _) = process.await_line(0, " ready: ");
    let to = line.rsplit_once(", ").unwrap().1.parse().unwrap();
    assert_eq!(ask_tcp(to, &query("web.example.com.", RecordType::A)).message.answers.len(), 2);
    process.signal(libc::SIGHUP);
    process.await_line(0, "reloaded: 0 zones, 1 unchanged, 0 failed, 121 records");
    assert_eq!(serial(to, "example.com."), Some(7));
}

#[test]
fn the_limit_of_open_files_is_raised_or_missed_in_one_line() {
    let shell = |limits: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{limits} && exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_gannetd")]);
        command
    };
    let server = Server::start_with(Server::directory("[tcp]\nconnections = 400"), &mut shell("ulimit -Sn 128"));
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.process.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let soft = line.split_whitespace().nth(3).unwrap();
    assert!(soft == "unlimited" || soft.parse::<u64>().unwrap() >= 400 + 128, "{line}");
    assert!(!server.stop().stderr.contains("files may be open"));
    let server = Server::start_with(Server::directory("[tcp]\nconnections = 400"), &mut shell("ulimit -n 128"));
    let outcome = server.stop();
    let lines: Vec<_> = outcome.stderr.lines().filter(|line| line.contains("files may be open")).collect();
    assert_eq!((lines.len(), outcome.code()), (1, 0), "{}", outcome.stderr);
    assert!(lines[0].contains("WARN 128 files may be open, "), "{lines:?}");
}

#[test]
fn a_log_on_a_full_disk_does_not_end_the_server() {
    let directory = Server::directory("");
    let mut shell = Command::new("sh");
    shell.current_dir(directory.path()).args(["-c", "exec \"$0\" --check -c gannet.toml 2>/dev/full"]);
    assert_eq!(Process::start(shell.arg(env!("CARGO_BIN_EXE_gannetd"))).outcome().code(), 0);
}

#[test]
fn a_device_or_a_pipe_in_place_of_a_zone_file_fails_at_once() {
    let directory = Directory::create();
    let pipe = directory.path().join("pipe.zone");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for file in [pipe.to_str().unwrap(), "/dev/zero"] {
        let outcome = run(directory.path(), &["--check", "--zone", &format!("example.com={file}")]);
        assert_eq!(failed(&outcome, 1), "gannetd: 1 of 1 zones would not be served");
        assert!(outcome.stderr.contains("cannot be opened: not a regular file"), "{}", outcome.stderr);
    }
}
