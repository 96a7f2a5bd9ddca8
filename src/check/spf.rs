//! SPF records: their terms, by the grammar of RFC 7208 section 12.
//!
//! Does not know how many lookups they take: that is `spf_lookups`.

use super::finding::Remark;
use super::lint::Lint;
use super::survey::Survey;
use super::texts::Text;

const VERSION: &[u8] = b"v=spf1";

/// Whether this is an SPF record: its version and nothing, or a space, behind (RFC 7208 section 4.5).
pub(super) fn is_record(text: &[u8]) -> bool {
    let version = text.split_at_checked(VERSION.len());
    let is_whole = |rest: &[u8]| rest.first().is_none_or(|&octet| octet == b' ');
    version.is_some_and(|(version, rest)| version.eq_ignore_ascii_case(VERSION) && is_whole(rest))
}

/// Whether somebody meant this to be an SPF record.
pub(super) fn looks_like(text: &[u8]) -> bool {
    // Straight, single and curly quotes (U+201C, U+201D, U+2018, U+2019), and spaces.
    let is_quote = |octet: &u8| matches!(octet, b' ' | b'"' | b'\'' | 0xe2 | 0x80 | 0x98 | 0x99 | 0x9c | 0x9d);
    let start = text.iter().position(|octet| !is_quote(octet)).unwrap_or(text.len());
    let text = &text[start..];
    let slips: [&[u8]; 9] =
        [b"v=spf", b"v= spf", b"v =spf", b"v = spf", b"v:spf", b"v=sfp1", b"v=psf1", b"vspf1", b"spf1 "];
    slips.iter().any(|slip| text.len() >= slip.len() && text[..slip.len()].eq_ignore_ascii_case(slip))
}

/// One term of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Term<'t> {
    /// `all`; whether it passes.
    All { pass: bool },
    /// A mechanism that takes a lookup, and the domain it names.
    Lookup(Name, &'t [u8]),
    /// An address: no lookup.
    Address,
    /// `exp=`: no lookup that counts.
    Explanation,
    /// A modifier that nobody knows: to be passed over.
    Unknown,
}

/// What takes a lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Include,
    A,
    Mx,
    Ptr,
    Exists,
    Redirect,
}

/// The terms of a record behind its version.
pub(super) fn terms(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text[VERSION.len()..].split(|&octet| octet == b' ').filter(|term| !term.is_empty())
}

/// Tells strings that run into each other. Returns whether they do: then no term is as it was meant.
pub(super) fn check_joints(text: Text<'_>, survey: &mut Survey<'_>) -> bool {
    let place = bad_joint(text);
    if let Some(place) = place {
        survey.report.add(Lint::SpfJoinedStrings, || {
            Remark::new(text.subject(), format!("string {place} ends without a space, and the next begins with a term"))
                .note("strings are joined as they are (RFC 7208 section 3.3)")
                .help("end the string with a space inside its quotes")
        });
    }
    place.is_some()
}

/// Checks a record whose strings are well joined. Returns whether all its terms can be read.
pub(super) fn check(text: Text<'_>, joined: &[u8], survey: &mut Survey<'_>) -> bool {
    let mut seen = Seen::default();
    let mut is_good = true;
    for spelled in terms(joined) {
        match term(spelled) {
            Ok(term) => is_good &= seen.take(text, spelled, term, survey),
            Err(wrong) => {
                is_good = false;
                tell_syntax(text, spelled, wrong, survey);
            }
        }
    }
    if seen.all && seen.redirect {
        survey.report.add(Lint::SpfDeadTerms, || {
            Remark::new(text.subject(), "`redirect` beside `all` is never followed").help("keep one of the two")
        });
    }
    is_good
}

fn tell_syntax(text: Text<'_>, spelled: &[u8], wrong: &'static str, survey: &mut Survey<'_>) {
    survey.report.add(Lint::SpfSyntax, || {
        Remark::new(text.subject(), format!("`{}`: {wrong}", spelled.escape_ascii()))
            .note("one bad term makes receivers give up on the whole record (RFC 7208 section 4.6)")
    });
}

/// What came before, in one record.
#[derive(Default)]
struct Seen {
    all: bool,
    redirect: bool,
    explanation: bool,
}

impl Seen {
    /// Judges a term by those in front of it. Returns whether the record is still good.
    fn take(&mut self, text: Text<'_>, spelled: &[u8], term: Term<'_>, survey: &mut Survey<'_>) -> bool {
        let is_mechanism = !matches!(term, Term::Lookup(Name::Redirect, _) | Term::Explanation | Term::Unknown);
        if is_mechanism && self.all {
            survey.report.add(Lint::SpfDeadTerms, || {
                Remark::new(
                    text.subject(),
                    format!("`{}` stands behind `all`: it is never looked at", spelled.escape_ascii()),
                )
                .help("move `all` to the end")
            });
        }
        let again = match term {
            Term::All { pass } => {
                self.all = true;
                if pass {
                    survey.report.add(Lint::SpfPassAll, || {
                        Remark::new(
                            text.subject(),
                            format!("`{}` lets everybody send as this domain", spelled.escape_ascii()),
                        )
                        .help("write `-all`, or `~all` while you try it out")
                    });
                }
                false
            }
            Term::Lookup(Name::Ptr, _) => {
                survey.report.add(Lint::SpfPtr, || {
                    Remark::new(text.subject(), "`ptr` is slow, and many receivers do not follow it")
                        .help("name the hosts with `a`, or their addresses with `ip4` and `ip6`")
                });
                false
            }
            Term::Lookup(Name::Redirect, _) => std::mem::replace(&mut self.redirect, true),
            Term::Explanation => std::mem::replace(&mut self.explanation, true),
            Term::Lookup(..) | Term::Address | Term::Unknown => false,
        };
        if again {
            // RFC 7208 section 6: once each.
            tell_syntax(text, spelled, "a second one of its kind", survey);
        }
        !again
    }
}

/// The number, from 1, of the first string that runs into the next one's term.
fn bad_joint(text: Text<'_>) -> Option<usize> {
    let joints = text.strings().zip(text.strings().skip(1)).enumerate();
    let is_bad = |(end, begin): (&[u8], &[u8])| end.last().is_some_and(|&octet| octet != b' ') && begins_term(begin);
    joints.filter(|&(_, joint)| is_bad(joint)).map(|(index, _)| index + 1).next()
}

/// Whether text begins with a whole mechanism or a modifier that receivers know.
fn begins_term(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"+").or(text.strip_prefix(b"-")).or(text.strip_prefix(b"~")).unwrap_or(text);
    let end = text.iter().position(|octet| !octet.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let is = |words: &[&str]| words.iter().any(|other| word.eq_ignore_ascii_case(other.as_bytes()));
    match rest.first() {
        Some(b':') => is(&["include", "a", "mx", "ptr", "ip4", "ip6", "exists"]),
        Some(b'=') => is(&["redirect", "exp"]),
        Some(b' ') | None => is(&["all", "mx"]),
        _ => false,
    }
}

/// Reads one term; what is wrong where it is none.
pub(super) fn term(text: &[u8]) -> Result<Term<'_>, &'static str> {
    if !text.iter().all(u8::is_ascii_graphic) {
        return Err("octets other than printable ASCII");
    }
    let name_octets = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.');
    if let Some(equals) = text.iter().position(|&octet| octet == b'=')
        && text[..equals].iter().all(name_octets)
        && text[0].is_ascii_alphabetic()
    {
        return modifier(&text[..equals], &text[equals + 1..]);
    }
    let qualified = text[0] == b'+' || text[0] == b'-' || text[0] == b'?' || text[0] == b'~';
    let pass = text[0] == b'+' || !qualified;
    let text = &text[usize::from(qualified)..];
    let end = text.iter().position(|&octet| octet == b':' || octet == b'/').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let domain = rest.strip_prefix(b":");
    match word.to_ascii_lowercase().as_slice() {
        b"all" => {
            if rest.is_empty() {
                Ok(Term::All { pass })
            } else {
                Err("`all` stands alone")
            }
        }
        b"include" => Ok(Term::Lookup(Name::Include, required(domain)?)),
        b"exists" => Ok(Term::Lookup(Name::Exists, required(domain)?)),
        b"ptr" if rest.is_empty() => Ok(Term::Lookup(Name::Ptr, rest)),
        b"ptr" => Ok(Term::Lookup(Name::Ptr, required(domain)?)),
        b"a" => host(rest).map(|domain| Term::Lookup(Name::A, domain)),
        b"mx" => host(rest).map(|domain| Term::Lookup(Name::Mx, domain)),
        b"ip4" => ipv4(domain.ok_or("an address must follow `ip4:`")?),
        b"ip6" => ipv6(domain.ok_or("an address must follow `ip6:`")?),
        b"ipv4" | b"ip" => Err("no mechanism; `ip4:` is one"),
        b"ipv6" => Err("no mechanism; `ip6:` is one"),
        b"redirect" | b"exp" => Err("an `=` must follow, not a colon"),
        b"" => Err("a mechanism must follow the sign, without a space"),
        _ => Err("no mechanism of SPF"),
    }
}

fn modifier<'t>(name: &[u8], value: &'t [u8]) -> Result<Term<'t>, &'static str> {
    match name.to_ascii_lowercase().as_slice() {
        b"redirect" => Ok(Term::Lookup(Name::Redirect, required(Some(value))?)),
        b"exp" => required(Some(value)).map(|_| Term::Explanation),
        // Grammar takes it for a modifier that nobody knows; whoever wrote it did not.
        b"include" | b"a" | b"mx" | b"ptr" | b"ip4" | b"ip6" | b"exists" | b"all" => {
            Err("a colon must follow, not an `=`")
        }
        _ => macros(value).map(|()| Term::Unknown),
    }
}

/// A domain that must be there.
fn required(domain: Option<&[u8]>) -> Result<&[u8], &'static str> {
    let domain = domain.filter(|domain| !domain.is_empty()).ok_or("a domain must follow")?;
    domain_spec(domain).map(|()| domain)
}

/// What may follow `a` and `mx`: a domain, prefix lengths, both or none (RFC 7208 sections 5.3 and 5.4).
fn host(rest: &[u8]) -> Result<&[u8], &'static str> {
    // A slash inside the braces of a macro is a delimiter.
    let mut depth = 0;
    let is_prefix = |octet: &u8| {
        depth += i32::from(*octet == b'{') - i32::from(*octet == b'}');
        *octet == b'/' && depth == 0
    };
    let end = rest.iter().position(is_prefix).unwrap_or(rest.len());
    let (domain, prefixes) = rest.split_at(end);
    let (first, second) = match prefixes.windows(2).position(|two| two == b"//") {
        Some(at) => (&prefixes[..at], Some(&prefixes[at + 2..])),
        None => (prefixes, None),
    };
    if !first.is_empty() {
        prefix_length(&first[1..], 32)?;
    }
    second.map_or(Ok(()), |second| prefix_length(second, 128))?;
    if domain.is_empty() { Ok(domain) } else { required(domain.strip_prefix(b":")) }
}

fn prefix_length(digits: &[u8], most: u32) -> Result<(), &'static str> {
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) && (digits.len() == 1 || digits[0] != b'0');
    let number = plain.then(|| std::str::from_utf8(digits).ok()?.parse::<u32>().ok()).flatten();
    number.filter(|&number| number <= most).map(|_| ()).ok_or("no prefix length")
}

fn ipv4(text: &[u8]) -> Result<Term<'_>, &'static str> {
    let text = std::str::from_utf8(text).map_err(|_| "no IPv4 address")?;
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    if address.parse::<std::net::Ipv4Addr>().is_err() {
        return Err(if address.contains(':') { "an IPv6 address; it takes `ip6:`" } else { "no IPv4 address" });
    }
    length.map_or(Ok(()), |length| prefix_length(length.as_bytes(), 32)).map(|()| Term::Address)
}

fn ipv6(text: &[u8]) -> Result<Term<'_>, &'static str> {
    let text = std::str::from_utf8(text).map_err(|_| "no IPv6 address")?;
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    if address.parse::<std::net::Ipv6Addr>().is_err() {
        return Err(if address.contains(':') { "no IPv6 address" } else { "no IPv6 address; IPv4 takes `ip4:`" });
    }
    length.map_or(Ok(()), |length| prefix_length(length.as_bytes(), 128)).map(|()| Term::Address)
}

/// RFC 7208 section 7.1: macros and text, and a top label that is no number at the end.
fn domain_spec(domain: &[u8]) -> Result<(), &'static str> {
    macros(domain)?;
    if domain.ends_with(b"}") {
        return Ok(());
    }
    let domain = domain.strip_suffix(b".").unwrap_or(domain);
    let (_, top) =
        domain.iter().rposition(|&octet| octet == b'.').map(|at| domain.split_at(at + 1)).ok_or("no domain")?;
    let inner = top.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-');
    let is_top = inner && !top.iter().all(u8::is_ascii_digit) && !top.starts_with(b"-") && !top.ends_with(b"-");
    if is_top && !top.is_empty() { Ok(()) } else { Err("no domain") }
}

/// RFC 7208 section 7.1: every `%` begins a macro.
fn macros(text: &[u8]) -> Result<(), &'static str> {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&octet| octet == b'%') {
        rest = match rest.get(at + 1) {
            Some(b'%' | b'_' | b'-') => &rest[at + 2..],
            Some(b'{') => {
                let end = rest[at..].iter().position(|&octet| octet == b'}').ok_or("a macro without its `}`")?;
                is_macro(&rest[at + 2..at + end]).then_some(()).ok_or("no macro of SPF")?;
                &rest[at + end + 1..]
            }
            _ => return Err("a `%` that begins no macro"),
        };
    }
    Ok(())
}

/// A letter, digits, `r`, delimiters.
fn is_macro(inner: &[u8]) -> bool {
    let Some((letter, rest)) = inner.split_first() else { return false };
    let digits = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
    let rest = &rest[digits..];
    let rest = rest.strip_prefix(b"r").or(rest.strip_prefix(b"R")).unwrap_or(rest);
    b"slodiphcrtv".contains(&letter.to_ascii_lowercase()) && rest.iter().all(|octet| b".-+,/_=".contains(octet))
}

#[cfg(test)]
#[path = "spf_tests.rs"]
mod tests;
