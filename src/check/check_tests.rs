//! The lints, on zones written as text.

use super::{Levels, Lint, Options, Report, Severity, examine};
use crate::dnssec;
use crate::wire::{NameBuf, Rtype, SuffixHasher};
use crate::zone::Builder;
use crate::zonefile::Reader;

/// What `examine` finds in the zone `example.` of these records.
fn report(text: &str, options: &Options) -> Report {
    let apex: NameBuf = "example.".parse().expect("a name");
    let mut builder = Builder::new(apex.as_name(), &SuffixHasher::new(0));
    let mut reader = Reader::new(text.as_bytes(), "test", apex.as_name());
    while let Some(next) = reader.next() {
        builder.add(&next.expect("good text").0).expect("a record of the zone");
    }
    let (zone, sealed) = builder.seal().expect("a zone that can be served");
    examine(&zone, &sealed, options)
}

/// The zone with these SOA numbers and records, and no others but an NS.
fn zone(numbers: &str, records: &str) -> String {
    format!(
        "$TTL 3600\n@ SOA ns.example.net. host.example.net. {numbers}\n@ NS ns.example.net.\n@ NS ns.example.org.\n{records}\n"
    )
}

/// The messages of what is found, each behind the name of its lint.
fn messages(report: &Report) -> Vec<String> {
    report.findings().iter().map(|finding| format!("{}: {}", finding.lint.name(), finding.message)).collect()
}

#[test]
fn timers_out_of_their_ranges_are_told_one_by_one() {
    for (numbers, said) in [
        ("1 7200 900 1209600 3600", &[][..]),
        ("1 10 5 1209600 3600", &["REFRESH is 10 s", "RETRY is 5 s"]),
        ("1 7200 8000 1209600 3600", &["RETRY is 8000 s"]),
        ("1 7200 900 3600 3600", &["EXPIRE is 3600 s, 1 hour", "EXPIRE is 3600 s: not more"]),
        ("1 7200 900 1209600 172800", &["MINIMUM is 172800 s"]),
    ] {
        let report = report(&zone(numbers, ""), &Options::default());
        let messages = messages(&report);
        assert_eq!(messages.len(), said.len(), "{messages:?}");
        for (message, start) in messages.iter().zip(said) {
            assert!(message.starts_with(&format!("soa-timers: {start}")), "{message}");
        }
    }
}

#[test]
fn a_serial_must_be_greater_than_the_previous_one() {
    for (serial, previous, backwards) in
        [(2, Some(1), false), (1, Some(1), true), (1, Some(2), true), (1, None, false), (0, Some(u32::MAX), false)]
    {
        let text = zone(&format!("{serial} 7200 900 1209600 3600"), "");
        let report = report(&text, &Options { previous_serial: previous, ..Options::default() });
        assert_eq!(report.count_of(Lint::SerialBackwards) == 1, backwards, "{serial} after {previous:?}");
    }
}

#[test]
fn what_sealing_finds_is_counted_in_full_and_shown_in_part() {
    let occluded: String = (0..50).map(|number| format!("x{number}.cut TXT occluded\n")).collect();
    let text = zone("1 7200 900 1209600 3600", &format!("cut NS ns.example.net.\n{occluded}"));
    let found = report(&text, &Options::default());
    assert_eq!((found.findings().len(), found.count_of(Lint::OccludedData)), (20, 50));
    assert_eq!((found.count(Severity::Warning), found.is_bad()), (50, false));
    let levels = Levels::new(&[Lint::OccludedData], &[], false).expect("levels");
    let found = report(&text, &Options { levels, ..Options::default() });
    assert_eq!((found.findings().len(), found.count(Severity::Warning)), (0, 0));
    let levels = Levels::new(&[], &[], true).expect("levels");
    assert!(report(&text, &Options { levels, ..Options::default() }).is_bad());
}

#[test]
fn faults_of_a_signed_zone_are_counted_in_full_and_shown_in_part() {
    let mut faults = dnssec::Faults::default();
    let owner: NameBuf = "www.example.".parse().expect("a name");
    (0..50).for_each(|_| faults.add(owner.as_name(), Rtype::A, dnssec::Problem::NsecMissing));
    faults.add(owner.as_name(), Rtype::DNSKEY, dnssec::Problem::ShortKey { tag: 7, bits: 512 });
    let mut report = Report::new(Levels::default());
    report.take_faults(&faults);
    let lint = Lint::by_name("nsec-missing").expect("a lint of the other table");
    assert_eq!((report.count_of(lint), report.findings().len()), (50, 21));
    assert_eq!((report.count(Severity::Error), report.count(Severity::Warning)), (50, 1));
    let subject = &report.findings()[20].subject;
    assert_eq!((subject.owner.to_string().as_str(), subject.rtype), ("www.example.", Some(Rtype::DNSKEY)));
    let levels = Levels::new(&[lint], &[], false).expect("levels");
    let mut report = Report::new(levels);
    report.take_faults(&faults);
    assert_eq!((report.count(Severity::Error), report.count(Severity::Warning)), (0, 1));
}
