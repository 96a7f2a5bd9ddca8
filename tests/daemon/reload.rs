//! SIGHUP: zones come, change, go and break, and nobody who asks meanwhile notices.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{RData, RecordType};

use crate::client::*;
use crate::process::Directory;
use crate::server::{Server, WITH_ZONE, ZONE, config};

/// A zone in which everything says which version it is of.
fn version(serial: u32) -> String {
    format!(
        "$ORIGIN example.com.\n$TTL 300\n@ SOA ns hostmaster {serial} 3600 900 604800 60\n NS ns\nns A 10.1.0.{serial}\n\
         @ MX {serial} mail\nmail A 10.0.0.{serial}\n A 10.0.1.{serial}\n AAAA 2001:db8::{serial:x}\nalias CNAME mail\n\
         *.wild TXT {serial}\n$GENERATE 1-2000 host$ A 10.2.0.{serial}\n"
    )
}

/// The version of each record in a reply.
fn versions(reply: &Reply) -> Vec<u32> {
    let version = |data: &RData| match data {
        RData::SOA(soa) => Some(soa.serial),
        RData::MX(mx) => Some(mx.preference.into()),
        RData::A(a) => Some(a.0.octets()[3].into()),
        RData::AAAA(aaaa) => Some(aaaa.0.octets()[15].into()),
        RData::TXT(txt) => String::from_utf8_lossy(&txt.txt_data[0]).parse().ok(),
        RData::CNAME(_) => None,
        other => panic!("unexpected: {other}"),
    };
    reply.message.all_sections().filter_map(|record| version(&record.data)).collect()
}

/// Asks over and over until told to stop; returns how many replies there were, all of them right.
fn keep_asking(to: SocketAddr, over_tcp: bool, stop: Arc<AtomicBool>) -> JoinHandle<usize> {
    thread::spawn(move || {
        let (socket, mut connection) = (udp_socket(to), Connection::to(to));
        let (mut newest, mut replies) = (0, 0);
        let round = [
            ("example.com.", RecordType::SOA, 1),
            ("example.com.", RecordType::MX, 4),
            ("alias.example.com.", RecordType::A, 2),
            ("nothing.example.com.", RecordType::A, 1),
            ("any.wild.example.com.", RecordType::TXT, 1),
            ("host1999.example.com.", RecordType::A, 1),
        ];
        for (name, rtype, records) in round.iter().cycle() {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let ask = query(name, *rtype);
            let reply = if over_tcp {
                connection.ask(&ask)
            } else {
                socket.send(&ask.to_vec().unwrap()).unwrap();
                Reply::to(&ask, &receive(&socket))
            };
            let found = versions(&reply);
            assert_eq!(found.len(), *records, "{}", reply.brief());
            assert!(found.iter().all(|one| *one == found[0]), "of two versions: {}", reply.brief());
            assert!(found[0] >= newest, "back from {newest}: {}", reply.brief());
            newest = found[0];
            replies += 1;
        }
        replies
    })
}

#[test]
fn twenty_reloads_under_load_lose_no_reply_and_mix_no_versions() {
    let directory = Server::directory("");
    directory.write("example.com.zone", &version(1));
    let server = Server::start_in(directory);
    let stop = Arc::<AtomicBool>::default();
    let clients: Vec<_> = [(server.v4, false), (server.v6, false), (server.v4, true), (server.v6, true)]
        .map(|(addr, over_tcp)| keep_asking(addr, over_tcp, Arc::clone(&stop)))
        .into();
    for serial in 2..=21 {
        server.directory.write("example.com.zone", &version(serial));
        server.reload();
        assert_eq!(self::serial(server.v4, "example.com."), Some(serial));
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        let replies = client.join().unwrap();
        assert!(replies >= 100, "{replies} replies are no load");
    }
    assert_eq!(server.stop().code(), 0);
}

#[test]
fn signals_faster_than_reloads_end_with_the_newest_version() {
    let directory = Server::directory("");
    directory.write("example.com.zone", &version(1));
    let server = Server::start_in(directory);
    for serial in 2..=20 {
        server.directory.write("example.com.zone", &version(serial));
        server.process.signal(libc::SIGHUP);
    }
    // However many signals the kernel made one of: the last one came after the last change.
    let mut from = 0;
    while serial(server.v4, "example.com.") != Some(20) {
        from = server.process.await_line(from, "reloaded").1;
    }
}

#[test]
fn only_what_changed_is_loaded_anew_and_what_fails_says_so_each_time() {
    let directory = Server::directory("[[zone]]\nname = \"two.example\"\nfile = \"two.zone\"\n");
    let two = |serial: u32| format!("@ 60 SOA ns h {serial} 60 60 60 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n");
    directory.write("two.zone", &two(1));
    let server = Server::start_in(directory);
    let reloaded = || server.reload().pop().unwrap();
    let is_last = |line: String, end: &str| assert!(line.ends_with(end), "{line}");
    is_last(reloaded(), " reloaded: 0 zones, 2 unchanged, 0 failed, 124 records");
    server.directory.write("two.zone", &two(2));
    is_last(reloaded(), " reloaded: 1 zones, 1 unchanged, 0 failed, 124 records");
    assert_eq!((serial(server.v4, "two.example."), serial(server.v4, "example.com.")), (Some(2), Some(7)));
    server.directory.write("two.zone", "broken");
    for _ in 0..2 {
        let lines = server.reload();
        assert!(lines.iter().any(|line| line.contains("two.zone:1:7: ")), "{lines:?}");
        is_last(lines.last().unwrap().clone(), " reloaded: 0 zones, 1 unchanged, 1 failed, 124 records");
    }
    // Written anew as it was.
    server.directory.write("two.zone", &two(2));
    is_last(reloaded(), " reloaded: 0 zones, 2 unchanged, 0 failed, 124 records");
}

#[test]
fn a_zone_that_breaks_goes_on_in_its_old_version_and_the_log_says_where() {
    let server = Server::start("");
    server.directory.write("example.com.zone", &ZONE.replace("192.0.2.81", "192.0.2.811"));
    let lines = server.reload().join("\n");
    assert!(lines.contains("zone example.com: not loaded from "), "{lines}");
    assert!(lines.contains("the version with serial 7 still serves"), "{lines}");
    assert!(lines.contains("example.com.zone:14:15: "), "file, line and column: {lines}");
    assert!(lines.contains("reloaded: 0 zones, 0 unchanged, 1 failed, 121 records"), "{lines}");
    assert_eq!(ask_udp(server.v4, &query("web.example.com.", RecordType::A)).message.answers.len(), 2);
    // Gone altogether, it still serves.
    std::fs::remove_file(server.directory.path().join("example.com.zone")).unwrap();
    let lines = server.reload().join("\n");
    assert!(lines.contains("cannot be opened: No such file"), "{lines}");
    assert_eq!(serial(server.v6, "example.com."), Some(7));
    // Records that are good and make no zone.
    server.directory.write("example.com.zone", "@ 60 NS ns.example.net.\n");
    let lines = server.reload().join("\n");
    assert!(lines.contains("WARN zone example.com: ") && lines.contains("SOA"), "{lines}");
    assert_eq!(serial(server.v6, "example.com."), Some(7));
    server.directory.write("example.com.zone", &ZONE.replace("hostmaster 7", "hostmaster 8"));
    server.reload();
    assert_eq!(serial(server.v6, "example.com."), Some(8));
}

#[test]
fn a_zone_broken_at_the_start_gets_servfail_until_it_is_mended() {
    let directory = Directory::create();
    directory.write("example.com.zone", ZONE);
    directory.write("broken.example.zone", "@ 60 SOA ns\n");
    let zone = |name: &str| format!("[[zone]]\nname = \"{name}\"\nfile = \"{name}.zone\"\n");
    let zones = ["example.com", "broken.example", "absent.example"].map(zone).concat();
    directory.write("gannet.toml", &config(&zones));
    let server = Server::start_in(directory);
    let rcode = |name: &str| ask_udp(server.v4, &query(name, RecordType::A)).rcode();
    assert_eq!(rcode("web.example.com."), ResponseCode::NoError);
    for name in ["broken.example.", "a.b.absent.example."] {
        assert_eq!(rcode(name), ResponseCode::ServFail);
    }
    assert_eq!(rcode("example."), ResponseCode::Refused);
    server.process.await_line(0, "zone broken.example: not loaded from ");
    server.process.await_line(0, "its names get SERVFAIL");
    for name in ["broken.example", "absent.example"] {
        let text = format!("@ 60 SOA ns h 3 60 60 60 60\n@ 60 NS ns\nns.{name}. 60 A 192.0.2.1\n");
        server.directory.write(&format!("{name}.zone"), &text);
    }
    server.reload();
    assert_eq!(rcode("ns.broken.example."), ResponseCode::NoError);
    assert_eq!(rcode("a.b.absent.example."), ResponseCode::NXDomain);
}

#[test]
fn zones_are_added_removed_and_renamed_by_the_configuration_and_by_directories() {
    let directory = Server::directory("[[zone-directory]]\npath = \"more\"");
    std::fs::create_dir(directory.path().join("more")).unwrap();
    directory.write("one.zone", "@ 60 SOA ns h 1 60 60 60 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n");
    directory.write("two.zone", "@ 60 SOA ns h 2 60 60 60 60\n@ 60 NS ns\nns 60 A 192.0.2.2\n");
    let server = Server::start_in(directory);
    let rcode = |name: &str| ask_udp(server.v6, &query(name, RecordType::SOA)).rcode();
    let reload_with = |zones: &str| {
        let text = config(&format!("{WITH_ZONE}{zones}[[zone-directory]]\npath = \"more\"\n"));
        server.directory.write("gannet.toml", &text);
        server.reload()
    };
    let (yes, no) = (ResponseCode::NoError, ResponseCode::Refused);
    assert_eq!((rcode("one.example."), rcode("example.com.")), (no, yes));
    reload_with("[[zone]]\nname = \"one.example\"\nfile = \"one.zone\"\n");
    assert_eq!((rcode("one.example."), rcode("two.example.")), (yes, no));
    reload_with("[[zone]]\nname = \"two.example\"\nfile = \"one.zone\"\n");
    assert_eq!((rcode("one.example."), rcode("two.example.")), (no, yes));
    assert_eq!(serial(server.v4, "two.example."), Some(1));
    reload_with("[[zone]]\nname = \"two.example\"\nfile = \"two.zone\"\n");
    assert_eq!(serial(server.v4, "two.example."), Some(2));
    // A child beside its parent: the longest match answers.
    reload_with("[[zone]]\nname = \"web.example.com\"\nfile = \"two.zone\"\n");
    assert_eq!(serial(server.v4, "web.example.com."), Some(2));
    server
        .directory
        .write("more/three.example.zone", &std::fs::read_to_string(server.directory.path().join("two.zone")).unwrap());
    reload_with("");
    assert_eq!((rcode("two.example."), rcode("three.example."), rcode("example.com.")), (no, yes, yes));
    assert_eq!(ask_udp(server.v4, &query("web.example.com.", RecordType::A)).message.answers.len(), 2);
    std::fs::remove_file(server.directory.path().join("more/three.example.zone")).unwrap();
    reload_with("");
    assert_eq!(rcode("three.example."), no);
}

#[test]
fn a_configuration_with_errors_changes_nothing() {
    let server = Server::start("");
    for (broken, said) in [
        ("[server]\nlisten = 53\n", "an integer, not an array"),
        ("[limits]\nclient-qsp = 1\n", "did you mean `client-qps`?"),
        ("[[zone]\n", "gannet.toml:1:"),
    ] {
        server.directory.write("gannet.toml", broken);
        let lines = server.reload_failed().join("\n");
        assert!(lines.contains(said), "{said}: {lines}");
        assert_eq!(ask_udp(server.v4, &query("web.example.com.", RecordType::A)).message.answers.len(), 2);
    }
    std::fs::remove_file(server.directory.path().join("gannet.toml")).unwrap();
    assert!(server.reload_failed().join("\n").contains("cannot read "));
    // Whole again, with an option that only a start takes up.
    server.directory.write("gannet.toml", &config(&format!("[udp]\npayload-v4 = 512\n{WITH_ZONE}")));
    let lines = server.reload().join("\n");
    assert!(
        lines.contains("WARN options other than zones, answers, transfers, limits, rrl and cookies have changed"),
        "{lines}"
    );
    assert_eq!(ask_udp(server.v4, &query_edns("web.example.com.", RecordType::A, 1232)).message.max_payload(), 1232);
}

#[test]
fn what_is_chosen_for_answers_is_taken_up_by_a_reload() {
    let choose = |answers: &str, zone: &str| config(&format!("[answers]\n{answers}\n{WITH_ZONE}\n{zone}"));
    let server = Server::start("");
    let ask = |rtype| ask_udp(server.v4, &query("web.example.com.", rtype));
    assert_eq!((ask(RecordType::ANY).message.answers.len(), ask(RecordType::A).message.authorities.len()), (2, 0));
    for (answers, zone, rcode, authorities) in [
        ("any = \"refuse\"", "", ResponseCode::Refused, 0),
        ("any = \"refuse\"", "any = \"minimal\"\nminimal-responses = \"no\"", ResponseCode::NoError, 2),
        ("minimal-responses = \"no\"", "minimal-responses = \"yes\"\nany = \"refuse\"", ResponseCode::Refused, 0),
    ] {
        server.directory.write("gannet.toml", &choose(answers, zone));
        server.reload();
        assert_eq!(ask(RecordType::ANY).rcode(), rcode, "{answers} {zone}");
        assert_eq!(ask(RecordType::A).message.authorities.len(), authorities, "{answers} {zone}");
    }
    // Of a zone that fails to load the old version serves, in the way that is chosen now.
    server.directory.write("example.com.zone", "broken");
    server.directory.write("gannet.toml", &choose("minimal-responses = \"no\"", ""));
    server.reload();
    assert_eq!(ask(RecordType::A).message.authorities.len(), 2);
}

#[test]
fn outside_its_zones_a_server_may_keep_silent() {
    let directory = Server::directory("");
    let silent = config(WITH_ZONE).replace("[server]", "[server]\noutside-zones = \"drop\"");
    directory.write("gannet.toml", &silent);
    let server = Server::start_in(directory);
    let socket = udp_socket(server.v4);
    // The first gets nothing, so the first reply is the second's.
    for name in ["web.example.net.", "web.example.com."] {
        socket.send(&query(name, RecordType::A).to_vec().unwrap()).unwrap();
    }
    let reply = Reply::read(&receive(&socket));
    assert_eq!(
        (reply.message.answers.len(), reply.message.queries[0].name().to_string()),
        (2, "web.example.com.".to_owned())
    );
}

#[test]
fn a_connection_outlives_reloads() {
    let server = Server::start("");
    let mut connection = Connection::to(server.v4);
    let ask = query("web.example.com.", RecordType::A);
    for _ in 0..3 {
        assert_eq!(connection.ask(&ask).message.answers.len(), 2);
        // Half a message before, half after.
        let octets = framed(&ask.to_vec().unwrap());
        connection.0.write_all(&octets[..9]).unwrap();
        server.reload();
        connection.0.write_all(&octets[9..]).unwrap();
        assert_eq!(Reply::to(&ask, &connection.read().unwrap()).message.answers.len(), 2);
    }
}
