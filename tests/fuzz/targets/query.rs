//! Messages of any octets through the waist, with the sample zones behind it.
//!
//! Promises: a reply is sane (whole, honest about id and question, within its room), and neither the caches nor the batch
//! form change it.

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use gannet::answer::{Responder, Settings};
use gannet::base::counters::Counters;
use gannet::base::limits::{DATAGRAM_OCTETS, MESSAGE_OCTETS_MAX, UDP_OCTETS_DEFAULT};
use gannet::base::snapshot::Publisher;
use gannet::gate::{Gate, GateConfig};
use gannet::net::{Batch, Peer, Respond, Transport, Verdict};
use gannet::server::read_zone;
use gannet::wire::{NameBuf, SuffixHasher};
use gannet::zone::{ZoneSet, ZoneState};
use gannet::zonefile::Reader;

use crate::message::{CD, Query, RD};
use crate::{Target, data, mutate, samples, sane::sane};

pub const TARGET: Target = Target { name: "query", run, seeds, words, octets_max: 600 };

/// A server that keeps no answers, and one that keeps some.
struct Servers {
    plain: Responder,
    caching: Responder,
    batch: Batch,
    buffers: [Vec<u8>; 2],
}

thread_local! {
    static SERVERS: RefCell<Servers> = RefCell::new(Servers {
        plain: responder(0),
        caching: responder(64),
        batch: Batch::new(),
        buffers: [vec![0; MESSAGE_OCTETS_MAX], vec![0; MESSAGE_OCTETS_MAX]],
    });
}

/// A responder for the sample zones.
fn responder(cached_answers: usize) -> Responder {
    let hasher = SuffixHasher::new(7);
    let zones = samples::ZONES.map(|zone| {
        let (apex, text): (NameBuf, _) = (zone.parse().expect("a name"), samples::zone_file(zone));
        let reader = Reader::new(text.as_slice(), zone, apex.as_name());
        let loaded = read_zone(apex.as_name(), reader, &hasher, 1).expect("the sample zones are good");
        ZoneState::from(Arc::new(loaded.zone))
    });
    let publisher = Publisher::new(ZoneSet::empty(&hasher).succeed(zones.into()));
    let gate = Publisher::new(Gate::new(&GateConfig::default(), Instant::now()));
    let settings = Settings { cached_answers, cached_packets: cached_answers, ..Settings::default() };
    Responder::new(publisher.reader(), gate.reader(), settings, Arc::new(Counters::default()))
}

fn run(query: &[u8]) {
    SERVERS.with_borrow_mut(|servers| {
        for (transport, room) in [(Transport::Udp, DATAGRAM_OCTETS), (Transport::Tcp, MESSAGE_OCTETS_MAX)] {
            let peer = Peer { addr: SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 5_353)), transport };
            let [reply, other] = &mut servers.buffers;
            let verdict = servers.plain.respond(query, peer, &mut reply[..room]);
            sane(query, verdict, &reply[..room]).unwrap_or_else(|why| panic!("{why}: over {transport:?}"));
            let octets = if let Verdict::Reply(octets) = verdict { octets } else { 0 };
            assert!(transport == Transport::Tcp || octets <= UDP_OCTETS_DEFAULT, "{octets} octets over UDP");
            // The first time it may be kept, the second time it may be given.
            for time in ["first", "second"] {
                let again = servers.caching.respond(query, peer, &mut other[..room]);
                assert_eq!((again, &other[..octets]), (verdict, &reply[..octets]), "with a cache, the {time} time");
            }
            if transport == Transport::Udp {
                servers.batch.clear();
                if servers.batch.push(query, peer) {
                    let whole = matches!(verdict, Verdict::Reply(_)).then_some(&reply[..octets]);
                    // The packet cache keeps it the second time, and may give it the third time.
                    // So often that it never seems to be in vain.
                    for time in 1..=8 {
                        servers.caching.respond_batch(&mut servers.batch);
                        let batched = (servers.batch.verdict(0), servers.batch.reply(0));
                        assert_eq!(batched, (verdict, whole), "in a batch, asked {time} times");
                    }
                }
            }
        }
    });
}

/// The names of the sample zones, and some that are not there, in wire form.
fn names() -> Vec<Vec<u8>> {
    let mut names = Vec::new();
    for zone in samples::ZONES {
        let (apex, text): (NameBuf, _) = (zone.parse().expect("a name"), samples::zone_file(zone));
        let mut reader = Reader::new(text.as_slice(), zone, apex.as_name());
        while let Some(next) = reader.next() {
            names.extend(next.ok().map(|(record, _)| record.owner.wire().to_vec()));
        }
    }
    names.sort();
    names.dedup();
    names
}

fn seeds() -> Vec<Vec<u8>> {
    let types = [data::A, data::MX, data::NS, data::DS, data::ANY, data::TXT];
    let queries = names().into_iter().zip(types.into_iter().cycle()).enumerate().map(|(number, (name, rtype))| {
        let labels = gannet::wire::Name::from_wire(&name).expect("a name");
        let labels = labels.labels().map(|label| data::Label(label.to_vec())).collect::<Vec<_>>();
        let name = data::Name(labels.into_iter().rev().collect());
        let question = data::Question { name, rtype, class: data::CLASS_IN, dnssec_ok: number % 2 == 0 };
        let edns = [None, Some(512), Some(1232), Some(4096)][number % 4];
        Query { question, id: number as u16, flags: if number % 3 == 0 { RD | CD } else { 0 }, edns }.wire()
    });
    queries.chain(mutate::oddities()).collect()
}

fn words() -> Vec<Vec<u8>> {
    let mut words = names();
    words.retain(|name| name.len() < 60);
    words.extend(
        [&b"\0\0\x29\x04\xd0\0\0\x80\0\0\0"[..], b"\0\x0a\0\x08", b"\0\x0c\0\x04", b"\xc0\x0c"].map(<[u8]>::to_vec),
    );
    words.extend(samples::known_types().iter().map(|rtype| [&rtype.0.to_be_bytes()[..], &[0, 1]].concat()));
    words
}
