//! Binary fields: hex, base64 and base32hex, decoded straight into the rdata.
//!
//! Hex and base64 run to the end of the record and may be split over tokens at any digit (RFC 4034 sections 2.2, 5.3).

use data_encoding::{BASE32_DNSSEC, BASE64, Encoding, HEXLOWER_PERMISSIVE};

use super::token::{TextError, Tokens};

/// Digits of one group of base64, the largest group here.
const GROUP_MAX: usize = 4;

/// Takes all tokens left as hex digits.
pub(super) fn read_hex(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    if tokens.take_only(|digits| append_hex(digits, out)) {
        return Ok(());
    }
    read_groups(tokens, &HEXLOWER_PERMISSIVE, 2, "pairs of hex digits", out)
}

/// What each octet is worth as a hex digit; more than 15 where it is none.
static HEX_VALUES: [u8; 256] = {
    let (mut values, mut value) = ([0xff; 256], 0);
    while value < 16 {
        let digit = b"0123456789abcdef"[value];
        values[digit as usize] = value as u8;
        values[digit.to_ascii_uppercase() as usize] = value as u8;
        value += 1;
    }
    values
};

/// Appends what pairs of hex digits stand for, with no more care than one token in a row needs: DS records are many. Where
/// it returns false `out` is as it was, and `read_groups`, the twin that the tests compare with, says what is wrong.
fn append_hex(digits: &[u8], out: &mut Vec<u8>) -> bool {
    let (start, mut all) = (out.len(), 0);
    let (pairs, odd) = digits.as_chunks::<2>();
    out.resize(start + pairs.len(), 0);
    for (octet, &[high, low]) in out[start..].iter_mut().zip(pairs) {
        let (high, low) = (HEX_VALUES[usize::from(high)], HEX_VALUES[usize::from(low)]);
        all |= high | low;
        *octet = high << 4 | low;
    }
    let taken = all < 16 && odd.is_empty() && !pairs.is_empty();
    if !taken {
        out.truncate(start);
    }
    taken
}

/// Takes all tokens left as base64, padded.
pub(super) fn read_base64(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    read_groups(tokens, &BASE64, 4, "base64", out)
}

/// Decodes all tokens left, whose digits come in groups of `group`.
fn read_groups(
    tokens: &mut Tokens<'_>,
    encoding: &Encoding,
    group: usize,
    expected: &'static str,
    out: &mut Vec<u8>,
) -> Result<(), TextError> {
    // The digits of a group that the tokens so far have begun and not ended.
    let (mut begun, mut count) = ([0u8; GROUP_MAX], 0);
    let mut padded = false;
    while !tokens.are_taken() {
        let mut text = tokens.bare(expected)?;
        if padded || text.is_empty() {
            return Err(tokens.refuse(expected));
        }
        if count > 0 {
            let (head, tail) = text.split_at(text.len().min(group - count));
            begun[count..count + head.len()].copy_from_slice(head);
            (count, text) = (count + head.len(), tail);
            if count < group {
                continue;
            }
            padded = decode(encoding, &begun[..group], out).ok_or_else(|| tokens.refuse(expected))?;
        }
        if padded && !text.is_empty() {
            return Err(tokens.refuse(expected));
        }
        let (whole, rest) = text.split_at(text.len() - text.len() % group);
        if !whole.is_empty() {
            padded = decode(encoding, whole, out).ok_or_else(|| tokens.refuse(expected))?;
        }
        begun[..rest.len()].copy_from_slice(rest);
        count = rest.len();
        if padded && count > 0 {
            return Err(tokens.refuse(expected));
        }
    }
    if count > 0 { Err(tokens.refuse(expected)) } else { Ok(()) }
}

/// Appends what whole groups of digits stand for; whether they end in padding.
pub(super) fn decode(encoding: &Encoding, digits: &[u8], out: &mut Vec<u8>) -> Option<bool> {
    let padding = digits.iter().rev().take_while(|&&digit| digit == b'=').count();
    let octets = encoding.decode_len(digits.len()).ok()?;
    let start = out.len();
    out.resize(start + octets, 0);
    let written = encoding.decode_mut(digits, &mut out[start..]).ok()?;
    out.truncate(start + written);
    // The decoder takes padded groups in the middle too; each of them gives fewer octets than its digits promise.
    (written + padding == octets).then_some(padding > 0)
}

/// Takes one token as an NSAP address: `0x` and hex, with dots wherever they please (RFC 1706 section 6).
pub(super) fn read_nsap(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let expected = "an NSAP address such as 0x47.0005.80";
    let digits = tokens.parse(expected, |text| text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X")))?;
    append_dotted_hex(digits, out).ok_or_else(|| tokens.refuse(expected))
}

/// Appends what pairs of hex digits stand for, at least one pair, with dots wherever they please.
pub(super) fn append_dotted_hex(digits: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (start, mut half) = (out.len(), None);
    for &digit in digits.iter().filter(|&&digit| digit != b'.') {
        let value = char::from(digit).to_digit(16)? as u8;
        match half.take() {
            Some(high) => out.push(high << 4 | value),
            None => half = Some(value),
        }
    }
    (half.is_none() && out.len() > start).then_some(())
}

/// Takes all tokens left as base64, or `-` for no octets.
pub(super) fn read_base64_or_dash(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    tokens.peek_or("base64, or `-` for no octets")?;
    if tokens.peek().is_some_and(|token| token.text == b"-" && !token.quoted) {
        return tokens.take("").map(|_| ());
    }
    read_base64(tokens, out)
}

/// Takes one token as a salt: `-`, or hex of up to 255 octets.
pub(super) fn read_salt(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let expected = "a salt in hex of at most 255 octets, or `-` for none";
    match tokens.bare(expected)? {
        b"-" => {
            out.push(0);
            Ok(())
        }
        digits => read_counted(&HEXLOWER_PERMISSIVE, digits, out).ok_or_else(|| tokens.refuse(expected)),
    }
}

/// Takes one token as a hashed owner name in base32hex, without padding.
pub(super) fn read_next_hash(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let expected = "a hash in base32hex of at most 255 octets";
    let digits = tokens.bare(expected)?;
    read_counted(&BASE32_DNSSEC, digits, out).ok_or_else(|| tokens.refuse(expected))
}

/// Appends a length octet and what `digits` stand for: 1 to 255 octets.
fn read_counted(encoding: &Encoding, digits: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let octets = encoding.decode_len(digits.len()).ok()?;
    out.push(u8::try_from(octets).ok().filter(|&octets| octets > 0)?);
    let start = out.len();
    out.resize(start + octets, 0);
    encoding.decode_mut(digits, &mut out[start..]).ok().map(|_| ())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::token::Span;
    use super::*;

    proptest! {
        #[test]
        fn one_token_of_hex_is_as_its_twin_reads_it(text in "([0-9a-fA-F]{2}){0,9}|[0-9a-gA-G@`/:]{0,6}|.{0,4}") {
            let (spans, mut hex, mut twin) = ([Span::over(text.as_bytes())], vec![7], vec![7]);
            let taken = append_hex(text.as_bytes(), &mut hex);
            let mut tokens = Tokens::new(text.as_bytes(), &spans);
            let result = read_groups(&mut tokens, &HEXLOWER_PERMISSIVE, 2, "pairs of hex digits", &mut twin);
            prop_assert_eq!(taken, result.is_ok());
            prop_assert_eq!(hex, if taken { twin } else { vec![7] });
        }
    }
}
