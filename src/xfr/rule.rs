//! What a query for a transfer gets: the zone, its SOA alone, or a refusal.
//!
//! Does not write anything.

use std::fmt;
use std::sync::Arc;

use super::policy::Policy;
use crate::answer::ExtendedError;
use crate::base::counters::{Counter, Counters};
use crate::net::{Peer, Transport};
use crate::wire::{Class, Query, Rcode, Rtype};
use crate::zone::{Zone, ZoneSet, ZoneState};

/// What a query for a transfer gets.
#[derive(Debug)]
pub(super) enum Ruling<'z> {
    /// The zone, all of it.
    Whole(&'z Arc<Zone>),
    /// Its SOA: the client has this version, or is to come back over TCP.
    SoaAlone(&'z Zone),
    /// Nothing.
    No(Refusal),
}

/// Why a query for a transfer gets nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// AXFR over UDP.
    OverUdp,
    /// IXFR that does not say which version the client has.
    NoSerial,
    /// The name is not the apex of a zone served here, or the class is another one.
    NotOurs,
    /// The client may not have the zone.
    NotAllowed,
    /// There are as many transfers as may be.
    TooMany,
    /// The zone could not be loaded.
    NotLoaded,
}

impl Refusal {
    /// The response code that says so.
    pub(super) fn rcode(self) -> Rcode {
        match self {
            // RFC 5936 section 4.2 does not define it; NOTIMP is what NSD and Knot say (BIND: FORMERR, but nothing is
            // wrong with the message).
            Self::OverUdp => Rcode::NOTIMP,
            // RFC 1995 section 3: the SOA is part of the query.
            Self::NoSerial => Rcode::FORMERR,
            // RFC 5936 section 2.2.1.
            Self::NotOurs => Rcode::NOTAUTH,
            Self::NotAllowed | Self::TooMany => Rcode::REFUSED,
            Self::NotLoaded => Rcode::SERVFAIL,
        }
    }

    /// Why, in the numbers of RFC 8914. For two of them it has none.
    pub(super) fn error(self) -> ExtendedError {
        match self {
            Self::OverUdp => ExtendedError::NOT_SUPPORTED,
            Self::NoSerial => ExtendedError::NO_SERIAL,
            Self::NotOurs => ExtendedError::NOT_AUTHORITATIVE,
            Self::NotAllowed => ExtendedError::PROHIBITED,
            // Not 18, which is for who may never have it, nor 14, for the server is ready: the client may come again.
            Self::TooMany => ExtendedError::TOO_MANY_TRANSFERS,
            Self::NotLoaded => ExtendedError::INVALID_DATA,
        }
    }

    /// What counts it.
    pub(super) fn counter(self, counters: &Counters) -> &Counter {
        match self {
            Self::OverUdp => &counters.transfers_over_udp,
            Self::NoSerial => &counters.transfers_without_serial,
            Self::NotOurs => &counters.transfers_not_ours,
            Self::NotAllowed => &counters.transfers_refused,
            Self::TooMany => &counters.transfers_over_limit,
            Self::NotLoaded => &counters.transfers_not_loaded,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OverUdp => "AXFR over UDP",
            Self::NoSerial => "IXFR without an SOA",
            Self::NotOurs => "no zone of that name is served here",
            Self::NotAllowed => "the client is not in its allow-transfer",
            Self::TooMany => "there are as many transfers as may be",
            Self::NotLoaded => "the zone is not loaded",
        })
    }
}

/// Rules on a query of type AXFR or IXFR.
pub(super) fn rule<'z>(zones: &'z ZoneSet, policy: &Policy, query: &Query<'_>, peer: Peer) -> Ruling<'z> {
    let is_udp = peer.transport == Transport::Udp;
    let held = match query.qtype {
        Rtype::IXFR => match query.held_serial() {
            None => return Ruling::No(Refusal::NoSerial),
            serial => serial,
        },
        _ if is_udp => return Ruling::No(Refusal::OverUdp),
        _ => None,
    };
    let found = zones.find(query.name, 0).filter(|(_, zone)| zone.apex_labels() == query.name.label_count());
    let (Class::IN, Some((_, zone))) = (query.qclass, found) else { return Ruling::No(Refusal::NotOurs) };
    if !policy.allows(zone.apex_wire(), peer.addr.ip()) {
        return Ruling::No(Refusal::NotAllowed);
    }
    match zone {
        ZoneState::Failed(_) => Ruling::No(Refusal::NotLoaded),
        ZoneState::Loaded(zone, _) => match held {
            // RFC 1995 section 2: the client has this version, or a newer one as RFC 1982 section 3.2 compares them.
            Some(held) if held.wrapping_sub(zone.serial()) as i32 >= 0 => Ruling::SoaAlone(zone),
            // RFC 1995 section 2: over UDP the SOA tells the client to come back over TCP.
            Some(_) if is_udp => Ruling::SoaAlone(zone),
            _ => Ruling::Whole(zone),
        },
    }
}
