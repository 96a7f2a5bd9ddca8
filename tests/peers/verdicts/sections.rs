//! Rules about the authority and additional sections, sizes, ANY, and what NSD makes of names that other zones have.

use std::collections::BTreeSet;

use super::{Right, Rule};
use crate::compare::Case;
use crate::compare::Difference::{Flag, Ours, Rcode, Theirs, Twice};
use crate::data::*;
use crate::reply::{AA, ADDITIONAL, ANSWER, AUTHORITY, Key, Reply, TC};
use crate::servers::Server::{Bind, Knot, Nsd};
use crate::types::{parts, plain_name};
use crate::walk::{Found, Step};

const X25: u16 = 19;
const TLSA: u16 = 52;
const L32: u16 = 105;
const L64: u16 = 106;

const NOERROR: u16 = 0;
const NXDOMAIN: u16 = 3;

pub const RULES: &[Rule] = &[
    Rule {
        name: "name servers of the apex beside an answer",
        peers: &[Nsd],
        right: Right::Both,
        clause: "RFC 1034 section 4.3.2 step 4 wants no NS beside an answer; nothing forbids it",
        explains: |case, difference| match difference {
            Theirs(AUTHORITY, key, _) => key.rtype == NS && is_apex(case, &key.owner) && !is_referral(case),
            // Their addresses.
            Theirs(ADDITIONAL, key, _) => {
                is_address(key) && case.theirs.of_type(AUTHORITY, NS).any(|ns| names(ns, &key.owner))
            }
            _ => false,
        },
    },
    Rule {
        name: "ANY by one RRset",
        peers: &[Nsd, Knot, Bind],
        right: Right::Both,
        clause: "RFC 8482 section 4.1: one RRset of the server's choice, or all",
        explains: |case, difference| match difference {
            _ if case.qtype() != ANY => false,
            Ours(ANSWER, key, _) | Theirs(ANSWER, key, _) => is_data(case, key) && is_one_or_all(case),
            Ours(ADDITIONAL, key, _) | Theirs(ADDITIONAL, key, _) => is_address(key) && is_target(case, &key.owner),
            Flag(TC, is_ours) => !is_ours || is_tight(case),
            _ => false,
        },
    },
    Rule {
        name: "DS without signatures",
        peers: &[Nsd, Knot, Bind],
        right: Right::Both,
        clause: "RFC 4035 section 3.1.4 is about signed zones; in an unsigned one nobody can use a DS",
        explains: |case, difference| {
            let is_signed = |key: &Key| {
                let mut zones = case.walk.last().zone.iter().map(|zone| &case.atlas.zones[*zone]);
                zones.any(|zone| zone.at(&key.owner).any(|record| record.covers(DS)))
            };
            case.dnssec_ok()
                && is_referral(case)
                && matches!(difference, Ours(AUTHORITY, key, _) if key.rtype == DS && !is_signed(key))
        },
    },
    Rule {
        name: "glue is left out without TC",
        peers: &[Nsd, Knot, Bind],
        right: Right::Gannet,
        clause: "RFC 9471 section 3.1: all glue for in-domain name servers, or TC",
        explains: |case, difference| match difference {
            Flag(TC, true) => is_referral(case) && is_tight(case),
            // What comes over TCP was left out over UDP.
            Ours(ADDITIONAL, key, _) => {
                is_needed(case, key)
                    && case.ample.is_some_and(|(_, theirs)| theirs.sections[ADDITIONAL].contains_key(key))
            }
            _ => false,
        },
    },
    Rule {
        name: "one fits and the other does not",
        peers: &[Nsd, Knot, Bind],
        right: Right::Both,
        clause: "RFC 2181 section 9: TC where what is needed does not fit; how long a reply is depends on its compression",
        explains: |case, difference| {
            let limit = case.query.udp_limit();
            case.ample.is_some_and(|(ours, theirs)| match difference {
                // What they leave out even with room enough is a difference of its own.
                Flag(TC, true) => ours.octets > limit && (theirs.octets <= limit || lacks_any(theirs, ours)),
                Flag(TC, false) => theirs.octets > limit,
                _ => false,
            })
        },
    },
    Rule {
        name: "addresses that are of use, not needed",
        peers: &[Nsd, Knot, Bind],
        right: Right::Both,
        clause: "RFC 1034 section 4.3.2 step 6, RFC 9471 section 3.2: useful local data, and sibling glue, may be added",
        explains: |case, difference| match difference {
            Ours(ADDITIONAL, key, _) | Theirs(ADDITIONAL, key, _) => {
                is_address(key) && is_target(case, &key.owner) && is_data(case, key) && !is_needed(case, key)
            }
            _ => false,
        },
    },
    Rule {
        name: "glue from a wildcard below the cut",
        peers: &[Knot],
        right: Right::Gannet,
        clause: "RFC 4592 section 2.2.1, RFC 1034 section 4.2.1: below a cut is glue alone, and nothing is made from it",
        explains: |case, difference| match (difference, &case.walk.last().found) {
            (Theirs(ADDITIONAL, key, _), Found::Cut(cut)) => {
                let has_own = |zone: &Zone| zone.has(&key.owner, key.rtype);
                is_address(key)
                    && key.owner.is_at_or_below(cut)
                    && is_data(case, key)
                    && !case.atlas.zones.iter().any(has_own)
            }
            _ => false,
        },
    },
    Rule {
        name: "addresses of what a target is an alias of",
        peers: &[Nsd, Bind],
        right: Right::Both,
        clause: "RFC 2782, RFC 2181 section 10.3: no target is an alias; where one is, nobody says what goes with it",
        explains: |case, difference| {
            let leads_to =
                |target: &Name, end: &Name| case.atlas.walk(target, A).steps.iter().any(|step| step.name == *end);
            matches!(difference, Theirs(ADDITIONAL, key, _) if (is_address(key) || key.rtype == CNAME) && is_data(case, key)
                && pointing(case).any(|record| targets(record).iter().any(|target| leads_to(target, &key.owner))))
        },
    },
    Rule {
        name: "addresses of a wildcard under another name",
        peers: &[Nsd, Knot],
        right: Right::Gannet,
        clause: "RFC 4592 section 3.3.1: what a wildcard gives is owned by the name that was sought",
        explains: |case, difference| {
            let is_owned =
                |key: &Key| case.atlas.zones.iter().any(|zone| zone.at(&key.owner).any(|r| Key::of(r) == *key));
            let is_added = |key: &Key| is_address(key) || matches!(key.rtype, SVCB | HTTPS);
            matches!(difference, Theirs(ADDITIONAL, key, _) if is_added(key) && is_data(case, key)
                && !is_target(case, &key.owner) && (key.owner.is_wildcard() || !is_owned(key)))
        },
    },
    Rule {
        name: "X.25 addresses of routes",
        peers: &[Nsd, Bind],
        right: Right::Both,
        clause: "RFC 1183 section 3.3: X25 goes with RT; useful to nobody any more",
        explains: |case, difference| matches!(difference, Theirs(ADDITIONAL, key, _) if key.rtype == X25 && is_target(case, &key.owner)),
    },
    Rule {
        name: "SOA is left out without TC",
        peers: &[Knot],
        right: Right::Gannet,
        clause: "RFC 2308 section 3, RFC 2181 section 9: a denial has its SOA, or TC",
        explains: |case, difference| {
            let over_tcp =
                |key: &Key| case.ample.is_some_and(|(_, theirs)| theirs.sections[AUTHORITY].contains_key(key));
            let is_left_out = || {
                let soa = |reply: &Reply| reply.of_type(AUTHORITY, SOA).next().is_some();
                is_tight(case) && !soa(case.theirs) && case.ample.is_some_and(|(_, theirs)| soa(theirs))
            };
            match difference {
                Ours(AUTHORITY, key, _) => key.rtype == SOA && over_tcp(key),
                // Of ours nothing is left then.
                Flag(TC, true) => is_left_out(),
                _ => false,
            }
        },
    },
    Rule {
        name: "truncated before the chain's end",
        peers: &[Nsd, Knot, Bind],
        right: Right::Both,
        clause: "RFC 6604 section 3 is about the last name of a chain; a truncated reply may not have come to it",
        explains: |case, difference| {
            let agree = case.ample.is_some_and(|(ours, theirs)| ours.rcode == theirs.rcode);
            agree && (case.ours.has(TC) || case.theirs.has(TC)) && matches!(difference, Rcode(..))
        },
    },
    Rule {
        name: "SVCB and HTTPS records of the targets",
        peers: &[Knot, Bind],
        right: Right::Both,
        clause: "RFC 9460 section 4.1: records of the targets may be added, and of the targets of these",
        explains: |case, difference| {
            let Theirs(ADDITIONAL, key, _) = difference else { return false };
            let mut added = case.theirs.of_type(ADDITIONAL, SVCB).chain(case.theirs.of_type(ADDITIONAL, HTTPS));
            let is_there = match key.rtype {
                SVCB | HTTPS => is_target(case, &key.owner),
                A | AAAA | CNAME => added.any(|service| names(service, &key.owner)),
                _ => false,
            };
            is_there && is_data(case, key)
        },
    },
    Rule {
        name: "locators of LP",
        peers: &[Bind],
        right: Right::Both,
        clause: "RFC 1034 section 4.3.2 step 6: useful local data may be added, here L32 and L64 (RFC 6742)",
        explains: |case, difference| {
            matches!(difference, Theirs(ADDITIONAL, key, _) if matches!(key.rtype, L32 | L64)
                && is_data(case, key) && is_target(case, &key.owner))
        },
    },
    Rule {
        name: "addresses twice",
        peers: &[Nsd, Knot],
        right: Right::Gannet,
        clause: "RFC 2181 section 5: an RRset has no record twice",
        explains: |_, difference| matches!(difference, Twice(ADDITIONAL, key, false) if matches!(key.covers().unwrap_or(key.rtype), A | AAAA)),
    },
    Rule {
        name: "SVCB and HTTPS records of two that have one target, twice",
        peers: &[Knot],
        right: Right::Gannet,
        clause: "RFC 2181 section 5: an RRset has no record twice",
        explains: |case, difference| {
            let is_service = |key: &Key| matches!(key.covers().unwrap_or(key.rtype), SVCB | HTTPS);
            matches!(difference, Twice(ADDITIONAL, key, false) if is_service(key) && is_target(case, &key.owner))
        },
    },
    Rule {
        name: "TLSA records of the targets",
        peers: &[Bind],
        right: Right::Both,
        clause: "RFC 1034 section 4.3.2 step 6: useful local data may be added",
        explains: |case, difference| {
            // The port and the protocol stand in front of the target.
            let is_of_target = |owner: &Name| owner.depth() > 2 && is_target(case, &owner.ancestor(owner.depth() - 2));
            matches!(difference, Theirs(ADDITIONAL, key, _) if key.rtype == TLSA && is_data(case, key) && is_of_target(&key.owner))
        },
    },
    Rule {
        name: "DS of an apex is sought above its parent",
        peers: &[Nsd, Knot, Bind],
        right: Right::Gannet,
        clause: "RFC 4035 section 3.1.4.1: without the parent's zone, the child's denies",
        explains: |case, difference| {
            let is_sought = case.qtype() == DS && case.walk.steps.iter().any(|step| is_apex(case, &step.name));
            let refers = case.theirs.of_type(AUTHORITY, NS).next().is_some();
            let answers = case.theirs.of_type(ANSWER, DS).next().is_some();
            let soa_of = |reply: &Reply| reply.of_type(AUTHORITY, SOA).next().map(|row| row.owner.clone());
            let (ours, theirs) = (soa_of(case.ours), soa_of(case.theirs));
            let denies = ours.zip(theirs).is_some_and(|(ours, theirs)| ours != theirs && ours.is_at_or_below(&theirs));
            is_sought
                && match difference {
                    // The DS that a zone further up has for the same name.
                    Ours(ANSWER, key, _) | Theirs(ANSWER, key, _) => key.rtype == DS && is_data(case, key),
                    Ours(AUTHORITY, key, _) if key.rtype == SOA => refers || answers || denies,
                    Theirs(AUTHORITY, key, _) if key.rtype == SOA => refers || denies,
                    Flag(AA, true) | Ours(..) | Theirs(AUTHORITY | ADDITIONAL, ..) | Rcode(..) => refers,
                    _ => false,
                }
        },
    },
    Rule {
        name: "NUL in a label ends it",
        peers: &[Knot],
        right: Right::Gannet,
        clause: "RFC 2181 section 11: any octet may stand in a label",
        explains: |case, difference| {
            // In canonical order its name then stands elsewhere, and another NSEC is shown.
            let shows_nul = || case.ours.of_type(AUTHORITY, NSEC).any(|key| has_nul(&key.owner));
            match difference {
                Ours(AUTHORITY, key, _) | Theirs(AUTHORITY, key, _) if key.rtype == NSEC && shows_nul() => true,
                Rcode(..) | Flag(AA, _) | Ours(..) | Theirs(..) => {
                    case.walk.steps.iter().any(|step| is_like_one_with_nul(case, step))
                }
                _ => false,
            }
        },
    },
    Rule {
        name: "a name that only rdata has exists",
        peers: &[Nsd],
        right: Right::Gannet,
        clause: "RFC 8020 section 2, RFC 4592 section 2.2.3: a name exists by the records that it or a name below it owns",
        explains: |case, difference| {
            case.walk.last().found == Found::NxDomain
                && *difference == Rcode(NXDOMAIN, NOERROR)
                && is_named(case, &case.walk.last().name)
        },
    },
    Rule {
        name: "names of other zones exist",
        peers: &[Nsd],
        right: Right::Gannet,
        clause: "RFC 4592 section 2.2.2: a name exists in a zone by what is below it in that zone",
        explains: |case, difference| {
            let hit = |step: &Step| matches!(step.found, Found::NxDomain) || step.wildcard.is_some();
            case.walk.steps.iter().any(|step| hit(step) && is_made_by_others(case, step))
                && matches!(difference, Rcode(..) | Ours(..) | Theirs(..))
        },
    },
];

fn has_nul(name: &Name) -> bool {
    name.0.iter().any(|label| label.0.contains(&0))
}

/// Whether a zone has this record, at this owner or at a wildcard that stands for it.
fn is_data(case: &Case<'_>, key: &Key) -> bool {
    case.atlas.zones.iter().filter(|zone| key.owner.is_at_or_below(&zone.apex)).any(|zone| {
        zone.records.iter().any(|record| {
            record.rtype == key.rtype
                && (record.owner == key.owner || record.owner.is_wildcard())
                && Key::of(record).rdata == key.rdata
        })
    })
}

/// Whether ours answers ANY by one whole RRset of the last name, or by all of them, with the signatures where they are wanted; and
/// not by what denies where there is data.
fn is_one_or_all(case: &Case<'_>) -> bool {
    let last = case.walk.last();
    let Some(zone) = last.zone.map(|zone| &case.atlas.zones[zone]) else { return false };
    let source = last.wildcard.as_ref().unwrap_or(&last.name);
    let there: BTreeSet<u16> = zone.at(source).map(|record| record.rtype).filter(|rtype| *rtype != RRSIG).collect();
    let shown = case.ours.sections[ANSWER].keys().filter(|key| key.owner == last.name && key.rtype != RRSIG);
    let shown: BTreeSet<u16> = shown.map(|key| key.rtype).collect();
    let is_shown = |record: &Record| {
        case.ours.of_type(ANSWER, record.rtype).any(|key| key.owner == last.name && key.rdata == Key::of(record).rdata)
    };
    let is_wanted = |record: &Record, rtype: u16| record.rtype == rtype || (case.dnssec_ok() && record.covers(rtype));
    let is_whole = |rtype: &u16| zone.at(source).filter(|record| is_wanted(record, *rtype)).all(is_shown);
    let is_data = shown.iter().any(|rtype| *rtype != NSEC);
    (shown == there || (shown.len() == 1 && is_data)) && shown.iter().all(is_whole)
}

/// Whether the name, or one below it, stands in some rdata.
pub fn is_named(case: &Case<'_>, name: &Name) -> bool {
    let is_named = |record: &Record| {
        record.rdata.iter().any(|field| matches!(field, Field::Name(target) if target.is_at_or_below(name)))
    };
    case.atlas.zones.iter().any(|zone| zone.records.iter().any(is_named))
}

fn is_address(key: &Key) -> bool {
    matches!(key.rtype, A | AAAA)
}

fn is_apex(case: &Case<'_>, name: &Name) -> bool {
    case.atlas.zones.iter().any(|zone| zone.apex == *name)
}

fn is_referral(case: &Case<'_>) -> bool {
    matches!(case.walk.last().found, Found::Cut(_))
}

/// Whether a reply lacks something of what another answers and proves.
fn lacks_any(reply: &Reply, other: &Reply) -> bool {
    let lacks = |section: usize| other.sections[section].keys().any(|key| !reply.sections[section].contains_key(key));
    lacks(ANSWER) || lacks(AUTHORITY)
}

/// Whether our reply is larger than what was asked for.
fn is_tight(case: &Case<'_>) -> bool {
    case.ample.is_some_and(|(ours, _)| ours.octets > case.query.udp_limit())
}

/// The names in the rdata of a record.
fn targets(key: &Key) -> Vec<Name> {
    let (mut rest, mut names) = (&key.rdata[..], Vec::new());
    for part in parts(key.rtype).chars() {
        let octets = match part {
            'n' => {
                names.extend(plain_name(&mut rest));
                continue;
            }
            'b' => 1,
            'h' => 2,
            'w' | '4' => 4,
            's' => 1 + rest.first().map_or(0, |length| usize::from(*length)),
            _ => rest.len(),
        };
        rest = rest.get(octets..).unwrap_or_default();
    }
    names
}

fn names(key: &Key, name: &Name) -> bool {
    targets(key).contains(name)
}

/// The records of both replies that addresses may belong to.
fn pointing<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Key> {
    let replies = [case.ours, case.theirs];
    replies.into_iter().flat_map(|reply| reply.sections[ANSWER].keys().chain(reply.sections[AUTHORITY].keys()))
}

/// Whether some record of the replies points to the name, or is there for it: `.` of SVCB and HTTPS is the owner.
pub fn is_target(case: &Case<'_>, name: &Name) -> bool {
    pointing(case).any(|key| names(key, name) || (matches!(key.rtype, SVCB | HTTPS) && key.owner == *name))
}

/// Whether the address is glue that a referral must have: of a server that is in the zone it serves.
fn is_needed(case: &Case<'_>, key: &Key) -> bool {
    let Found::Cut(cut) = &case.walk.last().found else { return false };
    key.owner.is_at_or_below(cut) && case.ours.of_type(AUTHORITY, NS).any(|ns| names(ns, &key.owner))
}

/// Whether another zone has something at or below a name between the step's name and what its own zone has of it, or a
/// wildcard below that.
fn is_made_by_others(case: &Case<'_>, step: &Step) -> bool {
    let Some(zone) = step.zone.map(|zone| &case.atlas.zones[zone]) else { return false };
    let own = (zone.apex.depth()..=step.name.depth()).take_while(|depth| zone.exists(&step.name.ancestor(*depth)));
    let encloser = own.last().unwrap_or_default();
    let names = (encloser + 1..=step.name.depth()).map(|depth| step.name.ancestor(depth));
    let mut names = names.chain([step.name.ancestor(encloser).child("*")]);
    names.any(|name| !zone.exists(&name) && case.atlas.zones.iter().any(|other| other.exists(&name)))
}

/// Whether the zone has a name that is the step's, or one above it, but for a NUL and what is behind it in the last
/// label.
fn is_like_one_with_nul(case: &Case<'_>, step: &Step) -> bool {
    let Some(zone) = step.zone.map(|zone| &case.atlas.zones[zone]) else { return false };
    let mut owners = zone.records.iter().map(|record| &record.owner);
    owners.any(|owner| {
        owner.0.iter().enumerate().any(|(depth, label)| {
            let start = label.0.iter().position(|octet| *octet == 0).map(|nul| Label(label.0[..nul].to_vec()));
            start.is_some() && step.name.0.get(depth) == start.as_ref() && step.name.0[..depth] == owner.0[..depth]
        })
    })
}
