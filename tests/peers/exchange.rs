//! Asks many queries of one server: over UDP, some of them on their way at a time, and over TCP one by one.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use crate::message::Query;
use crate::process::PATIENCE;

/// Queries on their way at a time: few enough that no socket's buffer overflows.
const WINDOW: usize = 64;

/// How long an answer may take before the query is sent again.
const RETRY: Duration = Duration::from_secs(2);

/// The replies to the queries, in their order. Each query's id is where it stands in its window.
pub fn udp(to: SocketAddr, queries: &[Query]) -> Result<Vec<Vec<u8>>, String> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| error.to_string())?;
    socket.connect(to).and_then(|()| socket.set_read_timeout(Some(RETRY))).map_err(|error| error.to_string())?;
    let mut replies = Vec::with_capacity(queries.len());
    for window in queries.chunks(WINDOW) {
        replies.extend(exchange(&socket, replies.len(), window)?);
    }
    Ok(replies)
}

fn exchange(socket: &UdpSocket, base: usize, queries: &[Query]) -> Result<Vec<Vec<u8>>, String> {
    let mut replies = vec![Vec::new(); queries.len()];
    let deadline = Instant::now() + PATIENCE;
    let mut buffer = vec![0; 65_535];
    while let Some(missing) = replies.iter().position(Vec::is_empty) {
        if Instant::now() > deadline {
            return Err(format!("no reply to {:?}", queries[missing]));
        }
        for (number, query) in queries.iter().enumerate().filter(|(number, _)| replies[*number].is_empty()) {
            let id = (base + number) as u16;
            let sent = socket.send(&Query { id, ..query.clone() }.wire());
            sent.map_err(|error| format!("{query:?} cannot be sent: {error}"))?;
        }
        while replies.iter().any(Vec::is_empty) {
            let Ok(octets) = socket.recv(&mut buffer) else { break };
            let reply = &buffer[..octets];
            let id = reply.first_chunk::<2>().map_or(0, |id| u16::from_be_bytes(*id));
            let number = usize::from(id.wrapping_sub(base as u16));
            // What was sent again may be answered twice, and late.
            if let Some(place) = replies.get_mut(number) {
                *place = reply.to_vec();
            }
        }
    }
    Ok(replies)
}

/// A connection that asks one query after the other.
pub struct Connection(TcpStream);

impl Connection {
    pub fn to(addr: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(addr)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(stream))
    }

    pub fn ask(&mut self, query: &Query) -> std::io::Result<Vec<u8>> {
        self.ask_wire(&query.wire())
    }

    /// Asks what is a message already.
    pub fn ask_wire(&mut self, wire: &[u8]) -> std::io::Result<Vec<u8>> {
        self.0.write_all(&[&(wire.len() as u16).to_be_bytes()[..], wire].concat())?;
        self.receive()
    }

    /// The next message: a transfer has many.
    pub fn receive(&mut self) -> std::io::Result<Vec<u8>> {
        let mut length = [0; 2];
        self.0.read_exact(&mut length)?;
        let mut reply = vec![0; u16::from_be_bytes(length).into()];
        self.0.read_exact(&mut reply)?;
        Ok(reply)
    }
}
