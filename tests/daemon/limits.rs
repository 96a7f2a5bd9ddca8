//! Rates: of one client, of the whole server; what happens to what is over them.

use std::net::{IpAddr, UdpSocket};
use std::time::Duration;

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::RecordType;

use crate::client::*;
use crate::server::{Server, WITH_ZONE, config};

/// What became of many queries that were sent at once.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Counted {
    answered: usize,
    slipped: usize,
}

/// Sends 100 queries and receives until `all` of their replies are in, or nothing comes for a while.
fn ask_100(socket: &UdpSocket, all: impl Fn(Counted) -> bool) -> Counted {
    let ask = query("web.example.com.", RecordType::A);
    for _ in 0..100 {
        socket.send(&ask.to_vec().unwrap()).unwrap();
    }
    let mut counted = Counted::default();
    while !all(counted) {
        let mut octets = [0; 1232];
        let Ok(length) = socket.recv(&mut octets) else { break };
        let reply = Reply::to(&ask, &octets[..length]);
        assert_eq!(reply.rcode(), ResponseCode::NoError);
        if reply.truncated() {
            assert!(reply.message.answers.is_empty() && reply.octets <= ask.to_vec().unwrap().len());
            counted.slipped += 1;
        } else {
            assert_eq!(reply.message.answers.len(), 2);
            counted.answered += 1;
        }
    }
    counted
}

fn none_dropped(counted: Counted) -> bool {
    counted.slipped + counted.answered == 100
}

fn web() -> Message {
    query("web.example.com.", RecordType::A)
}

#[test]
fn over_its_rate_a_client_is_dropped_or_sent_to_tcp_where_it_is_served() {
    let server = Server::start("workers = 1\n[limits]\nclient-qps = 5\nclient-burst = 10");
    // What is dropped nobody can await.
    let socket = udp_socket(server.v4);
    socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let counted = ask_100(&socket, none_dropped);
    assert!((10..60).contains(&counted.answered), "{counted:?}");
    // About half of the others, by chance: less than one in a million runs is further off.
    let over = 100 - counted.answered;
    assert!(counted.slipped.abs_diff(over / 2) < 25 && counted.slipped < over, "{counted:?}");
    for _ in 0..50 {
        assert_eq!(ask_tcp(server.v4, &web()).message.answers.len(), 2);
    }
    // 127.0.0.2 is another client.
    let other = udp_socket_from([127, 0, 0, 2].into(), server.v4);
    other.send(&web().to_vec().unwrap()).unwrap();
    assert_eq!(Reply::read(&receive(&other)).message.answers.len(), 2);
    // Without a burst of its own, it is a second's worth.
    let server = Server::start("[limits]\nclient-qps = 5\nslip = 1");
    let counted = ask_100(&udp_socket(server.v6), none_dropped);
    assert!((5..60).contains(&counted.answered), "{counted:?}");
}

#[test]
fn clients_are_told_apart_by_prefix_and_some_are_exempt() {
    let server = Server::start(
        "[limits]\nclient-qps = 1\nslip = 1\nclient-prefix-v4 = 24\nclient-exempt = [\"127.0.1.0/24\", \"::1\"]",
    );
    let from = |last: [u8; 4]| udp_socket_from(last.into(), server.v4);
    let counted = ask_100(&from([127, 0, 0, 1]), none_dropped);
    assert!(counted.answered < 50, "{counted:?}");
    let neighbour = ask_100(&from([127, 0, 0, 9]), none_dropped);
    assert!(neighbour.slipped >= 50, "{neighbour:?}");
    for exempt in [from([127, 0, 1, 7]), udp_socket(server.v6)] {
        assert_eq!(ask_100(&exempt, none_dropped), Counted { answered: 100, slipped: 0 });
    }
}

#[test]
fn over_the_rate_of_the_server_every_client_is_sent_to_tcp() {
    let server = Server::start("workers = 1\n[limits]\nserver-qps = 10\nslip = 1");
    let (mut answered, mut slipped) = (0, 0);
    for last in 1..=5 {
        let client: IpAddr = [127, 0, 0, last].into();
        let counted = ask_100(&udp_socket_from(client, server.v4), none_dropped);
        (answered, slipped) = (answered + counted.answered, slipped + counted.slipped);
    }
    assert!(answered >= 1 && slipped > 250, "{answered} answered, {slipped} slipped");
    assert_eq!(ask_tcp(server.v4, &web()).message.answers.len(), 2);
}

#[test]
fn limits_are_taken_up_by_a_reload() {
    let server = Server::start("");
    let socket = udp_socket(server.v4);
    assert_eq!(ask_100(&socket, none_dropped).answered, 100);
    server.directory.write("gannet.toml", &config(&format!("[limits]\nclient-qps = 1\nslip = 1\n{WITH_ZONE}")));
    server.reload();
    assert!(ask_100(&socket, none_dropped).slipped > 50);
    server.directory.write("gannet.toml", &config(WITH_ZONE));
    server.reload();
    assert_eq!(ask_100(&socket, none_dropped).answered, 100);
}
