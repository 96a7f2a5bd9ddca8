//! The parts of a record in front of its rdata, and what records inherit from those before them: owner and TTL.
//!
//! Does not know files: it is handed the words of one entry.

use super::fault::{Checked, Fault, quoted};
use super::kind::Kind;
use super::scanner::Span;
use crate::base::limits::TTL_SECONDS_MAX;
use crate::wire::rdata::{self, Mistake, TextError};
use crate::wire::{Class, Name, NameBuf, NameError, Rtype};

/// The last owner that was written.
#[derive(Debug)]
pub(super) struct Owner {
    /// The root until there is one.
    name: NameBuf,
    known: bool,
    /// The word it was read from, to see at once that the next one is the same. Empty where the origin has changed.
    text: Vec<u8>,
}

impl Default for Owner {
    fn default() -> Self {
        Self { name: Name::ROOT.to_buf(), known: false, text: Vec::new() }
    }
}

impl Owner {
    /// Takes the owner that is written in an entry.
    pub(super) fn read(&mut self, octets: &[u8], word: Span, origin: Name<'_>) -> Checked<()> {
        let text = &octets[word.range()];
        if text == self.text && !word.quoted {
            return Ok(());
        }
        if word.quoted {
            return Err(quoted_name(octets, word));
        }
        self.name.assign_text(text, Some(origin)).map_err(|error| bad_name(text, word, error))?;
        self.known = true;
        self.text.clear();
        self.text.extend_from_slice(text);
        Ok(())
    }

    /// The owner of an entry that has none of its own and begins with `first`.
    pub(super) fn repeat(&self, first: Span) -> Checked<()> {
        let nothing_to_repeat = || {
            Fault::new(
                Kind::NoOwner,
                first.outer_range(),
                "a line without an owner, and no owner in this file before it",
            )
            .label("nothing stands in the first column")
            .help("write the owner in the first column; `@` is the origin")
        };
        self.known.then_some(()).ok_or_else(nothing_to_repeat)
    }

    /// Makes the next word be read, whether or not it is the same: the origin has changed.
    pub(super) fn forget_text(&mut self) {
        self.text.clear();
    }

    /// The owner; the root where there is none yet.
    #[inline]
    pub(super) fn name(&self) -> Name<'_> {
        self.name.as_name()
    }
}

/// Reads a name from a word.
pub(super) fn name(octets: &[u8], word: Span, origin: Name<'_>) -> Checked<NameBuf> {
    if word.quoted {
        return Err(quoted_name(octets, word));
    }
    let text = &octets[word.range()];
    NameBuf::from_text(text, Some(origin)).map_err(|error| bad_name(text, word, error))
}

#[cold]
fn quoted_name(octets: &[u8], word: Span) -> Box<Fault> {
    Fault::expected(Kind::BadName, "a domain name", octets, word).help("names stand without quotes")
}

#[cold]
fn bad_name(text: &[u8], word: Span, error: NameError) -> Box<Fault> {
    Fault::new(name_kind(error), word.range(), format!("{} is not a domain name: {error}", quoted(text, false)))
}

fn name_kind(error: NameError) -> Kind {
    match error {
        NameError::TooLong => Kind::NameTooLong,
        NameError::LabelTooLong => Kind::LabelTooLong,
        NameError::BadEscape => Kind::BadEscape,
        _ => Kind::BadName,
    }
}

/// What a record says before its rdata.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) ttl: Option<u32>,
    pub(super) rtype: Rtype,
    pub(super) rtype_word: Span,
}

impl Head {
    /// Reads TTL, class (in either order, both may be missing) and type from `words`, and returns the words that follow.
    ///
    /// `before` is the word in front of them; `owner` the one that was taken for the owner.
    pub(super) fn read<'w>(
        octets: &[u8],
        before: Span,
        owner: Option<Span>,
        words: &'w [Span],
    ) -> Checked<(Self, &'w [Span])> {
        let (mut ttl, mut class, mut last, mut words) = (None, None, before, words);
        loop {
            let Some((&word, rest)) = words.split_first() else {
                return Err(Fault::missing(Kind::MissingType, "a record type", last));
            };
            let text = &octets[word.range()];
            let digit_first = text.first().is_some_and(u8::is_ascii_digit);
            if word.quoted {
                return Err(Fault::expected(Kind::UnknownType, "a record type", octets, word));
            } else if digit_first && ttl.is_none() {
                ttl = Some(read_ttl(octets, word).map_err(|fault| explain_owner(fault, octets, owner))?);
            } else if class.is_none() && matches!(text, [b'I' | b'i', b'N' | b'n']) {
                class = Some(Class::IN);
            } else if let Some(rtype) = Rtype::from_text(text) {
                refuse_meta(rtype, octets, word)?;
                return Ok((Self { ttl, rtype, rtype_word: word }, rest));
            } else if let Some(found) = Class::from_text(text).filter(|_| class.is_none()) {
                if found != Class::IN {
                    return Err(Fault::new(Kind::BadClass, word.range(), format!("class {found} is not served"))
                        .label("expected class IN, or none"));
                }
                class = Some(found);
            } else {
                return Err(no_type(octets, word, owner));
            }
            (last, words) = (word, rest);
        }
    }
}

/// Types of questions and of messages alone (RFC 6895 section 3.1): no zone can hold them.
fn refuse_meta(rtype: Rtype, octets: &[u8], word: Span) -> Checked<()> {
    if !rtype.is_meta() {
        return Ok(());
    }
    let message = format!("no zone can hold records of type {}", quoted(&octets[word.range()], false));
    Err(Fault::new(Kind::MetaType, word.range(), message).label("a type of queries and messages"))
}

#[cold]
fn no_type(octets: &[u8], word: Span, owner: Option<Span>) -> Box<Fault> {
    let fault = Fault::expected(Kind::UnknownType, "a record type", octets, word);
    match owner {
        Some(_) => explain_owner(fault, octets, owner),
        None => fault.note("a line that begins with a blank has no owner of its own: it repeats the last one"),
    }
}

/// Says so where the owner looks as if it was not meant to be one.
#[cold]
fn explain_owner(fault: Box<Fault>, octets: &[u8], owner: Option<Span>) -> Box<Fault> {
    let text = owner.map(|owner| &octets[owner.range()]);
    match text.filter(|text| Rtype::from_text(text).is_some() || Class::from_text(text).is_some()) {
        Some(text) => fault
            .note(format!("{} stands in the first column, so it is the owner", quoted(text, false)))
            .help("begin the line with a blank to repeat the last owner"),
        None => fault,
    }
}

/// Reads a TTL from a word: seconds, or numbers with units as in `1h30m`.
#[inline]
pub(super) fn read_ttl(octets: &[u8], word: Span) -> Checked<u32> {
    match rdata::period(&octets[word.range()]).filter(|_| !word.quoted) {
        Some(seconds) if seconds <= TTL_SECONDS_MAX => Ok(seconds),
        found => Err(bad_ttl(found, octets, word)),
    }
}

#[cold]
fn bad_ttl(found: Option<u32>, octets: &[u8], word: Span) -> Box<Fault> {
    match found {
        Some(seconds) => {
            let message = format!("a TTL of {seconds} seconds, where {TTL_SECONDS_MAX} are the most");
            Fault::new(Kind::BadTtl, word.range(), message).label("too large (RFC 2181 section 8)")
        }
        None => Fault::expected(Kind::BadTtl, TTL, octets, word),
    }
}

pub(super) const TTL: &str = "a TTL such as 3600 or 1h30m";

/// What is known about TTLs so far.
#[derive(Debug, Default)]
pub(super) struct Ttls {
    /// The last `$TTL`, or the MINIMUM of an SOA that had nothing else.
    pub(super) default: Option<u32>,
    /// The last one written in a record.
    last: Option<u32>,
}

impl Ttls {
    /// The TTL of a record with this head and rdata.
    #[inline]
    pub(super) fn settle(&mut self, head: &Head, rdata: &[u8]) -> Checked<u32> {
        if head.ttl.is_some() {
            self.last = head.ttl;
        }
        match head.ttl.or(self.default).or(self.last) {
            Some(ttl) => Ok(ttl),
            None => self.settle_first(head, rdata),
        }
    }

    #[cold]
    fn settle_first(&mut self, head: &Head, rdata: &[u8]) -> Checked<u32> {
        // RFC 1035 section 3.3.13: MINIMUM, the last field, was the TTL of all records that had none.
        let minimum = rdata.last_chunk().copied().map(u32::from_be_bytes);
        let minimum = minimum.filter(|&seconds| head.rtype == Rtype::SOA && seconds <= TTL_SECONDS_MAX);
        self.default = minimum;
        minimum.ok_or_else(|| {
            Fault::new(
                Kind::NoTtl,
                head.rtype_word.range(),
                "a record without a TTL, and nothing before it to take one from",
            )
            .label("expected a TTL in front of the type")
            .help("write `$TTL 1h` in front of the first record")
        })
    }
}

/// Where rdata is read into.
#[derive(Debug, Default)]
pub(super) struct Rdata {
    octets: Vec<u8>,
}

impl Rdata {
    /// Reads the rdata that `words` are.
    pub(super) fn read(&mut self, head: &Head, octets: &[u8], words: &[Span], origin: Name<'_>) -> Checked<()> {
        self.octets.clear();
        rdata::from_text(head.rtype, octets, words, Some(origin), &mut self.octets)
            .map_err(|error| bad_rdata(error, head, octets, words))
    }

    /// What was read last.
    #[inline]
    pub(super) fn octets(&self) -> &[u8] {
        &self.octets
    }
}

#[cold]
fn bad_rdata(error: TextError, head: &Head, octets: &[u8], words: &[Span]) -> Box<Fault> {
    match words.get(error.token) {
        Some(&word) => Fault::expected(rdata_kind(error.mistake), &error.expected, octets, word),
        None => {
            let last = words.last().copied().unwrap_or(head.rtype_word);
            Fault::missing(Kind::MissingRdata, &error.expected, last)
        }
    }
}

fn rdata_kind(mistake: Mistake) -> Kind {
    match mistake {
        Mistake::Value => Kind::BadRdata,
        Mistake::Surplus => Kind::ExtraRdata,
        Mistake::Name(error) => error.map_or(Kind::BadName, name_kind),
        Mistake::Escape => Kind::BadEscape,
        Mistake::StringTooLong => Kind::StringTooLong,
    }
}
