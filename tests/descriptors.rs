//! Accepting when descriptors have run out. A process of its own, for it uses them all up.
#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gannet::base::counters::Counters;
use gannet::net::{Listeners, Peer, Respond, TcpConfig, UdpConfig, Verdict};

#[path = "process/time.rs"]
mod time;

use time::processor_time;

struct Echo;

impl Respond for Echo {
    fn refresh(&mut self, _now: Instant) {}

    fn respond(&mut self, query: &[u8], _peer: Peer, reply: &mut [u8]) -> Verdict {
        reply[..query.len()].copy_from_slice(query);
        Verdict::Reply(query.len())
    }
}

const MESSAGE: &[u8; 14] = b"\x00\x0ctwelve bytes";

fn is_served(stream: &mut TcpStream) -> bool {
    stream.write_all(MESSAGE).is_ok() && stream.read_exact(&mut [0; 14]).is_ok()
}

#[test]
fn without_descriptors_the_server_rests_makes_room_and_recovers() {
    lower_the_limit(200);
    let tcp = TcpConfig { threads: 1, ..TcpConfig::default() };
    let udp = UdpConfig { workers: 1, ..UdpConfig::default() };
    let listeners = Listeners::bind(&[SocketAddr::from((Ipv4Addr::LOCALHOST, 0))], udp, tcp).unwrap();
    let to = listeners.local_addrs()[0];
    let counters = Arc::new(Counters::default());
    let running = listeners.serve(|_, _| (Echo, Arc::clone(&counters))).unwrap();
    let connect = || {
        let stream = TcpStream::connect(to).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    };
    let mut idle = connect();
    assert!(is_served(&mut idle));

    // All descriptors gone but one, which the next client takes: the server cannot accept it, so the idle one goes.
    let mut hoard: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    hoard.pop();
    let mut second = connect();
    assert!(is_served(&mut second), "the idle connection makes room");
    assert_eq!(idle.read(&mut [0; 1]).unwrap(), 0);
    assert_eq!(counters.tcp_evicted.value(), 1);

    // Nothing left to evict: the server waits without spinning.
    drop((idle, second));
    let start = Instant::now();
    while counters.tcp_connections.value() < 2 || start.elapsed() < Duration::from_millis(200) {
        std::thread::sleep(Duration::from_millis(5));
    }
    hoard.extend(std::iter::from_fn(|| File::open("/dev/null").ok()));
    hoard.pop();
    let mut third = connect();
    let before = processor_time();
    std::thread::sleep(Duration::from_millis(500));
    let spent = processor_time() - before;
    assert!(spent < Duration::from_millis(100), "spun for {spent:?}");
    assert_eq!(counters.tcp_connections.value(), 2);
    hoard.clear();
    assert!(is_served(&mut third), "served once descriptors are free");
    running.stop(Duration::from_secs(2)).unwrap();
}

fn lower_the_limit(descriptors: u64) {
    let limit = libc::rlimit { rlim_cur: descriptors, rlim_max: descriptors };
    // SAFETY: the kernel reads one `rlimit`.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
}
