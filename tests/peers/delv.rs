//! A second validator, for what the first cannot judge: BIND's `delv`, a process for each question, that trusts one key.
//!
//! Knows what it asked and what it was told of each RRset that came back.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use crate::data::Zone;
use crate::message::Query;
use crate::process::Directory;
use crate::servers::find;
use crate::types::name_text;
use crate::validator::State;

/// Processes at a time.
const AT_A_TIME: usize = 4;

/// What it gets for a question: where aliases make names without end it would not come to one.
const SECONDS_MAX: &str = "10";

/// A question, and the zone whose key is trusted, by its index.
pub struct Asked {
    pub query: Query,
    pub anchor: usize,
}

/// What it says of an answer, in its words too.
pub struct Judged {
    pub state: State,
    pub text: String,
}

pub struct Delv {
    server: SocketAddr,
    /// The file of each anchor, by the zone's index.
    keys: BTreeMap<usize, (PathBuf, String)>,
}

impl Delv {
    /// Asks `server`, and trusts the keys of these zones: records as zone files have them.
    pub fn new(directory: &Directory, server: SocketAddr, zones: &[Zone], anchors: &BTreeMap<usize, String>) -> Self {
        let key = |(&number, record): (&usize, &String)| {
            let words: Vec<&str> = record.split_whitespace().collect();
            let Some(&["DNSKEY", flags, protocol, algorithm, key]) =
                words.windows(5).find(|words| words[0] == "DNSKEY").and_then(|words| words.first_chunk())
            else {
                panic!("no key: {record}")
            };
            let apex = name_text(&zones[number].apex);
            let text =
                format!("trust-anchors {{ \"{apex}\" static-key {flags} {protocol} {algorithm} \"{key}\"; }};\n");
            (number, (directory.write(&format!("{number}.anchor"), &text), apex))
        };
        Self { server, keys: anchors.iter().map(key).collect() }
    }

    /// What it says of each question.
    pub fn judge(&self, asked: &[Asked]) -> Vec<Judged> {
        let chunk = asked.len().div_ceil(AT_A_TIME).max(1);
        thread::scope(|scope| {
            let threads: Vec<_> = asked
                .chunks(chunk)
                .map(|part| scope.spawn(move || part.iter().map(|asked| self.ask(asked)).collect::<Vec<Judged>>()))
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("it does not panic")).collect()
        })
    }

    fn ask(&self, asked: &Asked) -> Judged {
        let (file, apex) = &self.keys[&asked.anchor];
        let question = &asked.query.question;
        let mut command = Command::new("timeout");
        command.arg(SECONDS_MAX).arg(find("delv").expect("it is installed"));
        command.arg(format!("@{}", self.server.ip())).args(["-p", &self.server.port().to_string()]);
        command.arg("-a").arg(file).arg(format!("+root={apex}"));
        command.args(["-q", &name_text(&question.name), "-t", &format!("TYPE{}", question.rtype)]);
        let output = command.stdin(Stdio::null()).output().unwrap_or_else(|why| panic!("{command:?}: {why}"));
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        Judged { state: state(&text), text: format!("{command:?}\n{text}") }
    }
}

/// Of each RRset there is a line that says what it was found; other comments are the records of a denial, which begin with
/// a name, and what failed.
fn state(text: &str) -> State {
    const SECURE: [&str; 2] = ["fully validated", "negative response, fully validated"];
    const INSECURE: [&str; 2] = ["unsigned answer", "negative response, unsigned answer"];
    // That a name or a type is not there is a failure, too; and a loop ends with one.
    const ENDS: [&str; 3] = ["ncache nxdomain", "ncache nxrrset", "quota reached"];
    let is_end = |line: &&str| line.strip_prefix(";; resolution failed: ").is_some_and(|end| ENDS.contains(&end));
    let has_failed = text.lines().filter(|line| !is_end(line)).any(|line| line.starts_with(";;"));
    let said: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("; ")).filter(|line| !line.contains('.')).collect();
    if has_failed || said.is_empty() || !said.iter().all(|line| SECURE.contains(line) || INSECURE.contains(line)) {
        State::Bogus
    } else if said.iter().all(|line| SECURE.contains(line)) {
        State::Secure
    } else {
        State::Insecure
    }
}
