//! What others read of a transfer: `dig`, `kdig`, and NSD as a secondary.

use std::fmt::Write as _;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use hickory_proto::rr::RecordType;

use crate::client::{Reply, query};
use crate::library::{Library, Listed, serve};
use crate::process::{Directory, PATIENCE, Process, free_port};
use crate::server::Server;
use crate::zones::{assert_are_zones, directory, large};

/// The tool, if it is installed; with CI set it must be.
#[allow(clippy::print_stderr)] // what is passed over is named
fn tool(name: &str) -> Option<Command> {
    let path = format!("{}:/usr/sbin:/sbin", env::var("PATH").unwrap_or_default());
    if env::split_paths(&path).any(|folder| folder.join(name).is_file()) {
        let mut command = Command::new(name);
        command.env("PATH", path).stdin(Stdio::null());
        return Some(command);
    }
    assert!(env::var_os("CI").is_none(), "{name} is not installed");
    eprintln!("{name} is not installed: not tried");
    None
}

/// Whether a tool reads a zone: not where it finds rdata malformed that we serve as it is, digests of another length than
/// their algorithm's, a bitmap with a bit for type 0, a KEY without a key.
fn is_read(who: &str, Listed { file, .. }: &Listed) -> bool {
    let unread: &[&str] = match who {
        "dig" => &["ds-digest-length", "sshfp-length", "hex-in-pieces-of-any-size", "nsec-bitmaps"],
        "kdig" => &["key-and-sig"],
        // Nor does NSD 4.6 give away records of nearly 64 KB.
        _ => &[
            "ds-digest-length",
            "sshfp-length",
            "hex-in-pieces-of-any-size",
            "nsec-bitmaps",
            "many-lines-in-one-record",
            "txt-largest",
        ],
    };
    !file.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| unread.contains(&stem))
}

/// What a tool makes of transfers from `server`, as a file.
fn fetch(mut tool: Command, arguments: &[String], to: &Directory) -> PathBuf {
    let output = tool.args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    to.write("transferred", &said)
}

/// The arguments with which `dig` reads these zones.
fn dig_arguments(server: SocketAddr, zones: &[Listed], rtype: &str, to: &Directory) -> Vec<String> {
    let line = |listed: &Listed| {
        let (ip, port, name) = (server.ip(), server.port(), &listed.name);
        format!("@{ip} -p {port} -q {name} -t {rtype} +noidnout +time=15 +tries=1\n")
    };
    let batch = to.write("batch", &zones.iter().map(line).collect::<String>());
    vec!["-f".to_owned(), batch.display().to_string()]
}

/// The arguments with which `kdig` reads these zones.
fn kdig_arguments(server: SocketAddr, zones: &[Listed], more: &str) -> Vec<String> {
    let common = format!("@{} -p {} +noidn +time=15 +retry=0 {more}", server.ip(), server.port());
    let queries = zones.iter().map(|listed| format!(" -q {} -t axfr", listed.name)).collect::<String>();
    (common + &queries).split_whitespace().map(str::to_owned).collect()
}

/// Reads all zones with a tool, shelf by shelf, and holds them against their files.
fn are_transferred(name: &str, arguments: impl Fn(SocketAddr, &[Listed], &Directory) -> Vec<String>) {
    let library = Library::open();
    for shelf in &library.shelves {
        let Some(tool) = tool(name) else { return };
        let server = serve(shelf);
        let zones: Vec<Listed> = shelf.iter().filter(|listed| is_read(name, listed)).cloned().collect();
        let got = fetch(tool, &arguments(server.v4, &zones, &server.directory), &server.directory);
        assert_are_zones(&zones, &got, name);
        assert_eq!(server.stop().code(), 0);
    }
}

#[test]
fn dig_has_every_zone_record_by_record() {
    are_transferred("dig", |server, zones, to| dig_arguments(server, zones, "axfr", to));
}

#[test]
fn dig_has_them_by_ixfr() {
    are_transferred("dig", |server, zones, to| dig_arguments(server, zones, "ixfr=4294967295", to));
}

#[test]
fn dig_misses_no_opt_record_in_a_transfer_of_many_messages() {
    let server = Server::start_in(directory(&[("large.test", large(1, 2_000))], ""));
    for rtype in ["axfr", "ixfr=0"] {
        let Some(mut dig) = tool("dig") else { return };
        let (at, port) = (format!("@{}", server.v4.ip()), server.v4.port().to_string());
        let output = dig.args([&at, "-p", &port, "large.test", rtype, "+edns", "+cookie"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("XFR size: 2004 records (messages "), "{said}");
        assert!(!said.contains("messages 1,") && !said.contains("opt record"), "{said}");
    }
}

#[test]
fn kdig_has_every_zone_record_by_record() {
    are_transferred("kdig", |server, zones, _| kdig_arguments(server, zones, ""));
    are_transferred("kdig", |server, zones, _| kdig_arguments(server, zones, "+edns +dnssec"));
}

/// NSD as a secondary of `primary` for these zones.
fn nsd(directory: &Path, primary: SocketAddr, zones: &[Listed]) -> Option<(Process, SocketAddr)> {
    let mut tool = tool("nsd")?;
    let (port, here) = (free_port(), directory.display());
    let mut text = format!(
        "server:\n  ip-address: 127.0.0.1@{port}\n  zonesdir: \"{here}\"\n  database: \"\"\n  username: \"\"\n  chroot: \"\"\n  \
         pidfile: \"{here}/nsd.pid\"\n  xfrdfile: \"{here}/xfrd.state\"\n  zonelistfile: \"{here}/zone.list\"\n  \
         xfrdir: \"{here}\"\n  verbosity: 2\nremote-control:\n  control-enable: no\n"
    );
    for Listed { name, .. } in zones {
        let primary = format!("127.0.0.1@{} NOKEY", primary.port());
        write!(text, "zone:\n  name: {name}\n  request-xfr: AXFR {primary}\n  provide-xfr: 127.0.0.1 NOKEY\n").unwrap();
    }
    let file = directory.join("nsd.conf");
    fs::write(&file, text).unwrap();
    let process = Process::start(tool.arg("-d").arg("-c").arg(&file));
    Some((process, SocketAddr::from(([127, 0, 0, 1], port))))
}

/// Waits until a server answers for a zone.
fn await_zone(server: SocketAddr, zone: &str) {
    let (ask, start) = (query(&format!("{}.", zone.trim_end_matches('.')), RecordType::SOA), Instant::now());
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(server).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut buffer = [0; 4096];
    loop {
        // Before it listens the kernel says that nobody does.
        let octets = socket.send(&ask.to_vec().unwrap()).and_then(|_| socket.recv(&mut buffer));
        if octets.is_ok_and(|octets| !Reply::read(&buffer[..octets]).message.answers.is_empty()) {
            return;
        }
        assert!(start.elapsed() < 3 * PATIENCE, "{zone} is not there");
        thread::sleep(Duration::from_millis(50)); // what is awaited is another program's work
    }
}

#[test]
fn nsd_as_a_secondary_has_every_zone_record_by_record() {
    let library = Library::open();
    for shelf in &library.shelves {
        let server = serve(shelf);
        let zones: Vec<Listed> = shelf.iter().filter(|listed| is_read("NSD", listed)).cloned().collect();
        let secondary = Directory::create();
        let Some((_process, addr)) = nsd(secondary.path(), server.v4, &zones) else { return };
        zones.iter().for_each(|listed| await_zone(addr, &listed.name));
        let Some(dig) = tool("dig") else { return };
        let got = fetch(dig, &dig_arguments(addr, &zones, "axfr", &server.directory), &server.directory);
        assert_are_zones(&zones, &got, "NSD");
    }
}

#[test]
fn the_library_has_every_zone_of_the_tests() {
    let sizes: Vec<usize> = Library::open().shelves.iter().map(Vec::len).collect();
    assert!(sizes.iter().sum::<usize>() > 380, "{sizes:?}");
}
