//! The parts of a record in front of its rdata, and what records inherit from those before them: owner and TTL.
//!
//! Does not know files: it is handed the words of one entry.

use std::net::IpAddr;

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
            Fault::new(Kind::NoOwner, first.outer_range(), "a line without an owner, and no owner before it")
                .label("nothing stands in the first column")
                .help("write the owner in the first column; `@` is the origin")
        };
        self.known.then_some(()).ok_or_else(nothing_to_repeat)
    }

    /// After an error: takes `origin` for an owner that may have been lost, so that records that repeat it are no errors
    /// of their own.
    pub(super) fn excuse(&mut self, origin: Name<'_>) {
        if !self.known {
            (self.name, self.known) = (origin.to_buf(), true);
        }
    }

    /// The owner that a file included from this one begins with.
    pub(super) fn inherited(&self) -> Self {
        Self { name: self.name, known: self.known, text: Vec::new() }
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

/// The one of the `known` words that was most likely meant: one letter away, two in long words.
pub(super) fn alike(written: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    // One that is this long is not a slip of the pen.
    if !(2..=16).contains(&written.len()) {
        return None;
    }
    let distance = |known: &'static str| (strsim::damerau_levenshtein(known, written), known);
    let most = if written.len() < 6 { 1 } else { 2 };
    let known = known.filter(|known| known.len().abs_diff(written.len()) <= most);
    known.map(distance).filter(|known| known.0 <= most).min_by_key(|known| known.0).map(|known| known.1)
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
                ttl = Some(read_ttl(octets, word).map_err(|fault| no_ttl(fault, octets, word, owner))?);
            } else if class.is_none() && matches!(text, [b'I' | b'i', b'N' | b'n']) {
                class = Some(Class::IN);
            } else if let Some(rtype) = Rtype::from_text(text) {
                refuse_meta(rtype, octets, word, rest)?;
                return Ok((Self { ttl, rtype, rtype_word: word }, rest));
            } else if let Some(found) = Class::from_text(text).filter(|_| class.is_none()) {
                if found != Class::IN {
                    return Err(bad_class(&found.to_string(), word));
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
fn refuse_meta(rtype: Rtype, octets: &[u8], word: Span, rest: &[Span]) -> Checked<()> {
    if !rtype.is_meta() {
        return Ok(());
    }
    // ANY is a class too, where a type follows.
    let text = &octets[word.range()];
    if rtype == Rtype::ANY && rest.first().is_some_and(|next| Rtype::from_text(&octets[next.range()]).is_some()) {
        return Err(bad_class(&String::from_utf8_lossy(text), word));
    }
    let message = format!("no zone can hold records of type {}", quoted(&octets[word.range()], false));
    Err(Fault::new(Kind::MetaType, word.range(), message).label("a type of queries and messages"))
}

#[cold]
fn bad_class(class: &str, word: Span) -> Box<Fault> {
    Fault::new(Kind::BadClass, word.range(), format!("class {class} is not served")).label("expected class IN, or none")
}

/// Classes of messages alone (RFC 2136 section 2.4), and one that is no more (RFC 1035 section 3.2.4).
const CLASSES_ELSEWHERE: [&str; 2] = ["NONE", "CS"];

/// Types that some providers and servers have beside those of the DNS.
const TYPES_ELSEWHERE: [&str; 5] = ["ALIAS", "ANAME", "URL", "REDIRECT", "LUA"];

#[cold]
fn no_type(octets: &[u8], word: Span, owner: Option<Span>) -> Box<Fault> {
    let written = String::from_utf8_lossy(&octets[word.range()]).to_ascii_uppercase();
    if CLASSES_ELSEWHERE.contains(&written.as_str()) {
        return bad_class(&written, word);
    }
    let fault = Fault::expected(Kind::UnknownType, "a record type", octets, word);
    if TYPES_ELSEWHERE.contains(&written.as_str()) {
        return fault
            .note(format!("`{written}` is no type of the DNS: some servers have it for themselves"))
            .help("write the records that it stands for, such as A and AAAA");
    }
    if Class::from_text(&octets[word.range()]).is_some() {
        return fault.label("the class stands in front of it already");
    }
    let mut fault = match owner {
        Some(_) => explain_owner(fault, octets, owner),
        None => fault.note("a line that begins with a blank has no owner of its own: it repeats the last one"),
    };
    fault.slip = Some(written);
    fault
}

/// Says which type was most likely meant where none stands, if that can be guessed: then nothing else need be said.
#[cold]
pub(super) fn guess_type(mut fault: Box<Fault>) -> Box<Fault> {
    // Where a type is due and something follows, what stands there was most likely meant as one.
    let Some(meant) = fault.slip.as_ref().and_then(|written| alike(written, Rtype::mnemonics())) else { return fault };
    fault.note = None;
    fault.help(format!("did you mean `{meant}`?"))
}

/// The fault of a word that is no TTL, though it begins with a digit: an address stands where its type is missing.
#[cold]
fn no_ttl(fault: Box<Fault>, octets: &[u8], word: Span, owner: Option<Span>) -> Box<Fault> {
    let text = std::str::from_utf8(&octets[word.range()]).unwrap_or_default();
    match text.parse::<IpAddr>() {
        Ok(address) => {
            let rtype = if address.is_ipv4() { Rtype::A } else { Rtype::AAAA };
            let fault = no_type(octets, word, owner);
            // An owner that is none says more.
            if fault.note.is_some() { fault } else { fault.label(format!("expected the type {rtype} in front of it")) }
        }
        Err(_) => explain_owner(fault, octets, owner),
    }
}

/// Says so where the owner looks as if it was not meant to be one.
#[cold]
fn explain_owner(fault: Box<Fault>, octets: &[u8], owner: Option<Span>) -> Box<Fault> {
    let text = owner.map(|owner| &octets[owner.range()]);
    if let Some((text, blank)) = text.and_then(|text| Some((text, false_blank(text)?))) {
        return fault.note(format!("{blank} is part of the owner {} and divides no words", quoted(text, false)));
    }
    if text.is_some_and(begins_foreign_comment) {
        return fault.help(COMMENTS);
    }
    match text.filter(|text| Rtype::from_text(text).is_some() || Class::from_text(text).is_some()) {
        Some(text) => fault
            .note(format!("{} stands in the first column, so it is the owner", quoted(text, false)))
            .help("begin the line with a blank to repeat the last owner"),
        None => fault,
    }
}

const COMMENTS: &str = "comments begin with `;`";

/// Whether a word looks like the beginning of a comment in another language.
fn begins_foreign_comment(text: &[u8]) -> bool {
    text.starts_with(b"#") || text.starts_with(b"//") || text.starts_with(b"/*") || text == b"--"
}

/// What looks like a blank in a word.
fn false_blank(text: &[u8]) -> Option<&'static str> {
    const FALSE_BLANKS: [(&[u8], &str); 5] = [
        (b"\xc2\xa0", "a no-break space"),
        (b"\xe2\x80\x89", "a thin space"),
        (b"\xe2\x80\x8b", "a space without width"),
        (b"\x0b", "a vertical tab"),
        (b"\\ ", "an escaped blank"),
    ];
    let holds = |blank: &[u8]| text.windows(blank.len()).any(|octets| octets == blank);
    FALSE_BLANKS.iter().find(|blank| holds(blank.0)).map(|blank| blank.1)
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
    /// Whether there was an error, which may have hidden where TTLs come from.
    excused: bool,
    /// Whether records before the first one may have said something.
    amid: bool,
}

impl Ttls {
    /// Begins amid a file, where this is the last `$TTL`.
    pub(super) fn begin_amid(&mut self, default: Option<u32>) {
        (self.default, self.amid) = (default, true);
    }

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

    /// After an error: makes records that have no TTL be no errors of their own. They get 0; the file is bad anyway.
    pub(super) fn excuse(&mut self) {
        self.excused = true;
    }

    #[cold]
    fn settle_first(&mut self, head: &Head, rdata: &[u8]) -> Checked<u32> {
        // RFC 1035 section 3.3.13: MINIMUM, the last field, was the TTL of all records that had none.
        let minimum = rdata.last_chunk().copied().map(u32::from_be_bytes);
        let is_first = head.rtype == Rtype::SOA && !self.amid;
        let minimum = minimum.filter(|&seconds| is_first && seconds <= TTL_SECONDS_MAX);
        self.default = minimum;
        minimum.or(self.excused.then_some(0)).ok_or_else(|| {
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
        Some(&word) => {
            let fault = Fault::expected(rdata_kind(error.mistake), &error.expected, octets, word);
            let text = &octets[word.range()];
            match error.mistake {
                Mistake::StrayQuote => {
                    fault.help("write a blank in front of a quoted string, and `\\\"` for a quote that is meant itself")
                }
                Mistake::Surplus if begins_foreign_comment(text) => fault.help(COMMENTS),
                Mistake::Escape if text.ends_with(b"\\") && !word.quoted => {
                    fault.help("a record goes on in the next line inside parentheses only")
                }
                _ => fault,
            }
        }
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
        Mistake::StrayQuote => Kind::StrayQuote,
    }
}
