//! Random zones, signed: nothing is found. One bit or one record later something is.
//!
//! Does not know what: whatever is found will do.

use proptest::prelude::*;

use super::signer::{Denial, Key, Owned, name, records, sealed, signed};
use super::{faults, options};
use gannet::dnssec::check;
use gannet::wire::Rtype;

/// One line of a zone: names of up to three of a few labels, so that they meet.
fn line() -> impl Strategy<Value = String> {
    let label = prop_oneof![Just("a"), Just("b"), Just("ns"), Just("*"), Just("c-d")];
    let owner = proptest::collection::vec(label, 1..=3).prop_map(|labels| labels.join("."));
    let data = prop_oneof![
        (0..4u8).prop_map(|octet| format!("A 192.0.2.{octet}")),
        (0..2u8).prop_map(|octet| format!("TXT \"{octet}\" Mixed")),
        Just("MX 5 Mail.Example.".to_owned()),
        Just("HTTPS 1 A.Example. alpn=h2".to_owned()),
        Just("NS ns.other.test.".to_owned()),
        Just("DS 7 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef".to_owned()),
        Just("DNAME other.test.".to_owned()),
        Just("TYPE65280 \\# 2 0102".to_owned()),
    ];
    (owner, data).prop_map(|(owner, data)| format!("{owner} {data}"))
}

fn zone() -> impl Strategy<Value = Vec<Owned>> {
    let denial =
        prop_oneof![Just(Denial::Nsec), any::<bool>().prop_map(|opt_out| Denial::Nsec3 { opt_out, iterations: 0 }),];
    (proptest::collection::vec(line(), 0..12), denial, any::<bool>()).prop_map(|(mut lines, denial, two)| {
        lines.push("@ SOA ns hostmaster 7 7200 900 1209600 600\n@ NS ns.other.test.".to_owned());
        let mut all = records(&format!("$TTL 3600\n{}\n", lines.join("\n")));
        // One DNAME at a name, each record once, and DS where there is NS only.
        let key = |record: &Owned| {
            let rdata = if record.rtype == Rtype::DNAME { Vec::new() } else { record.rdata.clone() };
            (record.owner.to_string(), record.rtype, rdata)
        };
        all.sort_by_key(key);
        all.dedup_by_key(|record| key(record));
        let mut keys = vec![Key::ed25519(7)];
        if two {
            keys.push(Key::p256());
        }
        signed(&all, &keys, denial, |_| ())
    })
}

/// Whether DNSSEC vouches for a record: glue, the NS of a delegation and what is occluded can change unseen.
fn is_vouched_for(all: &[Owned], record: &Owned) -> bool {
    let apex = name("example.");
    let below_barrier = all.iter().any(|other| {
        let is_cut = other.rtype == Rtype::NS && !other.owner.as_name().eq_ignore_case(apex.as_name());
        let is_at = record.owner.as_name().eq_ignore_case(other.owner.as_name());
        let is_below = record.owner.as_name().is_at_or_below(other.owner.as_name()) && !is_at;
        (is_below && (is_cut || other.rtype == Rtype::DNAME))
            || (is_at && is_cut && !matches!(record.rtype, Rtype::DS | Rtype::NSEC | Rtype::NSEC3 | Rtype::RRSIG))
    });
    !below_barrier
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn what_is_signed_is_clean_and_what_is_changed_is_not(
        all in zone(), place in any::<prop::sample::Index>(), octet in any::<prop::sample::Index>(), bit in 0..8u8, gone in any::<bool>()
    ) {
        let found = faults(&check(&sealed(&all), &options()));
        prop_assert_eq!(found, Vec::<String>::new());
        let vouched: Vec<usize> = (0..all.len()).filter(|&at| is_vouched_for(&all, &all[at])).collect();
        let place = vouched[place.index(vouched.len())];
        let mut changed = all.clone();
        if gone {
            // Without its SOA there is no zone.
            prop_assume!(changed[place].rtype != Rtype::SOA);
            let apex = name("example.");
            prop_assume!(changed[place].rtype != Rtype::NS || !changed[place].owner.as_name().eq_ignore_case(apex.as_name()));
            changed.remove(place);
        } else {
            let rdata = &mut changed[place].rdata;
            let octet = octet.index(rdata.len());
            rdata[octet] ^= 1 << bit;
            // What is no rdata any more is refused before, and names are the same in either case.
            let rtype = changed[place].rtype;
            prop_assume!(gannet::wire::rdata::check(rtype, &changed[place].rdata).is_ok());
            let canonical = |record: &Owned| {
                let mut out = Vec::new();
                gannet::wire::rdata::canonical(record.rtype, &record.rdata, &mut out);
                out
            };
            prop_assume!(canonical(&changed[place]) != canonical(&all[place]));
        }
        let found = faults(&check(&sealed(&changed), &options()));
        prop_assert!(!found.is_empty(), "{:?}", all[place]);
    }
}
