//! The tokens of one record's rdata, taken one after the other, and the error that points at one of them.
//!
//! Does not know types or fields.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use crate::base::octets::short;
use crate::wire::{Name, NameBuf, NameError};

/// Where a token stands in the octets of its entry, as the zone-file scanner found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    start: u32,
    end: u32,
    /// Whether it stood in quotes, which are not part of the span.
    pub quoted: bool,
}

impl Span {
    /// The octets from `start` to `end`, both below 2³².
    #[inline]
    pub fn new(start: usize, end: usize, quoted: bool) -> Self {
        debug_assert!(start <= end && u32::try_from(end).is_ok());
        Self { start: start as u32, end: end as u32, quoted }
    }

    /// All of `octets` as one token.
    pub fn over(octets: &[u8]) -> Self {
        Self::new(0, octets.len(), false)
    }

    /// The octets of the token: those between the delimiters, escapes (`\DDD`, `\X`) still in them; without the quotes.
    #[inline]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The octets of the token with its quotes.
    pub fn outer_range(self) -> Range<usize> {
        let quote = usize::from(self.quoted);
        self.start as usize - quote..self.end as usize + quote
    }
}

/// One token of a record's rdata.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'t> {
    pub(super) text: &'t [u8],
    pub(super) quoted: bool,
}

/// Why tokens are not rdata of a type: which token, and what was expected in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError {
    /// The index of the token; the number of tokens where something is missing at the end.
    pub token: usize,
    /// What was expected there, to be read after the word "expected": "an IPv4 address such as 192.0.2.1".
    pub expected: Cow<'static, str>,
    /// What kind of mistake it is.
    pub mistake: Mistake,
}

/// What kind of mistake a token is, for whoever sorts errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// Not what the field holds, or not there at all.
    Value,
    /// A token behind the last field.
    Surplus,
    /// Not a domain name; without a reason where quotes are all that is wrong.
    Name(Option<NameError>),
    /// A bad escape in a string.
    Escape,
    /// A string of more than 255 octets.
    StringTooLong,
    /// A string that does not begin with a quote and has one in it.
    StrayQuote,
}

impl TextError {
    /// The same, sorted as this kind of mistake.
    pub(super) fn sorted(self, mistake: Mistake) -> Self {
        Self { mistake, ..self }
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl std::error::Error for TextError {}

/// The tokens not yet read.
pub(super) struct Tokens<'t> {
    octets: &'t [u8],
    all: &'t [Span],
    next: usize,
}

impl<'t> Tokens<'t> {
    pub(super) fn new(octets: &'t [u8], all: &'t [Span]) -> Self {
        Self { octets, all, next: 0 }
    }

    /// Whether none are left.
    #[inline]
    pub(super) fn are_taken(&self) -> bool {
        self.next >= self.all.len()
    }

    /// Whether more than `count` are left.
    pub(super) fn are_more_than(&self, count: usize) -> bool {
        self.all.len() - self.next.min(self.all.len()) > count
    }

    /// The next token, without taking it.
    #[inline]
    pub(super) fn peek(&self) -> Option<Token<'t>> {
        let span = *self.all.get(self.next)?;
        Some(Token { text: &self.octets[span.range()], quoted: span.quoted })
    }

    /// Takes the last token if `take` does, where only that is left and it does not stand in quotes.
    #[inline]
    pub(super) fn take_only(&mut self, take: impl FnOnce(&'t [u8]) -> bool) -> bool {
        let Some([span]) = self.all.get(self.next..) else { return false };
        let taken = !span.quoted && take(&self.octets[span.range()]);
        self.next += usize::from(taken);
        taken
    }

    /// Makes sure that there is a next token.
    #[inline]
    pub(super) fn peek_or(&self, expected: &'static str) -> Result<(), TextError> {
        if self.are_taken() { Err(self.missing(expected)) } else { Ok(()) }
    }

    /// The error for a token that is not there.
    #[cold]
    fn missing(&self, expected: &'static str) -> TextError {
        TextError { token: self.next, expected: Cow::Borrowed(expected), mistake: Mistake::Value }
    }

    /// Takes the next token.
    #[inline]
    pub(super) fn take(&mut self, expected: &'static str) -> Result<Token<'t>, TextError> {
        let Some(token) = self.peek() else { return Err(self.missing(expected)) };
        self.next += 1;
        Ok(token)
    }

    /// Takes the next token, which must not stand in quotes.
    #[inline]
    pub(super) fn bare(&mut self, expected: &'static str) -> Result<&'t [u8], TextError> {
        let token = self.take(expected)?;
        if token.quoted { Err(self.refuse(expected)) } else { Ok(token.text) }
    }

    /// The error for the token taken last.
    #[cold]
    pub(super) fn refuse(&self, expected: impl Into<Cow<'static, str>>) -> TextError {
        TextError { token: self.last(), expected: expected.into(), mistake: Mistake::Value }
    }

    /// The index of the token taken last.
    pub(super) fn last(&self) -> usize {
        self.next.saturating_sub(1)
    }

    /// Takes what `parse` makes of the next token.
    #[inline]
    pub(super) fn parse<T>(
        &mut self,
        expected: &'static str,
        parse: impl FnOnce(&'t [u8]) -> Option<T>,
    ) -> Result<T, TextError> {
        let text = self.bare(expected)?;
        parse(text).ok_or_else(|| self.refuse(expected))
    }

    pub(super) fn u8(&mut self) -> Result<u8, TextError> {
        self.parse("a number from 0 to 255", |text| number(text, 255).map(|value| value as u8))
    }

    pub(super) fn u16(&mut self) -> Result<u16, TextError> {
        self.parse("a number from 0 to 65535", |text| number(text, 65_535).map(|value| value as u16))
    }

    pub(super) fn u32(&mut self) -> Result<u32, TextError> {
        self.parse("a number from 0 to 4294967295", |text| number(text, u32::MAX.into()).map(|value| value as u32))
    }

    /// Takes a domain name and appends it in wire form.
    pub(super) fn name(&mut self, origin: Option<Name<'_>>, out: &mut Vec<u8>) -> Result<(), TextError> {
        let token = self.take(NAME)?;
        if token.quoted {
            return Err(self.refuse(NAME).sorted(Mistake::Name(None)));
        }
        NameBuf::append_text(token.text, origin, out)
            .map_err(|error| self.refuse(format!("{NAME} ({error})")).sorted(Mistake::Name(Some(error))))
    }
}

const NAME: &str = "a domain name";

/// Reads decimal digits and nothing else, up to `max`.
#[inline]
pub(super) fn number(text: &[u8], max: u64) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    if text.len() <= 8 {
        return few_digits(text).filter(|&value| value <= max);
    }
    let mut value = 0u64;
    for &octet in text {
        let digit = octet.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
        if value > max {
            return None;
        }
    }
    Some(value)
}

/// Reads up to eight digits at once.
///
/// After D. Lemire, "Quickly parsing eight digits" (2018): neighbours are joined to numbers of two, four and eight digits.
#[inline]
fn few_digits(text: &[u8]) -> Option<u64> {
    let unused = 64 - 8 * text.len() as u32;
    // Zeros in front, in the lowest octets, do not change the number.
    let digits = (short(text) as u64 ^ 0x3030_3030_3030_3030).checked_shl(unused)?;
    if (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let twos = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let high = (twos & 0x0000_00ff_0000_00ff).wrapping_mul(100 + (1_000_000 << 32));
    let low = (twos >> 16 & 0x0000_00ff_0000_00ff).wrapping_mul(1 + (10_000 << 32));
    Some(high.wrapping_add(low) >> 32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_are_as_the_standard_library_reads_them(text in "[0-9]{0,12}|[0-9]{0,4}.[0-9]{0,4}", max in any::<u32>()) {
            let plain = text.bytes().all(|octet| octet.is_ascii_digit());
            let value = text.parse::<u64>().ok().filter(|&value| plain && value <= max.into());
            prop_assert_eq!(number(text.as_bytes(), max.into()), value);
        }
    }
}
