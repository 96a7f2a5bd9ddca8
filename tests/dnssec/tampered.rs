//! Zones that are wrong before they are signed: every signature is good, and what is wrong must be found all the same.
//!
//! Does not know files.

use gannet::dnssec::{Kind, Options, check};
use gannet::wire::{Name, NameBuf, Rtype};

use super::signer::{
    Denial, EXPIRATION, INCEPTION, Key, Owned, bitmap, name, nsec3_owner, records, sealed, sign_rrset, sign_with,
    signed,
};
use super::{TIME, faults, options};

const ZONE: &str = "$TTL 3600
@ SOA ns hostmaster 7 7200 900 1209600 600
@ NS ns
ns A 192.0.2.1
mail A 192.0.2.2
deep.ent TXT ent
lonely.cuts NS ns
secure NS ns.secure
secure DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ns.secure A 192.0.2.4
insecure NS ns
txt.insecure TXT occluded
*.wild TXT wild
";

const NSEC3: Denial = Denial::Nsec3 { opt_out: false, iterations: 0 };
const OPT_OUT: Denial = Denial::Nsec3 { opt_out: true, iterations: 0 };

/// The faults of the zone, tampered with before it is signed.
fn tampered(denial: Denial, tamper: impl FnOnce(&mut Vec<Owned>)) -> Vec<String> {
    let all = signed(&records(ZONE), &[Key::ed25519(1)], denial, tamper);
    faults(&check(&sealed(&all), &options()))
}

/// The faults of the zone, tampered with after it was signed.
fn after(denial: Denial, keys: &[Key], tamper: impl FnOnce(&mut Vec<Owned>)) -> Vec<String> {
    let mut all = signed(&records(ZONE), keys, denial, |_| ());
    tamper(&mut all);
    faults(&check(&sealed(&all), &options()))
}

/// Adds records to the apex.
fn with_apex(added: &[(Rtype, &[u8])]) -> Vec<String> {
    let apex = name("example.");
    let text = records(ZONE);
    let more = added.iter().map(|&(rtype, rdata)| Owned { owner: apex, ttl: 3_600, rtype, rdata: rdata.to_vec() });
    let all = signed(&text.into_iter().chain(more).collect::<Vec<_>>(), &[Key::ed25519(1)], Denial::Nsec, |_| ());
    faults(&check(&sealed(&all), &options()))
}

fn find<'r>(records: &'r mut [Owned], owner: &str, rtype: Rtype) -> &'r mut Owned {
    let owner = name(owner);
    let is_meant =
        |record: &&mut Owned| record.rtype == rtype && record.owner.as_name().eq_ignore_case(owner.as_name());
    records.iter_mut().find(is_meant).unwrap()
}

fn remove(records: &mut Vec<Owned>, owner: &NameBuf, rtype: Rtype) -> Owned {
    let is_meant = |record: &Owned| record.rtype == rtype && record.owner.as_name().eq_ignore_case(owner.as_name());
    let place = records.iter().position(is_meant).unwrap();
    records.remove(place)
}

/// Takes an NSEC3 out and closes the chain again.
fn unlink(records: &mut Vec<Owned>, of: &str) {
    let gone = remove(records, &nsec3_owner(of), Rtype::NSEC3);
    let label = &gone.owner.as_name().wire()[1..33];
    let hash = data_encoding::BASE32_DNSSEC.decode(label).unwrap();
    let before =
        records.iter_mut().find(|record| record.rtype == Rtype::NSEC3 && record.rdata[7..27] == hash[..]).unwrap();
    before.rdata[7..27].copy_from_slice(&gone.rdata[7..27]);
}

#[test]
fn nothing_is_found_where_nothing_was_done() {
    for denial in [Denial::Nsec, NSEC3, OPT_OUT] {
        assert_eq!(tampered(denial, |_| ()), [""; 0], "{denial:?}");
        assert_eq!(after(denial, &[Key::ed25519(1), Key::p256()], |_| ()), [""; 0], "{denial:?}");
    }
}

#[test]
fn nsec_chains() {
    let nsec = |owner: &'static str, change: fn(&mut Owned)| {
        tampered(Denial::Nsec, |records| change(find(records, owner, Rtype::NSEC)))
    };
    assert_eq!(
        tampered(Denial::Nsec, |records| drop(remove(records, &name("mail.example."), Rtype::NSEC))),
        ["nsec-missing 1 mail.example. NSEC"]
    );
    // The last one names the apex, the one before its next.
    for owner in ["mail.example.", "*.wild.example.", "example."] {
        let found = nsec(owner, |nsec| {
            let listed = nsec.rdata.len() - Name::split_from(&nsec.rdata).unwrap().1.len();
            nsec.rdata.splice(..listed, name("b.example.").as_name().wire().iter().copied());
        });
        assert_eq!(found, [format!("nsec-chain-broken 1 {owner} NSEC")]);
    }
    let listing = |types: &'static [Rtype]| {
        tampered(Denial::Nsec, |records| {
            let nsec = find(records, "mail.example.", Rtype::NSEC);
            let next = Name::split_from(&nsec.rdata).unwrap().0.wire().to_vec();
            nsec.rdata = [next, bitmap(types)].concat();
        })
    };
    for types in [
        &[Rtype::A, Rtype::RRSIG][..],
        &[Rtype::RRSIG, Rtype::NSEC],
        &[Rtype::A, Rtype::RRSIG, Rtype::NSEC, Rtype::CAA],
        &[Rtype::A, Rtype::MX, Rtype::RRSIG, Rtype::NSEC],
        &[Rtype::A, Rtype::NSEC],
    ] {
        assert_eq!(listing(types), ["nsec-bitmap 1 mail.example. NSEC"], "{types:?}");
    }
    for owner in ["ns.secure.example.", "txt.insecure.example."] {
        let stray = tampered(Denial::Nsec, |records| {
            let rdata = [name("example.").as_name().wire(), &bitmap(&[Rtype::NSEC])].concat();
            records.push(Owned { owner: name(owner), ttl: 600, rtype: Rtype::NSEC, rdata });
        });
        assert_eq!(stray, [format!("stray-nsec 1 {owner} NSEC")]);
    }
    assert_eq!(nsec("mail.example.", |nsec| nsec.ttl = 601), ["denial-ttl 1 mail.example. NSEC"]);
    let none = tampered(Denial::Nsec, |records| records.retain(|record| record.rtype != Rtype::NSEC));
    assert_eq!(none, ["no-denial 1 example. NSEC"]);
}

#[test]
fn nsec3_chains() {
    let of = |owner: &str| nsec3_owner(owner).to_string();
    let nsec3 = |owner: &'static str, change: fn(&mut Owned)| {
        tampered(NSEC3, |records| change(find(records, &of(owner), Rtype::NSEC3)))
    };
    // Names, delegations and empty non-terminals.
    for owner in ["mail.example.", "insecure.example.", "ent.example.", "wild.example.", "example."] {
        let found = tampered(NSEC3, |records| unlink(records, owner));
        assert_eq!(found, [format!("nsec3-missing 1 {owner} NSEC3")]);
    }
    let found = nsec3("mail.example.", |nsec3| nsec3.rdata[9] ^= 1);
    assert_eq!(found, [format!("nsec3-chain-broken 1 {} NSEC3", of("mail.example."))]);
    for (owner, types) in [
        ("mail.example.", &[Rtype::A][..]),
        ("mail.example.", &[Rtype::A, Rtype::RRSIG, Rtype::MX]),
        ("insecure.example.", &[Rtype::NS, Rtype::RRSIG]),
        ("secure.example.", &[Rtype::NS, Rtype::RRSIG]),
        ("ent.example.", &[Rtype::TXT]),
    ] {
        let found = tampered(NSEC3, |records| {
            let nsec3 = find(records, &of(owner), Rtype::NSEC3);
            nsec3.rdata.truncate(27);
            nsec3.rdata.extend(bitmap(types));
        });
        assert_eq!(found, [format!("nsec3-bitmap 1 {owner} NSEC3")], "{types:?}");
    }
    let found = tampered(NSEC3, |records| drop(remove(records, &name("mail.example."), Rtype::A)));
    assert_eq!(found, [format!("nsec3-surplus 1 {} NSEC3", of("mail.example."))]);
    let found = nsec3("mail.example.", |nsec3| nsec3.ttl = 3_600);
    assert_eq!(found, [format!("denial-ttl 1 {} NSEC3", of("mail.example."))]);
    let found = tampered(NSEC3, |records| drop(remove(records, &name("example."), Rtype::NSEC3PARAM)));
    assert_eq!(found, ["no-nsec3param 1 example. NSEC3PARAM"]);
}

#[test]
fn nsec3_parameters() {
    for (iterations, expected) in [(150, &[][..]), (151, &["nsec3-iterations-excessive 1 example. NSEC3PARAM"])] {
        assert_eq!(tampered(Denial::Nsec3 { opt_out: false, iterations }, |_| ()), expected);
    }
    // One of another salt, one with a flag that nobody knows.
    for (octet, value) in [(5, 0xab), (1, 2)] {
        let found = tampered(NSEC3, |records| {
            let mut other = find(records, &nsec3_owner("mail.example.").to_string(), Rtype::NSEC3).clone();
            other.rdata[octet] = value;
            records.push(other);
        });
        assert_eq!(found, [format!("nsec3-parameters 1 {} NSEC3", nsec3_owner("mail.example."))]);
    }
    let found = tampered(NSEC3, |records| {
        let mut other = find(records, "example.", Rtype::NSEC3PARAM).clone();
        other.rdata[0] = 2;
        records.push(other);
    });
    assert_eq!(found, ["nsec3-unchecked 1 example. NSEC3PARAM"]);
}

#[test]
fn opt_out_leaves_out_insecure_delegations_alone() {
    for owner in ["mail.example.", "secure.example.", "ent.example.", "deep.ent.example."] {
        let found = tampered(OPT_OUT, |records| unlink(records, owner));
        assert_eq!(found, [format!("nsec3-opt-out 1 {owner} NSEC3")]);
    }
    // The empty non-terminal above an insecure delegation was never there: nothing is missed. Without the flag it is.
    let found = tampered(OPT_OUT, |records| {
        records.iter_mut().filter(|record| record.rtype == Rtype::NSEC3).for_each(|nsec3| nsec3.rdata[1] = 0);
    });
    assert_eq!(found, ["nsec3-missing 3 cuts.example. NSEC3"]);
}

#[test]
fn keys() {
    let with =
        |change: fn(&mut Owned)| tampered(Denial::Nsec, |records| change(find(records, "example.", Rtype::DNSKEY)));
    // The key that signs is no longer there: what is said of the one that took its place comes first.
    assert!(with(|key| key.rdata[2] = 4)[0].starts_with("malformed-key 1 example. DNSKEY"));
    let more = |rdata: Vec<u8>| {
        tampered(Denial::Nsec, |records| {
            records.push(Owned { owner: name("example."), ttl: 3_600, rtype: Rtype::DNSKEY, rdata });
        })
    };
    let other = Key::ed25519(2).rdata();
    let flagged = |flags: u16| [&flags.to_be_bytes(), &other[2..]].concat();
    assert_eq!(more(flagged(257)), [""; 0]);
    assert_eq!(more(flagged(257 | 128)), ["revoked-key 1 example. DNSKEY"]);
    assert_eq!(more(flagged(1)), ["not-zone-key 1 example. DNSKEY"]);
    assert_eq!(
        more([&[1, 1, 3, 13], &[7; 64][..]].concat()),
        ["malformed-key 1 example. DNSKEY", "missing-signature 16 example. SOA"]
    );
    assert_eq!(more(Key::p256().rdata()), ["missing-signature 16 example. SOA"]);
    // RFC 5702 section 6.1: 512 bits, which nobody has to verify.
    let short = "AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8PkxUdp6p/DlUmObdk=";
    let short = data_encoding::BASE64.decode(short.as_bytes()).unwrap();
    assert_eq!(
        more([&[1, 0, 3, 8], &short[..]].concat()),
        ["unsupported-key 1 example. DNSKEY", "short-rsa-key 1 example. DNSKEY", "missing-signature 16 example. SOA",]
    );
    // Two octets moved in pairs: another key, the same tag.
    let mut twin = Key::ed25519(1).rdata();
    twin[4..].rotate_left(2);
    assert_eq!(more(twin), ["key-tag-collision 1 example. DNSKEY"]);
    let plain = [Key { flags: 256, ..Key::ed25519(1) }];
    assert_eq!(after(Denial::Nsec, &plain, |_| ()), ["no-secure-entry-point 1 example. DNSKEY"]);
    // A key that signs all but the keys.
    let two = [Key::ed25519(2), Key { flags: 256, ..Key::ed25519(1) }];
    let unsigned = after(Denial::Nsec, &two, |records| {
        let tag = gannet::dnssec::Dnskey::read(&two[0].rdata()).unwrap().tag().to_be_bytes();
        let is_over_keys = |rdata: &[u8]| rdata[..2] == Rtype::DNSKEY.0.to_be_bytes() && rdata[16..18] == tag;
        records.retain(|record| record.rtype != Rtype::RRSIG || !is_over_keys(&record.rdata));
    });
    assert_eq!(unsigned, ["entry-point-unsigned 1 example. DNSKEY"]);
    let revoked = [Key { flags: 257 | 128, ..Key::ed25519(1) }, Key::ed25519(2)];
    assert_eq!(after(Denial::Nsec, &revoked, |_| ()), ["revoked-key 1 example. DNSKEY"]);
    let used = after(Denial::Nsec, &revoked, |records| {
        let signature = sign_rrset(records, &name("mail.example."), Rtype::A, &revoked[0]);
        records.push(signature);
    });
    assert_eq!(used, ["revoked-key 1 example. DNSKEY", "unfit-key 1 mail.example. A"]);
    let none = after(Denial::Nsec, &[Key { flags: 0, ..Key::ed25519(1) }], |_| ());
    assert!(none.contains(&"no-zone-key 1 example. DNSKEY".to_owned()), "{none:?}");
    let gone =
        after(Denial::Nsec, &[Key::ed25519(1)], |records| drop(remove(records, &name("example."), Rtype::DNSKEY)));
    assert_eq!(gone, ["no-dnskey 1 example. DNSKEY"]);
}

#[test]
fn validity() {
    let all = signed(&records(ZONE), &[Key::ed25519(1)], Denial::Nsec, |_| ());
    let zone = sealed(&all);
    let at = |time: u32, warn_before: u32| {
        let found = faults(&check(&zone, &Options { time: time.into(), warn_before }));
        found.first().map(|first| first.split(' ').next().unwrap().to_owned())
    };
    assert_eq!(at(INCEPTION, 0), None);
    assert_eq!(at(INCEPTION - 1, 0).as_deref(), Some("signature-not-yet-valid"));
    assert_eq!(at(EXPIRATION - 5, 4), None);
    assert_eq!(at(EXPIRATION - 5, 5).as_deref(), Some("signature-expires-soon"));
    assert_eq!(at(EXPIRATION + 1, 5).as_deref(), Some("expired-signature"));
    let backwards = after(Denial::Nsec, &[Key::ed25519(1)], |records| {
        let owner = name("mail.example.");
        let signature = sign_with(records, &owner, Rtype::A, &Key::ed25519(1), TIME as u32 + 1, TIME as u32 - 1);
        records.push(signature);
    });
    assert_eq!(backwards, ["backwards-validity 1 mail.example. A"]);
}

#[test]
fn signatures_where_none_belong_and_too_many() {
    let key = [Key::ed25519(1)];
    for (owner, rtype, said) in [
        ("insecure.example.", Rtype::NS, "NS"),
        ("ns.secure.example.", Rtype::A, "RRSIG"),
        ("txt.insecure.example.", Rtype::TXT, "RRSIG"),
    ] {
        let found = after(Denial::Nsec, &key, |records| {
            let signature = sign_rrset(records, &name(owner), rtype, &key[0]);
            records.push(signature);
        });
        assert_eq!(found, [format!("stray-signature 1 {owner} {said}")]);
    }
    let many = after(Denial::Nsec, &key, |records| {
        for number in 0..16 {
            let owner = name("mail.example.");
            let signature = sign_with(records, &owner, Rtype::A, &key[0], INCEPTION + 1 + number, EXPIRATION);
            records.push(signature);
        }
    });
    assert_eq!(many, ["too-many-signatures 1 mail.example. A"]);
}

#[test]
fn requests_to_the_parent() {
    let key = Key::ed25519(1).rdata();
    let tag = gannet::dnssec::Dnskey::read(&key).unwrap().tag().to_be_bytes();
    let digest = |kind| {
        let digest = gannet::dnssec::digest::of_key(gannet::dnssec::DigestType(kind), name("example.").as_name(), &key);
        [&tag, &[15, kind][..], digest.unwrap().as_ref()].concat()
    };
    let (good, old) = (digest(2), digest(1));
    let mut wrong = good.clone();
    wrong[9] ^= 1;
    let stranger = [&[9, 9, 15, 2], &[7; 32][..]].concat();
    let other = Key::ed25519(2).rdata();
    let (delete, delete_key) = (&[0, 0, 0, 0, 0][..], &[0, 0, 3, 0, 0][..]);
    let (cds, cdnskey) = (Rtype::CDS, Rtype::CDNSKEY);
    for (added, expected) in [
        (&[(cds, &good[..]), (cdnskey, &key)][..], &[][..]),
        (&[(cds, &good), (cds, &stranger)], &["cds-unknown-key 1 example. CDS"]),
        (&[(cds, &wrong)], &["cds-mismatch 1 example. CDS"]),
        (&[(cds, &stranger)], &["cds-mismatch 1 example. CDS"]),
        (&[(cds, &old), (cds, &good)], &[]),
        (&[(cdnskey, &other)], &["cds-mismatch 1 example. CDNSKEY"]),
        (
            &[(cds, &good), (cds, &stranger), (cdnskey, &key)],
            &["cds-unknown-key 1 example. CDS", "cds-inconsistent 1 example. CDS"],
        ),
        (&[(cds, delete), (cdnskey, delete_key)], &[]),
        (&[(cds, delete)], &[]),
        (&[(cds, delete), (cds, &good)], &["cds-delete 1 example. CDS"]),
        (&[(cds, &good), (cdnskey, delete_key)], &["cds-delete 1 example. CDS"]),
        (&[(cds, &[0, 0, 0, 0, 1])], &["cds-delete 1 example. CDS"]),
        // A key of the zone that does not sign the keys.
        (&[(Rtype::DNSKEY, &other), (cdnskey, &other)], &["cds-unsigned 1 example. CDNSKEY"]),
    ] {
        assert_eq!(with_apex(added), expected);
    }
}

#[test]
fn digests_of_the_zone() {
    let zonemd = |serial: u8, scheme: u8, hash: u8, octets: usize| {
        [&[0, 0, 0, serial, scheme, hash], &vec![9; octets][..]].concat()
    };
    let (mismatch, short) = (zonemd(7, 1, 1, 48), zonemd(7, 1, 2, 12));
    for (added, expected) in [
        (&[(Rtype::ZONEMD, &mismatch[..])][..], &["zonemd-mismatch 1 example. ZONEMD"][..]),
        (&[(Rtype::ZONEMD, &short)], &["zonemd-mismatch 1 example. ZONEMD"]),
        (&[(Rtype::ZONEMD, &zonemd(8, 1, 1, 48))], &["zonemd-serial 1 example. ZONEMD"]),
        (&[(Rtype::ZONEMD, &zonemd(7, 240, 1, 48))], &["zonemd-unsupported 1 example. ZONEMD"]),
        (&[(Rtype::ZONEMD, &zonemd(7, 1, 240, 48))], &["zonemd-unsupported 1 example. ZONEMD"]),
        (&[(Rtype::ZONEMD, &mismatch), (Rtype::ZONEMD, &zonemd(7, 1, 1, 40))], &["zonemd-duplicate 1 example. ZONEMD"]),
    ] {
        assert_eq!(with_apex(added), expected);
    }
}

/// KeyTrap (CVE-2023-50387): many keys with one tag, and many signatures, each of which may be of any of them.
#[test]
fn a_trap_of_keys_is_not_tried_to_its_end() {
    let mut all = signed(&records(ZONE), &[Key::ed25519(1)], Denial::Nsec, |_| ());
    let own = Key::ed25519(1).rdata();
    // Any two pairs of octets may change places: the tag is a sum.
    for (from, to) in (0..16).flat_map(|from| (0..from).map(move |to| (4 + 2 * from, 4 + 2 * to))) {
        let mut twin = own.clone();
        (0..2).for_each(|octet| twin.swap(from + octet, to + octet));
        all.push(Owned { owner: name("example."), ttl: 3_600, rtype: Rtype::DNSKEY, rdata: twin });
    }
    let report = check(&sealed(&all), &options());
    let found = faults(&report);
    // Four of the 121 keys are tried, and that is said; the own one may be among them or not.
    assert_eq!(found[0], "key-tag-collision 1 example. DNSKEY");
    assert!(found[1..].iter().all(|fault| fault.starts_with("bad-signature ")), "{found:?}");
}

#[test]
fn every_kind_has_a_test() {
    let tests = [include_str!("tampered.rs"), include_str!("../dnssec.rs")].concat();
    for kind in Kind::ALL {
        assert!(
            tests.contains(&format!("\"{}", kind.name())) || tests.contains(&format!("{} 1", kind.name())),
            "{}",
            kind.name()
        );
    }
}
