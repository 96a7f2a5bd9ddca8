//! What is no rdata: the token that is wrong, or what is wrong on the wire.

use super::tests::{hex, text_of, wire_of};
use super::*;
use crate::wire::{NameError, Rtype};

#[test]
fn errors_point_at_their_token() {
    let string = "x".repeat(256);
    let label = "x".repeat(64);
    for (text, token, expected) in [
        ("A", 0, "an IPv4 address such as 192.0.2.1"),
        ("A 192.0.2", 0, "an IPv4 address"),
        ("A 192.0.2.256", 0, "an IPv4 address"),
        ("A 192.0.2.01", 0, "an IPv4 address"),
        ("A 192.0.2.1.", 0, "an IPv4 address"),
        ("A \"192.0.2.1\"", 0, "an IPv4 address"),
        ("A 192.0.2.1 192.0.2.2", 1, "the end of the record"),
        ("AAAA 2001:db8::1%1", 0, "an IPv6 address such as 2001:db8::1"),
        ("NS", 0, "a domain name"),
        ("NS a..b", 0, "a domain name (an empty label)"),
        ("NS \"a\"", 0, "a domain name"),
        (&format!("NS {label}"), 0, "a domain name (a label has more than 63 octets)"),
        ("MX 65536 a", 0, "a number from 0 to 65535"),
        ("MX -1 a", 0, "a number from 0 to 65535"),
        ("MX 10", 1, "a domain name"),
        ("SOA a b 4294967296 1 1 1 1", 2, "a number from 0 to 4294967295"),
        ("SOA a b 1 1 1h30 1 1", 4, "a period in seconds such as 3600"),
        ("SOA a b 1 1 1 1 4294967295s1s", 6, "a period in seconds"),
        ("TXT", 0, "a string of at most 255 octets"),
        (&format!("TXT a {string}"), 1, "a string of at most 255 octets, not 256: split it in several"),
        ("TXT a\\256", 0, "an escape"),
        ("TXT a b=\"c\"", 1, "no quote inside the string"),
        ("CAA 256 issue a", 0, "a number from 0 to 255"),
        ("CAA 0 is-sue a", 1, "a property tag of letters and digits, such as issue"),
        ("CAA 0 \"issue\" a", 1, "a property tag"),
        ("CAA 0 issue", 2, "a value"),
        ("URI 1 1 \"\"", 2, "a URI in quotes, not empty"),
    ] {
        assert_error(text, token, expected);
    }
}

#[test]
fn errors_in_dnssec_records() {
    let digest = "a".repeat(512);
    for (text, token, expected) in [
        ("DS 1 NOSUCH 1 00", 1, "a number from 0 to 255, or an algorithm such as ECDSAP256SHA256"),
        ("DS 1 8 2", 3, "hex digits"),
        ("DS 1 8 2 00 0", 4, "pairs of hex digits"),
        ("DS 1 8 2 0g 00", 3, "pairs of hex digits"),
        ("DS 1 8 2 \"00\"", 3, "pairs of hex digits"),
        ("DNSKEY 1 3 8", 3, "base64"),
        ("DNSKEY 1 3 8 AAA", 3, "base64"),
        ("DNSKEY 1 3 8 AA==AA==", 3, "base64"),
        ("DNSKEY 1 3 8 AA== AA==", 4, "base64"),
        ("DNSKEY 1 3 8 AA =A", 4, "base64"),
        ("DNSKEY 1 3 8 AA ==AAAA", 4, "base64"),
        ("DNSKEY 1 3 8 AAAA AA==A", 4, "base64"),
        ("RRSIG WHAT 8 1 1 1 1 1 . AA==", 0, "an RR type"),
        ("RRSIG A 8 1 1 20230229000000 1 1 . AA==", 4, "a time as YYYYMMDDHHmmSS, 1970 to 2106"),
        ("RRSIG A 8 1 1 21060207062816 1 1 . AA==", 4, "a time"),
        ("RRSIG A 8 1 1 20231301000000 1 1 . AA==", 4, "a time"),
        ("RRSIG A 8 1 1 20230101240000 1 1 . AA==", 4, "a time"),
        ("RRSIG A 8 1 1 00000000001 1 1 . AA==", 4, "a time"),
        ("NSEC . A WHAT", 2, "an RR type"),
        ("NSEC3 1 0 0 0 00", 3, "a salt in hex of at most 255 octets, or `-` for none"),
        (&format!("NSEC3 1 0 0 {digest} 00"), 3, "a salt"),
        ("NSEC3 1 0 0 - W0", 4, "a hash in base32hex of at most 255 octets"),
        ("NSEC3 1 0 0 - 0", 4, "a hash in base32hex"),
    ] {
        assert_error(text, token, expected);
    }
}

#[test]
fn errors_in_rarer_types_and_the_generic_form() {
    for (text, token, expected) in [
        ("LOC 91 N 0 E 0", 0, "degrees of latitude from 0 to 90"),
        ("LOC 90 0 0.001 N 0 E 0", 3, "a latitude of at most 90 degrees"),
        ("LOC 9 60 N 0 E 0", 1, "minutes from 0 to 59, or N or S"),
        ("LOC 9 59 60 N 0 E 0", 2, "seconds from 0 to 59.999, or N or S"),
        ("LOC 9 59 59.9999 N 0 E 0", 2, "seconds"),
        ("LOC 9 59 59 E 0 E 0", 3, "N or S"),
        ("LOC 9 N 9 E", 4, "an altitude in metres from -100000.00 to 42849672.95"),
        ("LOC 9 N 9 E -100000.01", 4, "an altitude"),
        ("LOC 9 N 9 E 1 90000000.01", 5, "a size in metres"),
        ("LOC 9 N 9 E 1 1 1 1 1", 8, "the end of the record"),
        ("EUI48 00-00-5e-00-53", 0, "an EUI-48 such as"),
        ("EUI48 00-00-5e-00-53-2a-00", 0, "an EUI-48"),
        ("EUI64 0-00-5e-ef-10-00-00-2a", 0, "an EUI-64 such as"),
        ("NID 1 14:4fff:ff20:", 1, "four groups of hex digits"),
        ("NID 1 14:4fff:ff20:10000", 1, "four groups of hex digits"),
        ("CERT 65536 1 8 AQID", 0, "a number from 0 to 65535, or a certificate type such as PKIX"),
        ("X25 1234 2", 1, "the end of the record"),
        ("X25 123", 0, "an X.121 address of four digits or more"),
        ("X25 1234a", 0, "an X.121 address"),
        ("X25", 0, "an X.121 address"),
        ("ISDN 1 2 3", 2, "the end of the record"),
        ("NSAP 47000580", 0, "an NSAP address such as 0x47.0005.80"),
        ("NSAP 0x470", 0, "an NSAP address"),
        ("NSAP 0x.", 0, "an NSAP address"),
        ("IPSECKEY 1 4 1 .", 1, "0 for no gateway"),
        ("IPSECKEY 1 0 1 a.", 3, "`.` for no gateway"),
        ("AMTRELAY 1 2 1 192.0.2.1", 1, "0 or 1"),
        ("APL 1:192.0.2.0/33", 0, "an address prefix such as 1:192.0.2.0/24"),
        ("APL 1:192.0.2.0/24 3:0/0", 1, "an address prefix"),
        ("APL 1:192.0.2.0", 0, "an address prefix"),
        ("TYPE65280", 0, "`\\# length hex`"),
        ("TYPE65280 abc", 0, "`\\# length hex`"),
        ("TYPE65280 \\#", 1, "the length of the rdata"),
        ("TYPE65280 \\# 65536 00", 1, "the length of the rdata: a number from 0 to 65535"),
        ("TYPE65280 \\# 1 0001", 2, "hex of the announced length 1, not 2"),
        ("TYPE65280 \\# 1", 2, "hex of the announced length 1, not 0"),
        ("A \\# 3 000000", 2, "rdata that fits the type A (the rdata is cut off)"),
        ("A \\# 5 0000000000", 2, "rdata that fits the type A (octets follow the last field)"),
    ] {
        assert_error(text, token, expected);
    }
}

#[test]
fn errors_in_types_of_old() {
    let (tag, key) = ("00".repeat(256), "AAAA".repeat(21_846));
    for (text, token, expected) in [
        ("WKS 10.0.0.1", 1, "a number from 0 to 255, or a protocol such as TCP"),
        ("WKS 10.0.0.1 XTP", 1, "a number from 0 to 255, or a protocol"),
        ("WKS 10.0.0.1 TCP 25 65536", 3, "a port from 0 to 65535, or a service such as smtp"),
        ("WKS 10.0.0.1 TCP nosuch", 2, "a port"),
        ("NXT", 0, "a domain name"),
        ("NXT a A CAA", 2, "an RR type from 1 to 127"),
        ("NXT a TYPE0", 1, "an RR type from 1 to 127"),
        ("KEY ZONE|HOST DNSSEC 8", 0, "a number from 0 to 65535, or flags such as NOCONF|ZONE"),
        ("KEY ZONE| DNSSEC 8", 0, "a number from 0 to 65535, or flags"),
        ("KEY NOSUCH DNSSEC 8", 0, "a number from 0 to 65535, or flags"),
        ("KEY ZONE SSH 8", 1, "a number from 0 to 255, or a protocol such as DNSSEC"),
        ("GPOS 180.1 0 0", 0, "degrees from -180.0 to 180.0"),
        ("GPOS 0 1e1 0", 1, "degrees"),
        ("GPOS 0 0 \"\"", 2, "an altitude in metres such as 10.0"),
        ("GPOS 0 0 .", 2, "an altitude"),
        ("GPOS 0 0", 2, "an altitude"),
        ("ATMA", 0, "an ATM address in hex such as 39.246f.00, or a number such as +61200000000"),
        ("ATMA 123", 0, "an ATM address"),
        ("ATMA .", 0, "an ATM address"),
        ("ATMA +", 0, "an ATM address"),
        ("ATMA +12a", 0, "an ATM address"),
        ("A6 129 ::", 0, "a prefix length from 0 to 128"),
        ("A6 0 a.", 1, "an IPv6 address such as ::1"),
        ("A6 0 ::1 a.", 2, "the end of the record"),
        ("A6 64 ::1", 2, "a domain name"),
        ("A6 128", 1, "a domain name"),
        ("SINK 1 2 AAAA", 2, "a number from 0 to 255"),
        ("HIP 2 2 AAAA", 1, "a host identity tag in hex of 1 to 255 octets"),
        ("HIP 2 \"00\" AAAA", 1, "a host identity tag"),
        (&format!("HIP 2 {tag} AAAA"), 1, "a host identity tag"),
        ("HIP 2 00 AAA", 2, "a public key in base64, without spaces in it"),
        (&format!("HIP 2 00 {key}"), 2, "a public key"),
        ("HIP 2 00 AAAA a..b", 3, "a domain name (an empty label)"),
        ("DOA 0 1 2 \"\"", 4, "base64, or `-` for no octets"),
        ("DOA 0 1 2 \"\" AAA", 4, "base64"),
        ("DOA 0 1 2 \"\" - -", 5, "the end of the record"),
        ("IPN 18446744073709551616", 0, "a node number from 0 to 18446744073709551615, or its two halves"),
        ("IPN 1.4294967296", 0, "a node number"),
        ("IPN 1.2.3", 0, "a node number"),
        ("IPN +1", 0, "a node number"),
        ("IPN .1", 0, "a node number"),
        ("ZONEMD 1 1 240 00112233445566778899AA", 3, "a digest in hex of at least 12 octets"),
        ("ZONEMD 1 1 240", 3, "a digest in hex of at least 12 octets"),
    ] {
        assert_error(text, token, expected);
    }
}

#[test]
fn service_bindings_that_rfc_9460_appendix_d_3_refuses_and_more() {
    for (text, token, expected) in [
        ("key123=abc key123=def", 3, "each key once"),
        ("mandatory", 2, "keys that the record has"),
        ("alpn", 2, "protocols of 1 to 255 octets"),
        ("port", 2, "a port such as port=443, from 0 to 65535"),
        ("ipv4hint", 2, "IPv4 addresses"),
        ("ipv6hint", 2, "IPv6 addresses"),
        ("no-default-alpn=abc", 2, "no-default-alpn without a value"),
        ("mandatory=key123", 2, "keys that the record has"),
        ("key123 mandatory=mandatory", 3, "keys that the record has"),
        ("mandatory=key123,key123 key123=abc", 2, "keys that the record has"),
        ("port=1 no-default-alpn", 3, "no-default-alpn without a value, beside alpn"),
        ("port=65536", 2, "a port"),
        ("alpn=h2,,h3", 2, "protocols"),
        ("alpn=h2,", 2, "protocols"),
        ("alpn=a\\\\b", 2, "protocols"),
        ("ech=A", 2, "base64"),
        ("ech=AA==AA==", 2, "base64"),
        ("ech=", 2, "base64"),
        ("key1=\\003h2", 2, "protocols"),
        ("key4=abc", 2, "IPv4 addresses"),
        ("dohpath=/\\255{?dns}", 2, "a path in UTF-8 with the variable dns"),
        ("dohpath=/q", 2, "a path"),
        ("dohpath=", 2, "a path"),
        ("dohpath=q{?dns}", 2, "a path"),
        ("dohpath=/q{?dnss,a}", 2, "a path"),
        ("dohpath=/q{?dns", 2, "a path"),
        ("key7=/q", 2, "a path"),
        ("tls-supported-groups", 2, "groups from 0 to 65535, each once"),
        ("tls-supported-groups=", 2, "groups"),
        ("tls-supported-groups=29,65536", 2, "groups"),
        ("tls-supported-groups=29,23,29", 2, "groups"),
        ("tls-supported-groups=x25519", 2, "groups"),
        ("key9=abc", 2, "groups"),
        ("docpath=a,,b", 2, "segments of 1 to 255 octets"),
        ("docpath=a,", 2, "segments"),
        ("key10=\\000", 2, "segments"),
        ("pvd=1", 2, "pvd without a value"),
        ("ohttp=1", 2, "ohttp without a value"),
        ("key65535=a", 2, "a parameter"),
        ("key01=a", 2, "a parameter"),
        ("=a", 2, "a parameter"),
        ("alpn=\"h2\"h3", 2, "a value whose quotes end with it"),
        ("alpn=\"", 2, "a value whose quotes end with it"),
        ("key1=\"a\\\"", 2, "protocols"),
        ("nosuch=a", 2, "a parameter"),
        ("\"alpn=h2\"", 2, "a parameter"),
        ("key9999=\\9", 2, "a value with good escapes"),
    ] {
        assert_error(&format!("SVCB 1 . {text}"), token, expected);
    }
}

#[test]
fn more_than_a_record_can_hold() {
    let strings = |count: usize| format!("TXT{}", format!(" {}", "x".repeat(254)).repeat(count));
    assert_eq!(wire_of(&strings(257)).map(|wire| wire.len()), Ok(65_535));
    assert_error(&strings(258), 257, "rdata of at most 65535 octets");
    let params = format!("SVCB 0 . key1000={0} key1001={0}", "x".repeat(40_000));
    assert_error(&params, 3, "rdata of at most 65535 octets");
}

#[track_caller]
fn assert_error(text: &str, token: usize, expected: &str) {
    let error = wire_of(text).expect_err(text);
    assert_eq!((error.token, error.expected.starts_with(expected)), (token, true), "{text}: {error}");
}

#[test]
fn wire_that_does_not_fit_its_type() {
    for (rtype, wire, error) in [
        (Rtype::A, "c00002", WireError::CutOff),
        (Rtype::A, "c000020101", WireError::TrailingOctets),
        (Rtype::NS, "c00c", WireError::Name(NameError::NotALabel)),
        (Rtype::NS, "0161", WireError::Name(NameError::CutOff)),
        (Rtype::MX, "000a 00 00", WireError::TrailingOctets),
        (Rtype::TXT, "", WireError::CutOff),
        (Rtype::TXT, "0161 02", WireError::CutOff),
        (Rtype::DS, "00010801", WireError::CutOff),
        (Rtype::CAA, "00 00", WireError::BadValue("a property tag of other than letters and digits")),
        (Rtype::URI, "00000000", WireError::CutOff),
        (Rtype::NSEC, "00 0001", WireError::CutOff),
        (Rtype::NSEC, "00 000140 000140", WireError::BadValue("blocks of a type bitmap that do not ascend")),
        (Rtype::NSEC, "00 010140 000140", WireError::BadValue("blocks of a type bitmap that do not ascend")),
        (
            Rtype::NSEC,
            "00 0000",
            WireError::BadValue("a block of a type bitmap that is empty, too long or ends in zeros"),
        ),
        (
            Rtype::NSEC,
            "00 00024000",
            WireError::BadValue("a block of a type bitmap that is empty, too long or ends in zeros"),
        ),
        (Rtype::NSEC3, "01000000 00 00", WireError::BadValue("an empty hash")),
        (Rtype::LOC, "01121613 80000000 80000000 00989680", WireError::BadValue("a LOC version other than 0")),
        (
            Rtype::LOC,
            "000a1613 80000000 80000000 00989680",
            WireError::BadValue("a LOC size that is no digit with a power of ten"),
        ),
        (
            Rtype::LOC,
            "00011613 80000000 80000000 00989680",
            WireError::BadValue("a LOC size that is no digit with a power of ten"),
        ),
        (
            Rtype::LOC,
            "00121613 934fd901 80000000 00989680",
            WireError::BadValue("a LOC angle beyond the pole or the date line"),
        ),
        (Rtype::SVCB, "0001 00 0003", WireError::CutOff),
        (Rtype::SVCB, "0001 00 00030003 003500", WireError::BadValue("a SvcParam whose value does not fit its key")),
        (Rtype::SVCB, "0001 00 029b0000 029b0000", WireError::BadValue("SvcParamKeys that do not ascend")),
        (Rtype::SVCB, "0001 00 ffff0000", WireError::BadValue("SvcParamKeys that do not ascend")),
        (
            Rtype::SVCB,
            "0001 00 00000004 00040001 0001000302683200040004c0000201",
            WireError::BadValue("a SvcParam whose value does not fit its key"),
        ),
        (Rtype::SVCB, "0001 00 00000002 0004", WireError::BadValue("a mandatory SvcParamKey that is not there")),
        (Rtype::SVCB, "0001 00 00020000", WireError::BadValue("no-default-alpn without alpn")),
        (Rtype::X25, "03 313233", WireError::BadValue("an X.121 address that is no four digits or more")),
        (Rtype::GPOS, "0130 0130 0161", WireError::BadValue("an altitude that is no number")),
        (Rtype::GPOS, "033138310130 0130", WireError::BadValue("degrees that are no number up to 180")),
        (Rtype::NXT, "00 8000", WireError::BadValue("a bitmap of NXT with bit 0, too long or ending in zeros")),
        (Rtype::NXT, "00 4000", WireError::BadValue("a bitmap of NXT with bit 0, too long or ending in zeros")),
        (
            Rtype::NXT,
            "00 4000000000000000000000000000000001",
            WireError::BadValue("a bitmap of NXT with bit 0, too long or ending in zeros"),
        ),
        (Rtype::ATMA, "00", WireError::CutOff),
        (Rtype::ATMA, "01 3a", WireError::BadValue("a telephone number of other than digits")),
        (Rtype::ATMA, "02 31", WireError::BadValue("an unknown format of ATM addresses")),
        (Rtype::A6, "81", WireError::BadValue("an A6 prefix length above 128")),
        (Rtype::A6, "7c 10 00", WireError::BadValue("an A6 address with bits of its prefix")),
        (Rtype::A6, "78", WireError::CutOff),
        (Rtype::A6, "78 01", WireError::Name(NameError::CutOff)),
        (Rtype::HIP, "00 02 0001 00", WireError::BadValue("an empty host identity tag or key")),
        (Rtype::HIP, "01 02 0000 00", WireError::BadValue("an empty host identity tag or key")),
        (Rtype::HIP, "01 02 0001 00", WireError::CutOff),
        (Rtype::HIP, "01 02 0001 0000 0161", WireError::Name(NameError::CutOff)),
        (Rtype::IPN, "00000000000000", WireError::CutOff),
        (
            Rtype::ZONEMD,
            "00000001 01 f0 0011223344556677889900",
            WireError::BadValue("a digest of less than 12 octets"),
        ),
        (Rtype::WKS, &format!("0a000001 06 {}", "ff".repeat(8_193)), WireError::TrailingOctets),
        (Rtype::SVCB, "0001 00 0009 0004 001d001d", WireError::BadValue("a SvcParam whose value does not fit its key")),
        (Rtype::SVCB, "0001 00 000a 0001 00", WireError::BadValue("a SvcParam whose value does not fit its key")),
        (Rtype::IPSECKEY, "0a 04 02", WireError::BadValue("an unknown type of gateway")),
        (Rtype::AMTRELAY, "0a 81 cb0071", WireError::CutOff),
        (Rtype::APL, "0001 04 02 e000", WireError::BadValue("an address prefix that is too long or ends in zeros")),
        (Rtype::APL, "0001 21 01 e0", WireError::BadValue("an address prefix that is too long or ends in zeros")),
        (Rtype::APL, "0003 04 01 e0", WireError::BadValue("an unknown address family")),
    ] {
        let wire = hex(wire);
        assert_eq!(check(rtype, &wire), Err(error), "{rtype} {wire:02x?}");
        assert_eq!(text_of(rtype, &wire).split(' ').next(), Some("\\#"), "{rtype}");
    }
}
