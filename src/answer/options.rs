//! The OPT record of a reply: which options go into it, in which order, and how many octets are kept free for them.
//!
//! Two kinds. What must be there is kept room for before the answer is written: the cookie, without which the client would
//! take the reply for forged (RFC 7873 section 5.3). The others go in where they do not push a record out that must be in the reply;
//! a truncated reply has none of them. Padding (RFC 7830) never does: it is for encrypted transports, of which
//! there is none here, and elsewhere it only makes a reply larger (section 6).
//! Does not know what is answered.

use super::ede::ExtendedError;
use super::responder::Settings;
use crate::base::limits::{MESSAGE_OCTETS_MAX, UDP_OCTETS_DEFAULT, UDP_OCTETS_PLAIN};
use crate::gate::ServerCookie;
use crate::net::{Peer, Transport};
use crate::wire::{Cookie, Edns, Full, NameBuf, OptWriter, OptionCode, Query, Rcode, Wish};
use crate::zone::Zone;

/// The largest UDP payloads by the client's address family: paths of the two differ in what they carry in one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadSizes {
    /// Octets over IPv4.
    pub ipv4: u16,
    /// Octets over IPv6.
    pub ipv6: u16,
}

impl Default for PayloadSizes {
    fn default() -> Self {
        Self { ipv4: UDP_OCTETS_DEFAULT as u16, ipv6: UDP_OCTETS_DEFAULT as u16 }
    }
}

impl PayloadSizes {
    /// The size that an OPT record to this client offers, in octets.
    #[inline]
    pub fn offered(self, peer: Peer) -> u16 {
        if peer.addr.is_ipv4() { self.ipv4 } else { self.ipv6 }
    }

    /// Octets that the reply to a client's message, with or without an OPT record, may have.
    #[inline]
    pub fn limit(self, edns: Option<&Edns>, peer: Peer) -> usize {
        match (peer.transport, edns) {
            (Transport::Tcp, _) => MESSAGE_OCTETS_MAX,
            (Transport::Udp, None) => UDP_OCTETS_PLAIN,
            (Transport::Udp, Some(edns)) => self.limit_over_udp(edns.payload, peer),
        }
    }

    /// The same for a message over UDP whose OPT record has this payload size.
    #[inline]
    pub(super) fn limit_over_udp(self, payload: u16, peer: Peer) -> usize {
        // RFC 6891 section 6.2.3: values below 512 mean 512.
        usize::from(payload.min(self.offered(peer))).max(UDP_OCTETS_PLAIN)
    }
}

/// What the reply to one query has besides its records.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReplyOptions<'q> {
    pub(super) settings: &'q Settings,
    /// The query, in which the options stand.
    pub(super) message: &'q [u8],
    pub(super) edns: &'q Edns,
    pub(super) cookie: Option<&'q FullCookie>,
    pub(super) peer: &'q Peer,
}

/// The cookie of a reply: the client's own half, and ours.
#[derive(Debug, Clone, Copy)]
pub struct FullCookie {
    pub(super) client: [u8; Cookie::CLIENT_OCTETS],
    pub(super) server: ServerCookie,
}

/// What the options tell of the answer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct About<'z> {
    /// Why there is none.
    pub(super) error: Option<ExtendedError>,
    /// The zone that the question's name is in.
    pub(super) zone: Option<&'z Zone>,
    /// The EXPIRE of that zone's SOA, where that was asked for.
    pub(super) expire: Option<u32>,
    /// Whether the client is to be told where it may report errors.
    pub(super) announces_agent: bool,
}

impl About<'_> {
    /// What is known as soon as the query is.
    pub(super) fn of(query: &Query<'_>, settings: &Settings) -> Self {
        // RFC 9567 section 6.1.1: what goes wrong with a report is not reported.
        let outside = |agent: &NameBuf| !query.name.as_name().is_at_or_below(agent.as_name());
        Self { announces_agent: settings.report_agent.as_ref().is_some_and(outside), ..Self::default() }
    }
}

/// Ends the message in the first `length` octets of `reply` with an OPT record that has no option but `error`, should there be
/// one, and returns the message's length.
#[inline]
pub(super) fn append_bare(
    reply: &mut [u8],
    length: usize,
    payload: u16,
    rcode: Rcode,
    dnssec_ok: bool,
    error: Option<ExtendedError>,
) -> usize {
    let Ok(mut opt) = OptWriter::open(reply, length, payload, rcode, dnssec_ok) else { return length };
    let Some(error) = error else { return opt.close_bare() };
    // Where it does not fit, the RCODE has to do.
    let _ = opt.option(OptionCode::EXTENDED_ERROR, &[&error.code.to_be_bytes(), error.text.as_bytes()]);
    opt.close()
}

/// EXPIRE, the last but one of the five numbers that end an SOA's rdata.
pub(super) fn soa_expire(rdata: &[u8]) -> Option<u32> {
    let numbers = rdata.last_chunk::<8>()?;
    Some(u32::from_be_bytes([numbers[0], numbers[1], numbers[2], numbers[3]]))
}

/// Octets of a COOKIE option with both halves.
const COOKIE_OCTETS: usize = OptWriter::OPTION_OCTETS + Cookie::CLIENT_OCTETS + size_of::<ServerCookie>();

/// TYPE of a zone version that is the SOA's serial (RFC 9660 section 6.2).
const SOA_SERIAL: u8 = 0;

impl<'q> ReplyOptions<'q> {
    /// Octets that the record has at least.
    #[inline]
    pub(super) fn least_octets(&self) -> usize {
        OptWriter::OCTETS + if self.cookie.is_some() { COOKIE_OCTETS } else { 0 }
    }

    /// Octets that the other options would like to have.
    pub(super) fn further_octets(&self, about: &About<'_>) -> usize {
        let mut octets = 0;
        let mut add = |value: usize| octets += OptWriter::OPTION_OCTETS + value;
        if about.expire.is_some() && self.wants(Wish::Expire) {
            add(4);
        }
        if about.zone.is_some() && self.wants(Wish::ZoneVersion) {
            add(6);
        }
        if let Some(subnet) = self.edns.options.subnet(self.message) {
            add(subnet.len());
        }
        if let Some(agent) = self.agent(about) {
            add(agent.len());
        }
        if let Some(nsid) = self.nsid() {
            add(nsid.len());
        }
        octets
    }

    fn wants(&self, wish: Wish) -> bool {
        self.edns.options.has(wish)
    }

    fn nsid(&self) -> Option<&'q [u8]> {
        self.settings.nsid.as_deref().filter(|_| self.wants(Wish::Nsid))
    }

    fn agent(&self, about: &About<'_>) -> Option<&'q [u8]> {
        self.settings.report_agent.as_ref().filter(|_| about.announces_agent).map(|agent| agent.as_name().wire())
    }

    /// Ends the message in the first `length` octets of `reply` with its OPT record, and returns its length. The end of `reply`
    /// is where the room ends.
    pub(super) fn append(&self, reply: &mut [u8], length: usize, rcode: Rcode, about: &About<'_>) -> usize {
        let (payload, dnssec_ok) = (self.settings.udp_payload.offered(*self.peer), self.edns.dnssec_ok);
        // `least_octets` were kept free.
        let Ok(mut opt) = OptWriter::open(reply, length, payload, rcode, dnssec_ok) else { return length };
        if let Some(cookie) = &self.cookie {
            let _ = opt.option(OptionCode::COOKIE, &[&cookie.client, &cookie.server]);
        }
        // The version that was asked for is unknown here, and so is what its options mean.
        if rcode != Rcode::BADVERS {
            self.put_further(&mut opt, about);
        }
        opt.close()
    }

    /// The same with what it has at least.
    pub(super) fn append_least(&self, reply: &mut [u8], length: usize, rcode: Rcode) -> usize {
        let end = reply.len().min(length + self.least_octets());
        self.append(&mut reply[..end], length, rcode, &About::default())
    }

    /// In the order of their worth, should not all of them fit.
    fn put_further(&self, opt: &mut OptWriter<'_>, about: &About<'_>) {
        let mut put = |code, parts: &[&[u8]]| {
            // What does not fit is left out: none of them is the client's due.
            let _: Result<(), Full> = opt.option(code, parts);
        };
        if let Some(error) = about.error {
            put(OptionCode::EXTENDED_ERROR, &[&error.code.to_be_bytes(), error.text.as_bytes()]);
        }
        // RFC 7828 section 3.3.2: never over UDP.
        if self.peer.transport == Transport::Tcp && self.wants(Wish::Keepalive) {
            put(OptionCode::KEEPALIVE, &[&self.settings.keepalive_decis.to_be_bytes()]);
        }
        // RFC 7314 section 3.2: a primary tells the value of the SOA.
        if let Some(expire) = about.expire.filter(|_| self.wants(Wish::Expire)) {
            put(OptionCode::EXPIRE, &[&expire.to_be_bytes()]);
        }
        // RFC 9660 section 3: of the zone that has the question's name, however far a chain led.
        if let Some(zone) = about.zone.filter(|_| self.wants(Wish::ZoneVersion)) {
            let head = [zone.apex_labels() as u8, SOA_SERIAL];
            put(OptionCode::ZONE_VERSION, &[&head, &zone.serial().to_be_bytes()]);
        }
        // RFC 7871 section 7.2.1: what came goes back with the SCOPE, which is 0 in a query too: the answer is the same for
        // all networks.
        if let Some(subnet) = self.edns.options.subnet(self.message) {
            put(OptionCode::SUBNET, &[subnet]);
        }
        if let Some(agent) = self.agent(about) {
            put(OptionCode::REPORT_CHANNEL, &[agent]);
        }
        if let Some(nsid) = self.nsid() {
            put(OptionCode::NSID, &[nsid]);
        }
    }
}
