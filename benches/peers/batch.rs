//! Datagrams in batches: `recvmmsg` and `sendmmsg` behind a safe face, for the load generator and the kernel floor.
//!
//! Knows nothing of what is in a datagram.

use std::io;
use std::mem;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

/// Datagrams per system call: what Gannet's workers use, so that the floor is a floor for them.
pub(crate) const BATCH: usize = 64;

/// Room per datagram: more than the payload size that the servers are configured to use.
const ROOM: usize = 2_048;

/// Buffers, addresses and headers for one system call's worth of datagrams.
pub(crate) struct Batch {
    octets: Vec<u8>,
    /// Only the kernel reads and writes these, through `headers`.
    _names: Vec<libc::sockaddr_storage>,
    iovecs: Vec<libc::iovec>,
    headers: Vec<libc::mmsghdr>,
    /// Datagrams that are in the buffers.
    filled: usize,
}

impl Batch {
    pub(crate) fn new() -> Self {
        let mut octets = vec![0u8; BATCH * ROOM];
        // SAFETY: both are plain C structures for which zero octets are a valid value.
        let (name, header): (libc::sockaddr_storage, libc::mmsghdr) = unsafe { (mem::zeroed(), mem::zeroed()) };
        let mut names = vec![name; BATCH];
        let mut iovecs: Vec<libc::iovec> = octets
            .chunks_mut(ROOM)
            .map(|room| libc::iovec { iov_base: room.as_mut_ptr().cast(), iov_len: ROOM })
            .collect();
        let mut headers = vec![header; BATCH];
        for ((header, iovec), name) in headers.iter_mut().zip(&mut iovecs).zip(&mut names) {
            header.msg_hdr.msg_iov = iovec;
            header.msg_hdr.msg_iovlen = 1;
            header.msg_hdr.msg_name = (&raw mut *name).cast();
        }
        Self { octets, _names: names, iovecs, headers, filled: 0 }
    }

    /// Fills the batch with what has arrived. With `wait` it sleeps until there is a datagram, else it may find none.
    pub(crate) fn receive(&mut self, socket: &UdpSocket, wait: bool) -> io::Result<usize> {
        for (header, iovec) in self.headers.iter_mut().zip(&mut self.iovecs) {
            iovec.iov_len = ROOM;
            header.msg_hdr.msg_namelen = size_of::<libc::sockaddr_storage>() as u32;
        }
        let flags = if wait { libc::MSG_WAITFORONE } else { libc::MSG_DONTWAIT };
        // SAFETY: the headers point into `octets`, `_names` and `iovecs`, vectors of BATCH entries that this value owns
        // and never resizes; the kernel writes at most ROOM octets to each.
        let count = unsafe {
            libc::recvmmsg(socket.as_raw_fd(), self.headers.as_mut_ptr(), BATCH as u32, flags, std::ptr::null_mut())
        };
        self.filled = match count {
            0.. => count as usize,
            _ => match io::Error::last_os_error() {
                error if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => 0,
                error => return Err(error),
            },
        };
        for (header, iovec) in self.headers.iter().zip(&mut self.iovecs).take(self.filled) {
            iovec.iov_len = header.msg_len as usize;
        }
        Ok(self.filled)
    }

    /// The datagrams that were received or pushed.
    pub(crate) fn datagrams(&self) -> impl Iterator<Item = &[u8]> {
        let lengths = self.iovecs.iter().map(|iovec| iovec.iov_len);
        self.octets.chunks(ROOM).zip(lengths).take(self.filled).map(|(room, length)| &room[..length])
    }

    /// Empties the batch, for `push`.
    pub(crate) fn clear(&mut self) {
        self.filled = 0;
    }

    /// Adds a datagram for a connected socket with its first two octets replaced by `id`. The batch must have room.
    pub(crate) fn push(&mut self, id: u16, message: &[u8]) {
        let start = self.filled * ROOM;
        self.octets[start..start + message.len()].copy_from_slice(message);
        self.octets[start..start + 2].copy_from_slice(&id.to_be_bytes());
        self.iovecs[self.filled].iov_len = message.len();
        self.headers[self.filled].msg_hdr.msg_namelen = 0;
        self.filled += 1;
    }

    /// Sends all datagrams, each to the address that it came from or, if pushed, to where the socket is connected.
    pub(crate) fn send(&mut self, socket: &UdpSocket) -> io::Result<()> {
        let mut sent = 0;
        while sent < self.filled {
            // SAFETY: as in `receive`; `sent` is below `filled`, which is at most BATCH.
            let count = unsafe {
                libc::sendmmsg(socket.as_raw_fd(), self.headers.as_mut_ptr().add(sent), (self.filled - sent) as u32, 0)
            };
            match count {
                0.. => sent += count as usize,
                _ => match io::Error::last_os_error() {
                    error if error.kind() == io::ErrorKind::Interrupted => {}
                    error => return Err(error),
                },
            }
        }
        Ok(())
    }
}
