//! What others make of the samples: BIND, ldns and dnspython, all samples in one process.
//!
//! They come from Debian's packages, which `.ci/run` installs.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};
use std::thread;

use data_encoding::HEXLOWER_PERMISSIVE;
use gannet::wire::Rtype;

use crate::samples::{ORIGIN, Sample};

/// The wire forms that a tool gives, by the index of the sample; those that it refuses are not among them.
pub type Wires = BTreeMap<usize, Vec<u8>>;

pub struct Tool {
    pub name: &'static str,
    /// Runs the tool; none where it is not installed.
    pub run: fn(&[Sample]) -> Option<Wires>,
}

pub const TOOLS: [Tool; 3] = [
    Tool { name: "BIND", run: bind },
    Tool { name: "ldns", run: ldns },
    Tool { name: "dnspython", run: |samples| python(samples, "to_generic(origin).data") },
];

/// Whether no tool is missing. Where one is, says so; in continuous integration, that is a failure.
pub fn are_there(missing: &[&str]) -> bool {
    if missing.is_empty() {
        return true;
    }
    let said = format!("not installed, so not compared with: {}", missing.join(", "));
    assert!(std::env::var_os("CI").is_none(), "{said}");
    eprintln!("{said}");
    false
}

/// Whether the tool is given more than one SOA: a zone has one.
pub fn has_all_soas(name: &str) -> bool {
    name == "dnspython"
}

/// What a program makes of `input`: its output and its error output; none where it is not installed.
fn run(program: &str, arguments: &[&str], input: &str) -> Option<(Vec<u8>, String)> {
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new(program);
    command.args(arguments).env("PATH", path).env("LC_ALL", "C.UTF-8");
    let mut child = match command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => panic!("{program} cannot be run: {error}"),
    };
    let mut stdin = child.stdin.take().unwrap();
    let output = thread::scope(|scope| {
        // A program that has seen enough may close its input early.
        scope.spawn(move || stdin.write_all(input.as_bytes()));
        child.wait_with_output().unwrap()
    });
    Some((output.stdout, String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// A zone of the samples that `taken` chooses: line `index + 3` holds sample `index` at the name `n{index}`. The first SOA
/// is the zone's own.
fn zone(samples: &[Sample], taken: impl Fn(usize) -> bool) -> String {
    let mut zone = format!("$TTL 3600\n{ORIGIN} IN {}\n", samples[own_soa(samples)].text);
    for (index, sample) in samples.iter().enumerate() {
        if sample.rtype != Rtype::SOA && taken(index) {
            zone += &format!("n{index} IN {}", sample.text);
        }
        zone.push('\n');
    }
    zone
}

fn own_soa(samples: &[Sample]) -> usize {
    samples.iter().position(|sample| sample.rtype == Rtype::SOA).unwrap()
}

/// The sample that stands in a line of [`zone`], counted from 1.
fn sample_in_line(line: &str) -> usize {
    line.parse::<usize>().unwrap() - 3
}

/// The sample whose record of [`zone`] has this owner, of which only the first label counts, and this type.
fn sample_at(samples: &[Sample], owner: &str, rtype: Rtype) -> Option<usize> {
    if rtype == Rtype::SOA {
        return Some(own_soa(samples));
    }
    owner.split('.').next()?.strip_prefix('n')?.parse().ok()
}

/// `named-compilezone` writes the wire form of a zone without an error; with errors it names all lines that are wrong.
fn bind(samples: &[Sample]) -> Option<Wires> {
    let mut refused = Vec::new();
    loop {
        // It wants the zone to have a server.
        let zone = zone(samples, |index| !refused.contains(&index)) + "@ NS ns.invalid.\n";
        let lenient = ["-k", "ignore", "-m", "ignore", "-M", "ignore", "-n", "ignore", "-r", "ignore", "-S", "ignore"];
        let files = ["-i", "none", "-F", "raw", "-o", "-", ORIGIN, "-"];
        let (raw, said) = run("named-compilezone", &[&lenient[..], &files].concat(), &zone)?;
        if !raw.is_empty() {
            return Some(read_raw(&raw, samples));
        }
        let before = refused.len();
        let places = said.lines().filter_map(|line| line.split_once("stream-")?.1.split_once(':')).map(|parts| parts.1);
        for (line, problem) in places.filter_map(|place| place.split_once(": ")) {
            // The others are warnings.
            if ["near ", "unknown RR type", "type '"].iter().any(|start| problem.starts_with(start)) {
                refused.push(sample_in_line(line));
            }
        }
        assert!(refused.len() > before, "named-compilezone: {said}");
    }
}

/// Reads BIND's raw format: a header, then sets of records, all numbers big-endian.
fn read_raw(raw: &[u8], samples: &[Sample]) -> Wires {
    let number =
        |at: usize, octets: usize| raw[at..at + octets].iter().fold(0, |sum, &octet| sum << 8 | usize::from(octet));
    let (mut wires, mut at) = (Wires::new(), 24);
    while at < raw.len() {
        // The set's length, class, type, type covered, TTL, count; the owner's length, the owner; then each rdata.
        let (end, rtype, owner) = (at + number(at, 4), Rtype(number(at + 6, 2) as u16), number(at + 18, 2));
        let label = String::from_utf8_lossy(&raw[at + 21..at + 21 + number(at + 20, 1)]);
        at += 20 + owner;
        while at < end {
            let rdata = &raw[at + 2..at + 2 + number(at, 2)];
            if let Some(index) = sample_at(samples, &label, rtype) {
                wires.insert(index, rdata.to_vec());
            }
            at += 2 + rdata.len();
        }
    }
    wires
}

/// `ldns-read-zone` ends at the first line that it does not take, and then begins again without that.
fn ldns(samples: &[Sample]) -> Option<Wires> {
    let mut refused = Vec::new();
    loop {
        let zone = zone(samples, |index| !refused.contains(&index));
        // All types but this one in the form of RFC 3597.
        let (out, said) = run("ldns-read-zone", &["-U", "NULL", "/dev/stdin"], &zone)?;
        if let Some((_, line)) = said.trim_end().rsplit_once(" at line ") {
            refused.push(sample_in_line(line));
            continue;
        }
        let records = String::from_utf8(out).unwrap();
        let wire = |record: &str| {
            let (head, generic) = record.split_once("\\# ").unwrap_or_else(|| panic!("ldns-read-zone: {record}"));
            let digits: String = generic.split_once(' ').map_or("", |parts| parts.1).split_whitespace().collect();
            let rtype = Rtype::from_text(head.split_whitespace().last()?.as_bytes())?;
            let index = sample_at(samples, head.split_whitespace().next()?, rtype)?;
            Some((index, HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).unwrap()))
        };
        return Some(records.lines().filter_map(wire).collect());
    }
}

/// What dnspython gives for `expression` of each rdata.
fn python(samples: &[Sample], expression: &str) -> Option<Wires> {
    let program = format!(
        "import sys, dns.rdata, dns.name
origin = dns.name.from_text('{ORIGIN}')
for line in sys.stdin:
    rtype, _, text = line.rstrip('\\n').partition(' ')
    try:
        rdata = dns.rdata.from_text('IN', rtype, text, origin=origin, relativize=False)
        print(rdata.{expression}.hex())
    except Exception:
        print('refused')
"
    );
    let input: String = samples.iter().map(|sample| format!("{}\n", sample.text)).collect();
    // Debian's own Python has Debian's packages, another may stand before it in PATH.
    let (out, said) = run("/usr/bin/python3", &["-c", &program], &input)?;
    if said.contains("ModuleNotFoundError") {
        return None;
    }
    let out = String::from_utf8(out).unwrap();
    assert_eq!(out.lines().count(), samples.len(), "python3: {said}");
    let wire = |(index, line): (usize, &str)| Some((index, HEXLOWER_PERMISSIVE.decode(line.as_bytes()).ok()?));
    Some(out.lines().enumerate().filter_map(wire).collect())
}

/// The canonical forms (RFC 4034 section 6.2) that dnspython gives; none where it is not installed.
pub fn canonical_forms(samples: &[Sample]) -> Option<Wires> {
    python(samples, "to_digestable(origin)")
}
