//! How long a server that starts takes to its first answer, on a zone of a million delegations: from the zone's file, and from its image.
//!
//! `cargo bench --bench restart` measures and prints; under `cargo test` a small zone shows that it can. The zone is that of the bench
//! `peers`, roughly: two name servers and one address for each delegation. It knows of the server what a user knows.

#![allow(clippy::print_stdout, reason = "figures on standard output are what a bench is for")]

#[path = "peers/port.rs"]
mod port;

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Warm starts that are measured.
const ROUNDS: usize = 10;

/// Longer than any start takes.
const PATIENCE: Duration = Duration::from_secs(120);

fn main() -> Outcome<()> {
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let (delegations, rounds) = if is_bench { (1_000_000, ROUNDS) } else { (10_000, 1) };
    let place = Place(std::env::temp_dir().join(format!("gannet-restart-{}", std::process::id())));
    fs::create_dir_all(&place.0)?;
    write_zone(&place.0.join("zone"), delegations)?;
    let port = port::free_port()?;
    let config = format!(
        "[server]\nlisten = [\"127.0.0.1:{port}\"]\nstate-directory = \"state\"\n[[zone]]\nname = \"bench\"\nfile = \"zone\"\n"
    );
    fs::write(place.0.join("gannet.toml"), config)?;
    // A file that is younger than the clocks of file systems tick is compared at the next start, octet by octet.
    std::thread::sleep(Duration::from_secs(if is_bench { 3 } else { 0 }));
    let (cold, _) = start(&place.0, port, Some("images written: 1"))?;
    let mut warm = Vec::new();
    for _ in 0..rounds {
        let (time, ready) = start(&place.0, port, None)?;
        assert!(ready.contains("(1 from images)"), "{ready}");
        warm.push(time);
    }
    warm.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!("{delegations} delegations, {} records; ms from exec to the first answer", 3 * delegations + 5);
    println!("from the zone's file   {:8.1}", ms(cold));
    println!(
        "from its image         {:8.1} ({:.1}–{:.1}, {rounds} starts)",
        ms(warm[warm.len() / 2]),
        ms(warm[0]),
        ms(warm[warm.len() - 1])
    );
    Ok(())
}

/// A directory that goes when it is dropped.
struct Place(PathBuf);

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A server that goes when it is dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the server; gives the time to its first answer and the line that says it is ready. Ends it once `last` is said.
fn start(place: &Path, port: u16, last: Option<&str>) -> Outcome<(Duration, String)> {
    let client = UdpSocket::bind("127.0.0.1:0")?;
    client.connect(("127.0.0.1", port))?;
    client.set_read_timeout(Some(Duration::from_millis(1)))?;
    let begun = Instant::now();
    let child = Command::new(env!("CARGO_BIN_EXE_gannetd"))
        .args(["-c", "gannet.toml"])
        .current_dir(place)
        .env_remove("JOURNAL_STREAM")
        .stderr(Stdio::piped())
        .spawn()?;
    let mut server = Server(child);
    let query = b"\x12\x34\0\0\0\x01\0\0\0\0\0\0\x03www\x05d1234\x05bench\0\0\x01\0\x01";
    let mut reply = [0; 512];
    let octets = loop {
        // Until it is bound nobody is there, and until it is ready nobody answers.
        let _ = client.send(query);
        match client.recv(&mut reply) {
            Ok(octets) => break octets,
            Err(_) if server.0.try_wait()?.is_some() => return Err("the server has ended".into()),
            Err(_) if begun.elapsed() < PATIENCE => {}
            Err(error) => return Err(error.into()),
        }
    };
    let time = begun.elapsed();
    // A referral: no error, two name servers.
    assert!(octets > 60 && reply[..2] == query[..2] && reply[3] & 15 == 0 && reply[8..10] == [0, 2], "{reply:?}");
    let stderr = server.0.stderr.take().ok_or("no standard error")?;
    let (told, lines) = mpsc::channel();
    std::thread::spawn(move || {
        BufReader::new(stderr).lines().map_while(Result::ok).try_for_each(|line| told.send(line))
    });
    // The image may be written before the server is ready, or after.
    let (mut ready, mut is_last_said) = (None, last.is_none());
    while ready.is_none() || !is_last_said {
        let line = lines.recv_timeout(PATIENCE)?;
        is_last_said |= last.is_some_and(|last| line.contains(last));
        ready = ready.or_else(|| line.contains(" ready: ").then_some(line));
    }
    let ready = ready.ok_or("not ready")?;
    Ok((time, ready))
}

/// So many delegations, their names in no order: two name servers, one of them with its address.
fn write_zone(path: &Path, delegations: u64) -> Outcome<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "$ORIGIN bench.\n$TTL 3600\n@ SOA ns1 hostmaster 1 3600 900 604800 300\n@ NS ns1\n@ NS ns2")?;
    writeln!(file, "ns1 A 192.0.2.1\nns2 A 192.0.2.2")?;
    for number in 0..delegations {
        // A prime that divides no such count: each number once.
        let label = number * 7_368_787 % delegations;
        let hoster = label % 5_000;
        writeln!(file, "d{label} NS ns1.d{label}\nd{label} NS ns.hoster{hoster}.example.")?;
        writeln!(file, "ns1.d{label} A 10.{}.{}.{}", label >> 16 & 255, label >> 8 & 255, label & 255)?;
    }
    file.flush()?;
    Ok(())
}
