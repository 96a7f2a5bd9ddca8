//! Type bitmaps: the types at a name, in blocks of 256 (RFC 4034 section 4.1.2), or the first 128 of them (NXT).

use std::fmt;

use super::field::WireError;
use super::token::{TextError, Tokens};
use crate::wire::Rtype;

/// Octets of the bitmap of a whole block.
const BLOCK_OCTETS: usize = 32;

/// Takes all tokens left as types, in any order, and appends their bitmap.
pub(super) fn read(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let start = out.len();
    // Nearly every type is in block 0: its bits are gathered aside and put in front at the end.
    let mut low = [0u8; BLOCK_OCTETS];
    while !tokens.are_taken() {
        let Rtype(code) = tokens.parse("an RR type", Rtype::from_text)?;
        let [window, bit] = code.to_be_bytes();
        match window {
            0 => low[usize::from(bit / 8)] |= 0x80 >> (bit % 8),
            _ => set(window, bit, start, out),
        }
    }
    let length = BLOCK_OCTETS - low.iter().rev().take_while(|&&octet| octet == 0).count();
    if length > 0 {
        let high = out.len();
        out.extend_from_slice(&[0, length as u8]);
        out.extend_from_slice(&low[..length]);
        out[start..].rotate_left(high - start);
    }
    Ok(())
}

/// Sets a bit in the blocks from `start` to the end of `out`, which stay in order and as short as can be.
fn set(window: u8, bit: u8, start: usize, out: &mut Vec<u8>) {
    let mut at = start;
    while at < out.len() && out[at] < window {
        at += 2 + usize::from(out[at + 1]);
    }
    if out.get(at) != Some(&window) {
        out.splice(at..at, [window, 0]);
    }
    let (length, wanted) = (out[at + 1], bit / 8 + 1);
    if length < wanted {
        let end = at + 2 + usize::from(length);
        out.splice(end..end, std::iter::repeat_n(0, usize::from(wanted - length)));
        out[at + 1] = wanted;
    }
    out[at + 2 + usize::from(bit / 8)] |= 0x80 >> (bit % 8);
}

/// Checks that the blocks ascend, hold 1 to 32 octets each, and have no zero octet at their end; they end the rdata.
pub(super) fn check(rdata: &[u8]) -> Result<usize, WireError> {
    let (mut rest, mut least) = (rdata, 0u16);
    while let Some((&window, tail)) = rest.split_first() {
        let (&length, tail) = tail.split_first().ok_or(WireError::CutOff)?;
        let (bits, tail) = tail.split_at_checked(usize::from(length)).ok_or(WireError::CutOff)?;
        if u16::from(window) < least {
            return Err(WireError::BadValue("blocks of a type bitmap that do not ascend"));
        }
        if bits.len() > BLOCK_OCTETS || bits.last().is_none_or(|&last| last == 0) {
            return Err(WireError::BadValue("a block of a type bitmap that is empty, too long or ends in zeros"));
        }
        (rest, least) = (tail, u16::from(window) + 1);
    }
    Ok(rdata.len())
}

/// Writes the types of a bitmap that [`check`] has passed.
pub(super) fn write(octets: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    let (mut rest, mut first) = (octets, true);
    while let [window, length, tail @ ..] = rest {
        let (bits, tail) = tail.split_at_checked(usize::from(*length)).ok_or(fmt::Error)?;
        for (index, octet) in bits.iter().enumerate() {
            for bit in (0..8).filter(|bit| octet & (0x80 >> bit) != 0) {
                if !first {
                    out.write_char(' ')?;
                }
                first = false;
                write!(out, "{}", Rtype(u16::from(*window) << 8 | (index as u16 * 8 + bit)))?;
            }
        }
        rest = tail;
    }
    Ok(())
}

/// The types that NXT has bits for: those below this (RFC 2535 section 5.2).
const NXT_TYPES: u16 = 128;

/// Takes all tokens left as types, in any order, and appends NXT's bitmap of them.
pub(super) fn read_nxt(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let start = out.len();
    while !tokens.are_taken() {
        let in_bitmap = |rtype: &Rtype| (1..NXT_TYPES).contains(&rtype.0);
        let Rtype(code) = tokens.parse("an RR type from 1 to 127", |text| Rtype::from_text(text).filter(in_bitmap))?;
        let at = start + usize::from(code / 8);
        if out.len() <= at {
            out.resize(at + 1, 0);
        }
        out[at] |= 0x80 >> (code % 8);
    }
    Ok(())
}

/// Checks NXT's bitmap to the end of the rdata.
pub(super) fn check_nxt(rdata: &[u8]) -> Result<usize, WireError> {
    // RFC 2535 section 5.2: bit 0 announces another format, and no zero octets may follow.
    let bad = rdata.len() > usize::from(NXT_TYPES / 8) || rdata.first() >= Some(&0x80) || rdata.last() == Some(&0);
    if bad {
        Err(WireError::BadValue("a bitmap of NXT with bit 0, too long or ending in zeros"))
    } else {
        Ok(rdata.len())
    }
}

/// Writes the types of a bitmap that [`check_nxt`] has passed.
pub(super) fn write_nxt(bits: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    let is_set = |code: &u16| bits[usize::from(code / 8)] & (0x80 >> (code % 8)) != 0;
    for (index, code) in (0..8 * bits.len() as u16).filter(is_set).enumerate() {
        let space = if index > 0 { " " } else { "" };
        write!(out, "{space}{}", Rtype(code))?;
    }
    Ok(())
}
