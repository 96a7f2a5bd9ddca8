//! A responder that gives zones away as well: the primary's side of transfers.
//!
//! Over UDP it answers at once, from what it holds and without allocating; over streams when a query's turn has come.
//! Does not know sockets or threads: one of these belongs to one worker, as the responder in it does.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::{debug, error, info};

use super::page::Page;
use super::policy::{Policy, TransferLimits};
use super::rule::{Refusal, Ruling, rule};
use super::transfer::{Request, Transfer};
use crate::answer::{OptDraft, Responder};
use crate::base::clients::{Clients, Share};
use crate::base::counters::Counters;
use crate::base::limits::REFUSALS_TOLD_EVERY;
use crate::base::snapshot::Reader;
use crate::net::{Batch, Next, Peer, Respond, Stream, Taken, Transport, Verdict};
use crate::wire::{Flags, HashedName, Name, Query, Rcode, Writer};
use crate::zone::Zone;

/// Answers queries, and transfers zones to those who may have them.
#[derive(Debug)]
pub struct Primary {
    responder: Responder,
    policy: Reader<Policy>,
    transfers: Arc<Clients>,
    counters: Arc<Counters>,
    name: HashedName,
    now: Instant,
    told: Told,
}

/// When a refusal was last logged, and how many were not since.
#[derive(Debug, Default)]
struct Told {
    last: Option<Instant>,
    untold: u64,
}

impl Primary {
    /// A primary that keeps to `policy`; `transfers` counts those of all threads, and `counters` are
    /// those of `responder`.
    pub fn new(responder: Responder, policy: Reader<Policy>, transfers: Arc<Clients>, counters: Arc<Counters>) -> Self {
        let name = HashedName::new(responder.zones().hasher());
        Self { responder, policy, transfers, counters, name, now: Instant::now(), told: Told::default() }
    }

    /// Answers a query for a transfer that came in a datagram.
    fn answer_datagram(&mut self, message: &[u8], peer: Peer, reply: &mut [u8]) -> Verdict {
        let Ok(query) = Query::parse(message, &mut self.name) else { return Verdict::Drop };
        let opt = self.responder.opt(&query, peer);
        let limit = self.responder.limit(&query, peer).min(reply.len());
        let reply = &mut reply[..limit];
        let (octets, rcode) = match rule(self.responder.zones(), self.policy.refresh(), &query, peer) {
            Ruling::SoaAlone(zone) => (soa_alone(zone, &query, opt, reply), Rcode::NOERROR),
            Ruling::No(refusal) => {
                refusal.counter(&self.counters).add(1);
                (refuse(&query, opt, refusal, reply), refusal.rcode())
            }
            // Never over UDP.
            Ruling::Whole(_) => return Verdict::Drop,
        };
        self.responder.count(rcode);
        Verdict::Reply(octets)
    }
}

impl Respond for Primary {
    fn refresh(&mut self, now: Instant) {
        self.now = now;
        self.responder.refresh(now);
        self.policy.refresh();
    }

    fn respond(&mut self, message: &[u8], peer: Peer, reply: &mut [u8]) -> Verdict {
        match self.responder.respond(message, peer, reply) {
            Verdict::Handoff if peer.transport == Transport::Udp => self.answer_datagram(message, peer, reply),
            verdict => verdict,
        }
    }

    fn respond_batch(&mut self, batch: &mut Batch) {
        self.responder.respond_batch(batch);
        let (queries, mut replies) = batch.split();
        for index in 0..queries.len() {
            let peer = queries.peer(index);
            if replies.verdict(index) == Verdict::Handoff && peer.transport == Transport::Udp {
                let verdict = self.answer_datagram(queries.query(index), peer, replies.buffer(index));
                replies.settle(index, verdict);
            }
        }
    }

    fn take_over(&mut self, message: &[u8], peer: Peer, reply: &mut [u8]) -> Taken {
        let Ok(query) = Query::parse(message, &mut self.name) else { return Taken::Drop };
        let (policy, opt) = (self.policy.refresh(), self.responder.opt(&query, peer));
        let refusal = match rule(self.responder.zones(), policy, &query, peer) {
            Ruling::SoaAlone(zone) => {
                self.responder.count(Rcode::NOERROR);
                return Taken::Reply(soa_alone(zone, &query, opt, reply));
            }
            Ruling::No(refusal) => refusal,
            Ruling::Whole(zone) => {
                let limits = policy.limits();
                match self.transfers.take(peer.addr.ip(), limits.per_client, limits.at_once) {
                    None => Refusal::TooMany,
                    Some(share) => {
                        self.responder.count(Rcode::NOERROR);
                        let opt = opt.map(|opt| opt.with_soa_of(zone).record(Rcode::NOERROR));
                        let transfer = Transfer::new(Arc::clone(zone), Request::of(&query, opt));
                        let counters = Arc::clone(&self.counters);
                        return Taken::Stream(Outgoing::begin(
                            transfer,
                            (peer.addr, share),
                            counters,
                            limits,
                            self.now,
                        ));
                    }
                }
            }
        };
        refusal.counter(&self.counters).add(1);
        self.responder.count(refusal.rcode());
        self.told.tell(query.name, peer.addr, refusal, self.now);
        Taken::Reply(refuse(&query, opt, refusal, reply))
    }
}

impl Told {
    /// Logs a refusal, unless one was just logged: whoever may not ask shall not fill the log.
    fn tell(&mut self, name: &HashedName, client: SocketAddr, refusal: Refusal, now: Instant) {
        if self.last.is_some_and(|last| now.saturating_duration_since(last) < REFUSALS_TOLD_EVERY) {
            self.untold += 1;
            return;
        }
        self.last = Some(now);
        let name = ZoneText(name.as_name());
        let others = match std::mem::take(&mut self.untold) {
            0 => String::new(),
            more => format!("; and {more} others since the last such line"),
        };
        info!("zone {name}: no transfer to {client}: {refusal}{others}");
    }
}

/// A zone's name as the log has it: without the final dot.
struct ZoneText<'n>(Name<'n>);

impl fmt::Display for ZoneText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        f.write_str(text.strip_suffix('.').filter(|text| !text.is_empty()).unwrap_or(&text))
    }
}

/// A reply that says no, and why.
fn refuse(query: &Query<'_>, opt: Option<OptDraft<'_>>, refusal: Refusal, reply: &mut [u8]) -> usize {
    let length = no_records(query, Flags::QR, refusal.rcode(), reply);
    opt.map_or(length, |opt| opt.with_error(refusal.error()).append(reply, length, refusal.rcode()))
}

/// A reply without records, but for its OPT record.
fn no_records(query: &Query<'_>, flags: Flags, rcode: Rcode, reply: &mut [u8]) -> usize {
    let mut writer = Writer::new(reply);
    // A question has at most 259 octets, and the smallest limit is 512.
    let _ = writer.question(query.question());
    writer.finish(query.id(), flags.with(query.flags().only(Flags::RD)), rcode)
}

/// A reply with the zone's SOA.
fn soa_alone(zone: &Zone, query: &Query<'_>, opt: Option<OptDraft<'_>>, reply: &mut [u8]) -> usize {
    let flags = Flags::QR.with(Flags::AA);
    let least = opt.map_or(0, |opt| opt.least_octets());
    let mut page = Page::new(reply, zone);
    // No option but the cookie is worth the record.
    let question = page.question(query.question()).and_then(|()| page.reserve(least));
    match (question, zone.soa()) {
        (Ok(()), Some(soa)) if page.record(soa).is_ok() => {
            let length = page.finish(query.id(), flags.with(query.flags().only(Flags::RD)));
            opt.map_or(length, |opt| opt.with_soa_of(zone).append(reply, length, Rcode::NOERROR))
        }
        _ => {
            let length = no_records(query, flags.with(Flags::TC), Rcode::NOERROR, reply);
            opt.map_or(length, |opt| opt.append_least(reply, length, Rcode::NOERROR))
        }
    }
}

/// A transfer on its way to a client.
struct Outgoing {
    transfer: Transfer,
    client: SocketAddr,
    /// Its share of the transfers that there may be, until it ends.
    share: Option<Share>,
    counters: Arc<Counters>,
    began: Instant,
    time: Duration,
    finished: bool,
}

impl Outgoing {
    fn begin(
        transfer: Transfer,
        (client, share): (SocketAddr, Share),
        counters: Arc<Counters>,
        limits: TransferLimits,
        now: Instant,
    ) -> Box<Self> {
        counters.transfers_begun.add(1);
        debug!(
            "zone {}: transfer of {} to {client} begins",
            ZoneText(transfer.zone().apex()),
            transfer.zone().serial()
        );
        Box::new(Self {
            transfer,
            client,
            share: Some(share),
            counters,
            began: now,
            time: limits.time,
            finished: false,
        })
    }

    /// Which transfer it is, for the log.
    fn text(&self) -> String {
        let zone = self.transfer.zone();
        format!("zone {}: transfer of {} to {}", ZoneText(zone.apex()), zone.serial(), self.client)
    }
}

impl Stream for Outgoing {
    fn next(&mut self, now: Instant, message: &mut [u8]) -> Next {
        let time = now.saturating_duration_since(self.began);
        if time >= self.time {
            info!("{}: it took longer than {:?}", self.text(), self.time);
            return Next::Broken;
        }
        let next = self.transfer.next(message);
        match next {
            Next::Message(_) => {}
            Next::Last(_) => {
                let (messages, records, octets) = self.transfer.made();
                info!("{}: {records} records, {messages} messages, {octets} octets in {time:?}", self.text());
                self.counters.transfers_finished.add(1);
                self.finished = true;
            }
            Next::Broken => error!("{}: a record fits no message", self.text()),
        }
        next
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        // Before anybody reads in the log that it has ended.
        self.share = None;
        if !self.finished {
            self.counters.transfers_cut_off.add(1);
            let (_, records, _) = self.transfer.made();
            info!("{}: cut off after {records} records", self.text());
        }
    }
}
