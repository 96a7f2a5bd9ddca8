//! The oracle against the examples that the RFCs themselves give, so that it is right before anything is held to it.
//!
//! Records are written as `owner [ttl] type rdata`, absolute names only, one a line or between semicolons.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::data::*;
use super::oracle::{self, Expected};

/// Reads records of the few types that the examples use; the TTL is 3600 where none is given.
fn records(text: &str) -> Vec<Record> {
    let lines = text.split(['\n', ';']).map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| record(line).unwrap_or_else(|| panic!("no record: {line}"))).collect()
}

fn record(line: &str) -> Option<Record> {
    let mut words = line.split_whitespace().peekable();
    let owner = Name::from_text(words.next()?);
    let ttl = words.peek()?.parse().ok();
    if ttl.is_some() {
        words.next();
    }
    let rtype = type_of(words.next()?);
    let name = |word: &str| Field::Name(Name::from_text(word));
    let rest: Vec<&str> = words.collect();
    let numbers = |words: &[&str]| -> Option<Vec<u8>> {
        words
            .iter()
            .map(|word| word.parse::<u16>().ok().map(u16::to_be_bytes))
            .collect::<Option<Vec<_>>>()
            .map(|n| n.concat())
    };
    let rdata = match (rtype, rest.as_slice()) {
        (A, [address]) => vec![Field::Octets(address.parse::<Ipv4Addr>().ok()?.octets().to_vec())],
        (AAAA, [address]) => vec![Field::Octets(address.parse::<Ipv6Addr>().ok()?.octets().to_vec())],
        (NS | CNAME | DNAME | PTR, [target]) => vec![name(target)],
        (MX, [preference, target]) => vec![Field::Octets(numbers(&[preference])?), name(target)],
        (SRV, [numeric @ .., target]) => vec![Field::Octets(numbers(numeric)?), name(target)],
        (TXT, [text]) => vec![Field::Octets([&[text.len() as u8], text.as_bytes()].concat())],
        // All but MINIMUM is the same everywhere: it does not matter here.
        (SOA, [minimum]) => {
            let minimum = minimum.parse::<u32>().ok()?.to_be_bytes();
            vec![name("ns.soa."), name("mail.soa."), Field::Octets([&[0; 16][..], &minimum].concat())]
        }
        (DS, [tag]) => vec![Field::Octets([&numbers(&[tag])?[..], &[13, 2], &[7; 32]].concat())],
        // The type covered and the signer: what the model looks at.
        (RRSIG, [covered, signer]) => {
            let fixed = [&type_of(covered).to_be_bytes()[..], &[0; 16]].concat();
            vec![Field::Octets(fixed), name(signer), Field::Octets(vec![9; 8])]
        }
        (SVCB | HTTPS, [priority, target]) => vec![Field::Octets(numbers(&[priority])?), name(target)],
        _ => return None,
    };
    Some(Record { owner, rtype, ttl: ttl.unwrap_or(3_600), rdata })
}

fn zone(apex: &str, text: &str) -> Zone {
    let zone = Zone { apex: Name::from_text(apex), records: records(text) };
    assert!(super::generate::is_valid(&zone), "{apex} is no zone");
    zone
}

/// `name type`, with a third word where DNSSEC records are wanted.
fn ask(zones: &[Zone], question: &str) -> Expected {
    let words: Vec<&str> = question.split_whitespace().collect();
    let (name, rtype) = (Name::from_text(words[0]), type_of(words[1]));
    oracle::answer(zones, &Question { name, rtype, class: CLASS_IN, dnssec_ok: words.len() > 2 })
}

/// Asserts the outcome: `RCODE` with or without ` AA`, then the three sections. In the additional section, and in the
/// authority section where it matters, a record starts with `!` if it must be there, `+` if it is wanted, `?` if allowed.
#[track_caller]
fn expect(zones: &[Zone], question: &str, outcome: &str, answer: &str, authority: &str, additional: &str) {
    let got = ask(zones, question);
    let rcode = ["NOERROR", "", "", "NXDOMAIN", "", "REFUSED", "YXDOMAIN"][usize::from(got.rcode)];
    assert_eq!(format!("{rcode}{}", if got.aa { " AA" } else { "" }), outcome, "{question}");
    let steps: Vec<Record> = got.answer.iter().flat_map(|step| step[0].clone()).collect();
    assert_eq!(steps, records(answer), "answer to {question}");
    for (what, bounds, text) in [("authority", got.authority, authority), ("additional", got.additional, additional)] {
        let marked = |mark: char| -> BTreeSet<Record> {
            let lines = text.split(['\n', ';']).map(str::trim).filter(|line| !line.is_empty());
            let unmarked = |line: &str| !line.starts_with(['!', '+', '?']);
            lines
                .filter(|line| line.starts_with(mark) || (mark == '!' && unmarked(line)))
                .flat_map(|line| records(line.trim_start_matches(mark)))
                .collect()
        };
        assert_eq!(bounds.required, marked('!'), "required in {what} of {question}");
        assert_eq!(bounds.wanted, marked('+'), "wanted in {what} of {question}");
        assert_eq!(bounds.allowed, marked('?'), "allowed in {what} of {question}");
    }
}

/// The zones of RFC 1034 section 6.1, less what its queries do not touch.
fn rfc_1034() -> Vec<Zone> {
    let root = zone(
        ".",
        ". 86400 SOA 86400; . 86400 NS A.ISI.EDU.; . 86400 NS C.ISI.EDU.; . 86400 NS SRI-NIC.ARPA.
        MIL. 86400 NS SRI-NIC.ARPA.; MIL. 86400 NS A.ISI.EDU.
        EDU. 86400 NS SRI-NIC.ARPA.; EDU. 86400 NS C.ISI.EDU.
        SRI-NIC.ARPA. 86400 A 26.0.0.73; SRI-NIC.ARPA. 86400 A 10.0.0.51; SRI-NIC.ARPA. 86400 MX 0 SRI-NIC.ARPA.
        ACC.ARPA. 86400 A 26.6.0.65; ACC.ARPA. 86400 MX 10 ACC.ARPA.
        USC-ISIC.ARPA. 86400 CNAME C.ISI.EDU.
        73.0.0.26.IN-ADDR.ARPA. 86400 PTR SRI-NIC.ARPA.
        A.ISI.EDU. 86400 A 26.3.0.103; C.ISI.EDU. 86400 A 10.0.0.52",
    );
    let edu = zone(
        "edu.",
        "EDU. 86400 SOA 86400; EDU. 86400 NS SRI-NIC.ARPA.; EDU. 86400 NS C.ISI.EDU.
        UCI.EDU. 172800 NS ICS.UCI.EDU.; UCI.EDU. 172800 NS ROME.UCI.EDU.
        ICS.UCI.EDU. 172800 A 192.5.19.1; ROME.UCI.EDU. 172800 A 192.5.19.31
        ISI.EDU. 172800 NS VAXA.ISI.EDU.; ISI.EDU. 172800 NS A.ISI.EDU.
        VAXA.ISI.EDU. 172800 A 10.2.0.27; A.ISI.EDU. 172800 A 26.3.0.103",
    );
    vec![root, edu]
}

#[test]
fn rfc_1034_section_6_2() {
    let zones = rfc_1034();
    let root_soa = ". 86400 SOA 86400";
    let nic = "SRI-NIC.ARPA. 86400 A 26.0.0.73; SRI-NIC.ARPA. 86400 A 10.0.0.51";
    expect(&zones, "SRI-NIC.ARPA. A", "NOERROR AA", nic, "", "");
    let mail = "SRI-NIC.ARPA. 86400 MX 0 SRI-NIC.ARPA.";
    let wanted = "+SRI-NIC.ARPA. 86400 A 26.0.0.73; +SRI-NIC.ARPA. 86400 A 10.0.0.51";
    expect(&zones, "SRI-NIC.ARPA. MX", "NOERROR AA", mail, "", wanted);
    expect(&zones, "SRI-NIC.ARPA. NS", "NOERROR AA", "", root_soa, "");
    expect(&zones, "SIR-NIC.ARPA. A", "NXDOMAIN AA", "", root_soa, "");
    let servers = "MIL. 86400 NS SRI-NIC.ARPA.; MIL. 86400 NS A.ISI.EDU.";
    let known = "?SRI-NIC.ARPA. 86400 A 26.0.0.73; ?SRI-NIC.ARPA. 86400 A 10.0.0.51; ?A.ISI.EDU. 86400 A 26.3.0.103";
    expect(&zones, "BRL.MIL. A", "NOERROR", "", servers, known);
    // Section 6.2.7 as RFC 2181 would have it: C.ISI.EDU is below a cut of the zone that we serve for EDU.
    let alias = "USC-ISIC.ARPA. 86400 CNAME C.ISI.EDU.";
    let servers = "ISI.EDU. 172800 NS VAXA.ISI.EDU.; ISI.EDU. 172800 NS A.ISI.EDU.";
    let glue = "!VAXA.ISI.EDU. 172800 A 10.2.0.27; !A.ISI.EDU. 172800 A 26.3.0.103";
    expect(&zones, "USC-ISIC.ARPA. A", "NOERROR AA", alias, servers, glue);
    expect(&zones, "USC-ISIC.ARPA. CNAME", "NOERROR AA", alias, "", "");
    // Section 6.2.2, as RFC 8482 section 4.1 has it: one of the RRsets.
    assert_eq!(ask(&zones, "SRI-NIC.ARPA. ANY").answer[0].len(), 2);
    // `arpa` itself is an empty non-terminal.
    expect(&zones, "ARPA. A", "NOERROR AA", "", root_soa, "");
}

#[test]
fn rfc_4592_section_2_2_1() {
    let zones = [zone(
        "example.",
        "example. SOA 900; example. NS ns.example.com.; example. NS ns.example.net.
        *.example. TXT wildcard; *.example. MX 10 host1.example.; sub.*.example. TXT not-a-wildcard
        host1.example. A 192.0.2.1; _ssh._tcp.host1.example. SRV 0 0 22 host1.example.
        _ssh._tcp.host2.example. SRV 0 0 22 host1.example.
        subdel.example. NS ns.example.com.; subdel.example. NS ns.example.net.",
    )];
    let soa = "example. 900 SOA 900";
    let host1 = "+host1.example. A 192.0.2.1";
    expect(&zones, "host3.example. MX", "NOERROR AA", "host3.example. MX 10 host1.example.", "", host1);
    expect(&zones, "host3.example. A", "NOERROR AA", "", soa, "");
    expect(&zones, "foo.bar.example. TXT", "NOERROR AA", "foo.bar.example. TXT wildcard", "", "");
    expect(&zones, "host1.example. MX", "NOERROR AA", "", soa, "");
    expect(&zones, "sub.*.example. MX", "NOERROR AA", "", soa, "");
    expect(&zones, "_telnet._tcp.host1.example. SRV", "NXDOMAIN AA", "", soa, "");
    let servers = "subdel.example. NS ns.example.com.; subdel.example. NS ns.example.net.";
    expect(&zones, "host.subdel.example. A", "NOERROR", "", servers, "");
    expect(&zones, "ghost.*.example. MX", "NXDOMAIN AA", "", soa, "");
    // Section 2.2.2: an empty non-terminal is not covered by the wildcard beside it.
    expect(&zones, "host2.example. MX", "NOERROR AA", "", soa, "");
    expect(&zones, "*.example. TXT", "NOERROR AA", "*.example. TXT wildcard", "", "");
    expect(&zones, "nowhere. A", "REFUSED", "", "", "");
}

#[test]
fn rfc_4592_wildcards_that_are_empty_or_aliases() {
    let zones = [zone(
        "example.",
        "example. SOA 900; example. NS ns.example.com.
        x.*.empty.example. A 192.0.2.1; *.alias.example. CNAME host.example.; host.example. A 192.0.2.2
        *.loop.example. CNAME b.loop.example.",
    )];
    // Section 4.9 and 2.2.3: an empty non-terminal asterisk synthesises NODATA.
    expect(&zones, "a.empty.example. A", "NOERROR AA", "", "example. 900 SOA 900", "");
    // Section 3.3.3: CNAME at a wildcard is followed like any other.
    let chain = "a.alias.example. CNAME host.example.; host.example. A 192.0.2.2";
    expect(&zones, "a.alias.example. A", "NOERROR AA", chain, "", "");
    let circle = "a.loop.example. CNAME b.loop.example.; b.loop.example. CNAME b.loop.example.";
    expect(&zones, "a.loop.example. A", "NOERROR AA", circle, "", "");
}

#[test]
fn rfc_6672_section_2_2() {
    let com = |dname: &str| {
        zone("com.", &format!("com. SOA 900; com. NS ns.example.net.; b.example.org.com. A 192.0.2.1; {dname}"))
    };
    let net =
        zone("net.", "net. SOA 900; net. NS ns.net.; a.example.net. A 192.0.2.1; example.net. MX 1 a.example.net.");
    let zones = [com("example.com. 60 DNAME example.net."), net.clone()];
    let dname = "example.com. 60 DNAME example.net.";
    let answer = format!("{dname}; a.example.com. 60 CNAME a.example.net.; a.example.net. A 192.0.2.1");
    expect(&zones, "a.example.com. A", "NOERROR AA", &answer, "", "");
    let answer = format!("{dname}; a.b.example.com. 60 CNAME a.b.example.net.");
    expect(&zones, "a.b.example.com. A", "NXDOMAIN AA", &answer, "net. 900 SOA 900", "");
    // The owner itself is not redirected, nor is a name that merely ends in the same octets.
    expect(&zones, "example.com. A", "NOERROR AA", "", "com. 900 SOA 900", "");
    expect(&zones, "example.com. DNAME", "NOERROR AA", dname, "", "");
    expect(&zones, "aexample.com. A", "NXDOMAIN AA", "", "com. 900 SOA 900", "");
    // Section 3.2, step 3C, with RFC 1034 section 4.3.2 step 3a: the CNAME that was made is what was asked for.
    let answer = format!("{dname}; a.example.com. 60 CNAME a.example.net.");
    expect(&zones, "a.example.com. CNAME", "NOERROR AA", &answer, "", "");
    // A DNAME to itself: the CNAME that it makes appears once.
    let zones = [com("example.com. 60 DNAME example.com.")];
    let answer = "example.com. 60 DNAME example.com.; cyc.example.com. 60 CNAME cyc.example.com.";
    expect(&zones, "cyc.example.com. A", "NOERROR AA", answer, "", "");
    // A DNAME that leads back to its own owner, which has what is asked for: it is shown once (RFC 2181 section 5).
    let zones = [com("b.com. 60 DNAME com.")];
    let answer = "b.com. 60 DNAME com.; b.b.com. 60 CNAME b.com.";
    expect(&zones, "b.b.com. DNAME", "NOERROR AA", answer, "", "");
    let zones = [zone("x.", "x. SOA 900; x. NS ns.y.; x. 60 DNAME .")];
    let answer = "x. 60 DNAME .; shortloop.x.x. 60 CNAME shortloop.x.; shortloop.x. 60 CNAME shortloop.";
    expect(&zones, "shortloop.x.x. A", "NOERROR AA", answer, "", "");
}

#[test]
fn rfc_6672_section_2_2_names_that_grow_too_long() {
    let label = "l".repeat(63);
    let dname = format!("a.x. 60 DNAME {label}.{label}.{label}.x.");
    let zones = [zone("x.", &format!("x. SOA 900; x. NS ns.y.; {dname}"))];
    // 3 × 64 + 3 + 60 octets are 255: the longest that fits.
    let fits = format!("{}.a.x.", "q".repeat(59));
    assert_eq!(ask(&zones, &format!("{fits} A")).rcode, oracle::NXDOMAIN);
    let too_long = format!("{}.a.x. A", "q".repeat(60));
    expect(&zones, &too_long, "YXDOMAIN AA", &dname, "", "");
    // A name that grows with each step is followed as far as any chain.
    let zones = [zone("x.", "x. SOA 900; x. NS ns.y.; a.x. DNAME b.a.x.")];
    let got = ask(&zones, "q.a.x. A");
    assert_eq!(got.answer.len(), 2 + gannet::base::limits::CHAIN_STEPS_MAX);
    assert_eq!((got.rcode, got.authority.required.len()), (oracle::NOERROR, 0));
}

#[test]
fn rfc_2308_and_6604_denials() {
    let signed = zone(
        "xx.",
        "xx. 1200 SOA 600; xx. 1200 RRSIG SOA xx.; xx. NS ns1.xx.; an.xx. CNAME tripple.xx.; ns1.xx. A 127.0.0.2
        mail.xx. CNAME ns1.xx.; out.xx. CNAME a.elsewhere.; gone.yy.xx. CNAME none.yy.",
    );
    let other = zone("yy.", "yy. 300 SOA 1200; yy. NS ns1.xx.");
    let zones = [signed, other];
    let soa = "xx. 600 SOA 600";
    let signed_soa = "xx. 600 SOA 600; xx. 600 RRSIG SOA xx.";
    let alias = "an.xx. CNAME tripple.xx.";
    expect(&zones, "an.xx. A", "NXDOMAIN AA", alias, soa, "");
    expect(&zones, "an.xx. A do", "NXDOMAIN AA", alias, signed_soa, "");
    expect(&zones, "mail.xx. AAAA", "NOERROR AA", "mail.xx. CNAME ns1.xx.", soa, "");
    expect(&zones, "out.xx. A", "NOERROR AA", "out.xx. CNAME a.elsewhere.", "", "");
    // The SOA's own TTL is the smaller one, and it is the last zone's that counts.
    expect(&zones, "gone.yy.xx. A", "NXDOMAIN AA", "gone.yy.xx. CNAME none.yy.", "yy. 300 SOA 1200", "");
}

#[test]
fn rfc_9471_glue() {
    let zones = [zone(
        "test.",
        "test. SOA 900; test. NS ns.test.; ns.test. A 192.0.2.9
        foo.test. NS ns1.foo.test.; foo.test. NS ns2.foo.test.; ns1.foo.test. A 192.0.2.1
        ns2.foo.test. AAAA 2001:db8::2:2; txt.foo.test. TXT occluded
        bar.test. NS ns1.foo.test.; bar.test. NS ns.elsewhere.; bar.test. NS ns.test.
        mx.test. MX 1 ns1.foo.test.; mx.test. MX 2 ns.test.; deep.www.test. A 192.0.2.3",
    )];
    let servers = "foo.test. NS ns1.foo.test.; foo.test. NS ns2.foo.test.";
    let glue = "!ns1.foo.test. A 192.0.2.1; !ns2.foo.test. AAAA 2001:db8::2:2";
    for question in ["www.foo.test. A", "foo.test. NS", "foo.test. ANY", "txt.foo.test. TXT", "ns1.foo.test. A"] {
        expect(&zones, question, "NOERROR", "", servers, glue);
    }
    let servers = "bar.test. NS ns1.foo.test.; bar.test. NS ns.elsewhere.; bar.test. NS ns.test.";
    let siblings = "?ns1.foo.test. A 192.0.2.1; ?ns.test. A 192.0.2.9";
    expect(&zones, "www.bar.test. A", "NOERROR", "", servers, siblings);
    let mail = "mx.test. MX 1 ns1.foo.test.; mx.test. MX 2 ns.test.";
    expect(&zones, "mx.test. MX", "NOERROR AA", mail, "", "?ns1.foo.test. A 192.0.2.1; +ns.test. A 192.0.2.9");
    expect(&zones, "test. NS", "NOERROR AA", "test. NS ns.test.", "", "+ns.test. A 192.0.2.9");
}

#[test]
fn rfc_4035_section_3_1_4_delegations_of_a_signed_zone() {
    let parent = zone(
        "p.",
        "p. SOA 900; p. 3600 RRSIG SOA p.; p. NS ns.p.; p. RRSIG NS p.; ns.p. A 192.0.2.1; ns.p. RRSIG A p.
        a.p. NS ns.a.p.; a.p. DS 1; a.p. RRSIG DS p.; ns.a.p. A 192.0.2.2; b.p. NS ns.a.p.; c.p. NS ns.c.p.",
    );
    let child = zone("c.p.", "c.p. SOA 60; c.p. NS ns.c.p.; ns.c.p. A 192.0.2.3");
    let zones = [parent.clone(), child.clone()];
    let (soa, ds) = ("p. 900 SOA 900; p. 900 RRSIG SOA p.", "a.p. DS 1; a.p. RRSIG DS p.");
    let glue = "!ns.a.p. A 192.0.2.2";
    expect(&zones, "x.a.p. A do", "NOERROR", "", &format!("a.p. NS ns.a.p.; {ds}"), glue);
    expect(&zones, "x.a.p. A", "NOERROR", "", "a.p. NS ns.a.p.", glue);
    expect(&zones, "a.p. DS do", "NOERROR AA", ds, "", "");
    expect(&zones, "b.p. DS do", "NOERROR AA", "", soa, "");
    expect(&zones, "x.a.p. DS", "NOERROR", "", "a.p. NS ns.a.p.", glue);
    // The parent's side answers for the child's apex; without the parent the child itself says that it has none.
    expect(&zones, "c.p. DS do", "NOERROR AA", "", soa, "");
    expect(std::slice::from_ref(&child), "c.p. DS", "NOERROR AA", "", "c.p. 60 SOA 60", "");
    let grandparent = zone(".", ". SOA 900; . NS ns.p.; p. NS ns.p.");
    expect(&[grandparent, child], "c.p. DS", "NOERROR AA", "", "c.p. 60 SOA 60", "");
    // The child takes precedence over the parent's delegation, and NS at its apex is its own.
    expect(&zones, "ns.c.p. A", "NOERROR AA", "ns.c.p. A 192.0.2.3", "", "");
    expect(
        &zones,
        "p. NS do",
        "NOERROR AA",
        "p. NS ns.p.; p. RRSIG NS p.",
        "",
        "+ns.p. A 192.0.2.1; +ns.p. RRSIG A p.",
    );
}

#[test]
fn rfc_1034_section_3_6_2_and_9460_chains_and_services() {
    let chain: String = (0..20).map(|i| format!("n{i}.z. CNAME n{}.z.\n", i + 1)).collect();
    let zones = [zone(
        "z.",
        &format!(
            "z. SOA 900; z. NS ns.z.; x.z. CNAME y.z.; y.z. CNAME x.z.; n20.z. A 192.0.2.1; s.z. HTTPS 1 .
            s.z. A 192.0.2.2; t.z. HTTPS 0 s.z.; r.z. SRV 0 0 1 w.w.z.; *.w.z. A 192.0.2.3; {chain}"
        ),
    )];
    expect(&zones, "x.z. A", "NOERROR AA", "x.z. CNAME y.z.; y.z. CNAME x.z.", "", "");
    // Sixteen steps and no more, the next link is shown all the same; from the fifth name on the end is in reach.
    assert_eq!(ask(&zones, "n0.z. A").answer.len(), 17);
    let cut = ask(&zones, "n3.z. A").answer;
    assert_eq!((cut.len(), cut[16][0][0].rtype), (17, CNAME));
    let whole = ask(&zones, "n4.z. A").answer;
    assert_eq!((whole.len(), whole[16][0][0].rtype), (17, A));
    let (service, itself) = ("s.z. HTTPS 1 .", "?s.z. A 192.0.2.2; ?s.z. HTTPS 1 .");
    expect(&zones, "s.z. HTTPS", "NOERROR AA", service, "", itself);
    expect(&zones, "t.z. HTTPS", "NOERROR AA", "t.z. HTTPS 0 s.z.", "", "+s.z. A 192.0.2.2; ?s.z. HTTPS 1 .");
    expect(&zones, "r.z. SRV", "NOERROR AA", "r.z. SRV 0 0 1 w.w.z.", "", "?w.w.z. A 192.0.2.3");
}
