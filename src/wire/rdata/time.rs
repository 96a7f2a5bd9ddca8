//! Points in time and periods, as text.

use std::fmt;

use super::token::number;

const DAY: u64 = 86_400;

/// Reads a period in seconds: a number, or numbers each with a unit, `w d h m s` in any case (`1h30m`).
///
/// None for anything else, and where the sum is over 4294967295 seconds. The same form serves TTLs, whose own limit
/// (RFC 2181 section 8) is the caller's to check.
#[inline]
pub fn period(text: &[u8]) -> Option<u32> {
    number(text, u32::MAX.into()).map(|seconds| seconds as u32).or_else(|| period_with_units(text))
}

fn period_with_units(text: &[u8]) -> Option<u32> {
    let (mut total, mut rest) = (0u64, text);
    while !rest.is_empty() {
        let digits = rest.iter().position(|octet| !octet.is_ascii_digit())?;
        let unit = match rest[digits].to_ascii_lowercase() {
            b's' => 1,
            b'm' => 60,
            b'h' => 3_600,
            b'd' => DAY,
            b'w' => 7 * DAY,
            _ => return None,
        };
        total += number(&rest[..digits], u32::MAX.into())? * unit;
        if total > u32::MAX.into() {
            return None;
        }
        rest = &rest[digits + 1..];
    }
    (!text.is_empty()).then_some(total as u32)
}

/// Reads a point in time, in seconds since 1970: `YYYYMMDDHHmmSS`, or those seconds in at most ten digits (RFC 4034
/// section 3.2).
pub fn moment(text: &[u8]) -> Option<u32> {
    if text.len() != 14 {
        return number(text, u32::MAX.into()).filter(|_| text.len() <= 10).map(|seconds| seconds as u32);
    }
    let part = |from: usize, to: usize| number(&text[from..to], u64::MAX);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let in_month = match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    if year < 1970 || !(1..=in_month).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    u32::try_from(days_before(year, month, day) * DAY + hour * 3_600 + minute * 60 + second).ok()
}

/// Writes seconds since 1970 as `YYYYMMDDHHmmSS`.
pub(super) fn write(seconds: u32, out: &mut dyn fmt::Write) -> fmt::Result {
    let ([year, month, day], [hour, minute, second]) = calendar(seconds);
    write!(out, "{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
}

/// A period in seconds, as people say it: `161 days`, `1 hour`. What is left of the largest unit that fits is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(pub u32);

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(DAY as u32, "day"), (3_600, "hour"), (60, "minute")];
        let (seconds, unit) = units.into_iter().find(|unit| self.0 >= unit.0).unwrap_or((1, "second"));
        let count = self.0 / seconds;
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

/// A point in time, in seconds since 1970, as people read it: `2026-12-31 23:59:59 UTC`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u32);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([year, month, day], [hour, minute, second]) = calendar(self.0);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
    }
}

/// Year, month and day, and hour, minute and second.
fn calendar(seconds: u32) -> ([u64; 3], [u64; 3]) {
    let (days, second) = (u64::from(seconds) / DAY, u64::from(seconds) % DAY);
    // A year has at least 365 days and 8 hours short of 366: the guess is right or one too high.
    let guess = 1970 + days / 365;
    let year = if days_before(guess, 1, 1) > days { guess - 1 } else { guess };
    let month = (1..=12).rev().find(|&month| days_before(year, month, 1) <= days).unwrap_or(1);
    let day = days - days_before(year, month, 1) + 1;
    ([year, month, day], [second / 3_600, second / 60 % 60, second % 60])
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Days from 1970-01-01 to a day of a later year.
fn days_before(year: u64, month: u64, day: u64) -> u64 {
    const BEFORE_MONTH: [u64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let leap_days = |year: u64| year / 4 - year / 100 + year / 400;
    let in_year = BEFORE_MONTH.get(month as usize - 1).copied().unwrap_or(0) + u64::from(month > 2 && is_leap(year));
    (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969) + in_year + day - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_said_in_their_largest_unit() {
        for (seconds, said) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (7_199, "1 hour"),
            (86_399, "23 hours"),
            (86_400, "1 day"),
            (13_925_445, "161 days"),
            (u32::MAX, "49710 days"),
        ] {
            assert_eq!(Period(seconds).to_string(), said);
        }
    }
}
