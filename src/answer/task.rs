//! What a query asks the server to do, and the body of the reply that comes of it: all but its OPT record.
//!
//! Does not know who asks, nor the cache.

use super::ede::ExtendedError;
use super::find::{Found, Hit, Longest};
use super::options::{About, soa_expire};
use super::responder::{OutsideZones, Settings};
use super::solve::{Scratch, Solution, solve};
use crate::net::Transport;
use crate::wire::{Class, Flags, Query, Rcode, Rtype, Writer};
use crate::zone::{AnyAnswer, Outcome, ZoneSet};

/// What a query asks the server to do.
#[derive(Clone, Copy)]
pub(super) enum Task<'z> {
    /// To say no, and why.
    Refuse(Rcode, Option<ExtendedError>),
    /// To have it asked again over TCP.
    AskAgain,
    /// To answer from zones that we do not have.
    Outside,
    /// To tell about itself.
    Identify,
    /// To answer from its zones.
    Solve(Found<'z>),
}

impl<'z> Task<'z> {
    /// `longest` is what the zone set finds for the question's name.
    #[inline]
    pub(super) fn of(zones: &'z ZoneSet, longest: Longest<'z>, query: &Query<'_>, transport: Transport) -> Self {
        if let Some(edns) = &query.edns {
            if edns.version > 0 {
                return Self::Refuse(Rcode::BADVERS, None);
            }
            if edns.options.is_malformed() {
                return Self::Refuse(Rcode::FORMERR, Some(ExtendedError::BAD_OPTION));
            }
        }
        if query.qtype.is_meta() && query.qtype != Rtype::ANY {
            return Self::of_meta(query.qtype);
        }
        match (query.qclass, query.qtype) {
            (Class::IN | Class::ANY, qtype) => match Found::within(zones, longest, query.name, qtype) {
                Found::Nowhere => Self::Outside,
                Found::Zone(hit) if qtype == Rtype::ANY => Self::of_any(hit, transport),
                found => Self::Solve(found),
            },
            (Class::CH, _) => Self::Identify,
            _ => Self::Outside,
        }
    }

    /// What is to be done with a type of which there are no records.
    #[cold]
    fn of_meta(qtype: Rtype) -> Self {
        match qtype {
            // RFC 6895 section 3.1: these stand in messages for other things than questions.
            // RFC 9824 section 3.5 has NXNAME (128) in denials alone.
            Rtype::OPT | Rtype::TSIG | Rtype::TKEY | Rtype(0 | 128) => {
                Self::Refuse(Rcode::FORMERR, Some(ExtendedError::BAD_TYPE))
            }
            _ => Self::Refuse(Rcode::NOTIMP, Some(ExtendedError::NOT_SUPPORTED)),
        }
    }

    /// What is to be done with ANY. What it is not answered by is as with any other type.
    fn of_any(hit: Hit<'z>, transport: Transport) -> Self {
        match (hit.outcome, hit.choices.any, transport) {
            (Outcome::Answer(_) | Outcome::Dname(_), AnyAnswer::Refuse, _) => {
                Self::Refuse(Rcode::REFUSED, Some(ExtendedError::NOT_SUPPORTED))
            }
            (Outcome::Answer(_), AnyAnswer::Full, Transport::Udp) => Self::AskAgain,
            _ => Self::Solve(Found::Zone(hit)),
        }
    }

    /// Whether its reply is dear to make: only where a name is hashed is it cheaper to serve it again.
    #[inline]
    pub(super) fn is_dear(&self, query: &Query<'_>) -> bool {
        query.dnssec_ok() && matches!(self, Self::Solve(found) if found.takes_hash())
    }

    /// Whether the question's name is in a zone of ours, and not delegated away.
    pub(super) fn has_zone(&self) -> bool {
        matches!(self, Self::Solve(Found::Zone(hit)) if !matches!(hit.outcome, Outcome::Referral(_)))
    }

    /// Why there is no answer, once it is known that the reply has this RCODE.
    #[inline]
    pub(super) fn error(&self, rcode: Rcode) -> Option<ExtendedError> {
        match (self, rcode) {
            (Self::Refuse(_, error), _) => *error,
            (Self::Outside, _) | (Self::Identify, Rcode::REFUSED) => Some(ExtendedError::NOT_AUTHORITATIVE),
            (Self::Solve(_), Rcode::SERVFAIL) => Some(ExtendedError::INVALID_DATA),
            _ => None,
        }
    }

    /// What options may tell of it.
    pub(super) fn about(&self, query: &Query<'_>, settings: &Settings) -> About<'z> {
        let mut about = About::of(query, settings);
        if let Self::Solve(Found::Zone(Hit { zone, outcome, .. })) = self {
            about.zone = Some(zone);
            if let Outcome::Answer(rrset) = outcome
                && query.qtype == Rtype::SOA
            {
                about.expire = rrset.records().next().and_then(soa_expire);
            }
        }
        about
    }
}

/// Makes the body of the reply to a query.
#[inline(never)] // at one of two places for nearly every query
pub(super) fn make(
    zones: &ZoneSet,
    query: &Query<'_>,
    task: &Task<'_>,
    settings: &Settings,
    scratch: &mut Scratch,
    reply: &mut [u8],
) -> (usize, Solution) {
    let mut writer = Writer::new(reply);
    let (question, octets) = query.question_and_more();
    // A question has at most 259 octets, and the smallest room is larger: it fits.
    let solution = match task {
        _ if writer.question_of(question, octets).is_err() => Solution::of(Rcode::SERVFAIL),
        Task::Refuse(rcode, _) => Solution::of(*rcode),
        Task::AskAgain => Solution { truncated: true, ..Solution::of(Rcode::NOERROR) },
        // One that is to be dropped does not come here.
        Task::Outside => Solution::of(match settings.outside_zones {
            OutsideZones::Refuse | OutsideZones::Drop => Rcode::REFUSED,
            OutsideZones::Empty => Rcode::NOERROR,
        }),
        Task::Identify => {
            let rcode = settings.identity.answer(query, &mut writer).unwrap_or(Rcode::SERVFAIL);
            Solution { authoritative: rcode == Rcode::NOERROR, ..Solution::of(rcode) }
        }
        Task::Solve(found) => solve(zones, query, found, &mut writer, scratch),
    };
    // RFC 4035 section 3.1.6: an authoritative reply has CD clear, and AD; RFC 1035 section 4.1.1: RD is copied.
    let mut flags = Flags::QR.with(query.flags().only(Flags::RD));
    flags = if solution.authoritative { flags.with(Flags::AA) } else { flags };
    flags = if solution.truncated { flags.with(Flags::TC) } else { flags };
    (writer.finish(query.id(), flags, solution.rcode), solution)
}
