//! Domain names in wire form: borrowed, owned on the stack, compared, ordered, and as text.
//!
//! Does not know compression: a name inside a message is read by the message's own parser.

use std::cmp::Ordering;
use std::fmt;

use super::plain::Plain;
use crate::base::limits::{LABEL_OCTETS_MAX, NAME_OCTETS_MAX};

/// A name in uncompressed wire form, borrowed.
///
/// Having a `Name` tells you: labels of 1 to 63 octets, then the root label, 255 octets at most, and nothing behind it.
/// Its case is as it came; `==` and hashing do not exist on purpose: use [`eq_ignore_case`](Self::eq_ignore_case).
#[derive(Clone, Copy)]
pub struct Name<'a> {
    wire: &'a [u8],
}

/// Why octets or text are not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameError {
    /// The octets end inside a label, or behind the last one without a root label.
    CutOff,
    /// Octets follow the root label.
    TrailingOctets,
    /// A length octet above 63: a compression pointer or a reserved label type, in a place that allows neither.
    NotALabel,
    /// More than 255 octets.
    TooLong,
    /// A label of more than 63 octets.
    LabelTooLong,
    /// Two dots in a row, or one in front of other labels.
    EmptyLabel,
    /// A backslash followed by neither three digits up to 255 nor one other octet.
    BadEscape,
    /// A name without a final dot where there is no origin to complete it.
    Relative,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CutOff => "the name is cut off",
            Self::TrailingOctets => "octets follow the name",
            Self::NotALabel => "a label type other than a plain label",
            Self::TooLong => "the name has more than 255 octets",
            Self::LabelTooLong => "a label has more than 63 octets",
            Self::EmptyLabel => "an empty label",
            Self::BadEscape => "a bad escape: `\\` takes three digits up to 255, or one other character",
            Self::Relative => "a relative name without an origin",
        })
    }
}

impl std::error::Error for NameError {}

impl<'a> Name<'a> {
    /// The root.
    pub const ROOT: Name<'static> = Name { wire: &[0] };

    /// Takes octets that hold one name and nothing else.
    pub fn from_wire(wire: &'a [u8]) -> Result<Self, NameError> {
        let (name, rest) = Self::split_from(wire)?;
        if rest.is_empty() { Ok(name) } else { Err(NameError::TrailingOctets) }
    }

    /// Takes the uncompressed name at the start of `octets` and returns it with what follows it.
    pub fn split_from(octets: &'a [u8]) -> Result<(Self, &'a [u8]), NameError> {
        let mut at = 0;
        loop {
            let length = usize::from(*octets.get(at).ok_or(NameError::CutOff)?);
            if length > LABEL_OCTETS_MAX {
                return Err(NameError::NotALabel);
            }
            at += 1 + length;
            if at > NAME_OCTETS_MAX {
                return Err(NameError::TooLong);
            }
            if length == 0 {
                let (wire, rest) = octets.split_at(at);
                return Ok((Self { wire }, rest));
            }
        }
    }

    /// Takes octets that this floor has checked already.
    #[inline]
    pub(super) fn checked(wire: &'a [u8]) -> Self {
        debug_assert!(Self::from_wire(wire).is_ok());
        Self { wire }
    }

    /// The octets, the root label included.
    #[inline]
    pub fn wire(self) -> &'a [u8] {
        self.wire
    }

    /// Whether this is the root.
    pub fn is_root(self) -> bool {
        self.wire.len() == 1
    }

    /// The labels from the leftmost on, without the root label and without length octets.
    pub fn labels(self) -> Labels<'a> {
        Labels { rest: self.wire }
    }

    /// How many labels there are, the root label not counted.
    pub fn label_count(self) -> usize {
        self.labels().count()
    }

    /// The name without its leftmost label; none for the root.
    pub fn parent(self) -> Option<Name<'a>> {
        let length = usize::from(*self.wire.first()?);
        if length == 0 { None } else { Some(Name { wire: self.wire.get(1 + length..)? }) }
    }

    /// Whether both are the same name (RFC 4343: ASCII letters match in either case).
    pub fn eq_ignore_case(self, other: Name<'_>) -> bool {
        // Length octets are at most 63, below every letter, so folding them changes nothing.
        self.wire.eq_ignore_ascii_case(other.wire)
    }

    /// Whether this is `ancestor` or a name below it.
    pub fn is_at_or_below(self, ancestor: Name<'_>) -> bool {
        self.relative_to(ancestor).is_some()
    }

    /// The octets of the labels in front of `ancestor`, empty where both are the same name; none where this is not at or
    /// below it.
    pub fn relative_to(self, ancestor: Name<'_>) -> Option<&'a [u8]> {
        let split = self.wire.len().checked_sub(ancestor.wire.len())?;
        let (front, tail) = self.wire.split_at(split);
        // Most names that are not below end in another letter; most that are were written in the same case.
        if !ends_alike(tail, ancestor.wire) || (tail != ancestor.wire && !tail.eq_ignore_ascii_case(ancestor.wire)) {
            return None;
        }
        // The same octets may also begin in the middle of a label: walk to see that a label starts there.
        let mut at = 0;
        while at < split {
            at += 1 + usize::from(self.wire[at]);
        }
        (at == split).then_some(front)
    }

    /// The canonical order of RFC 4034 section 6.1: by labels from the right, ASCII letters as lower case.
    pub fn canonical_cmp(self, other: Name<'_>) -> Ordering {
        let (mut mine, mut theirs) = (LabelStarts::of(self), LabelStarts::of(other));
        loop {
            match (mine.pop(self), theirs.pop(other)) {
                (None, None) => return Ordering::Equal,
                (None, Some(_)) => return Ordering::Less,
                (Some(_), None) => return Ordering::Greater,
                (Some(a), Some(b)) => {
                    let lower = |label: &'_ [u8]| label.iter().map(u8::to_ascii_lowercase).collect::<LabelBuf>();
                    match lower(a).as_slice().cmp(lower(b).as_slice()) {
                        Ordering::Equal => {}
                        unequal => return unequal,
                    }
                }
            }
        }
    }

    /// An owned copy.
    pub fn to_buf(self) -> NameBuf {
        let mut buf = NameBuf { octets: [0; NAME_OCTETS_MAX], length: self.wire.len() as u8 };
        buf.octets[..self.wire.len()].copy_from_slice(self.wire);
        buf
    }

    /// An owned copy in lower case.
    pub fn to_lower(self) -> NameBuf {
        let mut buf = self.to_buf();
        buf.octets.make_ascii_lowercase();
        buf
    }
}

impl fmt::Display for Name<'_> {
    /// The presentation form with its final dot; octets that mean something there are escaped (RFC 1035 section 5.1).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_str(".");
        }
        for mut label in self.labels() {
            // Most labels have nothing to escape, and are written as they are.
            while let Some(at) = label.iter().position(|&octet| !is_plain(octet)) {
                f.write_str(str::from_utf8(&label[..at]).unwrap_or_default())?;
                match label[at] {
                    special @ 0x21..=0x7e => write!(f, "\\{}", char::from(special))?,
                    octet => write!(f, "\\{octet:03}")?,
                }
                label = &label[at + 1..];
            }
            f.write_str(str::from_utf8(label).unwrap_or_default())?;
            f.write_str(".")?;
        }
        Ok(())
    }
}

/// Whether an octet of a label stands for itself in the presentation form.
fn is_plain(octet: u8) -> bool {
    octet.is_ascii_graphic() && !matches!(octet, b'.' | b'\\' | b'"' | b';' | b'(' | b')' | b'@' | b'$')
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The labels of a name, leftmost first.
#[derive(Debug, Clone)]
pub struct Labels<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Labels<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (&length, rest) = self.rest.split_first()?;
        if length == 0 {
            return None;
        }
        let (label, rest) = rest.split_at_checked(usize::from(length))?;
        self.rest = rest;
        Some(label)
    }
}

/// Whether the last letters of two names of the same length are alike, whatever their case: a look that may take others for
/// letters.
#[inline]
fn ends_alike(name: &[u8], other: &[u8]) -> bool {
    let last = |wire: &[u8]| wire.len().checked_sub(2).map_or(0, |at| wire[at] | 0x20);
    last(name) == last(other)
}

/// The offsets of a name's labels, to walk them from the right.
struct LabelStarts {
    starts: [u8; 128],
    count: usize,
}

impl LabelStarts {
    fn of(name: Name<'_>) -> Self {
        let (mut starts, mut count, mut at) = ([0; 128], 0, 0);
        while name.wire[at] != 0 {
            starts[count] = at as u8;
            count += 1;
            at += 1 + usize::from(name.wire[at]);
        }
        Self { starts, count }
    }

    fn pop<'n>(&mut self, name: Name<'n>) -> Option<&'n [u8]> {
        self.count = self.count.checked_sub(1)?;
        let at = usize::from(self.starts[self.count]);
        Some(&name.wire[at + 1..at + 1 + usize::from(name.wire[at])])
    }
}

/// A label's octets in lower case.
struct LabelBuf {
    octets: [u8; LABEL_OCTETS_MAX],
    length: usize,
}

impl LabelBuf {
    fn as_slice(&self) -> &[u8] {
        &self.octets[..self.length]
    }
}

impl FromIterator<u8> for LabelBuf {
    fn from_iter<I: IntoIterator<Item = u8>>(iter: I) -> Self {
        let mut buf = Self { octets: [0; LABEL_OCTETS_MAX], length: 0 };
        for octet in iter {
            buf.octets[buf.length] = octet;
            buf.length += 1;
        }
        buf
    }
}

/// A name in uncompressed wire form, owned, without the heap.
#[derive(Clone, Copy)]
pub struct NameBuf {
    octets: [u8; NAME_OCTETS_MAX],
    length: u8,
}

impl NameBuf {
    /// The name, borrowed.
    #[inline]
    pub fn as_name(&self) -> Name<'_> {
        Name { wire: &self.octets[..usize::from(self.length)] }
    }

    /// `labels` (in wire form, without a root label) in front of `suffix`.
    pub fn join(labels: &[u8], suffix: Name<'_>) -> Result<Self, NameError> {
        let length = labels.len() + suffix.wire.len();
        if length > NAME_OCTETS_MAX {
            return Err(NameError::TooLong);
        }
        let mut buf = Self { octets: [0; NAME_OCTETS_MAX], length: length as u8 };
        buf.octets[..labels.len()].copy_from_slice(labels);
        buf.octets[labels.len()..length].copy_from_slice(suffix.wire);
        Name::from_wire(&buf.octets[..length]).map(|_| buf)
    }

    /// Reads the presentation form: `@` is the origin, a name without a final dot is completed with it
    /// (RFC 1035 section 5.1).
    pub fn from_text(text: &[u8], origin: Option<Name<'_>>) -> Result<Self, NameError> {
        let mut buf = Name::ROOT.to_buf();
        buf.assign_text(text, origin).map(|()| buf)
    }

    /// Becomes the name that [`from_text`](Self::from_text) reads; on an error it is as it was.
    pub fn assign_text(&mut self, text: &[u8], origin: Option<Name<'_>>) -> Result<(), NameError> {
        let suffix = origin.map_or(&[][..], Name::wire);
        let plain = Plain::of(text, suffix.len()).filter(|plain| plain.absolute || origin.is_some());
        let Some(plain) = plain else {
            *self = Self::from_text_with_care(text, origin)?;
            return Ok(());
        };
        let suffix = if plain.absolute { &[][..] } else { suffix };
        let labels_end = 1 + text.len();
        self.octets[1..labels_end].copy_from_slice(text);
        plain.put_lengths(&mut self.octets[..labels_end]);
        self.octets[labels_end..labels_end + suffix.len()].copy_from_slice(suffix);
        self.length = (labels_end + suffix.len()) as u8;
        Ok(())
    }

    /// Appends the wire form of the name that [`from_text`](Self::from_text) reads; on an error `out` is as it was.
    pub fn append_text(text: &[u8], origin: Option<Name<'_>>, out: &mut Vec<u8>) -> Result<(), NameError> {
        let suffix = origin.map_or(&[][..], Name::wire);
        let plain = Plain::of(text, suffix.len()).filter(|plain| plain.absolute || origin.is_some());
        let Some(plain) = plain else {
            out.extend_from_slice(Self::from_text_with_care(text, origin)?.as_name().wire);
            return Ok(());
        };
        let start = out.len();
        out.push(0);
        out.extend_from_slice(text);
        plain.put_lengths(&mut out[start..]);
        if !plain.absolute {
            out.extend_from_slice(suffix);
        }
        Ok(())
    }

    /// Reads any text: octet by octet, escapes and mistakes too.
    pub(super) fn from_text_with_care(text: &[u8], origin: Option<Name<'_>>) -> Result<Self, NameError> {
        match text {
            b"." => return Ok(Name::ROOT.to_buf()),
            b"@" => return origin.map(Name::to_buf).ok_or(NameError::Relative),
            b"" => return Err(NameError::EmptyLabel),
            _ => {}
        }
        let mut buf = Self { octets: [0; NAME_OCTETS_MAX], length: 0 };
        // `start` is the length octet of the label being read, `end` the place of its next octet.
        let (mut start, mut end, mut rest) = (0, 1, text);
        let absolute = loop {
            let Some((&first, tail)) = rest.split_first() else { break false };
            rest = tail;
            let octet = match first {
                b'.' => {
                    buf.close_label(start, end)?;
                    if rest.is_empty() {
                        break true;
                    }
                    (start, end) = (end, end + 1);
                    continue;
                }
                b'\\' => unescape(&mut rest).ok_or(NameError::BadEscape)?,
                plain => plain,
            };
            if end - start > LABEL_OCTETS_MAX {
                return Err(NameError::LabelTooLong);
            }
            *buf.octets.get_mut(end).ok_or(NameError::TooLong)? = octet;
            end += 1;
        };
        if absolute {
            if end >= NAME_OCTETS_MAX {
                return Err(NameError::TooLong);
            }
            buf.length = end as u8 + 1;
            return Ok(buf);
        }
        buf.close_label(start, end)?;
        let origin = origin.ok_or(NameError::Relative)?;
        let length = end + origin.wire.len();
        let tail = buf.octets.get_mut(end..length).ok_or(NameError::TooLong)?;
        tail.copy_from_slice(origin.wire);
        buf.length = length as u8;
        Ok(buf)
    }

    fn close_label(&mut self, start: usize, end: usize) -> Result<(), NameError> {
        if end == start + 1 {
            return Err(NameError::EmptyLabel);
        }
        *self.octets.get_mut(start).ok_or(NameError::TooLong)? = (end - start - 1) as u8;
        Ok(())
    }
}

impl fmt::Display for NameBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_name().fmt(f)
    }
}

impl fmt::Debug for NameBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_name().fmt(f)
    }
}

impl std::str::FromStr for NameBuf {
    type Err = NameError;

    /// Reads a name as people write it: with or without its final dot, never relative to anything.
    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::from_text(text.as_bytes(), Some(Name::ROOT))
    }
}

/// Reads what follows a backslash, `DDD` or one other octet, and moves `rest` behind it (RFC 1035 section 5.1).
pub fn unescape(rest: &mut &[u8]) -> Option<u8> {
    let (&first, tail) = rest.split_first()?;
    if !first.is_ascii_digit() {
        *rest = tail;
        return Some(first);
    }
    let (digits, tail) = rest.split_at_checked(3)?;
    let value = digits
        .iter()
        .try_fold(0u16, |value, digit| digit.is_ascii_digit().then(|| value * 10 + u16::from(digit - b'0')))?;
    *rest = tail;
    u8::try_from(value).ok()
}

#[cfg(test)]
#[path = "name_tests.rs"]
mod tests;
