//! Text and wire forms of each type, by the examples of the RFCs.

use data_encoding::{BASE32_DNSSEC, BASE64, HEXLOWER_PERMISSIVE};

use super::*;
use crate::wire::{NameBuf, Rtype};

/// Splits one line of text into tokens: spaces, quotes and escapes, without directives or comments.
pub(super) fn tokenise(text: &str) -> Vec<Span> {
    let (octets, mut at, mut tokens) = (text.as_bytes(), 0, Vec::new());
    while at < octets.len() {
        if octets[at] == b' ' {
            at += 1;
            continue;
        }
        let quoted = octets[at] == b'"';
        let start = at + usize::from(quoted);
        at = start;
        while at < octets.len() && octets[at] != if quoted { b'"' } else { b' ' } {
            at += if octets[at] == b'\\' { 2 } else { 1 };
        }
        let end = at.min(octets.len());
        tokens.push(Span::new(start, end, quoted));
        at = end + usize::from(quoted);
    }
    tokens
}

/// The wire form of `TYPE rdata`, relative to `example.com.`, behind octets that were there before.
pub(super) fn wire_of(text: &str) -> Result<Vec<u8>, TextError> {
    let (mnemonic, rest) = text.split_once(' ').unwrap_or((text, ""));
    let rtype = Rtype::from_text(mnemonic.as_bytes()).expect("a type");
    let origin: NameBuf = "example.com.".parse().expect("a name");
    let mut out = b"before".to_vec();
    let result = from_text(rtype, rest.as_bytes(), &tokenise(rest), Some(origin.as_name()), &mut out);
    assert!(out.starts_with(b"before"), "{text}");
    assert!(result.is_ok() || out == b"before", "{text}: octets are left behind");
    result.map(|()| out.split_off(6))
}

pub(super) fn text_of(rtype: Rtype, wire: &[u8]) -> String {
    let mut text = String::new();
    to_text(rtype, wire, &mut text).expect("a string takes all");
    text
}

pub(super) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|octet| *octet != b' ').collect();
    HEXLOWER_PERMISSIVE.decode(&digits).expect("hex")
}

/// A name in hex, for vectors.
fn name(text: &str) -> String {
    HEXLOWER_PERMISSIVE.encode(text.parse::<NameBuf>().expect("a name").as_name().wire())
}

/// `text` gives `wire`, and `wire` gives `canonical`, which gives `wire` again.
fn assert_forms(text: &str, wire: &str, canonical: &str) {
    let rtype = Rtype::from_text(text.split(' ').next().expect("a type").as_bytes()).expect("a type");
    let wire = hex(wire);
    assert_eq!(
        wire_of(text).as_ref().map(|wire| HEXLOWER_PERMISSIVE.encode(wire)),
        Ok(HEXLOWER_PERMISSIVE.encode(&wire)),
        "{text}"
    );
    assert_eq!(check(rtype, &wire), Ok(()), "{text}");
    assert_eq!(text_of(rtype, &wire), canonical, "{text}");
    assert_eq!(wire_of(&format!("{rtype} {canonical}")), Ok(wire), "{canonical}");
}

#[test]
fn addresses() {
    assert_forms("A 192.0.2.1", "c0000201", "192.0.2.1");
    assert_forms("a 0.0.0.0", "00000000", "0.0.0.0");
    assert_forms("AAAA 2001:DB8::1", "20010db8000000000000000000000001", "2001:db8::1");
    assert_forms("AAAA ::ffff:192.0.2.1", "00000000000000000000ffffc0000201", "::ffff:192.0.2.1");
}

#[test]
fn names() {
    let www = name("www.example.com.");
    assert_forms("NS www", &www, "www.example.com.");
    assert_forms("CNAME WWW.Example.com.", &name("WWW.Example.com."), "WWW.Example.com.");
    assert_forms("PTR @", &name("example.com."), "example.com.");
    assert_forms("DNAME a\\.b", &name("a\\.b.example.com."), "a\\.b.example.com.");
    assert_forms("MX 10 www", &format!("000a{www}"), "10 www.example.com.");
    assert_forms("MX 0 .", "000000", "0 .");
    // RFC 2782
    assert_forms("SRV 0 1 9 www", &format!("000000010009{www}"), "0 1 9 www.example.com.");
    assert_forms(
        "SOA ns hostmaster 2026010101 1h30m 15M 1w2d 3600",
        &format!(
            "{}{}78c275f5 00001518 00000384 000bdd80 00000e10",
            name("ns.example.com."),
            name("hostmaster.example.com.")
        ),
        "ns.example.com. hostmaster.example.com. 2026010101 5400 900 777600 3600",
    );
}

#[test]
fn strings() {
    assert_forms("TXT a \"b c\" \"\"", "0161 03622063 00", "\"a\" \"b c\" \"\"");
    assert_forms(r#"TXT "\"\\\000\255\;" a\ b"#, "05225c00ff3b 03612062", r#""\"\\\000\255;" "a b""#);
    assert_forms("HINFO PDP-11 \"UNIX V7\"", "065044502d3131 07554e4958205637", "\"PDP-11\" \"UNIX V7\"");
    // RFC 3403 section 6.1 and RFC 2915 section 7.1
    assert_forms(
        r#"NAPTR 100 50 "s" "z3950+I2L+I2C" "" _z3950._tcp.gatech.edu."#,
        &format!("0064 0032 0173 0d7a333935302b49324c2b493243 00 {}", name("_z3950._tcp.gatech.edu.")),
        r#"100 50 "s" "z3950+I2L+I2C" "" _z3950._tcp.gatech.edu."#,
    );
    assert_forms(
        r#"NAPTR 100 10 "" "" "!^urn:cid:.+@([^\\.]+\\.)(.*)$!\\2!i" ."#,
        "0064 000a 00 00 21 215e75726e3a6369643a2e2b40285b5e5c2e5d2b5c2e29282e2a2924215c322169 00",
        r#"100 10 "" "" "!^urn:cid:.+@([^\\.]+\\.)(.*)$!\\2!i" ."#,
    );
    let longest = format!("\"{}\"", "x".repeat(255));
    assert_forms(&format!("TXT {longest}"), &format!("ff{}", "78".repeat(255)), &longest);
}

#[test]
fn caa_and_uri() {
    // RFC 8659 section 4
    assert_forms(
        "CAA 0 issue \"ca1.example.net\"",
        "00 056973737565 6361312e6578616d706c652e6e6574",
        "0 issue \"ca1.example.net\"",
    );
    assert_forms("CAA 0 issue \";\"", "00 056973737565 3b", "0 issue \";\"");
    assert_forms("CAA 128 tbs Unknown", "80 03746273 556e6b6e6f776e", "128 tbs \"Unknown\"");
    assert_forms("CAA 0 issue \"\"", "00 056973737565", "0 issue \"\"");
    // RFC 7553 section 5.1
    assert_forms(
        "URI 10 1 \"ftp://ftp1.example.com/public\"",
        "000a 0001 6674703a2f2f667470312e6578616d706c652e636f6d2f7075626c6963",
        "10 1 \"ftp://ftp1.example.com/public\"",
    );
    // Neither has a length octet in front of its string, so both may be longer than 255.
    let long = format!("\"{}\"", "x".repeat(300));
    assert_forms(&format!("URI 0 0 {long}"), &format!("00000000{}", "78".repeat(300)), &format!("0 0 {long}"));
    assert_forms(&format!("CAA 0 a {long}"), &format!("000161{}", "78".repeat(300)), &format!("0 a {long}"));
}

#[test]
fn dnssec() {
    // RFC 4034 section 5.4
    assert_forms(
        "DS 60485 5 1 2BB183AF5F22588179A53B0A 98631FAD1A292118",
        "ec45 05 01 2bb183af5f22588179a53b0a98631fad1a292118",
        "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118",
    );
    // RFC 4034 section 3.3; the signature is split where its groups of four are not.
    let signature = "oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip8WTrPYGv07h108dUKGMeDPKijVCHX3DDKdfb+v6oB9wfuh3DTJXUAfI/M0zmO/zz8bW0Rznl8O3\
                     tGNazPwQKkRN20XPXV6nwwfoXmJQbsLNrLfkGJ5D6fwFm8nN+6pBzeDQfsS3Ap3o=";
    let octets = HEXLOWER_PERMISSIVE.encode(&BASE64.decode(signature.as_bytes()).expect("base64"));
    for (a, b) in [(0, 0), (1, 2), (3, 9), (4, 8), (5, 6), (170, 171)] {
        let split = format!("{} {} {}", &signature[..a], &signature[a..b], &signature[b..]);
        assert_forms(
            &format!("RRSIG A RSASHA1 3 86400 20030322173103 20030220173103 2642 example.com. {split}"),
            &format!("0001 05 03 00015180 3e7c9dd7 3e5510d7 0a52 {} {octets}", name("example.com.")),
            &format!("A 5 3 86400 20030322173103 20030220173103 2642 example.com. {signature}"),
        );
    }
    assert_forms(
        "RRSIG TYPE65280 255 3 0 4294967295 0 2642 . AQ== ",
        "ff00 ff 03 00000000 ffffffff 00000000 0a52 00 01",
        "TYPE65280 255 3 0 21060207062815 19700101000000 2642 . AQ==",
    );
    assert_forms(
        "RRSIG NS 8 3 0 20240229235959 20000229000000 1 . AQ==",
        "0002 08 03 00000000 65e11a7f 38bb0c00 0001 00 01",
        "NS 8 3 0 20240229235959 20000229000000 1 . AQ==",
    );
}

#[test]
fn denial() {
    // RFC 4034 section 4.3
    let bitmap = "0006400100000003 041b 0000000000000000000000000000000000000000000000000000 20";
    for types in ["A MX RRSIG NSEC TYPE1234", "type1234 nsec RRSIG A MX MX"] {
        assert_forms(
            &format!("NSEC host {types}"),
            &format!("{} {bitmap}", name("host.example.com.")),
            "host.example.com. A MX RRSIG NSEC TYPE1234",
        );
    }
    assert_forms(
        "NSEC . TYPE65535 TYPE256 TYPE1 TYPE512",
        "00 000140 010180 020180 ff20 00000000000000000000000000000000000000000000000000000000000000 01",
        ". A URI TYPE512 TYPE65535",
    );
    assert_forms("NSEC .", "00", ".");
    // RFC 5155 appendix A
    let hash = BASE32_DNSSEC.decode(b"2t7b4g4vsa5smi47k61mv5bv1a22bojr").expect("base32hex");
    assert_forms(
        "NSEC3 1 1 12 AABBccdd 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR MX DNSKEY NS SOA NSEC3PARAM RRSIG",
        &format!("01 01 000c 04aabbccdd 14{} 0007 22010000000290", HEXLOWER_PERMISSIVE.encode(&hash)),
        "1 1 12 AABBCCDD 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX RRSIG DNSKEY NSEC3PARAM",
    );
    assert_forms("NSEC3 1 0 0 - 00", "01 00 0000 00 0100", "1 0 0 - 00");
    assert_forms("NSEC3PARAM 1 0 12 aabbccdd", "01 00 000c 04aabbccdd", "1 0 12 AABBCCDD");
    assert_forms("NSEC3PARAM 1 0 0 -", "01 00 0000 00", "1 0 0 -");
}

#[test]
fn keys_and_digests() {
    // RFC 4034 section 2.3
    let key = "AQPSKmynfzW4kyBv015MUG2DeIQ3Cbl+BBZH4b/0PY1kxkmvHjcZc8nokfzj31GajIQKY+5CptLr3buXA10hWqTkF7H6RfoRqXQeogmMHfpftf6z\
               Mv1LyBUgia7za6ZEzOJBOztyvhjL742iU/TpPSEDhm2SNKLijfUppn1UaNvv4w==";
    let octets = HEXLOWER_PERMISSIVE.encode(&BASE64.decode(key.as_bytes()).expect("base64"));
    assert_forms(&format!("DNSKEY 256 3 5 {key}"), &format!("0100 03 05 {octets}"), &format!("256 3 5 {key}"));
    assert_forms("DNSKEY 257 3 ecdsap256sha256 AA ==", "0101 03 0d 00", "257 3 13 AA==");
    // RFC 6698 section 2.3
    let digest = "d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971";
    assert_forms(
        &format!("TLSA 0 0 1 {digest}"),
        &format!("000001{digest}"),
        &format!("0 0 1 {}", digest.to_uppercase()),
    );
    // RFC 4255 section 3.1; the digits are split inside an octet.
    assert_forms(
        "SSHFP 2 1 1234567 89abcdef67890123456789abcdef6789 0",
        "0201 123456789abcdef67890123456789abcdef67890",
        "2 1 123456789ABCDEF67890123456789ABCDEF67890",
    );
}

#[test]
fn rarer_types() {
    // The examples of RFC 7043, 6742, 7477, 1183, 4398, 9859, 8976 and 3445; their wire forms are what BIND 9.18 makes of them.
    let digest = "FEBE3D4CE2EC2FFA4BA99D46CD69D6D29711E55217057BEE7EB1A7B641A47BA7FED2DD5B97AE499FAFA4F22C6BD647DE";
    for (text, wire, canonical) in [
        ("EUI48 00-00-5E-00-53-2a", "00005e00532a", "00-00-5e-00-53-2a"),
        ("EUI64 00-00-5e-ef-10-00-00-2a", "00005eef1000002a", "00-00-5e-ef-10-00-00-2a"),
        ("NID 10 14:4fff:ff20:ee64", "000a00144fffff20ee64", "10 0014:4fff:ff20:ee64"),
        ("L64 10 2001:0DB8:1140:1000", "000a20010db811401000", "10 2001:0db8:1140:1000"),
        ("L32 10 10.1.2.0", "000a0a010200", "10 10.1.2.0"),
        ("CSYNC 66 3 A NS AAAA", "000000420003000460000008", "66 3 A NS AAAA"),
        ("ISDN 150862028003217 004", "0f31353038363230323830303332313703303034", "\"150862028003217\" \"004\""),
        ("ISDN 150862028003217", "0f313530383632303238303033323137", "\"150862028003217\""),
        ("X25 311061700956", "0c333131303631373030393536", "311061700956"),
        ("CERT pkix 1 RSASHA256 AQID", "0001000108010203", "1 1 8 AQID"),
        ("KEY 49152 3 8", "c0000308", "49152 3 8"),
        ("KEY 256 3 8 AQID", "01000308010203", "256 3 8 AQID"),
        ("DSYNC CDS NOTIFY 5359 a.", "003b 01 14ef 016100", "CDS 1 5359 a."),
        (
            &format!("ZONEMD 2018031500 1 1 {digest}"),
            &format!("7848b78c0101{digest}"),
            &format!("2018031500 1 1 {digest}"),
        ),
        // RFC 4025 section 3.2, RFC 8777 section 4.3, RFC 3123 section 7
        ("IPSECKEY 10 1 2 192.0.2.38 AQID", "0a 01 02 c0000226 010203", "10 1 2 192.0.2.38 AQID"),
        ("IPSECKEY 10 0 2 . AQID", "0a 00 02 010203", "10 0 2 . AQID"),
        ("IPSECKEY 10 3 0 a.", "0a 03 00 016100", "10 3 0 a."),
        (
            "IPSECKEY 10 2 2 2001:db8::1 AQID",
            "0a0202 20010db8000000000000000000000001 010203",
            "10 2 2 2001:db8::1 AQID",
        ),
        ("AMTRELAY 10 0 1 203.0.113.15", "0a 01 cb00710f", "10 0 1 203.0.113.15"),
        ("AMTRELAY 128 1 3 a.", "80 83 016100", "128 1 3 a."),
        ("AMTRELAY 0 0 0 .", "00 00", "0 0 0 ."),
        (
            "APL 1:192.168.32.0/21 !1:192.168.38.0/28",
            "0001 15 03 c0a820 0001 1c 83 c0a826",
            "1:192.168.32.0/21 !1:192.168.38.0/28",
        ),
        ("APL 1:224.0.0.0/4 2:FF00::/8", "0001 04 01 e0 0002 08 01 ff", "1:224.0.0.0/4 2:ff00::/8"),
        ("APL 1:0.0.0.0/0 2:::/0", "00010000 00020000", "1:0.0.0.0/0 2:::/0"),
        ("APL", "", ""),
        // RFC 1706 section 6
        (
            "NSAP 0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00",
            "47000580005a0000000001e133ffffff00016100",
            "0x47000580005A0000000001E133FFFFFF00016100",
        ),
    ] {
        assert_forms(text, wire, canonical);
    }
}

#[test]
fn locations() {
    // RFC 1876 section 4
    for (text, wire, canonical) in [
        (
            "42 21 54 N 71 06 18 W -24m 30m",
            "00331613 89172dd0 70be15f0 00988d20",
            "42 21 54.000 N 71 6 18.000 W -24.00m 30.00m 10000.00m 10.00m",
        ),
        (
            "42 21 43.952 N 71 5 6.344 W -24m 1m 200m",
            "00122413 89170690 70bf2dd8 00988d20",
            "42 21 43.952 N 71 5 6.344 W -24.00m 1.00m 200.00m 10.00m",
        ),
        (
            "52 14 05 N 00 08 50 E 10m",
            "00121613 8b3556c8 80081650 00989a68",
            "52 14 5.000 N 0 8 50.000 E 10.00m 1.00m 10000.00m 10.00m",
        ),
        (
            "32 7 19 S 116 2 25 E 10m",
            "00121613 791b7d28 98e64868 00989a68",
            "32 7 19.000 S 116 2 25.000 E 10.00m 1.00m 10000.00m 10.00m",
        ),
        (
            "90 n 180 w -100000.00 0 0.01 90000000m",
            "00001099 934fd900 59604e00 00000000",
            "90 0 0.000 N 180 0 0.000 W -100000.00m 0.00m 0.01m 90000000.00m",
        ),
        (
            "0 S 0 0 0.001 E 42849672.95m",
            "00121613 80000000 80000001 ffffffff",
            "0 0 0.000 N 0 0 0.001 E 42849672.95m 1.00m 10000.00m 10.00m",
        ),
    ] {
        assert_forms(&format!("LOC {text}"), wire, canonical);
    }
}

#[test]
fn service_bindings() {
    let (com, org) = (name("foo.example.com."), name("foo.example.org."));
    // RFC 9460 appendix D
    for (text, wire, canonical) in [
        ("0 foo.example.com.", format!("0000 {com}"), "0 foo.example.com."),
        ("1 .", "0001 00".into(), "1 ."),
        ("16 foo port=53", format!("0010 {com} 0003 0002 0035"), "16 foo.example.com. port=53"),
        ("1 foo key667=hello", format!("0001 {com} 029b 0005 68656c6c6f"), "1 foo.example.com. key667=hello"),
        ("1 foo key667=\"hello\\210qoo\"", format!("0001 {com} 029b 0009 68656c6c6fd2716f6f"), "1 foo.example.com. key667=hello\\210qoo"),
        (
            "1 foo ipv6hint=\"2001:db8::1,2001:db8::53:1\"",
            format!("0001 {com} 0006 0020 20010db8000000000000000000000001 20010db8000000000000000000530001"),
            "1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1",
        ),
        (
            "1 foo ipv6hint=2001:db8:122:344::192.0.2.33",
            format!("0001 {com} 0006 0010 20010db80122034400000000c0000221"),
            "1 foo.example.com. ipv6hint=2001:db8:122:344::c000:221",
        ),
        (
            "16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1",
            format!("0010 {org} 0000 0004 0001 0004 0001 0009 026832 0568332d3139 0004 0004 c0000201"),
            "16 foo.example.org. mandatory=alpn,ipv4hint alpn=h2,h3-19 ipv4hint=192.0.2.1",
        ),
        (
            r#"16 foo.example.org. alpn="f\\\\oo\\,bar,h2""#,
            format!("0010 {org} 0001 000c 08665c6f6f2c626172 026832"),
            r"16 foo.example.org. alpn=f\\\\oo\\,bar,h2",
        ),
        (
            r"16 foo.example.org. alpn=f\\\092oo\092,bar,h2",
            format!("0010 {org} 0001 000c 08665c6f6f2c626172 026832"),
            r"16 foo.example.org. alpn=f\\\\oo\\,bar,h2",
        ),
        // A quoted value as a token of its own; keys by number; keys without a value; aliases may have parameters.
        (
            "0 . key65534 no-default-alpn alpn= \"h 2\" ech=AAEC key3=\\000\\053 ohttp dohpath=/q{?dns} key8000=",
            "0000 00 00010004 03682032 00020000 00030002 0035 00050003 000102 00070008 2f717b3f646e737d 00080000 1f400000 fffe0000".into(),
            "0 . alpn=h\\0322 no-default-alpn port=53 ech=AAEC dohpath=/q{?dns} ohttp key8000 key65534",
        ),
    ] {
        for rtype in ["SVCB", "HTTPS"] {
            assert_forms(&format!("{rtype} {text}"), &wire, canonical);
        }
    }
}

#[test]
fn the_generic_form() {
    // RFC 3597 section 5
    assert_forms("TYPE65280 \\# 0", "", "\\# 0");
    assert_forms("TYPE62347 \\# 4 0A 000 001", "0a000001", "\\# 4 0a000001");
    assert_forms("A \\# 4 0A000001", "0a000001", "10.0.0.1");
    assert_forms("NS \\# 5 0361 6263 00", "0361626300", "abc.");
    assert_forms("TXT \"\\\\#\" 1", "025c23 0131", "\"\\\\#\" \"1\"");
    // Ports of WKS whose map ends in zeros: good, but only the generic form has them.
    assert_forms("WKS \\# 6 0A0000010600", "0a0000010600", "\\# 6 0a0000010600");
    // Rdata that does not fit its type.
    for (rtype, wire) in
        [(Rtype::A, "c00002"), (Rtype::A, "c000020101"), (Rtype::TXT, ""), (Rtype::NS, "c000"), (Rtype::MX, "00")]
    {
        let wire = hex(wire);
        assert!(check(rtype, &wire).is_err());
        assert!(text_of(rtype, &wire).starts_with(&format!("\\# {}", wire.len())), "{rtype}");
    }
}
