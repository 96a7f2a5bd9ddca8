//! Rules about aliases: how far they are followed, and where.

use super::sections::is_target;
use super::{Right, Rule};
use crate::compare::Case;
use crate::compare::Difference::{Flag, Ours, Rcode, Theirs, Ttl, Twice};
use crate::data::{A, AAAA, ANY, CNAME, DNAME, DS, NS, NSEC, Name, RRSIG, SOA};
use crate::reply::{ADDITIONAL, ANSWER, AUTHORITY, Key, TC};
use crate::servers::Server;
use crate::servers::Server::{Bind, Knot, Nsd};
use crate::walk::{Found, Step};
use gannet::base::limits::CHAIN_STEPS_MAX;

const NSEC3: u16 = 50;

const NOERROR: u16 = 0;
const SERVFAIL: u16 = 2;
const NXDOMAIN: u16 = 3;
const YXDOMAIN: u16 = 6;

/// Names of a chain that a server answers before it stops: BIND's `max-query-restarts`, Knot's `CNAME_CHAIN_MAX`.
fn steps_max(peer: Server) -> usize {
    match peer {
        Bind => 11,
        Knot => 5,
        _ => CHAIN_STEPS_MAX,
    }
}

pub const RULES: &[Rule] = &[
    Rule {
        name: "chain ends at the border of its zone",
        peers: &[Nsd, Knot, Bind],
        right: Right::Both,
        clause: "RFC 1034 section 4.3.2 step 3a goes back to step 1, among all zones; a resolver asks again all the same",
        explains: |case, difference| {
            let elsewhere = case.walk.elsewhere();
            let here = &case.walk.steps[..case.walk.steps.len() - elsewhere.len()];
            // What they answer is of the steps before the border.
            let stops = !case.theirs.sections[ANSWER].keys().any(|key| belongs(key, elsewhere) && !belongs(key, here));
            match difference {
                _ if elsewhere.is_empty() => false,
                Ours(ANSWER, key, _) => stops && belongs(key, elsewhere),
                Rcode(NXDOMAIN | YXDOMAIN, NOERROR) => stops,
                // What is shown, and added, for the end that we came to.
                Ours(AUTHORITY, key, _) => stops && is_of_zones(case, key, elsewhere),
                Ours(ADDITIONAL, key, _) => stops && is_target(case, &key.owner),
                // A DS at the apex where the chain began is denied from there, not from the parent.
                Theirs(AUTHORITY, key, _) => {
                    let apex = &elsewhere[0].name;
                    let is_own = case.walk.first().zone.is_some_and(|zone| case.atlas.zones[zone].apex == *apex);
                    let is_denial = matches!(key.rtype, SOA | NSEC | NSEC3) && key.owner.is_at_or_below(apex);
                    case.qtype() == DS && is_own && is_denial
                }
                // Glue of the zone above the border has the TTL that it has there.
                Ttl(ADDITIONAL, key, ..) => {
                    matches!(key.rtype, A | AAAA) && case.theirs.of_type(AUTHORITY, NS).next().is_some()
                }
                _ => false,
            }
        },
    },
    Rule {
        name: "chain goes on in its zone, past the apex of a zone below",
        peers: &[Nsd, Knot, Bind],
        right: Right::Gannet,
        clause: "RFC 1034 section 4.3.2 step 2: the zone that is the nearest ancestor",
        explains: |case, difference| {
            let zone = |step: &Step| step.zone.map(|zone| &case.atlas.zones[zone].apex);
            let first = zone(case.walk.first());
            let is_below = |step: &Step| zone(step).zip(first).is_some_and(|(apex, first)| apex.is_below(first));
            let elsewhere = case.walk.elsewhere();
            let left = elsewhere.first().is_some_and(is_below);
            let goes_on =
                case.theirs.sections[ANSWER].keys().any(|key| belongs(key, &elsewhere[..elsewhere.len().min(1)]));
            let is_own = |key: &Key| first.is_some_and(|first| key.owner.is_at_or_below(first));
            left && match difference {
                Theirs(ANSWER | AUTHORITY, key, _) => is_own(key),
                Theirs(..) | Rcode(..) => true,
                // What they made there stands for what we have of the zone below.
                Ours(ANSWER, key, _) => goes_on && belongs(key, elsewhere),
                Ours(AUTHORITY, key, _) => goes_on && is_of_zones(case, key, elsewhere),
                Ours(ADDITIONAL, key, _) => goes_on && is_target(case, &key.owner),
                _ => false,
            }
        },
    },
    Rule {
        name: "long chains and loops fail",
        peers: &[Bind],
        right: Right::Gannet,
        clause: "RFC 1034 section 3.6.2: loops are an error of the data, and what is known is told",
        explains: |case, difference| {
            let max = steps_max(Bind);
            let is_long = case.walk.steps.len() > max;
            let is_past = |key: &Key| is_long && belongs(key, &case.walk.steps[max..]);
            (case.walk.is_loop || is_long)
                && case.theirs.rcode == SERVFAIL
                && match difference {
                    Rcode(NOERROR | NXDOMAIN | YXDOMAIN, _) => true,
                    Ours(ANSWER, key, _) => is_past(key),
                    Ours(AUTHORITY | ADDITIONAL, ..) => is_long,
                    _ => false,
                }
        },
    },
    Rule {
        name: "chain of another length",
        peers: &[Nsd, Knot, Bind],
        right: Right::Both,
        clause: "RFC 1034 section 4.3.2 has no bound; each server has one",
        explains: |case, difference| {
            let (ours, theirs) = (CHAIN_STEPS_MAX, steps_max(case.peer));
            let count = case.walk.steps.len();
            let is_past = |key: &Key, max: usize| count > max && belongs(key, &case.walk.steps[max..]);
            count > ours.min(theirs)
                && match difference {
                    Ours(ANSWER, key, _) => is_past(key, theirs),
                    Theirs(ANSWER, key, _) => is_past(key, ours),
                    // Who came to the end tells of it.
                    Ours(..) => count > theirs,
                    Theirs(..) => count > ours,
                    Rcode(NXDOMAIN | YXDOMAIN, NOERROR) => count > theirs,
                    Rcode(NOERROR, NXDOMAIN | YXDOMAIN) => count > ours,
                    Flag(TC, _) => true,
                    _ => false,
                }
        },
    },
    Rule {
        name: "records of a chain twice",
        peers: &[Nsd, Knot],
        right: Right::Gannet,
        clause: "RFC 2181 section 5: an RRset has no record twice",
        explains: |case, difference| {
            let is_long = case.walk.steps.len() > steps_max(Knot);
            // RRSIG and NSEC are sought past an alias there, so that one of itself is a loop.
            (case.walk.is_loop || is_long || matches!(case.qtype(), DNAME | ANY | RRSIG | NSEC))
                && matches!(difference, Twice(ANSWER, key, false) if matches!(key.covers().unwrap_or(key.rtype), CNAME | DNAME))
        },
    },
    Rule {
        name: "RRSIG and NSEC are sought past a CNAME",
        peers: &[Nsd],
        right: Right::Gannet,
        clause: "RFC 4035 section 2.5: both stand beside a CNAME, so that the alias itself is asked about",
        explains: |case, difference| {
            let step = case.walk.last();
            let owner = step.wildcard.as_ref().unwrap_or(&step.name);
            let has_alias = |zone: usize| case.atlas.zones[zone].has(owner, CNAME);
            let is_followed = case.theirs.of_type(ANSWER, CNAME).any(|key| key.owner == step.name);
            // Ours is of the alias; theirs is the alias, and what it leads to.
            let is_either = match difference {
                Ours(ANSWER, key, _) => key.owner == step.name && matches!(key.rtype, RRSIG | NSEC),
                Ours(AUTHORITY, key, _) => matches!(key.rtype, SOA | NSEC | NSEC3),
                Theirs(..) | Rcode(NOERROR, _) => true,
                _ => false,
            };
            matches!(case.qtype(), RRSIG | NSEC) && step.zone.is_some_and(has_alias) && is_followed && is_either
        },
    },
    Rule {
        name: "NSEC is not sought past a CNAME that has none",
        peers: &[Knot, Bind],
        right: Right::Gannet,
        clause: "RFC 1034 section 4.3.2 step 3a; RFC 5155 section 8.5: no NSEC3 that shows a CNAME denies another type",
        explains: |case, difference| {
            let past = from_alias(case);
            let is_denial = |key: &Key| matches!(key.covers().unwrap_or(key.rtype), SOA | NSEC3);
            case.qtype() == NSEC
                && !past.is_empty()
                && match difference {
                    Ours(section, key, _) => is_past(case, *section, key, past),
                    Rcode(NXDOMAIN | YXDOMAIN, NOERROR) => true,
                    Theirs(AUTHORITY, key, _) => is_denial(key),
                    _ => false,
                }
        },
    },
    Rule {
        name: "NSEC3 is not sought past a CNAME",
        peers: &[Nsd],
        right: Right::Gannet,
        clause: "RFC 1034 section 4.3.2 step 3a, RFC 5155 section 7.1: NSEC3 has owners of its own, and stands beside no CNAME",
        explains: |case, difference| {
            let past = from_alias(case);
            case.qtype() == NSEC3
                && !past.is_empty()
                && match difference {
                    Ours(section, key, _) => is_past(case, *section, key, past),
                    Theirs(AUTHORITY, ..) | Rcode(NXDOMAIN | YXDOMAIN, NOERROR) => true,
                    _ => false,
                }
        },
    },
    Rule {
        name: "DNAME of a wildcard shown under another name",
        peers: &[Knot],
        right: Right::Gannet,
        clause: "RFC 6672 section 3.2 step 3C: below the asterisk's own name its DNAME applies as it stands",
        explains: |case, difference| {
            let is_wild = |owner: &Name| owner.is_wildcard();
            let below = case.walk.steps.iter().any(|step| matches!(&step.found, Found::Dname(owner) if is_wild(owner)));
            // Twice in a chain, it is where Knot stops.
            let is_stop = case.walk.steps.len() > 2 && matches!(difference, Ours(..) | Rcode(_, NOERROR));
            let is_dname = matches!(difference, Ours(ANSWER, key, _) | Theirs(ANSWER, key, _) if key.rtype == DNAME);
            // Nor does it get past one that is signed, or room enough for it where the new name is too long.
            let is_proof = matches!(difference, Ours(AUTHORITY, key, _) | Theirs(AUTHORITY, key, _) if matches!(key.rtype, NSEC | NSEC3));
            let has_nothing = case.theirs.sections[ANSWER].is_empty() && !case.theirs.has(TC);
            let is_lost = has_nothing || matches!(difference, Flag(TC, _));
            below && (is_dname || is_stop || is_proof || is_lost)
        },
    },
    Rule {
        name: "ANY is answered by the CNAME that a DNAME makes",
        peers: &[Bind, Knot],
        right: Right::Both,
        clause: "RFC 6672 section 3.2 step 3C goes on; RFC 8482 section 4.1 is content with any record",
        explains: |case, difference| {
            let is_any = case.qtype() == ANY && matches!(case.walk.first().found, Found::Dname(_));
            is_any && matches!(difference, Ours(..) | Rcode(NXDOMAIN | YXDOMAIN, NOERROR))
        },
    },
    Rule {
        name: "goes on after YXDOMAIN",
        peers: &[Knot],
        right: Right::Gannet,
        clause: "RFC 6672 section 3.2 step 3C: YXDOMAIN, and exit",
        explains: |case, difference| case.walk.is_too_long && matches!(difference, Theirs(..)),
    },
    Rule {
        name: "a DNAME that leads below itself is followed once",
        peers: &[Nsd],
        right: Right::Gannet,
        clause: "RFC 6672 section 3.2 step 3C: each name that is made is sought again, until one is too long",
        explains: |case, difference| {
            let steps = &case.walk.steps;
            let is_again = |pair: &[Step]| pair[0].found.dname().is_some() && pair[0].found == pair[1].found;
            let Some(first) = steps.windows(2).position(is_again) else { return false };
            let is_endless = case.walk.is_too_long || steps.len() > CHAIN_STEPS_MAX;
            is_endless
                && matches!(difference, Ours(ANSWER, key, _) if key.rtype == CNAME && belongs(key, &steps[first + 1..]))
        },
    },
    Rule {
        name: "no YXDOMAIN",
        peers: &[Nsd, Knot, Bind],
        right: Right::Gannet,
        clause: "RFC 6672 section 2.2: a name that becomes too long is YXDOMAIN",
        explains: |case, difference| {
            let forgets = match case.peer {
                // Where it is not the first name that becomes too long.
                Nsd => case.walk.steps.len() > 1,
                Knot => true,
                _ => case.qtype() == ANY,
            };
            case.walk.is_too_long && forgets && matches!(difference, Rcode(YXDOMAIN, _))
        },
    },
];

/// The steps from the first CNAME on.
fn from_alias<'a>(case: &Case<'a>) -> &'a [Step] {
    let steps = &case.walk.steps;
    let from = steps.iter().position(|step| step.found == Found::Cname);
    &steps[from.unwrap_or(steps.len())..]
}

/// Whether a record is what an answer holds of these steps: the aliases and what they lead to, and what is shown of that.
fn is_past(case: &Case<'_>, section: usize, key: &Key, steps: &[Step]) -> bool {
    match section {
        ANSWER => belongs(key, steps),
        AUTHORITY => is_of_zones(case, key, steps),
        _ => is_target(case, &key.owner),
    }
}

/// Whether a record denies, proves or delegates what is in the zone of one of these steps.
fn is_of_zones(case: &Case<'_>, key: &Key, steps: &[Step]) -> bool {
    let apex = |step: &Step| step.zone.map(|zone| &case.atlas.zones[zone].apex);
    matches!(key.rtype, SOA | NS | DS | NSEC | NSEC3)
        && steps.iter().filter_map(apex).any(|apex| key.owner.is_at_or_below(apex))
}

/// Whether a record of the answer section is of one of these steps.
fn belongs(key: &Key, steps: &[Step]) -> bool {
    let owns =
        |step: &Step| step.name == key.owner || matches!(&step.found, Found::Dname(owner) if *owner == key.owner);
    steps.iter().any(owns)
}
