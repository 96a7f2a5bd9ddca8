//! TCP connections: pipelining, pieces, timeouts, limits.

use std::collections::HashSet;
use std::io::Write;
use std::net::Shutdown;
use std::time::{Duration, Instant};

use hickory_proto::rr::RecordType;

use crate::client::*;
use crate::server::Server;

#[test]
fn five_hundred_queries_in_one_write_are_all_answered() {
    let server = Server::start("");
    let queries: Vec<_> = (0..500)
        .map(|number| match number % 3 {
            0 => query("web.example.com.", RecordType::A),
            1 => query(&format!("n{number}.example.com."), RecordType::A),
            _ => query("many.example.com.", RecordType::TXT),
        })
        .collect();
    let octets: Vec<u8> = queries.iter().flat_map(|query| framed(&query.to_vec().unwrap())).collect();
    for addr in [server.v4, server.v6] {
        let mut connection = Connection::to(addr);
        connection.0.write_all(&octets).unwrap();
        connection.0.shutdown(Shutdown::Write).unwrap();
        let mut answered = HashSet::new();
        while let Some(octets) = connection.read() {
            let id = u16::from_be_bytes([octets[0], octets[1]]);
            // RFC 7766 section 6.2.1.1: replies may come in any order.
            let number = queries.iter().position(|query| query.metadata.id == id).unwrap();
            let reply = Reply::to(&queries[number], &octets);
            let expected = [2, 0, 90][number % 3];
            assert_eq!(reply.message.answers.len(), expected, "{}", reply.brief());
            assert!(answered.insert(number), "answered twice");
        }
        assert_eq!(answered.len(), 500);
    }
}

#[test]
fn a_message_in_pieces_is_one_message() {
    let server = Server::start("");
    let mut connection = Connection::to(server.v4);
    connection.0.set_nodelay(true).unwrap();
    let query = query("web.example.com.", RecordType::A);
    for octet in framed(&query.to_vec().unwrap()) {
        connection.0.write_all(&[octet]).unwrap();
    }
    assert_eq!(Reply::to(&query, &connection.read().unwrap()).message.answers.len(), 2);
}

#[test]
fn who_is_silent_or_too_slow_is_cut_off_in_its_time() {
    let server = Server::start("[tcp]\nidle-timeout = \"800ms\"\nmessage-timeout = \"1500ms\"");
    let ask = query("web.example.com.", RecordType::A);
    for (begun, at_least) in [(0, 790), (1, 1490), (20, 1490)] {
        let mut connection = Connection::to(server.v6);
        let start = Instant::now();
        connection.ask(&ask);
        connection.0.write_all(&framed(&ask.to_vec().unwrap())[..begun]).unwrap();
        assert!(connection.read().is_none());
        let after = start.elapsed();
        assert!(after >= Duration::from_millis(at_least) && after < Duration::from_secs(10), "{begun}: {after:?}");
    }
    // Who asks now and then stays.
    let mut connection = Connection::to(server.v6);
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(1200) {
        connection.ask(&ask);
        std::thread::sleep(Duration::from_millis(20)); // silence is what is tested
    }
}

#[test]
fn a_client_has_so_many_connections_and_no_more() {
    let server = Server::start("[tcp]\nconnections-per-client = 2");
    let ask = query("web.example.com.", RecordType::A);
    let mut two = [Connection::to(server.v4), Connection::to(server.v4)];
    two.iter_mut().for_each(|connection| assert_eq!(connection.ask(&ask).message.answers.len(), 2));
    let mut third = Connection::to(server.v4);
    assert!(third.read().is_none(), "closed at once");
    two.iter_mut().for_each(|connection| assert_eq!(connection.ask(&ask).message.answers.len(), 2));
    assert_eq!(ask_tcp(server.v6, &ask).message.answers.len(), 2, "another client is not affected");
}

#[test]
fn when_all_connections_are_taken_the_longest_silent_makes_room() {
    let server = Server::start("workers = 1\n[tcp]\nconnections = 3");
    let ask = query("web.example.com.", RecordType::A);
    let mut three = [0; 3].map(|_| Connection::to(server.v4));
    for index in [1, 0, 2, 1] {
        assert_eq!(three[index].ask(&ask).message.answers.len(), 2);
    }
    let mut fourth = Connection::to(server.v6);
    assert_eq!(fourth.ask(&ask).message.answers.len(), 2);
    assert!(three[0].read().is_none());
    for index in [1, 2] {
        assert_eq!(three[index].ask(&ask).message.answers.len(), 2);
    }
}
