use super::*;
use crate::server::load::read_zone;
use crate::wire::{NameBuf, SuffixHasher};
use crate::zonefile::Reader;

fn zone(text: &str) -> Zone {
    let apex: NameBuf = "example.".parse().expect("a name");
    let reader = Reader::new(text.as_bytes(), "test", apex.as_name());
    read_zone(apex.as_name(), reader, &SuffixHasher::new(1), 1).expect("a good zone").zone
}

fn diff(old: &str, new: &str, options: DiffOptions) -> (Differences, String) {
    let mut out = Vec::new();
    let found = diff_zones(&zone(old), &zone(new), options, &mut out).expect("memory takes everything");
    (found, String::from_utf8(out).expect("text"))
}

const OLD: &str = "$TTL 60
@ SOA ns host 1 2 3 4 5
@ NS ns
a A 192.0.2.1
a A 192.0.2.2
b TXT same
c 30 A 192.0.2.3
gone MX 10 Mail
sub NS ns.sub
ns.sub A 192.0.2.4
@ DNSKEY 256 3 8 AAAA
@ RRSIG DNSKEY 8 1 60 20300101000000 20200101000000 1 @ AAAA
";

const NEW: &str = "$TTL 60
@ SOA NS host 2 2 3 4 5
@ NS NS
A A 192.0.2.2
a A 192.0.2.9
b TXT same
c 40 A 192.0.2.3
sub NS ns.sub
ns.sub A 192.0.2.5
zz.new AAAA 2001:db8::1
@ DNSKEY 256 3 8 AAAB
";

#[test]
fn what_differs_is_shown_in_canonical_order() {
    let (found, text) = diff(OLD, NEW, DiffOptions::default());
    insta::assert_snapshot!(text, @r#"
    - example. 60 IN SOA ns.example. host.example. 1 2 3 4 5
    + example. 60 IN SOA ns.example. host.example. 2 2 3 4 5
    - example. 60 IN RRSIG DNSKEY 8 1 60 20300101000000 20200101000000 1 example. AAAA
    - example. 60 IN DNSKEY 256 3 8 AAAA
    + example. 60 IN DNSKEY 256 3 8 AAAB
    - a.example. 60 IN A 192.0.2.1
    + a.example. 60 IN A 192.0.2.9
    - c.example. 30 IN A 192.0.2.3
    + c.example. 40 IN A 192.0.2.3
    - gone.example. 60 IN MX 10 mail.example.
    + zz.new.example. 60 IN AAAA 2001:db8::1
    - ns.sub.example. 60 IN A 192.0.2.4
    + ns.sub.example. 60 IN A 192.0.2.5
    "#);
    assert_eq!(found, Differences { removed: 6, added: 5, ttls_changed: 1 });
    assert!(!found.are_none());
}

#[test]
fn the_other_way_round_signs_are_exchanged() {
    let (forth, text) = diff(OLD, NEW, DiffOptions::default());
    let (back, other) = diff(NEW, OLD, DiffOptions::default());
    assert_eq!((forth.removed, forth.added, forth.ttls_changed), (back.added, back.removed, back.ttls_changed));
    let exchange = |line: &str| {
        let (sign, rest) = line.split_at(1);
        format!("{}{rest}", if sign == "-" { "+" } else { "-" })
    };
    let mut exchanged: Vec<String> = text.lines().map(exchange).collect();
    let mut other: Vec<&str> = other.lines().collect();
    exchanged.sort_unstable();
    other.sort_unstable();
    assert_eq!(exchanged, other);
}

#[test]
fn equal_zones_have_no_differences() {
    for text in [OLD, NEW] {
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        assert_eq!(diff(text, &lines.join("\n"), DiffOptions::default()), (Differences::default(), String::new()));
        assert!(Differences::default().are_none());
    }
}

#[test]
fn a_serial_and_what_signers_make_may_be_left_out() {
    let none = (Differences::default(), String::new());
    let newer = OLD.replace("host 1 2", "host 4000000000 2");
    let serial = DiffOptions { ignore_serial: true, ..DiffOptions::default() };
    assert_eq!(diff(OLD, &newer, serial), none);
    assert_eq!(diff(OLD, &newer, DiffOptions::default()).0, Differences { removed: 1, added: 1, ttls_changed: 0 });
    // Other numbers of the SOA count all the same, and so does its TTL.
    let (found, _) = diff(OLD, &newer.replace(" 2 3 4 5", " 2 3 4 6"), serial);
    assert_eq!(found, Differences { removed: 1, added: 1, ttls_changed: 0 });
    let (found, text) = diff(OLD, &newer.replace("@ SOA", "@ 7 SOA"), serial);
    assert_eq!(found, Differences { removed: 0, added: 0, ttls_changed: 1 }, "{text}");
    let unsigned: String =
        OLD.lines().filter(|line| !line.contains("DNSKEY")).map(|line| format!("{line}\n")).collect();
    let dnssec = DiffOptions { ignore_dnssec: true, ..DiffOptions::default() };
    assert_eq!(diff(OLD, &unsigned, dnssec), none);
    assert_eq!(diff(OLD, &unsigned, serial).0.removed, 2);
}

#[test]
fn a_stream_that_is_full_is_an_error() {
    let mut room = [0; 20];
    let result = diff_zones(&zone(OLD), &zone(NEW), DiffOptions::default(), &mut &mut room[..]);
    assert_eq!(result.map_err(|error| error.kind()), Err(io::ErrorKind::WriteZero));
}
