//! Transfers as streams: beside other queries, while zones are reloaded, to readers that stall.

use std::io::Write as _;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{RData, RecordType};

use crate::client::{Connection, Reply, framed, query, query_edns};
use crate::process::PATIENCE;
use crate::server::Server;
use crate::zones::{directory, large};

/// Hosts of a zone of 40 MB: more than the kernel keeps for a connection.
const MANY: u32 = 300_000;

/// A connection that takes in little ahead of what is read.
fn narrow(to: SocketAddr) -> Connection {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    socket.connect(&to.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    Connection(stream)
}

/// Asks for a transfer of large.test.
fn ask_for_all(connection: &mut Connection) {
    connection.0.write_all(&framed(&query("large.test.", RecordType::AXFR).to_vec().unwrap())).unwrap();
}

fn serve(hosts: u32, more: &str) -> Server {
    Server::start_in(directory(&[("large.test", large(1, hosts))], more))
}

/// A transfer of large.test as far as it came.
#[derive(Default)]
struct Read {
    messages: usize,
    hosts: u32,
    /// SOA records seen: two in a whole transfer.
    soas: u32,
    /// The version that each record told.
    version: Option<u32>,
    /// Replies to other queries that came meanwhile.
    others: usize,
}

impl Read {
    /// Reads on until the transfer is whole, or the connection ends.
    fn on(&mut self, connection: &mut Connection) {
        while self.soas < 2 && self.one(connection) {}
    }

    /// Reads one message; whether there was one.
    fn one(&mut self, connection: &mut Connection) -> bool {
        let Some(octets) = connection.read() else { return false };
        let reply = Reply::read(&octets);
        if reply.message.queries.first().is_some_and(|asked| asked.query_type() != RecordType::AXFR) {
            self.others += 1;
            return true;
        }
        assert_eq!(reply.rcode(), ResponseCode::NoError);
        self.messages += 1;
        for record in &reply.message.answers {
            let version = match &record.data {
                RData::SOA(soa) => {
                    self.soas += 1;
                    soa.serial
                }
                RData::TXT(txt) => {
                    self.hosts += 1;
                    String::from_utf8_lossy(&txt.txt_data[0]).parse().unwrap()
                }
                RData::A(a) => a.0.octets()[3].into(),
                _ => continue,
            };
            assert_eq!(*self.version.get_or_insert(version), version, "of two versions");
        }
        true
    }
}

#[test]
fn other_queries_of_the_connection_are_answered_meanwhile() {
    let server = serve(MANY, "workers = 1");
    let mut connection = narrow(server.v4);
    ask_for_all(&mut connection);
    let mut read = Read::default();
    for _ in 0..3 {
        assert!(read.one(&mut connection));
        connection.0.write_all(&framed(&query("ns.large.test.", RecordType::A).to_vec().unwrap())).unwrap();
    }
    // 127.0.0.1 is another client's address as well, and served while the first does not read.
    let mut other = Connection::to(server.v4);
    assert_eq!(other.ask(&query("ns.large.test.", RecordType::A)).message.answers.len(), 1);
    let start = Instant::now();
    while read.others < 3 && read.soas < 2 {
        assert!(read.one(&mut connection));
    }
    assert!(read.soas < 2 && read.others == 3, "answered before the end, after {:?}", start.elapsed());
    read.on(&mut connection);
    assert_eq!((read.hosts, read.soas), (MANY, 2));
    assert!(read.messages > 1_000, "{} messages", read.messages);
}

#[test]
fn transfers_on_one_connection_follow_each_other_and_count_as_one() {
    let server = serve(2_000, "[transfers]\nper-client = 1");
    let mut connection = Connection::to(server.v4);
    // Both are answered after the client has closed its side.
    (0..2).for_each(|_| ask_for_all(&mut connection));
    let edns = query_edns("large.test.", RecordType::AXFR, 1232);
    connection.0.write_all(&framed(&edns.to_vec().unwrap())).unwrap();
    connection.0.shutdown(Shutdown::Write).unwrap();
    for _ in 0..3 {
        let mut read = Read::default();
        read.on(&mut connection);
        assert_eq!((read.hosts, read.soas), (2_000, 2));
    }
    assert!(connection.read().is_none());
}

#[test]
fn transfers_during_a_reload_are_each_of_one_version() {
    let server = serve(MANY, "");
    let mut connections: Vec<_> = (0..2).map(|_| narrow(server.v4)).collect();
    let mut reads = [Read::default(), Read::default(), Read::default()];
    for (connection, read) in connections.iter_mut().zip(&mut reads) {
        ask_for_all(connection);
        assert!(read.one(connection));
    }
    server.directory.write("large.test.zone", &large(2, 1_000));
    server.reload();
    connections.push(narrow(server.v4));
    ask_for_all(&mut connections[2]);
    for (connection, read) in connections.iter_mut().zip(&mut reads) {
        read.on(connection);
    }
    let seen = reads.map(|read| (read.version, read.hosts, read.soas));
    assert_eq!(seen, [(Some(1), MANY, 2), (Some(1), MANY, 2), (Some(2), 1_000, 2)]);
}

#[test]
fn a_reader_that_stalls_costs_little_and_is_cut_off() {
    let server = serve(MANY, "[tcp]\nmessage-timeout = \"1s\"");
    let (before, _) = server.resident();
    let start = Instant::now();
    let mut stalled: Vec<_> = (0..10).map(|_| narrow(server.v4)).collect();
    stalled.iter_mut().for_each(ask_for_all);
    let mut line = 0;
    for _ in &stalled {
        line = server.process.await_line(line, "cut off after").1;
    }
    let after = start.elapsed();
    assert!(after >= Duration::from_millis(950) && after < PATIENCE, "{after:?}");
    let (grown, _) = server.resident();
    assert!(grown < before + (4 << 20), "{before} octets have grown to {grown}");
    for connection in &mut stalled {
        let mut read = Read::default();
        // What had left is there, unless the reset took it.
        while read.soas < 2 && connection.read_or_reset(&mut read) {}
        assert!(read.soas < 2 && read.hosts < MANY / 2, "{} hosts", read.hosts);
    }
}

#[test]
fn a_reader_that_is_slow_but_takes_something_is_not_cut_off() {
    let server = serve(20_000, "[tcp]\nmessage-timeout = \"1s\"");
    let mut connection = narrow(server.v4);
    ask_for_all(&mut connection);
    let mut read = Read::default();
    for _ in 0..15 {
        thread::sleep(Duration::from_millis(100)); // slowness is what is tested
        (0..4).for_each(|_| assert!(read.one(&mut connection)));
    }
    read.on(&mut connection);
    assert_eq!((read.hosts, read.soas), (20_000, 2));
}

#[test]
fn a_transfer_that_takes_too_long_is_cut_off() {
    let server = serve(MANY, "[transfers]\ntime = \"1s\"");
    let mut connection = narrow(server.v4);
    ask_for_all(&mut connection);
    let mut read = Read::default();
    assert!(read.one(&mut connection));
    thread::sleep(Duration::from_millis(1_100)); // time is what is tested
    read.on(&mut connection);
    assert!(read.soas == 1 && read.hosts < MANY);
    server.process.await_line(0, "it took longer than 1s");
}

#[test]
fn a_transfer_under_way_when_the_server_stops_is_finished() {
    let server = serve(20_000, "");
    let mut connection = narrow(server.v4);
    ask_for_all(&mut connection);
    let mut read = Read::default();
    assert!(read.one(&mut connection));
    server.process.signal(libc::SIGTERM);
    server.process.await_line(0, "stopping: SIGTERM");
    read.on(&mut connection);
    assert_eq!((read.hosts, read.soas), (20_000, 2));
    assert_eq!(server.process.outcome().code(), 0);
}

impl Connection {
    /// Reads one message of a stream that may have been cut anywhere; whether there was one.
    fn read_or_reset(&mut self, read: &mut Read) -> bool {
        use std::io::Read as _;
        let mut length = [0; 2];
        if self.0.read_exact(&mut length).is_err() {
            return false;
        }
        let mut message = vec![0; u16::from_be_bytes(length).into()];
        if self.0.read_exact(&mut message).is_err() {
            return false;
        }
        let reply = Reply::read(&message);
        read.hosts += reply.message.answers.len() as u32;
        read.soas +=
            reply.message.answers.iter().filter(|record| record.record_type() == RecordType::SOA).count() as u32;
        true
    }
}
