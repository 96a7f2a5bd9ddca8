use data_encoding::HEXLOWER_PERMISSIVE;

use super::*;
use crate::wire::{NameBuf, Rtype};

/// Splits one line of text into tokens: spaces, quotes and escapes, without directives or comments.
fn tokenise(text: &str) -> Vec<Token<'_>> {
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
        tokens.push(Token { text: &octets[start..end], quoted });
        at = end + usize::from(quoted);
    }
    tokens
}

/// The wire form of `TYPE rdata`, relative to `example.com.`, behind octets that were there before.
fn wire_of(text: &str) -> Result<Vec<u8>, TextError> {
    let (mnemonic, rest) = text.split_once(' ').unwrap_or((text, ""));
    let rtype = Rtype::from_text(mnemonic.as_bytes()).expect("a type");
    let origin: NameBuf = "example.com.".parse().expect("a name");
    let mut out = b"before".to_vec();
    let result = from_text(rtype, &tokenise(rest), Some(origin.as_name()), &mut out);
    assert!(out.starts_with(b"before"), "{text}");
    assert!(result.is_ok() || out == b"before", "{text}: octets are left behind");
    result.map(|()| out.split_off(6))
}

fn text_of(rtype: Rtype, wire: &[u8]) -> String {
    let mut text = String::new();
    to_text(rtype, wire, &mut text).expect("a string takes all");
    text
}

fn hex(text: &str) -> Vec<u8> {
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
