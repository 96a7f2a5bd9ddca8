//! The transports over real loopback sockets, with a responder that knows no DNS.
#![allow(clippy::unwrap_used)]

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gannet::base::counters::Counters;
use gannet::base::limits::{DATAGRAM_OCTETS, MESSAGE_OCTETS_MAX};
mod fairness;
mod tcp;
mod udp;

use gannet::net::{BindError, Listeners, Peer, Respond, Running, TcpConfig, UdpConfig, Verdict};

/// Long enough for any reply on a busy machine; a test that waits this long fails.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends a message back, with its first octet in upper case. Some first octets are orders instead.
struct Echo;

impl Respond for Echo {
    fn refresh(&mut self, _now: Instant) {}

    fn respond(&mut self, query: &[u8], peer: Peer, reply: &mut [u8]) -> Verdict {
        match query.first() {
            None | Some(b'd') => Verdict::Drop,
            Some(b'h') => Verdict::Handoff,
            // A reply of as many KiB as the second octet says.
            Some(b'b') => {
                let octets = (usize::from(query[1]) * 1024).min(reply.len());
                reply[..octets].fill(query[2]);
                Verdict::Reply(octets)
            }
            Some(b'p') => {
                let text = peer.addr.to_string();
                reply[..text.len()].copy_from_slice(text.as_bytes());
                Verdict::Reply(text.len())
            }
            Some(first) => {
                reply[..query.len()].copy_from_slice(query);
                reply[0] = first.to_ascii_uppercase();
                Verdict::Reply(query.len())
            }
        }
    }
}

/// Panics when it is told to, as no responder may. Replies with as many dots as the query has octets.
struct Fragile;

impl Respond for Fragile {
    fn refresh(&mut self, _now: Instant) {}

    fn respond(&mut self, query: &[u8], _peer: Peer, reply: &mut [u8]) -> Verdict {
        assert!(!query.starts_with(b"die"), "as told");
        reply[..query.len()].fill(b'.');
        Verdict::Reply(query.len())
    }
}

/// Waits until a thread has ended by itself.
fn await_a_death(running: &Running) {
    let start = Instant::now();
    while running.ended_early() == 0 {
        assert!(start.elapsed() < PATIENCE, "no thread died");
        std::thread::yield_now();
    }
}

/// A server with the echo responder on its own ports.
struct Server {
    running: Option<Running>,
    addrs: Vec<SocketAddr>,
    counters: Arc<Mutex<Vec<Arc<Counters>>>>,
}

fn v4(last: u8) -> SocketAddr {
    SocketAddr::new(Ipv4Addr::new(127, 0, 0, last).into(), 0)
}

fn v6() -> SocketAddr {
    SocketAddr::new(Ipv6Addr::LOCALHOST.into(), 0)
}

fn udp(workers: usize) -> UdpConfig {
    UdpConfig { workers, ..UdpConfig::default() }
}

fn tcp(threads: usize) -> TcpConfig {
    TcpConfig { threads, ..TcpConfig::default() }
}

impl Server {
    fn start(addrs: &[SocketAddr], udp: UdpConfig, tcp: TcpConfig) -> Self {
        let listeners = Listeners::bind(addrs, udp, tcp).unwrap();
        let addrs = listeners.local_addrs().to_vec();
        let counters = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&counters);
        let running = listeners.serve(move |_, _| {
            let counters = Arc::new(Counters::default());
            all.lock().unwrap().push(Arc::clone(&counters));
            (Echo, counters)
        });
        Self { running: Some(running.unwrap()), addrs, counters }
    }

    fn count(&self, name: &str) -> u64 {
        let all = self.counters.lock().unwrap();
        all.iter().flat_map(|one| one.rows()).filter(|row| row.0 == name).map(|row| row.2).sum()
    }

    /// Waits until a counter has the value; counters move a moment after what they count.
    fn await_count(&self, name: &str, value: u64) {
        let start = Instant::now();
        while self.count(name) != value {
            assert!(start.elapsed() < PATIENCE, "{name} is {}, not {value}", self.count(name));
            std::thread::yield_now();
        }
    }

    fn stop(&mut self) {
        self.running.take().unwrap().stop(Duration::from_secs(2)).unwrap();
    }
}

#[test]
fn a_port_in_use_is_one_clear_line() {
    let server = Server::start(&[v4(1)], udp(1), tcp(1));
    let taken = server.addrs[0];
    let error: BindError = Listeners::bind(&[taken], udp(2), tcp(1)).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on {taken} over UDP: address already in use"));
    // The same holds where only TCP is taken.
    let listener = TcpListener::bind(v4(1)).unwrap();
    let taken = listener.local_addr().unwrap();
    let error = Listeners::bind(&[taken], udp(1), tcp(2)).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on {taken} over TCP: address already in use"));
    let nowhere = SocketAddr::from(([192, 0, 2, 77], 5353));
    let error = Listeners::bind(&[nowhere], udp(1), tcp(1)).unwrap_err();
    assert_eq!(error.to_string(), "cannot listen on 192.0.2.77:5353 over UDP: no network interface has this address");
}
