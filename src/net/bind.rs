//! Opens sockets with the options that serving needs, and says in one line why one could not be opened.
//!
//! Does not read or write a message.

use std::fmt;
use std::io;
use std::mem::size_of;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;

use libc::{c_int, c_void, socklen_t};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::Transport;
use crate::base::limits::{TCP_BACKLOG, UDP_RECEIVE_BUFFER_OCTETS};

/// Why an address cannot be listened on. Its text is one line for the operator: address, transport and cause.
#[derive(Debug)]
pub struct BindError {
    /// The address that was asked for.
    pub addr: SocketAddr,
    /// The transport that was to be served there.
    pub transport: Transport,
    /// What the operating system said.
    pub cause: io::Error,
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let transport = match self.transport {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
        };
        write!(f, "cannot listen on {} over {transport}: ", self.addr)?;
        match self.cause.raw_os_error() {
            Some(libc::EADDRINUSE) => f.write_str("address already in use"),
            Some(libc::EACCES | libc::EPERM) if self.addr.port() < 1024 => {
                f.write_str("permission denied (ports below 1024 need CAP_NET_BIND_SERVICE)")
            }
            Some(libc::EADDRNOTAVAIL) => f.write_str("no network interface has this address"),
            Some(libc::EAFNOSUPPORT) if self.addr.is_ipv6() => f.write_str("the system has no IPv6"),
            _ => write!(f, "{}", self.cause),
        }
    }
}

impl std::error::Error for BindError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// Opens `count` sockets that share `addr`, and returns them with the address they got (port 0 takes a free one).
///
/// Sharing a port is something any process of the same user may join, silently, and then gets part of the queries. So
/// the address is first taken without sharing: that fails if another daemon has it.
pub(super) fn group(addr: SocketAddr, transport: Transport, count: usize) -> io::Result<(Vec<Socket>, SocketAddr)> {
    let alone = open(addr, transport, false)?;
    let addr = alone.local_addr()?.as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?;
    drop(alone);
    let mut sockets = Vec::with_capacity(count);
    for _ in 0..count {
        let socket = open(addr, transport, true)?;
        if transport == Transport::Tcp {
            socket.listen(TCP_BACKLOG)?;
        }
        sockets.push(socket);
    }
    Ok((sockets, addr))
}

/// Opens one socket and binds it. TCP sockets do not block and do not listen yet.
fn open(addr: SocketAddr, transport: Transport, shared: bool) -> io::Result<Socket> {
    let domain = Domain::for_address(addr);
    let socket = match transport {
        Transport::Udp => Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?,
        Transport::Tcp => Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?,
    };
    if addr.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if shared {
        socket.set_reuse_port(true)?;
    }
    match transport {
        Transport::Udp => prepare_udp(&socket, addr)?,
        Transport::Tcp => {
            // Old connections in TIME_WAIT must not keep a restarted server from its port.
            socket.set_reuse_address(true)?;
            socket.set_nonblocking(true)?;
            socket.set_tcp_nodelay(true)?; // inherited by what it accepts
        }
    }
    socket.bind(&SockAddr::from(addr))?;
    Ok(socket)
}

/// The options of a UDP socket. Only those without which replies would go wrong are errors.
fn prepare_udp(socket: &Socket, addr: SocketAddr) -> io::Result<()> {
    let octets = UDP_RECEIVE_BUFFER_OCTETS as c_int;
    // The first form passes over net.core.rmem_max and needs CAP_NET_ADMIN.
    if set(socket, libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, &octets).is_err() {
        let _ = socket.set_recv_buffer_size(UDP_RECEIVE_BUFFER_OCTETS);
    }
    let _ = socket.set_send_buffer_size(UDP_RECEIVE_BUFFER_OCTETS);
    // Forged ICMP "fragmentation needed" must not make us cut replies into fragments that others can be slipped into
    // (RFC 9715 section 3.1): take the interface's MTU and ignore what the path claims.
    let (level, discover, omit) = match addr {
        SocketAddr::V4(_) => (libc::IPPROTO_IP, libc::IP_MTU_DISCOVER, libc::IP_PMTUDISC_OMIT),
        SocketAddr::V6(_) => (libc::IPPROTO_IPV6, libc::IPV6_MTU_DISCOVER, libc::IPV6_PMTUDISC_OMIT),
    };
    if let Err(error) = set(socket, level, discover, &omit) {
        tracing::debug!(%error, %addr, "path MTU discovery stays on");
    }
    if addr.ip().is_unspecified() {
        // Learn which of our addresses was asked, to reply from it.
        let option = if addr.is_ipv4() { libc::IP_PKTINFO } else { libc::IPV6_RECVPKTINFO };
        set(socket, level, option, &1)?;
    }
    Ok(())
}

/// The octets of the receive buffer that `socket` got, if those are fewer than were asked for.
pub(super) fn missing_receive_buffer(socket: &Socket) -> Option<usize> {
    // The kernel tells twice what was asked for, as it counts its own overhead.
    let octets = socket.recv_buffer_size().ok()? / 2;
    (octets < UDP_RECEIVE_BUFFER_OCTETS).then_some(octets)
}

/// Makes the sockets that share the address of `socket` take the datagrams that arrive on core `first`, `first` + 1, …
/// in the order in which they were bound.
pub(super) fn steer_by_core(socket: &Socket, first: usize) -> io::Result<()> {
    let statement = |code: u32, k: u32| libc::sock_filter { code: code as u16, jt: 0, jf: 0, k };
    let this_core = (libc::SKF_AD_OFF + libc::SKF_AD_CPU) as u32;
    let mut program = [
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, this_core),
        statement(libc::BPF_ALU | libc::BPF_SUB | libc::BPF_K, first as u32),
        statement(libc::BPF_RET | libc::BPF_A, 0),
    ];
    // A result that is no socket's number falls back to the kernel's hash.
    let program = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    set(socket, libc::SOL_SOCKET, libc::SO_ATTACH_REUSEPORT_CBPF, &program)
}

/// Lets readers of `socket` watch the network card's queue for so long before they sleep.
pub(super) fn busy_poll(socket: &Socket, microseconds: u32) -> io::Result<()> {
    let microseconds = c_int::try_from(microseconds).map_err(|_| io::ErrorKind::InvalidInput)?;
    set(socket, libc::SOL_SOCKET, libc::SO_BUSY_POLL, &microseconds)
}

/// One line on why [`busy_poll`] was refused, and what to do about it.
pub(super) fn busy_poll_refusal(error: &io::Error) -> String {
    let cause = match error.raw_os_error() {
        Some(libc::EPERM) => "it needs CAP_NET_ADMIN, or net.core.busy_read set to as much".to_owned(),
        Some(libc::ENOPROTOOPT) => "this kernel has no busy polling".to_owned(),
        _ => error.to_string(),
    };
    format!("`busy-poll` in [udp] has no effect: {cause}")
}

/// `setsockopt`, for the options that `socket2` does not have.
fn set<T>(socket: &Socket, level: c_int, option: c_int, value: &T) -> io::Result<()> {
    // SAFETY: the kernel reads `size_of::<T>()` octets of `value`, and what a filter program points to, during the call.
    let result = unsafe {
        let value = (&raw const *value).cast::<c_void>();
        libc::setsockopt(socket.as_raw_fd(), level, option, value, size_of::<T>() as socklen_t)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_with_address_transport_and_cause() {
        for (addr, transport, cause, text) in [
            (
                "127.0.0.1:53",
                Transport::Udp,
                libc::EACCES,
                "cannot listen on 127.0.0.1:53 over UDP: permission denied (ports below 1024 need CAP_NET_BIND_SERVICE)",
            ),
            (
                "[::1]:5300",
                Transport::Tcp,
                libc::EADDRINUSE,
                "cannot listen on [::1]:5300 over TCP: address already in use",
            ),
            (
                "[2001:db8::1]:53",
                Transport::Udp,
                libc::EAFNOSUPPORT,
                "cannot listen on [2001:db8::1]:53 over UDP: the system has no IPv6",
            ),
            (
                "192.0.2.1:5300",
                Transport::Udp,
                libc::EACCES,
                "cannot listen on 192.0.2.1:5300 over UDP: Permission denied (os error 13)",
            ),
        ] {
            let addr = addr.parse().expect(addr);
            let error = BindError { addr, transport, cause: io::Error::from_raw_os_error(cause) };
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn a_receive_buffer_smaller_than_wanted_is_noticed() {
        let any = "127.0.0.1:0".parse().expect("an address");
        let (sockets, _) = group(any, Transport::Udp, 1).expect("a free port");
        sockets[0].set_recv_buffer_size(100_000).expect("an option");
        assert_eq!(missing_receive_buffer(&sockets[0]), Some(100_000));
        if set(&sockets[0], libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, &(UDP_RECEIVE_BUFFER_OCTETS as c_int)).is_ok() {
            assert_eq!(missing_receive_buffer(&sockets[0]), None);
        }
    }

    #[test]
    fn nobody_can_make_us_cut_replies_into_fragments() {
        for (addr, level, option, omit) in [
            ("127.0.0.1:0", libc::IPPROTO_IP, libc::IP_MTU_DISCOVER, libc::IP_PMTUDISC_OMIT),
            ("[::1]:0", libc::IPPROTO_IPV6, libc::IPV6_MTU_DISCOVER, libc::IPV6_PMTUDISC_OMIT),
        ] {
            let (sockets, _) = group(addr.parse().expect("an address"), Transport::Udp, 1).expect("a free port");
            let (mut value, mut length): (c_int, _) = (0, size_of::<c_int>() as socklen_t);
            // SAFETY: `value` and `length` are ours, and as large as the kernel is told.
            let got = unsafe {
                libc::getsockopt(sockets[0].as_raw_fd(), level, option, (&raw mut value).cast(), &raw mut length)
            };
            assert_eq!((got, value), (0, omit), "{addr}");
        }
    }

    #[test]
    fn sockets_busy_poll_as_long_as_asked_or_it_is_said_why_not() {
        let (sockets, _) = group("127.0.0.1:0".parse().expect("an address"), Transport::Udp, 1).expect("a free port");
        match busy_poll(&sockets[0], 50) {
            Ok(()) => {
                let (mut value, mut length): (c_int, _) = (0, size_of::<c_int>() as socklen_t);
                // SAFETY: `value` and `length` are ours, and as large as the kernel is told.
                let got = unsafe {
                    let (value, length) = ((&raw mut value).cast(), &raw mut length);
                    libc::getsockopt(sockets[0].as_raw_fd(), libc::SOL_SOCKET, libc::SO_BUSY_POLL, value, length)
                };
                assert_eq!((got, value), (0, 50));
            }
            Err(error) => assert!(matches!(error.raw_os_error(), Some(libc::EPERM | libc::ENOPROTOOPT)), "{error}"),
        }
        let refusal = |code| busy_poll_refusal(&io::Error::from_raw_os_error(code));
        assert_eq!(
            refusal(libc::EPERM),
            "`busy-poll` in [udp] has no effect: it needs CAP_NET_ADMIN, or net.core.busy_read set to as much"
        );
        assert_eq!(refusal(libc::ENOPROTOOPT), "`busy-poll` in [udp] has no effect: this kernel has no busy polling");
        assert!(busy_poll(&sockets[0], u32::MAX).is_err());
    }

    #[test]
    fn the_package_lets_the_kernel_give_what_is_asked_for() {
        let settings = include_str!("../../packaging/sysctl.d/60-gannet.conf");
        let setting = |key: &str| {
            let line = settings.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
            line.expect(key).parse::<usize>().expect(key)
        };
        assert_eq!(setting("net.core.somaxconn"), TCP_BACKLOG as usize);
        assert!(setting("net.core.rmem_max") >= UDP_RECEIVE_BUFFER_OCTETS);
        assert!(setting("net.core.wmem_max") >= UDP_RECEIVE_BUFFER_OCTETS);
    }

    #[test]
    fn sockets_of_a_group_share_one_address() {
        let any = "[::1]:0".parse().expect("an address");
        for transport in [Transport::Udp, Transport::Tcp] {
            let (sockets, addr) = group(any, transport, 3).expect("a free port");
            assert_ne!(addr.port(), 0);
            assert_eq!(sockets.len(), 3);
            for socket in &sockets {
                assert_eq!(socket.local_addr().expect("bound").as_socket(), Some(addr));
            }
            assert!(group(addr, transport, 1).is_err());
            drop(sockets);
            assert!(group(addr, transport, 1).is_ok());
        }
    }
}
