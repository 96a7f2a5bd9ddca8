//! What others read of a transfer: `dig`, `kdig`, and NSD as a secondary.

use std::fmt::Write as _;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use hickory_proto::rr::RecordType;

use crate::client::{Reply, query};
use crate::process::{Directory, PATIENCE, Process, free_port};
use crate::server::Server;
use crate::zones::{all, assert_is_zone, directory};

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

/// What a tool makes of a transfer of `zone` from `server`, as a file.
fn fetch(mut tool: Command, server: SocketAddr, zone: &str, more: &[&str], to: &Directory) -> PathBuf {
    let (at, port) = (format!("@{}", server.ip()), server.port().to_string());
    let output = tool.args([&at, "-p", &port, zone]).args(more).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    to.write("transferred", &said)
}

fn is_transferred(name: &str, arguments: &[&str]) {
    let zones = all();
    let server = Server::start_in(directory(&zones, ""));
    for (zone, _) in &zones {
        let Some(tool) = tool(name) else { return };
        let got = fetch(tool, server.v4, zone, arguments, &server.directory);
        assert_is_zone(zone, &server.directory.path().join(format!("{zone}.zone")), &got, name);
    }
    assert_eq!(server.stop().code(), 0);
}

#[test]
fn dig_has_every_zone_record_by_record() {
    is_transferred("dig", &["axfr", "+noidnout", "+time=15", "+tries=1"]);
}

#[test]
fn dig_has_them_by_ixfr() {
    is_transferred("dig", &["ixfr=0", "+noidnout", "+time=15", "+tries=1"]);
}

#[test]
fn kdig_has_every_zone_record_by_record() {
    is_transferred("kdig", &["axfr", "+noidn", "+time=15", "+retry=0"]);
    is_transferred("kdig", &["axfr", "+noidn", "+edns", "+dnssec", "+time=15", "+retry=0"]);
}

/// NSD as a secondary of `primary` for these zones.
fn nsd(directory: &Path, primary: SocketAddr, zones: &[(&str, String)]) -> Option<(Process, SocketAddr)> {
    let mut tool = tool("nsd")?;
    let (port, here) = (free_port(), directory.display());
    let mut text = format!(
        "server:\n  ip-address: 127.0.0.1@{port}\n  zonesdir: \"{here}\"\n  database: \"\"\n  username: \"\"\n  chroot: \"\"\n  \
         pidfile: \"{here}/nsd.pid\"\n  xfrdfile: \"{here}/xfrd.state\"\n  zonelistfile: \"{here}/zone.list\"\n  \
         xfrdir: \"{here}\"\n  verbosity: 2\nremote-control:\n  control-enable: no\n"
    );
    for (zone, _) in zones {
        let primary = format!("127.0.0.1@{} NOKEY", primary.port());
        write!(text, "zone:\n  name: {zone}\n  request-xfr: AXFR {primary}\n  provide-xfr: 127.0.0.1 NOKEY\n").unwrap();
    }
    let file = directory.join("nsd.conf");
    fs::write(&file, text).unwrap();
    let process = Process::start(tool.arg("-d").arg("-c").arg(&file));
    Some((process, SocketAddr::from(([127, 0, 0, 1], port))))
}

/// Waits until a server answers for a zone.
fn await_zone(server: SocketAddr, zone: &str) {
    let (ask, start) = (query(&format!("{zone}."), RecordType::SOA), Instant::now());
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
    let zones = all();
    let server = Server::start_in(directory(&zones, ""));
    let secondary = Directory::create();
    let Some((_process, addr)) = nsd(secondary.path(), server.v4, &zones) else { return };
    for (zone, _) in &zones {
        await_zone(addr, zone);
        let Some(dig) = tool("dig") else { return };
        let got = fetch(dig, addr, zone, &["axfr", "+noidnout", "+time=15", "+tries=1"], &server.directory);
        assert_is_zone(zone, &server.directory.path().join(format!("{zone}.zone")), &got, "NSD");
    }
}
