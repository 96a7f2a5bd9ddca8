//! An independent validator: unbound, which asks the server under test and trusts the keys of its zones.
//!
//! Knows what it asked and what came back: secure, insecure or bogus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::SocketAddr;
use std::process::Command;

use crate::exchange;
use crate::message::Query;
use crate::process::{Directory, Process, free_port};
use crate::reply::{AD, Reply};
use crate::servers::find;

/// What a validator says of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Secure,
    Insecure,
    Bogus,
}

/// A validator that runs.
pub struct Validator {
    addr: SocketAddr,
    process: Process,
}

impl Validator {
    /// Asks `server` for all that is below `tops`, and trusts `anchors`.
    pub fn start(
        directory: &Directory,
        server: SocketAddr,
        tops: &[String],
        anchors: &BTreeMap<usize, String>,
    ) -> Self {
        let port = free_port();
        let keys = directory.write("anchors", &anchors.values().map(String::as_str).collect::<String>());
        let place = directory.path().display();
        // Nothing is taken from what other answers proved, so that each query is asked; and nothing is asked twice.
        let mut config = format!(
            "server:\n verbosity: 1\n use-syslog: no\n logfile: \"\"\n do-daemonize: no\n username: \"\"\n chroot: \"\"\n \
             directory: \"{place}\"\n pidfile: \"\"\n interface: 127.0.0.1\n port: {port}\n num-threads: 1\n \
             access-control: 127.0.0.0/8 allow\n do-not-query-localhost: no\n do-ip6: no\n module-config: \"validator iterator\"\n \
             trust-anchor-file: \"{}\"\n aggressive-nsec: no\n qname-minimisation: no\n harden-below-nxdomain: no\n \
             harden-referral-path: no\n val-log-level: 2\n minimal-responses: no\n root-hints: \"\"\n \
             outgoing-range: 200\n num-queries-per-thread: 200\n target-fetch-policy: \"0 0 0 0 0\"\n edns-buffer-size: 1232\n\
             remote-control:\n control-enable: no\n",
            keys.display(),
        );
        for top in tops {
            let _ = write!(config, "forward-zone:\n name: \"{top}\"\n forward-addr: 127.0.0.1@{}\n", server.port());
        }
        let file = directory.write("unbound.conf", &config);
        let program = find("unbound").expect("it is installed");
        let process = Process::start(Command::new(program).args(["-d", "-c"]).arg(file));
        process.await_line(0, "start of service");
        Self { addr: SocketAddr::from(([127, 0, 0, 1], port)), process }
    }

    /// Why it found nothing good to say of a question.
    pub fn why(&self, query: &Query) -> String {
        let name = query.question.name.to_string().to_ascii_lowercase();
        let all = (0..self.process.lines()).map(|number| self.process.await_line(number, "").0);
        all.filter(|line| line.to_ascii_lowercase().contains(&name))
            .fold(String::new(), |text, line| text + &line + "\n")
    }

    /// What it says of each question, with its reply.
    pub fn judge(&self, queries: &[Query]) -> Vec<(State, Reply)> {
        let replies = exchange::udp(self.addr, queries).unwrap_or_else(|why| panic!("unbound: {why}"));
        replies
            .iter()
            .map(|wire| {
                let reply = Reply::read(wire).unwrap_or_else(|why| panic!("unbound: {why}: {}", wire.escape_ascii()));
                let state = match reply.rcode {
                    2 => State::Bogus,
                    _ if reply.has(AD) => State::Secure,
                    _ => State::Insecure,
                };
                (state, reply)
            })
            .collect()
    }
}
