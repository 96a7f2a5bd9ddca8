use super::*;
use crate::server::load::read_zone;
use crate::wire::SuffixHasher;
use crate::zonefile::Reader;

fn zone(text: &str) -> Zone {
    let apex: NameBuf = "example.".parse().expect("a name");
    let reader = Reader::new(text.as_bytes(), "test", apex.as_name());
    read_zone(apex.as_name(), reader, &SuffixHasher::new(1), 1).expect("a good zone").zone
}

const UNSIGNED: &str = "$TTL 60
@ SOA ns host 7 2 3 4 5
@ NS ns
@ NS ns
ns A 192.0.2.1
*.deep.down TXT a
*.deep.down TXT bcd
a 30 NS ns.a
a 30 DS 1 8 2 00
ns.a A 192.0.2.2
ns.a TXT occluded
b 90 NS ns.a
x.b MX 1 y
d DNAME @
*.d A 192.0.2.3
";

const SIGNED: &str = "$TTL 60
@ SOA ns host 7 2 3 4 5
@ NS ns.test.
@ DNSKEY 257 3 13 AAAA
@ DNSKEY 256 3 8 AAAA
@ NSEC3PARAM 1 0 5 AABB
@ RRSIG SOA 13 1 60 20300101000000 20200101000000 1 @ AAAA
a A 192.0.2.1
a RRSIG A 8 2 60 20291231235959 20200101000000 1 @ AAAA
00000000000000000000000000000000 NSEC3 1 1 5 AABB 10000000000000000000000000000000 A
10000000000000000000000000000000 NSEC3 1 0 5 AABB 00000000000000000000000000000000 A
10000000000000000000000000000000 RRSIG NSEC3 8 2 60 20310101000000 20200101000000 1 @ AAAA
";

#[test]
fn an_unsigned_zone_in_figures() {
    let (zone, mut canonical) = (zone(UNSIGNED), Vec::new());
    let stats = zone_stats(&zone);
    super::super::print_zone(&zone, crate::config::PrintForm::Canonical, &mut canonical).expect("memory");
    assert_eq!(stats.text_octets, canonical.len() as u64);
    assert_eq!(stats.compiled_octets, zone.octets() as u64);
    let text = stats.to_string();
    let stable: Vec<&str> = text.lines().filter(|line| !line.starts_with("octets compiled")).collect();
    insta::assert_snapshot!(stable.join("\n"), @r#"
    zone                  example., serial 7
    records               13
      A                   3
      NS                  3
      SOA                 1
      MX                  1
      TXT                 3
      DNAME               1
      DS                  1
    names                 9
    empty non-terminals   2
    wildcards             1
    delegations           2, 1 of them signed
    glue records          1
    occluded records      3
    largest RRset         example. SOA, 1 record of 46 octets
    longest name          *.deep.down.example., 21 octets
    TTLs                  30 to 90, mostly 60
    octets as text        449
    "#);
}

#[test]
fn a_signed_zone_in_figures() {
    let text = zone_stats(&zone(SIGNED)).to_string();
    let (_, dnssec) = text.split_once("octets compiled").expect("a line");
    insta::assert_snapshot!(dnssec.split_once('\n').expect("a line end").1, @r#"
    keys                  1 of algorithm 8 (RSASHA256)
    keys                  1 of algorithm 13 (ECDSAP256SHA256)
    signatures            2 of algorithm 8 (RSASHA256)
    signatures            1 of algorithm 13 (ECDSAP256SHA256)
    first expiry          2029-12-31 23:59:59 UTC, a.example. A
    last expiry           2031-01-01 00:00:00 UTC, 10000000000000000000000000000000.example. NSEC3
    NSEC3                 algorithm 1, 5 iterations, salt AABB, 1 records opt out
    "#);
}

#[test]
fn nsec_is_told() {
    let text = zone_stats(&zone(&format!("{UNSIGNED}@ NSEC a.example. NS SOA\n"))).to_string();
    assert!(text.ends_with("\ndenial                NSEC"), "{text}");
}
