//! Findings find their lines.

use super::*;
use crate::check::{Levels, Remark, Report, Subject};
use crate::wire::NameBuf;

const SOURCE: &str = "\
$TTL 3600
@ SOA ns host 1 7200 900 1209600 3600
  NS NS.Example.
WWW 60 A 192.0.2.1
    70 A 192.0.2.2
a.b MX 10 Mail.Example.
$ORIGIN c.example.
@ NS ns
";

/// A report with a finding for each subject.
fn report(subjects: Vec<Subject>) -> Report {
    let mut report = Report::new(Levels::default());
    for subject in subjects {
        report.add(Lint::DsAtApex, || Remark::new(subject, "it is odd"));
    }
    report
}

fn name(text: &str) -> NameBuf {
    text.parse().expect("a name")
}

/// Line, column and marked text of each subject in `source`.
fn places(source: &str, subjects: Vec<Subject>) -> Vec<Option<(u32, u32, String)>> {
    let origin = name("example");
    let reader = Reader::new(source.as_bytes(), "test", origin.as_name());
    let placed = place(report(subjects).findings(), reader);
    let marked = |error: &Error| error.excerpt[error.marked.start as usize..error.marked.end as usize].to_owned();
    let seen = |place: Placed| (place.error.line, place.error.column, marked(&place.error));
    placed.into_iter().map(|place| place.map(seen)).collect()
}

#[test]
fn names_rrsets_and_records_are_found() {
    let mail = [0, 10, 4, b'm', b'a', b'i', b'l', 7, b'e', b'x', b'a', b'm', b'p', b'l', b'e', 0];
    let found = places(
        SOURCE,
        vec![
            Subject::name(name("c.example").as_name()),
            Subject::rrset(name("www.EXAMPLE").as_name(), Rtype::A),
            Subject::record(name("www.example").as_name(), Rtype::A, &[192, 0, 2, 2]),
            Subject::record(name("a.b.example").as_name(), Rtype::MX, &mail),
            Subject::rrset(name("example").as_name(), Rtype::SOA),
        ],
    );
    let place = |line, column, marked: &str| Some((line, column, marked.to_owned()));
    let soa = "@ SOA ns host 1 7200 900 1209600 3600";
    let expected = [
        place(8, 1, "@"),
        place(4, 1, "WWW 60 A 192.0.2.1"),
        place(5, 10, "192.0.2.2"),
        place(6, 8, "10 Mail.Example."),
        place(2, 1, soa),
    ];
    assert_eq!(found, expected);
}

/// What is missing at a name stands at its first record; what is missing as a whole stands nowhere.
#[test]
fn what_is_missing_stands_at_its_owner() {
    let found = places(
        SOURCE,
        vec![
            Subject::rrset(name("www.example").as_name(), Rtype::AAAA),
            Subject::record(name("www.example").as_name(), Rtype::A, &[192, 0, 2, 3]),
            Subject::name(name("b.example").as_name()),
        ],
    );
    assert_eq!(found, [Some((4, 1, "WWW".to_owned())), Some((4, 1, "WWW".to_owned())), None]);
}

/// A source that is another one by now gives other places or none, and no harm.
#[test]
fn a_source_that_has_changed_gives_what_it_has() {
    let subjects = || {
        vec![
            Subject::rrset(name("www.example").as_name(), Rtype::A),
            Subject::rrset(name("a.b.example").as_name(), Rtype::MX),
        ]
    };
    assert_eq!(places("", subjects()), [None, None]);
    assert_eq!(places("\u{0}\"(((", subjects()), [None, None]);
    let changed = "; a new line\nwww 5 A 192.0.2.9\nbroken\n";
    assert_eq!(places(changed, subjects()), [Some((2, 1, "www 5 A 192.0.2.9".to_owned())), None]);
}

/// The source is read no further than to the last thing that is looked for.
#[test]
fn reading_ends_where_all_is_found() {
    struct Rest;
    impl std::io::Read for Rest {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            panic!("read too far");
        }
    }
    let front = format!("{SOURCE}{}", "; padding\n".repeat(10_000));
    let origin = name("example");
    let stream = std::io::Read::chain(front.as_bytes(), Rest);
    let findings = report(vec![Subject::rrset(name("www.example").as_name(), Rtype::A)]);
    let placed = place(findings.findings(), Reader::new(stream, "test", origin.as_name()));
    assert!(placed[0].is_some());
}

#[test]
fn what_is_said_goes_along() {
    let mut report = Report::new(Levels::default());
    let subject = Subject::rrset(name("www.example").as_name(), Rtype::A);
    report.add(Lint::UnequalTtls, || Remark::new(subject, "they differ").note("one is 60").help("take one"));
    let origin = name("example");
    let placed = place(report.findings(), Reader::new(SOURCE.as_bytes(), "test", origin.as_name()));
    let error = &placed[0].as_ref().expect("placed").error;
    insta::assert_snapshot!(error.render(false), @"
    warning[unequal-ttls]: www.example.: they differ
     --> test:4:5
      |
    4 | WWW 60 A 192.0.2.1
      |     ^^
      |
      = note: one is 60
      = help: take one
    ");
}
