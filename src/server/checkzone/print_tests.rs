use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::server::load::{LoadFailure, read_zone};
use crate::wire::{Class, NameBuf, Rtype, SuffixHasher, rdata};
use crate::zone::Builder;
use crate::zonefile::Reader;

fn name(text: &str) -> NameBuf {
    text.parse().expect("a name")
}

fn zone(apex: &str, text: &str) -> Zone {
    let apex = name(apex);
    let reader = Reader::new(text.as_bytes(), "test", apex.as_name());
    match read_zone(apex.as_name(), reader, &SuffixHasher::new(1), 1) {
        Ok(loaded) => loaded.zone,
        Err(LoadFailure::File(errors)) => panic!("{errors}\n{text}"),
        Err(failure) => panic!("{failure}\n{text}"),
    }
}

fn print(zone: &Zone, form: PrintForm) -> String {
    let mut out = Vec::new();
    print_zone(zone, form, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("text")
}

const SAMPLE: &str = r#"$TTL 1h
www  CNAME Host
@    NS    NS1.Example.COM.
@    SOA   ns1 hostmaster 7 4h 30m 2w 5m
@    MX    20 mail
     MX    10 mail
     TXT   "v=spf1 mx -all"
ns1  A     192.0.2.53
     300 AAAA 2001:db8::53
host A     192.0.2.1
_dmarc TXT "v=DMARC1; p=none; rua=mailto:dmarc-reports@example.com; ruf=mailto:dmarc-failures@example.com"
sub  NS    ns.sub
sub  NS    ns1
     DS    12345 13 2 E2D3C916F6DEEAC73294E8268FB5885044A833FC5459588F4A9184CFC41A5766
ns.sub A   192.0.2.54
other NS   ns1
more NS    ns1
x.more TXT "nobody sees this"
*.wild A   192.0.2.2
_443._tcp.host TLSA 3 1 1 E2D3C916F6DEEAC73294E8268FB5885044A833FC5459588F4A9184CFC41A5766
box  TYPE65280 \# 3 010203
"#;

#[test]
fn canonical_is_one_record_to_a_line_in_order() {
    insta::assert_snapshot!(print(&zone("example.com", SAMPLE), PrintForm::Canonical), @r#"
    example.com. 3600 IN SOA ns1.example.com. hostmaster.example.com. 7 14400 1800 1209600 300
    example.com. 3600 IN NS ns1.example.com.
    example.com. 3600 IN MX 10 mail.example.com.
    example.com. 3600 IN MX 20 mail.example.com.
    example.com. 3600 IN TXT "v=spf1 mx -all"
    _dmarc.example.com. 3600 IN TXT "v=DMARC1; p=none; rua=mailto:dmarc-reports@example.com; ruf=mailto:dmarc-failures@example.com"
    box.example.com. 3600 IN TYPE65280 \# 3 010203
    host.example.com. 3600 IN A 192.0.2.1
    _443._tcp.host.example.com. 3600 IN TLSA 3 1 1 E2D3C916F6DEEAC73294E8268FB5885044A833FC5459588F4A9184CFC41A5766
    more.example.com. 3600 IN NS ns1.example.com.
    x.more.example.com. 3600 IN TXT "nobody sees this"
    ns1.example.com. 3600 IN A 192.0.2.53
    ns1.example.com. 300 IN AAAA 2001:db8::53
    other.example.com. 3600 IN NS ns1.example.com.
    sub.example.com. 3600 IN NS ns.sub.example.com.
    sub.example.com. 3600 IN NS ns1.example.com.
    sub.example.com. 3600 IN DS 12345 13 2 E2D3C916F6DEEAC73294E8268FB5885044A833FC5459588F4A9184CFC41A5766
    ns.sub.example.com. 3600 IN A 192.0.2.54
    *.wild.example.com. 3600 IN A 192.0.2.2
    www.example.com. 3600 IN CNAME host.example.com.
    "#);
}

#[test]
fn generic_is_the_same_with_every_rdata_in_hex() {
    let (first, _) = SAMPLE.split_once("     TXT").expect("a TXT");
    insta::assert_snapshot!(print(&zone("example.com", first), PrintForm::Rfc3597), @r#"
    example.com. 3600 IN SOA \# 61 036e7331076578616d706c6503636f6d000a686f73746d6173746572076578616d706c6503636f6d00000000070000384000000708001275000000012c
    example.com. 3600 IN NS \# 17 036e7331076578616d706c6503636f6d00
    example.com. 3600 IN MX \# 20 000a046d61696c076578616d706c6503636f6d00
    example.com. 3600 IN MX \# 20 0014046d61696c076578616d706c6503636f6d00
    www.example.com. 3600 IN CNAME \# 18 04686f7374076578616d706c6503636f6d00
    "#);
}

#[test]
fn pretty_is_for_people() {
    insta::assert_snapshot!(print(&zone("example.com", SAMPLE), PrintForm::Pretty), @r#"
    $ORIGIN example.com.
    $TTL 3600

    @                   SOA     ns1 hostmaster (
                                7          ; serial
                                14400      ; refresh: 4 hours
                                1800       ; retry: 30 minutes
                                1209600    ; expire: 2 weeks
                                300        ; minimum: 5 minutes
                                )
                        NS      NS1
                        MX      10 mail
                        MX      20 mail
                        TXT     "v=spf1 mx -all"

    _dmarc              TXT     "v=DMARC1; p=none; rua=mailto:dmarc-reports@example.com; ruf=mailto:dmarc-failures@example.com"
    box                 TYPE65280 \# 3 010203
    host                A       192.0.2.1
    _443._tcp.host      TLSA    3 1 1 E2D3C916F6DEEAC73294E8268FB5885044A833FC5459588F4A9184CFC41A5766

    more                NS      ns1
    x.more              TXT     "nobody sees this"

    ns1                 A       192.0.2.53
                    300 AAAA    2001:db8::53

    other               NS      ns1

    sub                 NS      ns.sub
                        NS      ns1
                        DS      12345 13 2 (
                                E2D3C916F6DEEAC73294E8268FB5885044A833FC5459588F4A9184CFC41A5766 )
    ns.sub              A       192.0.2.54

    *.wild              A       192.0.2.2
    www                 CNAME   Host
    "#);
}

#[test]
fn files_that_mean_the_same_zone_give_the_same_octets() {
    let other = SAMPLE.replace("\nwww  CNAME Host", "\nWWW 3600 IN CNAME hOST.example.com.");
    let mut lines: Vec<&str> = other.lines().filter(|line| !line.starts_with(' ')).collect();
    lines[1..].sort_unstable();
    lines.extend(["@ TXT ( v=spf1\\032mx\\032-all )", "@ mx 10 MAIL", "ns1 5m AAAA 2001:DB8:0::0053"]);
    lines.push("sub DS 12345 ECDSAP256SHA256 2 (E2D3C916F6DEEAC73294E826 8fb5885044a833fc5459588f4a9184cfc41a5766)");
    let (one, other) = (zone("example.com", SAMPLE), zone("example.com", &lines.join("\n")));
    for form in [PrintForm::Canonical, PrintForm::Rfc3597] {
        assert_eq!(print(&one, form), print(&other, form));
    }
}

#[test]
fn the_sample_zones_come_back_from_every_form() {
    for apex in ["example.com", "delegations.example", "types.example"] {
        let path = format!("{}/zones/{apex}.zone", env!("CARGO_MANIFEST_DIR"));
        assert_all_forms_come_back(&zone(apex, &std::fs::read_to_string(path).expect("a sample zone")));
    }
    let root = zone(".", "@ 60 SOA a.b. c 1 2 3 4 5\n@ 60 NS a.b.\ncom 60 NS a.com\na.com 50 A 192.0.2.1\n");
    assert_all_forms_come_back(&root);
    assert!(print(&root, PrintForm::Pretty).contains("\ncom     "), "{}", print(&root, PrintForm::Pretty));
}

fn assert_all_forms_come_back(original: &Zone) {
    let canonical = print(original, PrintForm::Canonical);
    for form in [PrintForm::Canonical, PrintForm::Rfc3597, PrintForm::Pretty] {
        let text = print(original, form);
        let back = print(&zone(&original.apex().to_string(), &text), PrintForm::Canonical);
        assert!(back == canonical, "{form:?}:\n{text}\ngives\n{back}\nnot\n{canonical}");
    }
}

/// A name of odd labels in wire form, without a root label.
fn labels() -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![4 => Just(b'a'), 2 => Just(b'B'), 1 => any::<u8>(), 1 => proptest::sample::select(&br#".\"();@$* 0"#[..])];
    vec(vec(octet, 1..6), 1..4)
        .prop_map(|labels| labels.iter().flat_map(|label| [&[label.len() as u8], &label[..]].concat()).collect())
}

/// Rdata of its type: odd names, strings and digits.
fn record() -> impl Strategy<Value = (Rtype, Vec<u8>)> {
    let ends: [&[u8]; 4] = [b"\0", b"\x07example\0", b"\x07EXAMPLE\0", b"\x04test\0"];
    let name = || (labels(), proptest::sample::select(ends.to_vec())).prop_map(|(labels, end)| [&labels, end].concat());
    let string = || vec(any::<u8>(), 0..120).prop_map(|text| [&[text.len() as u8], &text[..]].concat());
    prop_oneof![
        any::<[u8; 4]>().prop_map(|octets| (Rtype::A, octets.to_vec())),
        any::<[u8; 16]>().prop_map(|octets| (Rtype::AAAA, octets.to_vec())),
        name().prop_map(|name| (Rtype::NS, name)),
        name().prop_map(|name| (Rtype::MX, [&[0, 1], &name[..]].concat())),
        (name(), name()).prop_map(|(a, b)| (Rtype::RP, [a, b].concat())),
        name().prop_map(|name| (Rtype::SVCB, [&[0, 0], &name[..]].concat())),
        name().prop_map(|name| (Rtype::NSEC, [&name[..], &[0, 1, 0x40]].concat())),
        vec(string(), 1..5).prop_map(|strings| (Rtype::TXT, strings.concat())),
        (name(), vec(any::<u8>(), 1..300), 0..3usize).prop_map(|(name, signature, covered)| {
            let covered = [Rtype::A, Rtype::TXT, Rtype::MX][covered].0.to_be_bytes();
            (Rtype::RRSIG, [&covered[..], &[8; 16], &name, &signature].concat())
        }),
        vec(any::<u8>(), 5..300).prop_map(|key| (Rtype::DNSKEY, key)),
        vec(any::<u8>(), 5..90).prop_map(|digest| (Rtype::DS, digest)),
        vec(any::<u8>(), 0..300).prop_map(|octets| (Rtype(65280), octets)),
        (1..300u16, vec(any::<u8>(), 0..40)).prop_map(|(code, octets)| (Rtype(code), octets)),
    ]
}

proptest! {
    #[test]
    fn any_zone_comes_back_from_every_form(
        records in vec((labels(), prop_oneof![Just(60u32), Just(3600), 0..100_000u32], record()), 0..30)
    ) {
        let apex = name("example.");
        let mut builder = Builder::new(apex.as_name(), &SuffixHasher::new(1));
        let soa = [b"\x02ns\x07example\0\0", &[0; 20][..]].concat();
        let mut held: Vec<(NameBuf, Rtype)> = Vec::new();
        for (rtype, rdata) in [(Rtype::SOA, &soa[..]), (Rtype::NS, b"\x01A\0")] {
            builder.add(&Record { owner: apex.as_name(), class: Class::IN, ttl: 60, rtype, rdata }).expect("fits");
        }
        for (labels, ttl, (rtype, rdata)) in &records {
            let owner = NameBuf::join(labels, apex.as_name()).expect("a name");
            let alone = |rtype| matches!(rtype, Rtype::CNAME | Rtype::DNAME);
            let crowded = |other: &(NameBuf, Rtype)| {
                other.0.as_name().eq_ignore_case(owner.as_name()) && (alone(other.1) || alone(*rtype))
            };
            if rtype.is_meta() || *rtype == Rtype::SOA || rdata::check(*rtype, rdata).is_err() || held.iter().any(crowded) {
                continue;
            }
            let record = Record { owner: owner.as_name(), class: Class::IN, ttl: *ttl, rtype: *rtype, rdata };
            builder.add(&record).expect("a record that fits");
            held.push((owner, *rtype));
        }
        assert_all_forms_come_back(&builder.seal().expect("a good zone").0);
    }
}
