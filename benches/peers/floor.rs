//! The kernel floor: a server that reads a batch of datagrams and sends it back, and does nothing else.
//!
//! What it costs is what the kernel charges anyone for a query and a reply; the rest is a name server's own.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};

use crate::batch::Batch;

/// Echoes on the loopback port until the process is killed.
pub(crate) fn serve(port: u16) -> io::Result<Infallible> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, port))?;
    let mut batch = Batch::new();
    loop {
        batch.receive(&socket, true)?;
        batch.send(&socket)?;
    }
}
