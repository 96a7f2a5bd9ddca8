//! Streams: pipelining, deadlines, limits, stopping.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use gannet::net::{Next, Stream, Taken};

use super::*;

pub(super) fn connect(to: SocketAddr) -> TcpStream {
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

pub(super) fn ask_tcp(stream: &mut TcpStream, text: &str) -> Vec<u8> {
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

#[test]
fn what_has_arrived_when_the_server_stops_is_answered() {
    let mut server = Server::start(&[v4(1)], udp(1), tcp(2));
    let mut streams: Vec<_> = (0..40).map(|_| connect(server.addrs[0])).collect();
    for stream in &mut streams {
        assert_eq!(ask_tcp(stream, "x"), b"X...........");
    }
    // New connections among them: completed by the kernel, perhaps not accepted.
    streams.extend((0..10).map(|_| connect(server.addrs[0])));
    streams.iter_mut().for_each(|stream| stream.write_all(&framed("y").repeat(3)).unwrap());
    server.stop();
    for stream in &mut streams {
        assert_eq!(read_to_the_end(stream), 3 * 14);
    }
}

#[test]
fn more_than_there_are_places_for_are_answered_when_the_server_stops() {
    let config = TcpConfig { connections: 4, ..tcp(1) };
    let (go_on, may_go_on) = std::sync::mpsc::channel();
    let listeners = Listeners::bind(&[v4(1)], udp(0), config).unwrap();
    let to = listeners.local_addrs()[0];
    let mut tools = Some((Held(may_go_on), Arc::default()));
    let running = listeners.serve(move |_, _| tools.take().unwrap()).unwrap();
    // While the first is answered, the others come and ask, and the server is told to stop.
    let mut first = connect(to);
    first.write_all(&framed("wait")).unwrap();
    let mut streams: Vec<_> = (0..40).map(|_| connect(to)).collect();
    streams.iter_mut().for_each(|stream| stream.write_all(&framed("y")).unwrap());
    let stopping = std::thread::spawn(move || running.stop(PATIENCE));
    go_on.send(()).unwrap();
    for stream in streams.iter_mut().chain([&mut first]) {
        assert_eq!(read_to_the_end(stream), 14);
    }
    stopping.join().unwrap().unwrap();
}

/// Answers, but holds its thread up at a query `wait` until it may go on.
struct Held(std::sync::mpsc::Receiver<()>);

impl Respond for Held {
    fn refresh(&mut self, _now: Instant) {}

    fn respond(&mut self, query: &[u8], _peer: Peer, _reply: &mut [u8]) -> Verdict {
        if query.starts_with(b"wait") {
            self.0.recv_timeout(PATIENCE).unwrap();
        }
        Verdict::Reply(12)
    }
}

#[test]
fn if_a_thread_should_die_the_others_take_its_share() {
    let listeners = Listeners::bind(&[v4(1)], udp(0), tcp(2)).unwrap();
    let to = listeners.local_addrs()[0];
    let running = listeners.serve(|_, _| (Fragile, Arc::default())).unwrap();
    assert_eq!(ask_tcp(&mut connect(to), "x"), b"............");
    let mut last = connect(to);
    last.write_all(&framed("die")).unwrap();
    assert_eq!(read_to_the_end(&mut last), 0);
    await_a_death(&running);
    for _ in 0..50 {
        assert_eq!(ask_tcp(&mut connect(to), "x"), b"............"); // each from another port
    }
    let error = running.stop(Duration::from_secs(1)).unwrap_err();
    assert_eq!((error.panicked, error.late), (1, 0));
}

#[test]
fn a_port_can_be_taken_again_at_once_after_a_stop() {
    let config = TcpConfig { idle_timeout: Duration::from_millis(50), ..tcp(2) };
    let mut server = Server::start(&[v4(1)], udp(2), config);
    let addr = server.addrs[0];
    // The server closes first, so the connection stays in TIME_WAIT on its side.
    assert_eq!(read_to_the_end(&mut connect(addr)), 0);
    let mut open = connect(addr);
    assert_eq!(ask_tcp(&mut open, "x"), b"X...........");
    server.stop();
    let mut again = Server::start(&[addr], udp(2), tcp(2));
    assert_eq!(ask_tcp(&mut connect(addr), "x"), b"X...........");
    again.stop();
}

/// Sends messages to who says "begin", until somebody says something else.
struct Teller(Arc<AtomicBool>);

/// What it sends: a message each millisecond, which any client takes.
struct Tale {
    is_over: Arc<AtomicBool>,
    until: Instant,
}

impl Respond for Teller {
    fn refresh(&mut self, _now: Instant) {}

    fn respond(&mut self, query: &[u8], _peer: Peer, reply: &mut [u8]) -> Verdict {
        if query.starts_with(b"begin") {
            return Verdict::Handoff;
        }
        self.0.store(true, SeqCst);
        reply[..12].copy_from_slice(b"It is heard.");
        Verdict::Reply(12)
    }

    fn take_over(&mut self, _query: &[u8], _peer: Peer, _reply: &mut [u8]) -> Taken {
        Taken::Stream(Box::new(Tale { is_over: Arc::clone(&self.0), until: Instant::now() + PATIENCE }))
    }
}

impl Stream for Tale {
    fn next(&mut self, now: Instant, message: &mut [u8]) -> Next {
        std::thread::sleep(Duration::from_millis(1));
        message[..12].copy_from_slice(b"And then ...");
        match self.is_over.load(SeqCst) || now > self.until {
            true => Next::Last(12),
            false => Next::Message(12),
        }
    }
}

#[test]
fn a_connection_that_begins_with_a_stream_is_read_meanwhile() {
    let listeners = Listeners::bind(&[v4(1)], udp(0), tcp(1)).unwrap();
    let to = listeners.local_addrs()[0];
    let is_over = Arc::new(AtomicBool::new(false));
    let running = listeners.serve(|_, _| (Teller(Arc::clone(&is_over)), Arc::default())).unwrap();
    let mut stream = connect(to);
    assert_eq!(ask_tcp(&mut stream, "begin"), b"And then ...");
    stream.write_all(&framed("stop")).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let start = Instant::now();
    while read_message(&mut stream) != b"It is heard." {
        assert!(start.elapsed() < PATIENCE / 2, "the stream ends before anything is read");
    }
    // What was begun is finished, though the client has closed its side.
    assert_eq!(read_message(&mut stream), b"And then ...");
    assert_eq!(read_to_the_end(&mut stream), 0);
    running.stop(PATIENCE).unwrap();
}
