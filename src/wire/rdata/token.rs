//! The tokens of one record's rdata, taken one after the other, and the error that points at one of them.
//!
//! Does not know types or fields.

use std::borrow::Cow;
use std::fmt;

use crate::wire::{Name, NameBuf};

/// One token of a record's rdata, as the zone-file scanner found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// The octets between the delimiters, escapes (`\DDD`, `\X`) still in them; without the quotes.
    pub text: &'a [u8],
    /// Whether it stood in quotes.
    pub quoted: bool,
}

/// Why tokens are not rdata of a type: which token, and what was expected in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError {
    /// The index of the token; the number of tokens where something is missing at the end.
    pub token: usize,
    /// What was expected there, to be read after the word "expected": "an IPv4 address such as 192.0.2.1".
    pub expected: Cow<'static, str>,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl std::error::Error for TextError {}

/// The tokens not yet read.
pub(super) struct Tokens<'t> {
    all: &'t [Token<'t>],
    next: usize,
}

impl<'t> Tokens<'t> {
    pub(super) fn new(all: &'t [Token<'t>]) -> Self {
        Self { all, next: 0 }
    }

    /// The next token, without taking it.
    #[inline]
    pub(super) fn peek(&self) -> Option<Token<'t>> {
        self.all.get(self.next).copied()
    }

    /// Makes sure that there is a next token.
    #[inline]
    pub(super) fn peek_or(&self, expected: &'static str) -> Result<(), TextError> {
        let missing = || TextError { token: self.next, expected: Cow::Borrowed(expected) };
        self.peek().map(|_| ()).ok_or_else(missing)
    }

    /// Takes the next token.
    #[inline]
    pub(super) fn take(&mut self, expected: &'static str) -> Result<Token<'t>, TextError> {
        self.peek_or(expected)?;
        self.next += 1;
        Ok(self.all[self.next - 1])
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
        TextError { token: self.last(), expected: expected.into() }
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
        let text = self.bare("a domain name")?;
        let name = NameBuf::from_text(text, origin).map_err(|e| self.refuse(format!("a domain name ({e})")))?;
        out.extend_from_slice(name.as_name().wire());
        Ok(())
    }
}

/// Reads decimal digits and nothing else, up to `max`.
#[inline]
pub(super) fn number(text: &[u8], max: u64) -> Option<u64> {
    if text.is_empty() {
        return None;
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
