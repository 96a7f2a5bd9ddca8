//! Rdata of every type, from text and from the wire. The first two octets are the type.
//!
//! Promises: what text gives passes the check; what passes comes back from its text, from the generic form, and out of a
//! zone file; what does not pass is written generically.

use gannet::wire::rdata::{Span, TextError, canonical, check, from_text, names, to_text};
use gannet::wire::{Class, Name, NameBuf, Record, Rtype};
use gannet::zonefile::{Reader, write_record};

use crate::{Target, samples};

pub const TEXT: Target = Target {
    name: "rdata-text",
    run: run_text,
    seeds: samples::rdata_texts,
    words: samples::rdata_words,
    octets_max: 1024,
};

pub const WIRE: Target = Target {
    name: "rdata-wire",
    run: run_wire,
    seeds: samples::rdata_wires,
    words: samples::wire_words,
    octets_max: 1024,
};

/// The type that the first two octets mean, and what follows them. Most codes have no row, and nothing to break: they
/// mean one that has.
fn split(octets: &[u8]) -> Option<(Rtype, &[u8])> {
    let (code, rest) = octets.split_first_chunk()?;
    let rtype = Rtype(u16::from_be_bytes(*code));
    let known = samples::known_types();
    let rtype = if known.contains(&rtype) { rtype } else { known[usize::from(rtype.0) % known.len()] };
    Some((rtype, rest))
}

fn run_text(octets: &[u8]) {
    let Some((rtype, text)) = split(octets) else { return };
    let origin: NameBuf = "example.".parse().expect("a name");
    let mut out = b"before".to_vec();
    let tokens = tokens(text);
    match from_text(rtype, text, &tokens, Some(origin.as_name()), &mut out) {
        Ok(()) => {
            let wire = out.strip_prefix(b"before").expect("what was there stays");
            assert_eq!(check(rtype, wire), Ok(()));
            round_trip(rtype, wire);
        }
        Err(error) => {
            assert!(error.token <= tokens.len() && !error.expected.is_empty());
            assert_eq!(out, b"before");
        }
    }
}

fn run_wire(octets: &[u8]) {
    let Some((rtype, wire)) = split(octets) else { return };
    match check(rtype, wire) {
        Ok(()) => round_trip(rtype, wire),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(text_of(rtype, wire).starts_with("\\# "));
        }
    }
}

fn text_of(rtype: Rtype, wire: &[u8]) -> String {
    let mut text = String::new();
    to_text(rtype, wire, &mut text).expect("a string takes everything");
    text
}

/// The rdata that a text is.
pub fn wire_of(rtype: Rtype, text: &[u8], origin: Name<'_>) -> Result<Vec<u8>, TextError> {
    let mut wire = Vec::new();
    from_text(rtype, text, &tokens(text), Some(origin), &mut wire).map(|()| wire)
}

/// Rdata that passes its check, through its own text, the generic one, and a zone file.
fn round_trip(rtype: Rtype, wire: &[u8]) {
    let text = text_of(rtype, wire);
    assert!(text.bytes().all(|octet| (b' '..=b'~').contains(&octet)), "{text}");
    let generic = text_of(Rtype(65280), wire);
    for text in [&text, &generic] {
        let mut back = Vec::new();
        from_text(rtype, text.as_bytes(), &tokens(text.as_bytes()), None, &mut back).expect(text);
        assert_eq!(back, wire, "{rtype} {text}");
    }
    names_and_canonical_form(rtype, wire);
    if !rtype.is_meta() {
        through_a_zone_file(rtype, wire);
    }
}

/// The names in it are whole and in their order, and the canonical form differs in nothing but their case.
fn names_and_canonical_form(rtype: Rtype, wire: &[u8]) {
    let mut canonical_form = b"before".to_vec();
    canonical(rtype, wire, &mut canonical_form);
    let canonical_form = canonical_form.strip_prefix(b"before").expect("what was there stays");
    assert_eq!(check(rtype, canonical_form), Ok(()));
    let mut expected = wire.to_vec();
    let mut end = 0;
    for name in names(rtype, wire) {
        assert!(name.place.start >= end && Name::from_wire(&wire[name.place.clone()]).is_ok(), "{rtype} {name:?}");
        end = name.place.end;
        if name.form.is_lowered() {
            expected[name.place].make_ascii_lowercase();
        }
    }
    assert_eq!(canonical_form, expected, "{rtype}");
    let layout = rtype.name_layout();
    assert!(names(rtype, wire).count() >= layout.names.into(), "{rtype} {layout:?}");
}

fn through_a_zone_file(rtype: Rtype, wire: &[u8]) {
    let mut line = String::new();
    let record = Record { owner: Name::ROOT, class: Class::IN, ttl: 60, rtype, rdata: wire };
    write_record(&record, &mut line).expect("a string takes everything");
    let mut reader = Reader::new(line.as_bytes(), "-", Name::ROOT);
    let (again, _) = reader.next().expect("a record").expect(&line);
    assert_eq!((again.rtype, again.ttl, again.rdata), (rtype, 60, wire));
    assert!(reader.next().is_none(), "{line}");
}

/// The words of one line, quoted or not, as a scanner finds them; without comments and parentheses.
fn tokens(text: &[u8]) -> Vec<Span> {
    let (mut at, mut tokens) = (0, Vec::new());
    while at < text.len() {
        if text[at] == b' ' {
            at += 1;
            continue;
        }
        let quoted = text[at] == b'"';
        at += usize::from(quoted);
        let (start, end) = (at, if quoted { b'"' } else { b' ' });
        while at < text.len() && text[at] != end {
            at += if text[at] == b'\\' { 2 } else { 1 };
        }
        tokens.push(Span::new(start, at.min(text.len()), quoted));
        at += usize::from(quoted);
    }
    tokens
}
