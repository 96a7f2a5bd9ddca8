//! The tokens of one record's rdata, taken one after the other, and the error that points at one of them.
//!
//! Does not know types or fields.

use std::borrow::Cow;
use std::fmt;

use crate::base::limits::{LABEL_OCTETS_MAX, NAME_OCTETS_MAX};
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
        if append_plain_name(text, origin, out) {
            return Ok(());
        }
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

/// Appends a name without escapes, `@` or mistakes in one pass; where it returns false `out` is as it was.
///
/// Names are the greater part of most zones: copying the text at once and putting lengths over its dots costs half of what
/// [`NameBuf::from_text`] does, which takes all other names and is the safe twin that the tests compare with.
fn append_plain_name(text: &[u8], origin: Option<Name<'_>>, out: &mut Vec<u8>) -> bool {
    if text.len() > NAME_OCTETS_MAX {
        return false;
    }
    let start = out.len();
    out.push(0);
    out.extend_from_slice(text);
    let name = &mut out[start..];
    // Where the length octet of the label being read stands: in front of the text, then over each dot.
    let (mut label, mut plain) = (0, text != b"@");
    for at in 1..name.len() {
        match name[at] {
            b'.' => {
                let length = at - label - 1;
                plain &= (1..=LABEL_OCTETS_MAX).contains(&length);
                name[label] = length as u8;
                label = at;
            }
            b'\\' => plain = false,
            _ => {}
        }
    }
    let last = name.len() - label - 1;
    name[label] = last as u8;
    // Without octets behind its last dot the name is absolute, and that dot has become the root label.
    if label == 0 || last > 0 {
        plain &= (1..=LABEL_OCTETS_MAX).contains(&last);
        match origin {
            Some(origin) => out.extend_from_slice(origin.wire()),
            None => plain = false,
        }
    }
    if !plain || out.len() - start > NAME_OCTETS_MAX {
        out.truncate(start);
        return false;
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn plain_names_are_as_their_twin_reads_them(
            text in "[a-c.]{0,9}|(([a-c@]{1,64}\\.){0,5}[a-d]{0,3}\\.?)|.{0,9}", below in any::<bool>()
        ) {
            let origin: Option<NameBuf> = below.then(|| "example.com.".parse().expect("a name"));
            let origin = origin.as_ref().map(NameBuf::as_name);
            let mut out = b"before".to_vec();
            let plain = append_plain_name(text.as_bytes(), origin, &mut out);
            prop_assert!(out.starts_with(b"before"));
            match NameBuf::from_text(text.as_bytes(), origin) {
                Ok(name) if plain => prop_assert_eq!(&out[6..], name.as_name().wire()),
                // What it leaves to its twin: the root, the origin and names with escapes.
                Ok(_) => prop_assert!(text == "." || text == "@" || text.contains('\\'), "{}", text),
                Err(_) => prop_assert!(!plain, "{}", text),
            }
            prop_assert!(plain || out == b"before");
        }
    }
}
