//! The host identity of HIP (RFC 8005): an algorithm, a tag and a key. The rendezvous servers behind it are names.

use std::fmt;

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE, HEXUPPER};

use super::blob::decode;
use super::field::WireError;
use super::token::{TextError, Tokens};

/// Octets of the tag's length, the algorithm and the key's length (RFC 8005 section 5).
const HEADER: usize = 4;

/// Takes the algorithm, the host identity tag and the key.
pub(super) fn read(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let start = out.len();
    let algorithm = tokens.u8()?;
    out.extend_from_slice(&[0, algorithm, 0, 0]);
    let expected = "a host identity tag in hex of 1 to 255 octets";
    let tag = tokens.bare(expected)?;
    decode(&HEXLOWER_PERMISSIVE, tag, out).ok_or_else(|| tokens.refuse(expected))?;
    let key_start = out.len();
    out[start] = u8::try_from(key_start - start - HEADER)
        .ok()
        .filter(|&octets| octets > 0)
        .ok_or_else(|| tokens.refuse(expected))?;
    // RFC 8005 section 6: names may follow, so the key is one token.
    let expected = "a public key in base64, without spaces in it";
    let key = tokens.bare(expected)?;
    decode(&BASE64, key, out).ok_or_else(|| tokens.refuse(expected))?;
    let octets = u16::try_from(out.len() - key_start).ok().filter(|&octets| octets > 0);
    let octets = octets.ok_or_else(|| tokens.refuse(expected))?;
    out[start + 2..start + HEADER].copy_from_slice(&octets.to_be_bytes());
    Ok(())
}

/// The octets of the whole.
pub(super) fn length(rdata: &[u8]) -> Result<usize, WireError> {
    let (&[tag, _, high, low], rest) = rdata.split_first_chunk::<HEADER>().ok_or(WireError::CutOff)?;
    let key = u16::from_be_bytes([high, low]);
    if tag == 0 || key == 0 {
        return Err(WireError::BadValue("an empty host identity tag or key"));
    }
    let octets = usize::from(tag) + usize::from(key);
    if octets <= rest.len() { Ok(HEADER + octets) } else { Err(WireError::CutOff) }
}

/// Writes what [`length`] has cut out.
pub(super) fn write(octets: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    let (&[tag, algorithm, ..], rest) = octets.split_first_chunk::<HEADER>().ok_or(fmt::Error)?;
    let (tag, key) = rest.split_at_checked(usize::from(tag)).ok_or(fmt::Error)?;
    write!(out, "{algorithm} {} {}", HEXUPPER.encode_display(tag), BASE64.encode_display(key))
}
