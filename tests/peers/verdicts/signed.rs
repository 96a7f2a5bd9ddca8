//! Rules about signed zones: signatures, and what proves a denial.

use super::sections::is_named;
use super::{Right, Rule};
use crate::compare::Case;
use crate::compare::Difference::{Flag, Ours, Rcode, Theirs};
use crate::data::*;
use crate::reply::{AA, ADDITIONAL, ANSWER, AUTHORITY};
use crate::servers::Server::{Bind, Knot, Nsd};
use crate::signed::{NSEC3, NSEC3PARAM, Signing, parent_of};
use crate::walk::{Found, Step};

const NOERROR: u16 = 0;
const SERVFAIL: u16 = 2;

pub const RULES: &[Rule] = &[
    Rule {
        name: "a zone that lacks signatures is taken for unsigned",
        peers: &[Knot, Bind],
        right: Right::Gannet,
        clause: "RFC 4035 section 3.1.1, 3.1.4: the signatures that there are go with what they sign, and a DS goes with its referral",
        explains: |case, difference| {
            let (Ours(_, key, _) | Theirs(AUTHORITY, key, _)) = difference else { return false };
            matches!(key.rtype, RRSIG | NSEC | NSEC3 | DS) && is_of_partial(case, &key.owner)
        },
    },
    Rule {
        name: "an NSEC without its signature breaks a denial",
        peers: &[Bind],
        right: Right::Both,
        clause: "RFC 4035 section 2.2: each RRset is signed; nobody says what becomes of a zone where one is not",
        explains: |case, difference| {
            let is_partial = |step: &Step| step.zone.is_some_and(|zone| case.atlas.signings[zone].is_partial);
            let has_no_soa = case.theirs.of_type(AUTHORITY, SOA).next().is_none();
            let is_denial = matches!(difference, Ours(AUTHORITY, key, _) if key.rtype == SOA)
                || matches!(difference, Rcode(_, NOERROR));
            (case.theirs.rcode == SERVFAIL || (is_denial && has_no_soa)) && case.walk.steps.iter().any(is_partial)
        },
    },
    Rule {
        name: "a name with an asterisk of its own taken for the wildcard",
        peers: &[Knot],
        right: Right::Gannet,
        clause: "RFC 4035 section 3.1.3.4, RFC 5155 section 7.2.5: a wildcard stands for it, so that it is shown not to be there",
        explains: |case, difference| {
            let is_taken = |step: &Step| step.name.is_wildcard() && step.wildcard.is_some();
            case.walk.steps.iter().any(is_taken)
                && matches!(difference, Ours(AUTHORITY, key, _) if matches!(key.rtype, NSEC | NSEC3))
        },
    },
    Rule {
        name: "NSEC made from a wildcard without its proof",
        peers: &[Knot],
        right: Right::Gannet,
        clause: "RFC 4035 section 3.1.3.3: an answer made from a wildcard has the proof that no name is closer",
        explains: |case, difference| {
            case.qtype() == NSEC
                && case.walk.last().wildcard.is_some()
                && matches!(difference, Ours(AUTHORITY, key, _) if key.rtype == NSEC)
        },
    },
    Rule {
        name: "NSEC of an earlier name at or below an empty non-terminal",
        peers: &[Bind],
        right: Right::Gannet,
        clause: "RFC 4035 section 3.1.3.1, 5.4: the NSEC whose span the name is in",
        explains: |case, difference| {
            let last = case.walk.last();
            let is_empty = |(zone, encloser): (usize, Name)| case.atlas.zones[zone].at(&encloser).next().is_none();
            matches!(last.found, Found::NoData | Found::NxDomain)
                && last.wildcard.is_none()
                && case.atlas.encloser(last).is_some_and(is_empty)
                && matches!(difference, Ours(AUTHORITY, key, _) | Theirs(AUTHORITY, key, _) if key.rtype == NSEC)
        },
    },
    Rule {
        name: "NSEC of an earlier name where some name sorts before the asterisk",
        peers: &[Nsd],
        right: Right::Gannet,
        clause: "RFC 4034 section 6.1, RFC 4035 section 3.1.3.2: the NSEC whose span the wildcard is in, and others may be in front of it",
        explains: |case, difference| {
            let last = case.walk.last();
            let has_other = |(zone, encloser): (usize, Name)| has_before_asterisk(&case.atlas.zones[zone], &encloser);
            last.found == Found::NxDomain
                && case.atlas.encloser(last).is_some_and(has_other)
                && matches!(difference, Ours(AUTHORITY, key, _) | Theirs(AUTHORITY, key, _) if key.rtype == NSEC)
        },
    },
    Rule {
        name: "NSEC of another name behind a DNAME",
        peers: &[Nsd],
        right: Right::Gannet,
        clause: "RFC 4035 section 3.1.3.2, 3.1.3.3: the NSEC that covers the name that was sought last",
        explains: |case, difference| {
            let is_behind = case.walk.steps.iter().rev().skip(1).any(|step| step.found.dname().is_some());
            is_behind && matches!(difference, Ours(AUTHORITY, key, _) | Theirs(AUTHORITY, key, _) if key.rtype == NSEC)
        },
    },
    Rule {
        name: "a denial fails below what opt-out leaves out",
        peers: &[Nsd, Knot],
        right: Right::Gannet,
        clause: "RFC 5155 section 7.2.1: the closest encloser that can be proven, which may be further up than the closest",
        explains: |case, difference| {
            let is_empty = case.theirs.is_empty() && !case.theirs.has(AA);
            let is_cut = |step: &Step| step.zone.is_some_and(|zone| case.atlas.zones[zone].is_cut(&step.name));
            let is_denied = |step: &Step| matches!(step.found, Found::NxDomain | Found::NoData) && !is_cut(step);
            let is_below = |step: &Step| is_denied(step) && case.atlas.has_encloser_left_out(step);
            case.walk.steps.iter().any(is_below)
                && match difference {
                    Ours(AUTHORITY, key, _) | Theirs(AUTHORITY, key, _) => key.rtype == NSEC3 || is_empty,
                    Flag(AA, true) => is_empty,
                    _ => false,
                }
        },
    },
    Rule {
        name: "signatures of addresses that do not fit",
        peers: &[Nsd, Knot, Bind],
        right: Right::Both,
        clause: "RFC 4035 section 3.1.1: in the additional section the RRset may stand without its signatures, and TC is not set",
        explains: |case, difference| match difference {
            Ours(ADDITIONAL, key, _) | Theirs(ADDITIONAL, key, _) => {
                let has = |reply: &crate::reply::Reply| reply.sections[ADDITIONAL].contains_key(key);
                matches!(key.covers(), Some(A | AAAA))
                    && case.ample.is_some_and(|(ours, theirs)| has(ours) && has(theirs))
            }
            _ => false,
        },
    },
    Rule {
        name: "the other of two chains",
        peers: &[Nsd, Bind],
        right: Right::Both,
        clause: "RFC 5155 section 10.4, 10.5: while a zone goes from NSEC to NSEC3 both are whole, and either proves",
        explains: |case, difference| {
            let (key, other, reply) = match difference {
                Ours(AUTHORITY, key, _) => (key, NSEC, case.theirs),
                Theirs(AUTHORITY, key, _) => (key, NSEC3, case.ours),
                _ => return false,
            };
            matches!(key.rtype, NSEC | NSEC3)
                && key.rtype != other
                && reply.of_type(AUTHORITY, other).next().is_some()
                && signings(case, &key.owner).any(|signing| signing.has_both)
        },
    },
    Rule {
        name: "NSEC at a cut is answered",
        peers: &[Bind],
        right: Right::Gannet,
        clause: "RFC 1034 section 4.3.2 step 3b: a referral; RFC 4035 section 3.1.4.1 makes an exception of DS alone",
        explains: |case, difference| {
            let is_cut = matches!(&case.walk.last().found, Found::Cut(cut) if *cut == case.walk.last().name);
            is_cut && case.qtype() == NSEC && matches!(difference, Flag(AA, false) | Ours(..) | Theirs(ANSWER, ..))
        },
    },
    Rule {
        name: "part of the signatures, where RRSIG was asked for",
        peers: &[Knot],
        right: Right::Gannet,
        clause: "RFC 1034 section 4.3.2 step 3a: all records that match QTYPE",
        explains: |case, difference| {
            case.qtype() == RRSIG && matches!(difference, Ours(ANSWER, key, _) if key.rtype == RRSIG)
        },
    },
    Rule {
        name: "an empty wildcard is not shown to be empty",
        peers: &[Knot, Bind],
        right: Right::Gannet,
        clause: "RFC 4035 section 3.1.3.4, RFC 5155 section 7.2.5: what is shown of a name is shown of the wildcard too",
        explains: |case, difference| {
            let is_empty = |step: &Step| {
                matches!((&step.wildcard, step.zone), (Some(source), Some(zone))
                if case.atlas.zones[zone].at(source).next().is_none())
            };
            case.walk.steps.iter().any(is_empty)
                && matches!(difference, Ours(AUTHORITY, key, _) if matches!(key.rtype, NSEC | NSEC3))
        },
    },
    Rule {
        name: "no encloser of a wildcard that has an asterisk below it, or what sorts before one",
        peers: &[Nsd],
        right: Right::Gannet,
        clause: "RFC 5155 section 7.2.5: the closest encloser's proof, and the NSEC3 that matches the wildcard",
        explains: |case, difference| {
            let is_known = |name: &Name| is_named(case, name) || case.atlas.zones.iter().any(|zone| zone.exists(name));
            let is_double = |step: &Step| {
                let zone = step.zone.map(|zone| &case.atlas.zones[zone]);
                let has_other = |source: &Name| zone.is_some_and(|zone| has_before_asterisk(zone, source));
                step.wildcard.as_ref().is_some_and(|source| is_known(&source.child("*")) || has_other(source))
            };
            case.walk.steps.iter().any(is_double) && matches!(difference, Ours(AUTHORITY, key, _) if key.rtype == NSEC3)
        },
    },
    Rule {
        name: "no encloser of a wildcard that has no DS",
        peers: &[Nsd],
        right: Right::Gannet,
        clause: "RFC 5155 section 7.2.5: the closest encloser's proof, whatever type is sought",
        explains: |case, difference| {
            let last = case.walk.last();
            case.qtype() == DS
                && last.found == Found::NoData
                && last.wildcard.is_some()
                && matches!(difference, Ours(AUTHORITY, key, _) if key.rtype == NSEC3)
        },
    },
    Rule {
        name: "NSEC and NSEC3 in the additional section",
        peers: &[Knot],
        right: Right::Gannet,
        clause: "RFC 4035 section 3.1.3, RFC 5155 section 7.2: they prove, in the authority section; a target has no use for them",
        explains: |_, difference| matches!(difference, Theirs(ADDITIONAL, key, _) if matches!(key.rtype, NSEC | NSEC3)),
    },
    Rule {
        name: "the encloser of an asterisk's own name is shown",
        peers: &[Nsd],
        right: Right::Gannet,
        clause: "RFC 5155 section 7.2.3: the NSEC3 that matches the name, no other",
        explains: |case, difference| {
            let last = case.walk.last();
            last.name.is_wildcard()
                && last.found == Found::NoData
                && matches!(difference, Theirs(AUTHORITY, key, _) if key.rtype == NSEC3)
        },
    },
    Rule {
        name: "names that NSEC3 have exist",
        peers: &[Nsd],
        right: Right::Gannet,
        clause: "RFC 5155 section 7.2.8: what owns an NSEC3 alone is no name of the zone",
        explains: |case, difference| {
            case.walk.steps.iter().any(|step| is_at_or_below_hash(case, step))
                && matches!(difference, Rcode(..) | Ours(..) | Theirs(..))
        },
    },
];

/// Whether the zone that has the name lacks signatures; or where that is an apex, the zone above.
fn is_of_partial(case: &Case<'_>, owner: &Name) -> bool {
    let Some(zone) = case.atlas.zone_of(owner) else { return false };
    let is_apex = case.atlas.zones[zone].apex == *owner;
    let above = parent_of(case.atlas.zones, zone).filter(|_| is_apex);
    [Some(zone), above].into_iter().flatten().any(|zone| case.atlas.signings[zone].is_partial)
}

/// Whether some name directly below this one comes before its wildcard in canonical order (RFC 4034 section 6.1).
fn has_before_asterisk(zone: &Zone, name: &Name) -> bool {
    zone.records.iter().any(|record| {
        let label = record.owner.0.get(name.depth()).filter(|_| record.owner.is_at_or_below(name));
        label.is_some_and(|label| label.0.to_ascii_lowercase().as_slice() < b"*".as_slice())
    })
}

/// How the zones are signed that the record may belong to: what stands at a child's apex may be its parent's.
fn signings<'a>(case: &Case<'a>, owner: &'a Name) -> impl Iterator<Item = &'a Signing> {
    let zones = case.atlas.zones.iter().zip(&case.atlas.signings);
    zones.filter(|(zone, _)| owner.is_at_or_below(&zone.apex)).map(|(_, signing)| signing)
}

/// Whether the name right below the apex is a hash, as far as one can see.
fn is_at_or_below_hash(case: &Case<'_>, step: &Step) -> bool {
    let Some(zone) = step.zone.map(|zone| &case.atlas.zones[zone]) else { return false };
    let is_hash = |label: &Label| label.0.len() == 32 && label.0.iter().all(u8::is_ascii_alphanumeric);
    zone.has(&zone.apex, NSEC3PARAM) && step.name.0.get(zone.apex.depth()).is_some_and(is_hash)
}
