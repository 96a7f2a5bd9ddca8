//! Names from text and from the wire: two of each, cut at the first octet 0xff.
//!
//! Promises: text and wire forms come back from each other, both readers of text agree, and the order is one.

use std::cmp::Ordering;

use gannet::base::limits::NAME_OCTETS_MAX;
use gannet::wire::{HashedName, Name, NameBuf, SuffixHasher};

use crate::Target;

pub const TARGET: Target = Target { name: "name", run, seeds, words, octets_max: 600 };

fn run(octets: &[u8]) {
    let (first, second) = match octets.iter().position(|&octet| octet == 0xff) {
        Some(cut) => (&octets[..cut], &octets[cut + 1..]),
        None => (octets, &b"a.B\\.c"[..]),
    };
    let origin: NameBuf = "Origin.example.".parse().expect("a name");
    let names: Vec<NameBuf> = [first, second]
        .iter()
        .flat_map(|octets| [from_text(octets, None), from_text(octets, Some(origin.as_name())), from_wire(octets)])
        .flatten()
        .chain([origin])
        .collect();
    for one in &names {
        walk(one.as_name());
        names.iter().for_each(|other| compare(one.as_name(), other.as_name()));
    }
}

fn from_text(text: &[u8], origin: Option<Name<'_>>) -> Option<NameBuf> {
    let name = NameBuf::from_text(text, origin);
    let mut appended = b"before".to_vec();
    assert_eq!(NameBuf::append_text(text, origin, &mut appended).err(), name.as_ref().err().copied());
    let mut assigned = NameBuf::from_text(b"kept.", None).expect("a name");
    assert_eq!(assigned.assign_text(text, origin).err(), name.as_ref().err().copied());
    let wire = name.as_ref().map_or(&[][..], |name| name.as_name().wire());
    assert_eq!(appended.strip_prefix(b"before"), Some(wire));
    let name = name.ok()?;
    assert_eq!(assigned.as_name().wire(), wire);
    Some(name)
}

fn from_wire(wire: &[u8]) -> Option<NameBuf> {
    let mut hashed = HashedName::new(&SuffixHasher::new(1));
    let read = hashed.read(wire);
    let split = Name::split_from(wire);
    assert_eq!(read.is_ok(), split.is_ok(), "{read:?} {split:?}");
    let (name, rest) = split.ok()?;
    assert_eq!(read, Ok(wire.len() - rest.len()));
    assert!(hashed.as_name().eq_ignore_case(name));
    Some(name.to_buf())
}

/// What holds for every name by itself.
fn walk(name: Name<'_>) {
    let wire = name.wire();
    assert!(Name::from_wire(wire).is_ok() && wire.len() <= NAME_OCTETS_MAX);
    let text = name.to_string();
    assert!(text.bytes().all(|octet| (b'!'..=b'~').contains(&octet)), "{text}");
    assert_eq!(text.parse::<NameBuf>().expect(&text).as_name().wire(), wire, "{text}");
    assert_eq!(name.labels().map(|label| label.len() + 1).sum::<usize>() + 1, wire.len());
    let hasher = SuffixHasher::new(1);
    let mut hashed = HashedName::new(&hasher);
    hashed.fill(name);
    let (mut above, mut skip) = (Some(name), 0);
    while let Some(suffix) = above {
        assert_eq!(hashed.hash(skip), hasher.name(suffix), "{name} {skip}");
        assert!(hashed.suffix(skip).eq_ignore_ascii_case(suffix.wire()) && name.is_at_or_below(suffix));
        let front = name.relative_to(suffix).expect("a suffix of it");
        assert_eq!(NameBuf::join(front, suffix).expect("the name again").as_name().wire(), wire);
        (above, skip) = (suffix.parent(), skip + 1);
    }
    assert_eq!(skip, name.label_count() + 1);
}

/// What holds for every two.
fn compare(one: Name<'_>, other: Name<'_>) {
    let order = one.canonical_cmp(other);
    assert_eq!(other.canonical_cmp(one), order.reverse());
    assert_eq!(one.eq_ignore_case(other), order == Ordering::Equal);
    assert_eq!(one.to_lower().as_name().canonical_cmp(other), order);
    if one.is_at_or_below(other) {
        assert_ne!(order, Ordering::Less, "{one} {other}");
    }
    let hasher = SuffixHasher::new(1);
    assert!(order != Ordering::Equal || hasher.name(one) == hasher.name(other));
}

fn seeds() -> Vec<Vec<u8>> {
    let long = [&b"a".repeat(63)[..], b"."].concat();
    vec![
        b".".to_vec(),
        b"@".to_vec(),
        b"www.example.".to_vec(),
        b"www\xffwww.example.".to_vec(),
        b"\\000\\255\\.x\\\\.\\@".to_vec(),
        b"\x03www\x07example\x00\xff\x07EXAMPLE\x00".to_vec(),
        b"*.A.b\xffa.B".to_vec(),
        long.repeat(3),
        [&long.repeat(3)[..], &b"b".repeat(61)].concat(),
        b"a.".repeat(127),
        b"\x01a".repeat(127),
        [&b"\x01a".repeat(127)[..], &[0]].concat(),
    ]
}

fn words() -> Vec<Vec<u8>> {
    [&b"origin.example."[..], b"\x06origin\x07example\x00", b"\\000", b"\\255", b"\\.", b"\\@", b"\x3f", b"\xc0\x0c"]
        .map(<[u8]>::to_vec)
        .to_vec()
}
