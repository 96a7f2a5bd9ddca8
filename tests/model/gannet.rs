//! The real server, put to the trial: records go through builder and zone set, messages through the narrow waist.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use gannet::answer::{Responder, Settings};
use gannet::base::counters::Counters;
use gannet::base::snapshot::Publisher;
use gannet::gate::{Gate, GateConfig};
use gannet::net::{Peer, Respond, Transport, Verdict};
use gannet::wire::{Class, Name, Record, Rtype, SuffixHasher};
use gannet::zone::{Builder, ZoneSet, ZoneState};

use super::data::{self, Zone};

/// A responder, and the publisher that it reads its zones from.
pub struct Gannet {
    hasher: SuffixHasher,
    publisher: Publisher<ZoneSet>,
    pub responder: Responder,
    pub counters: Arc<Counters>,
}

impl Gannet {
    /// A server without zones whose answer cache has so many entries.
    pub fn new(cached_answers: usize) -> Self {
        let hasher = SuffixHasher::new(0x5eed);
        let publisher = Publisher::new(ZoneSet::empty(&hasher));
        let gate = Publisher::new(Gate::new(&GateConfig::default(), Instant::now()));
        let counters = Arc::new(Counters::default());
        let settings = Settings { cached_answers, ..Settings::default() };
        let responder = Responder::new(publisher.reader(), gate.reader(), settings, Arc::clone(&counters));
        Self { hasher, publisher, responder, counters }
    }

    /// Replaces all zones by these.
    pub fn load(&mut self, zones: &[Zone]) -> Result<(), String> {
        let zones: Result<Vec<_>, _> = zones.iter().map(|zone| self.build(zone)).collect();
        let next = self.publisher.current().succeed(zones?);
        self.publisher.publish(next);
        self.responder.refresh(Instant::now());
        Ok(())
    }

    fn build(&self, zone: &Zone) -> Result<ZoneState, String> {
        let apex = zone.apex.wire();
        let mut builder = Builder::new(name(&apex), &self.hasher);
        for record in &zone.records {
            let (owner, rdata) = (record.owner.wire(), record.rdata_wire());
            let rtype = Rtype(record.rtype);
            let record = Record { owner: name(&owner), class: Class::IN, ttl: record.ttl, rtype, rdata: &rdata };
            builder.add(&record).map_err(|rejected| format!("{rejected}: {record:?}"))?;
        }
        let (zone, _) = builder.seal().map_err(|findings| findings.to_string())?;
        Ok(ZoneState::Loaded(Arc::new(zone)))
    }
}

fn name(wire: &[u8]) -> Name<'_> {
    Name::from_wire(wire).expect("the model's names are names")
}

/// A client by each transport.
pub fn peer(transport: Transport) -> Peer {
    Peer { addr: SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 5_353)), transport }
}

impl super::trial::Server for Gannet {
    fn load(&mut self, zones: &[data::Zone]) -> Result<(), String> {
        Gannet::load(self, zones)
    }

    fn respond(&mut self, query: &[u8], transport: Transport, reply: &mut [u8]) -> Verdict {
        self.responder.respond(query, peer(transport), reply)
    }
}
