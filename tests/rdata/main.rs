//! Samples of every RR type: through text and wire and back, broken in every way, and beside what others make of them.
//!
//! Does not know the fields of a type: it sees text and octets.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)] // no docs are made of tests; what is missing is named

mod broken;
mod differences;
pub mod samples;
pub mod tools;

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use gannet::wire::{Rtype, rdata};

use samples::{Sample, read};

/// The types that the table must have: those with a text form in IANA's registry.
const TYPES: &str = "A NS MD MF CNAME SOA MB MG MR NULL WKS PTR HINFO MINFO MX TXT RP AFSDB X25 ISDN RT NSAP NSAP-PTR SIG KEY \
    PX GPOS AAAA LOC NXT EID NIMLOC SRV ATMA NAPTR KX CERT A6 DNAME SINK APL DS SSHFP IPSECKEY RRSIG NSEC DNSKEY DHCID NSEC3 \
    NSEC3PARAM TLSA SMIMEA HIP NINFO RKEY TALINK CDS CDNSKEY OPENPGPKEY CSYNC ZONEMD SVCB HTTPS DSYNC HHIT BRID SPF NID L32 \
    L64 LP EUI48 EUI64 URI CAA AVC DOA AMTRELAY RESINFO WALLET CLA IPN TA DLV";

/// The types that fewer than two of the tools know: BIND alone, ldns alone for MD and MF, none for CLA and IPN.
const KNOWN_TO_FEW: &str = "MD MF NXT A6 ATMA SINK RKEY DSYNC HHIT BRID DOA RESINFO WALLET TA CLA IPN";

fn text_of(rtype: Rtype, wire: &[u8]) -> String {
    let mut text = String::new();
    rdata::to_text(rtype, wire, &mut text).unwrap();
    text
}

#[test]
fn every_type_has_its_samples() {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for sample in samples::all() {
        *count.entry(sample.rtype.to_string()).or_default() += 1;
    }
    let in_table = (0..=u16::MAX).map(Rtype).filter(|rtype| !rtype.is_meta()).map(|rtype| rtype.to_string());
    let in_table: BTreeSet<String> = in_table.filter(|mnemonic| !mnemonic.starts_with("TYPE")).collect();
    let wanted: BTreeSet<String> = TYPES.split_whitespace().map(String::from).collect();
    assert_eq!(in_table, wanted);
    for mnemonic in wanted {
        assert!(count.get(&mnemonic).is_some_and(|&count| count >= 2), "{mnemonic} has fewer than two samples");
    }
}

#[test]
fn text_gives_the_wire_form_and_the_wire_form_gives_text_back() {
    for Sample { text, rtype, wire } in samples::all() {
        let hex = HEXLOWER.encode(&wire);
        assert_eq!(read(text).map(|(rtype, wire)| (rtype, HEXLOWER.encode(&wire))), Ok((rtype, hex.clone())), "{text}");
        assert_eq!(rdata::check(rtype, &wire), Ok(()), "{text}");
        let written = text_of(rtype, &wire);
        let generic = format!("\\# {} {hex}", wire.len());
        let (upper, lower) = (rtype.to_string(), rtype.to_string().to_lowercase());
        let number = format!("type{}", rtype.0);
        for head in [&upper, &lower, &number] {
            // RFC 3597 section 5: each of the two forms, behind the mnemonic and behind the number.
            for form in [&written, &generic] {
                assert_eq!(read(&format!("{head} {form}")), Ok((rtype, wire.clone())), "{text}: {head} {form}");
            }
        }
    }
}

#[test]
fn others_give_the_same_wire_form() {
    let samples = samples::all();
    let mut confirmed: BTreeMap<Rtype, usize> = BTreeMap::new();
    let mut missing = Vec::new();
    for tool in tools::TOOLS {
        let Some(wires) = (tool.run)(&samples) else {
            missing.push(tool.name);
            continue;
        };
        let known: BTreeSet<Rtype> = wires.keys().map(|&index| samples[index].rtype).collect();
        let mut agreed = BTreeSet::new();
        for (index, sample) in samples.iter().enumerate().filter(|(_, sample)| known.contains(&sample.rtype)) {
            match wires.get(&index).map(|wire| HEXLOWER.encode(wire)) {
                Some(wire) if wire == HEXLOWER.encode(&sample.wire) => {
                    agreed.insert(sample.rtype);
                }
                _ if sample.rtype == Rtype::SOA && !tools::has_all_soas(tool.name) => {}
                theirs => assert!(
                    differences::is_known(tool.name, sample.text, theirs.as_deref()),
                    "{}: {} gives {}, ours is {}",
                    sample.text,
                    tool.name,
                    theirs.as_deref().unwrap_or("an error"),
                    HEXLOWER.encode(&sample.wire)
                ),
            }
        }
        agreed.into_iter().for_each(|rtype| *confirmed.entry(rtype).or_default() += 1);
    }
    if tools::are_there(&missing) {
        let few: BTreeSet<&str> = KNOWN_TO_FEW.split_whitespace().collect();
        for mnemonic in TYPES.split_whitespace().filter(|mnemonic| !few.contains(mnemonic)) {
            let rtype = Rtype::from_text(mnemonic.as_bytes()).unwrap();
            assert!(confirmed.get(&rtype) >= Some(&2), "{mnemonic}: fewer than two others agree");
        }
    }
}

#[test]
fn another_gives_the_same_canonical_form() {
    let samples = samples::all();
    let Some(theirs) = tools::canonical_forms(&samples) else {
        tools::are_there(&["dnspython"]);
        return;
    };
    for (index, wire) in theirs {
        let Sample { text, rtype, wire: ours } = &samples[index];
        let mut canonical = Vec::new();
        rdata::canonical(*rtype, ours, &mut canonical);
        let (canonical, wire) = (HEXLOWER.encode(&canonical), HEXLOWER.encode(&wire));
        let known = differences::is_known("dnspython, canonical", text, Some(&wire));
        assert!(canonical == wire || known, "{text}: dnspython gives {wire}, ours is {canonical}");
    }
}
