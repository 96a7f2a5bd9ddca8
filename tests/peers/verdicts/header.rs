//! Rules about the header, classes, and types that are no types of records.

use super::{Right, Rule};
use crate::compare::Difference::{Flag, Ours, Question, Rcode, Theirs};
use crate::data::{ANY, CLASS_ANY, CLASS_IN, SOA};
use crate::reply::{AA, AD, AUTHORITY, CD};
use crate::rows::is_meta;
use crate::servers::Server::{Bind, Knot, Nsd};

const FORMERR: u16 = 1;
const NOTIMP: u16 = 4;
const REFUSED: u16 = 5;

pub const RULES: &[Rule] = &[
    Rule {
        name: "CD is copied",
        peers: &[Bind],
        right: Right::Gannet,
        clause: "RFC 4035 section 3.1.6: an authoritative server clears CD in what it composes",
        explains: |case, difference| *difference == Flag(CD, false) && case.query.flags & CD != 0,
    },
    Rule {
        name: "AD without a signature",
        peers: &[Bind],
        right: Right::Gannet,
        clause: "RFC 4035 section 3.1.6: AD only where all of the answer and authority sections is authentic; nothing is signed here",
        explains: |case, difference| *difference == Flag(AD, false) && case.query.flags & AD != 0,
    },
    Rule {
        name: "QCLASS ANY is malformed",
        peers: &[Bind],
        right: Right::Gannet,
        clause: "RFC 1035 section 3.2.5: * is a QCLASS",
        explains: |case, difference| {
            case.query.question.class == CLASS_ANY
                && case.theirs.rcode == FORMERR
                && case.theirs.is_empty()
                && matches!(difference, Rcode(_, FORMERR) | Ours(..))
        },
    },
    Rule {
        name: "AA for QCLASS ANY",
        peers: &[Nsd, Knot],
        right: Right::Gannet,
        clause: "RFC 1034 section 4.3.2 step 3, RFC 1035 section 6.2: an answer to QCLASS * is never authoritative",
        explains: |case, difference| *difference == Flag(AA, false) && case.query.question.class == CLASS_ANY,
    },
    Rule {
        name: "no SOA for QCLASS ANY",
        peers: &[Nsd],
        right: Right::Gannet,
        clause: "RFC 2308 section 3: a denial has the SOA of the zone",
        explains: |case, difference| {
            case.query.question.class == CLASS_ANY && matches!(difference, Ours(AUTHORITY, key, _) if key.rtype == SOA)
        },
    },
    Rule {
        name: "NOTIMP for a class that is not served",
        peers: &[Bind],
        right: Right::Both,
        clause: "RFC 1035 section 4.1.1: REFUSED for policy, NOTIMP for a kind of query; a class is either",
        explains: |case, difference| {
            *difference == Rcode(REFUSED, NOTIMP) && !matches!(case.query.question.class, CLASS_IN | CLASS_ANY)
        },
    },
    Rule {
        name: "no question beside REFUSED for a class",
        peers: &[Nsd],
        right: Right::Gannet,
        clause: "RFC 1035 section 4.1.1, RFC 9619: a reply has the question that it answers",
        explains: |case, difference| {
            *difference == Question && case.query.question.class != CLASS_IN && case.theirs.question.is_empty()
        },
    },
    Rule {
        name: "a type of which there are no records",
        peers: &[Nsd, Knot, Bind],
        right: Right::Both,
        clause: "RFC 6895 section 3.1: 0, OPT and 128 to 255 are no types of data; what a question for one gets nobody says, but \
                 for NXNAME (RFC 9824 section 3.5: FORMERR)",
        explains: |case, difference| {
            // What stands in messages for other things is malformed as a question; other questions are not known.
            let ours = if matches!(case.qtype(), 0 | 41 | 128 | 249 | 250) { FORMERR } else { NOTIMP };
            is_meta(case.qtype())
                && case.qtype() != ANY
                && case.ours.rcode == ours
                && case.ours.is_empty()
                && matches!(difference, Rcode(..) | Theirs(..) | Flag(AA, false))
        },
    },
];
