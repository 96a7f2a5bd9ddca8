use proptest::prelude::*;

use super::*;
use crate::base::digest::hash;
use crate::wire::{Class, HashedName, NameBuf, Nsec3Parameters, Record, Rtype, nsec3_label};
use crate::zone::{Builder, Holding, Outcome};

fn name(text: &str) -> NameBuf {
    text.parse().expect("a name")
}

fn hasher() -> SuffixHasher {
    SuffixHasher::new(42)
}

fn apex() -> NameBuf {
    name("example.")
}

/// What denies in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chain {
    None,
    Nsec,
    Nsec3,
}

/// The zone `example.` with so many hosts, a cut with glue, a wildcard, and occluded records.
fn zone(hosts: usize, chain: Chain) -> Zone {
    let mut builder = Builder::new(apex().as_name(), &hasher());
    let mut add = |owner: Name<'_>, rtype, rdata: &[u8]| {
        builder.add(&Record { owner, class: Class::IN, ttl: 60, rtype, rdata }).expect("a record that fits");
    };
    add(apex().as_name(), Rtype::SOA, b"\0\0\0\0\0\x07\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x3c");
    add(apex().as_name(), Rtype::NS, b"\x02ns\x07example\0");
    add(name("cut.example.").as_name(), Rtype::NS, b"\x02ns\x03cut\x07example\0");
    add(name("ns.cut.example.").as_name(), Rtype::A, &[192, 0, 2, 4]);
    add(name("deep.cut.example.").as_name(), Rtype::TXT, b"\x01x");
    add(name("*.wild.example.").as_name(), Rtype::A, &[192, 0, 2, 5]);
    for host in 0..hosts {
        let owner = name(&format!("host{host}.example."));
        add(owner.as_name(), Rtype::A, &(host as u32).to_be_bytes());
        if chain == Chain::Nsec {
            add(owner.as_name(), Rtype::NSEC, b"\x07example\0\0\x01\x40");
        }
    }
    match chain {
        Chain::None => {}
        Chain::Nsec => add(apex().as_name(), Rtype::NSEC, b"\x05host0\x07example\0\0\x01\x40"),
        Chain::Nsec3 => {
            let parameters = Nsec3Parameters { algorithm: 1, iterations: 1, salt: &[0xab, 0xcd] };
            add(apex().as_name(), Rtype::NSEC3PARAM, &[1, 0, 0, 1, 2, 0xab, 0xcd]);
            for owner in [apex(), name("cut.example."), name("wild.example."), name("*.wild.example.")] {
                let hashed = parameters.hash(owner.as_name());
                let owner = NameBuf::join(&nsec3_label(&hashed), apex().as_name()).expect("a name");
                add(
                    owner.as_name(),
                    Rtype::NSEC3,
                    &[&[1, 0, 0, 1, 2, 0xab, 0xcd, 20][..], &hashed, &[0, 1, 0x40]].concat(),
                );
            }
        }
    }
    builder.seal().expect("a good zone").0
}

fn body(zone: &Zone) -> Bytes {
    zone.image_body().flatten().copied().collect::<Vec<u8>>().into()
}

fn restored(head: &[u8], body: &Bytes) -> Result<Zone, Unusable> {
    Zone::from_image(head, body, name("EXAMPLE.").as_name(), &hasher())
}

fn all_records(zone: &Zone) -> Vec<String> {
    let (order, mut lines) = (zone.order(), Vec::new());
    let mut walk = order.walk();
    while let Some(Holding { owner, standing, .. }) = walk.next().as_ref() {
        lines.push(format!("{owner} {standing:?}"));
    }
    lines
}

#[test]
fn a_zone_comes_back_as_it_was() {
    for (hosts, chain) in
        [(0, Chain::None), (3, Chain::Nsec), (3, Chain::Nsec3), (4000, Chain::None), (4000, Chain::Nsec)]
    {
        let zone = zone(hosts, chain);
        let (head, body) = (zone.image_head(), body(&zone));
        let again = restored(&head, &body).expect("an image");
        assert!(again.image_head() == head && self::body(&again) == body, "{hosts} {chain:?}");
        assert_eq!(all_records(&again), all_records(&zone));
        assert_eq!((again.serial(), again.negative_ttl(), again.records()), (7, 60, zone.records()));
        assert_eq!((again.apex_wire(), again.apex_labels()), (zone.apex_wire(), 1));
        assert_eq!(again.apex_node().labels(), &[] as &[u8]);
        for host in 0..hosts {
            let mut hashed = HashedName::new(&hasher());
            hashed.fill(name(&format!("host{host}.example.")).as_name());
            assert!(matches!(again.lookup(&hashed, Rtype::A), Outcome::Answer(_)), "host {host}");
        }
        let blocks = zone.image_body().count();
        assert!(hosts < 4000 || blocks > 1, "{blocks} blocks");
        let is_inside = |piece: &[u8]| body.as_ptr_range().contains(&piece.as_ptr());
        assert!(again.image_body().all(is_inside), "the body is not copied");
    }
}

#[test]
fn images_of_others_are_told_as_such() {
    let zone = zone(3, Chain::Nsec);
    let (head, body) = (zone.image_head(), body(&zone));
    let with = |at: usize, octet: u8| {
        let mut head = head.clone();
        head[at] ^= octet;
        restored(&head, &body).err()
    };
    assert_eq!(with(0, 1), Some(Unusable::Foreign), "layout");
    assert_eq!(with(4, 1), Some(Unusable::Foreign), "machine");
    assert_eq!(with(8, 1), Some(Unusable::OtherSeed));
    // Behind layout, machine, probe, apex, its node, three numbers, records and depths.
    let usual_depth = 4 + 4 + 8 + (4 + apex().as_name().wire().len()) + 8 + 3 * 4 + 8 + 16;
    assert_eq!(with(usual_depth, zone.usual_depth ^ 7), None, "a guess, which may be wrong");
    assert_eq!(with(usual_depth, zone.usual_depth), Some(Unusable::Malformed), "no label at all");
    let other = SuffixHasher::new(43);
    assert_eq!(Zone::from_image(&head, &body, apex().as_name(), &other).err(), Some(Unusable::OtherSeed));
    for apex in ["example.com.", "com.", "."] {
        let apex = name(apex);
        assert_eq!(Zone::from_image(&head, &body, apex.as_name(), &hasher()).err(), Some(Unusable::OtherZone));
    }
}

#[test]
fn what_is_cut_off_or_too_long_is_refused() {
    for chain in [Chain::None, Chain::Nsec, Chain::Nsec3] {
        let zone = zone(30, chain);
        let (head, body) = (zone.image_head(), body(&zone));
        for length in 0..head.len() {
            assert!(restored(&head[..length], &body).is_err(), "{length} of {} octets", head.len());
        }
        assert_eq!(restored(&[&head[..], &[0]].concat(), &body).err(), Some(Unusable::Malformed));
        for length in 0..body.len() {
            assert_eq!(restored(&head, &body.slice(..length)).err(), Some(Unusable::Malformed));
        }
    }
}

proptest! {
    #[test]
    fn any_head_gives_a_zone_or_an_error(
        chain in prop::sample::select(vec![Chain::None, Chain::Nsec, Chain::Nsec3]),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let zone = zone(5, chain);
        let (mut head, body) = (zone.image_head(), body(&zone));
        for (at, octet) in changes {
            // What stands in front of this is told by other tests.
            let at = 16 + at.index(head.len() - 16);
            head[at] = octet;
        }
        let _ = restored(&head, &body);
        let _ = restored(&head, &body.slice(..cut.index(body.len())));
    }
}

/// Whoever changes how a zone is stored raises `LAYOUT` and puts the new number here: or images of another version would be read
/// as if they were of this one.
#[cfg(all(target_pointer_width = "64", target_endian = "little"))]
#[test]
fn what_is_kept_changes_with_its_number() {
    let digests = [Chain::None, Chain::Nsec, Chain::Nsec3].map(|chain| {
        let zone = zone(5, chain);
        hash(&[zone.image_head(), body(&zone).to_vec()].concat())
    });
    assert_eq!((LAYOUT, digests), (5, [15304028525373730122, 13121872928841691172, 14349889022233550690]));
}
