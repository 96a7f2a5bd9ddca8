//! LOC (RFC 1876): a place on earth, from degrees, minutes, seconds and metres to its sixteen octets and back.

use std::fmt;

use super::field::WireError;
use super::token::{TextError, Tokens, number};

/// Octets of LOC's rdata: version, size, two precisions, latitude, longitude, altitude.
pub(super) const OCTETS: usize = 16;

/// The equator and the prime meridian; angles are in thousandths of a second of arc.
const MERIDIAN: u32 = 1 << 31;
const DEGREE: u32 = 3_600_000;
/// The altitude 0 of RFC 1876, in centimetres below the reference of the text form.
const BELOW_REFERENCE: i64 = 10_000_000;
/// The largest size and precision in centimetres: a digit of 9 and a power of 9.
const SIZE_MAX: u64 = 9_000_000_000;
/// Size and precisions where the text leaves them out: 1 m, 10 km, 10 m (RFC 1876 section 3).
const DEFAULTS: [u8; 3] = [0x12, 0x16, 0x13];

/// Takes the tokens of all of LOC.
pub(super) fn read(tokens: &mut Tokens<'_>, out: &mut Vec<u8>) -> Result<(), TextError> {
    let latitude = read_angle(tokens, &LATITUDE)?;
    let longitude = read_angle(tokens, &LONGITUDE)?;
    let altitude = tokens.parse("an altitude in metres from -100000.00 to 42849672.95", |text| {
        let (sign, digits) = text.strip_prefix(b"-").map_or((1, text), |digits| (-1, digits));
        u32::try_from(BELOW_REFERENCE + sign * metres(digits)? as i64).ok()
    })?;
    let mut sizes = DEFAULTS;
    for size in &mut sizes {
        if tokens.peek().is_some() {
            *size = tokens.parse("a size in metres from 0 to 90000000.00", |text| metres(text).and_then(power))?;
        }
    }
    out.extend_from_slice(&[0, sizes[0], sizes[1], sizes[2]]);
    for value in [latitude, longitude, altitude] {
        out.extend_from_slice(&value.to_be_bytes());
    }
    Ok(())
}

/// What tells a latitude from a longitude.
struct Circle {
    degrees_max: u32,
    /// The letters of the halves above and below the middle.
    halves: [u8; 2],
    degrees: &'static str,
    half: &'static str,
    minutes: &'static str,
    seconds: &'static str,
    within: &'static str,
}

const LATITUDE: Circle = Circle {
    degrees_max: 90,
    halves: *b"NS",
    degrees: "degrees of latitude from 0 to 90",
    half: "N or S",
    minutes: "minutes from 0 to 59, or N or S",
    seconds: "seconds from 0 to 59.999, or N or S",
    within: "a latitude of at most 90 degrees",
};

const LONGITUDE: Circle = Circle {
    degrees_max: 180,
    halves: *b"EW",
    degrees: "degrees of longitude from 0 to 180",
    half: "E or W",
    minutes: "minutes from 0 to 59, or E or W",
    seconds: "seconds from 0 to 59.999, or E or W",
    within: "a longitude of at most 180 degrees",
};

/// Takes `degrees [minutes [seconds]] half`.
fn read_angle(tokens: &mut Tokens<'_>, circle: &Circle) -> Result<u32, TextError> {
    let is_half = |text: &[u8]| text.len() == 1 && circle.halves.contains(&text[0].to_ascii_uppercase());
    let mut angle = tokens
        .parse(circle.degrees, |text| number(text, circle.degrees_max.into()).map(|degrees| degrees as u32 * DEGREE))?;
    let mut half = tokens.bare(circle.minutes)?;
    if !is_half(half) {
        angle += number(half, 59).ok_or_else(|| tokens.refuse(circle.minutes))? as u32 * 60_000;
        half = tokens.bare(circle.seconds)?;
        if !is_half(half) {
            let seconds = decimal(half, 3).filter(|&seconds| seconds < 60_000);
            angle += seconds.ok_or_else(|| tokens.refuse(circle.seconds))? as u32;
            half = tokens.bare(circle.half)?;
        }
    }
    if !is_half(half) {
        return Err(tokens.refuse(circle.half));
    }
    if angle > circle.degrees_max * DEGREE {
        return Err(tokens.refuse(circle.within));
    }
    let above = half[0].eq_ignore_ascii_case(&circle.halves[0]);
    Ok(if above { MERIDIAN + angle } else { MERIDIAN - angle })
}

/// Reads a decimal number with up to `places` digits behind its point, in units of the last of them.
fn decimal(text: &[u8], places: usize) -> Option<u64> {
    let point = text.iter().position(|&octet| octet == b'.');
    let (whole, fraction) = point.map_or((text, &b""[..]), |point| (&text[..point], &text[point + 1..]));
    if fraction.len() > places || (point.is_some() && fraction.is_empty()) {
        return None;
    }
    let mut value = number(whole, u32::MAX.into())?;
    for place in 0..places {
        let digit = fraction.get(place).copied().unwrap_or(b'0').wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value)
}

/// Reads metres with up to two decimals and perhaps an `m`, in centimetres.
fn metres(text: &[u8]) -> Option<u64> {
    decimal(text.strip_suffix(b"m").or_else(|| text.strip_suffix(b"M")).unwrap_or(text), 2)
}

/// Centimetres as one decimal digit and a power of ten, in four bits each; digits behind the first are cut off.
fn power(centimetres: u64) -> Option<u8> {
    let (mut digit, mut exponent) = (centimetres, 0);
    while digit > 9 {
        (digit, exponent) = (digit / 10, exponent + 1);
    }
    (centimetres <= SIZE_MAX).then_some((digit as u8) << 4 | exponent)
}

/// Checks the version, the powers of ten and the angles of sixteen octets.
pub(super) fn check(octets: &[u8]) -> Result<(), WireError> {
    let word = |at: usize| octets[at..at + 4].iter().fold(0u32, |value, &octet| value << 8 | u32::from(octet));
    if octets[0] != 0 {
        return Err(WireError::BadValue("a LOC version other than 0"));
    }
    if octets[1..4].iter().any(|&power| power >> 4 > 9 || power & 15 > 9 || (power >> 4 == 0 && power != 0)) {
        return Err(WireError::BadValue("a LOC size that is no digit with a power of ten"));
    }
    if word(4).abs_diff(MERIDIAN) > LATITUDE.degrees_max * DEGREE
        || word(8).abs_diff(MERIDIAN) > LONGITUDE.degrees_max * DEGREE
    {
        return Err(WireError::BadValue("a LOC angle beyond the pole or the date line"));
    }
    Ok(())
}

/// Writes sixteen octets that [`check`] has passed.
pub(super) fn write(octets: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    let word = |at: usize| octets[at..at + 4].iter().fold(0u32, |value, &octet| value << 8 | u32::from(octet));
    for (angle, circle) in [(word(4), &LATITUDE), (word(8), &LONGITUDE)] {
        let half = char::from(circle.halves[usize::from(angle < MERIDIAN)]);
        let angle = angle.abs_diff(MERIDIAN);
        let (degrees, minutes) = (angle / DEGREE, angle / 60_000 % 60);
        write!(out, "{degrees} {minutes} {}.{:03} {half} ", angle / 1_000 % 60, angle % 1_000)?;
    }
    let altitude = i64::from(word(12)) - BELOW_REFERENCE;
    let sign = if altitude < 0 { "-" } else { "" };
    write!(out, "{sign}{}.{:02}m", altitude.abs() / 100, altitude.abs() % 100)?;
    for &size in &octets[1..4] {
        let centimetres = u64::from(size >> 4) * 10u64.pow(u32::from(size & 15));
        write!(out, " {}.{:02}m", centimetres / 100, centimetres % 100)?;
    }
    Ok(())
}
