//! A batch at the system call: reads many datagrams into a [`Batch`] with one call and sends its replies with another.
//!
//! Does not know who answers, when to read or when to stop. All pointers that the kernel is given are wired once.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::io;
use std::mem::size_of;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::{NonNull, null_mut};

use libc::{c_int, c_uint, cmsghdr, in_pktinfo, in6_pktinfo, iovec, mmsghdr, sockaddr_in, sockaddr_in6, socklen_t};

use crate::base::limits::{BATCH, DATAGRAM_OCTETS};
use crate::net::{Batch, Peer, Transport, Verdict};

/// Octets for the control message of one datagram: one `IPV6_PKTINFO` with its header takes 40, an `IP_PKTINFO` 32.
const CONTROL_OCTETS: usize = 48;

const _: () = assert!(size_of::<cmsghdr>() + size_of::<in6_pktinfo>() <= CONTROL_OCTETS);

/// A batch and the headers through which the kernel fills and empties it.
pub(super) struct Datagrams {
    /// The queries that the last [`receive`](Self::receive) took, and room for their replies.
    pub(super) batch: Batch,
    headers: NonNull<Headers>,
    /// How many receive headers the kernel may have written to since they were last made ready.
    used: usize,
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
    pub(super) fn new() -> Self {
        let layout = Layout::new::<Headers>();
        // SAFETY: the layout's size is not zero.
        let headers = NonNull::new(unsafe { alloc_zeroed(layout) }.cast::<Headers>());
        let datagrams =
            Self { batch: Batch::new(), headers: headers.unwrap_or_else(|| handle_alloc_error(layout)), used: BATCH };
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
                (*headers).replies[slot].msg_hdr.msg_iov = &raw mut (*headers).reply_parts[slot];
                (*headers).replies[slot].msg_hdr.msg_iovlen = 1;
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
            header.msg_controllen = CONTROL_OCTETS;
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
        let count = self.address_replies();
        let mut sent = Sent::default();
        while sent.replies + sent.failures < count {
            let done = sent.replies + sent.failures;
            // SAFETY: the headers from `done` up to `count` were filled by `address_replies`; their names, control
            // messages and reply buffers are alive and unchanged.
            let result = unsafe {
                let first = (&raw mut (*self.headers.as_ptr()).replies).cast::<mmsghdr>().add(done);
                let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
                libc::sendmmsg(socket.as_raw_fd(), first, (count - done) as c_uint, flags as _)
            };
            match usize::try_from(result) {
                Ok(replies) if replies > 0 => sent.replies += replies,
                Ok(_) => sent.failures = count - sent.replies,
                Err(_) => match io::Error::last_os_error().raw_os_error() {
                    Some(libc::EINTR) => {}
                    // The queue below is full, and so it will be for the others: to insist would be to spin.
                    Some(libc::EAGAIN | libc::ENOBUFS | libc::ENOMEM) => sent.failures = count - sent.replies,
                    // The first of them cannot be sent (no route, a firewall's rule): the others may.
                    _ => sent.failures += 1,
                },
            }
        }
        sent
    }

    /// Fills one send header per settled reply and returns their number.
    fn address_replies(&mut self) -> usize {
        let headers = self.headers.as_ptr();
        let mut count = 0;
        for index in 0..self.batch.len() {
            let Verdict::Reply(octets) = self.batch.verdict(index) else { continue };
            let slot = self.batch.slot(index);
            // SAFETY: `headers` is alive and ours alone; `slot`, `index` and `count` are below `BATCH`; `octets` is at
            // most the length of a reply buffer, which `Replies::settle` asserts.
            unsafe {
                let asked = &(*headers).queries[slot].msg_hdr;
                let (name, name_octets) = (asked.msg_name, asked.msg_namelen);
                let (control, control_octets) = (asked.msg_control, asked.msg_controllen.min(CONTROL_OCTETS));
                if control_octets > 0 {
                    forget_interface(&mut (*headers).controls[slot], &(*headers).names[slot]);
                }
                (*headers).reply_parts[count] =
                    iovec { iov_base: self.batch.reply_pointer(index).cast(), iov_len: octets };
                let reply = &mut (*headers).replies[count].msg_hdr;
                (reply.msg_name, reply.msg_namelen) = (name, name_octets);
                reply.msg_control = if control_octets > 0 { control } else { null_mut() };
                reply.msg_controllen = control_octets;
            }
            count += 1;
        }
        count
    }
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
mod tests {
    use std::net::{IpAddr, UdpSocket};
    use std::os::fd::AsFd;
    use std::time::Duration;

    use super::*;

    fn pair(loopback: IpAddr) -> (UdpSocket, UdpSocket) {
        let [server, client] = [(); 2].map(|()| UdpSocket::bind((loopback, 0)).expect("a free port"));
        client.connect(server.local_addr().expect("bound")).expect("loopback");
        client.set_read_timeout(Some(Duration::from_secs(10))).expect("an option");
        (server, client)
    }

    fn reply_to_all(datagrams: &mut Datagrams) {
        let (queries, mut replies) = datagrams.batch.split();
        for index in 0..queries.len() {
            let query = queries.query(index);
            replies.buffer(index)[..query.len()].copy_from_slice(query);
            replies.settle(index, Verdict::Reply(query.len()));
        }
    }

    #[test]
    fn a_reply_that_cannot_be_sent_does_not_hold_up_the_others() {
        let (server, client) = pair(Ipv4Addr::LOCALHOST.into());
        let mut datagrams = Datagrams::new();
        for text in ["a", "b", "c"] {
            client.send(text.as_bytes()).expect("loopback");
        }
        let received = datagrams.receive(server.as_fd(), libc::MSG_WAITFORONE).expect("three datagrams");
        assert_eq!(received, Received { datagrams: 3, ..Received::default() });
        reply_to_all(&mut datagrams);
        // As if the second had come from a broadcast address: the kernel refuses to send there.
        // SAFETY: alive, and a `sockaddr_in` fits where a `sockaddr_in6` does.
        unsafe {
            let name = (&raw mut (*datagrams.headers.as_ptr()).names[1]).cast::<sockaddr_in>();
            (*name).sin_addr.s_addr = u32::MAX;
        }
        assert_eq!(datagrams.send(server.as_fd()), Sent { replies: 2, failures: 1 });
        let mut buffer = [0; 8];
        for expected in ["a", "c"] {
            let octets = client.recv(&mut buffer).expect("a reply");
            assert_eq!(&buffer[..octets], expected.as_bytes());
        }
    }

    #[test]
    fn a_batch_is_ready_for_the_next_whatever_the_last_one_left() {
        let pairs = [pair(Ipv4Addr::LOCALHOST.into()), pair(Ipv6Addr::LOCALHOST.into())];
        let mut datagrams = Datagrams::new();
        for (round, (server, client)) in [1, BATCH, 2, BATCH + 1, 1, 3, 3].into_iter().zip(pairs.iter().cycle()) {
            for i in 0..round {
                client.send(&[i as u8; 3]).expect("loopback");
            }
            let mut left = round;
            while left > 0 {
                let received = datagrams.receive(server.as_fd(), libc::MSG_WAITFORONE).expect("datagrams");
                assert_eq!(received.datagrams, left.min(BATCH));
                left -= received.datagrams;
                let own = client.local_addr().expect("bound");
                let queries = datagrams.batch.split().0;
                assert!((0..queries.len()).all(|i| queries.query(i).len() == 3 && queries.peer(i).addr == own));
            }
            assert!(datagrams.receive(server.as_fd(), libc::MSG_DONTWAIT).is_err());
            assert!(datagrams.batch.is_empty());
        }
    }

    #[test]
    fn names_are_read_as_the_family_says_and_as_far_as_written() {
        // SAFETY: all zeroes is a valid `sockaddr_in6`.
        let mut name: sockaddr_in6 = unsafe { std::mem::zeroed() };
        assert_eq!(read_name(&name, 0), None);
        assert_eq!(read_name(&name, 28), None);
        name.sin6_family = libc::AF_INET6 as u16;
        name.sin6_port = 53_u16.to_be();
        name.sin6_addr.s6_addr = Ipv6Addr::LOCALHOST.octets();
        name.sin6_scope_id = 7;
        assert_eq!(read_name(&name, 28), Some(SocketAddrV6::new(Ipv6Addr::LOCALHOST, 53, 0, 7).into()));
        assert_eq!(read_name(&name, 16), None);
        name.sin6_family = libc::AF_INET as u16;
        name.sin6_flowinfo = u32::from(Ipv4Addr::LOCALHOST).to_be();
        assert_eq!(read_name(&name, 16), Some(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 53).into()));
        assert_eq!(read_name(&name, 8), None);
    }
}
