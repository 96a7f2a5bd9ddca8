use std::sync::Arc;

use super::*;
use crate::wire::{Class, HashedName, NameBuf, Record, Rtype, SuffixHasher};

fn name(text: &str) -> NameBuf {
    text.parse().expect("a name")
}

fn hasher() -> SuffixHasher {
    SuffixHasher::new(42)
}

fn ns(target: &str) -> Vec<u8> {
    name(target).as_name().wire().to_vec()
}

const SOA: (&str, Rtype, &[u8]) = ("example.", Rtype::SOA, b"\0\0\0\0\0\x07\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x3c");

fn built(apex: &str, records: &[(&str, Rtype, &[u8])]) -> Result<(Zone, Findings), Findings> {
    let mut builder = Builder::new(name(apex).as_name(), &hasher());
    for (owner, rtype, rdata) in records {
        let owner = name(owner);
        let record = Record { owner: owner.as_name(), class: Class::IN, ttl: 300, rtype: *rtype, rdata };
        builder.add(&record).expect("a record that fits");
    }
    builder.seal()
}

/// example. with a wildcard, a cut with glue, an empty non-terminal, a DNAME and occluded data.
fn example() -> Zone {
    let records: [(&str, Rtype, &[u8]); 13] = [
        SOA,
        ("example.", Rtype::NS, &ns("ns.example.")),
        ("ns.example.", Rtype::A, &[192, 0, 2, 1]),
        ("*.example.", Rtype::A, &[192, 0, 2, 2]),
        ("a.ent.example.", Rtype::A, &[192, 0, 2, 3]),
        ("cut.example.", Rtype::NS, &ns("ns.cut.example.")),
        ("cut.example.", Rtype::NS, &ns("ns.other.example.")),
        ("NS.cut.example.", Rtype::A, &[192, 0, 2, 4]),
        ("deep.below.cut.example.", Rtype::TXT, b"\x01x"),
        ("below.deep.below.cut.example.", Rtype::NS, &ns("ns.example.")),
        ("dname.example.", Rtype::DNAME, &ns("target.example.")),
        ("under.dname.example.", Rtype::A, &[192, 0, 2, 5]),
        ("alias.example.", Rtype::CNAME, &ns("ns.example.")),
    ];
    let (zone, findings) = built("example.", &records).expect("a good zone");
    let occluded = "below.deep.below.cut.example.: NS records below a zone cut or DNAME: they are not served; \
        deep.below.cut.example.: TXT records below a zone cut or DNAME: they are not served; \
        under.dname.example.: A records below a zone cut or DNAME: they are not served";
    let mut found: Vec<String> = findings.iter().map(ToString::to_string).collect();
    found.sort();
    assert_eq!(found.join("; "), occluded);
    zone
}

fn outcome(zone: &Zone, qname: &str, qtype: Rtype) -> String {
    let mut hashed = HashedName::new(&hasher());
    hashed.fill(name(qname).as_name());
    let at = |node: Node<'_>| node.owner().to_string();
    match zone.lookup(&hashed, qtype) {
        Outcome::Referral(cut) => format!("referral {}", at(cut)),
        Outcome::Answer(rrset) => format!("answer {} {}", at(rrset.node()), rrset.rtype),
        Outcome::Signatures(node) => format!("signatures {}", at(node)),
        Outcome::Cname(rrset) => format!("cname {}", at(rrset.node())),
        Outcome::Dname(rrset) => format!("dname {}", at(rrset.node())),
        Outcome::NoData(node) => format!("nodata {}", at(node)),
        Outcome::NxDomain(node) => format!("nxdomain {}", at(node)),
    }
}

#[test]
fn every_outcome() {
    let zone = example();
    for (qname, qtype, expected) in [
        ("example.", Rtype::NS, "answer example. NS"),
        ("NS.Example.", Rtype::A, "answer ns.example. A"),
        ("ns.example.", Rtype::AAAA, "nodata ns.example."),
        ("nothing.example.", Rtype::A, "answer *.example. A"),
        ("nothing.example.", Rtype::TXT, "nodata *.example."),
        ("*.example.", Rtype::A, "answer *.example. A"),
        ("x.ns.example.", Rtype::A, "nxdomain ns.example."),
        ("ent.example.", Rtype::A, "nodata ent.example."),
        ("b.ent.example.", Rtype::A, "nxdomain ent.example."),
        ("cut.example.", Rtype::NS, "referral cut.example."),
        ("cut.example.", Rtype::DS, "nodata cut.example."),
        ("ns.cut.example.", Rtype::A, "referral cut.example."),
        ("below.deep.below.cut.example.", Rtype::DS, "referral cut.example."),
        ("x.dname.example.", Rtype::A, "dname dname.example."),
        ("under.dname.example.", Rtype::A, "dname dname.example."),
        ("dname.example.", Rtype::A, "nodata dname.example."),
        ("alias.example.", Rtype::A, "cname alias.example."),
        ("alias.example.", Rtype::CNAME, "answer alias.example. CNAME"),
        ("alias.example.", Rtype::NSEC, "cname alias.example."),
        ("alias.example.", Rtype::RRSIG, "nodata alias.example."),
        ("alias.example.", Rtype::ANY, "answer alias.example. CNAME"),
        ("ent.example.", Rtype::ANY, "nodata ent.example."),
    ] {
        assert_eq!(outcome(&zone, qname, qtype), expected, "{qname} {qtype}");
    }
}

/// RFC 8482 section 4.1: the choice is ours.
#[test]
fn any_is_answered_with_data_where_there_is_any() {
    let nsec: &[u8] = b"\x07example\0\0\x01\x40";
    let records = [
        SOA,
        ("example.", Rtype::NS, &*ns("ns.example.")),
        ("web.example.", Rtype::HTTPS, b"\0\x01\0"),
        ("web.example.", Rtype::NSEC, nsec),
        ("bare.example.", Rtype::NSEC, nsec),
        ("alias.example.", Rtype::NSEC, nsec),
        ("alias.example.", Rtype::CNAME, &*ns("ns.example.")),
    ];
    let zone = built("example.", &records).expect("a good zone").0;
    for (qname, rtype) in
        [("example.", "NS"), ("web.example.", "HTTPS"), ("bare.example.", "NSEC"), ("alias.example.", "CNAME")]
    {
        assert_eq!(outcome(&zone, qname, Rtype::ANY), format!("answer {qname} {rtype}"));
    }
}

#[test]
fn glue_is_in_the_node_of_its_cut() {
    let zone = example();
    let mut hashed = HashedName::new(&hasher());
    hashed.fill(name("x.cut.example.").as_name());
    let Outcome::Referral(cut) = zone.lookup(&hashed, Rtype::A) else { panic!("a referral") };
    let glue: Vec<_> = cut.glue().map(|glue| (glue.target, glue.labels, glue.rrset.rtype)).collect();
    assert_eq!(glue, [(Some(0), &b"\x02ns"[..], Rtype::A)]);
    assert!(cut.has_sibling_servers());
}

#[test]
fn what_no_zone_may_hold() {
    let apex_ns = ("example.", Rtype::NS, &*ns("ns.example."));
    let cname = ns("x.example.");
    let other = ns("y.example.");
    for (records, expected) in [
        (&[apex_ns][..], "example.: the zone has no SOA record at its apex"),
        (&[("a.example.", Rtype::A, &[0; 4])], "example.: the zone has no SOA record at its apex"),
        (&[SOA], "example.: the zone has no NS record at its apex"),
        (&[SOA, apex_ns, ("example.", Rtype::SOA, &[0; 22])], "example.: the zone has more than one SOA record"),
        (
            &[SOA, apex_ns, ("c.example.", Rtype::CNAME, &cname), ("c.example.", Rtype::A, &[0; 4])],
            "c.example.: a CNAME cannot stand beside other data, here A",
        ),
        (
            &[SOA, apex_ns, ("c.example.", Rtype::CNAME, &cname), ("C.example.", Rtype::CNAME, &other)],
            "c.example.: more than one CNAME record for one name",
        ),
        (
            &[SOA, apex_ns, ("c.example.", Rtype::DNAME, &cname), ("c.example.", Rtype::DNAME, &other)],
            "c.example.: more than one DNAME record for one name",
        ),
    ] {
        let findings = built("example.", records).map(|_| ()).expect_err("a bad zone");
        assert_eq!(findings.to_string(), expected);
    }
    let huge: Vec<Vec<u8>> = (0..300u16).map(|n| [vec![255; 256], n.to_be_bytes().to_vec()].concat()).collect();
    let records: Vec<_> =
        [SOA, apex_ns].into_iter().chain(huge.iter().map(|rdata| ("t.example.", Rtype::TXT, &rdata[..]))).collect();
    let findings = built("example.", &records).map(|_| ()).expect_err("a bad zone");
    assert_eq!(findings.to_string(), "t.example.: the TXT records are too many for one DNS message");
}

/// Small records weigh more than their data: header 12, question 15, OPT and cookie 39, and 16 for each address are 65,535 at
/// most; for an MX of `x.y` and a pointer it is 20.
#[test]
fn an_rrset_that_is_loaded_can_be_answered() {
    let apex_ns = ("example.", Rtype::NS, &*ns("ns.example."));
    for (rtype, most, rdata) in [
        (Rtype::A, 4_091_u32, (|number| number.to_be_bytes().to_vec()) as fn(u32) -> Vec<u8>),
        (Rtype::MX, 3_273, |number| [&(number as u16).to_be_bytes()[..], b"\x01x\x01y\x07example\0"].concat()),
    ] {
        for (count, fits) in [(most, true), (most + 1, false)] {
            let all: Vec<Vec<u8>> = (0..count).map(rdata).collect();
            let many = all.iter().map(|rdata| ("t.example.", rtype, &rdata[..]));
            let records: Vec<_> = [SOA, apex_ns].into_iter().chain(many).collect();
            assert_eq!(built("example.", &records).is_ok(), fits, "{count} {rtype}");
        }
    }
}

#[test]
fn records_refused_at_once() {
    let mut builder = Builder::new(name("example.").as_name(), &hasher());
    let owner = name("a.example.");
    let record = Record { owner: owner.as_name(), class: Class::IN, ttl: 0, rtype: Rtype::A, rdata: &[0; 4] };
    let foreign = name("a.test.");
    for (bad, expected) in [
        (Record { owner: foreign.as_name(), ..record }, Rejected::OutOfZone),
        (Record { class: Class::CH, ..record }, Rejected::Class(Class::CH)),
        (Record { rtype: Rtype::OPT, ..record }, Rejected::MetaType(Rtype::OPT)),
        (Record { rtype: Rtype::SOA, ..record }, Rejected::SoaBelowApex),
        (
            Record { rtype: Rtype::NS, rdata: b"\x01a", ..record },
            Rejected::Rdata(Rtype::NS, crate::wire::NameError::CutOff),
        ),
    ] {
        assert_eq!(builder.add(&bad), Err(expected));
    }
    assert_eq!(builder.add(&record), Ok(()));
}

#[test]
fn duplicates_and_unequal_ttls() {
    let mut builder = Builder::new(name("example.").as_name(), &hasher());
    let targets = [ns("ns.example."), ns("NS.example."), ns("b.example.")];
    let apex = name("example.");
    for (ttl, rtype, rdata) in [
        (300, Rtype::SOA, SOA.2),
        (300, Rtype::NS, &targets[0][..]),
        (200, Rtype::NS, &targets[1]),
        (400, Rtype::NS, &targets[2]),
    ] {
        let record = Record { owner: apex.as_name(), class: Class::IN, ttl, rtype, rdata };
        builder.add(&record).expect("a record that fits");
    }
    let (zone, findings) = builder.seal().expect("a good zone");
    let ns = zone.apex_node().rrset(Rtype::NS).expect("NS");
    assert_eq!((ns.record_count(), ns.ttl), (2, 200));
    assert_eq!(
        findings.to_string(),
        "example.: the NS records differ in their TTL: the lowest is used for all; \
         example.: the same NS record more than once: it is kept once"
    );
    assert_eq!((zone.serial(), zone.negative_ttl()), (7, 60));
}

#[test]
fn signatures_with_a_ttl_of_their_own() {
    let mut builder = Builder::new(name("example.").as_name(), &hasher());
    let apex = name("example.");
    let signature = |covered: Rtype| [&covered.0.to_be_bytes()[..], &[0; 16], apex.as_name().wire(), &[7]].concat();
    for (ttl, rtype, rdata) in [
        (300, Rtype::SOA, SOA.2),
        (300, Rtype::RRSIG, &signature(Rtype::SOA)[..]),
        (300, Rtype::NS, &ns("ns.example.")),
        (200, Rtype::RRSIG, &signature(Rtype::NS)),
    ] {
        let record = Record { owner: apex.as_name(), class: Class::IN, ttl, rtype, rdata };
        builder.add(&record).expect("a record that fits");
    }
    let (_, findings) = builder.seal().expect("a good zone");
    let said = "example.: signatures over NS with another TTL than the records: that of the records is used";
    assert_eq!(findings.to_string(), said);
}

#[test]
fn the_soa_at_both_ends_of_a_transfer_is_one() {
    let servers = ns("ns.example.");
    let mut records =
        vec![("example.", Rtype::SOA, SOA.2), ("example.", Rtype::NS, &servers), ("example.", Rtype::SOA, SOA.2)];
    let (zone, findings) = built("example.", &records).expect("a good zone");
    assert_eq!(zone.apex_node().rrset(Rtype::SOA).expect("SOA").record_count(), 1);
    assert_eq!(findings.to_string(), "example.: the same SOA record more than once: it is kept once");
    let mut other = SOA.2.to_vec();
    other[5] ^= 1;
    records.push(("example.", Rtype::SOA, &other));
    let findings = built("example.", &records).expect_err("two SOAs");
    assert!(findings.to_string().contains("more than one SOA"), "{findings}");
}

#[test]
fn the_longest_apex_wins_and_versions_follow_zones() {
    let make = |apex: &str| {
        let records = [(apex, SOA.1, SOA.2), (apex, Rtype::NS, &*ns("ns.example."))];
        ZoneState::from(Arc::new(built(apex, &records).expect("a good zone").0))
    };
    let (parent, child, root) = (make("example."), make("sub.example."), make("."));
    let first = ZoneSet::empty(&hasher()).succeed(vec![parent.clone(), child.clone()]);
    let find = |set: &ZoneSet, qname: &str, skip: usize| {
        let mut hashed = HashedName::new(&hasher());
        hashed.fill(name(qname).as_name());
        if skip == 0 {
            assert_eq!(set.guess(&hashed), set.find(&hashed, 0).map(|found| found.0), "{qname}: the tags differ");
        }
        set.find(&hashed, skip).map(|(_, zone)| match zone {
            ZoneState::Loaded(zone, _) => zone.apex().to_string(),
            ZoneState::Failed(_) => "failed".into(),
        })
    };
    for (qname, skip, expected) in [
        ("a.example.", 0, Some("example.")),
        ("a.SUB.example.", 0, Some("sub.example.")),
        ("sub.example.", 0, Some("sub.example.")),
        ("sub.example.", 1, Some("example.")),
        ("test.", 0, None),
        (".", 0, None),
    ] {
        assert_eq!(find(&first, qname, skip).as_deref(), expected, "{qname}");
    }
    // Alone, a zone is found without a search.
    let alone = ZoneSet::empty(&hasher()).succeed(vec![child.clone()]);
    for (qname, skip, expected) in [
        ("a.SUB.example.", 0, Some("sub.example.")),
        ("a.sub.example.", 1, Some("sub.example.")),
        ("a.sub.example.", 2, None),
        ("sub.example.", 0, Some("sub.example.")),
        ("sub.example.", 1, None),
        ("a.xub.example.", 0, None),
        ("example.", 0, None),
        (".", 0, None),
    ] {
        assert_eq!(find(&alone, qname, skip).as_deref(), expected, "{qname} without {skip}");
    }
    let second = first.succeed(vec![parent.clone(), make("sub.example.")]);
    assert_eq!((second.shape(), second.version(0)), (first.shape(), first.version(0)));
    assert_ne!(second.version(1), first.version(1));
    let failed = ZoneState::Failed(Arc::new(FailedZone::new(name("Sub.example.").as_name(), &hasher())));
    let broken = second.succeed(vec![parent.clone(), failed]);
    assert_eq!(find(&broken, "a.sub.example.", 0).as_deref(), Some("failed"));
    assert_eq!((broken.shape(), broken.version(0)), (first.shape(), first.version(0)));
    // The same zone answered from in another way is another version.
    let ZoneState::Loaded(zone, mut choices) = parent.clone() else { panic!("it was loaded") };
    choices.cname_across_zones = !choices.cname_across_zones;
    let other_way = first.succeed(vec![ZoneState::Loaded(zone, choices), child.clone()]);
    assert_eq!((other_way.shape(), other_way.version(1)), (first.shape(), first.version(1)));
    assert_ne!(other_way.version(0), first.version(0));
    // All that a lookup reads is in the memory that the set tells of.
    let ZoneState::Loaded(zone, _) = &child else { panic!("it was loaded") };
    let places = [zone.apex_node().identity(), std::ptr::from_ref(&**zone).addr()];
    for place in places.into_iter().chain(first.zones().iter().map(|zone| std::ptr::from_ref(zone).addr())) {
        assert!(first.memory().any(|piece| piece.contains(&place)));
    }
    let third = second.succeed(vec![parent, child, root]);
    assert_ne!(third.shape(), second.shape());
    assert_eq!(find(&third, "test.", 0).as_deref(), Some("."));
    assert_eq!(find(&ZoneSet::empty(&hasher()), "test.", 0), None);
}

#[test]
fn a_zone_of_many_blocks_finds_every_name() {
    let mut builder = Builder::new(name("example.").as_name(), &hasher());
    let add = |builder: &mut Builder, owner: &str, rtype, rdata: &[u8]| {
        let owner = name(owner);
        builder.add(&Record { owner: owner.as_name(), class: Class::IN, ttl: 1, rtype, rdata }).expect("fits");
    };
    add(&mut builder, "example.", Rtype::SOA, SOA.2);
    add(&mut builder, "example.", Rtype::NS, &ns("ns.example."));
    for n in 0..20_000u32 {
        add(&mut builder, &format!("h{n}.s{}.example.", n % 100), Rtype::A, &n.to_be_bytes());
    }
    let (zone, _) = builder.seal().expect("a good zone");
    assert!(zone.blocks.len() > 1);
    for n in 0..20_000u32 {
        let mut hashed = HashedName::new(&hasher());
        hashed.fill(name(&format!("h{n}.S{}.example.", n % 100)).as_name());
        let Outcome::Answer(rrset) = zone.lookup(&hashed, Rtype::A) else { panic!("h{n} is lost") };
        assert_eq!(rrset.records().next(), Some(&n.to_be_bytes()[..]));
    }
    assert_eq!(outcome(&zone, "s7.example.", Rtype::A), "nodata s7.example.");
    assert_eq!(outcome(&zone, "h1.s2.example.", Rtype::A), "nxdomain s2.example.");
}

/// A guess of the depth where names are shortens lookups, and changes none.
#[test]
fn what_is_found_does_not_depend_on_where_it_is_sought_first() {
    let mut records = vec![SOA, ("example.", Rtype::NS, b"\0")];
    let hosts: Vec<String> = (0..300).map(|n| format!("h{n}.example.")).collect();
    records.extend(hosts.iter().map(|host| (host.as_str(), Rtype::A, &[1; 4][..])));
    records.extend([
        ("c.b.a.example.", Rtype::A, &[2; 4][..]),
        ("*.b.a.example.", Rtype::TXT, b"\x01x"),
        ("d.e.f.b.a.example.", Rtype::CNAME, b"\0"),
        ("cut.a.example.", Rtype::NS, b"\0"),
        ("x.cut.a.example.", Rtype::A, &[3; 4]),
        ("dname.h1.example.", Rtype::DNAME, b"\0"),
    ]);
    let (mut zone, _) = built("example.", &records).expect("a good zone");
    assert_eq!(zone.usual_depth, 1);
    for (qname, expected) in [
        ("h0.example.", "answer h0.example. A"),
        ("www.h0.example.", "nxdomain h0.example."),
        ("a.b.c.d.e.f.g.none.example.", "nxdomain example."),
        ("a.example.", "nodata a.example."),
        ("x.a.example.", "nxdomain a.example."),
        ("c.b.a.example.", "answer c.b.a.example. A"),
        ("x.c.b.a.example.", "nxdomain c.b.a.example."),
        ("x.b.a.example.", "nodata *.b.a.example."),
        ("f.b.a.example.", "nodata f.b.a.example."),
        ("x.e.f.b.a.example.", "nxdomain e.f.b.a.example."),
        ("d.e.f.b.a.example.", "cname d.e.f.b.a.example."),
        ("y.x.cut.a.example.", "referral cut.a.example."),
        ("x.dname.h1.example.", "dname dname.h1.example."),
    ] {
        for first in 1..128 {
            zone.usual_depth = first;
            assert_eq!(outcome(&zone, qname, Rtype::A), expected, "{qname}, {first} labels first");
        }
    }
}
