//! Datagrams: batches, addresses, sizes, stopping.

use super::*;

fn client(to: SocketAddr) -> UdpSocket {
    let any: IpAddr = if to.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
    let socket = UdpSocket::bind((any, 0)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.connect(to).unwrap();
    socket
}

fn ask(socket: &UdpSocket, query: &[u8]) -> Vec<u8> {
    socket.send(query).unwrap();
    let mut reply = vec![0; 65_535];
    let octets = socket.recv(&mut reply).unwrap();
    reply.truncate(octets);
    reply
}

#[test]
fn many_udp_clients_get_their_own_replies_over_both_families() {
    let mut server = Server::start(&[v4(1), v6()], udp(2), tcp(1));
    let clients: Vec<_> = (0..8)
        .map(|number| {
            let to = server.addrs[number % 2];
            std::thread::spawn(move || {
                let socket = client(to);
                for i in 0..500 {
                    assert_eq!(ask(&socket, format!("q{number}/{i}").as_bytes()), format!("Q{number}/{i}").as_bytes());
                }
                let own = socket.local_addr().unwrap().to_string();
                assert_eq!(String::from_utf8(ask(&socket, b"p")).unwrap(), own);
            })
        })
        .collect();
    clients.into_iter().for_each(|client| client.join().unwrap());
    server.await_count("udp_queries", 8 * 501);
    server.await_count("udp_replies", 8 * 501);
    server.stop();
}

#[test]
fn a_burst_is_answered_in_whole_batches() {
    let mut server = Server::start(&[v4(1)], udp(1), tcp(1));
    let socket = client(server.addrs[0]);
    let mut reply = [0; 64];
    // 150 at a time: a client's receive buffer holds some 250 datagrams.
    for burst in 0..20_u32 {
        for i in 0..150 {
            socket.send(&[b"x", &(burst * 150 + i).to_be_bytes()[..]].concat()).unwrap();
        }
        let mut seen = [false; 150];
        for _ in 0..150 {
            assert_eq!(socket.recv(&mut reply).unwrap(), 5);
            let number = u32::from_be_bytes(reply[1..5].try_into().unwrap()) - burst * 150;
            assert!(!std::mem::replace(&mut seen[number as usize], true));
        }
    }
    server.stop();
}

#[test]
fn a_wildcard_socket_replies_from_the_address_that_was_asked() {
    for (wildcard, asked) in [
        (SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0), IpAddr::from([127, 0, 0, 2])),
        (SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), 0), IpAddr::from(Ipv6Addr::LOCALHOST)),
    ] {
        let mut server = Server::start(&[wildcard], udp(1), tcp(1));
        let to = SocketAddr::new(asked, server.addrs[0].port());
        // Not connected, so a reply from another address would arrive and show.
        let local: IpAddr = if asked.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { asked };
        let socket = UdpSocket::bind((local, 0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        for _ in 0..3 {
            socket.send_to(b"servus", to).unwrap_or_else(|error| panic!("to {to}: {error}"));
            let mut reply = [0; 64];
            let (octets, from) = socket.recv_from(&mut reply).unwrap();
            assert_eq!((from, &reply[..octets]), (to, &b"Servus"[..]));
        }
        server.stop();
    }
}

#[test]
fn a_datagram_larger_than_a_query_is_dropped_and_counted() {
    let mut server = Server::start(&[v4(1), v4(2)], udp(1), tcp(1));
    let socket = client(server.addrs[1]);
    socket.send(&[b'x'; DATAGRAM_OCTETS + 1]).unwrap();
    assert_eq!(ask(&socket, &[b'x'; DATAGRAM_OCTETS]).len(), DATAGRAM_OCTETS);
    server.await_count("udp_oversized", 1);
    server.await_count("udp_queries", 2);
    server.await_count("udp_replies", 1);
    server.stop();
}

#[test]
fn what_is_dropped_or_handed_off_is_not_replied_to() {
    let mut server = Server::start(&[v4(1)], udp(1), tcp(1));
    let socket = client(server.addrs[0]);
    for query in [&b"d"[..], b"h", b""] {
        socket.send(query).unwrap();
    }
    assert_eq!(ask(&socket, b"x"), b"X");
    server.await_count("udp_queries", 4);
    server.await_count("udp_replies", 1);
    server.stop();
}

#[test]
fn a_query_from_port_0_is_never_answered() {
    use socket2::{Domain, Protocol, Socket, Type};
    let Ok(raw) = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::UDP)) else {
        return; // needs CAP_NET_RAW
    };
    let mut server = Server::start(&[v4(1)], udp(1), tcp(0));
    let to = server.addrs[0];
    // Source port, destination port, length, no checksum.
    let header = [0, to.port(), 9, 0].map(u16::to_be_bytes).concat();
    raw.send_to(&[&header[..], b"x"].concat(), &SocketAddr::new(to.ip(), 0).into()).unwrap();
    server.await_count("udp_queries", 1);
    assert_eq!(ask(&client(to), b"x"), b"X");
    server.await_count("udp_replies", 1);
    server.await_count("ignored", 1);
    server.stop();
}

#[test]
fn stopping_answers_what_has_arrived_and_ends_at_once() {
    for addrs in [&[v4(1)][..], &[v4(1), v6()]] {
        let mut server = Server::start(addrs, udp(2), tcp(1));
        let socket = client(server.addrs[0]);
        assert_eq!(ask(&socket, b"x"), b"X");
        for _ in 0..200 {
            socket.send(b"x").unwrap();
        }
        let start = Instant::now();
        server.stop();
        assert!(start.elapsed() < Duration::from_millis(900), "woken, not waited for: {:?}", start.elapsed());
        let mut reply = [0; 8];
        for _ in 0..200 {
            assert_eq!(socket.recv(&mut reply).unwrap(), 1);
        }
    }
}

#[test]
fn steering_gives_each_core_its_own_worker() {
    let config = UdpConfig { steer: true, ..UdpConfig::default() };
    let cores = std::thread::available_parallelism().unwrap().get();
    if config.workers != cores {
        return; // a share of the processor is not a set of cores
    }
    let mut server = Server::start(&[v4(1)], config, tcp(0));
    let to = server.addrs[0];
    let own = |worker: usize| server.counters.lock().unwrap()[worker].udp_queries.value();
    for worker in 0..cores {
        let before = own(worker);
        std::thread::spawn(move || {
            pin_to_the_nth_core(worker);
            // Other ports, so other hashes: only the core is the same.
            (0..10).for_each(|_| assert_eq!(ask(&client(to), b"x"), b"X"));
        })
        .join()
        .unwrap();
        let start = Instant::now();
        while own(worker) < before + 10 {
            assert!(start.elapsed() < PATIENCE, "worker {worker} got {} of 10", own(worker) - before);
            std::thread::yield_now();
        }
    }
    server.stop();
}

fn pin_to_the_nth_core(number: usize) {
    let size = size_of::<libc::cpu_set_t>();
    // SAFETY: all zeroes is an empty set; numbers stay below its size; the kernel writes and reads that much.
    unsafe {
        let (mut all, mut one): (libc::cpu_set_t, libc::cpu_set_t) = std::mem::zeroed();
        assert_eq!(libc::sched_getaffinity(0, size, &raw mut all), 0);
        let core = (0..libc::CPU_SETSIZE as usize).filter(|&core| libc::CPU_ISSET(core, &all)).nth(number).unwrap();
        libc::CPU_SET(core, &mut one);
        assert_eq!(libc::sched_setaffinity(0, size, &raw const one), 0);
    }
}

#[test]
fn if_a_worker_should_die_the_others_take_its_share() {
    let listeners = Listeners::bind(&[v4(1)], udp(2), tcp(0)).unwrap();
    let to = listeners.local_addrs()[0];
    let running = listeners.serve(|_, _| (Fragile, Arc::default())).unwrap();
    client(to).send(b"die").unwrap();
    await_a_death(&running);
    for _ in 0..50 {
        assert_eq!(ask(&client(to), b"x").len(), 1); // each from another port
    }
    let error = running.stop(Duration::from_secs(1)).unwrap_err();
    assert_eq!((error.panicked, error.late), (1, 0));
}

/// Holds its worker up at a query `wait`, until it may go on.
struct Slow(std::sync::mpsc::Receiver<()>);

impl Respond for Slow {
    fn refresh(&mut self, _now: Instant) {}

    fn respond(&mut self, query: &[u8], _peer: Peer, _reply: &mut [u8]) -> Verdict {
        if query == b"wait" {
            self.0.recv_timeout(PATIENCE).unwrap();
        }
        Verdict::Drop
    }
}

#[test]
fn what_the_kernel_dropped_is_counted() {
    let listeners = Listeners::bind(&[v4(1), v4(2)], udp(1), tcp(0)).unwrap();
    let to = listeners.local_addrs()[1];
    let (go_on, may_go_on) = std::sync::mpsc::channel();
    let counters = Arc::new(Counters::default());
    let mut tools = Some((Slow(may_go_on), Arc::clone(&counters)));
    let running = listeners.serve(move |_, _| tools.take().unwrap()).unwrap();
    let socket = client(to);
    socket.send(b"wait").unwrap();
    // More than any receive buffer that is asked for has room for, while nobody reads.
    let large = vec![b'x'; 60_000];
    (0..400).for_each(|_| assert_eq!(socket.send(&large).unwrap(), large.len()));
    go_on.send(()).unwrap();
    let start = Instant::now();
    while counters.udp_queries.value() + counters.udp_overflows.value() < 401 {
        assert!(start.elapsed() < PATIENCE, "{counters:?}");
        std::thread::yield_now();
    }
    assert!(counters.udp_overflows.value() > 0 && counters.udp_oversized.value() > 0, "{counters:?}");
    assert_eq!(counters.udp_queries.value() + counters.udp_overflows.value(), 401);
    running.stop(Duration::from_secs(2)).unwrap();
}
