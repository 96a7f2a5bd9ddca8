//! TCP connections that are held open and idle while a load is sent, and what a server's memory pays for them.
//!
//! Each has asked one query before it falls idle, as the connections of real clients have.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::query::{Queries, Verdict};

/// Connections from one address: fewer than any server lets one client have.
const FROM_ONE_ADDRESS: usize = 20;

/// Descriptors that the bench and the servers need beside the connections.
const DESCRIPTORS_SPARE: u64 = 768;

/// Lets this process, and the servers that it starts, hold so many connections.
pub(crate) fn make_room(connections: usize) -> io::Result<()> {
    let needed = connections as u64 + DESCRIPTORS_SPARE;
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the kernel writes one `rlimit`, and reads one.
    let result = unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit);
        limit.rlim_max = limit.rlim_max.max(needed);
        limit.rlim_cur = limit.rlim_cur.max(needed);
        libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit)
    };
    if result == 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    Err(io::Error::other(format!("{needed} descriptors are needed for --idle; raise the limit (ulimit -Hn): {error}")))
}

/// Opens so many connections to a loopback port and has one query answered on each.
pub(crate) fn open(port: u16, count: usize, queries: &Queries, echo: bool) -> io::Result<Vec<TcpStream>> {
    let mut buffer = [0; 4_096];
    let mut streams = Vec::with_capacity(count);
    for number in 0..count {
        let source = Ipv4Addr::from_bits(0x7f02_0101 + (number / FROM_ONE_ADDRESS) as u32);
        let failed = |error: io::Error| io::Error::other(format!("idle connection {}: {error}", number + 1));
        let mut stream = connect(port, source).map_err(failed)?;
        ask(&mut stream, number % queries.len(), queries, echo, &mut buffer).map_err(failed)?;
        streams.push(stream);
        if number % 64 == 0 {
            crate::interrupt::check()?;
        }
    }
    Ok(streams)
}

fn connect(port: u16, source: Ipv4Addr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((source, 0)).into())?;
    socket.connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    Ok(stream)
}

fn ask(stream: &mut TcpStream, index: usize, queries: &Queries, echo: bool, buffer: &mut [u8]) -> io::Result<()> {
    let query = queries.message(index);
    stream.write_all(&[&(query.len() as u16).to_be_bytes(), query].concat())?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let Some(reply) = buffer.get_mut(..usize::from(u16::from_be_bytes(length))) else {
        return Err(io::Error::other("a reply of more octets than any of this load has"));
    };
    stream.read_exact(reply)?;
    match echo || queries.judge(index, reply) != Verdict::Wrong {
        true => Ok(()),
        false => Err(io::Error::other(queries.explain(index, reply))),
    }
}
