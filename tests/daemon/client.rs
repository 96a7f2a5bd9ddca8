//! A client: asks over UDP or TCP, and says in a line what came back. Messages are made and read by `hickory-proto`.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, Record, RecordType};

use crate::process::PATIENCE;

/// What came back.
pub struct Reply {
    pub message: Message,
    pub octets: usize,
}

/// A query for a name, written in full, and a type.
pub fn query(name: &str, rtype: RecordType) -> Message {
    static NEXT: AtomicU16 = AtomicU16::new(1);
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut message = Message::new(id, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), rtype));
    message
}

/// The same with EDNS.
pub fn query_edns(name: &str, rtype: RecordType, payload: u16) -> Message {
    let mut message = query(name, rtype);
    let mut edns = Edns::new();
    edns.set_max_payload(payload);
    message.set_edns(edns);
    message
}

impl Reply {
    /// Reads a reply and sees that it is one to `query`.
    pub fn to(query: &Message, octets: &[u8]) -> Self {
        let reply = Self::read(octets);
        let metadata = &reply.message.metadata;
        assert_eq!((metadata.id, metadata.message_type), (query.metadata.id, MessageType::Response));
        assert_eq!(metadata.op_code, query.metadata.op_code);
        assert_eq!(metadata.recursion_desired, query.metadata.recursion_desired);
        assert!(!metadata.recursion_available);
        assert_eq!(reply.message.queries.len(), query.queries.len());
        for (echoed, asked) in reply.message.queries.iter().zip(&query.queries) {
            assert!(echoed.name().eq_case(asked.name()), "the case is kept: {}", echoed.name());
            assert_eq!((echoed.query_type(), echoed.query_class()), (asked.query_type(), asked.query_class()));
        }
        reply
    }

    /// Reads any reply.
    pub fn read(octets: &[u8]) -> Self {
        let message = Message::from_vec(octets).unwrap_or_else(|why| panic!("no message: {why}: {octets:?}"));
        Self { message, octets: octets.len() }
    }

    pub fn rcode(&self) -> ResponseCode {
        self.message.metadata.response_code
    }

    pub fn truncated(&self) -> bool {
        self.message.metadata.truncation
    }

    /// Flags and records in one line, the records of each section in the order of their text:
    /// `NoError aa: a.example. A 192.0.2.1 / authority / additional`.
    pub fn brief(&self) -> String {
        let metadata = &self.message.metadata;
        let mut text = format!("{:?}", metadata.response_code);
        for (flag, set) in [("aa", metadata.authoritative), ("tc", metadata.truncation)] {
            text += &if set { format!(" {flag}") } else { String::new() };
        }
        let sections = [&self.message.answers, &self.message.authorities, &self.message.additionals].map(|section| {
            let mut records: Vec<String> = section.iter().map(record_text).collect();
            records.sort();
            records.join(", ")
        });
        if sections.iter().all(String::is_empty) { text } else { format!("{text}: {}", sections.join(" / ")) }
    }
}

fn record_text(record: &Record) -> String {
    format!("{} {} {}", record.name.to_ascii(), record.record_type(), record.data)
}

/// A socket that sends to one address, and receives within [`PATIENCE`].
pub fn udp_socket(to: SocketAddr) -> UdpSocket {
    let any: IpAddr = if to.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() };
    udp_socket_from(any, to)
}

/// The same from an address of one's choice.
pub fn udp_socket_from(from: IpAddr, to: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind((from, 0)).unwrap();
    socket.connect(to).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// Receives one datagram.
pub fn receive(socket: &UdpSocket) -> Vec<u8> {
    let mut buffer = vec![0; 65_535];
    let octets = socket.recv(&mut buffer).unwrap();
    buffer.truncate(octets);
    buffer
}

/// Asks over UDP.
pub fn ask_udp(to: SocketAddr, query: &Message) -> Reply {
    let socket = udp_socket(to);
    socket.send(&query.to_vec().unwrap()).unwrap();
    Reply::to(query, &receive(&socket))
}

/// A connection that reads and writes within [`PATIENCE`].
pub struct Connection(pub TcpStream);

impl Connection {
    pub fn to(addr: SocketAddr) -> Self {
        Self::try_to(addr).unwrap()
    }

    pub fn try_to(addr: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(addr)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self(stream))
    }

    pub fn ask(&mut self, query: &Message) -> Reply {
        self.0.write_all(&framed(&query.to_vec().unwrap())).unwrap();
        Reply::to(query, &self.read().unwrap())
    }

    /// The next message; none where the server closed the connection.
    pub fn read(&mut self) -> Option<Vec<u8>> {
        let mut length = [0; 2];
        match self.0.read_exact(&mut length) {
            Ok(()) => {}
            Err(error) if [ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset].contains(&error.kind()) => {
                return None;
            }
            Err(error) => panic!("neither a message nor the end: {error}"),
        }
        let mut message = vec![0; u16::from_be_bytes(length).into()];
        self.0.read_exact(&mut message).unwrap();
        Some(message)
    }
}

/// A message with its length before it (RFC 1035 section 4.2.2).
pub fn framed(message: &[u8]) -> Vec<u8> {
    [&u16::try_from(message.len()).unwrap().to_be_bytes(), message].concat()
}

/// Asks over TCP, on a connection of its own.
pub fn ask_tcp(to: SocketAddr, query: &Message) -> Reply {
    Connection::to(to).ask(query)
}

/// The serial that the server has for a zone.
pub fn serial(to: SocketAddr, zone: &str) -> Option<u32> {
    let reply = ask_udp(to, &query(zone, RecordType::SOA));
    reply.message.answers.first().map(|record| match &record.data {
        hickory_proto::rr::RData::SOA(soa) => soa.serial,
        other => panic!("not an SOA: {other}"),
    })
}
