//! Runs what the README shows, and compares what comes with what it says.
//!
//! Knows how the README is written, and Gannet only from outside.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use gannet::config::Config;
use hickory_proto::op::{Message, Query};
use hickory_proto::rr::{Name, RecordType};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What `cargo run` is given before the arguments of the daemon.
const CARGO_RUN: &str = "cargo run --release --bin gannetd -- ";

fn text_of(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A fenced block: what stands behind the fence, and the lines in it.
struct Block {
    kind: String,
    lines: Vec<String>,
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in text_of("README.md").lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(kind), None) => open = Some(Block { kind: kind.to_owned(), lines: Vec::new() }),
            (None, Some(block)) => block.lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    blocks
}

/// The commands of all console blocks, each with the lines that it prints.
fn commands() -> Vec<(String, Vec<String>)> {
    let mut commands: Vec<(String, Vec<String>)> = Vec::new();
    for block in blocks().into_iter().filter(|block| block.kind == "console") {
        assert!(
            block.lines.first().is_some_and(|line| line.starts_with("$ ")),
            "a console block starts with a command"
        );
        for line in block.lines {
            match line.strip_prefix("$ ") {
                Some(command) => commands.push((command.to_owned(), Vec::new())),
                None => commands.last_mut().expect("a command comes first").1.push(line),
            }
        }
    }
    commands
}

/// The one command that starts like this, with what it prints.
fn command(start: &str) -> (String, Vec<String>) {
    let mut found = commands().into_iter().filter(|command| command.0.starts_with(start));
    let first = found.next().unwrap_or_else(|| panic!("the README has no command `{start}`"));
    assert!(found.next().is_none(), "the README has more than one command `{start}`");
    first
}

/// A line of the log without its time: the level and what it says.
fn untimed(line: &str) -> &str {
    line.split_once("Z ").unwrap_or_else(|| panic!("no time in `{line}`")).1.trim()
}

/// A daemon with the arguments of the README, but on a free port of the loopback.
struct Daemon {
    process: Child,
    addr: SocketAddr,
    /// What it said of itself once it was ready, without the addresses.
    ready: String,
}

impl Daemon {
    fn start(arguments: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gannetd"));
        let mut words = arguments.split_whitespace();
        while let Some(word) = words.next() {
            if word == "--listen" {
                words.next();
            } else {
                command.arg(word);
            }
        }
        command.args(["--listen", "127.0.0.1:0"]).current_dir(ROOT).stderr(Stdio::piped());
        let mut process = command.spawn().expect("gannetd starts");
        // Ends with the process, if that never says that it is ready.
        let log = BufReader::new(process.stderr.take().expect("it is a pipe"));
        let mut lines = log.lines().map(|line| line.expect("the log is text"));
        let line = lines.find(|line| line.contains("ready: ")).expect("gannetd gets ready");
        let (ready, addr) = untimed(&line).rsplit_once(", ").expect("its address comes last");
        let (ready, addr) = (ready.to_owned(), addr.parse().expect("an address"));
        Self { process, addr, ready }
    }

    /// The answer section of what it replies to `name` and `qtype`, one line for each record.
    fn ask(&self, name: &str, qtype: &str) -> Vec<String> {
        let name = Name::from_ascii(name).expect("a name");
        let qtype: RecordType = qtype.parse().expect("a type");
        let mut query = Message::query();
        query.add_query(Query::query(name.append_domain(&Name::root()).expect("a short name"), qtype));
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        socket.set_read_timeout(Some(Duration::from_secs(10))).expect("an option");
        socket.send_to(&query.to_vec().expect("a message"), self.addr).expect("the loopback takes it");
        let mut buffer = [0; 1_232];
        let octets = socket.recv(&mut buffer).expect("a reply within ten seconds");
        let reply = Message::from_vec(&buffer[..octets]).expect("a message");
        assert_eq!(reply.metadata.id, query.metadata.id);
        reply.answers.iter().map(ToString::to_string).collect()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It is gone already where it failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Words with single spaces between them, as columns move.
fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Checks that the daemon with `arguments` says what the README shows, but for the addresses.
fn check_start(arguments: &str, shown: &[String]) -> Daemon {
    let daemon = Daemon::start(arguments);
    let [shown] = shown else { panic!("one line is shown for `{arguments}`") };
    let (_, addrs) = daemon.ready.split_once("records").expect("it counts records");
    assert!(addrs.is_empty(), "{}", daemon.ready);
    let shown = untimed(shown);
    assert!(shown.starts_with(&format!("{}, ", daemon.ready)), "it says `{}`, the README `{shown}`", daemon.ready);
    daemon
}

#[test]
fn the_example_zones_are_served_and_answer_as_shown() {
    let (serve, shown) = command(CARGO_RUN);
    let arguments = serve.strip_prefix(CARGO_RUN).expect("it starts so");
    let daemon = check_start(arguments, &shown);

    let (dig, answer) = command("dig ");
    let words: Vec<&str> = dig.split_whitespace().collect();
    let ["dig", server, "-p", port, name, qtype, "+noall", "+answer"] = words[..] else {
        panic!("`{dig}` is not known")
    };
    let asked = format!("{}:{port}", server.strip_prefix('@').expect("a server"));
    assert!(untimed(&shown[0]).split(", ").any(|addr| addr == asked), "nothing listens on {asked}");
    assert!(!answer.is_empty());
    assert_eq!(daemon.ask(name, qtype), answer.iter().map(|line| squeezed(line)).collect::<Vec<_>>());

    let file = Path::new(ROOT).join(arguments.strip_prefix("-c ").expect("a configuration file"));
    let config = Config::load(&file).unwrap_or_else(|errors| panic!("{errors}"));
    let listen: Vec<String> = config.server.listen.iter().map(ToString::to_string).collect();
    assert!(shown[0].ends_with(&format!(", {}", listen.join(", "))), "it listens on {listen:?}");
}

#[test]
fn one_zone_is_served_without_a_file() {
    let (serve, shown) = command("gannetd --listen ");
    let daemon = check_start(serve.strip_prefix("gannetd ").expect("it starts so"), &shown);
    assert!(!daemon.ask("example.com", "SOA").is_empty());
}

#[test]
fn the_check_of_the_example_zones_finds_nothing() {
    let (check, shown) = command("gannetd -c ");
    assert!(check.ends_with(" --check"));
    let output = Command::new(env!("CARGO_BIN_EXE_gannetd"))
        .args(check.split_whitespace().skip(1))
        .current_dir(ROOT)
        .output()
        .expect("gannetd starts");
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success(), "{said}");
    let said: Vec<&str> = said.lines().map(untimed).collect();
    assert_eq!(said, shown.iter().map(|line| untimed(line)).collect::<Vec<_>>());
}

/// Each zone that is shown is checked by the commands behind it.
#[test]
fn the_checker_says_what_is_shown_of_the_zones_that_are_shown() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("readme-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let (mut zone, mut checked) = (None, 0);
    for block in blocks() {
        match &*block.kind {
            "zone" => zone = Some(block.lines.join("\n") + "\n"),
            "console" => {
                let (command, shown) = block.lines.split_first().expect("a command");
                let Some(words) = command.strip_prefix("$ gannet-checkzone ") else { continue };
                let words: Vec<&str> = words.split_whitespace().collect();
                let text = zone.as_ref().expect("the zone is shown before");
                fs::write(folder.join(words[words.len() - 1]), text).expect("a file");
                let output = Command::new(env!("CARGO_BIN_EXE_gannet-checkzone"))
                    .args(&words)
                    .current_dir(&folder)
                    .output()
                    .expect("gannet-checkzone starts");
                let said = [output.stdout, output.stderr].concat();
                assert_eq!(String::from_utf8(said).expect("text").trim_end(), shown.join("\n"), "{command}");
                checked += 1;
            }
            _ => {}
        }
    }
    fs::remove_dir_all(&folder).expect("the folder is ours");
    assert!(checked >= 3, "{checked}");
}

#[test]
fn the_configurations_that_are_shown_are_good() {
    let examples: Vec<Block> = blocks().into_iter().filter(|block| block.kind == "toml").collect();
    assert!(!examples.is_empty());
    for example in examples {
        let text = example.lines.join("\n");
        Config::parse(&text, Path::new("/etc/gannet/gannet.toml")).unwrap_or_else(|errors| panic!("{errors}"));
    }
}

#[test]
fn the_test_command_is_what_ci_runs() {
    let (test, _) = command("cargo test");
    assert!(
        text_of(".ci/run").lines().any(|line| line.trim().ends_with(&format!(" {test}"))),
        "`{test}` is not in .ci/run"
    );
}

/// No example is passed over: each is run above, or names something that is there.
#[test]
fn every_example_is_known() {
    let manifest = text_of("Cargo.toml");
    for (command, _) in commands() {
        let words: Vec<&str> = command.trim_start_matches("sudo ").split_whitespace().collect();
        match words[..] {
            ["cargo", "run" | "test" | "build", ..] | ["gannetd" | "gannet-checkzone" | "dig", ..] => {}
            ["cargo", "bench", "--bench", name] => {
                assert!(manifest.contains(&format!("[[bench]]\nname = \"{name}\"\n")), "there is no bench {name}");
            }
            ["cargo", "install", "--locked", "gungraun-runner", "--version", version] => {
                let pinned = format!("name = \"gungraun\"\nversion = \"{version}\"\n");
                assert!(text_of("Cargo.lock").contains(&pinned), "the runner is not as old as the library");
            }
            [script, ..] if script.contains('/') => {
                let script = Path::new(ROOT).join(script);
                let mode = fs::metadata(&script).unwrap_or_else(|error| panic!("{}: {error}", script.display()));
                assert!(mode.permissions().mode() & 0o111 != 0, "{} cannot be run", script.display());
            }
            _ => panic!("nothing is known of `{command}`"),
        }
    }
    for block in blocks() {
        assert!(matches!(&*block.kind, "console" | "toml" | "zone"), "a block of `{}`", block.kind);
    }
    let version = env!("CARGO_PKG_VERSION");
    assert!(command("sudo packaging/test-deb").0.contains(&format!("/gannet_{version}-1_")), "another version");
}

#[test]
fn every_link_leads_somewhere() {
    for page in ["README.md", "CHANGELOG.md"] {
        let text = text_of(page);
        let headings: Vec<String> = text.lines().filter(|line| line.starts_with('#')).map(anchor).collect();
        let targets: Vec<&str> = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        assert!(!targets.is_empty());
        for target in targets {
            match target.strip_prefix('#') {
                Some(heading) => {
                    assert!(headings.iter().any(|known| known == heading), "{page}: no heading #{heading}");
                }
                None if target.starts_with("https://") => {}
                None => assert!(Path::new(ROOT).join(target).exists(), "{page}: no file {target}"),
            }
        }
    }
}

/// The name by which a heading can be linked to.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    words.replace(' ', "-").chars().filter(|&letter| letter.is_alphanumeric() || letter == '-').collect()
}
