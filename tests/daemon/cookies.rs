//! DNS Cookies between the daemon and the clients and servers of others; and the other options as they ask for them.
//!
//! `dig`, `kdig`, `named` and `knotd` come from Debian's packages, which `.ci/run` installs. One that is not there is named and
//! passed over, but not where CI is set.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};

use crate::opt::*;
use crate::process::{Directory, Process, free_port};
use crate::server::{Server, WITH_ZONE, config};

const SECRET: &str = "e5e973e5a6b2a43f48e7dc849e37bfcf";
const OTHER_SECRET: &str = "445536bcd2513298075a5d379663c962";

/// One query a second for each client: who gets more has a valid cookie.
const LIMITED: &str = "workers = 1\n[limits]\nclient-qps = 1\nclient-burst = 1\nslip = 1\n";

/// A server with a file of secrets.
fn server_with(secrets: &str) -> Server {
    let directory = Server::directory(&format!("{LIMITED}[cookies]\nsecret-file = \"secrets\"\n"));
    directory.write("secrets", secrets);
    Server::start_in(directory)
}

fn soa(options: &[u8]) -> Asked {
    Asked::of("example.com", SOA).with(options)
}

pub fn with_cookie(cookie: &[u8]) -> Asked {
    soa(&option(COOKIE, cookie))
}

/// The cookie that a server gives to a client that has none yet.
pub fn first_cookie(to: SocketAddr) -> Vec<u8> {
    let cookie = with_cookie(b"01234567").send(to).option(COOKIE).expect("a cookie").to_vec();
    assert_eq!((cookie.len(), &cookie[..8]), (24, &b"01234567"[..]));
    cookie
}

/// Whether the server that limits takes the cookie for valid: then all are answered, and else most are not.
fn is_valid(server: &Server, cookie: &[u8]) -> bool {
    let answered = (0..20).filter(|_| !with_cookie(cookie).send(server.v4).is_truncated()).count();
    assert!(answered == 20 || answered < 15, "{answered} of 20");
    answered == 20
}

#[allow(clippy::print_stderr)] // what is passed over is named
fn or_passed_over<T>(tool: &str, result: std::io::Result<T>) -> Option<T> {
    match result {
        Ok(it) => Some(it),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            assert!(std::env::var_os("CI").is_none(), "{tool} is not installed");
            eprintln!("{tool} is not installed: not tried");
            None
        }
        Err(error) => panic!("{tool} cannot be run: {error}"),
    }
}

fn command(tool: &str) -> Command {
    let mut command = Command::new(tool);
    command.env("PATH", format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default()));
    command
}

/// What a tool prints when it asks our server.
fn ask(tool: &str, to: SocketAddr, arguments: &[&str]) -> Option<String> {
    let (at, port) = (format!("@{}", to.ip()), to.port().to_string());
    let mut command = command(tool);
    command.args([&at, "-p", &port]).args(arguments).args(["SOA", "example.com"]).stdin(Stdio::null());
    let output = or_passed_over(tool, command.output())?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The cookie that `dig` or `kdig` prints.
fn printed_cookie(text: &str) -> String {
    let cookie =
        text.lines().find_map(|line| line.split_once("COOKIE: ")).unwrap_or_else(|| panic!("no cookie: {text}"));
    cookie.1.split_whitespace().next().unwrap().to_lowercase()
}

fn octets(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
}

#[test]
fn dig_and_kdig_bring_back_a_cookie_that_is_valid() {
    let server = server_with(SECRET);
    for tool in ["dig", "kdig"] {
        let with = |cookie: &str| ask(tool, server.v4, &[&format!("+cookie={cookie}"), "+norec", "+ignore"]);
        let Some(first) = with("0102030405060708") else { continue };
        let cookie = printed_cookie(&first);
        assert!(cookie.len() == 48 && cookie.starts_with("0102030405060708"), "{tool}: {first}");
        for _ in 0..10 {
            let again = with(&cookie).unwrap();
            assert!(again.contains("NOERROR") && !again.contains("flags: qr tc"), "{tool}: {again}");
            assert_eq!(printed_cookie(&again), cookie, "{tool}: the same while it is fresh");
        }
        assert!(is_valid(&server, &octets(&cookie)), "{tool}: {cookie}");
    }
}

#[test]
fn over_the_limit_badcookie_makes_dig_and_kdig_come_back() {
    let server = Server::start(&format!("{LIMITED}[cookies]\nbadcookie-over-limit = true\n"));
    for tool in ["dig", "kdig"] {
        // Until its one query of this second is used up.
        let refused = (0..50).map(|_| with_cookie(b"01234567").send(server.v4)).find(|got| got.rcode == 23);
        let refused = refused.expect("the limit is one query a second");
        assert!(!refused.is_truncated() && refused.option(COOKIE).is_some());
        let Some(text) = ask(tool, server.v4, &["+cookie", "+badcookie", "+norec"]) else { continue };
        assert!(text.contains("NOERROR") && text.contains("hostmaster.example.com."), "{tool}: {text}");
        assert!(!text.contains("TCP"), "{tool}: {text}");
    }
}

/// Another's server with the secret, which refuses who brings no valid cookie.
struct Peer {
    process: Process,
    addr: SocketAddr,
    _directory: Directory,
}

impl Peer {
    fn start(tool: &str) -> Option<Self> {
        or_passed_over(tool, command(tool).arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status())?;
        let (directory, port) = (Directory::create(), free_port());
        let home = directory.path().display().to_string();
        let zone = directory.write("zone", "$TTL 300\n@ SOA ns hm 1 3600 900 604800 60\n NS ns\nns A 192.0.2.1\n");
        let zone = zone.display();
        let mut command = command(tool);
        let ready = if tool == "named" {
            let text = format!(
                "options {{ directory \"{home}\"; pid-file none; session-keyfile none; lock-file none; recursion no;\n\
                 listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; dnssec-validation no;\n\
                 cookie-algorithm siphash24; cookie-secret \"{SECRET}\"; require-server-cookie yes; }};\n\
                 controls {{ }};\nzone \"example.com\" {{ type primary; file \"{zone}\"; }};\n"
            );
            command.args(["-g", "-c"]).arg(directory.write("named.conf", &text));
            " running"
        } else {
            let text = format!(
                "server:\n    rundir: \"{home}\"\n    listen: 127.0.0.1@{port}\n    udp-workers: 1\n    tcp-workers: 1\n\
                 log:\n  - target: stderr\n    any: info\ndatabase:\n    storage: \"{home}\"\n\
                 mod-cookies:\n  - id: default\n    badcookie-slip: 1\n    secret: 0x{SECRET}\n\
                 template:\n  - id: default\n    global-module: mod-cookies/default\n\
                 zone:\n  - domain: example.com\n    file: \"{zone}\"\n"
            );
            command.arg("-c").arg(directory.write("knot.conf", &text));
            "server started"
        };
        let process = Process::start(&mut command);
        process.await_line(0, ready);
        Some(Self { process, addr: (Ipv4Addr::LOCALHOST, port).into(), _directory: directory })
    }
}

#[test]
fn cookies_of_bind_and_knot_are_ours_and_ours_are_theirs() {
    for tool in ["named", "knotd"] {
        let Some(peer) = Peer::start(tool) else { continue };
        let (server, stranger) = (server_with(SECRET), server_with(OTHER_SECRET));
        let (theirs, ours) = (first_cookie(peer.addr), first_cookie(server.v4));
        assert!(is_valid(&server, &theirs), "{tool}: {theirs:?}");
        assert!(!is_valid(&stranger, &theirs), "{tool}: {theirs:?}");
        assert_eq!(with_cookie(&ours).send(peer.addr).rcode, 0, "{tool}: {ours:?}");
        let strange = first_cookie(stranger.v4);
        assert_eq!(with_cookie(&strange).send(peer.addr).rcode, 23, "{tool}: {strange:?}");
        peer.process.signal(libc::SIGTERM);
    }
}

#[test]
fn secrets_roll_over_by_reloads() {
    let server = server_with(SECRET);
    let reload = |secrets: &str| {
        server.directory.write("secrets", secrets);
        server.reload().join("\n")
    };
    let old = first_cookie(server.v4);
    assert!(is_valid(&server, &old));
    reload(&format!("{SECRET}\n{OTHER_SECRET}\n"));
    assert!(is_valid(&server, &old));
    assert_eq!(with_cookie(&old).send(server.v4).option(COOKIE), Some(&old[..]));
    reload(&format!("# put first\n{OTHER_SECRET}\n{SECRET}\n"));
    assert!(is_valid(&server, &old));
    let new = with_cookie(&old).send(server.v4).option(COOKIE).expect("a cookie").to_vec();
    assert!(new != old && is_valid(&server, &new));
    // What is no secret changes nothing.
    for (bad, said) in [("", "no secret"), ("zz\n", "line 1: expected a secret of 32 hexadecimal digits")] {
        let said_now = reload(bad);
        assert!(said_now.contains(said) && said_now.contains("stay in use"), "{said_now}");
        assert!(is_valid(&server, &old) && is_valid(&server, &new));
    }
    reload(OTHER_SECRET);
    assert!(is_valid(&server, &new) && !is_valid(&server, &old));
    // Off.
    let off = config(&format!("{LIMITED}[cookies]\nanswer = false\n{WITH_ZONE}"));
    server.directory.write("gannet.toml", &off);
    server.reload();
    assert_eq!(with_cookie(&new).send(server.v4).option(COOKIE), None);
}

#[test]
fn a_server_without_its_secrets_does_not_start() {
    let directory = Server::directory("[cookies]\nsecret-file = \"secrets\"\n");
    for (text, said) in [(None, "No such file"), (Some("short\n"), "line 1: expected a secret")] {
        if let Some(text) = text {
            directory.write("secrets", text);
        }
        for check in [&["-c", "gannet.toml"][..], &["-c", "gannet.toml", "--check"]] {
            let outcome = crate::server::run(directory.path(), check);
            assert_eq!(outcome.code(), 1);
            assert!(outcome.stderr.contains("cookies: ") && outcome.stderr.contains(said), "{}", outcome.stderr);
        }
    }
}

#[test]
fn options_are_told_as_dig_and_kdig_ask_for_them() {
    let server = Server::start("nsid = \"ams1\"\nreport-agent = \"Errors.example.com\"\n[tcp]\nidle-timeout = \"12s\"");
    let zone_version = soa(&option(ZONE_VERSION, b"")).send(server.v4);
    assert_eq!(zone_version.option(ZONE_VERSION), Some(&[2, 0, 0, 0, 0, 7][..]));
    assert_eq!(zone_version.option(18), Some(&wire("errors.example.com")[..]));
    let keepalive = soa(&option(KEEPALIVE, b""));
    assert_eq!(keepalive.send(server.v4).option(KEEPALIVE), None);
    let over_tcp = Asked { tcp: true, ..keepalive }.send(server.v4);
    assert_eq!(over_tcp.option(KEEPALIVE), Some(&[0, 120][..]));
    for (tool, expected) in [
        ("dig", ["NSID: 61 6d 73 31", "EXPIRE: 604800", "CLIENT-SUBNET: 192.0.2.0/24/0"]),
        ("kdig", ["NSID: 616D7331", "EXPIRE: 604800", "192.0.2.0/24/0"]),
    ] {
        let Some(text) = ask(tool, server.v4, &["+nsid", "+expire", "+subnet=192.0.2.0/24", "+norec"]) else {
            continue;
        };
        for expected in expected {
            assert!(text.contains(expected), "{tool}: {expected} is not in {text}");
        }
    }
    let Some(text) = ask("dig", server.v4, &["+tcp", "+keepalive", "+norec"]) else { return };
    assert!(text.contains("TCP KEEPALIVE: 12.0 secs"), "{text}");
    let Some(text) = ask("dig", server.v4, &["+header-only", "+cookie=0102030405060708", "+norec"]) else { return };
    assert!(text.contains("NOERROR") && printed_cookie(&text).len() == 48, "{text}");
}

#[test]
fn error_reports_are_logged_and_not_one_by_one() {
    let directory = Server::directory("report-agent = \"er.example.com\"");
    let zone = format!("{}\n*._er.er TXT \"thanks\"\n", crate::server::ZONE);
    directory.write("example.com.zone", &zone);
    let server = Server::start_in(directory);
    let report = Asked::of("_er.28.www.Broken.test.9._er.er.example.com", TXT);
    let got = report.send(server.v4);
    assert!(got.is_truncated() && got.sections[0].is_empty(), "over UDP a sender may be a lie");
    let over_tcp = Asked { tcp: true, ..report };
    for _ in 0..30 {
        assert_eq!(over_tcp.send(server.v4).sections[0], [TXT]);
    }
    let (line, next) = server.process.await_line(0, "error report: ");
    assert!(line.ends_with("www.broken.test. AAAA: extended error 9, by 127.0.0.1"), "{line}");
    server.process.await_line(next, "more in this second");
}
