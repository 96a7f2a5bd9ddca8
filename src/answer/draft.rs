//! The OPT record of a reply that somebody else makes to what was handed off: the options are those of any reply, by the
//! same code.
//!
//! Does not know what is replied.

use super::ede::ExtendedError;
use super::options::{About, FullCookie, ReplyOptions, soa_expire};
use super::responder::Settings;
use crate::base::limits::{HEADER_OCTETS, OPT_OCTETS_MAX};
use crate::net::Peer;
use crate::wire::{Edns, OptWriter, Query, Rcode, Rtype};
use crate::zone::Zone;

/// What the OPT record of the reply to a query will have, while its message is at hand.
#[derive(Debug, Clone, Copy)]
pub struct OptDraft<'q> {
    settings: &'q Settings,
    message: &'q [u8],
    edns: &'q Edns,
    cookie: Option<FullCookie>,
    peer: Peer,
    about: About<'q>,
}

impl<'q> OptDraft<'q> {
    /// None where the query had no OPT record; `cookie` is the one that goes back.
    pub fn of(settings: &'q Settings, query: &'q Query<'_>, cookie: Option<FullCookie>, peer: Peer) -> Option<Self> {
        let (message, about) = (query.message(), About::of(query, settings));
        query.edns.as_ref().map(|edns| Self { settings, message, edns, cookie, peer, about })
    }

    /// The same in a reply with this zone's SOA: tells its EXPIRE (RFC 7314 section 3.2) and its version to who asked.
    #[must_use]
    pub fn with_soa_of(mut self, zone: &'q Zone) -> Self {
        let soa = zone.apex_node().rrset(Rtype::SOA);
        self.about.expire = soa.and_then(|soa| soa.records().next().and_then(soa_expire));
        self.about.zone = Some(zone);
        self
    }

    /// The same in a reply that says no.
    #[must_use]
    pub fn with_error(mut self, error: ExtendedError) -> Self {
        self.about.error = Some(error);
        self
    }

    /// Octets that it takes at least.
    pub fn least_octets(&self) -> usize {
        self.options().least_octets()
    }

    /// Ends the message in the first `length` octets of `reply` with it, and returns the message's length. But for the cookie,
    /// options that do not fit are left out.
    pub fn append(&self, reply: &mut [u8], length: usize, rcode: Rcode) -> usize {
        self.options().append(reply, length, rcode, &self.about)
    }

    /// The same with what it has at least, for a truncated reply.
    pub fn append_least(&self, reply: &mut [u8], length: usize, rcode: Rcode) -> usize {
        self.options().append_least(reply, length, rcode)
    }

    /// It as it is to stand in a reply that is made when the query is no longer at hand.
    pub fn record(&self, rcode: Rcode) -> OptRecord {
        let mut message = [0; HEADER_OCTETS + OPT_OCTETS_MAX];
        let end = self.append(&mut message, HEADER_OCTETS, rcode);
        OptRecord { octets: message[HEADER_OCTETS..end].into(), least: self.least_octets() }
    }

    fn options(&self) -> ReplyOptions<'_> {
        let Self { settings, message, edns, cookie, peer, about: _ } = self;
        ReplyOptions { settings, message, edns, cookie: cookie.as_ref(), peer }
    }
}

/// An OPT record that was made for a reply to come.
#[derive(Debug, Clone)]
pub struct OptRecord {
    octets: Box<[u8]>,
    /// Octets of it without the options that a reply may do without: these stand behind the others.
    least: usize,
}

/// An OPT record, or as much of it as a message needs.
#[derive(Debug, Clone, Copy)]
pub struct OptPart<'r>(&'r [u8]);

impl OptRecord {
    /// All of it: for the first message of a reply.
    pub fn whole(&self) -> OptPart<'_> {
        OptPart(&self.octets)
    }

    /// What it has at least: for the messages behind the first, whose reader knows the rest.
    pub fn least(&self) -> OptPart<'_> {
        OptPart(self.octets.get(..self.least).unwrap_or(&self.octets))
    }
}

impl OptPart<'_> {
    /// Octets that it takes.
    pub fn octets(self) -> usize {
        self.0.len()
    }

    /// Ends the message in the first `length` octets of `reply` with it, if it fits, and returns the message's length.
    pub fn append(self, reply: &mut [u8], length: usize) -> usize {
        OptWriter::reopen(reply, length, self.0).map_or(length, OptWriter::close)
    }
}
