//! Ports for servers to listen on.
//!
//! Does not keep them: who waits too long may find one taken.

use std::io;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};

/// A loopback port that is free for UDP and TCP.
pub(crate) fn free_port() -> io::Result<u16> {
    loop {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = udp.local_addr()?.port();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
}
