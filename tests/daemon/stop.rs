//! The end, and what the service manager is told from the beginning to it.

use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hickory_proto::rr::RecordType;

use crate::client::*;
use crate::process::{Directory, PATIENCE, Process};
use crate::server::{Server, ZONE, gannetd};

/// The daemon waits two seconds for those who are slow; it must not take much longer.
const DEADLINE: Duration = Duration::from_secs(6);

/// The service manager's end of sd_notify(3).
struct Manager {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Manager {
    fn new(directory: &Directory) -> Self {
        let path = directory.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, path }
    }

    /// The next message.
    fn told(&self) -> String {
        let mut buffer = [0; 512];
        let octets = self.socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..octets].to_vec()).unwrap()
    }
}

#[test]
fn sigterm_and_sigint_end_it_at_once_with_status_0() {
    for (signal, name) in [(libc::SIGTERM, "SIGTERM"), (libc::SIGINT, "SIGINT")] {
        let server = Server::start("");
        let mut idle = Connection::to(server.v4);
        assert_eq!(idle.ask(&query("web.example.com.", RecordType::A)).message.answers.len(), 2);
        let start = Instant::now();
        server.process.signal(signal);
        let v4 = server.v4;
        let outcome = server.process.outcome();
        assert!(start.elapsed() < Duration::from_millis(1900), "nobody is to be waited for: {:?}", start.elapsed());
        assert_eq!((outcome.code(), outcome.stdout.as_str()), (0, ""));
        let end: Vec<&str> = outcome.stderr.lines().rev().take(2).collect();
        assert!(end[1].ends_with(&format!("INFO stopping: {name}")) && end[0].ends_with("INFO stopped"), "{end:?}");
        assert!(idle.read().is_none());
        assert!(Connection::try_to(v4).is_err());
    }
}

#[test]
fn queries_that_have_arrived_are_answered_before_the_end() {
    let server = Server::start("");
    // More than 9 MB of replies: they cannot all be under way before the first is read.
    let queries: Vec<_> = (0..1_500).map(|_| query("many.example.com.", RecordType::TXT)).collect();
    let octets: Vec<u8> = queries.iter().flat_map(|query| framed(&query.to_vec().unwrap())).collect();
    let mut connections = [Connection::to(server.v4), Connection::to(server.v6)];
    for connection in &mut connections {
        connection.0.write_all(&octets).unwrap();
        Reply::to(&queries[0], &connection.read().unwrap());
    }
    server.process.signal(libc::SIGTERM);
    server.process.await_line(0, "stopping: SIGTERM");
    // Read first, look later: a client that decodes as it reads may be too slow for the server's deadline.
    let replies = connections.each_mut().map(|connection| {
        let replies: Vec<_> = queries[1..].iter().map(|_| connection.read().expect("a reply before the end")).collect();
        assert!(connection.read().is_none());
        replies
    });
    for (query, octets) in replies.iter().flat_map(|replies| queries[1..].iter().zip(replies)) {
        assert_eq!(Reply::to(query, octets).message.answers.len(), 90);
    }
    assert_eq!(server.process.outcome().code(), 0);
}

#[test]
fn under_load_and_with_a_client_that_does_not_read_the_deadline_holds() {
    let server = Server::start("");
    let done = Arc::<AtomicBool>::default();
    let ask_on = |to: SocketAddr| {
        let done = Arc::clone(&done);
        thread::spawn(move || {
            let socket = udp_socket(to);
            let ask = query("web.example.com.", RecordType::A);
            // Once the daemon is gone the kernel refuses what is sent.
            while !done.load(Ordering::Relaxed) && socket.send(&ask.to_vec().unwrap()).is_ok() {}
        })
    };
    let clients = [ask_on(server.v4), ask_on(server.v6)];
    // Some 6 MB of replies that nobody reads: more than the sockets hold.
    let mut greedy = Connection::to(server.v4);
    let octets = framed(&query("many.example.com.", RecordType::TXT).to_vec().unwrap()).repeat(1_000);
    greedy.0.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let _ = greedy.0.write_all(&octets);
    assert_eq!(ask_tcp(server.v6, &query("web.example.com.", RecordType::A)).message.answers.len(), 2);
    let start = Instant::now();
    server.process.signal(libc::SIGTERM);
    let outcome = server.process.outcome();
    assert!(start.elapsed() < DEADLINE, "{:?}", start.elapsed());
    assert_eq!(outcome.code(), 0, "{}", outcome.stderr);
    done.store(true, Ordering::Relaxed);
    clients.into_iter().for_each(|client| client.join().unwrap());
}

#[test]
fn sigterm_does_not_wait_for_the_zones_to_load() {
    let directory = Server::directory("");
    let many: String = (0..4).map(|n| format!("$GENERATE 1-1000000 host{n}-$ A 192.0.2.1\n")).collect();
    directory.write("example.com.zone", &format!("{ZONE}\n{many}"));
    let zone = directory.path().join("example.com.zone");
    let mut program = gannetd();
    let process = Process::start(program.arg("-c").arg(directory.path().join("gannet.toml")));
    // Told to stop once it has the zone open.
    let descriptors = format!("/proc/{}/fd", process.id());
    let has_it_open = || {
        let mut links = std::fs::read_dir(&descriptors).into_iter().flatten().flatten();
        links.any(|link| std::fs::read_link(link.path()).is_ok_and(|target| target == zone))
    };
    let begun = Instant::now();
    while !has_it_open() {
        assert!(begun.elapsed() < DEADLINE, "it does not load");
        thread::yield_now();
    }
    let start = Instant::now();
    process.signal(libc::SIGTERM);
    let outcome = process.outcome();
    assert!(start.elapsed() < DEADLINE, "{:?}", start.elapsed());
    assert_eq!(outcome.code(), 0, "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("ready"), "{}", outcome.stderr);
}

#[test]
fn sigterm_does_not_wait_for_a_reload() {
    let directory = Server::directory("");
    let manager = Manager::new(&directory);
    let server = Server::start_with(directory, gannetd().env("NOTIFY_SOCKET", &manager.path));
    assert_eq!(manager.told(), "READY=1\n");
    let large = format!("{ZONE}\n$GENERATE 1-1000000 host$ A 192.0.2.1\n");
    server.directory.write("example.com.zone", &large);
    server.process.signal(libc::SIGHUP);
    assert!(manager.told().starts_with("RELOADING=1\n"));
    let start = Instant::now();
    server.process.signal(libc::SIGTERM);
    let outcome = server.process.outcome();
    assert!(start.elapsed() < DEADLINE, "{:?}", start.elapsed());
    assert_eq!(outcome.code(), 0, "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("reloaded"), "the reload was over too soon: {}", outcome.stderr);
}

#[test]
fn the_service_manager_is_told_of_start_reload_and_end() {
    let directory = Server::directory("");
    let manager = Manager::new(&directory);
    let told = || manager.told();
    let server = Server::start_with(directory, gannetd().env("NOTIFY_SOCKET", &manager.path));
    assert_eq!(told(), "READY=1\n");
    server.process.signal(libc::SIGHUP);
    let reloading = told();
    let usec = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").expect(&reloading).trim_end();
    assert!(usec.parse::<u64>().unwrap() > 0);
    assert_eq!(told(), "READY=1\n");
    // A configuration that is refused ends the reload too.
    server.directory.write("gannet.toml", "wrong");
    server.process.signal(libc::SIGHUP);
    assert!(told().starts_with("RELOADING=1\n"));
    assert_eq!(told(), "READY=1\n");
    server.process.signal(libc::SIGTERM);
    assert_eq!(told(), "STOPPING=1\n");
    assert_eq!(server.process.outcome().code(), 0);
}
