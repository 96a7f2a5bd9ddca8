//! Queries as datagrams: connected sockets, a batch for each system call.
//!
//! Knows neither what it carries nor how fast it should.

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::time::Instant;

use socket2::SockRef;

use crate::batch::Batch;
use crate::generator::Carrier;
use crate::ledger::Ledger;

/// What the socket's queue may hold, so that it is never the generator that loses a reply.
const QUEUE_OCTETS: usize = 4 << 20;

pub(crate) struct Datagrams {
    sockets: Vec<UdpSocket>,
    /// The socket that sends next.
    turn: usize,
    received: Batch,
    sending: Batch,
}

impl Datagrams {
    pub(crate) fn connect(port: u16, clients: usize) -> io::Result<Self> {
        let connect = |_| {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
            SockRef::from(&socket).set_recv_buffer_size(QUEUE_OCTETS)?;
            socket.connect((Ipv4Addr::LOCALHOST, port))?;
            Ok(socket)
        };
        let sockets = (0..clients).map(connect).collect::<io::Result<_>>()?;
        Ok(Self { sockets, turn: 0, received: Batch::new(), sending: Batch::new() })
    }

    fn send_from_one(&mut self, count: usize, ledger: &mut Ledger<'_>, now: Instant) -> io::Result<()> {
        self.sending.clear();
        for _ in 0..count {
            let (id, query) = ledger.ask(now);
            self.sending.push(id, query);
        }
        self.turn = (self.turn + 1) % self.sockets.len();
        self.sending.send(&self.sockets[self.turn])
    }
}

impl Carrier for Datagrams {
    fn receive(&mut self, ledger: &mut Ledger<'_>) -> io::Result<usize> {
        let mut replies = 0;
        for socket in &self.sockets {
            let fresh = self.received.receive(socket, false)?;
            if fresh > 0 {
                let now = Instant::now();
                self.received.datagrams().for_each(|reply| ledger.settle(reply, now));
                replies += fresh;
            }
        }
        Ok(replies)
    }

    fn send(&mut self, count: usize, ledger: &mut Ledger<'_>, now: Instant) -> io::Result<usize> {
        let share = count.div_ceil(self.sockets.len());
        for start in (0..count).step_by(share) {
            self.send_from_one(share.min(count - start), ledger, now)?;
        }
        Ok(count)
    }
}
