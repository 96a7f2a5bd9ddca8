//! Batches through real sockets on loopback.

use std::net::UdpSocket;
use std::os::fd::AsFd;
use std::time::Duration;

use super::*;

fn pair(loopback: IpAddr) -> (UdpSocket, UdpSocket) {
    let [server, client] = [(); 2].map(|()| UdpSocket::bind((loopback, 0)).expect("a free port"));
    client.connect(server.local_addr().expect("bound")).expect("loopback");
    client.set_read_timeout(Some(Duration::from_secs(10))).expect("an option");
    (server, client)
}

fn reply_to_all(datagrams: &mut Datagrams) {
    let (queries, mut replies) = datagrams.batch.split();
    for index in 0..queries.len() {
        let query = queries.query(index);
        replies.buffer(index)[..query.len()].copy_from_slice(query);
        replies.settle(index, Verdict::Reply(query.len()));
    }
}

#[test]
fn a_reply_that_cannot_be_sent_does_not_hold_up_the_others() {
    let (server, client) = pair(Ipv4Addr::LOCALHOST.into());
    let mut datagrams = Datagrams::new(false);
    for text in ["a", "b", "c"] {
        client.send(text.as_bytes()).expect("loopback");
    }
    let received = datagrams.receive(server.as_fd(), libc::MSG_WAITFORONE).expect("three datagrams");
    assert_eq!(received, Received { datagrams: 3, ..Received::default() });
    reply_to_all(&mut datagrams);
    // As if the second had come from a broadcast address: the kernel refuses to send there.
    // SAFETY: alive, and a `sockaddr_in` fits where a `sockaddr_in6` does.
    unsafe {
        let name = (&raw mut (*datagrams.headers.as_ptr()).names[1]).cast::<sockaddr_in>();
        (*name).sin_addr.s_addr = u32::MAX;
    }
    assert_eq!(datagrams.send(server.as_fd()), Sent { replies: 2, failures: 1 });
    let mut buffer = [0; 8];
    for expected in ["a", "c"] {
        let octets = client.recv(&mut buffer).expect("a reply");
        assert_eq!(&buffer[..octets], expected.as_bytes());
    }
}

#[test]
fn a_batch_is_ready_for_the_next_whatever_the_last_one_left() {
    let pairs = [pair(Ipv4Addr::LOCALHOST.into()), pair(Ipv6Addr::LOCALHOST.into())];
    let mut datagrams = Datagrams::new(true);
    for (round, (server, client)) in [1, BATCH, 2, BATCH + 1, 1, 3, 3].into_iter().zip(pairs.iter().cycle()) {
        for i in 0..round {
            client.send(&[i as u8; 3]).expect("loopback");
        }
        let mut left = round;
        while left > 0 {
            let received = datagrams.receive(server.as_fd(), libc::MSG_WAITFORONE).expect("datagrams");
            assert_eq!(received.datagrams, left.min(BATCH));
            left -= received.datagrams;
            let own = client.local_addr().expect("bound");
            let queries = datagrams.batch.split().0;
            assert!((0..queries.len()).all(|i| queries.query(i).len() == 3 && queries.peer(i).addr == own));
        }
        assert!(datagrams.receive(server.as_fd(), libc::MSG_DONTWAIT).is_err());
        assert!(datagrams.batch.is_empty());
    }
}

#[test]
fn names_are_read_as_the_family_says_and_as_far_as_written() {
    // SAFETY: all zeroes is a valid `sockaddr_in6`.
    let mut name: sockaddr_in6 = unsafe { std::mem::zeroed() };
    assert_eq!(read_name(&name, 0), None);
    assert_eq!(read_name(&name, 28), None);
    name.sin6_family = libc::AF_INET6 as u16;
    name.sin6_port = 53_u16.to_be();
    name.sin6_addr.s6_addr = Ipv6Addr::LOCALHOST.octets();
    name.sin6_scope_id = 7;
    assert_eq!(read_name(&name, 28), Some(SocketAddrV6::new(Ipv6Addr::LOCALHOST, 53, 0, 7).into()));
    assert_eq!(read_name(&name, 16), None);
    name.sin6_family = libc::AF_INET as u16;
    name.sin6_flowinfo = u32::from(Ipv4Addr::LOCALHOST).to_be();
    assert_eq!(read_name(&name, 16), Some(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 53).into()));
    assert_eq!(read_name(&name, 8), None);
}

/// Sends these queries, has them echoed, and says how many send calls carried the echoes.
fn echo(datagrams: &mut Datagrams, server: &UdpSocket, queries: &[(&UdpSocket, Vec<u8>)]) -> Sent {
    for (client, query) in queries {
        client.send(query).expect("loopback");
    }
    let received = datagrams.receive(server.as_fd(), libc::MSG_WAITFORONE).expect("datagrams");
    assert_eq!(received.datagrams, queries.len());
    reply_to_all(datagrams);
    datagrams.send(server.as_fd())
}

/// Reads as many replies as `client` had queries: they are the same, in any order.
fn expect_echoes(client: &UdpSocket, mut queries: Vec<Vec<u8>>) {
    let mut buffer = [0; 2048];
    let mut replies: Vec<Vec<u8>> = queries
        .iter()
        .map(|_| {
            let octets = client.recv(&mut buffer).expect("a reply");
            buffer[..octets].to_vec()
        })
        .collect();
    replies.sort();
    queries.sort();
    assert_eq!(replies, queries);
    client.set_nonblocking(true).expect("an option");
    assert!(client.recv(&mut buffer).is_err(), "one reply for each query, no more");
    client.set_nonblocking(false).expect("an option");
}

#[test]
fn replies_to_one_client_leave_as_one_and_arrive_each_for_itself() {
    for loopback in [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()] {
        let (server, one) = pair(loopback);
        let other = UdpSocket::bind((loopback, 0)).expect("a free port");
        other.connect(server.local_addr().expect("bound")).expect("loopback");
        other.set_read_timeout(Some(Duration::from_secs(10))).expect("an option");
        assert!(cuts_segments(server.as_fd()), "Linux 4.18 or newer");
        let mut datagrams = Datagrams::new(true);
        for lengths in [&[40, 50, 40, 60, 50, 40][..], &[1232; BATCH / 2], &[1, 2, 3, 4], &[7]] {
            let query = |(index, &length): (usize, &usize)| vec![index as u8; length];
            let queries: Vec<Vec<u8>> = lengths.iter().enumerate().map(query).collect();
            let both = queries.iter().flat_map(|query| [(&one, query.clone()), (&other, query.clone())]);
            let sent = echo(&mut datagrams, &server, &both.collect::<Vec<_>>());
            assert_eq!(sent, Sent { replies: 2 * lengths.len(), failures: 0 });
            assert!(datagrams.segments);
            expect_echoes(&one, queries.clone());
            expect_echoes(&other, queries);
        }
    }
}

#[test]
fn trains_are_fewer_than_replies() {
    let (server, client) = pair(Ipv4Addr::LOCALHOST.into());
    let mut datagrams = Datagrams::new(true);
    let queries: Vec<_> = [40, 50, 40, 60, 50, 40].map(|length| (&client, vec![0; length])).into();
    echo(&mut datagrams, &server, &queries);
    // 60 and a 50; 50 and a 40; 40 and a 40.
    assert_eq!(datagrams.address_replies(), 3);
    datagrams.segments = false;
    assert_eq!(datagrams.address_replies(), 6);
}

#[test]
fn a_socket_that_cannot_cut_sends_the_same_replies_one_by_one() {
    let (server, client) = pair(Ipv4Addr::LOCALHOST.into());
    // Without checksums the kernel refuses to cut.
    switch_on(&server, libc::SOL_SOCKET, libc::SO_NO_CHECK);
    let mut datagrams = Datagrams::new(true);
    let queries: Vec<Vec<u8>> = [40, 50, 40, 60, 50, 40, 30].map(|length| vec![length; length.into()]).into();
    // Some of them leave before the train that is refused, and must not leave twice.
    let others = [(); 8].map(|()| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port"));
    for other in &others {
        other.connect(server.local_addr().expect("bound")).expect("loopback");
        other.set_read_timeout(Some(Duration::from_secs(10))).expect("an option");
    }
    for segments in [true, false] {
        assert_eq!(datagrams.segments, segments);
        let mut asked: Vec<_> = queries.iter().map(|query| (&client, query.clone())).collect();
        asked.extend(others.iter().map(|other| (other, vec![1; 20])));
        assert_eq!(echo(&mut datagrams, &server, &asked), Sent { replies: asked.len(), failures: 0 });
        expect_echoes(&client, queries.clone());
        others.iter().for_each(|other| expect_echoes(other, vec![vec![1; 20]]));
    }
}

fn switch_on(socket: &UdpSocket, level: c_int, option: c_int) {
    let on: c_int = 1;
    // SAFETY: the kernel reads one `c_int` during the call.
    let result = unsafe {
        let value = (&raw const on).cast();
        libc::setsockopt(socket.as_raw_fd(), level, option, value, size_of::<c_int>() as socklen_t)
    };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
}

#[test]
fn replies_of_one_train_left_the_address_that_was_asked() {
    let server = UdpSocket::bind("0.0.0.0:0").expect("a free port");
    switch_on(&server, libc::IPPROTO_IP, libc::IP_PKTINFO);
    let port = server.local_addr().expect("bound").port();
    let client = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    client.set_read_timeout(Some(Duration::from_secs(10))).expect("an option");
    let mut datagrams = Datagrams::new(true);
    for last_octet in [1, 2, 1, 2, 2] {
        client.send_to(&[last_octet; 40], SocketAddr::from(([127, 0, 0, last_octet], port))).expect("loopback");
    }
    assert_eq!(datagrams.receive(server.as_fd(), libc::MSG_WAITFORONE).expect("datagrams").datagrams, 5);
    reply_to_all(&mut datagrams);
    assert_eq!(datagrams.address_replies(), 2);
    assert_eq!(datagrams.send(server.as_fd()), Sent { replies: 5, failures: 0 });
    for _ in 0..5 {
        let mut buffer = [0; 64];
        let (octets, from) = client.recv_from(&mut buffer).expect("a reply");
        assert_eq!((octets, from.ip()), (40, IpAddr::from([127, 0, 0, buffer[0]])));
    }
}
