use std::net::{Ipv4Addr, UdpSocket};

use super::*;
use crate::net::{Peer, Respond, Verdict};

/// A responder with the worst of bugs.
struct Panics;

impl Respond for Panics {
    fn refresh(&mut self, _now: Instant) {}

    fn respond(&mut self, _query: &[u8], _peer: Peer, _reply: &mut [u8]) -> Verdict {
        panic!("as the test wants it")
    }
}

#[test]
fn a_thread_that_is_lost_ends_the_daemon_with_status_1() {
    let addr = (Ipv4Addr::LOCALHOST, 0).into();
    let udp = UdpConfig { workers: 2, ..UdpConfig::default() };
    let listeners =
        Listeners::bind(&[addr], udp, TcpConfig { threads: 1, ..TcpConfig::default() }).expect("a free port");
    let to = listeners.local_addrs()[0];
    let running = listeners.serve(|_, _| (Panics, Arc::default())).expect("threads");
    let control = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let failure = control.block_on(async {
        let lost = thread_lost(&running);
        tokio::pin!(lost);
        let early = tokio::time::timeout(Duration::from_millis(50), &mut lost).await;
        assert!(early.is_err(), "no thread has ended yet");
        let client = UdpSocket::bind(addr).expect("a free port");
        client.send_to(&[0; 20], to).expect("sent");
        tokio::time::timeout(Duration::from_secs(20), lost).await.expect("the loss is noticed")
    });
    assert_eq!(failure.exit_status(), 1);
    assert_eq!(failure.to_string(), "threads that serve have ended by themselves, which is a bug: 1");
    assert_eq!(running.stop(PATIENCE).expect_err("it is told again").panicked, 1);
}
