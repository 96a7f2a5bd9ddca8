//! Whoever asks over TCP is served while all cores are full of UDP.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::tcp::{ask_tcp, connect};
use super::*;

/// What a query over TCP may take, with its handshake, in the median of many.
const WITHIN: Duration = Duration::from_millis(100);

/// Datagrams to wait for before TCP is asked: a second or less of all that a core can do.
const UNDER_LOAD: u64 = 100_000;

#[test]
fn a_query_over_tcp_is_answered_within_100_ms_while_udp_takes_all_cores() {
    let cores = std::thread::available_parallelism().unwrap().get();
    let mut server = Server::start(&[v4(1)], udp(cores.max(2)), tcp(cores.max(2)));
    let to = server.addrs[0];
    let over = Arc::new(AtomicBool::new(false));
    // As many senders as cores: each sends without a pause what a worker has to read and to reply to.
    let senders: Vec<_> = (0..cores.max(2))
        .map(|_| {
            let over = Arc::clone(&over);
            std::thread::spawn(move || {
                let sockets: Vec<_> = (0..16).map(|_| UdpSocket::bind(v4(1)).unwrap()).collect();
                while !over.load(Relaxed) {
                    sockets.iter().for_each(|socket| drop(socket.send_to(b"flood", to)));
                }
            })
        })
        .collect();
    let start = Instant::now();
    while server.count("udp_replies") < UNDER_LOAD {
        assert!(start.elapsed() < PATIENCE, "there is no load");
        std::thread::sleep(Duration::from_millis(1));
    }
    let before = server.count("udp_replies");
    let mut times: Vec<Duration> = (0..41)
        .map(|_| {
            let start = Instant::now();
            assert_eq!(ask_tcp(&mut connect(to), "x"), b"X...........");
            start.elapsed()
        })
        .collect();
    let served_meanwhile = server.count("udp_replies") - before;
    over.store(true, Relaxed);
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    times.sort_unstable();
    assert!(times[20] <= WITHIN, "{times:?}");
    assert!(served_meanwhile > 0, "UDP was starved");
    server.stop();
}
