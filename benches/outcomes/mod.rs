//! A small zone, a query for each outcome that it can give, and what must come of it: what several benches ask.
//!
//! Does not measure.
#![allow(dead_code, reason = "each bench takes what it needs of it")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use gannet::answer::{Responder, Settings};
use gannet::base::counters::Counters;
use gannet::base::snapshot::Publisher;
use gannet::gate::{Gate, GateConfig};
use gannet::net::{Peer, Respond, Transport, Verdict};
use gannet::server::read_zone;
use gannet::wire::{NameBuf, Nsec3Parameters, Rtype, SuffixHasher, nsec3_label};
use gannet::zone::{ZoneSet, ZoneState};
use gannet::zonefile::Reader;

use crate::questions::{name, query};

pub(crate) const ZONE: &str = "\
$ORIGIN example.com.
$TTL 1h
@       SOA   ns1 hostmaster 1 4h 1h 2w 10m
        NS    ns1
        NS    ns2
ns1     A     192.0.2.53
ns2     A     198.51.100.53
        AAAA  2001:db8:2::53
@       MX    10 mail
        MX    20 backup
mail    A     192.0.2.25
        AAAA  2001:db8::25
backup  A     198.51.100.25
www     A     192.0.2.80
alias   CNAME www
*.wild  A     192.0.2.90
old     DNAME new
host.new A    192.0.2.91
lab     NS    ns1.lab
        NS    ns2.lab
ns1.lab A     198.51.100.1
ns2.lab A     198.51.100.2
        AAAA  2001:db8:1ab::2
";

/// What is asked, and what the reply must be: RCODE, and how many records are in answer, authority and additional.
pub(crate) type Case = (&'static str, &'static str, Rtype, (u8, [u8; 3]));

pub(crate) const CASES: [Case; 10] = [
    ("answer", "www.example.com", Rtype::A, (0, [1, 0, 1])),
    ("MX with addresses", "example.com", Rtype::MX, (0, [2, 0, 4])),
    ("CNAME", "alias.example.com", Rtype::A, (0, [2, 0, 1])),
    ("wildcard", "any.wild.example.com", Rtype::A, (0, [1, 0, 1])),
    ("DNAME", "host.old.example.com", Rtype::A, (0, [3, 0, 1])),
    ("referral with glue", "www.lab.example.com", Rtype::A, (0, [0, 2, 4])),
    ("NODATA", "www.example.com", Rtype::AAAA, (0, [0, 1, 1])),
    ("NXDOMAIN", "nothing.example.com", Rtype::A, (3, [0, 1, 1])),
    ("REFUSED", "www.example.org", Rtype::A, (5, [0, 0, 1])),
    // Made to be one below, by cutting its last octet off.
    ("FORMERR", "www.example.com", Rtype::A, (1, [0, 0, 0])),
];

/// The same of a zone that is [signed](signed_zone), asked for with DO.
pub(crate) const SIGNED: [Case; 4] = [
    ("signed answer", "www.example.com", Rtype::A, (0, [2, 0, 1])),
    ("signed referral with DS", "www.lab.example.com", Rtype::A, (0, [0, 3, 2])),
    ("NXDOMAIN with NSEC", "nothing.example.com", Rtype::A, (3, [0, 6, 1])),
    // The closest encloser, the next closer name and the wildcard (RFC 5155 section 7.2.2), each with its signature.
    ("NXDOMAIN with NSEC3", "a.example.com", Rtype::A, (3, [0, 8, 1])),
];

pub(crate) const PEER: Peer =
    Peer { addr: SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 4_242), transport: Transport::Udp };

pub(crate) fn message(case: &Case) -> Vec<u8> {
    let mut message = query(&name(case.1), case.2, true);
    if case.0 == "FORMERR" {
        message.pop();
    }
    if is_signed(case) {
        // DO (RFC 3225) is the first of the flags, in front of the OPT record's length and its 12 octets.
        let flags = message.len() - 12 - 4;
        message[flags] = 0x80;
    }
    message
}

fn is_signed(case: &Case) -> bool {
    SIGNED.iter().any(|signed| signed.0 == case.0)
}

/// The zone that a case is asked of.
pub(crate) fn zone_of(case: &Case) -> String {
    if is_signed(case) { signed_zone(case.0.ends_with("NSEC3")) } else { ZONE.to_owned() }
}

/// A zone of four names that is signed to all appearances, with NSEC3 or NSEC: who answers verifies nothing.
fn signed_zone(has_nsec3: bool) -> String {
    // Owners in canonical order, and what they hold.
    let owners = [("@", &["SOA", "NS"][..]), ("lab", &["DS"]), ("ns1", &["A"]), ("www", &["A"])];
    let mut text = "\
$ORIGIN example.com.
$TTL 1h
@       SOA   ns1 hostmaster 1 4h 1h 2w 10m
        NS    ns1
ns1     A     192.0.2.53
www     A     192.0.2.80
lab     NS    ns1.lab
        DS    12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ns1.lab A     198.51.100.1
"
    .to_owned();
    let sign = |text: &mut String, owner: &str, rtype: &str| {
        let (labels, signature) = (if owner == "@" { 2 } else { 3 }, "A".repeat(86));
        *text += &format!(
            "{owner} RRSIG {rtype} 13 {labels} 3600 20400101000000 20260101000000 1 example.com. {signature}==\n"
        );
    };
    for (owner, rtypes) in owners {
        rtypes.iter().for_each(|rtype| sign(&mut text, owner, rtype));
    }
    let mut links = owners.map(|(owner, _)| owner.to_owned());
    if has_nsec3 {
        text += "@ NSEC3PARAM 1 0 0 -\n";
        let parameters = Nsec3Parameters { algorithm: 1, iterations: 0, salt: &[] };
        links = owners.map(|(owner, _)| {
            let whole = if owner == "@" { "example.com".to_owned() } else { format!("{owner}.example.com") };
            String::from_utf8_lossy(&nsec3_label(&parameters.hash(name(&whole).as_name()))[1..]).into_owned()
        });
        links.sort();
    }
    for (number, link) in links.iter().enumerate() {
        let next = &links[(number + 1) % links.len()];
        let (rtype, rdata) = if has_nsec3 {
            ("NSEC3", format!("1 0 0 - {next} A RRSIG"))
        } else {
            ("NSEC", format!("{next} A RRSIG NSEC"))
        };
        text += &format!("{link} {rtype} {rdata}\n");
        sign(&mut text, link, rtype);
    }
    text
}

/// A set with the zone `apex`, read from its text. Names are hashed alike in every run.
pub(crate) fn zones(apex: &NameBuf, text: &[u8]) -> ZoneSet {
    let hasher = SuffixHasher::new(1);
    let reader = Reader::new(text, "bench", apex.as_name());
    let zone = read_zone(apex.as_name(), reader, &hasher, 1).expect("a zone that can be served").zone;
    ZoneSet::empty(&hasher).succeed(vec![ZoneState::from(Arc::new(zone))])
}

/// Answers from these zones, with an answer cache of so many replies.
pub(crate) fn responder(zones: ZoneSet, cached_answers: usize) -> Responder {
    responder_with(zones, Settings { cached_answers, ..Settings::default() })
}

/// Answers from these zones as it is told.
pub(crate) fn responder_with(zones: ZoneSet, settings: Settings) -> Responder {
    let gate = Publisher::new(Gate::new(&GateConfig::default(), Instant::now()));
    Responder::new(Publisher::new(zones).reader(), gate.reader(), settings, Arc::new(Counters::default()))
}

/// Answers once, and makes sure that the outcome is the one that is to be measured.
pub(crate) fn check(responder: &mut Responder, case: &Case, reply: &mut [u8]) {
    let Verdict::Reply(octets) = responder.respond(&message(case), PEER, reply) else { panic!("{}: no reply", case.0) };
    let reply = &reply[..octets];
    assert_eq!((reply[3] & 15, [reply[7], reply[9], reply[11]]), case.3, "{}", case.0);
}
