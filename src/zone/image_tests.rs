use proptest::prelude::*;

use super::*;
use crate::base::digest::hash;
use crate::wire::{Class, HashedName, NameBuf, Nsec3Parameters, Record, Rtype, nsec3_label};
use crate::zone::{Builder, Changes, Holding, Outcome};

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
    /// NSEC3, one of which has come and one gone since the zone was sealed.
    Changed,
}

/// The NSEC3 of a name.
fn link(of: &str) -> (NameBuf, Vec<u8>) {
    let hashed = Nsec3Parameters { algorithm: 1, iterations: 1, salt: &[0xab, 0xcd] }.hash(name(of).as_name());
    let owner = NameBuf::join(&nsec3_label(&hashed), apex().as_name()).expect("a name");
    (owner, [&[1, 0, 0, 1, 2, 0xab, 0xcd, 20][..], &hashed, &[0, 1, 0x40]].concat())
}

fn record<'a>(owner: Name<'a>, rtype: Rtype, rdata: &'a [u8]) -> Record<'a> {
    Record { owner, class: Class::IN, ttl: 60, rtype, rdata }
}

/// The zone `example.` with so many hosts, a cut with glue, a wildcard, and occluded records.
fn zone(hosts: usize, chain: Chain) -> Zone {
    let sealed = sealed(hosts, chain);
    if chain != Chain::Changed {
        return sealed;
    }
    let mut changes = Changes::new(apex().as_name());
    let [(old, old_rdata), (new, new_rdata)] = ["link7.example.", "new.example."].map(link);
    changes.remove(&record(old.as_name(), Rtype::NSEC3, &old_rdata)).expect("a record that fits");
    changes.add(&record(new.as_name(), Rtype::NSEC3, &new_rdata)).expect("a record that fits");
    let (zone, _) = sealed.apply(&changes).expect("a good zone");
    assert!(matches!(&zone.denial, Denial::Nsec3(chain) if chain.numbers.len() == chain.links.len() + 2));
    zone
}

fn sealed(hosts: usize, chain: Chain) -> Zone {
    let mut builder = Builder::new(apex().as_name(), &hasher());
    let mut add = |owner: Name<'_>, rtype, rdata: &[u8]| {
        builder.add(&record(owner, rtype, rdata)).expect("a record that fits");
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
        Chain::Nsec3 | Chain::Changed => {
            add(apex().as_name(), Rtype::NSEC3PARAM, &[1, 0, 0, 1, 2, 0xab, 0xcd]);
            let mut names = ["", "cut.", "wild.", "*.wild."].map(|labels| format!("{labels}example.")).to_vec();
            // Few of these are changed.
            names.extend((0..40).filter(|_| chain == Chain::Changed).map(|number| format!("link{number}.example.")));
            for (owner, rdata) in names.iter().map(|name| link(name)) {
                add(owner.as_name(), Rtype::NSEC3, &rdata);
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
    for (hosts, chain) in [
        (0, Chain::None),
        (3, Chain::Nsec),
        (3, Chain::Nsec3),
        (3, Chain::Changed),
        (4000, Chain::None),
        (4000, Chain::Nsec),
        (4000, Chain::Changed),
    ] {
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
    for chain in [Chain::None, Chain::Nsec, Chain::Nsec3, Chain::Changed] {
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

/// Whoever follows a number comes to a link, and the last one of a link to the link itself.
#[test]
fn numbers_that_are_none_of_their_links_are_refused() {
    // Behind both are the count of numbers, or the last of them, and the first break.
    for (chain, from_end) in [(Chain::Nsec3, 12 + 12), (Chain::Changed, 8 + 4), (Chain::Changed, 8 + 8)] {
        let zone = zone(3, chain);
        let (mut head, body) = (zone.image_head(), body(&zone));
        let at = head.len() - from_end;
        for bit in [1, 0x80] {
            head[at] ^= bit;
            assert_eq!(restored(&head, &body).err(), Some(Unusable::Malformed), "{chain:?} {from_end} {bit}");
            head[at] ^= bit;
        }
        assert!(restored(&head, &body).is_ok());
    }
}

proptest! {
    #[test]
    fn any_head_gives_a_zone_or_an_error(
        chain in prop::sample::select(vec![Chain::None, Chain::Nsec, Chain::Nsec3, Chain::Changed]),
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
    let digests = [Chain::None, Chain::Nsec, Chain::Nsec3, Chain::Changed].map(|chain| {
        let zone = zone(5, chain);
        hash(&[zone.image_head(), body(&zone).to_vec()].concat())
    });
    assert_eq!(
        (LAYOUT, digests),
        (6, [11737246429417400086, 10933127436968937629, 16850287683321510296, 10794734238450344128])
    );
}
