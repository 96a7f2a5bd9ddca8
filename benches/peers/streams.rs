//! Queries over TCP: a connection for each, or few connections with many queries unanswered on each.
//!
//! Knows neither what it carries nor how fast it should. No socket blocks: on loopback a handshake is over when `connect`
//! returns, and whoever is not ready is asked again.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Instant;

use socket2::{Domain, Socket, Type};

use crate::generator::Carrier;
use crate::ledger::Ledger;

/// Connections with a query each at a time. Knot lets ten wait to be accepted, and what comes beyond waits for a second.
const SHORT_CONNECTIONS: usize = 10;

/// Connections that stay.
const LONG_CONNECTIONS: usize = 8;

/// Addresses that short connections come from in turn. The side that closes first keeps the port for a minute, and one
/// address has 28,000 of them.
const SOURCES: u32 = 250;

/// Octets of the length before each message (RFC 1035 section 4.2.2).
const LENGTH_OCTETS: usize = 2;

/// Octets taken at a time.
const READ_OCTETS: usize = 1 << 16;

/// Begins a connection from an address of the loopback network.
fn connect(port: u16, source: Ipv4Addr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    late_port(&socket)?;
    socket.bind(&SocketAddr::from((source, 0)).into())?;
    match socket.connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into()) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
        _ => Ok(socket.into()),
    }
}

/// Has the kernel choose a port when it knows where the connection goes: a port may then serve several.
fn late_port(socket: &Socket) -> io::Result<()> {
    let yes: libc::c_int = 1;
    // SAFETY: the kernel reads one `c_int` of that size.
    let result = unsafe {
        let (value, octets) = ((&raw const yes).cast(), size_of_val(&yes) as libc::socklen_t);
        libc::setsockopt(socket.as_raw_fd(), libc::IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT, value, octets)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Adds a query to octets that are to be sent.
fn push_framed(octets: &mut Vec<u8>, id: u16, query: &[u8]) {
    octets.extend_from_slice(&(query.len() as u16).to_be_bytes());
    octets.extend_from_slice(&id.to_be_bytes());
    octets.extend_from_slice(&query[2..]);
}

/// A connection and what is on its way on it.
struct Stream {
    socket: TcpStream,
    unsent: Vec<u8>,
    received: Vec<u8>,
}

impl Stream {
    fn new(socket: TcpStream) -> Self {
        Self { socket, unsent: Vec::new(), received: Vec::new() }
    }

    /// Sends what the socket takes.
    fn send(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            match self.socket.write(&self.unsent) {
                Ok(sent) => drop(self.unsent.drain(..sent)),
                Err(error) if is_not_yet(&error) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Books the replies that have come; returns how many, or an error once the server has closed.
    fn receive(&mut self, buffer: &mut [u8], ledger: &mut Ledger<'_>) -> io::Result<usize> {
        let fresh = match self.socket.read(buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(octets) => octets,
            Err(error) if is_not_yet(&error) => return Ok(0),
            Err(error) => return Err(error),
        };
        let now = Instant::now();
        self.received.extend_from_slice(&buffer[..fresh]);
        let (mut rest, mut replies) = (&self.received[..], 0);
        while let Some((length, after)) = rest.split_first_chunk::<LENGTH_OCTETS>() {
            let Some((reply, after)) = after.split_at_checked(u16::from_be_bytes(*length).into()) else { break };
            ledger.settle(reply, now);
            replies += 1;
            rest = after;
        }
        let done = self.received.len() - rest.len();
        self.received.drain(..done);
        Ok(replies)
    }
}

fn is_not_yet(error: &io::Error) -> bool {
    // Before its handshake is over a socket is not connected.
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted | ErrorKind::NotConnected)
}

/// Which of `streams` have something to be read, and which can take what is still to be sent.
fn ready<'s>(streams: impl Iterator<Item = &'s Stream>) -> io::Result<Vec<bool>> {
    let interest = |stream: &Stream| libc::pollfd {
        fd: stream.socket.as_raw_fd(),
        events: if stream.unsent.is_empty() { libc::POLLIN } else { libc::POLLIN | libc::POLLOUT },
        revents: 0,
    };
    let mut ready: Vec<libc::pollfd> = streams.map(interest).collect();
    // SAFETY: an array of that many `pollfd`, ours alone; no waiting.
    let count = unsafe { libc::poll(ready.as_mut_ptr(), ready.len() as libc::nfds_t, 0) };
    match io::Error::last_os_error() {
        error if count < 0 && error.kind() != ErrorKind::Interrupted => Err(error),
        _ => Ok(ready.iter().map(|socket| count > 0 && socket.revents != 0).collect()),
    }
}

/// A connection for each query: connect, ask, read the reply, close.
pub(crate) struct Short {
    port: u16,
    open: Vec<(u16, Stream)>,
    begun: u32,
    buffer: Vec<u8>,
}

impl Short {
    pub(crate) fn new(port: u16) -> io::Result<Self> {
        Ok(Self { port, open: Vec::new(), begun: 0, buffer: vec![0; READ_OCTETS] })
    }

    /// Whether a connection is still of use.
    fn serve(stream: &mut Stream, buffer: &mut [u8], ledger: &mut Ledger<'_>) -> bool {
        stream.send().and_then(|()| stream.receive(buffer, ledger)).is_ok_and(|replies| replies == 0)
    }
}

impl Carrier for Short {
    fn receive(&mut self, ledger: &mut Ledger<'_>) -> io::Result<usize> {
        let before = ledger.tally.replies;
        let mut ready = ready(self.open.iter().map(|(_, stream)| stream))?.into_iter();
        self.open.retain_mut(|(id, stream)| {
            let useful = !ready.next().unwrap_or(false) || Self::serve(stream, &mut self.buffer, ledger);
            useful && ledger.is_waiting(*id)
        });
        Ok((ledger.tally.replies - before) as usize)
    }

    fn send(&mut self, count: usize, ledger: &mut Ledger<'_>, _now: Instant) -> io::Result<usize> {
        let count = count.min(SHORT_CONNECTIONS - self.open.len());
        for _ in 0..count {
            self.begun += 1;
            // 127.1.1.1 and on.
            let source = Ipv4Addr::from_bits(0x7f01_0101 + self.begun % SOURCES);
            let (id, query) = ledger.ask(Instant::now());
            // Without a connection, or without a reply on it, the query counts as lost.
            if let Ok(mut stream) = connect(self.port, source).map(Stream::new) {
                push_framed(&mut stream.unsent, id, query);
                if stream.send().is_ok() {
                    self.open.push((id, stream));
                }
            }
        }
        Ok(count)
    }
}

/// Connections that stay, with queries that wait for their replies on each.
pub(crate) struct Pipelined {
    port: u16,
    streams: Vec<Stream>,
    /// The connection that sends next.
    turn: usize,
    buffer: Vec<u8>,
}

impl Pipelined {
    pub(crate) fn connect(port: u16) -> io::Result<Self> {
        let connect = |_| connect(port, Ipv4Addr::LOCALHOST).map(Stream::new);
        let streams = (0..LONG_CONNECTIONS).map(connect).collect::<io::Result<_>>()?;
        Ok(Self { port, streams, turn: 0, buffer: vec![0; READ_OCTETS] })
    }

    /// A connection that the server closed is begun anew; what waited on it is lost.
    fn mend<T: Default>(port: u16, stream: &mut Stream, result: io::Result<T>) -> io::Result<T> {
        match result {
            Ok(done) => Ok(done),
            Err(_) => {
                *stream = Stream::new(connect(port, Ipv4Addr::LOCALHOST)?);
                Ok(T::default())
            }
        }
    }
}

impl Carrier for Pipelined {
    fn receive(&mut self, ledger: &mut Ledger<'_>) -> io::Result<usize> {
        let mut replies = 0;
        for (ready, stream) in ready(self.streams.iter())?.into_iter().zip(&mut self.streams) {
            if ready {
                let result = stream.send().and_then(|()| stream.receive(&mut self.buffer, ledger));
                replies += Self::mend(self.port, stream, result)?;
            }
        }
        Ok(replies)
    }

    fn send(&mut self, count: usize, ledger: &mut Ledger<'_>, now: Instant) -> io::Result<usize> {
        let share = count.div_ceil(self.streams.len());
        for start in (0..count).step_by(share) {
            self.turn = (self.turn + 1) % self.streams.len();
            let stream = &mut self.streams[self.turn];
            for _ in 0..share.min(count - start) {
                let (id, query) = ledger.ask(now);
                push_framed(&mut stream.unsent, id, query);
            }
            let result = stream.send();
            Self::mend(self.port, stream, result)?;
        }
        Ok(count)
    }
}
