//! What waits costs no processor time, whatever it waits for. A process of its own, for its time is measured.
#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gannet::base::counters::Counters;
use gannet::net::{Listeners, Next, Peer, Respond, Stream, Taken, TcpConfig, UdpConfig, Verdict};

#[path = "process/time.rs"]
mod time;

use time::processor_time;

/// Replies with as many octets as a message may have, or sends them without end where the query begins with `s`.
struct Large;

impl Respond for Large {
    fn refresh(&mut self, _now: Instant) {}

    fn respond(&mut self, query: &[u8], _peer: Peer, reply: &mut [u8]) -> Verdict {
        if query[0] == b's' { Verdict::Handoff } else { Verdict::Reply(reply.len()) }
    }

    fn take_over(&mut self, _query: &[u8], _peer: Peer, _reply: &mut [u8]) -> Taken {
        Taken::Stream(Box::new(Self))
    }
}

impl Stream for Large {
    fn next(&mut self, _now: Instant, message: &mut [u8]) -> Next {
        Next::Message(message.len())
    }
}

const QUERY: &[u8; 14] = b"\x00\x0cquery.......";
const ENDLESS: &[u8; 14] = b"\x00\x0cstream......";

/// A client that has sent `octets`, of which none may be taken, and reads nothing.
fn client(to: SocketAddr, octets: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.set_nonblocking(true).unwrap();
    let _ = stream.write(octets);
    stream.set_nonblocking(false).unwrap();
    stream
}

#[test]
fn connections_that_wait_cost_nothing() {
    let udp = UdpConfig { workers: 0, ..UdpConfig::default() };
    let tcp = TcpConfig { threads: 1, ..TcpConfig::default() };
    let listeners = Listeners::bind(&[(Ipv4Addr::LOCALHOST, 0).into()], udp, tcp).unwrap();
    let to = listeners.local_addrs()[0];
    let counters = Arc::new(Counters::default());
    let running = listeners.serve(|_, _| (Large, Arc::clone(&counters))).unwrap();

    // Blocked by replies, or by a stream, with more queries to be read; and the same once they have closed their side.
    let (many, mut waiting) = (QUERY.repeat(2_000), Vec::new());
    for octets in [&many[..], &[&ENDLESS[..], &many[..]].concat()] {
        for is_half_closed in [false, true] {
            let stream = client(to, octets);
            if is_half_closed {
                stream.shutdown(Shutdown::Write).unwrap();
            }
            waiting.push(stream);
        }
    }
    // Nothing asked, a message begun, and one answered.
    waiting.extend([&[][..], &QUERY[..7]].map(|octets| client(to, octets)));
    let mut served = client(to, QUERY);
    served.read_exact(&mut vec![0; 65_537]).unwrap();
    waiting.push(served);

    let start = Instant::now();
    loop {
        let (before, replies) = (processor_time(), counters.tcp_replies.value());
        std::thread::sleep(Duration::from_millis(200));
        let spent = processor_time() - before;
        // By then the kernel has taken all that it takes.
        if spent < Duration::from_millis(20) && replies == counters.tcp_replies.value() {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "{spent:?} of 200 ms, {replies} replies");
    }
    assert!(counters.tcp_replies.value() > 4, "none was blocked");

    // Those that break off while they are waited for are noticed, and cost nothing more.
    for stream in waiting.drain(..2) {
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    }
    std::thread::sleep(Duration::from_millis(100));
    let before = processor_time();
    std::thread::sleep(Duration::from_millis(200));
    let spent = processor_time() - before;
    assert!(spent < Duration::from_millis(20), "{spent:?} of 200 ms after some broke off");
    running.stop(Duration::from_millis(100)).unwrap();
}
