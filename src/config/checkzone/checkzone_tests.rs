//! The command line of the checker: what is written, and what it comes to.

use std::path::Path;

use clap::{CommandFactory, Parser};

use super::*;
use crate::check::{Lint, Severity};

/// What the arguments, with spaces between them, come to; or what is said of them.
fn order(args: &str) -> Result<CheckOrder, String> {
    let args = std::iter::once("gannet-checkzone").chain(args.split_whitespace());
    let order = CheckzoneArgs::try_parse_from(args).and_then(CheckzoneArgs::settle);
    order.map_err(|error| {
        assert_eq!(error.exit_code(), if error.use_stderr() { 2 } else { 0 });
        error.to_string()
    })
}

fn good(args: &str) -> CheckOrder {
    order(args).unwrap_or_else(|error| panic!("{args}: {error}"))
}

#[test]
fn the_command_line_is_sound() {
    CheckzoneArgs::command().debug_assert();
}

#[test]
fn an_origin_and_a_file_are_enough() {
    let order = good("Example.com. -");
    assert_eq!(order.task, CheckTask::Zone { name: "example.com".parse().expect("a name"), file: "-".into() });
    assert_eq!((order.quiet, order.json, order.print, order.output, order.diff), (false, false, None, None, None));
    assert_eq!((order.dnssec, order.at, order.warn_before, order.ttl_max), (DnssecMode::Auto, None, 259_200, None));
    assert_eq!((order.color, order.folder, order.remarks.len()), (ColorWhen::Auto, None, 0));
    assert!(order.jobs > 0);
    for lint in Lint::ALL {
        assert_eq!(order.levels.of(*lint), lint.severity());
    }
}

#[test]
fn other_tasks_need_neither() {
    assert_eq!(good("--dir zones").task, CheckTask::Directory("zones".into()));
    assert_eq!(good("--list-checks").task, CheckTask::ListChecks);
    assert_eq!(good("--explain no-soa").task, CheckTask::Explain(CheckName::Lint(Lint::NoSoa)));
    for args in ["", "example.com", "--dir zones a b", "--dir zones --print", "--dir zones -D", "--list-checks a b"] {
        order(args).expect_err(args);
    }
}

#[test]
fn levels_come_as_lists_and_one_by_one() {
    let order =
        good("--allow ds-at-apex,unequal-ttls --allow occluded-data --deny soa-timers --warn orphan-signature a b");
    for (lint, severity) in [
        (Lint::DsAtApex, Severity::Off),
        (Lint::UnequalTtls, Severity::Off),
        (Lint::OccludedData, Severity::Off),
        (Lint::SoaTimers, Severity::Error),
        (Lint::OrphanSignature, Severity::Warning),
        (Lint::SerialBackwards, Lint::SerialBackwards.severity()),
    ] {
        assert_eq!(order.levels.of(lint), severity, "{lint:?}");
    }
    assert_eq!(good("--strict a b").levels.of(Lint::UnequalTtls), Severity::Error);
}

#[test]
fn names_that_are_none_get_a_suggestion() {
    for (args, why) in [
        ("--allow unequal-tls a b", "no check `unequal-tls` for --allow\n\n  help: did you mean `unequal-ttls`?"),
        ("--deny Unequal-TTL a b", "did you mean `unequal-ttls`?"),
        ("--deny xyzzy a b", "--list-checks names them"),
        ("--deny all a b", "--strict makes errors of all warnings"),
        ("--allow no-soa a b", "it is fatal: such a zone cannot be served"),
        ("--allow bad-ttl a b", "it is fatal: such a zone cannot be served"),
        ("--allow unequal-ttls --deny unequal-ttls a b", "`unequal-ttls` is given two levels"),
        ("--explain bad-tll", "did you mean `bad-ttl`?"),
    ] {
        let error = order(args).expect_err(args);
        assert!(error.contains(why), "{args}: {error}");
    }
}

#[test]
fn times_are_written_in_many_ways() {
    for (text, seconds) in [
        ("2026-01-31", 1_769_817_600),
        ("2026-01-31T12:00:00Z", 1_769_860_800),
        ("2026-01-31t13:00:00.25+01:00", 1_769_860_800),
        ("2026-01-31T08:30:00-03:30", 1_769_860_800),
        ("2026-01-31T12:00:00", 1_769_860_800),
        ("20260131120000", 1_769_860_800),
        ("1769860800", 1_769_860_800),
        ("0", 0),
    ] {
        assert_eq!(text.parse(), Ok(Moment(seconds)), "{text}");
    }
    for text in [
        "",
        "now",
        "2026",
        "-1",
        "2026-02-30",
        "2026-1-31",
        "2026-01-31T12",
        "2026-01-31T25:00:00Z",
        "1970-01-01T00:00:00+01:00",
        "2026-01-31T12:00:00+1",
        "2026-01-31T12:00:00+24:00",
        "2026-01-31T12:00:00Zulu+",
        "20260131",
        "２０２６-01-31",
    ] {
        let moment: Result<Moment, _> = text.parse();
        // Eight digits are seconds, in 1970.
        assert!(moment.is_err() || ["2026", "20260131"].contains(&text), "{text}: {moment:?}");
    }
    assert_eq!(good("--at 2026-01-31 --warn-before 1w a b").warn_before, 604_800);
}

#[test]
fn a_previous_version_is_a_serial_or_a_file() {
    assert_eq!(good("--previous 2026010101 a b").previous, Some(Previous::Serial(2_026_010_101)));
    assert_eq!(good("--previous old.zone a b").previous, Some(Previous::File("old.zone".into())));
    assert_eq!(good("--previous ./1 a b").previous, Some(Previous::File("./1".into())));
    assert!(order("--previous 4294967296 a b").expect_err("too large").contains("at most 4294967295"));
}

#[test]
fn standard_input_is_read_once() {
    assert!(good("--diff - a b").diff.is_some());
    for args in ["--diff - a -", "--previous - a -", "--diff - --previous - a b"] {
        assert!(order(args).expect_err(args).contains("standard input can be one of"), "{args}");
    }
}

#[test]
fn there_is_one_thread_at_least() {
    assert_eq!(good("--jobs 1 a b").jobs, 1);
    for args in ["--jobs 0 a b", "--jobs many a b"] {
        assert!(order(args).expect_err(args).contains("expected a number of threads, 1 or more"), "{args}");
    }
}

#[test]
fn printing_has_forms_and_places() {
    for (args, print, output) in [
        ("--print a b", Some(PrintForm::Canonical), None),
        ("--print=pretty a b", Some(PrintForm::Pretty), None),
        ("--print=rfc3597 --output x a b", Some(PrintForm::Rfc3597), Some("x")),
        ("-o x a b", Some(PrintForm::Canonical), Some("x")),
        ("-o - a b", Some(PrintForm::Canonical), None),
        ("-D a b", Some(PrintForm::Canonical), None),
        ("-D -s relative a b", Some(PrintForm::Pretty), None),
        ("-D -s full -F text -o x a b", Some(PrintForm::Canonical), Some("x")),
        ("-s relative a b", None, None),
    ] {
        let order = good(args);
        assert_eq!((order.print, order.output.as_deref()), (print, output.map(Path::new)), "{args}");
    }
}

#[test]
fn the_options_of_named_checkzone_are_understood() {
    let order = good("-q -c in -i local -f text -w /tmp -l 1d a b");
    assert_eq!((order.quiet, order.folder.as_deref(), order.ttl_max), (true, Some(Path::new("/tmp")), Some(86_400)));
    assert_eq!(good("-d a b").remarks, ["-d does nothing here: there is no debugging output"]);
    for (args, why) in [
        ("-c CH a b", "-c: IN is the only class."),
        ("-f raw a b", "-f: Only text"),
        ("-F raw=1 a b", "-F: Only text"),
        ("-t /chroot a b", "-t: there is no chroot"),
        ("-j a b", "-j: journals are BIND's own"),
        ("-J x.jnl a b", "-J: journals are BIND's own"),
        ("-i most a b", "-i: `most` is none of full, full-sibling, local, local-sibling, none"),
        ("-k maybe a b", "-k: `maybe` is none of fail, warn, ignore"),
        ("-s short a b", "-s: `short` is none of full, relative"),
        ("-l ages a b", "-l: expected a time"),
    ] {
        let error = order_error(args);
        assert!(error.contains(why), "{args}: {error}");
    }
    assert!(order_error("-v").contains(env!("CARGO_PKG_VERSION")));
}

/// What options of `named-checkzone` make of levels, and that ours go before them.
#[test]
fn modes_of_named_checkzone_are_levels() {
    for (args, lint, severity) in [
        ("-k fail a b", Lint::NotAHostname, Severity::Error),
        ("-k fail a b", Lint::UnderscoreHost, Severity::Error),
        ("-k warn a b", Lint::UnderscoreHost, Severity::Warning),
        ("-k ignore a b", Lint::UnderscoreHost, Severity::Off),
        ("-k ignore --deny underscore-host a b", Lint::UnderscoreHost, Severity::Error),
        ("-m ignore -n fail a b", Lint::AddressAsTarget, Severity::Error),
        ("-S fail a b", Lint::AliasAsTarget, Severity::Error),
        ("-r fail a b", Lint::DuplicateRecord, Severity::Error),
        ("--dnssec a b", Lint::Unsigned, Severity::Error),
        ("--dnssec=on --allow unsigned a b", Lint::Unsigned, Severity::Off),
        ("--dnssec=off a b", Lint::Unsigned, Severity::Off),
        ("-T ignore a b", Lint::SpfType, Severity::Off),
        ("-W ignore a b", Lint::LiteralAsterisk, Severity::Off),
        ("-i none a b", Lint::MissingGlue, Severity::Off),
        ("-i full-sibling a b", Lint::MissingGlue, Severity::Warning),
        ("-i local-sibling a b", Lint::MissingSiblingGlue, Severity::Off),
        ("-i full a b", Lint::MissingSiblingGlue, Severity::Warning),
        ("-l 1d a b", Lint::TtlLong, Severity::Error),
        ("--max-ttl 1d --warn ttl-long a b", Lint::TtlLong, Severity::Warning),
    ] {
        assert_eq!(good(args).levels.of(lint), severity, "{args}");
    }
}

fn order_error(args: &str) -> String {
    order(args).expect_err(args)
}

#[test]
fn every_check_is_listed_and_explained() {
    let list = checks_text();
    assert_eq!(list.lines().count(), CheckName::all().count());
    for check in CheckName::all() {
        assert!(list.lines().any(|line| line.split_whitespace().nth(1) == Some(check.name())), "{check}");
        assert_eq!(CheckName::by_name(check.name()), Some(check), "two checks have the name {check}");
        assert!(check_text(check).starts_with(check.name()));
    }
    let text = check_text(CheckName::Lint(Lint::UnequalTtls));
    assert!(text.contains("A warning: --deny unequal-ttls makes an error of it"), "{text}");
}
