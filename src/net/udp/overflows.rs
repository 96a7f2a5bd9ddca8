//! What the kernel dropped because nobody read it in time: datagrams for which a receive buffer had no room.
//!
//! Each socket has a number of them, which is asked for once a second (`SO_MEMINFO`, Linux 4.12). To have it told with
//! each datagram (`SO_RXQ_OVFL`) would cost each of them a control message.
//!
//! Does not know who adds the numbers up.

use std::io;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::Instant;

use libc::socklen_t;
use socket2::Socket;

use crate::base::limits::IDLE_REFRESH;

/// How many numbers `SO_MEMINFO` gives, and which of them tells what was dropped (linux/sock_diag.h).
const MEMINFO_NUMBERS: usize = 9;
const MEMINFO_DROPS: usize = 8;

/// How far the numbers of some sockets have been counted.
#[derive(Debug)]
pub(super) struct Overflows {
    /// For each socket its number when it was last asked for. It begins with 0, so what was lost while zones were loaded
    /// and nobody read counts too.
    seen: Vec<u32>,
    next_look: Instant,
}

impl Overflows {
    /// For so many sockets, of which none has been asked yet.
    pub(super) fn new(sockets: usize) -> Self {
        Self { seen: vec![0; sockets], next_look: Instant::now() }
    }

    /// Whether it is time to [count](Self::count).
    #[inline]
    pub(super) fn is_due(&self, now: Instant) -> bool {
        now >= self.next_look
    }

    /// How many datagrams were dropped since this was asked last.
    pub(super) fn count(&mut self, sockets: &[Arc<Socket>], now: Instant) -> u64 {
        self.next_look = now + IDLE_REFRESH;
        let mut fresh = 0;
        for (socket, seen) in sockets.iter().zip(&mut self.seen) {
            match dropped(socket) {
                Ok(now) => fresh += u64::from(now.wrapping_sub(std::mem::replace(seen, now))),
                Err(error) => tracing::debug!(%error, "what a UDP socket has lost is not known"),
            }
        }
        fresh
    }
}

/// The number of datagrams that `socket` has lost since it was opened, modulo 2^32.
fn dropped(socket: &Socket) -> io::Result<u32> {
    let mut numbers = [0_u32; MEMINFO_NUMBERS];
    let mut octets = size_of_val(&numbers) as socklen_t;
    // SAFETY: the kernel writes at most `octets` octets to `numbers`, for which every value is valid, and the number of
    // octets that it wrote to `octets`.
    let result = unsafe {
        let (numbers, octets) = (numbers.as_mut_ptr().cast(), &raw mut octets);
        libc::getsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_MEMINFO, numbers, octets)
    };
    if result == 0 { Ok(numbers[MEMINFO_DROPS]) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, UdpSocket};

    use super::*;

    #[test]
    fn what_a_full_buffer_had_no_room_for_is_counted_once() {
        let [busy, idle, client] = [(); 3].map(|()| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port"));
        let to = busy.local_addr().expect("bound");
        let sockets = [busy, idle].map(|socket| Arc::new(Socket::from(socket)));
        sockets[0].set_recv_buffer_size(4_096).expect("an option");
        let mut overflows = Overflows::new(sockets.len());
        let now = Instant::now();
        assert!(overflows.is_due(now));
        assert_eq!(overflows.count(&sockets, now), 0);
        assert!(!overflows.is_due(now) && overflows.is_due(now + IDLE_REFRESH));
        for _ in 0..2 {
            (0..100).for_each(|_| assert_eq!(client.send_to(b"query", to).ok(), Some(5)));
            sockets[0].set_nonblocking(true).expect("an option");
            let read = std::iter::from_fn(|| sockets[0].recv(&mut [std::mem::MaybeUninit::uninit(); 16]).ok()).count();
            assert!(read > 0 && read < 100, "{read} of 100 found room");
            assert_eq!(overflows.count(&sockets, now), 100 - read as u64);
            assert_eq!(overflows.count(&sockets, now), 0);
        }
    }
}
