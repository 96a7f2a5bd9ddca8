//! The three ways through a type's row: text to wire, wire checked, wire to text; and the generic form of any type.

use std::fmt;

use data_encoding::HEXLOWER;

use super::blob;
use super::field::{Field, WireError};
use super::token::{Mistake, Span, TextError, Tokens, number};
use crate::base::limits::RDATA_OCTETS_MAX;
use crate::wire::{Name, Rtype};

/// Appends the wire form of the rdata that `tokens` of `octets` are to `out`: names uncompressed and completed with `origin`, their case kept.
///
/// Reads the type's own text form, and for any type the generic `\# length hex` (RFC 3597 section 5); of a known type
/// what that gives must fit the type. On an error `out` is as it was.
pub fn from_text(
    rtype: Rtype,
    octets: &[u8],
    tokens: &[Span],
    origin: Option<Name<'_>>,
    out: &mut Vec<u8>,
) -> Result<(), TextError> {
    let start = out.len();
    let mut source = Tokens::new(octets, tokens);
    let generic = source.peek().is_some_and(|first| first.text == b"\\#" && !first.quoted);
    let result = if generic { read_generic(rtype, &mut source, out) } else { read(rtype, &mut source, origin, out) };
    let result = match result {
        Ok(()) if !source.are_taken() => {
            let _ = source.take("");
            Err(source.refuse("the end of the record").sorted(Mistake::Surplus))
        }
        Ok(()) if out.len() - start > RDATA_OCTETS_MAX => Err(source.refuse("rdata of at most 65535 octets")),
        result => result,
    };
    if result.is_err() {
        out.truncate(start);
    }
    result
}

fn read(rtype: Rtype, tokens: &mut Tokens<'_>, origin: Option<Name<'_>>, out: &mut Vec<u8>) -> Result<(), TextError> {
    rtype.row().fields.iter().try_for_each(|field| field.read(tokens, origin, out))
}

/// Reads `\# length hex...` (RFC 3597 section 5).
fn read_generic(rtype: Rtype, tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let start = out.len();
    tokens.bare("`\\#`")?;
    let length = tokens.parse("the length of the rdata: a number from 0 to 65535", |text| {
        number(text, RDATA_OCTETS_MAX as u64).map(|length| length as usize)
    })?;
    blob::read_hex(tokens, out)?;
    let given = out.len() - start;
    if given != length {
        let expected = format!("hex of the announced length {length}, not {given}");
        let error = tokens.refuse(expected);
        // Where octets are missing, the place to add them is behind the last token.
        return Err(TextError { token: error.token + usize::from(given < length), ..error });
    }
    check(rtype, &out[start..]).map_err(|error| tokens.refuse(format!("rdata that fits the type {rtype} ({error})")))
}

/// Checks rdata in wire form, its names uncompressed, against the fields of its type. Any rdata fits an unknown type.
pub fn check(rtype: Rtype, rdata: &[u8]) -> Result<(), WireError> {
    let mut rest = rdata;
    for field in rtype.row().fields {
        rest = rest.get(field.length(rest)?..).ok_or(WireError::CutOff)?;
    }
    if rest.is_empty() { Ok(()) } else { Err(WireError::TrailingOctets) }
}

/// Writes the presentation form, names absolute.
///
/// Rdata that does not fit its type, or that has no text form of its own, is written in the generic form `\# length hex`
/// (RFC 3597 section 5). What is written, [`from_text`] takes back to the same octets if they fit the type.
pub fn to_text(rtype: Rtype, rdata: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    let fields = rtype.row().fields;
    if !has_text(fields, rdata) {
        return write_generic(rdata, out);
    }
    let mut rest = rdata;
    for (index, field) in fields.iter().enumerate() {
        let (octets, tail) = rest.split_at_checked(field.length(rest).unwrap_or(0)).unwrap_or_default();
        rest = tail;
        if octets.is_empty() && field.may_be_absent() {
            continue;
        }
        if index > 0 {
            out.write_char(' ')?;
        }
        field.write(octets, out)?;
    }
    Ok(())
}

/// Whether rdata fits `fields`, and each of them has a text form that gives back its octets.
fn has_text(fields: &[Field], rdata: &[u8]) -> bool {
    let mut rest = rdata;
    for field in fields {
        let Some((octets, tail)) = field.length(rest).ok().and_then(|length| rest.split_at_checked(length)) else {
            return false;
        };
        if !field.has_text(octets) {
            return false;
        }
        rest = tail;
    }
    rest.is_empty()
}

/// Writes the generic form `\# length hex` (RFC 3597 section 5), which serves any type.
pub fn write_generic(rdata: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    write!(out, "\\# {}", rdata.len())?;
    if rdata.is_empty() { Ok(()) } else { write!(out, " {}", HEXLOWER.encode_display(rdata)) }
}
