//! Files so large that several threads read them: what is said does not depend on how many.

use std::fmt::Write;

use crate::checker::run;
use crate::process::Directory;

/// A zone of some five megabytes: delegations in the order of a dump, with their glue further down.
fn large() -> String {
    let mut text =
        "$TTL 1h\n@ SOA ns hostmaster 2026010101 4h 1h 2w 10m\n@ NS ns\n@ NS ns.example.net.\nns A 192.0.2.53\n"
            .to_owned();
    for number in 0..40_000 {
        let _ =
            writeln!(text, "d{number} NS ns.d{number}\n   NS ns2.d{number} ; and a second one\n   NS ns.example.net.");
    }
    text.push_str("$ORIGIN example.com.\n$TTL 2h\n");
    for number in (0..40_000_u32).rev() {
        let [_, a, b, c] = number.to_be_bytes();
        let _ = writeln!(text, "ns.d{number} A 11.{a}.{b}.{c}\nns2.d{number} AAAA 2a00::{number:x}");
    }
    text
}

/// The exit status and what is said, the same with one thread and with several.
#[track_caller]
fn checked(text: &str, options: &[&str]) -> (i32, String) {
    let directory = Directory::create();
    directory.write("example.com.zone", text);
    let by = |jobs: &str| {
        let outcome = run(&directory, &[options, &["--jobs", jobs, "example.com", "example.com.zone"]].concat());
        (outcome.code(), outcome.stdout + &outcome.stderr)
    };
    let (alone, several) = (by("1"), by("5"));
    assert!(alone == several, "by one: {:.2000}\nby several: {:.2000}", alone.1, several.1);
    alone
}

#[test]
fn a_large_zone_is_the_same_by_any_number_of_threads() {
    let text = large();
    assert_eq!(
        checked(&text, &[]),
        (0, "example.com.: the zone is good: serial 2026010101, 200004 records\n".to_owned())
    );
    let (code, printed) = checked(&text, &["--quiet", "--print=rfc3597"]);
    assert_eq!((code, printed.lines().count()), (0, 200_004));
}

#[test]
fn mistakes_of_a_large_file_are_told_in_order_with_their_lines() {
    let text = large();
    let lines = text.lines().count();
    // What begins amid must not be taken for an end: a parenthesis that is never closed.
    for (name, mistake, line) in
        [("bad-address", "x A 192.0.2.256\n", lines + 1), ("unclosed-parenthesis", "x TXT (\n", lines + 1)]
    {
        let (code, said) = checked(&(text.clone() + mistake), &[]);
        assert_eq!(code, 1);
        assert!(said.contains(&format!("example.com.zone:{line}:")), "{name}: {said}");
    }
    let (first, second) = text.split_at(text.find("d20000 ").expect("a delegation"));
    let (_, said) = checked(&format!("{first}a A 1.2.3\n{second}b A 1.2.3\n"), &[]);
    let places: Vec<_> = said.lines().filter(|line| line.contains("-->")).collect();
    assert_eq!(places.len(), 2, "{said}");
    assert!(places[0].contains(".zone:60006:") && places[1].contains(&format!(".zone:{}:", lines + 2)), "{places:?}");
}

#[test]
fn doubts_about_a_large_zone_have_their_lines() {
    let text = large() + "x.d8 TXT below\n";
    let lines = text.lines().count();
    let (code, said) = checked(&text, &[]);
    assert_eq!(code, 0);
    assert!(said.contains(&format!(".zone:{lines}:")), "{said}");
    let warnings: Vec<_> = said.lines().filter(|line| line.starts_with("warning")).collect();
    let expected =
        "warning[occluded-data]: x.d8.example.com.: TXT records below a zone cut or DNAME: they are not served";
    assert_eq!(warnings, [expected]);
}
