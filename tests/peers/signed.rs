//! Signs zones with `ldns-signzone`: NSEC, NSEC3, and NSEC3 with opt-out.
//!
//! Knows no replies. One key serves all zones of a round, each under the zone's own name.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::data::*;
use crate::generate::Random;
use crate::master::UNNAMED;
use crate::process::Directory;
use crate::types::name_text;
use crate::worlds::Round;

/// The tools that are needed.
pub const TOOLS: [&str; 3] = ["ldns-keygen", "ldns-signzone", "unbound"];

/// How the names that do not exist are proven.
const CHAINS: [&[&str]; 5] = [&[], &[], &["-n", "-t", "0"], &["-n", "-t", "3", "-s", "abcd"], &["-n", "-p", "-t", "0"]];

/// A round that was signed.
pub struct Signed {
    /// The file of each zone: signed or, where its world is not, as it was.
    pub files: Vec<PathBuf>,
    /// Whether each zone is signed.
    pub is_signed: Vec<bool>,
    /// Whether each zone's denials leave out delegations that are not signed (RFC 5155 section 6).
    pub is_opt_out: Vec<bool>,
    /// The keys, as records, that a validator trusts.
    pub anchors: String,
}

/// Prepares the zones: DS only where no child is served here, for a child has an anchor of its own or no signatures at
/// all; and no types that `ldns-signzone` writes by names that Knot does not know, nor labels that it does not escape.
pub fn prepare(round: &mut Round) {
    // One zone a world: what a validator makes of a parent that redirects or denies a child is about the zones, not the
    // server.
    let firsts: Vec<usize> = round.worlds.iter().map(|world| world.start).collect();
    let zones = std::mem::take(&mut round.zones).into_iter().enumerate();
    round.zones = zones.filter(|(number, _)| firsts.contains(number)).map(|(_, zone)| zone).collect();
    round.worlds = (0..round.zones.len()).map(|number| number..number + 1).collect();
    let apexes: Vec<Name> = round.zones.iter().map(|zone| zone.apex.clone()).collect();
    for zone in &mut round.zones {
        let is_child = |record: &Record| record.rtype == DS && apexes.contains(&record.owner);
        zone.records.retain(|record| !UNNAMED.contains(&record.rtype) && !is_child(record) && is_plain(record));
    }
}

fn is_plain(record: &Record) -> bool {
    let is_plain = |octet: &u8| octet.is_ascii_alphanumeric() || b"*-_".contains(octet);
    let is_plain = |name: &Name| name.0.iter().all(|label| label.0.iter().all(is_plain));
    let names = record.rdata.iter().filter_map(|field| match field {
        Field::Name(name) => Some(name),
        Field::Octets(_) => None,
    });
    is_plain(&record.owner) && names.into_iter().all(is_plain)
}

/// Signs four of five worlds whole.
pub fn sign(random: &mut Random, directory: &Directory, round: &Round, files: &[PathBuf]) -> Signed {
    let place = directory.path().join("keys");
    fs::create_dir(&place).unwrap();
    let base = run(Command::new("ldns-keygen").args(["-k", "-a", "ECDSAP256SHA256", "key"]).current_dir(&place));
    let base = place.join(base.trim());
    let mut signed = Signed {
        files: files.to_vec(),
        is_signed: vec![false; files.len()],
        is_opt_out: vec![false; files.len()],
        anchors: String::new(),
    };
    for world in &round.worlds {
        if random.percent(20) {
            continue;
        }
        let chain = random.pick(&CHAINS);
        for number in world.clone() {
            let zone = &round.zones[number];
            let key = place.join(number.to_string());
            signed.anchors += &copy_key(&base, &key, &zone.apex);
            let output = files[number].with_extension("signed");
            let mut command = Command::new("ldns-signzone");
            // Times that do not pass: a round is the same whenever it is run.
            command.args(["-i", "20200101000000", "-e", "20360101000000", "-o", &name_text(&zone.apex), "-f"]);
            run(command.arg(&output).args(chain).arg(&files[number]).arg(&key));
            signed.files[number] = output;
            signed.is_signed[number] = true;
            signed.is_opt_out[number] = chain.contains(&"-p");
        }
    }
    signed
}

/// The key under another name; gives its public record.
fn copy_key(base: &Path, key: &Path, apex: &Name) -> String {
    // A key's name has dots of its own.
    let file = |key: &Path, kind: &str| PathBuf::from(format!("{}.{kind}", key.display()));
    let record = fs::read_to_string(file(base, "key")).unwrap();
    let (_, rest) = record.split_once(char::is_whitespace).expect("an owner stands first");
    let record = format!("{}\t{rest}", name_text(apex));
    fs::write(file(key, "key"), &record).unwrap();
    fs::copy(file(base, "private"), file(key, "private")).unwrap();
    record
}

fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
