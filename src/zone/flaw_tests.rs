use super::*;
use crate::wire::{Class, Name, Record, SuffixHasher, nsec3_label};
use crate::zone::Builder;

fn name(text: &str) -> NameBuf {
    text.parse().expect("a name")
}

/// `example.` with these records; signed, which shows in its SOA, where `is_signed`.
fn zone(records: &[(&str, Rtype, Vec<u8>)], is_signed: bool) -> Zone {
    let mut builder = Builder::new(name("example.").as_name(), &SuffixHasher::new(5));
    let mut add = |owner: Name<'_>, rtype, rdata: &[u8]| {
        builder.add(&Record { owner, class: Class::IN, ttl: 60, rtype, rdata }).expect("a record that fits");
    };
    let apex = name("example.");
    add(apex.as_name(), Rtype::SOA, &[0; 22]);
    add(apex.as_name(), Rtype::NS, b"\x02ns\x04test\0");
    if is_signed {
        add(apex.as_name(), Rtype::RRSIG, b"\0\x06\x08\x01\0\0\0\x3c\0\0\0\0\0\0\0\0\0\x01\x07example\0signature");
    }
    records.iter().for_each(|(owner, rtype, rdata)| add(name(owner).as_name(), *rtype, rdata));
    builder.seal().expect("a good zone").0
}

fn flaw(records: &[(&str, Rtype, Vec<u8>)]) -> String {
    told(zone(records, true).flaw())
}

fn told(flaw: Option<Flaw>) -> String {
    flaw.map_or_else(String::new, |flaw| flaw.to_string())
}

fn nsec(next: &str) -> Vec<u8> {
    [name(next).as_name().wire(), &[0, 1, 0x40]].concat()
}

/// A chain of NSEC3 over three names, whose NSEC3PARAM has these flags.
fn hashed(flags: u8, iterations: u8) -> Vec<(String, Rtype, Vec<u8>)> {
    let parameters = Nsec3Parameters { algorithm: 1, iterations: iterations.into(), salt: &[] };
    let mut hashes = ["example.", "a.example.", "b.example."].map(|owner| parameters.hash(name(owner).as_name()));
    hashes.sort_unstable();
    let mut records = vec![("example.".to_owned(), Rtype::NSEC3PARAM, vec![1, flags, 0, iterations, 0])];
    for (number, hash) in hashes.iter().enumerate() {
        let owner = NameBuf::join(&nsec3_label(hash), name("example.").as_name()).expect("a name");
        let rdata = [&[1, 1, 0, iterations, 0, 20][..], &hashes[(number + 1) % 3], &[0, 1, 0x40]].concat();
        records.push((owner.to_string(), Rtype::NSEC3, rdata));
    }
    records
}

fn flaw_of(records: &[(String, Rtype, Vec<u8>)]) -> String {
    flaw(&records.iter().map(|(owner, rtype, rdata)| (&**owner, *rtype, rdata.clone())).collect::<Vec<_>>())
}

#[test]
fn a_signed_zone_has_something_to_deny_with() {
    assert_eq!(told(zone(&[], false).flaw()), "");
    assert_eq!(flaw(&[]), told(Some(Flaw::NoDenial)));
    assert_eq!(flaw(&[("a.example.", Rtype::NSEC, nsec("example."))]), told(Some(Flaw::NoDenial)));
    assert_eq!(flaw(&[("example.", Rtype::NSEC, nsec("Example."))]), "");
}

#[test]
fn nsec3_without_an_nsec3param_of_theirs_is_told() {
    assert_eq!(flaw_of(&hashed(0, 0)), "");
    assert_eq!(flaw_of(&hashed(1, 0)), told(Some(Flaw::NoChain)));
    assert_eq!(flaw_of(&hashed(0, 0)[1..]), told(Some(Flaw::NoChain)));
    // One of another chain.
    assert_eq!(flaw_of(&[&hashed(0, 1)[..1], &hashed(0, 0)[1..]].concat()), told(Some(Flaw::NoChain)));
    // On the way to NSEC3, NSEC denies.
    let apex = ("example.".to_owned(), Rtype::NSEC, nsec("example."));
    assert_eq!(flaw_of(&[&hashed(0, 0)[1..], &[apex]].concat()), "");
    assert_eq!(flaw_of(&hashed(0, 151)), told(Some(Flaw::Costly(151))));
}

#[test]
fn a_chain_leads_from_each_name_to_the_next_one() {
    let nsec_chain = |nexts: [&str; 3]| {
        let owners = ["example.", "a.example.", "B.b.example."];
        owners.iter().zip(nexts).map(|(owner, next)| (*owner, Rtype::NSEC, nsec(next))).collect::<Vec<_>>()
    };
    let broken = |rtype, owner: &str| told(Some(Flaw::Broken(rtype, Box::new(name(owner)))));
    assert_eq!(flaw(&nsec_chain(["A.example.", "b.b.example.", "example."])), "");
    for (nexts, owner) in [
        (["b.b.example.", "b.b.example.", "example."], "example."),
        (["a.example.", "x.b.b.example.", "example."], "a.example."),
        (["a.example.", "elsewhere.", "example."], "a.example."),
        (["a.example.", "b.b.example.", "a.example."], "b.b.example."),
    ] {
        assert_eq!(flaw(&nsec_chain(nexts)), broken(Rtype::NSEC, owner), "{nexts:?}");
    }
    assert_eq!(flaw_of(&hashed(0, 2)), "");
    for missing in 1..4 {
        // That of the apex is what the chain is known by.
        let apex =
            nsec3_label(&Nsec3Parameters { algorithm: 1, iterations: 2, salt: &[] }.hash(name("example.").as_name()));
        let mut records = hashed(0, 2);
        let (gone, before) = (records[missing].0.clone(), records[(missing + 1) % 3 + 1].0.clone());
        records.remove(missing);
        let is_apex = gone.as_bytes().starts_with(&apex[1..]);
        let expected = if is_apex { told(Some(Flaw::NoChain)) } else { broken(Rtype::NSEC3, &before) };
        assert_eq!(flaw_of(&records), expected, "{gone}");
    }
}

#[test]
fn threads_find_the_same_break() {
    let places: Vec<Place> = (0..1_000).map(|at| Place { key: 0, block: 0, at }).collect();
    for threads in 1..4 {
        let first = |broken: [u32; 2]| first_break(&places, threads, |link, _| !broken.contains(&link.at));
        assert_eq!((first([2_000; 2]), first([990, 500]), first([999, 999])), (None, Some(500), Some(999)));
    }
    assert_eq!(first_break::<Place>(&[], 2, |_, _| false), None);
}
