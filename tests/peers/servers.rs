//! The four servers: how each is configured so that their answers can be compared, and its life as a process.
//!
//! Comparable means for all: no rate limits, no cookies, records in the order of the zone, 1,232 octets of EDNS
//! payload, addresses beside MX, SRV and NS, and no checks of a zone beyond those that cannot be turned off. NSD alone
//! has no setting that adds addresses but not the apex's name servers: a rule takes those out.

use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::data::Zone;
use crate::master;
use crate::process::{Directory, PATIENCE, Process, free_port};
use crate::refused::Refused;
use crate::types::name_text;

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Server {
    Gannet,
    Nsd,
    Knot,
    Bind,
}

use Server::{Bind, Gannet, Knot, Nsd};

/// Those that Gannet is compared with.
pub const PEERS: [Server; 3] = [Nsd, Knot, Bind];

impl Server {
    /// The program, if it is installed.
    pub fn program(self) -> Option<PathBuf> {
        let name = match self {
            Gannet => return Some(env!("CARGO_BIN_EXE_gannetd").into()),
            Nsd => "nsd",
            Knot => "knotd",
            Bind => "named",
        };
        find(name)
    }
}

/// The file of a program. Debian keeps servers where an ordinary user's PATH does not look.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    let folders = path.split(':').chain(["/usr/sbin", "/usr/local/sbin", "/sbin"]);
    folders.map(|folder| Path::new(folder).join(name)).find(|path| path.is_file())
}

/// A server that runs and has loaded its zones.
pub struct Running {
    pub server: Server,
    pub addr: SocketAddr,
    _process: Process,
}

/// Writes the zones into the directory; gives the file of each.
pub fn write_zones(directory: &Directory, zones: &[Zone]) -> Vec<PathBuf> {
    let files = zones.iter().enumerate();
    files.map(|(number, zone)| directory.write(&format!("{number}.zone"), &master::text(zone))).collect()
}

impl Running {
    /// Starts a server with these zones, those that it takes.
    pub fn start(server: Server, directory: &Directory, zones: &[Zone], files: &[PathBuf], refused: &Refused) -> Self {
        let place = directory.path().join(format!("{server:?}"));
        std::fs::create_dir(&place).unwrap();
        let port = free_port();
        let taken: Vec<(String, &Path)> = zones
            .iter()
            .zip(files)
            .enumerate()
            .filter(|(number, _)| !refused.contains(&(server, *number)))
            .map(|(_, (zone, file))| (name_text(&zone.apex), file.as_path()))
            .collect();
        let (config, arguments): (String, &[&str]) = match server {
            Gannet => (gannet(port, &taken), &["-c"]),
            Nsd => (nsd(port, &place, &taken), &["-d", "-c"]),
            Knot => (knot(port, &place, &taken), &["-c"]),
            Bind => (bind(port, &place, &taken), &["-f", "-n", "1", "-c"]),
        };
        let file = place.join("config");
        std::fs::write(&file, config).unwrap();
        let mut command = Command::new(server.program().expect("an installed server"));
        let process = Process::start(command.args(arguments).arg(&file).current_dir(&place));
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let running = Self { server, addr, _process: process };
        running.await_zones(
            zones.iter().enumerate().filter(|(number, _)| !refused.contains(&(server, *number))).map(|row| row.1),
        );
        running
    }

    /// Waits until each zone that the server takes has an SOA. There is no event to wait for: each server logs another
    /// one.
    fn await_zones<'z>(&self, zones: impl Iterator<Item = &'z Zone>) {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let deadline = Instant::now() + 2 * PATIENCE;
        for zone in zones {
            let mut query = vec![0x0b, 0xad, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
            query.extend(zone.apex.wire());
            query.extend([0, 6, 0, 1]);
            let mut reply = [0; 4_096];
            loop {
                let sent = socket.send_to(&query, self.addr);
                // Its answer has AA: a zone that is not loaded has no such answer.
                if sent.is_ok()
                    && let Ok((octets, _)) = socket.recv_from(&mut reply)
                    && octets > query.len()
                    && reply[2] & 4 != 0
                    && reply[12..query.len()] == query[12..]
                    && reply[7] == 1
                {
                    break;
                }
                assert!(Instant::now() < deadline, "{:?} does not load\n{}", self.server, master::text(zone));
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

fn gannet(port: u16, zones: &[(String, &Path)]) -> String {
    let mut text = format!("[server]\nlisten = [\"127.0.0.1:{port}\"]\nworkers = 1\n");
    for (name, file) in zones {
        let _ = write!(
            text,
            "[[zone]]\nname = '{name}'\nfile = \"{}\"\nallow-transfer = [\"127.0.0.1\"]\n",
            file.display()
        );
    }
    text
}

fn nsd(port: u16, place: &Path, zones: &[(String, &Path)]) -> String {
    let place = place.display();
    let mut text = format!(
        "server:\n ip-address: 127.0.0.1@{port}\n do-ip6: no\n server-count: 1\n reuseport: no\n username: \"\"\n \
         chroot: \"\"\n zonesdir: \"{place}\"\n pidfile: \"\"\n xfrdfile: \"\"\n zonelistfile: \"{place}/zone.list\"\n \
         xfrdir: \"{place}\"\n verbosity: 0\n hide-version: yes\n zonefiles-check: no\n round-robin: no\n \
         ipv4-edns-size: 1232\n rrl-ratelimit: 0\n rrl-whitelist-ratelimit: 0\n answer-cookie: no\n database: \"\"\n \
         minimal-responses: no\n refuse-any: no\n tcp-timeout: 120\nremote-control:\n control-enable: no\n"
    );
    for (name, file) in zones {
        let _ = write!(
            text,
            "zone:\n name: \"{name}\"\n zonefile: \"{}\"\n provide-xfr: 127.0.0.1 NOKEY\n",
            file.display()
        );
    }
    text
}

fn knot(port: u16, place: &Path, zones: &[(String, &Path)]) -> String {
    let place = place.display();
    let mut text = format!(
        "server:\n  rundir: \"{place}\"\n  listen: 127.0.0.1@{port}\n  udp-workers: 1\n  tcp-workers: 1\n  \
         background-workers: 1\n  udp-max-payload: 1232\n  tcp-idle-timeout: 120\nlog:\n  - target: stderr\n    \
         any: error\ndatabase:\n  storage: \"{place}\"\nacl:\n  - id: all\n    address: 127.0.0.1\n    action: transfer\n\
         template:\n  - id: default\n    acl: all\n    semantic-checks: off\n    journal-content: none\n    zonefile-load: whole\n    zonefile-sync: -1\nzone:\n"
    );
    for (name, file) in zones {
        let _ = write!(text, "  - domain: \"{name}\"\n    file: \"{}\"\n", file.display());
    }
    text
}

fn bind(port: u16, place: &Path, zones: &[(String, &Path)]) -> String {
    let place = place.display();
    let mut text = format!(
        "options {{ directory \"{place}\"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; \
         pid-file none; session-keyfile none; recursion no; allow-query {{ any; }}; allow-transfer {{ 127.0.0.1; }}; \
         notify no; querylog no; zone-statistics none; edns-udp-size 1232; max-udp-size 1232; nocookie-udp-size 1232; \
         dnssec-validation no; answer-cookie no; max-cache-size 2m; minimal-responses no-auth; minimal-any no; \
         rrset-order {{ order none; }}; check-integrity no; check-sibling no; check-names primary ignore; check-mx ignore; \
         check-mx-cname ignore; check-srv-cname ignore; check-dup-records ignore; check-spf ignore; check-wildcard no; \
         empty-zones-enable no; max-records-per-type 0; zero-no-soa-ttl no; max-types-per-name 0; tcp-idle-timeout 1200; }};\ncontrols {{ }};\n\
         logging {{ channel errors {{ stderr; severity error; }}; category default {{ errors; }}; }};\n"
    );
    for (name, file) in zones {
        let _ = writeln!(text, "zone \"{name}\" {{ type primary; file \"{}\"; }};", file.display());
    }
    text
}
