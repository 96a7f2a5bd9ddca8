//! Zone text of any octets, with an SOA and an NS in front, asked about all that it holds.
//!
//! Promises: every reply is what the model of RFC 1034 section 4.3.2 expects. Of the types that the model knows nothing
//! of, none are read.

use std::net::{Ipv4Addr, SocketAddr};

use gannet::net::{Peer, Respond, Transport, Verdict};
use gannet::wire::{NameBuf, Record, rdata};
use gannet::zonefile::Reader;

use crate::data::{self, Field, Label};
use crate::message::Query;
use crate::server::Gannet;
use crate::trial::{self, Server};
use crate::{Target, generate, samples};

pub const TARGET: Target = Target { name: "answers", run, seeds, words, octets_max: 512 };

const APEX: &str = "example.";

/// What a zone must have.
const HEAD: &str = "$TTL 60\n@ SOA a b 1 2 3 4 5\n NS a\n";

/// More records show nothing that fewer do not, and the model looks at all of them at every step.
const RECORDS_MAX: usize = 24;

/// The types whose part in an answer the model knows.
const TYPES: [u16; 14] = [
    data::A,
    data::NS,
    data::CNAME,
    data::SOA,
    data::PTR,
    data::MX,
    data::TXT,
    data::AAAA,
    data::SRV,
    data::DNAME,
    data::DS,
    data::RRSIG,
    data::SVCB,
    data::HTTPS,
];

fn run(text: &[u8]) {
    let text = [HEAD.as_bytes(), text].concat();
    let zone = read(&text);
    if !generate::is_valid(&zone) {
        return;
    }
    let mut server = Asked(Gannet::new(16));
    let zones = [zone];
    server.load(&zones).unwrap_or_else(|why| panic!("the server refuses {zones:?}: {why}"));
    for query in queries(&zones[0]) {
        trial::ask(&mut server, &zones, &query).unwrap_or_else(|why| panic!("{why}\nasked {query:?}\nof {zones:?}"));
    }
}

struct Asked(Gannet);

impl Server for Asked {
    fn load(&mut self, zones: &[data::Zone]) -> Result<(), String> {
        self.0.load(zones)
    }

    fn respond(&mut self, query: &[u8], transport: Transport, reply: &mut [u8]) -> Verdict {
        let addr = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 5_353));
        self.0.responder.respond(query, Peer { addr, transport }, reply)
    }
}

/// The records that the model can have, without duplicates and with one TTL for each RRset, which its signatures share (RFC 4034
/// section 3).
fn read(text: &[u8]) -> data::Zone {
    let apex: NameBuf = APEX.parse().expect("a name");
    let mut zone = data::Zone { apex: data::Name::from_text(APEX), records: Vec::new() };
    let mut reader = Reader::new(text, "-", apex.as_name());
    for _ in 0..4 * RECORDS_MAX {
        let Some(next) = reader.next() else { break };
        let Some(mut record) = next.ok().and_then(|(record, _)| model(&record)) else { continue };
        if let Some(other) = zone.at(&record.owner).find(|other| other.rtype == record.rtype) {
            record.ttl = other.ttl;
        }
        if !zone.records.contains(&record) && zone.records.len() < RECORDS_MAX {
            zone.records.push(record);
        }
    }
    let unsigned = zone.clone();
    for signature in zone.records.iter_mut().filter(|record| record.rtype == data::RRSIG) {
        let covered = unsigned.at(&signature.owner).find(|other| signature.covers(other.rtype));
        signature.ttl = covered.map_or(signature.ttl, |covered| covered.ttl);
    }
    zone
}

/// A record as the model has it.
fn model(record: &Record<'_>) -> Option<data::Record> {
    let name = |wire: &[u8]| {
        let labels = gannet::wire::Name::from_wire(wire).expect("a name");
        let labels: Vec<Label> = labels.labels().map(|label| Label(label.to_vec())).collect();
        data::Name(labels.into_iter().rev().collect())
    };
    let rtype = Some(record.rtype.0).filter(|code| TYPES.contains(code) || *code == data::UNKNOWN)?;
    let (mut fields, mut end) = (Vec::new(), 0);
    for found in rdata::names(record.rtype, record.rdata) {
        fields.push(Field::Octets(record.rdata[end..found.place.start].to_vec()));
        end = found.place.end;
        fields.push(Field::Name(name(&record.rdata[found.place])));
    }
    fields.push(Field::Octets(record.rdata[end..].to_vec()));
    fields.retain(|field| !matches!(field, Field::Octets(octets) if octets.is_empty()));
    Some(data::Record { owner: name(record.owner.wire()), rtype, ttl: record.ttl, rdata: fields })
}

/// Questions for every owner, what is below it and what is above.
fn queries(zone: &data::Zone) -> Vec<Query> {
    let mut names: Vec<data::Name> = Vec::new();
    for record in &zone.records {
        let parent = record.owner.ancestor(record.owner.depth().saturating_sub(1).max(zone.apex.depth()));
        names.extend([record.owner.clone(), record.owner.child("x"), record.owner.child("x").child("*"), parent]);
        names.extend(record.target().cloned());
    }
    names.sort();
    names.dedup();
    names.retain(|name| name.octets() <= 255);
    let mut queries = Vec::new();
    for (number, name) in names.into_iter().enumerate() {
        let here = zone.at(&name).map(|record| record.rtype).find(|rtype| *rtype != data::RRSIG);
        for rtype in [here.unwrap_or(data::MX), data::A, data::DS, TYPES[number % TYPES.len()]] {
            let edns = [Some(1232), None, Some(512)][number % 3];
            let dnssec_ok = edns.is_some() && number % 2 == 0;
            let question = data::Question { name: name.clone(), rtype, class: data::CLASS_IN, dnssec_ok };
            queries.push(Query { question, id: number as u16, flags: 0, edns });
        }
    }
    queries
}

fn seeds() -> Vec<Vec<u8>> {
    let texts = [samples::zone_parts(), samples::entries()].concat();
    let short = |text: &&Vec<u8>| text.len() <= TARGET.octets_max;
    texts.iter().filter(short).cloned().chain(MADE.iter().map(|text| text.as_bytes().to_vec())).collect()
}

/// Zones of the kinds that collide.
const MADE: [&str; 6] = [
    "*.w A 192.0.2.1\na.w TXT x\nc CNAME b.w\nd CNAME c\ne CNAME e\n",
    "d NS ns.d\nns.d A 192.0.2.1\nd DS 1 8 2 00\nx.d TXT x\ny.ns.d TXT y\n",
    "n DNAME m\na.m MX 1 b.m\nb.m AAAA ::1\nc CNAME q.n\nx.n A 192.0.2.1\n",
    "a.b.c.e A 192.0.2.1\n*.e A 192.0.2.2\n*.b.c.e CNAME x.y.e\n",
    "a A 192.0.2.1\n RRSIG A 8 2 60 20300101000000 20200101000000 1 @ AAAA\n @ RRSIG SOA 8 1 60 20300101000000 20200101000000 1 @ AAAA\n",
    "s SRV 1 2 3 a\nh HTTPS 0 s\nv SVCB 1 . alpn=h2\na A 192.0.2.1\n AAAA ::1\nm MX 1 a\n MX 2 s\n",
];

fn words() -> Vec<Vec<u8>> {
    let types = TYPES.map(|code| format!(" {} ", data::type_text(code)));
    let signs = ["*.", "a.", "\nb ", "\n ", " @", "\n*", "192.0.2.1", "::1", "1 8 2 00", "\\# 0", "TYPE65280 "];
    types.into_iter().chain(signs.map(Into::into)).map(String::into_bytes).collect()
}
