//! Holds a reply against what the oracle expects.
//!
//! Knows nothing of zones: it compares, and says in words what is wrong.

use std::collections::BTreeSet;

use gannet::base::limits::HEADER_OCTETS;

use super::data::*;
use super::message::{CD, Query, RD, Reply};
use super::oracle::{Bounds, Expected, NOERROR, Step};

/// How much room the reply had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// As much as the whole reply needs: nothing may be missing.
    Ample,
    /// Less than that: what is optional may be missing, the rest may with TC.
    Tight,
}

/// Says what is wrong with a reply, if anything is.
pub fn check(expected: &Expected, query: &Query, reply: &Reply, room: Room) -> Result<(), String> {
    header(expected, query, reply)?;
    if reply.tc() {
        if room == Room::Ample {
            return Err("TC although there was room".to_owned());
        }
        let answer: BTreeSet<Record> = expected.answer.iter().flatten().flatten().cloned().collect();
        within("answer", &reply.answer, &answer)?;
        within("authority", &reply.authority, &expected.authority.all())?;
        return within("additional", &reply.additional, &expected.additional.all());
    }
    answer(&expected.answer, &reply.answer)?;
    section("authority", &expected.authority, &reply.authority, Room::Ample)?;
    section("additional", &expected.additional, &reply.additional, room)
}

/// What RFC 1035 section 4.1.1, RFC 4035 section 3.1.6 and RFC 6891 section 6.1 say of every reply.
fn header(expected: &Expected, query: &Query, reply: &Reply) -> Result<(), String> {
    let same = |what: &str, expected: u16, got: u16| match expected == got {
        true => Ok(()),
        false => Err(format!("{what} is {got}, not {expected}")),
    };
    same("the id", query.id, reply.id)?;
    same("QR and opcode", 0x8000, reply.flags & 0xf800)?;
    same("RD", query.flags & RD, reply.flags & RD)?;
    same("RA, Z and AD", 0, reply.flags & 0x00e0)?;
    // RFC 4035 section 3.1.6: CD is clear in what an authoritative server says.
    same("CD", 0, reply.flags & CD)?;
    // Where a chain is cut off for want of room, what its end would have been is for TCP to tell.
    if !(reply.tc() && !expected.answer.is_empty() && reply.rcode() == NOERROR) {
        same("RCODE", expected.rcode.into(), reply.rcode().into())?;
    }
    same("AA", expected.aa.into(), reply.aa().into())?;
    let question = HEADER_OCTETS..HEADER_OCTETS + query.question.name.octets() + 4;
    if query.wire()[question] != reply.question {
        return Err("the question is not echoed octet for octet".to_owned());
    }
    match (query.edns, reply.opt) {
        (None, None) => Ok(()),
        (Some(_), Some(opt)) if opt.version == 0 && opt.extended_rcode == 0 => {
            same("DO", query.question.dnssec_ok.into(), opt.dnssec_ok.into())
        }
        (asked, got) => Err(format!("OPT is {got:?} where the query had {asked:?}")),
    }
}

/// Step after step, the order free within a step.
fn answer(steps: &[Step], got: &[Record]) -> Result<(), String> {
    let mut rest = got;
    for step in steps {
        let taken = step.iter().find_map(|set| {
            let (head, tail) = rest.split_at_checked(set.len())?;
            (sorted(head) == sorted(set)).then_some(tail)
        });
        rest = taken.ok_or_else(|| format!("the answer section lacks {step:?} where {rest:?} stands"))?;
    }
    if rest.is_empty() { Ok(()) } else { Err(format!("too much in the answer section: {rest:?}")) }
}

fn sorted(records: &[Record]) -> Vec<&Record> {
    let mut sorted: Vec<&Record> = records.iter().collect();
    sorted.sort();
    sorted
}

/// All that must be there, nothing but what may be there, and no RRset in part (RFC 2181 section 5).
fn section(what: &str, bounds: &Bounds, got: &[Record], room: Room) -> Result<(), String> {
    let all = bounds.all();
    within(what, got, &all)?;
    let got: BTreeSet<&Record> = got.iter().collect();
    let wanted = bounds.wanted.iter().filter(|_| room == Room::Ample);
    if let Some(missing) = bounds.required.iter().chain(wanted).find(|record| !got.contains(record)) {
        return Err(format!("the {what} section lacks {missing:?}"));
    }
    // A signature may stay away where there is no room for it (RFC 4035 section 3.1.1).
    let of_one_rrset = |a: &Record, b: &Record| a.owner == b.owner && a.rtype == b.rtype && a.rtype != RRSIG;
    let torn = all.iter().find(|record| !got.contains(record) && got.iter().any(|other| of_one_rrset(record, other)));
    torn.map_or(Ok(()), |record| Err(format!("the {what} section has an RRset without its {record:?}")))
}

fn within(what: &str, got: &[Record], all: &BTreeSet<Record>) -> Result<(), String> {
    let alien = got.iter().find(|record| !all.contains(record));
    alien.map_or(Ok(()), |record| Err(format!("{record:?} has no business in the {what} section")))
}

impl Bounds {
    /// Everything that may be there.
    pub fn all(&self) -> BTreeSet<Record> {
        self.required.iter().chain(&self.wanted).chain(&self.allowed).cloned().collect()
    }
}
