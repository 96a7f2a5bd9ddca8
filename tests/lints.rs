//! The lints, on zones as data: `tests/lints/NAME.zone`, each with what it must give.
//!
//! The first line of a zone names the lints that it must give, and no others: `; lints: missing-address single-ns`, or
//! `; lints: none`. Lines `; origin: NAME`, `; deny: LINT ...`, `; previous-serial: NUMBER` and `; now: SECONDS` may follow.
//! What exactly is said stands in `NAME.findings` beside it; `GANNET_BLESS=1` writes those anew.
//!
//! Does not know lines: a finding says what it is about, and who shows it finds the place.
#![allow(missing_docs, clippy::unwrap_used)] // no docs are made of tests

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use gannet::check::{self, Finding, Levels, Lint, Options, Report, Severity};
use gannet::wire::{NameBuf, SuffixHasher, rdata};
use gannet::zone::Builder;
use gannet::zonefile::Reader;

/// A zone with what its head says.
struct Case {
    name: String,
    path: PathBuf,
    text: String,
    head: BTreeMap<String, String>,
}

impl Case {
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap();
        let comments = text.lines().map_while(|line| line.strip_prefix("; ")?.split_once(": "));
        let head = comments.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        Self { name, path, text, head }
    }

    fn lints(&self, key: &str) -> Vec<Lint> {
        let named =
            self.head.get(key).map_or("", String::as_str).split_ascii_whitespace().filter(|name| *name != "none");
        named.map(|name| Lint::by_name(name).unwrap_or_else(|| panic!("{}: no lint `{name}`", self.name))).collect()
    }

    fn number<N: std::str::FromStr>(&self, key: &str) -> Option<N> {
        self.head.get(key).map(|text| text.parse().unwrap_or_else(|_| panic!("{}: {key}", self.name)))
    }

    fn report(&self) -> Report {
        let origin: NameBuf = self.head.get("origin").map_or("example.com", String::as_str).parse().unwrap();
        let options = Options {
            levels: Levels::new(&[], &self.lints("deny"), false).unwrap(),
            previous_serial: self.number("previous-serial"),
            now: self.number("now"),
            ttl_max: None,
        };
        let mut builder = Builder::new(origin.as_name(), &SuffixHasher::new(0));
        let mut reader = Reader::new(self.text.as_bytes(), "zone", origin.as_name());
        while let Some(next) = reader.next() {
            let record = next.unwrap_or_else(|error| panic!("{}: {}", self.name, error.render(false))).0;
            builder.add(&record).unwrap_or_else(|error| panic!("{}: {} {error}", self.name, record.owner));
        }
        match builder.seal() {
            Ok((zone, sealed)) => check::examine(&zone, &sealed, &options),
            Err(sealed) => {
                let mut report = Report::new(options.levels);
                report.take_sealed(&sealed);
                report
            }
        }
    }
}

fn cases() -> Vec<Case> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lints");
    let mut paths: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "zone"));
    paths.sort();
    paths.into_iter().map(Case::read).collect()
}

/// The findings as text, those of one name together.
fn shown(report: &Report) -> String {
    let mut findings: Vec<(NameBuf, String)> =
        report.findings().iter().map(|finding| (finding.subject.owner, said(finding))).collect();
    findings.sort_by(|a, b| a.0.as_name().canonical_cmp(b.0.as_name()).then_with(|| a.1.cmp(&b.1)));
    findings.into_iter().map(|finding| finding.1).collect()
}

fn said(finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Off => "off",
        Severity::Warning => "warning",
        Severity::Error => "error",
        Severity::Fatal => "fatal",
    };
    let mut text = format!("{level}[{}]: {}\n", finding.lint.name(), finding.message);
    let _ = write!(text, "  at {}", finding.subject.owner);
    if let Some(rtype) = finding.subject.rtype {
        let _ = write!(text, " {rtype}");
        if let Some(octets) = &finding.subject.rdata {
            let mut written = String::new();
            rdata::to_text(rtype, octets, &mut written).unwrap();
            let _ = write!(text, " {written}");
        }
    }
    text.push('\n');
    for (what, more) in [("note", &finding.note), ("help", &finding.help)] {
        if let Some(more) = more {
            let _ = writeln!(text, "  {what}: {more}");
        }
    }
    text
}

#[test]
fn every_zone_gives_the_lints_that_its_head_names() {
    let mut wrong = Vec::new();
    for case in cases() {
        let report = case.report();
        let found: BTreeSet<&str> =
            Lint::ALL.iter().filter(|&&lint| report.count_of(lint) > 0).map(|lint| lint.name()).collect();
        let expected: BTreeSet<&str> = case.lints("lints").iter().map(|lint| lint.name()).collect();
        assert!(case.head.contains_key("lints"), "{} says nothing of lints", case.name);
        if found != expected {
            wrong.push(format!("{}: expected {expected:?}\n{}", case.name, shown(&report)));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_finding_is_as_it_was() {
    let bless = std::env::var_os("GANNET_BLESS").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let (file, now) = (case.path.with_extension("findings"), shown(&case.report()));
        // Where nothing is found there is no file.
        if bless && now.is_empty() {
            let _ = fs::remove_file(&file);
        } else if bless {
            fs::write(&file, &now).unwrap();
        }
        let before = fs::read_to_string(&file).unwrap_or_default();
        if before != now {
            wrong.push(format!("{}: found\n{now}instead of\n{before}", case.name));
        }
    }
    assert!(wrong.is_empty(), "\n{}\nIf that is right: GANNET_BLESS=1", wrong.join("\n"));
}

#[test]
fn every_lint_has_a_zone_with_it_and_a_near_miss() {
    let cases = cases();
    let case = |name: &str| cases.iter().find(|case| case.name == name);
    for &lint in Lint::ALL.iter().filter(|lint| !is_told_elsewhere(**lint)) {
        let name = lint.name();
        let bad = case(name).unwrap_or_else(|| panic!("no zone with {name}"));
        assert!(bad.lints("lints").contains(&lint), "{name}.zone does not name it");
        let near = case(&format!("{name}-near")).unwrap_or_else(|| panic!("no zone that nearly has {name}"));
        assert!(!near.lints("lints").contains(&lint), "{name}-near.zone names it");
        if lint.severity() == Severity::Off {
            assert!(near.lints("deny").contains(&lint), "{name}-near.zone does not ask for it");
        }
    }
}

/// Whether a lint takes more than a small zone: 64 MiB at one name, or keys to sign it. Those of the second kind are tested
/// where they are found.
fn is_told_elsewhere(lint: Lint) -> bool {
    matches!(lint, Lint::NameTooLarge | Lint::Unsigned | Lint::Dnssec(_))
}

#[test]
fn every_record_that_is_meant_is_one_of_the_zone() {
    for case in cases() {
        let origin: NameBuf = case.head.get("origin").map_or("example.com", String::as_str).parse().unwrap();
        let mut records = BTreeSet::new();
        let mut reader = Reader::new(case.text.as_bytes(), "zone", origin.as_name());
        while let Some(next) = reader.next() {
            let record = next.unwrap().0;
            let mut rdata = Vec::new();
            rdata::canonical(record.rtype, record.rdata, &mut rdata);
            records.insert((record.owner.to_lower().to_string(), record.rtype, rdata));
        }
        for finding in case.report().findings() {
            let (owner, rtype) = (finding.subject.owner.to_string(), finding.subject.rtype);
            let found = match (rtype, &finding.subject.rdata) {
                (Some(rtype), Some(octets)) => {
                    let mut rdata = Vec::new();
                    rdata::canonical(rtype, octets, &mut rdata);
                    records.contains(&(owner.clone(), rtype, rdata))
                }
                (Some(rtype), None) => records.iter().any(|record| record.0 == owner && record.1 == rtype),
                // An empty non-terminal has no records, a zone without SOA none at its apex.
                (None, _) => records.iter().any(|record| record.0.ends_with(&owner)) || records.is_empty(),
            };
            assert!(found, "{}: {} {rtype:?}", case.name, said(finding));
        }
    }
}
