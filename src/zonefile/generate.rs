//! `$GENERATE range lhs [ttl] [class] type rhs`: a run of records out of one line, as BIND has it.
//!
//! `lhs` and `rhs` are templates: `$` is the number, `${offset[,width[,base]]}` the number changed and formatted, `$$`
//! and `\$` a dollar sign. `rhs` may be several words; one quoted word is taken without its quotes, and `\"` in it is
//! a quote. The records are
//! made one at a time, as they are asked for. Does not know files.

use std::io::Write;
use std::ops::Range;

use super::entry::{Head, name};
use super::fault::{Checked, Fault, quoted};
use super::kind::Kind;
use super::reader::{Found, Reader};
use super::scanner::{Span, scan};
use crate::base::limits::{GENERATE_RECORDS_MAX, GENERATE_WIDTH_MAX};
use crate::wire::{Name, NameBuf};

/// A `$GENERATE` that is making records.
pub(super) struct Generate {
    next: u64,
    stop: u64,
    step: u64,
    head: Head,
    owner: Template,
    rdata: Template,
    /// The owner of the record made last.
    made: NameBuf,
    text: Vec<u8>,
    words: Vec<Span>,
}

impl Generate {
    /// Reads the words behind the directive.
    pub(super) fn read(octets: &[u8], directive: Span, words: &[Span]) -> Checked<Self> {
        let Some((&range, words)) = words.split_first() else {
            return Err(Fault::missing(Kind::BadGenerate, RANGE, directive));
        };
        let (next, stop, step) = read_range(octets, range)?;
        let Some((&lhs, words)) = words.split_first() else {
            return Err(Fault::missing(Kind::BadGenerate, "an owner with `$` in it", range));
        };
        if lhs.quoted {
            return Err(Fault::expected(Kind::BadGenerate, "an owner with `$` in it", octets, lhs));
        }
        let owner = Template::read(octets[lhs.range()].to_vec(), lhs.range())?;
        let (head, words) = Head::read(octets, lhs, None, words)?;
        let (Some(first), Some(last)) = (words.first(), words.last()) else {
            return Err(Fault::missing(Kind::BadGenerate, "rdata with `$` in it", head.rtype_word));
        };
        let rhs = match words {
            // In one quoted word `\"` stands for the quotes of the rdata itself, as BIND has it.
            [only] if only.quoted => without_quote_escapes(&octets[only.range()]),
            [only] => octets[only.range()].to_vec(),
            _ => words.iter().map(|word| &octets[word.outer_range()]).collect::<Vec<_>>().join(&b' '),
        };
        let rdata = Template::read(rhs, first.outer_range().start..last.outer_range().end)?;
        let (made, text, words) = (Name::ROOT.to_buf(), Vec::new(), Vec::new());
        Ok(Self { next, stop, step, head, owner, rdata, made, text, words })
    }

    /// The owner of the record made last.
    pub(super) fn owner(&self) -> Name<'_> {
        self.made.as_name()
    }

    /// The next number; none behind the last.
    fn count(&mut self) -> Option<u64> {
        let number = (self.next <= self.stop).then_some(self.next)?;
        self.next += self.step;
        Some(number)
    }
}

impl Reader<'_> {
    /// Makes the next record of the `$GENERATE`; gives nothing when it has made them all.
    pub(super) fn generate_next(&mut self) -> Checked<Option<Found>> {
        let (Some(generate), Some(frame)) = (&mut self.generate, self.frames.last()) else { return Ok(None) };
        let Some(number) = generate.count() else {
            self.generate = None;
            return Ok(None);
        };
        let origin = frame.origin.as_name();
        let Generate { head, owner, rdata, made, text, words, .. } = generate;

        owner.expand(number, text)?;
        *made = name(text, Span::over(text), origin).map_err(|fault| owner.fault(&fault, number, text))?;

        rdata.expand(number, text)?;
        match scan(text, true, words) {
            Ok(Some(entry)) if entry.length == text.len() => {}
            Ok(_) => {
                return Err(rdata.fault(
                    &Fault::new(Kind::BadGenerate, 0..0, "the rdata has more than one line"),
                    number,
                    text,
                ));
            }
            Err(stop) => return Err(rdata.fault(&Box::<Fault>::from(stop), number, text)),
        }
        let read = self.rdata.read(head, text, words, origin);
        read.map_err(|fault| rdata.fault(&fault, number, text))?;
        let ttl = self.ttls.settle(head, self.rdata.octets())?;
        Ok(Some(Found { rtype: head.rtype, ttl }))
    }
}

fn without_quote_escapes(text: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some((&octet, tail)) = rest.split_first() {
        let (kept, tail) = match (octet, tail) {
            (b'\\', [b'"', tail @ ..]) => (&b"\""[..], tail),
            (b'\\', [_, tail @ ..]) => (&rest[..2], tail),
            _ => (&rest[..1], tail),
        };
        out.extend_from_slice(kept);
        rest = tail;
    }
    out
}

const RANGE: &str = "a range such as 1-100 or 0-254/2";

/// Reads `start-stop[/step]`.
fn read_range(octets: &[u8], word: Span) -> Checked<(u64, u64, u64)> {
    let text = &octets[word.range()];
    let parts = || {
        let text = std::str::from_utf8(text).ok()?;
        let (range, step) = text.split_once('/').map_or((text, None), |(range, step)| (range, Some(step)));
        let (start, stop) = range.split_once('-')?;
        Some((number(start)?, number(stop)?, step.map_or(Some(1), number)?))
    };
    let Some((start, stop, step)) = parts().filter(|_| !word.quoted) else {
        let fault = Fault::expected(Kind::BadGenerate, RANGE, octets, word);
        return Err(fault.note("ranges count upwards, without blanks, from 0 to 2147483647 at most"));
    };
    let wrong = |kind, message: String| Err(Fault::new(kind, word.range(), message));
    if start > stop {
        return wrong(Kind::BadGenerate, format!("the range {} ends before it begins", quoted(text, false)));
    }
    if step == 0 {
        return wrong(Kind::BadGenerate, format!("the range {} has a step of 0", quoted(text, false)));
    }
    let records = (stop - start) / step + 1;
    if records > GENERATE_RECORDS_MAX {
        return wrong(
            Kind::GenerateTooMany,
            format!("the range makes {records} records, where {GENERATE_RECORDS_MAX} are the most"),
        );
    }
    Ok((start, stop, step))
}

/// A number up to 2³¹ − 1, as BIND has it: digits and nothing else.
fn number(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    let number = plain.then(|| text.parse::<u64>().ok())??;
    (number <= i32::MAX as u64).then_some(number)
}

/// Text with places for a number.
struct Template {
    parts: Vec<Part>,
    /// Where it stands in the directive.
    span: Range<usize>,
}

enum Part {
    Text(Vec<u8>),
    Number { offset: i64, width: usize, base: Base },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    Decimal,
    Octal,
    Hex,
    HexUpper,
    /// Hexadecimal digits as labels, the lowest first: names below `ip6.arpa`.
    Nibbles,
    NibblesUpper,
}

impl Template {
    fn read(text: Vec<u8>, span: Range<usize>) -> Checked<Self> {
        let (mut parts, mut plain, mut rest) = (Vec::new(), Vec::new(), text.as_slice());
        while let Some((&octet, tail)) = rest.split_first() {
            rest = tail;
            match (octet, rest) {
                // The escape stays one: the text is read as rdata or as a name afterwards.
                (b'\\', [escaped, tail @ ..]) => {
                    plain.extend_from_slice(&[b'\\', *escaped]);
                    rest = tail;
                }
                (b'$', [b'$', tail @ ..]) => {
                    plain.extend_from_slice(b"\\$");
                    rest = tail;
                }
                (b'$', _) => {
                    let (number, tail) = read_number(rest).map_err(|message| {
                        Fault::new(Kind::BadGenerate, span.clone(), message)
                            .label("expected ${offset[,width[,base]]}, base one of d o x X n N")
                    })?;
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                    parts.push(number);
                    rest = tail;
                }
                (plain_octet, _) => plain.push(plain_octet),
            }
        }
        parts.push(Part::Text(plain));
        Ok(Self { parts, span })
    }

    /// Writes the text for a number in place of what `out` holds.
    fn expand(&self, number: u64, out: &mut Vec<u8>) -> Checked<()> {
        out.clear();
        for part in &self.parts {
            match *part {
                Part::Text(ref text) => out.extend_from_slice(text),
                Part::Number { offset, width, base } => {
                    // `number` is below 2³¹ and so is the offset's magnitude.
                    let Ok(value) = u64::try_from(number as i64 + offset) else {
                        let message = format!("the offset {offset} makes {number} a negative number");
                        return Err(Fault::new(Kind::BadGenerate, self.span.clone(), message).label("in this template"));
                    };
                    base.write(value, width, out);
                }
            }
        }
        Ok(())
    }

    /// A fault of the text made for a number, as a fault of the directive.
    #[cold]
    fn fault(&self, inner: &Fault, number: u64, text: &[u8]) -> Box<Fault> {
        let made = format!("for {number} the template makes {}", quoted(text, false));
        Fault::new(inner.kind, self.span.clone(), inner.message.clone()).note(made)
    }
}

/// Reads what follows a `$`: nothing, or `{offset[,width[,base]]}`.
fn read_number(rest: &[u8]) -> Result<(Part, &[u8]), String> {
    let Some(rest) = rest.strip_prefix(b"{") else {
        return Ok((Part::Number { offset: 0, width: 0, base: Base::Decimal }, rest));
    };
    let Some(end) = rest.iter().position(|&octet| octet == b'}') else {
        return Err("a `${` without a `}`".to_owned());
    };
    let (inside, rest) = (&rest[..end], &rest[end + 1..]);
    let wrong = || format!("{} does not say how to change a number", quoted(&[b"${", inside, b"}"].concat(), false));
    let mut fields = std::str::from_utf8(inside).map_err(|_| wrong())?.splitn(3, ',');
    let offset = fields.next().unwrap_or_default();
    let (sign, magnitude) = offset.strip_prefix('-').map_or((1, offset), |magnitude| (-1, magnitude));
    let magnitude = if sign == 1 { magnitude.strip_prefix('+').unwrap_or(magnitude) } else { magnitude };
    let offset = sign * number(magnitude).ok_or_else(wrong)? as i64;
    let width = fields.next().map_or(Some(0), number).ok_or_else(wrong)?;
    if width > u64::from(GENERATE_WIDTH_MAX) {
        return Err(format!("a width of {width}, where {GENERATE_WIDTH_MAX} is the most"));
    }
    let base = match fields.next() {
        None | Some("d") => Base::Decimal,
        Some("o") => Base::Octal,
        Some("x") => Base::Hex,
        Some("X") => Base::HexUpper,
        Some("n") => Base::Nibbles,
        Some("N") => Base::NibblesUpper,
        Some(_) => return Err(wrong()),
    };
    Ok((Part::Number { offset, width: width as usize, base }, rest))
}

impl Base {
    fn write(self, value: u64, width: usize, out: &mut Vec<u8>) {
        // Writing to a vector cannot fail.
        let _ = match self {
            Self::Decimal => write!(out, "{value:0width$}"),
            Self::Octal => write!(out, "{value:0width$o}"),
            Self::Hex => write!(out, "{value:0width$x}"),
            Self::HexUpper => write!(out, "{value:0width$X}"),
            Self::Nibbles => return write_nibbles(value, width, b"0123456789abcdef", out),
            Self::NibblesUpper => return write_nibbles(value, width, b"0123456789ABCDEF", out),
        };
    }
}

/// Digits and dots in turn, until the value is used up and at least `width` octets, dots counted, are written.
fn write_nibbles(mut value: u64, width: usize, digits: &[u8; 16], out: &mut Vec<u8>) {
    let start = out.len();
    loop {
        out.push(digits[(value & 0xf) as usize]);
        value >>= 4;
        // As in BIND: a dot is written where the width has room for it, whether or not a digit has room behind it.
        if value == 0 && out.len() - start >= width {
            return;
        }
        out.push(b'.');
        if value == 0 && out.len() - start >= width {
            return;
        }
    }
}

#[cfg(test)]
#[path = "generate_tests.rs"]
mod tests;
