use super::*;
use crate::wire::{Class, Name, NameBuf, Nsec3Parameters, Record, SuffixHasher, nsec3_label};
use crate::zone::chain::HASHED;
use crate::zone::{Builder, Outcome};

fn name(text: &str) -> NameBuf {
    text.parse().expect("a name")
}

/// A zone with a chain of NSEC3 over all its names; with opt-out, over those that are no zone cuts.
fn zone(hasher: &SuffixHasher, iterations: u16, opt_out: bool) -> Zone {
    let mut builder = Builder::new(name("example.").as_name(), hasher);
    let mut add = |owner: Name<'_>, rtype, rdata: &[u8]| {
        builder.add(&Record { owner, class: Class::IN, ttl: 60, rtype, rdata }).expect("a record that fits");
    };
    let apex = name("example.");
    add(apex.as_name(), Rtype::SOA, &[&[0, 0][..], &[0; 20]].concat());
    add(apex.as_name(), Rtype::NS, b"\x02ns\x04test\0");
    let parameters = Nsec3Parameters { algorithm: 1, iterations, salt: &[0xab, 0xcd] };
    let head = [&[1, u8::from(opt_out)][..], &iterations.to_be_bytes(), &[2, 0xab, 0xcd]].concat();
    add(apex.as_name(), Rtype::NSEC3PARAM, &[&[1, 0][..], &head[2..]].concat());
    let mut hashes = vec![parameters.hash(apex.as_name())];
    for (owner, rtype) in [
        ("a.example.", Rtype::A),
        ("b.c.d.example.", Rtype::A),
        ("c.d.example.", Rtype::ANY),
        ("d.example.", Rtype::ANY),
        ("*.w.example.", Rtype::A),
        ("w.example.", Rtype::ANY),
        ("sub.example.", Rtype::NS),
    ] {
        let owner = name(owner);
        match rtype {
            Rtype::A => add(owner.as_name(), rtype, &[192, 0, 2, 1]),
            Rtype::NS => add(owner.as_name(), rtype, b"\x02ns\x04test\0"),
            _ => {} // an empty non-terminal
        }
        if rtype != Rtype::NS || !opt_out {
            hashes.push(parameters.hash(owner.as_name()));
        }
    }
    hashes.sort_unstable();
    for (index, hash) in hashes.iter().enumerate() {
        let next = hashes[(index + 1) % hashes.len()];
        let owner = NameBuf::join(&nsec3_label(hash), apex.as_name()).expect("a name");
        add(owner.as_name(), Rtype::NSEC3, &[&head[..], &[20], &next, &[0, 1, 0x40]].concat());
    }
    builder.seal().expect("a good zone").0
}

/// How many names are hashed and how many records are shown to deny what is asked for.
fn cost(zone: &Zone, hasher: &SuffixHasher, qname: &str) -> (usize, usize) {
    let mut hashed = HashedName::new(hasher);
    hashed.fill(name(qname).as_name());
    let (before, mut shown) = (HASHED.get(), 0);
    let show: Show<'_, '_> = &mut |_| shown += 1;
    match zone.lookup(&hashed, Rtype::AAAA) {
        Outcome::NoData(node) if node.labels() == &name(qname).as_name().wire()[..node.labels().len()] => {
            zone.deny_type(&hashed, node, show);
        }
        Outcome::NoData(node) => zone.deny_wildcard_type(&hashed, node, show),
        Outcome::NxDomain(encloser) => zone.deny_name(&hashed, encloser, show),
        Outcome::Referral(cut) => zone.deny_type(&hashed, cut, show),
        other => panic!("{qname}: {other:?}"),
    }
    (HASHED.get() - before, shown)
}

#[test]
fn one_name_is_hashed_at_most_however_deep_the_question_is() {
    let hasher = SuffixHasher::new(5);
    let deep = "x.".repeat(100) + "example.";
    let deeper = "x.".repeat(100) + "b.c.d.example.";
    for opt_out in [false, true] {
        let zone = zone(&hasher, 10, opt_out);
        for (qname, names, records) in [
            // The closest encloser, the next closer name and the wildcard: one of them is new (RFC 5155 section 7.2.2).
            ("none.example.", 1, 3),
            (&deep, 1, 3),
            (&deeper, 1, 3),
            // Names that exist were hashed before.
            ("a.example.", 0, 1),
            ("c.d.example.", 0, 1),
            ("x.w.example.", 1, 3),
            ("y.x.w.example.", 1, 3),
            ("x.sub.example.", 0, if opt_out { 2 } else { 1 }),
        ] {
            assert_eq!(cost(&zone, &hasher, qname), (names, records), "{qname} {opt_out}");
        }
    }
    // With so many iterations no name is.
    let zone = zone(&hasher, 151, false);
    for qname in ["none.example.", &deep, "a.example.", "x.w.example.", "x.sub.example."] {
        assert_eq!(cost(&zone, &hasher, qname), (0, 1), "{qname}");
    }
}
