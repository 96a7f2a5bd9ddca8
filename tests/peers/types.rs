//! The record types of the tests: their mnemonics, and what stands in their rdata.
//!
//! One row a type; the generator, the zone files, the reader of replies and what a failure prints come from it. Written
//! from the RFCs and IANA's registry; shares no row with the table of the server under test.

use std::fmt::Write;

use crate::data::{Label, Name};

/// A type: its number, its mnemonic, and its rdata as a string of parts.
///
/// The parts: `b` `h` `w` are numbers of 1, 2 and 4 octets, `n` is a name, `s` a character-string, `t`
/// character-strings to the end, `x` octets to the end that are written in hexadecimal, `4` and `6` addresses, `*`
/// anything to the end. What has a `*` is written as RFC 3597 has it.
pub struct Type(pub u16, pub &'static str, pub &'static str);

#[rustfmt::skip]
pub const TYPES: &[Type] = &[
    Type(1, "A", "4"), Type(2, "NS", "n"), Type(5, "CNAME", "n"), Type(6, "SOA", "nnwwwww"), Type(7, "MB", "n"),
    Type(8, "MG", "n"), Type(9, "MR", "n"), Type(11, "WKS", "*"), Type(12, "PTR", "n"), Type(13, "HINFO", "ss"),
    Type(14, "MINFO", "nn"), Type(15, "MX", "hn"), Type(16, "TXT", "t"), Type(17, "RP", "nn"), Type(18, "AFSDB", "hn"),
    Type(19, "X25", "s"), Type(21, "RT", "hn"), Type(25, "KEY", "*"), Type(26, "PX", "hnn"), Type(28, "AAAA", "6"),
    Type(29, "LOC", "*"), Type(33, "SRV", "hhhn"), Type(35, "NAPTR", "hhsssn"), Type(36, "KX", "hn"),
    Type(37, "CERT", "*"), Type(39, "DNAME", "n"), Type(41, "OPT", "*"), Type(42, "APL", "*"), Type(43, "DS", "hbbx"),
    Type(44, "SSHFP", "bbx"), Type(46, "RRSIG", "hbbwwwhn*"), Type(47, "NSEC", "n*"), Type(48, "DNSKEY", "*"),
    Type(49, "DHCID", "*"), Type(50, "NSEC3", "*"), Type(51, "NSEC3PARAM", "*"), Type(52, "TLSA", "bbbx"),
    Type(53, "SMIMEA", "bbbx"), Type(59, "CDS", "hbbx"), Type(60, "CDNSKEY", "*"), Type(61, "OPENPGPKEY", "*"),
    Type(62, "CSYNC", "*"), Type(63, "ZONEMD", "*"), Type(64, "SVCB", "hn*"), Type(65, "HTTPS", "hn*"),
    Type(99, "SPF", "t"), Type(104, "NID", "*"), Type(105, "L32", "h4"), Type(106, "L64", "*"), Type(107, "LP", "hn"),
    Type(108, "EUI48", "*"), Type(109, "EUI64", "*"), Type(255, "ANY", "*"), Type(256, "URI", "*"),
    Type(257, "CAA", "*"),
];

/// The row of a type, if it has one.
pub fn row(rtype: u16) -> Option<&'static Type> {
    TYPES.iter().find(|row| row.0 == rtype)
}

/// The parts of a type's rdata.
pub fn parts(rtype: u16) -> &'static str {
    row(rtype).map_or("*", |row| row.2)
}

/// The mnemonic of a type, or its form by RFC 3597.
pub fn mnemonic(rtype: u16) -> String {
    row(rtype).map_or_else(|| format!("TYPE{rtype}"), |row| row.1.to_owned())
}

/// A name as zone files have it: what is no letter, digit, hyphen, underscore or asterisk is escaped (RFC 1035 section
/// 5.1).
pub fn name_text(name: &Name) -> String {
    let mut text = String::new();
    for Label(label) in name.0.iter().rev() {
        for &octet in label {
            match octet {
                b'.' | b'"' | b'(' | b')' | b';' | b'@' | b'$' => {
                    text.extend(['\\', char::from(octet)]);
                }
                // A backslash as a number: NSD 4.6 takes the dot behind `\\` for a part of the label.
                0x21..=0x5b | 0x5d..=0x7e => text.push(char::from(octet)),
                _ => write!(text, "\\{octet:03}").unwrap(),
            }
        }
        text.push('.');
    }
    if name.is_root() { ".".to_owned() } else { text }
}

/// Rdata in uncompressed wire form, as zone files have it.
pub fn rdata_text(rtype: u16, wire: &[u8]) -> String {
    by_parts(rtype, wire).unwrap_or_else(|| generic(wire))
}

/// Rdata of any type (RFC 3597 section 5).
pub fn generic(wire: &[u8]) -> String {
    let hex: String = wire.iter().map(|octet| format!("{octet:02x}")).collect();
    format!("\\# {} {hex}", wire.len()).trim_end().to_owned()
}

/// None where a part has no text of its own, or does not fit.
fn by_parts(rtype: u16, mut wire: &[u8]) -> Option<String> {
    let mut words = Vec::new();
    let take = |rest: &mut &[u8], octets: usize| -> Option<Vec<u8>> {
        let (taken, left) = rest.split_at_checked(octets)?;
        *rest = left;
        Some(taken.to_vec())
    };
    for part in parts(rtype).chars() {
        match part {
            'b' => words.push(take(&mut wire, 1)?[0].to_string()),
            'h' => words.push(u16::from_be_bytes(take(&mut wire, 2)?.try_into().ok()?).to_string()),
            'w' => words.push(u32::from_be_bytes(take(&mut wire, 4)?.try_into().ok()?).to_string()),
            'n' => words.push(name_text(&plain_name(&mut wire)?)),
            's' => words.push(string_text(&mut wire)?),
            't' => {
                while !wire.is_empty() {
                    words.push(string_text(&mut wire)?);
                }
            }
            'x' => words.push(std::mem::take(&mut wire).iter().map(|octet| format!("{octet:02x}")).collect()),
            '4' => words.push(std::net::Ipv4Addr::from(<[u8; 4]>::try_from(take(&mut wire, 4)?).ok()?).to_string()),
            '6' => words.push(std::net::Ipv6Addr::from(<[u8; 16]>::try_from(take(&mut wire, 16)?).ok()?).to_string()),
            _ => return None,
        }
    }
    (wire.is_empty() && !words.is_empty()).then(|| words.join(" "))
}

/// Takes an uncompressed name off the front.
pub fn plain_name(wire: &mut &[u8]) -> Option<Name> {
    let mut labels = Vec::new();
    loop {
        let (&length, rest) = wire.split_first()?;
        let (label, rest) = rest.split_at_checked(length.into())?;
        *wire = rest;
        if length == 0 {
            labels.reverse();
            return Some(Name(labels));
        }
        labels.push(Label(label.to_vec()));
    }
}

fn string_text(wire: &mut &[u8]) -> Option<String> {
    let (&length, rest) = wire.split_first()?;
    let (string, rest) = rest.split_at_checked(length.into())?;
    *wire = rest;
    let mut text = String::from('"');
    for &octet in string {
        match octet {
            b'"' | b'\\' => text.extend(['\\', char::from(octet)]),
            0x20..=0x7e => text.push(char::from(octet)),
            _ => write!(text, "\\{octet:03}").unwrap(),
        }
    }
    Some(text + "\"")
}
