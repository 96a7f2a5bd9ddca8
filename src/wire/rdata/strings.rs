//! Character strings (RFC 1035 sections 3.3 and 5.1), and the longer strings of CAA and URI.
//!
//! Does not know encodings: a string is octets.

use std::fmt;

use super::field::WireError;
use super::token::{Mistake, TextError, Token, Tokens};
use crate::wire::unescape;

const EXPECTED: &str = "a string of at most 255 octets";
const BAD_ESCAPE: &str = "an escape: `\\` with three digits up to 255, or with one other character";

/// Takes one token, quoted or not, as a string with its length octet.
pub(super) fn read_one(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let start = out.len();
    out.push(0);
    read_long(tokens, EXPECTED, out)?;
    let Ok(length) = u8::try_from(out.len() - start - 1) else {
        let expected = format!("{EXPECTED}, not {}: split it in several", out.len() - start - 1);
        return Err(tokens.refuse(expected).sorted(Mistake::StringTooLong));
    };
    out[start] = length;
    Ok(())
}

/// Takes all tokens left, at least one.
pub(super) fn read_all(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    read_one(tokens, out)?;
    while !tokens.are_taken() {
        read_one(tokens, out)?;
    }
    Ok(())
}

/// Takes one token, quoted or not, as octets without a length.
pub(super) fn read_long(tokens: &mut Tokens<'_>, expected: &'static str, out: &mut Vec<u8>) -> Result<(), TextError> {
    let Token { text, quoted } = tokens.take(expected)?;
    // Only parameters of SVCB may hold quotes (RFC 9460 section 2.1); elsewhere some servers see two strings here.
    if !quoted && has_bare_quote(text) {
        return Err(tokens.refuse("no quote inside the string").sorted(Mistake::StrayQuote));
    }
    append_unescaped(text, out).ok_or_else(|| tokens.refuse(BAD_ESCAPE).sorted(Mistake::Escape))
}

/// Takes one token as the target of URI: not empty, without a length.
pub(super) fn read_target(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let (start, expected) = (out.len(), "a URI in quotes, not empty");
    read_long(tokens, expected, out)?;
    if out.len() == start { Err(tokens.refuse(expected)) } else { Ok(()) }
}

/// Takes one token as the property tag of CAA, with its length octet.
pub(super) fn read_tag(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let expected = "a property tag of letters and digits, such as issue";
    let tag = tokens.parse(expected, |text| is_tag(text).then_some(text))?;
    out.push(tag.len() as u8);
    out.extend_from_slice(tag);
    Ok(())
}

/// RFC 8659 section 4.1: one or more ASCII letters and digits.
fn is_tag(octets: &[u8]) -> bool {
    (1..=255).contains(&octets.len()) && octets.iter().all(u8::is_ascii_alphanumeric)
}

/// Whether there is a quote without a backslash in front of it.
fn has_bare_quote(mut text: &[u8]) -> bool {
    while let Some(at) = text.iter().position(|&octet| matches!(octet, b'"' | b'\\')) {
        if text[at] == b'"' {
            return true;
        }
        text = text.get(at + 2..).unwrap_or_default();
    }
    false
}

/// Appends `text` with its escapes resolved; none where one is bad.
pub(super) fn append_unescaped(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = text;
    while let Some(plain) = rest.iter().position(|&octet| octet == b'\\') {
        out.extend_from_slice(&rest[..plain]);
        rest = &rest[plain + 1..];
        out.push(unescape(&mut rest)?);
    }
    out.extend_from_slice(rest);
    Some(())
}

/// The octets of a string with its length octet.
pub(super) fn length(rdata: &[u8]) -> Result<usize, WireError> {
    let length = 1 + usize::from(*rdata.first().ok_or(WireError::CutOff)?);
    if length <= rdata.len() { Ok(length) } else { Err(WireError::CutOff) }
}

/// Checks that there is at least one string and that the last ends with the rdata.
pub(super) fn check_all(rdata: &[u8]) -> Result<usize, WireError> {
    let mut at = length(rdata)?;
    while at < rdata.len() {
        at += length(&rdata[at..])?;
    }
    Ok(at)
}

/// Checks a property tag and gives its octets with the length octet.
pub(super) fn check_tag(rdata: &[u8]) -> Result<usize, WireError> {
    let octets = length(rdata)?;
    if is_tag(&rdata[1..octets]) {
        Ok(octets)
    } else {
        Err(WireError::BadValue("a property tag of other than letters and digits"))
    }
}

/// Writes strings that [`check_all`] has passed.
pub(super) fn write_all(octets: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    let mut rest = octets;
    while !rest.is_empty() {
        let (string, tail) = rest.split_at(length(rest).map_err(|_| fmt::Error)?);
        if rest.len() < octets.len() {
            out.write_char(' ')?;
        }
        write_quoted(&string[1..], out)?;
        rest = tail;
    }
    Ok(())
}

/// Writes octets in quotes.
pub(super) fn write_quoted(octets: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    out.write_char('"')?;
    for &octet in octets {
        match octet {
            b'"' | b'\\' => write!(out, "\\{}", char::from(octet))?,
            b' '..=b'~' => out.write_char(char::from(octet))?,
            _ => write!(out, "\\{octet:03}")?,
        }
    }
    out.write_char('"')
}
