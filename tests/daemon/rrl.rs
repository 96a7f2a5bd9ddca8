//! Rates of replies: a flood in a victim's name, and who is served meanwhile; and what the log tells of it.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;

use crate::client::*;
use crate::cookies::{first_cookie, with_cookie};
use crate::server::{Server, WITH_ZONE, config};

/// Replies of one kind and subject a second, and as many at once.
const RATE: usize = 20;

fn limited(more: &str) -> String {
    format!("workers = 1\n[rrl]\nresponses-per-second = {RATE}\n{more}\n")
}

/// Asks `count` times for names that were never asked for before, all below one wildcard; returns how many of the replies,
/// one for each, were whole.
fn flood(socket: &UdpSocket, count: usize) -> usize {
    for _ in 0..count {
        let mut ask = query("random.apps.example.com.", RecordType::TXT);
        let name = format!("random{}.apps.example.com.", ask.metadata.id);
        ask.queries[0].set_name(hickory_proto::rr::Name::from_ascii(name).unwrap());
        socket.send(&ask.to_vec().unwrap()).unwrap();
    }
    let mut whole = 0;
    for _ in 0..count {
        let reply = Reply::read(&receive(socket));
        assert_eq!(reply.message.answers.len(), usize::from(!reply.truncated()));
        whole += usize::from(!reply.truncated());
    }
    whole
}

/// The counters that the daemon tells, as `name value`.
fn counters(server: &Server) -> Vec<String> {
    let from = server.process.lines();
    server.process.signal(libc::SIGUSR1);
    let (_, to) = server.process.await_line(from, " counters: ");
    let lines = (from..to).map(|number| server.process.await_line(number, "").0);
    lines.filter_map(|line| line.split_once(" counter ").map(|(_, counter)| counter.to_owned())).collect()
}

fn counter(server: &Server, name: &str) -> u64 {
    let found = counters(server).into_iter().find_map(|line| line.strip_prefix(&format!("{name} "))?.parse().ok());
    found.unwrap_or(0)
}

#[test]
fn a_flood_gets_its_rate_while_others_are_served() {
    let server = Server::start(&limited("slip = 1"));
    let victim = udp_socket(server.v4);
    let other = || udp_socket_from([127, 0, 1, 1].into(), server.v4);
    let cookie = first_cookie(server.v4);
    let (begin, mut whole, mut asked, mut rounds) = (Instant::now(), 0, 0, 0);
    while begin.elapsed() < Duration::from_millis(1_500) {
        whole += flood(&victim, 50);
        asked += 50;
        // A network of its own asks for the same as the flood, and less than the rate.
        if rounds < RATE {
            assert_eq!(flood(&other(), 1), 1, "round {rounds}");
        }
        // From the victim's own address: with a cookie, over TCP, and for what the flood does not ask.
        assert!(!with_cookie(&cookie).send(server.v4).is_truncated());
        let ask = query("x.apps.example.com.", RecordType::TXT);
        assert_eq!(ask_tcp(server.v4, &ask).message.answers.len(), 1);
        if rounds < RATE {
            assert_eq!(ask_udp(server.v4, &query("web.example.com.", RecordType::A)).message.answers.len(), 2);
        }
        rounds += 1;
    }
    let seconds = begin.elapsed().as_secs_f64();
    let most = RATE as f64 * (1.0 + seconds) + 1.0;
    assert!(whole as f64 <= most, "{whole} of {asked} whole replies in {seconds} s");
    assert!(whole > RATE && asked > 4 * whole, "{whole} of {asked}");
    let over = (asked - whole) as u64;
    assert_eq!((counter(&server, "rrl_answers"), counter(&server, "rrl_slipped")), (over, over));
}

#[test]
fn names_that_do_not_exist_and_errors_have_rates_of_their_own() {
    let server = Server::start(&limited("denials-per-second = 5\nerrors-per-second = 3\nslip = 0"));
    let socket = udp_socket(server.v4);
    for (below, name, rate) in [("example.com.", "rrl_nxdomain", 5), ("nowhere.test.", "rrl_errors", 3)] {
        let begin = Instant::now();
        for number in 0..100 {
            let ask = query(&format!("random{number}.{below}"), RecordType::A);
            socket.send(&ask.to_vec().unwrap()).unwrap();
        }
        // One worker answers in order, so all of them were seen by then.
        let last = query("web.example.com.", RecordType::A);
        socket.send(&last.to_vec().unwrap()).unwrap();
        let mut replies = 0_u32;
        while Reply::read(&receive(&socket)).message.metadata.id != last.metadata.id {
            replies += 1;
        }
        let most = f64::from(rate) * (1.0 + begin.elapsed().as_secs_f64());
        assert!(replies >= rate && f64::from(replies) <= most, "{replies} replies {name}");
        assert_eq!(counter(&server, name), u64::from(100 - replies));
    }
}

#[test]
fn a_dry_run_sends_everything_and_a_reload_changes_that() {
    let server = Server::start("");
    let socket = udp_socket(server.v4);
    assert_eq!(flood(&socket, 100), 100);
    assert_eq!(counter(&server, "rrl_answers"), 0);
    let reload = |more: &str| {
        server.directory.write("gannet.toml", &config(&format!("{more}{WITH_ZONE}")));
        let lines = server.reload();
        assert!(lines.iter().all(|line| !line.contains("WARN")), "{lines:?}");
    };
    // As many workers as before, or that would be an option that has changed.
    let rrl = |more: &str| format!("[rrl]\nresponses-per-second = {RATE}\nslip = 1\n{more}\n");
    reload(&rrl("dry-run = true"));
    assert_eq!(flood(&socket, 100), 100);
    let (over, spared) = (counter(&server, "rrl_answers"), counter(&server, "rrl_dry_run"));
    assert!(over > 50 && over == spared, "{over}, {spared} of them sent");
    reload(&rrl(""));
    let whole = flood(&socket, 100);
    assert!((RATE..50).contains(&whole), "{whole}");
    assert_eq!(counter(&server, "rrl_slipped"), 100 - whole as u64);
    reload(&rrl("exempt = [\"127.0.0.0/24\"]"));
    assert_eq!(flood(&socket, 100), 100);
    reload(&rrl(""));
    assert!(flood(&socket, 100) < 50);
    reload("");
    assert_eq!(flood(&socket, 100), 100);
}

#[test]
fn counters_are_told_on_sigusr1() {
    let server = Server::start("");
    assert_eq!(counters(&server), Vec::<String>::new(), "nothing has happened yet");
    let socket = udp_socket(server.v4);
    assert_eq!(flood(&socket, 30), 30);
    for _ in 0..2 {
        assert_eq!(ask_tcp(server.v4, &query("none.example.com.", RecordType::A)).message.answers.len(), 0);
    }
    let told = counters(&server);
    for counter in ["udp_queries 30", "tcp_queries 2", "rcode_noerror 30", "rcode_nxdomain 2", "cookies_none 32"] {
        assert!(told.iter().any(|line| line == counter), "{counter} is not in {told:?}");
    }
    assert!(told.iter().all(|line| !line.ends_with(" 0")), "{told:?}");
}

#[test]
fn what_is_asked_again_is_served_from_the_packet_cache() {
    let ask_five_times = |server: &Server| {
        let socket = udp_socket(server.v4);
        for _ in 0..5 {
            socket.send(&query("www.example.com.", RecordType::A).to_vec().unwrap()).unwrap();
            assert_eq!(Reply::read(&receive(&socket)).rcode(), ResponseCode::NoError);
        }
        ["packet_misses", "packet_hits"].map(|name| counter(server, name))
    };
    assert_eq!(ask_five_times(&Server::start("")), [2, 3]);
    assert_eq!(ask_five_times(&Server::start("[cache]\npackets = 0\n")), [0, 0]);
}

#[test]
fn a_section_without_a_rate_is_told() {
    let server = Server::start("[rrl]\ndry-run = true");
    server.process.await_line(0, "WARN [rrl] has no rate, so nothing is limited or counted");
}
