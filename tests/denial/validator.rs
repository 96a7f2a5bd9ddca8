//! What a validator needs of a reply to believe it: signatures, and proofs of what is not there (RFC 4035 section 5.4, RFC
//! 5155 section 8).
//!
//! Sees the reply alone, not the zone; checks no cryptography. Knows what it knows from the RFCs and shares no code with the
//! server under test but the hash of NSEC3, which has the RFC's own examples for a test.

use std::collections::BTreeSet;

use gannet::wire::{self, Nsec3Parameters, nsec3_hash_of_label};

use crate::data::{ANY, CNAME, DNAME, DS, Field, NS, Name, RRSIG, Record, SOA};
use crate::message::Reply;

pub const NSEC: u16 = 47;
pub const NSEC3: u16 = 50;
pub const NXDOMAIN: u8 = 3;

/// What a reply was believed to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Belief {
    Answer,
    Wildcard,
    NameError,
    NoData,
    EmptyNonTerminal,
    WildcardNoData,
    OptOutNoData,
    SecureReferral,
    InsecureReferral,
    OptOutReferral,
    Elsewhere,
}

struct Nsec {
    owner: Name,
    next: Name,
    types: BTreeSet<u16>,
}

impl Nsec {
    /// Whether nothing stands at `name`, by this NSEC.
    fn covers(&self, name: &Name, apex: &Name) -> bool {
        let is_between = self.owner < *name && (*name < self.next || self.next == *apex);
        // RFC 6840 section 4.1: not if it comes from a parent, or from above a DNAME.
        let is_ancestors = name.is_below(&self.owner)
            && (self.types.contains(&DNAME) || (self.types.contains(&NS) && !self.types.contains(&SOA)));
        is_between && !is_ancestors
    }

    /// The closest encloser of a name that it covers.
    fn encloser(&self, name: &Name) -> Name {
        let shared = |other: &Name| name.0.iter().zip(&other.0).take_while(|(a, b)| a == b).count();
        name.ancestor(shared(&self.owner).max(shared(&self.next)))
    }
}

struct Nsec3 {
    hash: [u8; 20],
    next: Vec<u8>,
    is_opt_out: bool,
    iterations: u16,
    salt: Vec<u8>,
    types: BTreeSet<u16>,
}

impl Nsec3 {
    fn hash_of(&self, name: &Name) -> [u8; 20] {
        let wire = name.wire();
        let name = wire::Name::from_wire(&wire).expect("a name");
        Nsec3Parameters { algorithm: 1, iterations: self.iterations, salt: &self.salt }.hash(name)
    }

    fn matches(&self, name: &Name) -> bool {
        self.hash == self.hash_of(name)
    }

    fn covers(&self, name: &Name) -> bool {
        let (hash, own, next) = (self.hash_of(name), self.hash.as_slice(), self.next.as_slice());
        if own < next { own < &hash[..] && &hash[..] < next } else { own < &hash[..] || &hash[..] < next }
    }
}

/// Octets of a record's rdata that are not names.
fn octets(record: &Record) -> &[u8] {
    match record.rdata.as_slice() {
        [Field::Octets(octets), ..] => octets,
        _ => &[],
    }
}

fn bitmap(mut octets: &[u8]) -> BTreeSet<u16> {
    let mut types = BTreeSet::new();
    while let [window, length, rest @ ..] = octets {
        let (bits, rest) = rest.split_at(usize::from(*length));
        for (at, bit) in (0..bits.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            if bits[at] & 0x80 >> bit != 0 {
                types.insert(u16::from(*window) << 8 | (at * 8 + bit) as u16);
            }
        }
        octets = rest;
    }
    types
}

fn uncompressed(octets: &[u8]) -> (Name, &[u8]) {
    let (mut labels, mut rest) = (Vec::new(), octets);
    loop {
        let (&length, after) = rest.split_first().expect("a whole name");
        if length == 0 {
            labels.reverse();
            return (Name(labels), after);
        }
        let (label, after) = after.split_at(usize::from(length));
        labels.push(crate::data::Label(label.to_vec()));
        rest = after;
    }
}

/// A reply and what is proved in it.
pub struct Validator<'r> {
    reply: &'r Reply,
    apex: &'r Name,
    nsec: Vec<Nsec>,
    nsec3: Vec<Nsec3>,
}

type Judged = Result<Belief, String>;

impl<'r> Validator<'r> {
    pub fn new(reply: &'r Reply, apex: &'r Name) -> Self {
        let of_type = |rtype| reply.authority.iter().filter(move |record| record.rtype == rtype);
        let nsec = of_type(NSEC).map(|record| {
            let (next, rest) = uncompressed(octets(record));
            Nsec { owner: record.owner.clone(), next, types: bitmap(rest) }
        });
        let nsec3 = of_type(NSEC3).map(|record| {
            let rdata = octets(record);
            let (parameters, flags, rest) = Nsec3Parameters::split_from(rdata).expect("NSEC3 rdata");
            let (next, types) = rest[1..].split_at(usize::from(rest[0]));
            Nsec3 {
                hash: nsec3_hash_of_label(&record.owner.0.last().expect("a label").0).expect("a hash"),
                next: next.to_vec(),
                is_opt_out: flags & 1 != 0,
                iterations: parameters.iterations,
                salt: parameters.salt.to_vec(),
                types: bitmap(types),
            }
        });
        Self { nsec: nsec.collect(), nsec3: nsec3.collect(), reply, apex }
    }

    /// What the reply says of a question, once it is believed; else what is missing.
    pub fn judge(&self, qname: &Name, qtype: u16) -> Judged {
        self.all_is_signed()?;
        let mut name = qname.clone();
        let mut seen = Vec::new();
        let has =
            |name: &Name, rtype| self.reply.answer.iter().find(|record| record.rtype == rtype && record.owner == *name);
        loop {
            let is_answer = |record: &&Record| record.owner == name && (record.rtype == qtype || qtype == ANY);
            if let Some(found) = self.reply.answer.iter().find(is_answer) {
                return Ok(if self.is_expanded(found)? { Belief::Wildcard } else { Belief::Answer });
            }
            let dname = (0..name.depth()).find_map(|depth| has(&name.ancestor(depth), DNAME));
            let target = match (dname, has(&name, CNAME)) {
                (Some(dname), _) => name.with_suffix(&dname.owner, target(dname)),
                (None, Some(cname)) => {
                    self.is_expanded(cname)?;
                    target(cname).clone()
                }
                (None, None) => break,
            };
            if seen.contains(&target) || !target.is_at_or_below(self.apex) {
                return Ok(Belief::Elsewhere);
            }
            seen.push(std::mem::replace(&mut name, target));
        }
        if self.reply.rcode() == NXDOMAIN {
            return self.name_error(&name).map(|()| Belief::NameError);
        }
        let cut = self.reply.authority.iter().find(|record| record.rtype == NS);
        match cut.filter(|cut| cut.owner != *self.apex) {
            Some(cut) if name.is_at_or_below(&cut.owner) => self.referral(&cut.owner),
            Some(cut) => Err(format!("a referral to {} for {name}", cut.owner)),
            None => self.no_data(&name, qtype),
        }
    }

    /// Each RRset of ours has a signature; a delegation's NS, its glue, and a CNAME made from a DNAME have none.
    fn all_is_signed(&self) -> Result<(), String> {
        for section in [&self.reply.answer, &self.reply.authority] {
            for record in section.iter().filter(|record| record.rtype != RRSIG) {
                let is_delegation = record.rtype == NS && record.owner != *self.apex;
                if !is_delegation && !self.is_made(section, record) {
                    self.signature(section, record)?;
                }
            }
        }
        Ok(())
    }

    fn is_made(&self, section: &[Record], record: &Record) -> bool {
        let is_above = |other: &Record| other.rtype == DNAME && record.owner.is_below(&other.owner);
        record.rtype == CNAME && section.iter().any(is_above)
    }

    fn signature<'s>(&self, section: &'s [Record], record: &Record) -> Result<&'s Record, String> {
        let over = record.rtype.to_be_bytes();
        let mut signatures = section.iter().filter(|other| other.rtype == RRSIG && other.owner == record.owner);
        signatures.find(|other| octets(other)[..2] == over).ok_or_else(|| format!("no signature over {record:?}"))
    }

    /// Whether a record of the answer was made from a wildcard, once it is proved that it had to be.
    fn is_expanded(&self, record: &Record) -> Result<bool, String> {
        if record.rtype == RRSIG || self.is_made(&self.reply.answer, record) {
            return Ok(false);
        }
        let labels = usize::from(octets(self.signature(&self.reply.answer, record)?)[3]);
        if labels >= record.owner.depth() - usize::from(record.owner.is_wildcard()) {
            return Ok(false);
        }
        let is_denied = self.nsec.iter().any(|nsec| nsec.covers(&record.owner, self.apex))
            || self.nsec3.iter().any(|nsec3| nsec3.covers(&record.owner.ancestor(labels + 1)));
        if is_denied { Ok(true) } else { Err(format!("nothing says that no name is closer to {}", record.owner)) }
    }

    fn name_error(&self, name: &Name) -> Result<(), String> {
        if let Some(nsec) = self.nsec.iter().find(|nsec| nsec.covers(name, self.apex)) {
            let wildcard = nsec.encloser(name).child("*");
            let is_denied = self.nsec.iter().any(|nsec| nsec.covers(&wildcard, self.apex));
            return is_denied.then_some(()).ok_or_else(|| format!("{wildcard} is not denied"));
        }
        let (encloser, is_opt_out) = self.encloser(name)?;
        let wildcard = encloser.child("*");
        // In an opt-out span an empty non-terminal need not have an NSEC3: then the closest encloser that can be proved is above
        // it, and may have a wildcard that does not stand for the name.
        let is_denied =
            self.nsec3.iter().any(|nsec3| nsec3.covers(&wildcard) || (is_opt_out && nsec3.matches(&wildcard)));
        is_denied.then_some(()).ok_or_else(|| format!("{wildcard} is not denied by its hash"))
    }

    /// The closest provable encloser of a name, and whether the name below it is in an opt-out span.
    fn encloser(&self, name: &Name) -> Result<(Name, bool), String> {
        let matched = |depth: &usize| self.nsec3.iter().any(|nsec3| nsec3.matches(&name.ancestor(*depth)));
        let depth = (0..name.depth()).rev().find(matched).ok_or_else(|| format!("no encloser of {name} is shown"))?;
        let closer = name.ancestor(depth + 1);
        let cover = self.nsec3.iter().find(|nsec3| nsec3.covers(&closer));
        cover.map(|cover| (name.ancestor(depth), cover.is_opt_out)).ok_or_else(|| format!("{closer} is not denied"))
    }

    fn no_data(&self, name: &Name, qtype: u16) -> Judged {
        let lacks = |types: &BTreeSet<u16>| {
            let is_cut = types.contains(&NS) && !types.contains(&SOA);
            // RFC 5155 section 8.5, RFC 6840 section 4.3; but the signatures of an alias are its own (RFC 4035 section 2.5).
            let is_alias = types.contains(&CNAME) && qtype != RRSIG;
            !types.contains(&qtype) && !is_alias && (!is_cut || qtype == DS)
        };
        let is_empty = |name: &Name, nsec: &Nsec| nsec.covers(name, self.apex) && nsec.next.is_below(name);
        if let Some(nsec) = self.nsec.iter().find(|nsec| nsec.owner == *name) {
            return if lacks(&nsec.types) { Ok(Belief::NoData) } else { Err(format!("{name} has the type")) };
        }
        if let Some(nsec3) = self.nsec3.iter().find(|nsec3| nsec3.matches(name)) {
            return if lacks(&nsec3.types) { Ok(Belief::NoData) } else { Err(format!("{name} has the type")) };
        }
        if self.nsec.iter().any(|nsec| is_empty(name, nsec)) {
            return Ok(Belief::EmptyNonTerminal);
        }
        if let Some(nsec) = self.nsec.iter().find(|nsec| nsec.covers(name, self.apex)) {
            let wildcard = nsec.encloser(name).child("*");
            let of_wildcard =
                |nsec: &&Nsec| (nsec.owner == wildcard && lacks(&nsec.types)) || is_empty(&wildcard, nsec);
            let found = self.nsec.iter().find(of_wildcard);
            return found.map(|_| Belief::WildcardNoData).ok_or_else(|| format!("{wildcard} is not shown"));
        }
        let (encloser, is_opt_out) = self.encloser(name)?;
        let wildcard = encloser.child("*");
        match self.nsec3.iter().find(|nsec3| nsec3.matches(&wildcard)) {
            Some(nsec3) if lacks(&nsec3.types) => Ok(Belief::WildcardNoData),
            // An empty non-terminal without an NSEC3 may have the wildcard's for a cover.
            _ if is_opt_out => Ok(Belief::OptOutNoData),
            Some(_) => Err(format!("{wildcard} has the type")),
            None => Err(format!("nothing says that {name} is without the type")),
        }
    }

    fn referral(&self, cut: &Name) -> Judged {
        if self.reply.authority.iter().any(|record| record.rtype == DS && record.owner == *cut) {
            return Ok(Belief::SecureReferral);
        }
        let is_insecure = |types: &BTreeSet<u16>| types.contains(&NS) && !types.contains(&DS) && !types.contains(&SOA);
        let nsec = self.nsec.iter().find(|nsec| nsec.owner == *cut).map(|nsec| &nsec.types);
        let nsec3 = || self.nsec3.iter().find(|nsec3| nsec3.matches(cut)).map(|nsec3| &nsec3.types);
        match nsec.or_else(nsec3) {
            Some(types) if is_insecure(types) => Ok(Belief::InsecureReferral),
            Some(_) => Err(format!("{cut} is no delegation without DS")),
            None => match self.encloser(cut)? {
                (_, true) => Ok(Belief::OptOutReferral),
                (encloser, false) => Err(format!("{cut} below {encloser} is in no opt-out span")),
            },
        }
    }
}

fn target(record: &Record) -> &Name {
    match record.rdata.as_slice() {
        [Field::Name(target)] => target,
        _ => panic!("an alias has a target"),
    }
}
