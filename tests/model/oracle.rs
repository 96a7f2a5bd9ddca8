//! The oracle: RFC 1034 section 4.3.2 over plain lists of records, with the RFCs that amended it.
//!
//! Written from the RFCs alone and slow on purpose: every step scans all records. Knows neither the compiled zone nor
//! messages, so it shares no mistake with either.

use std::collections::BTreeSet;

use gannet::base::limits::{CHAIN_STEPS_MAX, NAME_OCTETS_MAX};

use super::data::*;

pub const NOERROR: u8 = 0;
pub const NXDOMAIN: u8 = 3;
pub const REFUSED: u8 = 5;
pub const YXDOMAIN: u8 = 6;

/// What a reply must hold, may hold and must not hold (anything else).
#[derive(Clone, Debug, Default)]
pub struct Expected {
    pub rcode: u8,
    pub aa: bool,
    /// The answer section in order: one step of the chain after the other, the order within a step is free.
    pub answer: Vec<Step>,
    pub authority: Bounds,
    pub additional: Bounds,
    /// The branches that were taken, for the reader of a failure and for the test that all are reached.
    pub trace: BTreeSet<&'static str>,
}

/// One step of the answer: exactly one of these sets, whole. Only QTYPE ANY leaves a choice (RFC 8482 section 4.1).
pub type Step = Vec<Vec<Record>>;

/// What a section must and may hold.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    /// There, or TC is set.
    pub required: BTreeSet<Record>,
    /// There if there is room.
    pub wanted: BTreeSet<Record>,
    /// There or not.
    pub allowed: BTreeSet<Record>,
}

/// The reply of a server that holds these zones.
pub fn answer(zones: &[Zone], question: &Question) -> Expected {
    let mut reply = Expected::default();
    if !matches!(question.class, CLASS_IN | CLASS_ANY) {
        return reply.refuse("class refused");
    }
    let mut name = question.name.clone();
    let mut followed: Vec<Name> = Vec::new();
    loop {
        let Some(zone) = zone_for(zones, &name, question.rtype) else {
            if followed.is_empty() {
                return reply.refuse("out of our zones");
            }
            reply.trace.insert("chain leaves our zones");
            break;
        };
        let found = lookup(zone, &name, question.rtype);
        // RFC 1035 section 4.1.1: AA speaks of the first owner. RFC 1034 section 3.7.1: nobody is authoritative for all
        // classes.
        if followed.is_empty() {
            reply.aa = !matches!(found, Found::Cut(_)) && question.class == CLASS_IN;
        }
        if matches!(found, Found::Node(_)) && !zone.exists(&name) {
            reply.trace.insert("wildcard");
        }
        let link = match found {
            Found::Cut(cut) => break reply.refer(zone, &cut, question.dnssec_ok),
            Found::Nothing => break reply.deny(zone, NXDOMAIN, question.dnssec_ok),
            Found::Node(node) => match cname_of(&node, question.rtype) {
                Some(_) => Link { dname: Vec::new(), cname: rrset(&node, CNAME, question.dnssec_ok) },
                None => break reply.give(zones, zone, &node, question),
            },
            Found::Dname(dname) => {
                let owner: Vec<Record> = zone.at(&dname.owner).cloned().collect();
                Link { dname: rrset(&owner, DNAME, question.dnssec_ok), cname: vec![synthesise(&dname, &name)] }
            }
        };
        if followed.contains(&name) {
            reply.trace.insert("loop");
            break;
        }
        let is_made = !link.dname.is_empty();
        let Some(target) = reply.add(link) else { break };
        // RFC 1034 section 4.3.2 step 3a: a CNAME is followed unless it is what was asked for.
        if is_made && question.rtype == CNAME {
            break;
        }
        if followed.len() == CHAIN_STEPS_MAX {
            reply.trace.insert("chain cut short");
            break;
        }
        followed.push(std::mem::replace(&mut name, target));
    }
    if !followed.is_empty() {
        reply.trace.insert("chain");
    }
    reply
}

/// A step of a chain: a CNAME, or a DNAME and the CNAME that it makes.
struct Link {
    dname: Vec<Record>,
    cname: Vec<Record>,
}

/// What a zone has for a name.
enum Found {
    /// The name is at or below this zone cut.
    Cut(Name),
    /// The name is below the owner of this DNAME.
    Dname(Record),
    /// The records of the name, maybe by a wildcard; none for an empty non-terminal.
    Node(Vec<Record>),
    /// The name does not exist.
    Nothing,
}

/// The zone to answer from: the longest apex at or above the name (RFC 1034 section 4.3.2, step 2).
fn zone_for<'z>(zones: &'z [Zone], name: &Name, rtype: u16) -> Option<&'z Zone> {
    let closest = |zones: &mut dyn Iterator<Item = &'z Zone>| {
        zones.filter(|zone| name.is_at_or_below(&zone.apex)).max_by_key(|zone| zone.apex.depth())
    };
    let child = closest(&mut zones.iter())?;
    if rtype == DS && *name == child.apex {
        // RFC 4035 section 3.1.4.1: DS is the parent's. A zone further up only has a referral: that is not the parent.
        let parent = closest(&mut zones.iter().filter(|zone| zone.apex != child.apex));
        return parent.filter(|parent| !matches!(lookup(parent, name, DS), Found::Cut(_))).or(Some(child));
    }
    Some(child)
}

/// Walks down from the apex, label by label (RFC 1034 section 4.3.2, step 3; RFC 6672 section 3.2).
fn lookup(zone: &Zone, name: &Name, rtype: u16) -> Found {
    for depth in zone.apex.depth()..=name.depth() {
        let here = name.ancestor(depth);
        if !zone.exists(&here) {
            // RFC 4592 section 3.3.1: the closest encloser's wildcard is the source of synthesis, no other.
            let source = name.ancestor(depth - 1).child("*");
            return match zone.exists(&source) {
                true => Found::Node(zone.at(&source).map(|record| record.at(name)).collect()),
                false => Found::Nothing,
            };
        }
        let arrived = here == *name;
        // RFC 4035 section 3.1.4.1: of what is at a cut, the DS RRset alone is the parent's to give.
        if zone.is_cut(&here) && !(arrived && rtype == DS) {
            return Found::Cut(here);
        }
        // RFC 6672 section 2.3: a DNAME redirects what is below its owner, never the owner.
        if !arrived && let Some(dname) = zone.at(&here).find(|record| record.rtype == DNAME) {
            return Found::Dname(dname.clone());
        }
    }
    Found::Node(zone.at(name).cloned().collect())
}

/// The CNAME to follow, if the node has one and nothing of the type that was asked for (RFC 1034 section 3.6.2); NSEC may
/// stand beside it, and signatures are those of the alias (RFC 4035 section 2.5).
fn cname_of(node: &[Record], rtype: u16) -> Option<&Record> {
    let has_answer = matches!(rtype, ANY | RRSIG) || node.iter().any(|record| record.rtype == rtype);
    node.iter().find(|record| record.rtype == CNAME && !has_answer)
}

/// The records of a type at a node, with their signatures if they are wanted (RFC 4035 section 3.1.1).
fn rrset(node: &[Record], rtype: u16, dnssec_ok: bool) -> Vec<Record> {
    node.iter().filter(|record| record.rtype == rtype || (dnssec_ok && record.covers(rtype))).cloned().collect()
}

/// The CNAME that a DNAME makes for a name below its owner, with the DNAME's TTL (RFC 6672 section 3.1).
fn synthesise(dname: &Record, name: &Name) -> Record {
    let target = name.with_suffix(&dname.owner, dname.target().expect("a DNAME has a target"));
    Record { owner: name.clone(), rtype: CNAME, ttl: dname.ttl, rdata: vec![Field::Name(target)] }
}

impl Expected {
    fn refuse(mut self, why: &'static str) -> Self {
        self.rcode = REFUSED;
        self.trace.insert(why);
        self
    }

    /// Adds the records of a link and gives the name to go on with; none if that would be too long for a name.
    fn add(&mut self, link: Link) -> Option<Name> {
        let target = link.cname[0].target().expect("a CNAME has a target").clone();
        // A DNAME that was met before is in the answer already (RFC 2181 section 5: an RRset has no duplicates).
        if !link.dname.is_empty() {
            self.trace.insert("DNAME");
            let step = vec![link.dname];
            if !self.answer.contains(&step) {
                self.answer.push(step);
            }
        }
        if target.octets() > NAME_OCTETS_MAX {
            self.trace.insert("YXDOMAIN");
            self.rcode = YXDOMAIN;
            return None;
        }
        self.answer.push(vec![link.cname]);
        Some(target)
    }

    /// The answer to the question from the node, or that it has none.
    fn give(&mut self, zones: &[Zone], zone: &Zone, node: &[Record], question: &Question) {
        let types: BTreeSet<u16> = node.iter().map(|record| record.rtype).filter(|rtype| *rtype != RRSIG).collect();
        let mut sets: Step = match question.rtype {
            ANY => types.iter().map(|rtype| rrset(node, *rtype, question.dnssec_ok)).collect(),
            asked => types.contains(&asked).then(|| rrset(node, asked, question.dnssec_ok)).into_iter().collect(),
        };
        if sets.is_empty() {
            return self.deny(zone, NOERROR, question.dnssec_ok);
        }
        self.trace.insert(if question.rtype == ANY { "ANY" } else { "answer" });
        for record in sets.iter().flatten() {
            self.add_addresses(zones, zone, record, question.dnssec_ok);
        }
        if question.rtype == ANY {
            self.additional.allowed.append(&mut self.additional.wanted);
        }
        // A DNAME that led here may be what was asked for: it is there already.
        let there: Vec<bool> = sets.iter().map(|set| self.answer.iter().any(|step| step[0] == *set)).collect();
        sets = sets.into_iter().zip(there).map(|(set, there)| if there { Vec::new() } else { set }).collect();
        self.answer.push(sets);
    }

    /// The addresses of what a record points to (RFC 1034 section 4.3.2, step 6; RFC 2782; RFC 9460 section 4.1).
    fn add_addresses(&mut self, zones: &[Zone], zone: &Zone, record: &Record, dnssec_ok: bool) {
        let mut target = match (record.rtype, record.target()) {
            (NS | MX | SRV | SVCB | HTTPS, Some(target)) => target,
            _ => return,
        };
        // RFC 2782 and 7505: with the root as target there is no service, so nobody needs the root's addresses.
        let is_root = target.is_root();
        if is_root {
            self.additional.allowed.extend(addresses(zone, target, dnssec_ok).1);
        }
        if matches!(record.rtype, SVCB | HTTPS) && is_root {
            // RFC 9460 section 2.5.2: the root stands for the owner itself.
            target = &record.owner;
        }
        let ours =
            !is_root && zone_for(zones, target, A).is_some_and(|other| other.apex == zone.apex) && zone.exists(target);
        let (certain, addresses) = addresses(zone, target, dnssec_ok);
        let wanted = certain && ours;
        if wanted { &mut self.additional.wanted } else { &mut self.additional.allowed }.extend(addresses);
        if matches!(record.rtype, SVCB | HTTPS)
            && let Some(Found::Node(node)) = target.is_at_or_below(&zone.apex).then(|| lookup(zone, target, SVCB))
        {
            self.additional.allowed.extend(rrset(&node, record.rtype, dnssec_ok));
        }
    }

    /// NODATA or NXDOMAIN with the zone's SOA (RFC 2308 sections 2.1, 2.2 and 3).
    fn deny(&mut self, zone: &Zone, rcode: u8, dnssec_ok: bool) {
        self.trace.insert(if rcode == NXDOMAIN { "NXDOMAIN" } else { "NODATA" });
        // RFC 6604 section 3: after a chain the code is that of the last name.
        self.rcode = rcode;
        let apex: Vec<Record> = zone.at(&zone.apex).cloned().collect();
        for mut record in rrset(&apex, SOA, dnssec_ok) {
            // RFC 2308 section 3, and RFC 4034 section 3: a signature's TTL is that of what it signs.
            record.ttl = record.ttl.min(minimum_of(&apex));
            self.authority.required.insert(record);
        }
    }

    /// A referral to the cut (RFC 1034 section 4.3.2, step 3b).
    fn refer(&mut self, zone: &Zone, cut: &Name, dnssec_ok: bool) {
        self.trace.insert("referral");
        let node: Vec<Record> = zone.at(cut).cloned().collect();
        for ns in rrset(&node, NS, false) {
            let target = ns.target().expect("an NS has a target");
            if target.is_at_or_below(cut) {
                // RFC 9471 section 3.1: all glue for in-domain name servers, or TC.
                let glue = zone.at(target).filter(|record| matches!(record.rtype, A | AAAA));
                self.additional.required.extend(glue.cloned());
            } else {
                // RFC 9471 section 3.2: sibling glue may be there.
                self.additional.allowed.extend(addresses(zone, target, dnssec_ok).1);
            }
            self.authority.required.insert(ns);
        }
        if dnssec_ok {
            // RFC 4035 section 3.1.4: the DS RRset and its signatures. Without signatures it is no use to anyone.
            let ds = rrset(&node, DS, true);
            let signed = ds.iter().any(|record| record.rtype == RRSIG);
            if signed { &mut self.authority.required } else { &mut self.authority.allowed }.extend(ds);
        }
    }
}

/// The addresses that a zone has for a name, and whether they are its own data rather than glue.
fn addresses(zone: &Zone, name: &Name, dnssec_ok: bool) -> (bool, Vec<Record>) {
    if !name.is_at_or_below(&zone.apex) {
        return (false, Vec::new());
    }
    let (own, node) = match lookup(zone, name, A) {
        Found::Node(node) => (true, node),
        Found::Cut(_) => (false, zone.at(name).cloned().collect()),
        Found::Dname(_) | Found::Nothing => (false, Vec::new()),
    };
    (own, [A, AAAA].into_iter().flat_map(|rtype| rrset(&node, rtype, dnssec_ok)).collect())
}

/// The MINIMUM field: the last four octets of the SOA (RFC 1035 section 3.3.13).
fn minimum_of(apex: &[Record]) -> u32 {
    let soa = apex.iter().find(|record| record.rtype == SOA).expect("a zone has a SOA");
    let wire = soa.rdata_wire();
    wire.last_chunk::<4>().copied().map(u32::from_be_bytes).expect("a SOA ends in its MINIMUM")
}
