//! What is done per query takes no memory from the allocator: admission, and the loop of a UDP worker. Nor does what is
//! done per record of a zone file. And what a TCP connection holds while it is idle is little.

#[allow(dead_code)] // the waist's tests use the rest
pub mod allocations;

use std::fmt::Write;
use std::io::{Read, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use gannet::base::counters::Counters;
use gannet::gate::{Admission, Gate, GateConfig, Keeper, ReplyConfig, ReplyKind, Subject};
use gannet::net::{Listeners, Peer, Respond, TcpConfig, UdpConfig, Verdict};
use gannet::wire::NameBuf;
use gannet::zonefile::Reader;

use allocations::{allocations, octets_held};

#[test]
fn admission_does_not_allocate() {
    let exempt = vec!["198.51.100.0/24".parse().expect("a prefix")];
    let config = GateConfig { client_qps: 3, server_qps: 50_000, exempt, ..GateConfig::default() };
    let start = Instant::now();
    let mut keeper = Keeper::new(Arc::new(Gate::new(&config, start)));
    let before = allocations();
    assert!(before > 0, "the gate itself was counted");
    let mut seen = [0; 3];
    for i in 0..100_000_u32 {
        let client: IpAddr = Ipv4Addr::from_bits(0xc633_6400 ^ (i % 30_000)).into();
        match keeper.admit(client, false, start + Duration::from_micros(u64::from(i))) {
            Admission::Pass => seen[0] += 1,
            Admission::Slip(_) => seen[1] += 1,
            Admission::Drop(_) => seen[2] += 1,
            Admission::Spare(_) => {}
        }
    }
    assert_eq!(allocations() - before, 0);
    assert!(seen.iter().all(|&count| count > 0), "{seen:?}");
}

#[test]
fn admission_of_replies_does_not_allocate() {
    for dry_run in [false, true] {
        let replies = ReplyConfig {
            answers_per_second: 3,
            denials_per_second: 2,
            errors_per_second: 1,
            exempt: vec!["198.51.100.0/25".parse().expect("a prefix")],
            dry_run,
            ..ReplyConfig::default()
        };
        let start = Instant::now();
        let mut keeper = Keeper::new(Arc::new(Gate::new(&GateConfig { replies, ..GateConfig::default() }, start)));
        let kinds = [ReplyKind::Answer, ReplyKind::NxDomain, ReplyKind::Error];
        let before = allocations();
        let mut seen = [0; 4];
        for i in 0..300_000_u32 {
            let client: IpAddr = Ipv4Addr::from_bits(0xc633_6400 ^ ((i % 1_000) << 7)).into();
            let subject = || Subject { kind: kinds[i as usize % 3], origin: u64::from(i % 7) };
            match keeper.admit_reply(client, false, subject, start + Duration::from_micros(u64::from(i))) {
                Admission::Pass => seen[0] += 1,
                Admission::Slip(_) => seen[1] += 1,
                Admission::Drop(_) => seen[2] += 1,
                Admission::Spare(_) => seen[3] += 1,
            }
        }
        assert_eq!(allocations() - before, 0);
        assert_eq!(seen.map(|count| count > 0), [true, !dry_run, !dry_run, dry_run], "{seen:?}");
    }
}

/// Tells how often its thread has allocated.
struct Witness(Arc<AtomicU64>);

impl Respond for Witness {
    fn refresh(&mut self, _now: Instant) {
        self.0.store(allocations(), SeqCst);
    }

    fn respond(&mut self, query: &[u8], _peer: Peer, _reply: &mut [u8]) -> Verdict {
        Verdict::Reply(query.len())
    }
}

#[test]
fn a_udp_worker_does_not_allocate_after_its_first_batch() {
    for addrs in [1, 2].map(|count| vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0)); count]) {
        let udp = UdpConfig { workers: 1, ..UdpConfig::default() };
        let tcp = TcpConfig { threads: 0, ..TcpConfig::default() };
        let listeners = Listeners::bind(&addrs, udp, tcp).expect("free ports");
        let to = listeners.local_addrs()[0];
        let allocations = Arc::new(AtomicU64::new(0));
        let witness = Witness(Arc::clone(&allocations));
        let mut witness = Some(witness);
        let running = listeners.serve(|_, _| (witness.take().expect("one worker"), Arc::default()));
        let running = running.expect("a thread");
        let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        client.set_read_timeout(Some(Duration::from_secs(10))).expect("an option");
        let ask = |burst: usize| {
            (0..burst).for_each(|_| assert!(client.send_to(b"query", to).is_ok()));
            (0..burst).for_each(|_| assert_eq!(client.recv(&mut [0; 16]).ok(), Some(5)));
        };
        ask(1);
        let before = allocations.load(SeqCst);
        (0..100).for_each(|_| ask(100));
        assert_eq!(allocations.load(SeqCst), before);
        running.stop(Duration::from_secs(2)).expect("all threads ended");
    }
}

/// Tells how much its thread holds.
struct Scales(Arc<AtomicI64>);

impl Respond for Scales {
    fn refresh(&mut self, _now: Instant) {}

    fn respond(&mut self, query: &[u8], _peer: Peer, _reply: &mut [u8]) -> Verdict {
        self.0.store(octets_held(), SeqCst);
        Verdict::Reply(query.len())
    }
}

/// What an idle connection may hold beside what the kernel keeps for it: a place in a table, which doubles when it is full.
const IDLE_CONNECTION_OCTETS_MAX: i64 = 512;

/// How many are measured: few enough for any limit of descriptors, enough that tables which grow at once do not matter.
const IDLE_CONNECTIONS: usize = 300;

#[test]
fn an_idle_tcp_connection_holds_half_a_kib() {
    let tcp = TcpConfig { threads: 1, connections_per_client: 1_000, ..TcpConfig::default() };
    let udp = UdpConfig { workers: 0, ..UdpConfig::default() };
    let listeners = Listeners::bind(&[(Ipv4Addr::LOCALHOST, 0).into()], udp, tcp).expect("a free port");
    let to = listeners.local_addrs()[0];
    let (held, counters) = (Arc::new(AtomicI64::new(0)), Arc::new(Counters::default()));
    let mut tools = Some((Scales(Arc::clone(&held)), Arc::clone(&counters)));
    let running = listeners.serve(move |_, _| tools.take().expect("one thread")).expect("a thread");
    let connect = || TcpStream::connect(to).expect("a connection");
    let ask = |stream: &mut TcpStream, size: usize| {
        let query = [&(size as u16).to_be_bytes()[..], &vec![b'q'; size]].concat();
        // In two parts: what comes first is kept until the rest has come.
        stream.write_all(&query[..20]).expect("an open connection");
        std::thread::yield_now();
        stream.write_all(&query[20..]).expect("an open connection");
        stream.read_exact(&mut vec![0; query.len()]).expect("a reply");
        held.load(SeqCst)
    };
    let mut first = connect();
    ask(&mut first, 40);
    let (mut idle, mut grown) = (Vec::new(), 0);
    for (what, size) in [("asked nothing", None), ("asked once", Some(40)), ("asked much", Some(60_000))] {
        let before = ask(&mut first, 40);
        let accepted = counters.tcp_connections.value() + IDLE_CONNECTIONS as u64;
        for _ in 0..IDLE_CONNECTIONS {
            let mut stream = connect();
            size.map(|size| ask(&mut stream, size));
            idle.push(stream);
        }
        while counters.tcp_connections.value() < accepted {
            std::thread::yield_now();
        }
        // Once more so that the last of them has been accepted and has come to rest.
        grown += ask(&mut first, 40) - before;
        let each = grown / idle.len() as i64;
        assert!(each <= IDLE_CONNECTION_OCTETS_MAX, "a connection that {what} holds {each} octets");
    }
    assert!(grown > 0, "nothing was measured");
    // Those that come later take the places of those that left, of which there is a list.
    let at_most = ask(&mut first, 40);
    for stream in &mut idle {
        *stream = connect();
        ask(stream, 40);
    }
    let more = ask(&mut first, 40) - at_most;
    assert!(more <= 4 * idle.len() as i64, "{more} octets more");
    running.stop(Duration::from_secs(2)).expect("all threads ended");
}

#[test]
fn a_short_tcp_connection_does_not_allocate() {
    let tcp = TcpConfig { threads: 1, ..TcpConfig::default() };
    let udp = UdpConfig { workers: 0, ..UdpConfig::default() };
    let listeners = Listeners::bind(&[(Ipv4Addr::LOCALHOST, 0).into()], udp, tcp).expect("a free port");
    let to = listeners.local_addrs()[0];
    let made = Arc::new(AtomicU64::new(0));
    let mut tools = Some((Witness(Arc::clone(&made)), Arc::default()));
    let running = listeners.serve(move |_, _| tools.take().expect("one thread")).expect("a thread");
    let ask_once = || {
        let mut stream = TcpStream::connect(to).expect("a connection");
        let query = [&40_u16.to_be_bytes()[..], &[b'q'; 40]].concat();
        stream.write_all(&query).expect("an open connection");
        stream.read_exact(&mut vec![0; query.len()]).expect("a reply");
        stream.shutdown(std::net::Shutdown::Write).expect("an open connection");
        // Its end: the server is done with it, and the next finds its place.
        assert_eq!(stream.read(&mut [0; 8]).ok(), Some(0));
        made.load(SeqCst)
    };
    let ask_often = |count: usize| (0..count).fold(0, |_, _| ask_once());
    let before = ask_often(100);
    // The client's own are no matter: each thread counts its own.
    assert_eq!(ask_often(1_000) - before, 0);
    running.stop(Duration::from_secs(2)).expect("all threads ended");
}

/// Records as registries and companies write them: owners that repeat and that change, long rdata, parentheses, quotes.
fn records(count: u32) -> String {
    let mut text = "$TTL 1h\n@ SOA ns.example. mail.example. 1 7200 3600 1209600 900\n".to_owned();
    for number in 0..count {
        let _ = write!(
            text,
            "name{number:05}.example. 86400 IN NS ns1.hoster-{}.net.\n\tNS ns.name{number:05}\nns.name{number:05} A 192.0.2.{}\n\
             name{number:05} DS 12345 13 2 ( {number:032x} ; one half\n {number:032X} )\n\
             host{number:05} TXT \"some \\\"text\\\"\" plain\n\tRRSIG TXT 13 2 3600 20261219172628 20261121172628 4 example. \
             Cz6XYkg5Sj2A6f8e7D3dxWzm27kvVGzYKNYgSkVMGzMM8d2Y0zmsK1q7ER6EOM+/o9vC2cYfbk8ae9lIk8K1Kw==\n\
             \tNSEC host{number:05}x TXT RRSIG NSEC TYPE1000\n\tHTTPS 1 . alpn=h2,h3 port=443\n",
            number % 97,
            number % 256,
        );
    }
    text
}

#[test]
fn a_zone_file_is_read_without_an_allocation_per_record() {
    let origin: NameBuf = "example.".parse().expect("a name");
    let text = records(2_000);
    let mut reader = Reader::new(text.as_bytes(), "test", origin.as_name());
    let (mut count, mut before) = (0, 0);
    while let Some(next) = reader.next() {
        next.expect("good records");
        count += 1;
        if count == 100 {
            // By now all that is reused has its size.
            before = allocations();
        }
    }
    assert_eq!((count, allocations() - before), (1 + 2_000 * 8, 0));
}
