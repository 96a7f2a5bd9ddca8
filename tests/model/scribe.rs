//! A server that writes down what the oracle says, and can be told to err: it shows that the trial catches errors.
//!
//! Knows no better than the oracle, so it proves nothing about it.

use gannet::base::limits::HEADER_OCTETS;
use gannet::net::{Transport, Verdict};

use super::data::*;
use super::message::{Query, RD};
use super::oracle::{self, Expected};
use super::trial::Server;

/// Something to do wrong.
pub type Fault = fn(&mut Expected);

/// The server.
pub struct Scribe {
    pub zones: Vec<Zone>,
    /// What it does wrong.
    pub fault: Fault,
}

impl Server for Scribe {
    fn load(&mut self, zones: &[Zone]) -> Result<(), String> {
        self.zones = zones.to_vec();
        Ok(())
    }

    fn respond(&mut self, query: &[u8], transport: Transport, reply: &mut [u8]) -> Verdict {
        let query = read(query);
        let mut expected = oracle::answer(&self.zones, &query.question);
        (self.fault)(&mut expected);
        let mut wire = write(&query, &expected, false);
        if transport == Transport::Udp && wire.len() > query.udp_limit() {
            wire = write(&query, &expected, true);
        }
        reply[..wire.len()].copy_from_slice(&wire);
        Verdict::Reply(wire.len())
    }
}

/// Reads a query that the trial wrote.
fn read(wire: &[u8]) -> Query {
    let u16_at = |at: usize| u16::from_be_bytes([wire[at], wire[at + 1]]);
    let (mut labels, mut at) = (Vec::new(), HEADER_OCTETS);
    while wire[at] != 0 {
        let end = at + 1 + usize::from(wire[at]);
        labels.insert(0, Label(wire[at + 1..end].to_vec()));
        at = end;
    }
    let opt = at + 5;
    let edns = (u16_at(10) == 1).then(|| u16_at(opt + 3));
    let dnssec_ok = edns.is_some() && wire[opt + 7] == 0x80;
    let question = Question { name: Name(labels), rtype: u16_at(at + 1), class: u16_at(at + 3), dnssec_ok };
    Query { question, id: u16_at(0), flags: u16_at(2), edns }
}

/// Writes the reply without compression; without its records and with TC if it is to be short.
fn write(query: &Query, expected: &Expected, short: bool) -> Vec<u8> {
    let answer: Vec<Record> = expected.answer.iter().flat_map(|step| step[0].clone()).collect();
    let authority: Vec<Record> = expected.authority.required.iter().cloned().collect();
    let additional = expected.additional.required.union(&expected.additional.wanted).cloned().collect();
    let sections = if short { [const { Vec::new() }; 3] } else { [answer, authority, additional] };
    let aa = if expected.aa { 0x0400 } else { 0 };
    let flags = 0x8000 | aa | if short { 0x0200 } else { 0 } | (query.flags & RD) | u16::from(expected.rcode);
    let mut wire: Vec<u8> = [query.id, flags, 1].into_iter().flat_map(u16::to_be_bytes).collect();
    let opts = [0, 0, usize::from(query.edns.is_some())];
    for (section, opts) in sections.iter().zip(opts) {
        wire.extend(((section.len() + opts) as u16).to_be_bytes());
    }
    let question = query.wire();
    let (question, opt) = question[HEADER_OCTETS..].split_at(query.question.name.octets() + 4);
    wire.extend(question);
    for record in sections.iter().flatten() {
        let rdata = record.rdata_wire();
        wire.extend(record.owner.wire());
        wire.extend(record.rtype.to_be_bytes());
        wire.extend(CLASS_IN.to_be_bytes());
        wire.extend(record.ttl.to_be_bytes());
        wire.extend((rdata.len() as u16).to_be_bytes());
        wire.extend(rdata);
    }
    wire.extend(opt);
    wire
}
