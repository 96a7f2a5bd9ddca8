//! What is said of zones, good and bad.

use crate::checker::{GOOD, bad, check, checkzone};
use crate::process::Process;

#[test]
fn a_good_zone_is_praised() {
    let outcome = check(GOOD, &[]);
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(outcome.stdout, @"example.com.: the zone is good: serial 2026010101, 4 records");
    let outcome = check(GOOD.replace('\n', "\r\n").trim_end(), &[]);
    assert_eq!(outcome.code(), 0, "{}", outcome.stdout);
    // Doubtful is not bad.
    let outcome = check(format!("{GOOD}two 60 A 192.0.2.1\ntwo 70 A 192.0.2.2\n"), &[]);
    assert_eq!(outcome.code(), 0);
    insta::assert_snapshot!(outcome.stdout, @"
    warning[unequal-ttls]: two.example.com.: the A records differ in their TTL: the lowest is used for all
     --> example.com.zone:6:5
      |
    6 | two 60 A 192.0.2.1
      |     ^^
      |
      = help: write the same TTL at all of them

    example.com.: the zone is good: serial 2026010101, 6 records; 1 warning
    ");
}

#[test]
fn the_example_zones_are_good() {
    for name in ["example.com", "delegations.example", "types.example"] {
        let file = format!("{}/zones/{name}.zone", env!("CARGO_MANIFEST_DIR"));
        let outcome = Process::start(checkzone().args([name, &file])).outcome();
        assert_eq!(outcome.code(), 0, "{}", outcome.stdout);
    }
}

#[test]
fn errors_show_the_line_and_what_is_expected() {
    insta::assert_snapshot!(bad(format!("{GOOD}web A 192.0.2.300\nmail MX mail\nx\tTXT \"open\n_s SRV 1 2 99999 @\n")), @r#"
    error[bad-rdata]: expected an IPv4 address such as 192.0.2.1, found `192.0.2.300`
     --> example.com.zone:6:7
      |
    6 | web A 192.0.2.300
      |       ^^^^^^^^^^^

    error[bad-rdata]: expected a number from 0 to 65535, found `mail`
     --> example.com.zone:7:9
      |
    7 | mail MX mail
      |         ^^^^

    error[unclosed-quote]: a quoted string is not closed
     --> example.com.zone:8:7
      |
    8 | x    TXT "open
      |          ^ opened here; the line ends before the next quote

    error[bad-rdata]: expected a number from 0 to 65535, found `99999`
     --> example.com.zone:9:12
      |
    9 | _s SRV 1 2 99999 @
      |            ^^^^^

    example.com.: the zone cannot be served: 4 errors
    "#);
    insta::assert_snapshot!(bad("@ 60 SOA ns h 1 2 3 4 5 (\n@ NS ns\n"), @"
    error[unbalanced-parenthesis]: a parenthesis is not closed
     --> example.com.zone:1:25
      |
    1 | @ 60 SOA ns h 1 2 3 4 5 (
      |                         ^ opened here; the file ends before a `)`

    example.com.: the zone cannot be served: 1 error
    ");
    insta::assert_snapshot!(bad(format!("{GOOD}www.example.org. A 192.0.2.1\nbad..name A 192.0.2.1\n")), @"
    error[out-of-zone]: the owner is not in this zone
     --> example.com.zone:6:1
      |
    6 | www.example.org. A 192.0.2.1
      | ^^^^^^^^^^^^^^^^

    error[bad-name]: `bad..name` is not a domain name: an empty label
     --> example.com.zone:7:1
      |
    7 | bad..name A 192.0.2.1
      | ^^^^^^^^^

    example.com.: the zone cannot be served: 2 errors
    ");
}

#[test]
fn records_that_make_no_zone_are_said() {
    insta::assert_snapshot!(bad(""), @"
    error[no-soa]: example.com.: the zone has no SOA record at its apex
    --> example.com.zone
     = help: write the zone's SOA record first: `@ SOA ...`

    example.com.: the zone cannot be served: 1 error
    ");
    insta::assert_snapshot!(bad(format!("{GOOD}www CNAME ns\nwww A 192.0.2.1\n@ SOA ns h 2 3 4 5 6\n")), @"
    error[several-soas]: example.com.: the zone has more than one SOA record
     --> example.com.zone:2:1
      |
    2 | @ SOA ns hostmaster 2026010101 4h 1h 2w 10m
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: keep the SOA that is meant

    error[cname-and-other]: www.example.com.: a CNAME cannot stand beside other data, here A
     --> example.com.zone:7:1
      |
    7 | www A 192.0.2.1
      | ^^^^^^^^^^^^^^^
      |
      = help: an alias has no data of its own: remove it, or move the other records to what it leads to

    example.com.: the zone cannot be served: 2 errors
    ");
}

#[test]
fn more_than_twenty_errors_are_counted() {
    let text = bad(format!("{GOOD}{}", "web A nowhere\n".repeat(33)));
    assert_eq!(text.matches("error[bad-rdata]: expected an IPv4 address").count(), 20);
    assert!(text.ends_with("example.com.: the zone cannot be served: 33 errors, the first 20 shown\n"), "{text}");
    let text =
        bad(format!("{GOOD}{}", (0..25).map(|n| format!("c{n} CNAME @\nc{n} A 192.0.2.1\n")).collect::<String>()));
    assert_eq!(text.lines().filter(|line| line.starts_with("error[cname-and-other]: ")).count(), 21, "{text}");
    assert!(text.contains("error[cname-and-other]: and 5 more\n"), "{text}");
    assert!(text.ends_with("the zone cannot be served: 25 errors, the first 20 shown\n"), "{text}");
}
