//! Gannet itself, from a list of records to the waist, as the tests use it.
//!
//! Knows neither what is asked nor what is right.

use std::sync::Arc;
use std::time::Instant;

use gannet::answer::{Responder, Settings};
use gannet::base::counters::Counters;
use gannet::base::snapshot::Publisher;
use gannet::gate::{Gate, GateConfig};
use gannet::net::Respond;
use gannet::wire::{Class, Name, Record, Rtype, SuffixHasher};
use gannet::xfr::{Policy, Primary};
use gannet::zone::{Builder, ZoneSet, ZoneState};

use super::data;

/// A responder and what it gets its zones from. Who asks from 192.0.2.0/24 may have each of them.
pub struct Gannet {
    hasher: SuffixHasher,
    publisher: Publisher<ZoneSet>,
    policy: Publisher<Policy>,
    pub responder: Primary,
}

impl Gannet {
    /// A server without zones, with a cache of so many answers.
    pub fn new(cached_answers: usize) -> Self {
        Self::with(Settings { cached_answers, ..Settings::default() })
    }

    /// A server without zones that answers like this.
    pub fn with(settings: Settings) -> Self {
        Self::with_limits(settings, &GateConfig::default(), Arc::default())
    }

    /// The same with limits; it counts in `counters`.
    pub fn with_limits(settings: Settings, gate: &GateConfig, counters: Arc<Counters>) -> Self {
        let hasher = SuffixHasher::new(7);
        let publisher = Publisher::new(ZoneSet::empty(&hasher));
        let gate = Publisher::new(Gate::new(gate, Instant::now()));
        let responder = Responder::new(publisher.reader(), gate.reader(), settings, Arc::clone(&counters));
        let policy = Publisher::new(Policy::default());
        let responder = Primary::new(responder, policy.reader(), Arc::default(), counters);
        Self { hasher, publisher, policy, responder }
    }

    /// Publishes these zones in place of all others; the error is the first zone's that cannot be served.
    pub fn load(&mut self, zones: &[data::Zone]) -> Result<(), String> {
        let sealed = zones
            .iter()
            .map(|zone| self.seal(zone).map(Arc::new).map(ZoneState::from))
            .collect::<Result<Vec<_>, String>>()?;
        let (mut policy, clients) = (Policy::default(), "192.0.2.0/24".parse().map_err(|_| "a prefix")?);
        for zone in &sealed {
            policy.allow(Name::from_wire(zone.apex_wire()).map_err(|error| error.to_string())?, [clients].into());
        }
        self.policy.publish(policy);
        self.publisher.publish(self.publisher.current().succeed(sealed));
        self.responder.refresh(Instant::now());
        Ok(())
    }

    fn seal(&self, zone: &data::Zone) -> Result<gannet::zone::Zone, String> {
        let apex = zone.apex.wire();
        let mut builder = Builder::new(Name::from_wire(&apex).map_err(|error| error.to_string())?, &self.hasher);
        for record in &zone.records {
            let (owner, rdata) = (record.owner.wire(), record.rdata_wire());
            let owner = Name::from_wire(&owner).map_err(|error| error.to_string())?;
            let (class, ttl, rtype) = (Class::IN, record.ttl, Rtype(record.rtype));
            let added = builder.add(&Record { owner, class, ttl, rtype, rdata: &rdata });
            added.map_err(|error| format!("{record:?}: {error}"))?;
        }
        builder.seal().map(|sealed| sealed.0).map_err(|findings| findings.to_string())
    }
}
