//! The parameters of SVCB and HTTPS (RFC 9460): keys with values, each key in its own form.
//!
//! Does not know what a client does with them.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use data_encoding::BASE64;

use super::address::{ipv4, ipv6};
use super::blob;
use super::field::WireError;
use super::strings::append_unescaped;
use super::token::{Mistake, TextError, Tokens, number};
use crate::base::limits::RDATA_OCTETS_MAX;
use crate::wire::unescape;

/// The form of a key's value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Keys, ascending (RFC 9460 section 8).
    Keys,
    /// Strings of 1 to 255 octets (RFC 9460 section 7.1).
    Strings,
    /// No value.
    Nothing,
    /// A port.
    Port,
    /// IPv4 addresses.
    Ipv4s,
    /// IPv6 addresses.
    Ipv6s,
    /// One or more octets in base64 (RFC 9848).
    Base64,
    /// A path as a URI template in UTF-8, with a variable `dns` (RFC 9461 section 5).
    Template,
    /// Numbers of two octets, each once, in the order they have (draft-ietf-tls-key-share-prediction section 3.1).
    Groups,
    /// Strings of 1 to 255 octets, perhaps none: the segments of a path (RFC 9953 section 3).
    Segments,
    /// Any octets.
    Octets,
}

struct Key {
    code: u16,
    name: &'static str,
    form: Form,
    /// What the text of its value must be.
    expected: &'static str,
}

macro_rules! keys {
    ($($code:literal $name:literal $form:ident $expected:literal,)+) => {
        static KEYS: [Key; [$($code),+].len()] = [
            $(Key { code: $code, name: $name, form: Form::$form, expected: $expected },)+
        ];
    };
}

keys! {
    0 "mandatory" Keys "keys that the record has, each once, such as mandatory=alpn,port",
    1 "alpn" Strings "protocols of 1 to 255 octets, such as alpn=h2,h3",
    2 "no-default-alpn" Nothing "no-default-alpn without a value, beside alpn",
    3 "port" Port "a port such as port=443, from 0 to 65535",
    4 "ipv4hint" Ipv4s "IPv4 addresses such as ipv4hint=192.0.2.1,192.0.2.2",
    5 "ech" Base64 "base64, as in ech=...",
    6 "ipv6hint" Ipv6s "IPv6 addresses such as ipv6hint=2001:db8::1,2001:db8::2",
    7 "dohpath" Template "a path in UTF-8 with the variable dns, such as dohpath=/dns-query{?dns}",
    8 "ohttp" Nothing "ohttp without a value",
    9 "tls-supported-groups" Groups "groups from 0 to 65535, each once, such as tls-supported-groups=29,23",
    10 "docpath" Segments "segments of 1 to 255 octets, such as docpath=dns,query",
    11 "pvd" Nothing "pvd without a value",
}

const MANDATORY: u16 = 0;
const ALPN: u16 = 1;
const NO_DEFAULT_ALPN: u16 = 2;
/// Reserved as no key at all (RFC 9460 section 14.3.2).
const NO_KEY: u16 = 65_535;
/// Octets of a key and of the length of its value.
const HEADER: usize = 4;

/// The row of a key; a key without one has any octets.
fn row(code: u16) -> &'static Key {
    static OTHER: Key = Key { code: NO_KEY, name: "", form: Form::Octets, expected: "a value with good escapes" };
    KEYS.get(usize::from(code)).unwrap_or(&OTHER)
}

/// Reads a key: its name, or `keyNNNNN` without leading zeros.
fn key_from_text(text: &[u8]) -> Option<u16> {
    if let Some(key) = KEYS.iter().find(|key| key.name.as_bytes().eq_ignore_ascii_case(text)) {
        return Some(key.code);
    }
    let digits = text.split_at_checked(3).filter(|parts| parts.0.eq_ignore_ascii_case(b"key"))?.1;
    if digits.len() > 1 && digits[0] == b'0' {
        return None;
    }
    number(digits, u64::from(NO_KEY) - 1).map(|code| code as u16)
}

/// Takes all tokens left as parameters, in any order, and appends them in the order of their keys.
///
/// A quoted value may come with its quotes in the token (`alpn="h2"` as one token) or as a token of its own behind `alpn=`.
pub(super) fn read(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let start = out.len();
    // The tokens of the two keys that say something of other keys.
    let (mut mandatory, mut no_default_alpn) = (0, 0);
    while !tokens.are_taken() {
        let text = tokens.bare("a parameter such as alpn=h2")?;
        let at = tokens.last();
        let equals = text.iter().position(|&octet| octet == b'=');
        let (name, mut value) = text.split_at(equals.unwrap_or(text.len()));
        let code = key_from_text(name).ok_or_else(|| tokens.refuse("a parameter such as alpn=h2 or key667=..."))?;
        value = value.get(1..).unwrap_or_default();
        if let Some(quoted) = tokens.peek().filter(|next| next.quoted && equals.is_some() && value.is_empty()) {
            let _ = tokens.take("");
            value = quoted.text;
        } else if let [b'"', inner @ ..] = value {
            value = inner.strip_suffix(b"\"").ok_or_else(|| tokens.refuse("a value whose quotes end with it"))?;
        }
        match code {
            MANDATORY => mandatory = at,
            NO_DEFAULT_ALPN => no_default_alpn = at,
            _ => {}
        }
        let refuse = |expected| TextError { token: at, expected, mistake: Mistake::Value };
        let place = place(code, &out[start..]).ok_or_else(|| refuse("each key once".into()))?;
        let end = out.len();
        out.extend_from_slice(&code.to_be_bytes());
        out.extend_from_slice(&[0; 2]);
        // `key1` to `key11` take the same octets as their names do, but as they are on the wire.
        let by_number = name.get(..3).is_some_and(|front| front.eq_ignore_ascii_case(b"key"));
        let form = if by_number { Form::Octets } else { row(code).form };
        let known = read_value(form, value, out).filter(|()| check_value(code, &out[end + HEADER..]).is_ok());
        known.ok_or_else(|| refuse(row(code).expected.into()))?;
        let length = u16::try_from(out.len() - end - HEADER).ok().filter(|_| out.len() - start <= RDATA_OCTETS_MAX);
        let length = length.ok_or_else(|| refuse("rdata of at most 65535 octets".into()))?;
        out[end + 2..end + HEADER].copy_from_slice(&length.to_be_bytes());
        out[start + place..].rotate_right(HEADER + usize::from(length));
    }
    check_together(&out[start..])
        .map_err(|code| (if code == MANDATORY { mandatory } else { no_default_alpn }, row(code).expected))
        .map_err(|(token, expected)| TextError { token, expected: expected.into(), mistake: Mistake::Value })
}

/// Where a parameter with this key belongs among others; none where the key is there already.
fn place(code: u16, params: &[u8]) -> Option<usize> {
    let (mut rest, mut at) = (params, 0);
    while let Some((key, value, tail)) = split_param(rest) {
        if key >= code {
            return (key > code).then_some(at);
        }
        (rest, at) = (tail, at + HEADER + value.len());
    }
    Some(at)
}

/// The first parameter's key and value, and what follows it.
fn split_param(params: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (header, tail) = params.split_first_chunk::<HEADER>()?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let (value, tail) = tail.split_at_checked(length)?;
    Some((u16::from_be_bytes([header[0], header[1]]), value, tail))
}

/// Appends the wire form of a value.
fn read_value(form: Form, text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let start = out.len();
    match form {
        Form::Nothing => return text.is_empty().then_some(()),
        Form::Octets | Form::Template => return append_unescaped(text, out),
        Form::Segments if text.is_empty() => {}
        Form::Strings | Form::Segments => return read_strings(text, out),
        Form::Groups => {
            for group in text.split(|&octet| octet == b',') {
                out.extend_from_slice(&(number(group, 65_535)? as u16).to_be_bytes());
            }
        }
        Form::Port => out.extend_from_slice(&(number(text, 65_535)? as u16).to_be_bytes()),
        Form::Base64 => {
            blob::decode(&BASE64, text, out)?;
        }
        Form::Keys => {
            for key in text.split(|&octet| octet == b',') {
                out.extend_from_slice(&key_from_text(key)?.to_be_bytes());
            }
            out[start..].as_chunks_mut::<2>().0.sort_unstable();
        }
        Form::Ipv4s => {
            for address in text.split(|&octet| octet == b',') {
                out.extend_from_slice(&ipv4(address)?);
            }
        }
        Form::Ipv6s => {
            for address in text.split(|&octet| octet == b',') {
                out.extend_from_slice(&ipv6(address)?);
            }
        }
    }
    Some(())
}

/// Appends strings that commas separate, each with its length octet.
///
/// Escapes are resolved twice (RFC 9460 appendix A.1): first those of any string, then `\,` and `\\` in what that gives.
fn read_strings(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = text;
    let mut next = || {
        let (&first, tail) = rest.split_first()?;
        rest = tail;
        Some(if first == b'\\' { unescape(&mut rest) } else { Some(first) })
    };
    let mut start = out.len();
    out.push(0);
    while let Some(octet) = next() {
        match octet? {
            b',' => {
                out[start] = u8::try_from(out.len() - start - 1).ok()?;
                start = out.len();
                out.push(0);
            }
            b'\\' => out.push(next()?.filter(|&octet| matches!(octet, b',' | b'\\'))?),
            octet => out.push(octet),
        }
    }
    out[start] = u8::try_from(out.len() - start - 1).ok()?;
    Some(())
}

/// Checks parameters to the end of the rdata.
pub(super) fn check(rdata: &[u8]) -> Result<usize, WireError> {
    let (mut rest, mut least) = (rdata, 0u32);
    while !rest.is_empty() {
        let (code, value, tail) = split_param(rest).ok_or(WireError::CutOff)?;
        if u32::from(code) < least || code == NO_KEY {
            return Err(WireError::BadValue("SvcParamKeys that do not ascend"));
        }
        check_value(code, value)?;
        (rest, least) = (tail, u32::from(code) + 1);
    }
    match check_together(rdata) {
        Ok(()) => Ok(rdata.len()),
        Err(MANDATORY) => Err(WireError::BadValue("a mandatory SvcParamKey that is not there")),
        Err(_) => Err(WireError::BadValue("no-default-alpn without alpn")),
    }
}

/// Checks the value of one key.
fn check_value(code: u16, value: &[u8]) -> Result<(), WireError> {
    let lists = |octets: usize| !value.is_empty() && value.len().is_multiple_of(octets);
    let good = match row(code).form {
        Form::Keys => {
            let keys = value.as_chunks::<2>().0;
            // RFC 9460 section 8: ascending, each once, never `mandatory` itself.
            lists(2) && keys[0] != MANDATORY.to_be_bytes() && keys.is_sorted_by(|a, b| a < b)
        }
        Form::Strings => are_strings(value) && !value.is_empty(),
        Form::Segments => are_strings(value),
        Form::Groups => lists(2) && are_distinct(value.as_chunks::<2>().0),
        Form::Nothing => value.is_empty(),
        Form::Port => value.len() == 2,
        Form::Ipv4s => lists(4),
        Form::Ipv6s => lists(16),
        Form::Base64 => lists(1),
        Form::Template => std::str::from_utf8(value).is_ok_and(is_dns_template),
        Form::Octets => true,
    };
    if good { Ok(()) } else { Err(BAD_VALUE) }
}

/// Whether octets are strings with their lengths, none of them empty.
fn are_strings(value: &[u8]) -> bool {
    let mut rest = value;
    while let Some((&length, tail)) = rest.split_first() {
        match tail.get(usize::from(length)..) {
            Some(others) if length > 0 => rest = others,
            _ => return false,
        }
    }
    true
}

/// Whether no number is there twice.
fn are_distinct(numbers: &[[u8; 2]]) -> bool {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    sorted.is_sorted_by(|a, b| a < b)
}

/// Whether a URI template (RFC 6570) is a path in which a variable `dns` is expanded (RFC 9461 section 5).
fn is_dns_template(template: &str) -> bool {
    let expressions = template.split('{').skip(1).filter_map(|tail| tail.split_once('}')).map(|(inner, _)| inner);
    let mut variables = expressions.flat_map(|inner| inner.trim_start_matches(OPERATORS).split(','));
    template.starts_with('/') && variables.any(|variable| variable.split([':', '*']).next() == Some("dns"))
}

/// What an expression may begin with (RFC 6570 section 2.2).
const OPERATORS: [char; 7] = ['+', '#', '.', '/', ';', '?', '&'];

const BAD_VALUE: WireError = WireError::BadValue("a SvcParam whose value does not fit its key");

/// Checks what keys say of each other (RFC 9460 sections 7.1.1 and 8), or gives the key that is wrong.
fn check_together(params: &[u8]) -> Result<(), u16> {
    let mut rest = params;
    let (mut wanted, mut alpn): (&[[u8; 2]], bool) = (&[], false);
    while let Some((code, value, tail)) = split_param(rest) {
        match code {
            MANDATORY => wanted = value.as_chunks::<2>().0,
            ALPN => alpn = true,
            NO_DEFAULT_ALPN if !alpn => return Err(NO_DEFAULT_ALPN),
            _ => {}
        }
        // Both ascend: the next wanted key must come before any greater one.
        if let Some((_, others)) = wanted.split_first().filter(|(first, _)| **first == code.to_be_bytes()) {
            wanted = others;
        }
        rest = tail;
    }
    if wanted.is_empty() { Ok(()) } else { Err(MANDATORY) }
}

/// Writes parameters that [`check`] has passed. No quotes are needed: what must not stand bare is escaped.
pub(super) fn write(octets: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    let mut rest = octets;
    while let Some((code, value, tail)) = split_param(rest) {
        if rest.len() < octets.len() {
            out.write_char(' ')?;
        }
        write_key(code, out)?;
        if !value.is_empty() {
            out.write_char('=')?;
            write_value(row(code).form, value, out)?;
        }
        rest = tail;
    }
    Ok(())
}

fn write_key(code: u16, out: &mut dyn fmt::Write) -> fmt::Result {
    match row(code).name {
        "" => write!(out, "key{code}"),
        name => out.write_str(name),
    }
}

fn write_value(form: Form, value: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    let separate = |index: usize, out: &mut dyn fmt::Write| if index > 0 { out.write_char(',') } else { Ok(()) };
    match form {
        Form::Keys => value.as_chunks::<2>().0.iter().enumerate().try_for_each(|(index, code)| {
            separate(index, out)?;
            write_key(u16::from_be_bytes(*code), out)
        }),
        Form::Groups => value.as_chunks::<2>().0.iter().enumerate().try_for_each(|(index, group)| {
            separate(index, out)?;
            write!(out, "{}", u16::from_be_bytes(*group))
        }),
        Form::Strings | Form::Segments => {
            let mut rest = value;
            while let Some((&length, tail)) = rest.split_first() {
                separate(value.len() - rest.len(), out)?;
                let (string, tail) = tail.split_at_checked(usize::from(length)).ok_or(fmt::Error)?;
                for &octet in string {
                    match octet {
                        b',' => out.write_str("\\\\,")?,
                        b'\\' => out.write_str("\\\\\\\\")?,
                        _ => write_bare(octet, out)?,
                    }
                }
                rest = tail;
            }
            Ok(())
        }
        Form::Port => value
            .iter()
            .try_fold(0, |port, &octet| Ok(port << 8 | u32::from(octet)))
            .and_then(|port| write!(out, "{port}")),
        Form::Ipv4s => value.as_chunks::<4>().0.iter().enumerate().try_for_each(|(index, address)| {
            separate(index, out)?;
            write!(out, "{}", Ipv4Addr::from(*address))
        }),
        Form::Ipv6s => value.as_chunks::<16>().0.iter().enumerate().try_for_each(|(index, address)| {
            separate(index, out)?;
            write!(out, "{}", Ipv6Addr::from(*address))
        }),
        Form::Base64 => write!(out, "{}", BASE64.encode_display(value)),
        Form::Nothing | Form::Template | Form::Octets => value.iter().try_for_each(|&octet| write_bare(octet, out)),
    }
}

/// Writes an octet so that it can stand in a token without quotes.
fn write_bare(octet: u8, out: &mut dyn fmt::Write) -> fmt::Result {
    match octet {
        b'"' | b'\\' | b';' | b'(' | b')' => write!(out, "\\{}", char::from(octet)),
        b'!'..=b'~' => out.write_char(char::from(octet)),
        _ => write!(out, "\\{octet:03}"),
    }
}
