//! A batch at the system call: reads many datagrams into a [`Batch`] with one call and sends its replies with another.
//!
//! Does not know who answers, when to read or when to stop. All pointers that the kernel is given are wired once.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::io;
use std::mem::size_of;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::ops::Range;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::{NonNull, null_mut};

use libc::{c_int, c_uint, cmsghdr, in_pktinfo, in6_pktinfo, iovec, mmsghdr, sockaddr_in, sockaddr_in6, socklen_t};

use super::trains::Trains;
use crate::base::limits::{BATCH, DATAGRAM_OCTETS};
use crate::net::{Batch, Peer, Transport, Verdict};

/// Octets for the control message that comes with a datagram: one `IPV6_PKTINFO` with its header takes 40, an
/// `IP_PKTINFO` 32.
const RECEIVED_CONTROL_OCTETS: usize = 48;

/// Octets for the control message that says where replies are to be cut: a header and an `u16`, padded.
const SEGMENT_CONTROL_OCTETS: usize = 24;

/// Octets for the control messages of one datagram, in either direction.
const CONTROL_OCTETS: usize = RECEIVED_CONTROL_OCTETS + SEGMENT_CONTROL_OCTETS;

const _: () = assert!(size_of::<cmsghdr>() + size_of::<in6_pktinfo>() <= RECEIVED_CONTROL_OCTETS);
const _: () = assert!(size_of::<cmsghdr>() + size_of::<u16>() <= SEGMENT_CONTROL_OCTETS);

/// A batch and the headers through which the kernel fills and empties it.
pub(super) struct Datagrams {
    /// The queries that the last [`receive`](Self::receive) took, and room for their replies.
    pub(super) batch: Batch,
    headers: NonNull<Headers>,
    /// How many receive headers the kernel may have written to since they were last made ready.
    used: usize,
    trains: Trains,
    /// Whether the kernel cuts what leaves in one piece into replies. Not tried again once it refused.
    segments: bool,
}

/// What one [`Datagrams::receive`] found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Received {
    /// Datagrams taken from the socket.
    pub(super) datagrams: usize,
    /// Those of them that were larger than a buffer and are not in the batch.
    pub(super) oversized: usize,
    /// Those of them that no reply can reach (source port 0) and are not in the batch.
    pub(super) unanswerable: usize,
}

/// What one [`Datagrams::send`] did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    /// Replies that the kernel took.
    pub(super) replies: usize,
    /// Replies that it refused; they are lost.
    pub(super) failures: usize,
}

/// Everything the kernel reads and writes beside the octets of the messages. All zeroes is a valid value.
struct Headers {
    names: [sockaddr_in6; BATCH],
    controls: [Control; BATCH],
    query_parts: [iovec; BATCH],
    queries: [mmsghdr; BATCH],
    reply_parts: [iovec; BATCH],
    replies: [mmsghdr; BATCH],
}

/// Room for one control message, aligned as its header needs.
#[repr(C, align(8))]
struct Control([u8; CONTROL_OCTETS]);

// SAFETY: `headers` has no other owner, and what it points to is in it or in `batch`, which moves along.
unsafe impl Send for Datagrams {}

impl Datagrams {
    /// With `segments` replies of one length to one address leave as one: see [`cuts_segments`].
    pub(super) fn new(segments: bool) -> Self {
        let layout = Layout::new::<Headers>();
        // SAFETY: the layout's size is not zero.
        let headers = NonNull::new(unsafe { alloc_zeroed(layout) }.cast::<Headers>());
        let datagrams = Self {
            batch: Batch::new(),
            headers: headers.unwrap_or_else(|| handle_alloc_error(layout)),
            used: BATCH,
            trains: Trains::new(),
            segments,
        };
        let headers = datagrams.headers.as_ptr();
        for slot in 0..BATCH {
            // SAFETY: `headers` is alive, zeroed (so valid) and ours alone; all indexes are below `BATCH`. The
            // pointers stored stay valid: neither the headers nor the batch's buffers ever move.
            unsafe {
                (*headers).query_parts[slot] =
                    iovec { iov_base: datagrams.batch.receive_pointer(slot).cast(), iov_len: DATAGRAM_OCTETS };
                (*headers).queries[slot].msg_hdr.msg_name = (&raw mut (*headers).names[slot]).cast();
                (*headers).queries[slot].msg_hdr.msg_control = (&raw mut (*headers).controls[slot]).cast();
                (*headers).queries[slot].msg_hdr.msg_iov = &raw mut (*headers).query_parts[slot];
                (*headers).queries[slot].msg_hdr.msg_iovlen = 1;
            }
        }
        datagrams
    }

    /// Puts the datagrams that wait at `socket` in the batch, at most [`BATCH`], in place of what it held.
    ///
    /// `flags` says whether to wait for the first: `MSG_WAITFORONE` or `MSG_DONTWAIT`.
    pub(super) fn receive(&mut self, socket: BorrowedFd<'_>, flags: c_int) -> io::Result<Received> {
        self.batch.clear();
        let headers = self.headers.as_ptr();
        for slot in 0..self.used {
            // SAFETY: `headers` is alive and ours alone; `used` is at most `BATCH`.
            let header = unsafe { &mut (*headers).queries[slot].msg_hdr };
            header.msg_namelen = size_of::<sockaddr_in6>() as socklen_t;
            header.msg_controllen = RECEIVED_CONTROL_OCTETS;
            header.msg_flags = 0;
        }
        self.used = 0;
        // SAFETY: the array has `BATCH` headers, each wired in `new` to a name, a control buffer and a receive buffer
        // of the lengths they state; nothing borrows from the batch while we hold it mutably.
        let count = unsafe {
            let first = (&raw mut (*headers).queries).cast::<mmsghdr>();
            libc::recvmmsg(socket.as_raw_fd(), first, BATCH as c_uint, flags as _, null_mut())
        };
        let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
        self.used = (count + 1).min(BATCH);
        let mut received = Received::default();
        for slot in 0..count {
            self.take(slot, &mut received);
        }
        Ok(received)
    }

    /// Admits the datagram in `slot` to the batch, if it can be a query.
    fn take(&mut self, slot: usize, received: &mut Received) {
        // SAFETY: alive, ours alone, and not written by the kernel outside of a call.
        let (header, name) = unsafe {
            let headers = self.headers.as_ptr();
            (&(*headers).queries[slot], &(*headers).names[slot])
        };
        // A socket that was shut down "receives" a message from nobody.
        let Some(addr) = read_name(name, header.msg_hdr.msg_namelen) else { return };
        received.datagrams += 1;
        if header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0 {
            received.oversized += 1;
        } else if addr.port() == 0 {
            received.unanswerable += 1;
        } else {
            let octets = (header.msg_len as usize).min(DATAGRAM_OCTETS);
            self.batch.admit(slot, octets, Peer { addr, transport: Transport::Udp });
        }
    }

    /// Sends every settled reply of the batch, each from the address that was asked. Never waits and never retries a
    /// reply that the kernel refused: the client asks again.
    pub(super) fn send(&mut self, socket: BorrowedFd<'_>) -> Sent {
        let mut sent = Sent::default();
        let mut done = 0;
        let mut count = self.address_replies();
        while done < count {
            // SAFETY: the headers from `done` up to `count` were filled by `address_replies`; their names, control
            // messages and reply buffers are alive and unchanged.
            let result = unsafe {
                let first = (&raw mut (*self.headers.as_ptr()).replies).cast::<mmsghdr>().add(done);
                let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
                libc::sendmmsg(socket.as_raw_fd(), first, (count - done) as c_uint, flags as _)
            };
            match usize::try_from(result) {
                Ok(taken) if taken > 0 => {
                    sent.replies += self.replies_in(done..done + taken);
                    done += taken;
                }
                Ok(_) => {
                    sent.failures += self.replies_in(done..count);
                    done = count;
                }
                Err(_) => match io::Error::last_os_error().raw_os_error() {
                    Some(libc::EINTR) => {}
                    // The queue below is full, and so it will be for the others: to insist would be to spin.
                    Some(libc::EAGAIN | libc::ENOBUFS | libc::ENOMEM) => {
                        sent.failures += self.replies_in(done..count);
                        done = count;
                    }
                    // What cannot be cut (a tunnel, a small MTU) may leave one by one, from now on.
                    Some(libc::EINVAL | libc::EIO) if self.replies_in(done..done + 1) > 1 => {
                        tracing::debug!("the kernel does not cut replies here: they leave one by one");
                        self.segments = false;
                        Range { start: done, end: count } = self.uncouple(done, count);
                    }
                    // The first of them cannot be sent (no route, a firewall's rule): the others may.
                    _ => {
                        sent.failures += self.replies_in(done..done + 1);
                        done += 1;
                    }
                },
            }
        }
        sent
    }

    /// How many replies the send headers in `range` carry.
    fn replies_in(&self, range: Range<usize>) -> usize {
        // SAFETY: alive, ours alone; callers pass ranges below `BATCH`.
        unsafe {
            let headers = &*self.headers.as_ptr();
            headers.replies[range].iter().map(|reply| reply.msg_hdr.msg_iovlen).sum()
        }
    }

    /// Fills the send headers for all settled replies, and returns how many headers there are: one per train.
    fn address_replies(&mut self) -> usize {
        self.sort_replies();
        let (mut count, mut start) = (0, 0);
        while start < self.trains.len() {
            let end = if self.segments { self.train_end(start) } else { start + 1 };
            self.address(count, start..end);
            (count, start) = (count + 1, end);
        }
        count
    }

    /// Puts the settled replies in the order in which they leave.
    fn sort_replies(&mut self) {
        self.trains.clear();
        let queries = self.batch.queries();
        for index in 0..queries.len() {
            if let Verdict::Reply(octets) = self.batch.verdict(index) {
                let client = if self.segments { hash(queries.peer(index).addr, self.control(index)) } else { 0 };
                self.trains.add(index, client, octets);
            }
        }
        if self.segments {
            self.trains.sort();
        }
    }

    /// Where the train ends whose first reply leaves at `start`: all of it goes to the same client, from the same
    /// address of ours.
    fn train_end(&self, start: usize) -> usize {
        let queries = self.batch.queries();
        self.trains.end(start, |first, index| {
            queries.peer(first).addr == queries.peer(index).addr && self.control(first) == self.control(index)
        })
    }

    /// What the kernel said about the way of query `index`: which address of ours was asked, if it was to tell.
    fn control(&self, index: usize) -> &[u8] {
        let slot = self.batch.slot(index);
        // SAFETY: alive, ours alone, and not written by the kernel outside of a call.
        let headers = unsafe { &*self.headers.as_ptr() };
        let octets = headers.queries[slot].msg_hdr.msg_controllen.min(RECEIVED_CONTROL_OCTETS);
        &headers.controls[slot].0[..octets]
    }

    /// Fills send header `number` for the replies that leave at `positions`, all of them the way of the first.
    fn address(&mut self, number: usize, positions: Range<usize>) {
        // SAFETY: alive and ours alone.
        let headers = unsafe { &mut *self.headers.as_ptr() };
        let (first, segment) = self.trains.reply(positions.start);
        let slot = self.batch.slot(first);
        let asked = headers.queries[slot].msg_hdr;
        let mut control_octets = asked.msg_controllen.min(RECEIVED_CONTROL_OCTETS);
        let control = &mut headers.controls[slot];
        if control_octets > 0 {
            forget_interface(control, &headers.names[slot]);
        }
        if positions.len() > 1 {
            cut_at(control, control_octets, segment as u16);
            control_octets += SEGMENT_CONTROL_OCTETS;
        }
        for position in positions.clone() {
            let (index, octets) = self.trains.reply(position);
            headers.reply_parts[position] = iovec { iov_base: self.batch.reply_pointer(index).cast(), iov_len: octets };
        }
        let reply = &mut headers.replies[number].msg_hdr;
        (reply.msg_name, reply.msg_namelen) = (asked.msg_name, asked.msg_namelen);
        (reply.msg_control, reply.msg_controllen) = (asked.msg_control, control_octets);
        (reply.msg_iov, reply.msg_iovlen) = (&raw mut headers.reply_parts[positions.start], positions.len());
    }

    /// Gives each reply of the send headers from `done` up to `count` a header of its own. Returns the range of these.
    fn uncouple(&mut self, done: usize, count: usize) -> Range<usize> {
        let (start, end) = (self.replies_in(0..done), self.replies_in(0..count));
        // SAFETY: alive and ours alone.
        let headers = unsafe { &mut *self.headers.as_ptr() };
        let mut to = end;
        // From the end: a reply's own header never stands in front of its train's.
        for from in (done..count).rev() {
            let train = headers.replies[from].msg_hdr;
            for part in (0..train.msg_iovlen).rev() {
                to -= 1;
                let reply = &mut headers.replies[to].msg_hdr;
                *reply = train;
                // SAFETY: `part` is one of the parts that this pointer and length stand for.
                reply.msg_iov = unsafe { train.msg_iov.add(part) };
                reply.msg_iovlen = 1;
                if train.msg_iovlen > 1 {
                    reply.msg_controllen -= SEGMENT_CONTROL_OCTETS;
                }
            }
        }
        start..end
    }
}

/// Adds to the `used` octets of `control` that what is sent is to be cut every `octets`.
fn cut_at(control: &mut Control, used: usize, octets: u16) {
    assert!(used <= RECEIVED_CONTROL_OCTETS && used.is_multiple_of(8), "the kernel pads what it writes");
    // SAFETY: `Control` is aligned for a `cmsghdr`, so with a multiple of 8 behind it too, and has room for this one
    // behind what was received (asserted above).
    unsafe {
        let header = (&raw mut *control).cast::<u8>().add(used).cast::<cmsghdr>();
        (*header).cmsg_level = libc::SOL_UDP;
        (*header).cmsg_type = libc::UDP_SEGMENT;
        (*header).cmsg_len = libc::CMSG_LEN(size_of::<u16>() as c_uint) as _;
        libc::CMSG_DATA(header).cast::<u16>().write(octets);
    }
}

/// A number that is the same for the same client and the same address of ours.
fn hash(peer: SocketAddr, control: &[u8]) -> u64 {
    let ip = match peer.ip() {
        IpAddr::V4(ip) => u64::from(ip.to_bits()),
        IpAddr::V6(ip) => ip.to_bits() as u64 ^ (ip.to_bits() >> 64) as u64,
    };
    let asked =
        control.iter().skip(size_of::<cmsghdr>()).fold(0_u64, |hash, &octet| hash.rotate_left(5) ^ u64::from(octet));
    ip ^ u64::from(peer.port()) << 32 ^ asked << 16
}

/// Whether the kernel knows how to cut what leaves `socket` into datagrams (`UDP_SEGMENT`, Linux 4.18).
///
/// To be asked first: an older one would take the request for none of its business and send one large datagram.
pub(super) fn cuts_segments(socket: BorrowedFd<'_>) -> bool {
    let (mut value, mut octets): (c_int, _) = (0, size_of::<c_int>() as socklen_t);
    // SAFETY: the kernel writes at most `octets` octets to `value`, and their number to `octets`.
    let result = unsafe {
        let value = (&raw mut value).cast();
        libc::getsockopt(socket.as_raw_fd(), libc::SOL_UDP, libc::UDP_SEGMENT, value, &raw mut octets)
    };
    result == 0
}

impl Drop for Datagrams {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout; `Headers` has nothing to drop.
        unsafe { dealloc(self.headers.as_ptr().cast(), Layout::new::<Headers>()) };
    }
}

/// The address in `name`, of which the kernel wrote `octets`; `None` if it wrote no Internet address.
#[inline]
fn read_name(name: &sockaddr_in6, octets: socklen_t) -> Option<SocketAddr> {
    let octets = octets as usize;
    if octets >= size_of::<sockaddr_in6>() && c_int::from(name.sin6_family) == libc::AF_INET6 {
        let ip = Ipv6Addr::from(name.sin6_addr.s6_addr);
        let port = u16::from_be(name.sin6_port);
        return Some(SocketAddrV6::new(ip, port, name.sin6_flowinfo, name.sin6_scope_id).into());
    }
    if octets >= size_of::<sockaddr_in>() && c_int::from(name.sin6_family) == libc::AF_INET {
        // SAFETY: the kernel says that this is a `sockaddr_in`, which is smaller and no stricter in alignment than the
        // `sockaddr_in6` it was written into.
        let name = unsafe { &*(&raw const *name).cast::<sockaddr_in>() };
        let ip = Ipv4Addr::from(u32::from_be(name.sin_addr.s_addr));
        return Some(SocketAddrV4::new(ip, u16::from_be(name.sin_port)).into());
    }
    None
}

/// Turns the control message that came with a query into the one that goes with its reply.
///
/// It already names the address that was asked as the one to send from. The interface it came by must go, so that the
/// routing table chooses: the way back need not be the way there. Link-local clients are on that interface alone.
#[inline]
fn forget_interface(control: &mut Control, name: &sockaddr_in6) {
    let bytes = (&raw mut *control).cast::<u8>();
    // SAFETY: `Control` is aligned for a `cmsghdr`, large enough for one with either of the two structures (asserted
    // above), and initialised; `CMSG_DATA` adds the header's size, which leaves 4-octet alignment.
    unsafe {
        let header = bytes.cast::<cmsghdr>();
        let data = libc::CMSG_DATA(header);
        match ((*header).cmsg_level, (*header).cmsg_type) {
            (libc::IPPROTO_IP, libc::IP_PKTINFO) => (*data.cast::<in_pktinfo>()).ipi_ifindex = 0,
            (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
                let client = Ipv6Addr::from(name.sin6_addr.s6_addr);
                if !client.is_unicast_link_local() {
                    (*data.cast::<in6_pktinfo>()).ipi6_ifindex = 0;
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
#[path = "datagrams_tests.rs"]
mod tests;
