//! Who gets no transfer, and what is said to them and to the operator.

use std::net::SocketAddr;

use hickory_proto::op::{Edns, Message, ResponseCode};
use hickory_proto::rr::rdata::SOA;
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use crate::client::{Connection, Reply, ask_tcp, ask_udp, framed, query, query_edns};
use crate::process::Directory;
use crate::server::{Server, config};
use crate::zones::{directory, large};

fn axfr(zone: &str) -> Message {
    query(zone, RecordType::AXFR)
}

fn ixfr(zone: &str, serial: u32) -> Message {
    let mut message = query(zone, RecordType::IXFR);
    let soa = SOA::new(Name::root(), Name::root(), serial, 0, 0, 0, 0);
    message.authorities.push(Record::from_rdata(Name::from_ascii(zone).unwrap(), 0, RData::SOA(soa)));
    message
}

#[test]
fn who_is_not_allowed_is_refused_and_the_log_says_so() {
    let small = large(7, 1);
    let directory = Directory::create();
    for name in ["closed.test", "open.test"] {
        directory.write(&format!("{name}.zone"), &small);
    }
    directory.write("broken.test.zone", "@ SOA\n");
    std::fs::create_dir(directory.path().join("more")).unwrap();
    std::fs::write(directory.path().join("more/below.test.zone"), &small).unwrap();
    let zone = |name: &str, more: &str| format!("[[zone]]\nname = \"{name}\"\nfile = \"{name}.zone\"\n{more}\n");
    let text = [
        zone("closed.test", ""),
        zone("open.test", "allow-transfer = [\"127.0.0.1\", \"2001:db8::/32\"]"),
        zone("broken.test", "allow-transfer = [\"127.0.0.0/8\"]"),
        "[[zone-directory]]\npath = \"more\"\nallow-transfer = [\"127.0.0.1\"]\n".to_owned(),
    ];
    directory.write("gannet.toml", &config(&text.concat()));
    let server = Server::start_in(directory);
    let (no, records) = (|rcode| (rcode, 0), |count| (ResponseCode::NoError, count));
    let brief = |reply: Reply| (reply.rcode(), reply.message.answers.len());
    let [refused, not_auth, failed, not_imp] =
        [ResponseCode::Refused, ResponseCode::NotAuth, ResponseCode::ServFail, ResponseCode::NotImp].map(no);
    for (ask, v4, v6) in [
        (axfr("open.test."), records(5), refused),
        (axfr("below.test."), records(5), refused),
        (axfr("closed.test."), refused, refused),
        (axfr("broken.test."), failed, refused),
        (axfr("nowhere.test."), not_auth, not_auth),
        (axfr("host0.open.test."), not_auth, not_auth),
        (ixfr("open.test.", 6), records(5), refused),
        (ixfr("open.test.", 7), records(1), refused),
    ] {
        assert_eq!(brief(ask_tcp(server.v4, &ask)), v4, "{ask:?}");
        assert_eq!(brief(ask_tcp(server.v6, &ask)), v6, "{ask:?}");
    }
    assert_eq!(brief(ask_udp(server.v4, &axfr("open.test."))), not_imp);
    assert_eq!(brief(ask_udp(server.v4, &ixfr("open.test.", 6))), records(1));
    assert_eq!(brief(ask_udp(server.v6, &ixfr("open.test.", 6))), refused);
    server.process.await_line(0, "zone open.test: transfer of 7 to 127.0.0.1:");
    let (line, _) = server.process.await_line(0, "no transfer to [::1]:");
    assert!(line.contains("zone open.test: ") && line.ends_with("the client is not in its allow-transfer"), "{line}");
}

#[test]
fn an_opt_is_answered_by_an_opt() {
    let server = Server::start_in(directory(&[("large.test", large(7, 1))], ""));
    for (to, code) in [(server.v4, ResponseCode::NoError), (server.v6, ResponseCode::Refused)] {
        let reply = ask_tcp(to, &query_edns("large.test.", RecordType::AXFR, 4096));
        assert_eq!(reply.rcode(), code);
        assert_eq!(reply.message.edns.as_ref().map(|edns| edns.max_payload()), Some(1232));
        assert!(ask_tcp(to, &axfr("large.test.")).message.edns.is_none());
    }
}

/// RFC 7873 section 5.2: every reply to a message with a cookie has one.
#[test]
fn a_cookie_is_answered_by_a_cookie() {
    let server = Server::start_in(directory(&[("large.test", large(7, 1))], ""));
    let with_cookie = |mut ask: Message| {
        let edns = ask.edns.get_or_insert_with(Edns::new);
        edns.options_mut().insert(EdnsOption::Unknown(10, b"12345678".to_vec()));
        ask
    };
    let cookie = |reply: &Reply| {
        let option = reply.message.edns.as_ref().and_then(|edns| edns.option(EdnsCode::Cookie)).cloned();
        option.map_or(Vec::new(), |option| Vec::try_from(&option).unwrap())
    };
    for ask in [axfr("large.test."), ixfr("large.test.", 7), axfr("nowhere.test.")].map(with_cookie) {
        let replies = [ask_tcp(server.v4, &ask), ask_tcp(server.v6, &ask), ask_udp(server.v4, &ask)];
        for reply in replies {
            let cookie = cookie(&reply);
            assert_eq!((cookie.len(), &cookie[..8]), (24, &b"12345678"[..]), "{ask:?}");
        }
    }
}

#[test]
fn over_the_limit_of_transfers_at_once_a_client_is_refused_until_one_ends() {
    let server = Server::start_in(directory(&[("large.test", large(7, 100_000))], "[transfers]\nper-client = 1"));
    let begin = |to: SocketAddr| {
        use std::io::Write as _;
        let mut connection = Connection::to(to);
        connection.0.write_all(&framed(&axfr("large.test.").to_vec().unwrap())).unwrap();
        let first = Reply::read(&connection.read().unwrap());
        (connection, first.rcode())
    };
    let (held, rcode) = begin(server.v4);
    assert_eq!(rcode, ResponseCode::NoError);
    assert_eq!(begin(server.v4).1, ResponseCode::Refused);
    server.process.await_line(0, "there are as many transfers as may be");
    drop(held);
    server.process.await_line(0, "cut off after");
    assert_eq!(begin(server.v4).1, ResponseCode::NoError);
}

#[test]
fn permission_is_given_and_taken_by_a_reload() {
    let server = Server::start_in(directory(&[("large.test", large(7, 1))], ""));
    let ask = axfr("large.test.");
    assert_eq!(ask_tcp(server.v4, &ask).rcode(), ResponseCode::NoError);
    let text = |allowed: &str| {
        config(&format!("[[zone]]\nname = \"large.test\"\nfile = \"large.test.zone\"\nallow-transfer = [{allowed}]"))
    };
    server.directory.write("gannet.toml", &text("\"::1\""));
    server.reload();
    assert_eq!(ask_tcp(server.v4, &ask).rcode(), ResponseCode::Refused);
    assert_eq!(ask_tcp(server.v6, &ask).rcode(), ResponseCode::NoError);
    // A prefix with a slip of the pen gives no new permission, and is told.
    server.directory.write("gannet.toml", &text("\"127.0.0.1/8\""));
    let lines = server.reload_failed().join("\n");
    assert!(lines.contains("bits are set behind the prefix, which is 127.0.0.0/8"), "{lines}");
    assert_eq!(ask_tcp(server.v4, &ask).rcode(), ResponseCode::Refused);
}
