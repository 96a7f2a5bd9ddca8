//! The transports over real loopback sockets, with a responder that knows no DNS.
#![allow(clippy::unwrap_used)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gannet::base::counters::Counters;
use gannet::base::limits::DATAGRAM_OCTETS;
use gannet::net::{BindError, Listeners, Peer, Respond, Running, UdpConfig, Verdict};

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

impl Server {
    fn start(addrs: &[SocketAddr], udp: UdpConfig) -> Self {
        let listeners = Listeners::bind(addrs, udp).unwrap();
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

fn client(to: SocketAddr) -> UdpSocket {
    let any: IpAddr = if to.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
    let socket = UdpSocket::bind((any, 0)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.connect(to).unwrap();
    socket
}

fn ask(socket: &UdpSocket, query: &[u8]) -> Vec<u8> {
    socket.send(query).unwrap();
    let mut reply = vec![0; 65_535];
    let octets = socket.recv(&mut reply).unwrap();
    reply.truncate(octets);
    reply
}

#[test]
fn many_udp_clients_get_their_own_replies_over_both_families() {
    let mut server = Server::start(&[v4(1), v6()], udp(2));
    let clients: Vec<_> = (0..8)
        .map(|number| {
            let to = server.addrs[number % 2];
            std::thread::spawn(move || {
                let socket = client(to);
                for i in 0..500 {
                    assert_eq!(ask(&socket, format!("q{number}/{i}").as_bytes()), format!("Q{number}/{i}").as_bytes());
                }
                let own = socket.local_addr().unwrap().to_string();
                assert_eq!(String::from_utf8(ask(&socket, b"p")).unwrap(), own);
            })
        })
        .collect();
    clients.into_iter().for_each(|client| client.join().unwrap());
    server.await_count("udp_queries", 8 * 501);
    server.await_count("udp_replies", 8 * 501);
    server.stop();
}

#[test]
fn a_burst_is_answered_in_whole_batches() {
    let mut server = Server::start(&[v4(1)], udp(1));
    let socket = client(server.addrs[0]);
    let mut reply = [0; 64];
    // 150 at a time: a client's receive buffer holds some 250 datagrams.
    for burst in 0..20_u32 {
        for i in 0..150 {
            socket.send(&[b"x", &(burst * 150 + i).to_be_bytes()[..]].concat()).unwrap();
        }
        let mut seen = [false; 150];
        for _ in 0..150 {
            assert_eq!(socket.recv(&mut reply).unwrap(), 5);
            let number = u32::from_be_bytes(reply[1..5].try_into().unwrap()) - burst * 150;
            assert!(!std::mem::replace(&mut seen[number as usize], true));
        }
    }
    server.stop();
}

#[test]
fn a_wildcard_socket_replies_from_the_address_that_was_asked() {
    for (wildcard, asked) in [
        (SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0), IpAddr::from([127, 0, 0, 2])),
        (SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), 0), IpAddr::from(Ipv6Addr::LOCALHOST)),
    ] {
        let mut server = Server::start(&[wildcard], udp(1));
        let to = SocketAddr::new(asked, server.addrs[0].port());
        // Not connected, so a reply from another address would arrive and show.
        let local: IpAddr = if asked.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { asked };
        let socket = UdpSocket::bind((local, 0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        for _ in 0..3 {
            socket.send_to(b"servus", to).unwrap_or_else(|error| panic!("to {to}: {error}"));
            let mut reply = [0; 64];
            let (octets, from) = socket.recv_from(&mut reply).unwrap();
            assert_eq!((from, &reply[..octets]), (to, &b"Servus"[..]));
        }
        server.stop();
    }
}

#[test]
fn a_datagram_larger_than_a_query_is_dropped_and_counted() {
    let mut server = Server::start(&[v4(1), v4(2)], udp(1));
    let socket = client(server.addrs[1]);
    socket.send(&[b'x'; DATAGRAM_OCTETS + 1]).unwrap();
    assert_eq!(ask(&socket, &[b'x'; DATAGRAM_OCTETS]).len(), DATAGRAM_OCTETS);
    server.await_count("udp_oversized", 1);
    server.await_count("udp_queries", 2);
    server.await_count("udp_replies", 1);
    server.stop();
}

#[test]
fn what_is_dropped_or_handed_off_is_not_replied_to() {
    let mut server = Server::start(&[v4(1)], udp(1));
    let socket = client(server.addrs[0]);
    for query in [&b"d"[..], b"h", b""] {
        socket.send(query).unwrap();
    }
    assert_eq!(ask(&socket, b"x"), b"X");
    server.await_count("udp_queries", 4);
    server.await_count("udp_replies", 1);
    server.stop();
}

#[test]
fn a_port_in_use_is_one_clear_line() {
    let server = Server::start(&[v4(1)], udp(1));
    let taken = server.addrs[0];
    let error: BindError = Listeners::bind(&[taken], udp(2)).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on {taken} over UDP: address already in use"));
    let nowhere = SocketAddr::from(([192, 0, 2, 77], 5353));
    let error = Listeners::bind(&[nowhere], udp(1)).unwrap_err();
    assert_eq!(error.to_string(), "cannot listen on 192.0.2.77:5353 over UDP: no network interface has this address");
}

#[test]
fn stopping_answers_what_has_arrived_and_ends_at_once() {
    for addrs in [&[v4(1)][..], &[v4(1), v6()]] {
        let mut server = Server::start(addrs, udp(2));
        let socket = client(server.addrs[0]);
        assert_eq!(ask(&socket, b"x"), b"X");
        for _ in 0..200 {
            socket.send(b"x").unwrap();
        }
        let start = Instant::now();
        server.stop();
        assert!(start.elapsed() < Duration::from_millis(900), "woken, not waited for: {:?}", start.elapsed());
        let mut reply = [0; 8];
        for _ in 0..200 {
            assert_eq!(socket.recv(&mut reply).unwrap(), 1);
        }
    }
}
