//! A daemon of one's own: its directory, its configuration, its free ports.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::process::{Directory, Outcome, Process};

/// The zone that most tests ask.
pub const ZONE: &str = r#"
$ORIGIN example.com.
$TTL 300
@       SOA   ns1 hostmaster 7 3600 900 604800 60
        NS    ns1
        NS    ns.example.net.
        MX    10 mail
        TXT   "v=spf1 -all"
        A     192.0.2.80
ns1     A     192.0.2.53
        AAAA  2001:db8::53
mail    A     192.0.2.25
www     CNAME web
web     A     192.0.2.81
        A     192.0.2.82
        AAAA  2001:db8::81
*.apps  TXT   "of the wildcard"
sub     NS    ns.sub
        NS    ns.example.net.
ns.sub  A     192.0.2.99
        AAAA  2001:db8::99
old     DNAME new.example.org.
$GENERATE 1-12 some TXT "string ${0,3} of a few: too many for 512 octets, not for 1232"
$GENERATE 1-90 many TXT "string ${0,3} of so many that no datagram holds them"
"#;

/// A daemon that is ready.
pub struct Server {
    pub directory: Directory,
    pub process: Process,
    /// The listening addresses: IPv4, then IPv6.
    pub v4: SocketAddr,
    pub v6: SocketAddr,
}

/// The program, without arguments.
pub fn gannetd() -> Command {
    Command::new(env!("CARGO_BIN_EXE_gannetd"))
}

/// Runs the program to its end.
pub fn run(directory: &Path, args: &[&str]) -> Outcome {
    Process::start(gannetd().current_dir(directory).args(args)).outcome()
}

/// A configuration that listens on free ports: `more` goes on in the section `[server]`. Two workers, unless it says
/// otherwise.
pub fn config(more: &str) -> String {
    let workers = if more.contains("workers") { "" } else { "workers = 2\n" };
    format!("[server]\nlisten = [\"127.0.0.1:0\", \"[::1]:0\"]\n{workers}{more}\n")
}

/// The lines that serve [`ZONE`].
pub const WITH_ZONE: &str = "[[zone]]\nname = \"example.com\"\nfile = \"example.com.zone\"\n";

impl Server {
    /// Serves [`ZONE`] with `more` in the configuration.
    pub fn start(more: &str) -> Self {
        Self::start_in(Self::directory(more))
    }

    /// A directory from which [`start_in`](Self::start_in) serves [`ZONE`].
    pub fn directory(more: &str) -> Directory {
        let directory = Directory::create();
        directory.write("example.com.zone", ZONE);
        directory.write("gannet.toml", &config(&format!("{more}\n{WITH_ZONE}")));
        directory
    }

    /// Serves what `gannet.toml` in the directory says, which listens on IPv4 and then IPv6.
    pub fn start_in(directory: Directory) -> Self {
        Self::start_with(directory, &mut gannetd())
    }

    /// The same by a program of one's own making.
    pub fn start_with(directory: Directory, program: &mut Command) -> Self {
        let process = Process::start(program.arg("-c").arg(directory.path().join("gannet.toml")));
        let (ready, _) = process.await_line(0, " ready: ");
        let addrs = ready.rsplit_once("records, ").unwrap().1;
        let (v4, v6) = addrs.split_once(", ").unwrap();
        Self { directory, process, v4: v4.parse().unwrap(), v6: v6.parse().unwrap() }
    }

    /// Reloads and waits until that is over; returns the lines that it logged.
    pub fn reload(&self) -> Vec<String> {
        self.reload_until(" reloaded: ")
    }

    /// The same where it is refused.
    pub fn reload_failed(&self) -> Vec<String> {
        self.reload_until(" nothing was reloaded")
    }

    fn reload_until(&self, last: &str) -> Vec<String> {
        let from = self.process.lines();
        self.process.signal(libc::SIGHUP);
        let (_, to) = self.process.await_line(from, last);
        (from..to).map(|number| self.process.await_line(number, "").0).collect()
    }

    /// Resident octets of the process, and its threads.
    pub fn resident(&self) -> (u64, u64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let number = |key: &str| {
            let line = status.lines().find(|line| line.starts_with(key)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
        };
        (number("VmRSS:") * 1024, number("Threads:"))
    }

    /// Ends the daemon in order.
    pub fn stop(self) -> Outcome {
        self.process.signal(libc::SIGTERM);
        self.process.outcome()
    }
}
