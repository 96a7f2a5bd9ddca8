//! ATMA: the address of an ATM end system (ATM Forum, af-dans-0152).

use std::fmt;

use data_encoding::HEXUPPER;

use super::blob::append_dotted_hex;
use super::field::WireError;
use super::token::{TextError, Tokens};

/// The first octet: an ATM end system address, written in hex.
const END_SYSTEM: u8 = 0;
/// The first octet: a telephone number of E.164, written as `+` and digits.
const TELEPHONE: u8 = 1;

/// Takes one token.
pub(super) fn read(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let expected = "an ATM address in hex such as 39.246f.00, or a number such as +61200000000";
    let text = tokens.bare(expected)?;
    let appended = if let Some(number) = text.strip_prefix(b"+") {
        out.push(TELEPHONE);
        out.extend_from_slice(number);
        are_digits(number).then_some(())
    } else {
        out.push(END_SYSTEM);
        append_dotted_hex(text, out)
    };
    appended.ok_or_else(|| tokens.refuse(expected))
}

fn are_digits(number: &[u8]) -> bool {
    !number.is_empty() && number.iter().all(u8::is_ascii_digit)
}

/// Checks an address to the end of the rdata.
pub(super) fn check(rdata: &[u8]) -> Result<usize, WireError> {
    match rdata {
        [] | [END_SYSTEM | TELEPHONE] => Err(WireError::CutOff),
        [END_SYSTEM, ..] => Ok(rdata.len()),
        [TELEPHONE, number @ ..] if are_digits(number) => Ok(rdata.len()),
        [TELEPHONE, ..] => Err(WireError::BadValue("a telephone number of other than digits")),
        _ => Err(WireError::BadValue("an unknown format of ATM addresses")),
    }
}

/// Writes what [`check`] has passed.
pub(super) fn write(octets: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    match octets {
        [TELEPHONE, number @ ..] => {
            out.write_char('+')?;
            number.iter().try_for_each(|&digit| out.write_char(char::from(digit)))
        }
        [_, address @ ..] => write!(out, "{}", HEXUPPER.encode_display(address)),
        [] => Err(fmt::Error),
    }
}
