//! Zones that others signed are found good, and each sort of damage done to them is found by its name.
//!
//! The zones in `tests/dnssec/` were made by `tests/dnssec/sign`; no signer is needed here, and no clock.
#![allow(missing_docs, clippy::unwrap_used)] // no docs are made of tests

use std::fs;

#[path = "dnssec/random.rs"]
mod random;
#[path = "dnssec/signer.rs"]
pub mod signer;
#[path = "dnssec/tampered.rs"]
mod tampered;

use gannet::dnssec::{Kind, Options, Report, check};
use gannet::wire::{NameBuf, SuffixHasher};
use gannet::zone::Builder;
use gannet::zonefile::Reader;

/// 2026-12-01: the signatures are valid from 2026-11-01 to 2027-01-01.
const TIME: u64 = 1_796_083_200;

const DAY: u32 = 86_400;

fn options() -> Options {
    Options { time: TIME, warn_before: 3 * DAY }
}

fn text_of(zone: &str) -> String {
    fs::read_to_string(format!("{}/tests/dnssec/{zone}.zone", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// What is found in the zone `example.` of this text.
fn report_at(text: &str, options: &Options) -> Report {
    report_of("example.", text, options)
}

fn report_of(apex: &str, text: &str, options: &Options) -> Report {
    let apex: NameBuf = apex.parse().unwrap();
    let mut builder = Builder::new(apex.as_name(), &SuffixHasher::new(0));
    let mut reader = Reader::new(text.as_bytes(), "test", apex.as_name());
    while let Some(next) = reader.next() {
        builder.add(&next.unwrap().0).unwrap();
    }
    let (zone, _) = builder.seal().unwrap();
    check(&zone, options)
}

/// The names of the kinds of faults, each once, with owner and type of the first.
fn faults(report: &Report) -> Vec<String> {
    let mut kinds: Vec<Kind> = Vec::new();
    let mut found = Vec::new();
    for fault in report.faults.iter() {
        let kind = fault.problem.kind();
        if !kinds.contains(&kind) {
            kinds.push(kind);
            found.push(format!("{} {} {} {}", kind.name(), report.faults.count_of(kind), fault.owner, fault.rtype));
        }
    }
    found
}

fn faults_of(text: &str) -> Vec<String> {
    faults(&report_at(text, &options()))
}

/// The text with its only line of this owner and these words behind it changed by `change`; a line that becomes empty is gone.
fn with_line(text: &str, owner: &str, mark: &str, change: impl Fn(&str) -> String) -> String {
    let plain = |line: &str| line.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    let is_meant =
        |line: &str| line.starts_with(&format!("{owner} ")) && format!("{line} ").contains(&format!(" {mark} "));
    let lines: Vec<String> = text.lines().map(plain).collect();
    assert_eq!(lines.iter().filter(|line| is_meant(line)).count(), 1, "{owner} {mark}");
    let changed = lines.iter().map(|line| if is_meant(line) { change(line) } else { line.clone() });
    changed.filter(|line| !line.is_empty()).map(|line| line + "\n").collect()
}

fn without_line(text: &str, owner: &str, mark: &str) -> String {
    with_line(text, owner, mark, |_| String::new())
}

#[test]
fn what_others_signed_is_good() {
    for (zone, algorithm, signatures, expected) in [
        ("nsec-ecdsap384", 14, 33, &[][..]),
        ("nsec-ed25519", 15, 32, &[]),
        ("nsec-ed448", 16, 33, &["unsupported-algorithm 2 example. DNSKEY"]),
        ("nsec-rsasha1", 5, 32, &["deprecated-algorithm 1 example. DNSKEY", "short-rsa-key 1 example. DNSKEY"]),
        ("nsec-rsasha256", 8, 33, &[]),
        ("nsec-two-algorithms", 8, 66, &["short-rsa-key 2 example. DNSKEY"]),
        ("nsec3-ecdsap256", 13, 41, &[]),
        ("nsec3-knot", 13, 43, &[]),
        ("nsec3-opt-out-ed25519", 15, 36, &[]),
        ("nsec3-rsasha1", 7, 40, &["deprecated-algorithm 1 example. DNSKEY", "short-rsa-key 1 example. DNSKEY"]),
        ("nsec3-rsasha512", 10, 40, &[]),
    ] {
        let report = report_at(&text_of(zone), &options());
        assert_eq!(faults(&report), expected, "{zone}");
        let stats = &report.stats;
        assert_eq!((stats.signatures, stats.by_algorithm[0].0.0), (signatures, algorithm), "{zone}");
        assert_eq!(stats.verified, if zone == "nsec-ed448" { 0 } else { signatures }, "{zone}");
        assert!(stats.earliest_expiration.unwrap() >= 1_798_761_600, "{zone}");
    }
}

#[test]
fn damage_to_one_line() {
    let good = text_of("nsec-ed25519");
    let mail = "mail.example.";
    let change = |from: &str, to: &str| {
        with_line(&good, mail, "RRSIG A", |line| {
            assert!(line.contains(from), "{from} in {line}");
            line.replacen(from, to, 1)
        })
    };
    let mut tag = String::new();
    with_line(&good, mail, "RRSIG A", |line| line.to_owned())
        .lines()
        .filter(|line| line.contains("RRSIG A "))
        .for_each(|line| tag = line.split(' ').nth(10).unwrap().to_owned());
    // One character in the middle of the base64.
    let flipped = with_line(&good, mail, "RRSIG A", |line| {
        let at = line.len() - 40;
        let other = if &line[at..=at] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &line[..at], &line[at + 1..])
    });
    let other_tag = format!(" {} ", tag.parse::<u16>().unwrap() ^ 1);
    for (text, expected) in [
        (flipped, &["bad-signature 1 mail.example. A"][..]),
        (
            with_line(&good, mail, "A 192.0.2.2", |line| line.replace(".2.2", ".2.3")),
            &["bad-signature 1 mail.example. A"],
        ),
        (without_line(&good, mail, "RRSIG A"), &["missing-signature 1 mail.example. A"]),
        (without_line(&good, "ns1.example.", "A 192.0.2.17"), &["bad-signature 1 ns1.example. A"]),
        (change(&format!(" {tag} "), &other_tag), &["unknown-key 1 mail.example. A"]),
        (change(" example. ", " mail.example. "), &["wrong-signer 1 mail.example. A"]),
        (change(" 15 2 ", " 15 1 "), &["wrong-labels 1 mail.example. A"]),
        (change(" 15 2 ", " 13 2 "), &["unknown-key 1 mail.example. A", "missing-signature 1 mail.example. A"]),
        (
            change("20270101000000", "20261130000000"),
            &["expired-signature 1 mail.example. A", "bad-signature 1 mail.example. A"],
        ),
        (change(" 3600 2027", " 3599 2027"), &["original-ttl 1 mail.example. A", "bad-signature 1 mail.example. A"]),
        (
            with_line(&good, mail, "A 192.0.2.2", |line| line.replace(" 3600 ", " 60 ")),
            &["original-ttl 1 mail.example. A"],
        ),
        (without_line(&good, mail, "IN NSEC"), &["nsec-missing 1 mail.example. NSEC"]),
        (
            with_line(&good, mail, "IN NSEC", |line| line.replace(" A RRSIG", " A MX RRSIG")),
            &["bad-signature 1 mail.example. NSEC", "nsec-bitmap 1 mail.example. NSEC"],
        ),
    ] {
        assert_eq!(faults_of(&text), expected);
    }
}

/// KeyTrap (CVE-2023-50387): many keys with one tag, and many signatures, each to be tried with each.
#[test]
fn what_is_tried_is_bounded() {
    let good = text_of("nsec-ed25519");
    // Twenty copies of a signature that differ in what was signed when, so that none of them verifies.
    let text = with_line(&good, "mail.example.", "RRSIG A", |line| {
        let copy = |second: usize| line.replace(" 20270101000000 ", &format!(" 202701010000{second:02} "));
        (0..=20).map(copy).collect::<Vec<_>>().join("\n")
    });
    let report = report_at(&text, &options());
    assert_eq!(
        faults(&report),
        ["bad-signature 15 mail.example. A", "too-many-signatures 1 mail.example. A"],
        "of 21 signatures sixteen are tried, and one of these is good"
    );
    assert_eq!(report.stats.signatures, 52);
}

#[test]
fn damage_to_a_zonemd() {
    for zone in ["nsec-ecdsap384", "nsec3-knot"] {
        let good = text_of(zone);
        // Glue is signed by nobody, and part of the digest.
        let text =
            with_line(&good, "ns.insecure.example.", "A 192.0.2.5", |line| line.replace("192.0.2.5", "192.0.2.7"));
        let count = if zone == "nsec3-knot" { 1 } else { 2 };
        assert_eq!(faults_of(&text), [format!("zonemd-mismatch {count} example. ZONEMD")]);
    }
}

/// RFC 8976 appendices A.1 to A.3: no signatures, and a digest of glue, occluded data and all.
#[test]
fn zones_with_the_digests_of_the_rfc() {
    let head =
        "$TTL 86400\n@ SOA ns1 admin 2018031900 1800 900 604800 86400\n@ NS ns1\n@ NS ns2\nns1 3600 A 203.0.113.63\n";
    let simple = "ns2 3600 AAAA 2001:db8::63\n@ ZONEMD 2018031900 1 1 \
                  c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c\n";
    let complex = "ns2 3600 AAAA 2001:db8::63\noccluded.sub 7200 TXT \"I'm occluded but must be digested\"\nsub 7200 NS ns1\n\
                   duplicate 300 TXT \"I must be digested just once\"\nduplicate 300 TXT \"I must be digested just once\"\n\
                   UPPERCASE 3600 TXT \"canonicalize uppercase owner names\"\n* 777 PTR dont-forget-about-wildcards\n\
                   mail 3600 MX 20 MAIL1\nmail 3600 MX 10 Mail2.Example.\nsortme 3600 AAAA 2001:db8::5:61\n\
                   sortme 3600 AAAA 2001:db8::3:62\nsortme 3600 AAAA 2001:db8::4:63\nsortme 3600 AAAA 2001:db8::1:65\n\
                   sortme 3600 AAAA 2001:db8::2:64\nnon-apex 900 ZONEMD 2018031900 1 1 \
                   616c6c6f776564206275742069676e6f7265642e20616c6c6f776564206275742069676e6f7265642e20616c6c6f7765\n\
                   @ ZONEMD 2018031900 1 1 \
                   a3b69bad980a3504e1cffcb0fd6397f93848071c93151f552ae2f6b1711d4bd2d8b39808226d7b9db71e34b72077f8fe\n";
    let several = "ns2 TXT \"This example has multiple digests\"\nNS2.EXAMPLE. 3600 AAAA 2001:db8::63\n\
                   @ ZONEMD 2018031900 1 1 \
                   62e6cf51b02e54b9b5f967d547ce43136792901f9f88e637493daaf401c92c279dd10f0edb1c56f8080211f8480ee306\n\
                   @ ZONEMD 2018031900 1 2 \
                   08cfa1115c7b948c4163a901270395ea226a930cd2cbcf2fa9a5e6eb85f37c8a4e114d884e66f176eab121cb02db7d652e0cc4827e7a3204\
                   f166b47e5613fd27\n@ ZONEMD 2018031900 1 240 e2d523f654b9422a96c5a8f44607bbee\n\
                   @ ZONEMD 2018031900 241 1 e1846540e33a9e4189792d18d5d131f605fc283e\n";
    for (zone, expected) in [(simple, &[][..]), (complex, &[]), (several, &["zonemd-unsupported 2 example. ZONEMD"])] {
        assert_eq!(faults_of(&format!("{head}{zone}")), expected);
        let changed = format!("{head}{zone}").replace("203.0.113.63", "203.0.113.64");
        assert!(faults_of(&changed).iter().any(|fault| fault.starts_with("zonemd-mismatch")));
    }
}

/// RFC 8976 appendix A.4.
#[test]
fn a_signed_zone_with_the_digest_of_the_rfc() {
    let in_2021 = Options { time: 1_612_000_000, warn_before: 0 };
    let report = report_of("uri.arpa.", &text_of("uri.arpa"), &in_2021);
    assert_eq!(faults(&report), ["short-rsa-key 1 uri.arpa. DNSKEY"]);
    assert_eq!((report.stats.signatures, report.stats.verified), (15, 15));
}
