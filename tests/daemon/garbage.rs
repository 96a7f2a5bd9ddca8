//! Any octets to either port: afterwards it answers as before, with all its threads and no more memory.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::thread;

use hickory_proto::op::Message;
use hickory_proto::rr::RecordType;

use crate::client::*;
use crate::server::Server;

/// Memory that may come and go: the allocator's arenas, buffers of connections, pages touched for the first time.
const SLACK_OCTETS: u64 = 24 << 20;

/// Octets from a fixed seed (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 33) as usize % bound
    }

    fn octets(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 40) as u8).collect()
    }

    /// Noise, or a query with some of its octets changed, cut off or added.
    fn message(&mut self, queries: &[Vec<u8>]) -> Vec<u8> {
        if self.below(4) == 0 {
            let count = self.below(700);
            return self.octets(count);
        }
        let mut message = queries[self.below(queries.len())].clone();
        for _ in 0..self.below(4) {
            let at = self.below(message.len());
            message[at] = [0, 1, 0x0c, 0x3f, 0x40, 0x80, 0xc0, 0xff, self.next() as u8][self.below(9)];
        }
        match self.below(6) {
            0 => message.truncate(self.below(message.len() + 1)),
            1 => {
                let count = self.below(40);
                message.extend(self.octets(count));
            }
            _ => {}
        }
        message
    }
}

fn queries() -> Vec<Vec<u8>> {
    let message = |message: Message| message.to_vec().unwrap();
    let mut queries = vec![
        message(query("web.example.com.", RecordType::A)),
        message(query("many.example.com.", RecordType::TXT)),
        message(query("x.sub.example.com.", RecordType::AAAA)),
        message(query("a.b.old.example.com.", RecordType::ANY)),
        message(query_edns("x.apps.example.com.", RecordType::TXT, 1232)),
        message(query_edns("nothing.example.com.", RecordType::DS, 4096)),
    ];
    let mut dnssec = query_edns("www.example.com.", RecordType::A, 65_535);
    dnssec.edns.as_mut().unwrap().set_dnssec_ok(true);
    queries.push(message(dnssec));
    queries
}

/// Datagrams in handfuls, each followed by a query whose reply shows that they have been taken.
fn datagrams(server: &Server, random: &mut Random, count: usize) {
    let queries = queries();
    let noise = [udp_socket(server.v4), udp_socket(server.v6)];
    for round in 0..count / 50 {
        let socket = &noise[round % 2];
        for _ in 0..50 {
            socket.send(&random.message(&queries)).unwrap();
        }
        // Forgotten unread, lest they fill the client's buffer.
        socket.set_nonblocking(true).unwrap();
        while socket.recv(&mut [0; 4096]).is_ok() {}
        let to = if round % 2 == 0 { server.v4 } else { server.v6 };
        assert_eq!(ask_udp(to, &query("web.example.com.", RecordType::A)).message.answers.len(), 2);
    }
}

/// Connections that write whole messages, broken ones and plain noise, and then read to the end.
fn streams(server: &Server, random: &mut Random, count: usize) {
    let queries = queries();
    for number in 0..count {
        let mut connection = Connection::to(if number % 2 == 0 { server.v4 } else { server.v6 });
        let mut octets = Vec::new();
        for _ in 0..random.below(40) {
            let message = random.message(&queries);
            match random.below(12) {
                0 => octets.extend(message),
                _ => octets.extend(framed(&message)),
            }
        }
        let mut reading = connection.0.try_clone().unwrap();
        let reader = thread::spawn(move || {
            let mut all = Vec::new();
            let _ = reading.read_to_end(&mut all); // a reset is an end too
        });
        let _ = connection.0.write_all(&octets);
        let _ = connection.0.shutdown(Shutdown::Write);
        reader.join().unwrap();
    }
}

#[test]
fn any_octets_to_either_port_do_no_harm() {
    let server = Server::start("");
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    datagrams(&server, &mut random, 500);
    streams(&server, &mut random, 20);
    let (before, threads) = server.resident();
    datagrams(&server, &mut random, 20_000);
    streams(&server, &mut random, 400);
    let (after, threads_after) = server.resident();
    assert_eq!(threads, threads_after, "no thread has ended");
    assert!(after < before + SLACK_OCTETS, "{before} octets before, {after} after");
    for addr in [server.v4, server.v6] {
        let expected = "NoError aa: web.example.com. A 192.0.2.81, web.example.com. A 192.0.2.82 /  / ";
        assert_eq!(ask_udp(addr, &query("web.example.com.", RecordType::A)).brief(), expected);
        assert_eq!(ask_tcp(addr, &query("web.example.com.", RecordType::A)).brief(), expected);
    }
    let (_, ready) = server.process.await_line(0, " ready: ");
    let outcome = server.stop();
    assert_eq!(outcome.code(), 0);
    // "stopping" and "stopped".
    assert_eq!(outcome.stderr.lines().count(), ready + 2, "queries leave no line in the log: {}", outcome.stderr);
}
