//! Answers of every kind over both transports and both families.

use hickory_proto::op::{Edns, Message, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RecordType};

use crate::client::*;
use crate::server::Server;

#[test]
fn every_kind_of_answer_over_both_transports_and_families() {
    let server = Server::start("");
    let mut connections = [Connection::to(server.v4), Connection::to(server.v6)];
    for (name, rtype, expected) in [
        ("web", RecordType::A, "NoError aa: web A 192.0.2.81, web A 192.0.2.82 /  / "),
        ("wEb", RecordType::AAAA, "NoError aa: wEb AAAA 2001:db8::81 /  / "),
        ("www", RecordType::AAAA, "NoError aa: web AAAA 2001:db8::81, www CNAME web /  / "),
        ("mail", RecordType::AAAA, "NoError aa:  / @ SOA ns1 hostmaster 7 3600 900 604800 60 / "),
        ("nothing", RecordType::A, "NXDomain aa:  / @ SOA ns1 hostmaster 7 3600 900 604800 60 / "),
        ("@", RecordType::MX, "NoError aa: @ MX 10 mail /  / mail A 192.0.2.25"),
        ("x.y.apps", RecordType::TXT, "NoError aa: x.y.apps TXT of the wildcard /  / "),
        (
            "deep.below.sub",
            RecordType::A,
            "NoError:  / sub NS ns.example.net., sub NS ns.sub / ns.sub A 192.0.2.99, ns.sub AAAA 2001:db8::99",
        ),
        // hickory-proto knows no DNAME, so it shows the rdata in base 64.
        (
            "a.old",
            RecordType::A,
            "NoError aa: a.old CNAME a.new.example.org., old DNAME A25ldwdleGFtcGxlA29yZwA= /  / ",
        ),
        ("www.example.org.", RecordType::A, "Refused"),
    ] {
        let full = match name {
            "@" => "example.com.".to_owned(),
            name if name.ends_with('.') => name.to_owned(),
            name => format!("{name}.example.com."),
        };
        let ask = query(&full, rtype);
        let [over_v4, over_v6] = &mut connections;
        for (how, reply) in [
            ("UDP v4", ask_udp(server.v4, &ask)),
            ("UDP v6", ask_udp(server.v6, &ask)),
            ("TCP v4", over_v4.ask(&ask)),
            ("TCP v6", over_v6.ask(&ask)),
        ] {
            let brief = reply.brief().replace(".example.com.", "").replace("example.com.", "@");
            assert_eq!(brief, expected, "{name} {rtype} over {how}");
        }
    }
    // RFC 8482 section 4.1: one RRset is enough.
    let any = ask_udp(server.v4, &query("example.com.", RecordType::ANY));
    assert_eq!((any.rcode(), any.truncated()), (ResponseCode::NoError, false));
    let mut types: Vec<_> = any.message.answers.iter().map(|record| record.record_type()).collect();
    types.dedup();
    assert_eq!(types.len(), 1);
    let outcome = server.stop();
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (0, ""));
}

#[test]
fn sizes_are_those_of_the_client_and_the_rest_comes_over_tcp() {
    let server = Server::start("");
    let (some, many) = ("some.example.com.", "many.example.com.");
    for (name, payload, whole, at_most) in [
        (some, None, false, 512),
        (some, Some(0), false, 512),
        (some, Some(512), false, 512),
        (some, Some(700), false, 700),
        (some, Some(1232), true, 1232),
        (many, Some(1232), false, 1232),
        (many, Some(65_535), false, 1232),
    ] {
        let ask = payload.map_or_else(|| query(name, RecordType::TXT), |size| query_edns(name, RecordType::TXT, size));
        let reply = ask_udp(server.v6, &ask);
        assert_eq!((reply.rcode(), reply.truncated()), (ResponseCode::NoError, !whole), "{name} {payload:?}");
        assert!(reply.octets <= at_most, "{name} {payload:?}: {}", reply.octets);
        assert_eq!(reply.message.edns.as_ref().map(Edns::max_payload), payload.map(|_| 1232));
        let all = ask_tcp(server.v6, &ask);
        assert!(!all.truncated());
        assert_eq!(all.message.answers.len(), if name == some { 12 } else { 90 });
    }
    // The two families differ.
    let server = Server::start("[udp]\npayload-v4 = 600\npayload-v6 = 700");
    for (address, size) in [(server.v4, 600), (server.v6, 700)] {
        let reply = ask_udp(address, &query_edns(some, RecordType::TXT, 4096));
        assert!(reply.truncated() && reply.octets <= usize::from(size));
        assert_eq!(reply.message.max_payload(), size);
        assert_eq!(ask_tcp(address, &query_edns(some, RecordType::TXT, 4096)).message.max_payload(), size);
    }
}

/// What is never asked cannot be answered by somebody else: nobody can poison a server that does not ask.
#[test]
fn no_query_makes_the_server_ask_others() {
    let server = Server::start("[[zone]]\nname = \"away.example\"\nfile = \"away.zone\"\n[log]\nlevel = \"debug\"");
    let sockets = || {
        let descriptors = std::fs::read_dir(format!("/proc/{}/fd", server.process.id())).unwrap();
        let links = descriptors.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
        let mut sockets: Vec<_> = links.filter(|link| link.to_string_lossy().starts_with("socket:")).collect();
        sockets.sort();
        sockets
    };
    let before = sockets();
    for name in ["away.example.com.", "elsewhere.test.", "nothing.example.com.", "x.away.example."] {
        for rtype in [RecordType::A, RecordType::ANY, RecordType::SOA, RecordType::AXFR] {
            let mut ask = query_edns(name, rtype, 1232);
            ask.metadata.recursion_desired = true;
            ask_udp(server.v4, &ask);
            assert_eq!(sockets(), before, "{name} {rtype}");
        }
    }
}

#[test]
fn edns_versions_and_flags_are_answered_in_kind() {
    let server = Server::start("");
    let mut ask = query_edns("web.example.com.", RecordType::A, 1232);
    ask.edns.as_mut().unwrap().set_dnssec_ok(true);
    ask.metadata.recursion_desired = true;
    let reply = ask_udp(server.v4, &ask);
    assert!(reply.message.edns.as_ref().unwrap().flags().dnssec_ok);
    assert_eq!(reply.message.answers.len(), 2);
    ask.edns.as_mut().unwrap().set_version(1);
    for reply in [ask_udp(server.v4, &ask), ask_tcp(server.v4, &ask)] {
        let edns = reply.message.edns.as_ref().unwrap();
        // 16 is BADVERS (RFC 6891 section 9).
        assert_eq!((u16::from(reply.rcode()), edns.rcode_high(), edns.version()), (16, 1, 0));
        assert!(reply.message.answers.is_empty());
    }
}

#[test]
fn the_server_tells_of_itself_what_it_is_told_to() {
    let chaos = |name: &str| {
        let mut ask = query(name, RecordType::TXT);
        ask.queries[0].set_query_class(DNSClass::CH);
        ask
    };
    let server = Server::start("version = \"a name server\"\nidentity = \"ams1\"");
    for (name, text) in
        [("version.bind.", "a name server"), ("id.server.", "ams1"), ("Hostname.Bind.", "ams1"), ("other.", "")]
    {
        let reply = ask_udp(server.v4, &chaos(name));
        let expected = if text.is_empty() { "Refused".into() } else { format!("NoError aa: {name} TXT {text} /  / ") };
        assert_eq!(reply.brief(), expected);
    }
    let server = Server::start("version = \"\"");
    for name in ["version.bind.", "id.server."] {
        assert_eq!(ask_tcp(server.v6, &chaos(name)).brief(), "Refused");
    }
}

#[test]
fn what_is_not_served_is_said_so_and_what_is_no_query_gets_nothing() {
    let server = Server::start("");
    let (socket, mut connection) = (udp_socket(server.v4), Connection::to(server.v6));
    let mut ask = |octets: &[u8]| {
        socket.send(octets).unwrap();
        std::io::Write::write_all(&mut connection.0, &framed(octets)).unwrap();
        let (udp, tcp) = (receive(&socket), connection.read().unwrap());
        assert_eq!(udp, tcp, "the same over both");
        let reply = Reply::read(&udp);
        assert_eq!(udp[..2], octets[..2], "the id");
        format!("{}, {} octets", reply.brief(), reply.octets)
    };
    let whole = query("web.example.com.", RecordType::A);
    for opcode in [OpCode::Status, OpCode::Notify, OpCode::Update, OpCode::Unknown(6), OpCode::Unknown(15)] {
        let mut other = whole.clone();
        other.metadata.op_code = opcode;
        assert_eq!(ask(&other.to_vec().unwrap()), "NotImp, 12 octets", "{opcode}");
    }
    let mut two = whole.clone();
    two.add_query(Query::query(Name::from_ascii("mail.example.com.").unwrap(), RecordType::A));
    let octets = whole.to_vec().unwrap();
    let none = Message::new(7, whole.metadata.message_type, OpCode::Query);
    for broken in [
        &two.to_vec().unwrap()[..],                         // RFC 9619
        &none.to_vec().unwrap(),                            // no question
        &octets[..octets.len() - 1],                        // cut off
        &[&octets[..12], b"\xc0\x0c\0\x01\0\x01"].concat(), // a name that points at itself
        &[&octets[..], b"more"].concat(),
    ] {
        assert_eq!(ask(broken), "FormErr, 12 octets", "{broken:?}");
    }
    // A response, and less than a header: the next reply is to the query behind them.
    let mut response = octets.clone();
    response[2] |= 0x80;
    for silent in [&response[..], &octets[..11], &[]] {
        socket.send(silent).unwrap();
        socket.send(&octets).unwrap();
        assert_eq!(Reply::to(&whole, &receive(&socket)).rcode(), ResponseCode::NoError);
    }
}
