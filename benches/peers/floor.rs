//! The kernel floor: a server that sends back what it reads, and does nothing else: datagrams in batches, streams with one
//! read and one write each time.
//!
//! What it costs is what the kernel charges anyone for a query and a reply; the rest is a name server's own.

use std::convert::Infallible;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::{collections::HashMap, thread};

use crate::batch::Batch;

/// Sockets told of by one system call.
const EVENTS: usize = 64;

/// Echoes on the loopback port until the process is killed.
pub(crate) fn serve(port: u16) -> io::Result<Infallible> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    thread::spawn(move || echo_streams(&listener));
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port))?;
    let mut batch = Batch::new();
    loop {
        batch.receive(&socket, true)?;
        batch.send(&socket)?;
    }
}

/// Accepts connections and sends back what comes on them, on one thread.
fn echo_streams(listener: &TcpListener) -> io::Result<Infallible> {
    listener.set_nonblocking(true)?;
    let epoll = Epoll::new()?;
    epoll.add(listener.as_raw_fd())?;
    let mut streams: HashMap<RawFd, TcpStream> = HashMap::new();
    let mut buffer = vec![0; 1 << 16];
    let mut ready = Vec::with_capacity(EVENTS);
    loop {
        epoll.wait(&mut ready)?;
        for &fd in &ready {
            if fd == listener.as_raw_fd() {
                while let Ok((stream, _)) = listener.accept() {
                    stream.set_nonblocking(true)?;
                    stream.set_nodelay(true)?;
                    epoll.add(stream.as_raw_fd())?;
                    streams.insert(stream.as_raw_fd(), stream);
                }
            } else if let Some(stream) = streams.get_mut(&fd) {
                match stream.read(&mut buffer) {
                    Ok(octets) if octets > 0 && stream.write_all(&buffer[..octets]).is_ok() => {}
                    // To close a socket takes it out of the set.
                    _ => drop(streams.remove(&fd)),
                }
            }
        }
    }
}

/// A set of sockets, and which of them have something to be read.
struct Epoll(OwnedFd);

impl Epoll {
    fn new() -> io::Result<Self> {
        // SAFETY: takes a number alone.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        // SAFETY: a descriptor that was just made, and that nobody else owns.
        if fd < 0 { Err(io::Error::last_os_error()) } else { Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) })) }
    }

    fn add(&self, fd: RawFd) -> io::Result<()> {
        let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: fd as u64 };
        // SAFETY: the kernel reads one `epoll_event`.
        let result = unsafe { libc::epoll_ctl(self.0.as_raw_fd(), libc::EPOLL_CTL_ADD, fd, &raw mut event) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Waits, and puts those that have something in `ready`.
    fn wait(&self, ready: &mut Vec<RawFd>) -> io::Result<()> {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; EVENTS];
        // SAFETY: an array of that many `epoll_event`, ours alone.
        let count = unsafe { libc::epoll_wait(self.0.as_raw_fd(), events.as_mut_ptr(), EVENTS as i32, -1) };
        ready.clear();
        match usize::try_from(count) {
            Ok(count) => ready.extend(events[..count].iter().map(|event| event.u64 as RawFd)),
            Err(_) => match io::Error::last_os_error() {
                error if error.kind() == io::ErrorKind::Interrupted => {}
                error => return Err(error),
            },
        }
        Ok(())
    }
}
