//! Rdata laid out for people: names relative, what is long over several lines, with remarks.
//!
//! Does not know owners or TTLs: it is told the column in which rdata begins.

use std::fmt::Write as _;

use super::relative::relative;
use crate::wire::{Name, Record, Rtype, rdata};

/// Columns that a line should not go beyond.
const COLUMNS: usize = 100;

/// Digits of base64 or hex on one line.
const DIGITS: usize = 64;

/// A word of the rdata.
struct Word<'t> {
    text: &'t str,
    /// Whether it stands on a line of its own where the rdata takes several.
    alone: bool,
}

/// Appends the rdata of a record, the lines behind the first one indented by `indent` columns, without a line end.
pub(super) fn append(record: &Record<'_>, origin: Name<'_>, indent: usize, out: &mut String) {
    if record.rtype == Rtype::SOA && append_soa(record.rdata, origin, indent, out).is_some() {
        return;
    }
    let text = relative_text(record, origin);
    let words = if indent + text.len() <= COLUMNS { Vec::new() } else { words_of(record.rtype, &text) };
    // One long string gets no shorter on a line of its own.
    if words.len() > 1 {
        append_lines(&words, indent, out);
    } else {
        out.push_str(&text);
    }
    append_remark(record, out);
}

/// The rdata as text, its names relative.
fn relative_text(record: &Record<'_>, origin: Name<'_>) -> String {
    let mut absolute = String::new();
    // Writing into memory does not fail.
    let _ = rdata::to_text(record.rtype, record.rdata, &mut absolute);
    let mut names = rdata::names(record.rtype, record.rdata)
        .filter_map(|name| Name::from_wire(record.rdata.get(name.place)?).ok())
        .peekable();
    if names.peek().is_none() {
        return absolute;
    }
    let mut text = String::with_capacity(absolute.len());
    for word in split(&absolute) {
        if !text.is_empty() {
            text.push(' ');
        }
        // Names come in the order of the wire, and no other word ends in a dot as they do.
        match names.next_if(|name| word.ends_with('.') && name.to_string() == word) {
            Some(name) => text.push_str(&relative(name, origin)),
            None => text.push_str(word),
        }
    }
    text
}

/// The words of rdata: spaces within quotes, or behind a backslash, part none.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (mut quoted, mut escaped) = (false, false);
        let end = text.bytes().position(|octet| {
            if escaped {
                escaped = false;
                return false;
            }
            match octet {
                b'\\' => escaped = true,
                b'"' => quoted = !quoted,
                _ => {}
            }
            octet == b' ' && !quoted
        });
        match end {
            Some(end) => {
                rest = text.get(end + 1..);
                text.get(..end)
            }
            None => rest.take(),
        }
    })
}

/// The words of long rdata: long digits in pieces, strings alone.
fn words_of(rtype: Rtype, text: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = split(text).map(|text| Word { text, alone: text.starts_with('"') }).collect();
    let generic = text.starts_with("\\#");
    if (generic || ends_in_digits(rtype))
        && let Some(last) = words.pop_if(|last| last.text.len() > DIGITS)
    {
        let mut rest = last.text;
        while !rest.is_empty() {
            let (piece, tail) = rest.split_at(rest.len().min(DIGITS));
            words.push(Word { text: piece, alone: true });
            rest = tail;
        }
    }
    words
}

/// Whether the rdata of a type ends in base64 or hex, which may be cut anywhere (RFC 4034 sections 2.2, 3.2, 5.3 and the
/// like).
fn ends_in_digits(rtype: Rtype) -> bool {
    matches!(
        rtype,
        Rtype::SIG
            | Rtype::KEY
            | Rtype::CERT
            | Rtype::DS
            | Rtype::SSHFP
            | Rtype::RRSIG
            | Rtype::DNSKEY
            | Rtype::DHCID
            | Rtype::TLSA
            | Rtype::SMIMEA
            | Rtype::RKEY
            | Rtype::CDS
            | Rtype::CDNSKEY
            | Rtype::OPENPGPKEY
            | Rtype::ZONEMD
            | Rtype::TA
            | Rtype::DLV
    )
}

/// Appends words in parentheses: as many to a line as fit, but for those that stand alone.
fn append_lines(words: &[Word<'_>], indent: usize, out: &mut String) {
    let (mut column, mut opened, mut fresh) = (indent, false, true);
    for word in words {
        if word.alone || (!fresh && column + 1 + word.text.len() > COLUMNS) {
            if !opened {
                out.push_str(if fresh { "(" } else { " (" });
                opened = true;
            }
            new_line(indent, out);
            (column, fresh) = (indent, true);
        }
        if !fresh {
            out.push(' ');
        }
        out.push_str(word.text);
        column += word.text.len() + usize::from(!fresh);
        fresh = false;
        if word.alone {
            column = COLUMNS;
        }
    }
    if opened {
        out.push_str(" )");
    }
}

fn new_line(indent: usize, out: &mut String) {
    let _ = write!(out, "\n{:indent$}", "");
}

/// Appends an SOA, a number to a line; none where it is not one.
fn append_soa(rdata: &[u8], origin: Name<'_>, indent: usize, out: &mut String) -> Option<()> {
    let (server, rest) = Name::split_from(rdata).ok()?;
    let (mailbox, rest) = Name::split_from(rest).ok()?;
    let (numbers, []) = rest.as_chunks::<4>() else { return None };
    let [serial, refresh, retry, expire, minimum] = <[[u8; 4]; 5]>::try_from(numbers).ok()?.map(u32::from_be_bytes);
    let _ = write!(out, "{} {} (", relative(server, origin), relative(mailbox, origin));
    new_line(indent, out);
    let _ = write!(out, "{serial:<10} ; serial");
    for (seconds, what) in [(refresh, "refresh"), (retry, "retry"), (expire, "expire"), (minimum, "minimum")] {
        new_line(indent, out);
        let _ = write!(out, "{seconds:<10} ; {what}: {}", period(seconds));
    }
    new_line(indent, out);
    out.push(')');
    Some(())
}

/// A period in words: `1 hour 30 minutes`.
fn period(seconds: u32) -> String {
    const UNITS: [(u32, &str); 5] =
        [(604_800, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let (mut rest, mut text) = (seconds, String::new());
    for (unit, word) in UNITS {
        let count = rest / unit;
        rest %= unit;
        if count > 0 || (seconds == 0 && unit == 1) {
            let space = if text.is_empty() { "" } else { " " };
            let _ = write!(text, "{space}{count} {word}{}", if count == 1 { "" } else { "s" });
        }
    }
    text
}

/// Says what rdata does not show by itself: the tag of a key, and whether it signs keys.
fn append_remark(record: &Record<'_>, out: &mut String) {
    if !matches!(record.rtype, Rtype::DNSKEY | Rtype::CDNSKEY) {
        return;
    }
    if let Some(&[_, flags]) = record.rdata.first_chunk() {
        // RFC 4034 section 2.1.1: bit 15 is the Secure Entry Point.
        let role = if flags & 1 == 1 { "key-signing key" } else { "zone-signing key" };
        let _ = write!(out, " ; {role}, tag {}", key_tag(record.rdata));
    }
}

/// The key tag of DNSKEY rdata (RFC 4034 appendix B). Algorithm 1 has its own way and is long gone (RFC 8624).
fn key_tag(rdata: &[u8]) -> u16 {
    let octets = rdata.iter().enumerate();
    let sum = octets.fold(0u32, |sum, (at, &octet)| sum + (u32::from(octet) << if at % 2 == 0 { 8 } else { 0 }));
    (sum + (sum >> 16)) as u16
}

#[cfg(test)]
#[path = "rdata_layout_tests.rs"]
mod tests;
