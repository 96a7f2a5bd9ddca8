//! Each server's configuration file and arguments, with the reason for each setting that is not obvious.
//!
//! Starts nothing.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use super::{Place, Server};
use crate::loads::Load;

/// Seconds that an idle connection may stay: for as long as a run takes, but for BIND, which has two minutes at most.
const IDLE_SECONDS: u32 = 3_600;
const BIND_IDLE_TENTHS: u32 = 1_200;

/// Writes the configuration of `server` into its folder and gives the arguments to run it with.
pub(super) fn configure(server: Server, place: &Place, load: &Load) -> io::Result<Vec<String>> {
    match server {
        Server::Floor => Ok(vec!["--floor-server".to_owned(), place.port.to_string()]),
        Server::Nsd => nsd(place, load),
        Server::Knot => knot(place, load),
        Server::Bind => bind(place, load),
        Server::Pdns => pdns(place, load),
        Server::Gannet | Server::Before => gannet(place, load, ""),
        Server::Uncached => gannet(place, load, "[cache]\npackets = 0\nanswers = 0\n"),
    }
}

impl Place {
    fn create(&self, name: &str) -> io::Result<(BufWriter<File>, String)> {
        let path = self.folder.join(name);
        Ok((BufWriter::new(File::create(&path)?), path.display().to_string()))
    }
}

/// Each zone's origin without its final dot, and its file.
fn zones(load: &Load) -> impl Iterator<Item = (&str, PathBuf)> {
    load.origins.iter().map(|origin| {
        let origin = origin.trim_end_matches('.');
        (origin, load.directory.join(format!("{origin}.zone")))
    })
}

fn nsd(place: &Place, load: &Load) -> io::Result<Vec<String>> {
    let (mut out, path) = place.create("nsd.conf")?;
    let folder = place.folder.display();
    write!(
        out,
        "server:\n ip-address: 127.0.0.1@{port}\n do-ip6: no\n server-count: 1\n reuseport: no\n username: \"\"\n \
         chroot: \"\"\n zonesdir: \"{folder}\"\n pidfile: \"\"\n xfrdfile: \"\"\n zonelistfile: \"{folder}/zone.list\"\n \
         xfrdir: \"{folder}\"\n verbosity: 0\n hide-version: yes\n zonefiles-check: no\n round-robin: no\n \
         ipv4-edns-size: 1232\n tcp-count: {connections}\n tcp-timeout: {IDLE_SECONDS}\n rrl-ratelimit: 0\n rrl-whitelist-ratelimit: 0\n answer-cookie: no\n",
        port = place.port,
        connections = place.connections,
    )?;
    // The zone in memory only, as every server here holds it; and answers without name servers nobody asked for.
    write!(out, " database: \"\"\n minimal-responses: yes\nremote-control:\n control-enable: no\n")?;
    for (origin, file) in zones(load) {
        write!(out, "zone:\n name: \"{origin}\"\n zonefile: \"{}\"\n", file.display())?;
    }
    out.flush()?;
    Ok(vec!["-d".to_owned(), "-c".to_owned(), path])
}

fn knot(place: &Place, load: &Load) -> io::Result<Vec<String>> {
    let (mut out, path) = place.create("knot.conf")?;
    let folder = place.folder.display();
    write!(
        out,
        "server:\n  rundir: \"{folder}\"\n  listen: 127.0.0.1@{port}\n  udp-workers: 1\n  tcp-workers: 1\n  \
         background-workers: 1\n  udp-max-payload: 1232\n  \
         tcp-max-clients: {connections}\n  tcp-idle-timeout: {IDLE_SECONDS}\nlog:\n  - target: stderr\n    any: error\n\
         database:\n  storage: \"{folder}\"\n",
        port = place.port,
        connections = place.connections,
    )?;
    // No journal and no checks: the other servers neither keep nor make them.
    write!(
        out,
        "template:\n  - id: default\n    storage: \"{}\"\n    semantic-checks: off\n    journal-content: none\n    \
         zonefile-load: whole\n    zonefile-sync: -1\nzone:\n",
        load.directory.display(),
    )?;
    for (origin, file) in zones(load) {
        write!(out, "  - domain: \"{origin}.\"\n    file: \"{}\"\n", file.display())?;
    }
    out.flush()?;
    Ok(vec!["-c".to_owned(), path])
}

fn bind(place: &Place, load: &Load) -> io::Result<Vec<String>> {
    let (mut out, path) = place.create("named.conf")?;
    let folder = place.folder.display();
    write!(
        out,
        "options {{ directory \"{folder}\"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; \
         pid-file none; session-keyfile none; recursion no; allow-query {{ any; }}; allow-transfer {{ none; }}; \
         notify no; querylog no; zone-statistics none; edns-udp-size 1232; max-udp-size 1232; dnssec-validation no; \
         answer-cookie no; max-cache-size 2m; tcp-clients {connections}; \
         tcp-listen-queue 256; tcp-idle-timeout {BIND_IDLE_TENTHS}; ",
        port = place.port,
        connections = place.connections,
    )?;
    // The other servers round-robin nothing either, and add addresses but no authority.
    writeln!(out, "minimal-responses no-auth; rrset-order {{ order none; }}; check-integrity no; }};")?;
    writeln!(out, "controls {{ }};")?;
    writeln!(out, "logging {{ channel errors {{ stderr; severity error; }}; category default {{ errors; }}; }};")?;
    for (origin, file) in zones(load) {
        writeln!(out, "zone \"{origin}\" {{ type primary; file \"{}\"; }};", file.display())?;
    }
    out.flush()?;
    Ok(["-f", "-n", "1", "-c", &path].map(str::to_owned).to_vec())
}

fn pdns(place: &Place, load: &Load) -> io::Result<Vec<String>> {
    let (mut zone_list, zone_list_path) = place.create("zones.conf")?;
    for (origin, file) in zones(load) {
        writeln!(zone_list, "zone \"{origin}\" {{ type native; file \"{}\"; }};", file.display())?;
    }
    zone_list.flush()?;
    let (mut out, _) = place.create("pdns.conf")?;
    let folder = place.folder.display();
    // With one distributor the receiver answers by itself instead of handing packets to other threads.
    write!(
        out,
        "launch=bind\nbind-config={zone_list_path}\nlocal-address=127.0.0.1:{port}\nsocket-dir={folder}\n\
         receiver-threads=1\ndistributor-threads=1\nretrieval-threads=1\nsigning-threads=1\ndaemon=no\nguardian=no\n\
         write-pid=no\ndisable-syslog=yes\nloglevel=3\nlog-dns-queries=no\nquery-logging=no\nwebserver=no\napi=no\n\
         udp-truncation-threshold=1232\nmax-tcp-connections={connections}\n\
         tcp-idle-timeout={IDLE_SECONDS}\nsecurity-poll-suffix=\nversion-string=anonymous\n",
        port = place.port,
        connections = place.connections,
    )?;
    out.flush()?;
    Ok(vec![format!("--config-dir={folder}")])
}

fn gannet(place: &Place, load: &Load, more: &str) -> io::Result<Vec<String>> {
    let (mut out, path) = place.create("gannet.toml")?;
    write!(out, "[server]\nlisten = [\"127.0.0.1:{}\"]\nworkers = 1\n", place.port)?;
    write!(out, "[tcp]\nidle-timeout = \"{IDLE_SECONDS}s\"\nconnections = {}\n{more}", place.connections)?;
    if load.origins.len() > 1 {
        write!(out, "[[zone-directory]]\npath = \"{}\"\n", load.directory.display())?;
    } else {
        for (origin, file) in zones(load) {
            write!(out, "[[zone]]\nname = \"{origin}\"\nfile = \"{}\"\n", file.display())?;
        }
    }
    out.flush()?;
    Ok(vec!["-c".to_owned(), path])
}
