//! The checks of ISC's EDNS compliance tester (genreport, DNS-Compliance-Testing), under its names and by its rules, each
//! against the running daemon, for a zone without signatures and one with them; and its queries for every type.
//!
//! Two things are other than there. `docd`: with signatures in the reply it asks for CD, which RFC 4035 section 3.1.6 has
//! an authoritative server clear, and so does this one. `dnswkk`, which it runs only when told to, asks for a reply signed
//! with TSIG: there is none of that yet, and the query is answered as if it were not signed.

use std::net::SocketAddr;

use crate::client::{receive, udp_socket};
use crate::opt::*;
use crate::server::Server;

const AA: u16 = 0x0400;
const TC: u16 = 0x0200;
const RD: u16 = 0x0100;
const RA: u16 = 0x0080;
const Z: u16 = 0x0040;
const AD: u16 = 0x0020;
const CD: u16 = 0x0010;
const OPCODE_15: u16 = 15 << 11;
const DO: u16 = 0x8000;
const BADVERS: u16 = 16;

/// An option that nobody knows, and one of each that the tester sends.
const UNKNOWN: &[u8] = b"\0\x64\0\0";
const ASK_NSID: &[u8] = b"\0\x03\0\0";
const ASK_SUBNET: &[u8] = b"\0\x08\0\x04\0\x01\0\0";
const ASK_EXPIRE: &[u8] = b"\0\x09\0\0";
const ASK_COOKIE: &[u8] = b"\0\x0a\0\x08\x01\x02\x03\x04\x05\x06\x07\x08";

const CNAME: u16 = 5;
const RRSIG: u16 = 46;
const NSEC: u16 = 47;

/// The zone without signatures, and the one with: keys of RSA, and so more of them than 512 octets hold.
const PLAIN: &str = "example.com";
const SIGNED: &str = "example";

/// Serves both.
fn server() -> Server {
    let directory = Server::directory("nsid = \"test\"\n[[zone]]\nname = \"example\"\nfile = \"signed.zone\"");
    let signed = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/dnssec/nsec-rsasha256.zone");
    directory.write("signed.zone", &std::fs::read_to_string(signed).unwrap());
    Server::start_in(directory)
}

fn dns(flags: u16) -> Asked {
    Asked { flags, ..Asked::of(PLAIN, SOA) }
}

fn edns(size: u16, version: u8, flags: u16, options: &[&[u8]]) -> Asked {
    Asked { edns: Some(Edns { size, version, flags, options: options.concat() }), ..dns(0) }
}

fn of_type(rtype: u16, asked: Asked) -> Asked {
    Asked { question: Some((PLAIN, rtype)), ..asked }
}

/// The same about another zone.
fn about(apex: &'static str, asked: Asked) -> Asked {
    Asked { question: asked.question.map(|(_, rtype)| (apex, rtype)), ..asked }
}

/// Every check but those of types: its name and its query.
fn checks() -> Vec<(&'static str, Asked)> {
    let plain = |flags| edns(4_096, 0, flags, &[]);
    let version_1 = |options| edns(4_096, 1, 0, &[options]);
    let with = |option| edns(4_096, 0, 0, &[option]);
    let all = [ASK_NSID, ASK_SUBNET, ASK_EXPIRE, ASK_COOKIE];
    vec![
        ("dns", dns(0)),
        ("aa", dns(AA)),
        ("ad", dns(AD)),
        ("cd", dns(CD)),
        ("ra", dns(RA)),
        ("rd", dns(RD)),
        ("tc", dns(TC)),
        ("zflag", dns(Z)),
        ("opcode", Asked { question: None, ..dns(OPCODE_15) }),
        ("opcodeflg", Asked { question: None, ..dns(OPCODE_15 | TC | RD | RA | CD | AD | AA | Z) }),
        ("type666", of_type(666, dns(0))),
        ("tcp", Asked { tcp: true, ..dns(0) }),
        ("edns", plain(0)),
        ("edns1", version_1(b"")),
        ("edns@512", of_type(DNSKEY, edns(512, 0, 0, &[]))),
        ("ednsopt", with(UNKNOWN)),
        ("edns1opt", version_1(UNKNOWN)),
        ("do", plain(DO)),
        ("docd", Asked { flags: CD, ..plain(DO) }),
        ("edns1do", edns(4_096, 1, DO, &[])),
        ("ednsflags", plain(0x0080)),
        ("edns1flags", edns(4_096, 1, 0x0080, &[])),
        ("optlist", edns(4_096, 0, 0, &all)),
        ("ednsnsid", with(ASK_NSID)),
        ("ednscookie", with(ASK_COOKIE)),
        ("ednsexpire", with(ASK_EXPIRE)),
        ("ednssubnet", with(ASK_SUBNET)),
        ("edns1nsid", version_1(ASK_NSID)),
        ("edns1cookie", version_1(ASK_COOKIE)),
        ("edns1expire", version_1(ASK_EXPIRE)),
        ("edns1subnet", version_1(ASK_SUBNET)),
        ("ednstcp", Asked { tcp: true, ..of_type(DNSKEY, edns(512, 0, DO, &[])) }),
        ("docookie", edns(4_096, 0, DO, &[ASK_COOKIE])),
        ("bind11", edns(4_096, 0, DO, &[ASK_COOKIE])),
        ("dig11", Asked { flags: RD | AD, ..with(ASK_COOKIE) }),
    ]
}

/// What the tester would complain of, in its words.
fn complaints(asked: &Asked, got: &Got) -> Vec<&'static str> {
    let mut complaints = Vec::new();
    let mut not = |bad: bool, complaint| complaints.extend(bad.then_some(complaint));
    let opcode = asked.flags >> 11;
    let has = |flag| got.flags & flag != 0;
    let is_query = opcode == 0;
    let version = asked.edns.as_ref().map_or(0, |edns| edns.version);
    let asks_soa = asked.question.is_some_and(|question| question.1 == SOA);
    not(!has(0x8000) || got.flags >> 11 & 15 != opcode, "opcode");
    not(version == 0 && got.rcode != if is_query { 0 } else { 4 }, "rcode");
    not(version > 0 && got.rcode != BADVERS, "no badvers");
    not(!is_query && (got.has_question || got.sections.iter().any(|section| !section.is_empty())), "non-empty");
    not(asked.edns.is_some() != got.edns.is_some(), "opt");
    let seen_soa = got.sections[0].contains(&SOA);
    not(asks_soa && is_query && seen_soa != (version == 0), "soa");
    not(has(AA) != (is_query && version == 0), "aa");
    not(has(RA), "ra");
    not(has(RD) != (is_query && asked.flags & RD != 0), "rd");
    not(has(AD), "ad");
    not(has(CD), "cd");
    not(has(Z), "z");
    // All that is too long is the answer about the keys of the zone that is signed, where it may have 512 octets.
    let is_short = !asked.tcp && asked.edns.as_ref().is_none_or(|edns| edns.size == 512);
    not(has(TC) != (is_short && asked.question == Some((SIGNED, DNSKEY))), "tc");
    let wants_signatures = asked.edns.as_ref().is_some_and(|edns| edns.flags & DO != 0 && edns.version == 0);
    let is_signed = asked.question.is_some_and(|question| question.0 == SIGNED);
    not(got.sections[0].contains(&RRSIG) != (wants_signatures && is_signed), "signatures");
    if let (Some(asked_edns), Some(edns)) = (&asked.edns, &got.edns) {
        let brings = |code| options_of(asked_edns).contains(&code);
        let tells = |code| edns.options.contains_key(&code);
        not(edns.version != 0, "version-not-zero");
        not(edns.flags & 0x7fff != 0, "mbz");
        not(edns.flags & DO != asked_edns.flags & DO, "do");
        not(tells(100), "echoed");
        for code in [NSID, SUBNET, EXPIRE, COOKIE] {
            not(tells(code) != (version == 0 && brings(code)), "an option");
        }
        not(
            edns.options.get(&COOKIE).is_some_and(|cookie| cookie.len() != 24 || cookie[..8] != ASK_COOKIE[4..]),
            "cookie",
        );
        let size = usize::from(asked_edns.size.max(512));
        not(!asked.tcp && got.octets > size, "toobig");
    }
    not(asked.edns.is_none() && !asked.tcp && got.octets > 512, "toobig");
    complaints
}

fn options_of(edns: &Edns) -> Vec<u16> {
    let (mut codes, mut rest) = (Vec::new(), &edns.options[..]);
    while let [a, b, c, d, more @ ..] = rest {
        codes.push(u16::from_be_bytes([*a, *b]));
        rest = &more[usize::from(u16::from_be_bytes([*c, *d]))..];
    }
    codes
}

#[test]
fn every_check_of_the_compliance_tester_is_ok() {
    let server = server();
    for (to, apex) in [(server.v4, PLAIN), (server.v6, PLAIN), (server.v4, SIGNED), (server.v6, SIGNED)] {
        for (name, asked) in checks() {
            let asked = about(apex, asked);
            let got = asked.send(to);
            assert_eq!(complaints(&asked, &got), [""; 0], "{name} of {apex}: {got:?}");
        }
    }
}

/// What the checks of a zone that is signed are about: signatures for those who ask for them, whole or not at all.
#[test]
fn a_signed_zone_has_its_signatures_in_the_checks_for_them() {
    let server = server();
    let sections = |name: &str| {
        let (_, asked) = checks().into_iter().find(|check| check.0 == name).unwrap();
        about(SIGNED, asked).send(server.v4).sections
    };
    assert_eq!(sections("dns")[0], [SOA]);
    assert_eq!(sections("do")[0], [SOA, RRSIG]);
    assert_eq!(sections("docookie")[0], [SOA, RRSIG]);
    assert_eq!(sections("edns@512"), [const { Vec::new() }; 3]);
    assert_eq!(sections("ednstcp")[0], [DNSKEY, DNSKEY, RRSIG, RRSIG]);
    let mut denied = of_type(666, edns(4_096, 0, DO, &[]));
    denied = about(SIGNED, denied);
    let mut authority = denied.send(server.v4).sections[1].clone();
    authority.sort_unstable();
    assert_eq!(authority, [SOA, RRSIG, RRSIG, NSEC]);
}

/// The types that the tester asks for, in its order, and those that have come since.
const TYPES: [(&str, u16); 74] = [
    ("A", 1),
    ("NS", 2),
    ("MD", 3),
    ("MF", 4),
    ("CNAME", 5),
    ("SOA", 6),
    ("MB", 7),
    ("MG", 8),
    ("MR", 9),
    ("NULL", 10),
    ("WKS", 11),
    ("PTR", 12),
    ("HINFO", 13),
    ("MINFO", 14),
    ("MX", 15),
    ("TXT", 16),
    ("RP", 17),
    ("AFSDB", 18),
    ("X25", 19),
    ("ISDN", 20),
    ("RT", 21),
    ("NSAP", 22),
    ("NSAP-PTR", 23),
    ("SIG", 24),
    ("KEY", 25),
    ("PX", 26),
    ("GPOS", 27),
    ("AAAA", 28),
    ("LOC", 29),
    ("NXT", 30),
    ("SRV", 33),
    ("NAPTR", 35),
    ("KX", 36),
    ("CERT", 37),
    ("A6", 38),
    ("DNAME", 39),
    ("APL", 42),
    ("DS", 43),
    ("SSHFP", 44),
    ("IPSECKEY", 45),
    ("RRSIG", 46),
    ("NSEC", 47),
    ("DNSKEY", 48),
    ("DHCID", 49),
    ("NSEC3", 50),
    ("NSEC3PARAM", 51),
    ("TLSA", 52),
    ("SMIMEA", 53),
    ("HIP", 55),
    ("CDS", 59),
    ("CDNSKEY", 60),
    ("OPENPGPKEY", 61),
    ("SPF", 99),
    ("NID", 104),
    ("L32", 105),
    ("L64", 106),
    ("LP", 107),
    ("EUI48", 108),
    ("EUI64", 109),
    ("URI", 256),
    ("CAA", 257),
    ("AVC", 258),
    ("DOA", 259),
    ("DLV", 32_769),
    ("TYPE1000", 1_000),
    ("EID", 31),
    ("NIMLOC", 32),
    ("SINK", 40),
    ("CSYNC", 62),
    ("ZONEMD", 63),
    ("SVCB", 64),
    ("HTTPS", 65),
    ("TA", 32_768),
    ("private use", 65_280),
];

/// What answers a query without EDNS, over TCP where it is too long for a datagram.
fn whole(name: &'static str, rtype: u16, to: SocketAddr) -> Got {
    let asked = Asked::of(name, rtype);
    let got = asked.send(to);
    assert!(got.octets <= 512, "{name} {rtype}: {} octets", got.octets);
    let again = got.is_truncated().then(|| Asked { tcp: true, ..asked }.send(to));
    again.unwrap_or(got)
}

/// Each type at names that are there: what they have of it and nothing else, or NODATA; never an error.
#[test]
fn every_type_is_answered() {
    let server = server();
    let names: [(&str, &[u16]); 8] = [
        (PLAIN, &[1, 2, 6, 15, 16]),
        ("ns1.example.com", &[1, 28]),
        ("apps.example.com", &[]),
        ("any.apps.example.com", &[16]),
        (SIGNED, &[2, 6, 15, 16, RRSIG, NSEC, DNSKEY]),
        ("ns1.example", &[1, 28, RRSIG, NSEC]),
        ("ent.example", &[]),
        ("_443._tcp.mail.example", &[52, RRSIG, NSEC]),
    ];
    for (name, has) in names {
        for (mnemonic, rtype) in TYPES {
            let got = whole(name, rtype, server.v4);
            assert_eq!((got.rcode, got.flags & !4), (0, 0x8000 | AA), "{name} {mnemonic}: {got:?}");
            let [answer, authority, _] = &got.sections;
            assert!(answer.iter().all(|told| *told == rtype), "{name} {mnemonic}: {got:?}");
            assert_eq!(answer.is_empty(), !has.contains(&rtype), "{name} {mnemonic}: {got:?}");
            assert!(!answer.is_empty() || *authority == [SOA], "{name} {mnemonic}: {got:?}");
        }
    }
    // An alias says what it is, and what its target has; signatures are its own (RFC 4035 section 2.5), and it has none.
    for (mnemonic, rtype) in TYPES.into_iter().filter(|(_, rtype)| *rtype != CNAME) {
        let answer = &whole("www.example.com", rtype, server.v4).sections[0];
        let expected: &[u16] = match rtype {
            1 => &[CNAME, 1, 1],
            28 => &[CNAME, 28],
            RRSIG => &[],
            _ => &[CNAME],
        };
        assert_eq!(answer, expected, "{mnemonic}");
    }
}

/// The tester knows a bad server when it sees one.
#[test]
fn the_checks_complain_of_what_is_wrong() {
    let good = |asked: &Asked| {
        let mut octets = asked.octets();
        octets[2] = 0x84;
        Got::read(&octets)
    };
    let asked = edns(4_096, 1, 0x0080, &[UNKNOWN]);
    let complaints = complaints(&asked, &good(&asked));
    assert_eq!(complaints, ["no badvers", "aa", "version-not-zero", "mbz", "echoed"]);
}

#[test]
fn every_opcode_but_query_is_not_implemented() {
    let server = Server::start("");
    for opcode in 1..16 {
        for asked in [dns(opcode << 11 | RD | CD), Asked { flags: opcode << 11, ..edns(1_232, 0, DO, &[ASK_COOKIE]) }] {
            let got = asked.send(server.v4);
            assert_eq!((got.rcode, got.flags), (4, 0x8000 | opcode << 11 | 4), "opcode {opcode}");
            assert_eq!((got.edns.is_some(), got.error()), (asked.edns.is_some(), asked.edns.as_ref().map(|_| 21)));
        }
    }
}

#[test]
fn what_is_broken_is_a_format_error() {
    let server = Server::start("");
    let opt = edns(1_232, 0, 0, &[]).octets().split_off(29);
    let message = |count: u8, tail: &[&[u8]]| {
        let mut message = dns(0).octets();
        message[11] = count;
        [&message[..], &tail.concat()].concat()
    };
    for (what, broken, has_opt) in [
        ("two OPTs", message(2, &[&opt, &opt]), true),
        ("an OPT with a name", message(1, &[b"\x01a", &opt]), true),
        ("an option that lies", edns(1_232, 0, 0, &[b"\0\x64\0\x05x"]).octets(), true),
        ("half an option", edns(1_232, 0, 0, &[b"\0\x64\0"]).octets(), true),
        ("an OPT cut off", message(1, &[&opt[..9]]), false),
        ("a cookie of seven octets", edns(1_232, 0, 0, &[&option(COOKIE, b"1234567")]).octets(), true),
        ("a cookie of 41", edns(1_232, 0, 0, &[&option(COOKIE, &[1; 41])]).octets(), true),
        ("a network longer than its address", edns(1_232, 0, 0, &[b"\0\x08\0\x04\0\x01\x18\0"]).octets(), true),
        ("something behind the OPT", message(1, &[&opt, b"x"]), true),
    ] {
        let socket = udp_socket(server.v4);
        socket.send(&broken).unwrap();
        let got = Got::read(&receive(&socket));
        assert_eq!((got.rcode, got.edns.is_some()), (1, has_opt), "{what}");
        assert_eq!(got.error(), has_opt.then_some(0), "{what}");
    }
}

/// Truncation: TC and no half of an RRset, never longer than asked for; whole over TCP.
#[test]
fn what_is_too_long_is_truncated_to_what_was_asked_for() {
    let server = Server::start("nsid = \"a name that takes some octets of what is left\"");
    for size in [0, 100, 512, 513, 600, 1_000, 1_231, 1_232, 4_096, 65_535] {
        let ask = |name, options: &[&[u8]]| {
            let asked = edns(size, 0, DO, options);
            Asked { question: Some((name, TXT)), ..asked }.send(server.v4)
        };
        let most = usize::from(size.clamp(512, 1_232));
        for options in [&[][..], &[ASK_NSID, ASK_COOKIE]] {
            let got = ask("many.example.com", options);
            assert!(got.is_truncated() && got.sections[0].is_empty() && got.octets <= most, "{size}: {got:?}");
            let got = ask("some.example.com", options);
            assert!(got.octets <= most && got.is_truncated() == got.sections[0].is_empty(), "{size}: {got:?}");
        }
        // An option is no reason: as long as it fits without.
        assert_eq!(ask("some.example.com", &[ASK_NSID]).is_truncated(), ask("some.example.com", &[]).is_truncated());
    }
    let over_tcp = Asked { tcp: true, ..Asked::of("many.example.com", TXT).with(ASK_NSID) }.send(server.v4);
    assert!(!over_tcp.is_truncated() && over_tcp.sections[0].len() == 90 && over_tcp.option(NSID).is_some());
}

#[test]
fn a_query_signed_with_an_unknown_key_is_answered_unsigned() {
    let server = Server::start("");
    let mut signed = dns(0).octets();
    signed[11] = 1;
    let rdata = [&wire("hmac-sha256")[..], &[0, 0, 0x69, 0, 0, 0, 1, 0x2c, 0, 32], &[7; 32], &[0x1e, 0x57, 0, 0, 0, 0]]
        .concat();
    signed.extend([0, 0, 250, 0, 255, 0, 0, 0, 0, 0, rdata.len() as u8]);
    signed.extend(rdata);
    let socket = udp_socket(server.v4);
    socket.send(&signed).unwrap();
    let got = Got::read(&receive(&socket));
    assert_eq!((got.rcode, &got.sections[0][..], got.sections[2].contains(&250)), (0, &[SOA][..], false));
}
