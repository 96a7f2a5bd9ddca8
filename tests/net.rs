//! The transports over real loopback sockets, with a responder that knows no DNS.
#![allow(clippy::unwrap_used)]

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gannet::base::counters::Counters;
use gannet::base::limits::{DATAGRAM_OCTETS, MESSAGE_OCTETS_MAX};
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
    let mut server = Server::start(&[v4(1), v6()], udp(2), tcp(1));
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
    let mut server = Server::start(&[v4(1)], udp(1), tcp(1));
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
        let mut server = Server::start(&[wildcard], udp(1), tcp(1));
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
    let mut server = Server::start(&[v4(1), v4(2)], udp(1), tcp(1));
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
    let mut server = Server::start(&[v4(1)], udp(1), tcp(1));
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

#[test]
fn stopping_answers_what_has_arrived_and_ends_at_once() {
    for addrs in [&[v4(1)][..], &[v4(1), v6()]] {
        let mut server = Server::start(addrs, udp(2), tcp(1));
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

fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// A message of at least a header, with its length before it.
fn framed(text: &str) -> Vec<u8> {
    let mut message = text.as_bytes().to_vec();
    message.resize(message.len().max(12), b'.');
    [&(message.len() as u16).to_be_bytes()[..], &message].concat()
}

fn read_message(stream: &mut TcpStream) -> Vec<u8> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).unwrap();
    let mut message = vec![0; u16::from_be_bytes(length).into()];
    stream.read_exact(&mut message).unwrap();
    message
}

fn ask_tcp(stream: &mut TcpStream, text: &str) -> Vec<u8> {
    stream.write_all(&framed(text)).unwrap();
    read_message(stream)
}

/// Reads until the server ends the connection, in order or by a reset; returns the octets that came.
fn read_to_the_end(stream: &mut TcpStream) -> usize {
    let (mut all, mut buffer) = (0, vec![0; 65_536]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return all,
            Ok(octets) => all += octets,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return all,
            Err(error) => panic!("still open: {error}"),
        }
    }
}

#[test]
fn many_tcp_clients_get_their_own_replies_over_both_families() {
    let mut server = Server::start(&[v4(1), v6()], udp(1), tcp(2));
    let clients: Vec<_> = (0..8)
        .map(|number| {
            let to = server.addrs[number % 2];
            std::thread::spawn(move || {
                let mut stream = connect(to);
                for i in 0..200 {
                    let text = format!("q{number:05}/{i:05}");
                    assert_eq!(ask_tcp(&mut stream, &text), text.replace('q', "Q").as_bytes());
                }
                let own = stream.local_addr().unwrap().to_string();
                assert_eq!(ask_tcp(&mut stream, "p"), own.as_bytes());
                stream.shutdown(Shutdown::Write).unwrap();
                assert_eq!(read_to_the_end(&mut stream), 0);
            })
        })
        .collect();
    clients.into_iter().for_each(|client| client.join().unwrap());
    server.await_count("tcp_connections", 8);
    server.await_count("tcp_queries", 8 * 201);
    server.await_count("tcp_replies", 8 * 201);
    assert_eq!(server.count("tcp_timeouts"), 0);
    server.stop();
}

#[test]
fn a_thousand_messages_in_one_write_are_answered_in_order() {
    let mut server = Server::start(&[v4(1)], udp(1), tcp(1));
    let mut stream = connect(server.addrs[0]);
    let all: Vec<u8> = (0..1_000).flat_map(|i| framed(&format!("query {i:012}"))).collect();
    stream.write_all(&all).unwrap();
    for i in 0..1_000 {
        assert_eq!(read_message(&mut stream), format!("Query {i:012}").as_bytes());
    }
    // Dropped messages get no reply and leave the stream whole.
    stream.write_all(&[framed("drop"), framed("handoff"), framed("last")].concat()).unwrap();
    assert_eq!(read_message(&mut stream), b"Last........");
    server.await_count("tcp_queries", 1_003);
    server.await_count("tcp_replies", 1_001);
    server.stop();
}

#[test]
fn the_largest_messages_pass_both_ways() {
    let mut server = Server::start(&[v4(1)], udp(1), tcp(1));
    let mut stream = connect(server.addrs[0]);
    let text = "x".repeat(MESSAGE_OCTETS_MAX);
    for _ in 0..3 {
        let reply = ask_tcp(&mut stream, &text);
        assert_eq!((reply.len(), reply[0], reply[1]), (MESSAGE_OCTETS_MAX, b'X', b'x'));
    }
    // Far more replies than are kept for one connection, read only after all queries were written.
    stream.write_all(&framed("b\x3fz").repeat(200)).unwrap();
    for _ in 0..200 {
        assert_eq!(read_message(&mut stream), [b'z'; 63 * 1024]);
    }
    server.stop();
}

#[test]
fn a_client_that_writes_octet_by_octet_is_served_within_the_time_of_a_message() {
    let config = TcpConfig { message_timeout: PATIENCE, idle_timeout: Duration::from_millis(400), ..tcp(1) };
    let mut server = Server::start(&[v4(1)], udp(1), config);
    let mut stream = connect(server.addrs[0]);
    for octet in framed("slow but sure") {
        stream.write_all(&[octet]).unwrap();
        std::thread::sleep(Duration::from_millis(40)); // longer in all than the idle timeout
    }
    assert_eq!(read_message(&mut stream), b"Slow but sure");
    server.stop();
}

#[test]
fn a_client_that_does_not_finish_its_message_is_cut_off() {
    let config = TcpConfig { message_timeout: Duration::from_millis(200), ..tcp(1) };
    let mut server = Server::start(&[v4(1)], udp(1), config);
    for begun in [1, 2, 13] {
        let mut stream = connect(server.addrs[0]);
        assert_eq!(ask_tcp(&mut stream, "first"), b"First.......");
        let start = Instant::now();
        stream.write_all(&framed("never whole")[..begun]).unwrap();
        assert_eq!(read_to_the_end(&mut stream), 0);
        assert!(start.elapsed() >= Duration::from_millis(190));
    }
    server.await_count("tcp_timeouts", 3);
    server.stop();
}

#[test]
fn a_client_that_does_not_read_is_cut_off_and_the_others_are_served() {
    let config = TcpConfig { send_timeout: Duration::from_millis(300), ..tcp(1) };
    let mut server = Server::start(&[v4(1)], udp(1), config);
    let mut greedy = connect(server.addrs[0]);
    let mut other = connect(server.addrs[0]);
    // 64 MB of replies: more than both sockets' buffers hold.
    let _ = greedy.write_all(&framed("b\x3fz").repeat(1_000));
    assert_eq!(ask_tcp(&mut other, "x"), b"X...........");
    server.await_count("tcp_timeouts", 1);
    assert!(server.count("tcp_queries") < 1_000, "reading stops while replies wait");
    assert!(read_to_the_end(&mut greedy) < 64 << 20);
    assert_eq!(ask_tcp(&mut other, "x"), b"X...........");
    server.stop();
}

#[test]
fn an_idle_connection_is_closed_and_counted() {
    let config = TcpConfig { idle_timeout: Duration::from_millis(200), ..tcp(1) };
    let mut server = Server::start(&[v4(1)], udp(1), config);
    let (mut silent, mut once) = (connect(server.addrs[0]), connect(server.addrs[0]));
    let start = Instant::now();
    assert_eq!(ask_tcp(&mut once, "x"), b"X...........");
    assert_eq!((read_to_the_end(&mut silent), read_to_the_end(&mut once)), (0, 0));
    assert!(start.elapsed() >= Duration::from_millis(190));
    server.await_count("tcp_timeouts", 2);
    server.stop();
}

#[test]
fn a_message_without_a_header_ends_the_connection_after_the_replies_before_it() {
    let mut server = Server::start(&[v4(1)], udp(1), tcp(1));
    for broken in [&[0, 0][..], b"\x00\x0bhello world"] {
        let mut stream = connect(server.addrs[0]);
        stream.write_all(&[&framed("x")[..], broken].concat()).unwrap();
        assert_eq!(read_to_the_end(&mut stream), 14);
    }
    server.stop();
}

#[test]
fn a_client_may_have_so_many_connections_and_no_more() {
    let config = TcpConfig { connections_per_client: 3, ..tcp(2) };
    let mut server = Server::start(&[v4(1)], udp(1), config);
    let mut admitted: Vec<_> = (0..3).map(|_| connect(server.addrs[0])).collect();
    for stream in &mut admitted {
        assert_eq!(ask_tcp(stream, "x"), b"X...........");
    }
    assert_eq!(read_to_the_end(&mut connect(server.addrs[0])), 0);
    server.await_count("tcp_refused", 1);
    // Another client is not affected, and a place that is given back can be taken.
    let from = |last| {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        socket.bind(&v4(last).into()).unwrap();
        socket.connect(&server.addrs[0].into()).unwrap();
        TcpStream::from(socket)
    };
    assert_eq!(ask_tcp(&mut from(9), "x"), b"X...........");
    let mut gone = admitted.pop().unwrap();
    gone.shutdown(Shutdown::Write).unwrap();
    read_to_the_end(&mut gone);
    let start = Instant::now();
    loop {
        let mut stream = connect(server.addrs[0]);
        if stream.write_all(&framed("x")).is_ok() && read_to_the_end_or_message(&mut stream) {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "the place is not given back");
    }
    server.stop();
}

/// Whether a reply comes before the end.
fn read_to_the_end_or_message(stream: &mut TcpStream) -> bool {
    matches!(stream.read(&mut [0; 64]), Ok(octets) if octets > 0)
}

#[test]
fn when_all_places_are_taken_the_longest_without_progress_makes_room() {
    let config = TcpConfig { connections: 3, ..tcp(1) };
    let mut server = Server::start(&[v4(1)], udp(1), config);
    let mut streams: Vec<_> = (0..3).map(|_| connect(server.addrs[0])).collect();
    for index in [0, 1, 2, 0] {
        assert_eq!(ask_tcp(&mut streams[index], "x"), b"X...........");
    }
    let mut fourth = connect(server.addrs[0]);
    assert_eq!(ask_tcp(&mut fourth, "x"), b"X...........");
    assert_eq!(read_to_the_end(&mut streams[1]), 0);
    server.await_count("tcp_evicted", 1);
    for index in [0, 2] {
        assert_eq!(ask_tcp(&mut streams[index], "x"), b"X...........");
    }
    server.stop();
}

#[test]
fn stopping_closes_connections_and_keeps_the_deadline() {
    let mut server = Server::start(&[v4(1), v6()], udp(1), tcp(2));
    let mut idle: Vec<_> = (0..20).map(|i| connect(server.addrs[i % 2])).collect();
    for stream in &mut idle {
        assert_eq!(ask_tcp(stream, "x"), b"X...........");
    }
    let start = Instant::now();
    server.stop();
    assert!(start.elapsed() < Duration::from_secs(1), "nobody was waited for: {:?}", start.elapsed());
    idle.iter_mut().for_each(|stream| assert_eq!(read_to_the_end(stream), 0));
    assert!(TcpStream::connect(server.addrs[0]).is_err());
}

#[test]
fn stopping_lets_replies_in_flight_arrive_but_waits_for_nobody_beyond_the_deadline() {
    let mut server = Server::start(&[v4(1)], udp(1), tcp(1));
    let (mut reading, mut stuck) = (connect(server.addrs[0]), connect(server.addrs[0]));
    reading.write_all(&framed("b\x3fz").repeat(300)).unwrap();
    stuck.write_all(&framed("b\x3fz").repeat(300)).unwrap();
    while server.count("tcp_queries") < 4 {
        std::thread::yield_now();
    }
    let reader = std::thread::spawn(move || read_to_the_end(&mut reading));
    let start = Instant::now();
    server.running.take().unwrap().stop(Duration::from_secs(1)).unwrap();
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(reader.join().unwrap(), 300 * (63 * 1024 + 2));
    drop(stuck);
}
