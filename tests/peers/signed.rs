//! Signs zones with `ldns-signzone`: NSEC, NSEC3, and NSEC3 with opt-out; alone, or below a parent that has their DS.
//!
//! Knows no replies. One key serves all zones of a round, each under the zone's own name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gannet::wire::NameBuf;
use gannet::zonefile::Reader;

use crate::data::*;
use crate::generate::Random;
use crate::master::{self, UNNAMED};
use crate::process::Directory;
use crate::reply::{Key, lower};
use crate::types::{name_text, plain_name};
use crate::worlds::Round;

/// The tools that are needed.
pub const TOOLS: [&str; 5] = ["ldns-keygen", "ldns-signzone", "ldns-key2ds", "unbound", "delv"];

/// How the names that do not exist are proven: NSEC, NSEC3, and NSEC3 with opt-out.
const CHAINS: [&[&str]; 5] = [&[], &[], &["-n"], &["-n"], &["-n", "-p"]];

/// How often names are hashed, besides the first time: mostly as RFC 9276 section 3.1 wants it, up to what validators take
/// for signed.
const ITERATIONS: [&str; 8] = ["0", "0", "0", "0", "1", "3", "20", "50"];

/// Octets of salt. Of longer ones `ldns-signzone` 1.8 writes past its memory.
const SALT_OCTETS: [usize; 6] = [0, 0, 1, 2, 8, 64];

pub const DNSKEY: u16 = 48;
pub const NSEC3: u16 = 50;
pub const NSEC3PARAM: u16 = 51;

/// What may be done to zones that are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// They are signed whole.
    Whole,
    /// Some lack signatures: what these prove nobody could validate.
    Partial,
}

/// How a zone is signed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signing {
    /// A validator that has the anchors finds it signed.
    pub is_secure: bool,
    /// Its denials leave out delegations that are not signed (RFC 5155 section 6).
    pub is_opt_out: bool,
    /// Its denials are of hashed names.
    pub is_hashed: bool,
    /// It has an NSEC and an NSEC3 chain.
    pub has_both: bool,
    /// Some of its signatures are missing.
    pub is_partial: bool,
}

/// A round that was signed.
pub struct Signed {
    /// The file of each zone: signed or, where it is not, as it was.
    pub files: Vec<PathBuf>,
    pub signings: Vec<Signing>,
    /// Owners of NSEC3.
    pub hashes: Vec<Name>,
    /// The keys, as records, that a validator trusts: by the zones that have them.
    pub anchors: BTreeMap<usize, String>,
    /// What has no signature though its zone is signed: owners and types.
    pub unsigned: BTreeSet<(Name, u16)>,
}

/// Prepares the zones: each child is delegated by the zone above it and by nothing else, for what a validator makes of a
/// parent that redirects or denies a child is about the zones, not the server; DS of children come with the signatures. And
/// no types that `ldns-signzone` writes by names that Knot does not know, nor labels that it does not escape.
pub fn prepare(random: &mut Random, round: &mut Round) {
    for zone in &mut round.zones {
        zone.records.retain(|record| !UNNAMED.contains(&record.rtype) && is_plain(record));
    }
    for child in 0..round.zones.len() {
        let Some(parent) = parent_of(&round.zones, child) else { continue };
        let apex = round.zones[child].apex.clone();
        let above = &mut round.zones[parent];
        let top = above.apex.clone();
        above.records.retain(|record| {
            let is_way = apex.is_at_or_below(&record.owner);
            match record.rtype {
                _ if record.owner == apex => record.rtype == NS,
                NS => !is_way || record.owner == top,
                DNAME | CNAME => !is_way,
                _ => true,
            }
        });
        // DS stands beside NS alone: where a cut is gone, so is its DS.
        let cuts: Vec<Name> = above.records.iter().filter(|r| r.rtype == NS).map(|r| r.owner.clone()).collect();
        above.records.retain(|record| record.rtype != DS || cuts.contains(&record.owner));
        if !above.is_cut(&apex) {
            let target = if random.percent(50) { apex.child("ns") } else { Name::from_text("ns.elsewhere.") };
            above.records.push(Record { owner: apex, rtype: NS, ttl: 300, rdata: vec![Field::Name(target)] });
        }
    }
}

/// The zone right above this one, by its index.
pub fn parent_of(zones: &[Zone], child: usize) -> Option<usize> {
    let apex = &zones[child].apex;
    let above = (0..zones.len()).filter(|number| apex.is_below(&zones[*number].apex));
    above.max_by_key(|number| zones[*number].apex.depth())
}

/// Whether its names have none of the octets that `ldns-signzone` writes unescaped, nor a backslash, which NSD reads wrongly
/// as it writes it.
fn is_plain(record: &Record) -> bool {
    let is_plain = |octet: &u8| !b"\"@$\\".contains(octet);
    let is_plain = |name: &Name| name.0.iter().all(|label| label.0.iter().all(is_plain));
    let names = record.rdata.iter().filter_map(|field| match field {
        Field::Name(name) => Some(name),
        Field::Octets(_) => None,
    });
    is_plain(&record.owner) && names.into_iter().all(is_plain)
}

/// Signs four of five zones, and gives most of their parents the DS. The zones get the records that signing makes, all but
/// those of hashed names, which are no names of the zone (RFC 5155 section 7.2.8).
pub fn sign(random: &mut Random, directory: &Directory, round: &mut Round, extent: Extent) -> Signed {
    let place = directory.path().join("keys");
    fs::create_dir(&place).unwrap();
    let base = run(Command::new("ldns-keygen").args(["-k", "-a", "ECDSAP256SHA256", "key"]).current_dir(&place));
    let signer = Signer { directory, base: place.join(base.trim()), place, extent };
    let count = round.zones.len();
    let mut signed = Signed {
        files: vec![PathBuf::new(); count],
        signings: vec![Signing::default(); count],
        hashes: Vec::new(),
        anchors: BTreeMap::new(),
        unsigned: BTreeSet::new(),
    };
    // Whether the zone is signed, and whether the one above says so.
    let (mut is_signed, mut has_ds) = (vec![false; count], vec![false; count]);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|number| std::cmp::Reverse(round.zones[*number].apex.depth()));
    for &number in &order {
        is_signed[number] = random.percent(80);
        if !is_signed[number] {
            signed.files[number] = directory.write(&format!("{number}.zone"), &master::text(&round.zones[number]));
            continue;
        }
        signer.sign(random, number, &mut round.zones[number], &mut signed);
        if let Some(parent) = parent_of(&round.zones, number)
            && random.percent(75)
        {
            has_ds[number] = true;
            let ds = signer.ds_of(number, &round.zones[number].apex);
            round.zones[parent].records.push(ds);
        }
    }
    // From the top down: a zone is found signed by the one above, or by an anchor where nothing above is.
    for &number in order.iter().rev() {
        let parent = parent_of(&round.zones, number);
        let is_below_secure = parent.is_some_and(|parent| signed.signings[parent].is_secure);
        if is_signed[number] && !is_below_secure {
            signed.anchors.insert(number, signer.public_key(number));
        }
        signed.signings[number].is_secure = is_signed[number] && (has_ds[number] || !is_below_secure);
    }
    signed
}

/// Signs the zones of a round, one by one.
struct Signer<'d> {
    directory: &'d Directory,
    /// Where the keys are, and the one that all of them are copies of.
    place: PathBuf,
    base: PathBuf,
    extent: Extent,
}

impl Signer<'_> {
    fn sign(&self, random: &mut Random, number: usize, zone: &mut Zone, signed: &mut Signed) {
        let mut chain = random.pick(&CHAINS).to_vec();
        let has_hashes = chain.contains(&"-n");
        let octets = random.pick(&SALT_OCTETS);
        let salt: String = random.octets(octets).iter().map(|octet| format!("{octet:02x}")).collect();
        if has_hashes {
            chain.extend(["-t", random.pick(&ITERATIONS)]);
        }
        if has_hashes && !salt.is_empty() {
            chain.extend(["-s", &salt]);
        }
        self.copy_key(number, &zone.apex);
        let is_opt_out = chain.contains(&"-p");
        let mut text = match is_opt_out {
            true => self.opt_out_text(number, zone, &chain),
            false => self.text(number, zone, &chain),
        };
        if has_hashes && random.percent(20) {
            // On its way from one chain to the other: both are whole.
            let old = self.text(number, zone, &[]);
            text.extend(old.lines().filter(|line| is_of(line, "NSEC")).map(|line| format!("{line}\n")));
            signed.signings[number].has_both = true;
        }
        if self.extent == Extent::Partial && random.percent(25) {
            let lost;
            (lost, text) = without_some_signatures(random, &text);
            let lost = read_records(lost.as_bytes(), &zone.apex).into_iter();
            signed
                .unsigned
                .extend(lost.map(|record| (lower(&record.owner), Key::of(&record).covers().expect("an RRSIG"))));
            signed.signings[number].is_partial = true;
        }
        signed.signings[number].is_hashed = has_hashes;
        signed.signings[number].is_opt_out = is_opt_out;
        signed.files[number] = self.directory.write(&format!("{number}.signed"), &text);
        let (hashed, plain): (Vec<Record>, Vec<Record>) = made_records(&signed.files[number], &zone.apex)
            .into_iter()
            .partition(|record| is_hashed(&zone.apex, record));
        signed.hashes.extend(hashed.into_iter().filter(|record| record.rtype == NSEC3).map(|record| record.owner));
        zone.records.extend(plain);
    }

    /// The text of the zone, signed without its delegations that are not signed: `ldns-signzone` sets the flag and makes an
    /// NSEC3 for each all the same.
    fn opt_out_text(&self, number: usize, zone: &Zone, chain: &[&str]) -> String {
        let cuts = zone.records.iter().filter(|record| record.rtype == NS && record.owner != zone.apex);
        let cuts: Vec<&Name> = cuts.map(|ns| &ns.owner).filter(|cut| !zone.has(cut, DS)).collect();
        let is_left_out = |record: &Record| cuts.iter().any(|cut| record.owner.is_at_or_below(cut));
        let (left_out, covered) = zone.records.iter().cloned().partition(is_left_out);
        let part = |records| Zone { apex: zone.apex.clone(), records };
        self.text(number, &part(covered), chain) + &master::text(&part(left_out))
    }

    /// The text of the zone, signed.
    fn text(&self, number: usize, zone: &Zone, chain: &[&str]) -> String {
        let file = self.directory.write(&format!("{number}.zone"), &master::text(zone));
        let output = self.directory.path().join(format!("{number}.output"));
        let mut command = Command::new("ldns-signzone");
        // Times that do not pass: a round is the same whenever it is run.
        command.args(["-i", "20200101000000", "-e", "20360101000000", "-o", &name_text(&zone.apex), "-f"]);
        run(command.arg(&output).args(chain).arg(file).arg(self.key(number)));
        fs::read_to_string(output).unwrap()
    }

    fn key(&self, number: usize) -> PathBuf {
        self.place.join(number.to_string())
    }

    /// The key under the zone's name.
    fn copy_key(&self, number: usize, apex: &Name) {
        let record = fs::read_to_string(key_file(&self.base, "key")).unwrap();
        let (_, rest) = record.split_once(char::is_whitespace).expect("an owner stands first");
        let key = self.key(number);
        fs::write(key_file(&key, "key"), format!("{}\t{rest}", name_text(apex))).unwrap();
        fs::copy(key_file(&self.base, "private"), key_file(&key, "private")).unwrap();
    }

    /// The key as a record.
    fn public_key(&self, number: usize) -> String {
        fs::read_to_string(key_file(&self.key(number), "key")).unwrap()
    }

    fn ds_of(&self, number: usize, apex: &Name) -> Record {
        let file = key_file(&self.key(number), "key");
        let text = run(Command::new("ldns-key2ds").args(["-n", "-2"]).arg(file));
        let mut records = read_records(text.as_bytes(), apex);
        Record { owner: apex.clone(), ttl: 300, ..records.pop().expect("a DS") }
    }
}

/// A key's name has dots of its own.
fn key_file(key: &Path, kind: &str) -> PathBuf {
    PathBuf::from(format!("{}.{kind}", key.display()))
}

/// Whether a line of a signed zone is a record of this type, or the signature of one.
fn is_of(line: &str, rtype: &str) -> bool {
    let mut words = line.split_whitespace().skip(3);
    words.next().is_some_and(|first| first == rtype || (first == "RRSIG" && words.next() == Some(rtype)))
}

/// The signatures of some RRsets, never of the keys, and the zone without them.
fn without_some_signatures(random: &mut Random, text: &str) -> (String, String) {
    let is_signature = |line: &str| !is_of(line, "DNSKEY") && line.split_whitespace().nth(3) == Some("RRSIG");
    let (lost, kept): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| is_signature(line) && random.percent(30));
    let join = |lines: Vec<&str>| lines.into_iter().flat_map(|line| [line, "\n"]).collect();
    (join(lost), join(kept))
}

/// Whether the record is of a name that is a hash.
fn is_hashed(apex: &Name, record: &Record) -> bool {
    let is_hash = |label: &Label| label.0.len() == 32 && label.0.iter().all(u8::is_ascii_alphanumeric);
    let is_below = record.owner.depth() == apex.depth() + 1 && record.owner.0.last().is_some_and(is_hash);
    record.rtype == NSEC3 || (is_below && record.covers(NSEC3))
}

/// The records that signing made.
fn made_records(file: &Path, apex: &Name) -> Vec<Record> {
    let mut records = read_records(fs::File::open(file).unwrap(), apex);
    records.retain(|record| matches!(record.rtype, DNSKEY | RRSIG | NSEC | NSEC3 | NSEC3PARAM));
    records
}

fn read_records(read: impl std::io::Read, apex: &Name) -> Vec<Record> {
    let origin: NameBuf = name_text(apex).parse().expect("a name");
    let mut reader = Reader::new(read, "signed", origin.as_name());
    let mut records = Vec::new();
    while let Some(read) = reader.next() {
        let (record, _) = read.unwrap_or_else(|error| panic!("{error}"));
        let owner = plain_name(&mut record.owner.wire()).expect("a name");
        records.push(Record {
            owner,
            rtype: record.rtype.0,
            ttl: record.ttl,
            rdata: fields(record.rtype.0, record.rdata),
        });
    }
    records
}

/// The name in the rdata of RRSIG and NSEC, and what is around it.
fn fields(rtype: u16, rdata: &[u8]) -> Vec<Field> {
    let front = match rtype {
        RRSIG => 18,
        NSEC => 0,
        _ => return vec![Field::Octets(rdata.to_vec())],
    };
    let (front, mut rest) = rdata.split_at(front);
    let name = plain_name(&mut rest).expect("a name");
    let fields = [Field::Octets(front.to_vec()), Field::Name(name), Field::Octets(rest.to_vec())];
    fields.into_iter().filter(|field| *field != Field::Octets(Vec::new())).collect()
}

fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
