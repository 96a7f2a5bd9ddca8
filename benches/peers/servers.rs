//! The servers that are compared: how each is configured, fairly and for one worker, and its life as a process.
//!
//! Fair means for all: one worker, all threads on one CPU, no logging of queries, no rate limits, 1,232 octets of EDNS
//! payload, no name servers in the authority section of answers that need none, but addresses for MX, SRV and NS.

mod configure;

use std::cell::Cell;
use std::fs;
use std::io;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::caches::Caches;
use crate::generator::await_answers;
use crate::idle;
use crate::loads::Load;
use crate::port::free_port;
use crate::process::{self, Cpu, Memory};
use crate::query::Queries;

/// The CPU that every server is bound to, alone, with all its threads and children.
pub(crate) const SERVER_CPU: usize = 0;

/// The CPU of the load generator.
pub(crate) const GENERATOR_CPU: usize = 1;

/// Lines of a failed server's output that are shown.
const TAIL_LINES: usize = 15;

/// TCP connections for the load, where a server would have fewer: some begin with 20 or 100.
const CONNECTIONS_SPARE: usize = 500;

/// How long a server may take to stop before it is killed.
const STOPPING: Duration = Duration::from_secs(10);

/// How long Gannet may take to log its counters.
const TELLING: Duration = Duration::from_secs(2);

/// A tree that uses less CPU than this in `SETTLING_STEP` has settled.
const SETTLED_NS: u64 = 5_000_000;
const SETTLING_STEP: Duration = Duration::from_millis(250);
const SETTLING_MAX: Duration = Duration::from_secs(30);

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Server {
    /// An echo of batches: what the kernel alone costs.
    Floor,
    Nsd,
    Knot,
    Bind,
    Pdns,
    Gannet,
    /// Another Gannet, of another time.
    Before,
    /// Gannet without its caches.
    Uncached,
}

impl Server {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Nsd => "NSD",
            Self::Knot => "Knot",
            Self::Bind => "BIND",
            Self::Pdns => "PowerDNS",
            Self::Gannet => "Gannet",
            Self::Before => "before",
            Self::Uncached => "uncached",
        }
    }

    /// Neither ours nor the kernel.
    pub(crate) fn is_peer(self) -> bool {
        self != Self::Floor && !self.is_gannet()
    }

    fn is_gannet(self) -> bool {
        matches!(self, Self::Gannet | Self::Before | Self::Uncached)
    }

    /// The program to run, or why there is none.
    fn program(self, gannet: &Path) -> Result<PathBuf, String> {
        let name = match self {
            Self::Floor => return std::env::current_exe().map_err(|error| error.to_string()),
            Self::Gannet | Self::Before | Self::Uncached => {
                let missing = |_| format!("{} is not there (build it with `cargo build --release`)", gannet.display());
                return gannet.canonicalize().map_err(missing);
            }
            Self::Nsd => "nsd",
            Self::Knot => "knotd",
            Self::Bind => "named",
            Self::Pdns => "pdns_server",
        };
        // Debian keeps servers where an ordinary user's PATH does not look.
        let path = std::env::var("PATH").unwrap_or_default();
        let folders = path.split(':').chain(["/usr/sbin", "/usr/local/sbin", "/sbin"]);
        folders.map(|folder| Path::new(folder).join(name)).find(|path| path.is_file()).ok_or("not installed".to_owned())
    }

    /// What the program says of its version, in one line.
    pub(crate) fn version(self, gannet: &Path) -> Option<String> {
        let flag = match self {
            Self::Floor => return None,
            Self::Nsd => "-v",
            Self::Knot | Self::Bind => "-V",
            Self::Pdns | Self::Gannet | Self::Before | Self::Uncached => "--version",
        };
        let output = Command::new(self.program(gannet).ok()?).arg(flag).output().ok()?;
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        let line = text.lines().find(|line| line.bytes().any(|octet| octet.is_ascii_digit()))?;
        let version = |word: &&str| word.starts_with(|first: char| first.is_ascii_digit()) && word.contains('.');
        line.split([' ', '-']).find(version).map(str::to_owned)
    }
}

/// Where a server keeps its files, and the port it is asked on.
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
    /// TCP connections that it must be able to have at a time.
    pub(crate) connections: usize,
}

/// What it took to become ready.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Start {
    pub(crate) wall: Duration,
    /// From its start to the first right answers.
    pub(crate) cpu: Cpu,
    /// The same and what it still did before it came to rest.
    pub(crate) settled_cpu: Cpu,
    pub(crate) memory: Memory,
    /// What each idle connection added to that, in octets.
    pub(crate) idle_octets: f64,
}

/// A server that runs and answers.
pub(crate) struct Running {
    pub(crate) server: Server,
    pub(crate) port: u16,
    pub(crate) start: Start,
    child: Child,
    log: PathBuf,
    /// Connections that nobody uses.
    idle: Vec<TcpStream>,
    /// How often it was asked to log its counters.
    asked: Cell<usize>,
}

impl Running {
    /// Starts `server` with the zones of `load` and waits until it answers. The error says why it does not.
    pub(crate) fn start(
        server: Server,
        load: &Load,
        scratch: &Path,
        gannet: &Path,
        patience: Duration,
        idle: usize,
    ) -> Result<Self, String> {
        let program = server.program(gannet)?;
        let folder = scratch.join("servers").join(format!("{}-{}", server.name(), load.name));
        let port = free_port().map_err(|error| format!("no free port: {error}"))?;
        let place = Place { folder, port, connections: CONNECTIONS_SPARE + idle };
        let log = place.folder.join("output.log");
        let child =
            prepare(server, &program, &place, load, &log).map_err(|error| format!("{}: {error}", server.name()));
        let (start, idle) = (Start::default(), Vec::new());
        let mut running = Self { server, port, start, child: child?, log, idle, asked: Cell::new(0) };
        let ready = running.await_ready(load, patience);
        match ready {
            Ok(()) => Ok(running),
            Err(error) => Err(format!("{error}\n{}", running.tail())),
        }
    }

    fn await_ready(&mut self, load: &Load, patience: Duration) -> Result<(), String> {
        let begun = Instant::now();
        let echo = self.server == Server::Floor;
        let (child, port) = (&mut self.child, self.port);
        let mut alive = || match child.try_wait() {
            Ok(Some(status)) => Err(format!("it ended before it answered: {status}")),
            _ => Ok(()),
        };
        await_answers(port, &load.probes, echo, begun + patience, &mut alive)?;
        self.start.wall = begun.elapsed();
        self.start.cpu = self.cpu().without_softirq();
        self.settle();
        self.start.memory = process::memory(self.pid());
        Ok(())
    }

    /// Waits until the server rests, so that what it still does after loading is not charged to the queries.
    fn settle(&mut self) {
        let begun = Instant::now();
        let mut before = self.cpu();
        while begun.elapsed() < SETTLING_MAX {
            std::thread::sleep(SETTLING_STEP);
            let now = self.cpu();
            if (now - before).total_ns < SETTLED_NS {
                break;
            }
            before = now;
        }
        self.start.settled_cpu = self.cpu().without_softirq();
    }

    /// Opens so many connections, which stay until the server ends, and notes what they take.
    pub(crate) fn hold_idle(&mut self, count: usize, queries: &Queries) -> Result<(), String> {
        let opened = idle::open(self.port, count, queries, self.server == Server::Floor);
        self.idle = opened.map_err(|error| self.obituary().unwrap_or(error.to_string()))?;
        let memory = process::memory(self.pid());
        self.start.idle_octets = (memory.pss as f64 - self.start.memory.pss as f64) / count as f64;
        Ok(())
    }

    pub(crate) fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// CPU time of all its processes until now.
    pub(crate) fn cpu(&self) -> Cpu {
        process::cpu(self.pid())
    }

    /// Has one of the Gannets log its counters.
    pub(crate) fn tell_counters(&self) {
        if self.server.is_gannet() {
            signal(self.pid(), libc::SIGUSR1);
            self.asked.set(self.asked.get() + 1);
        }
    }

    /// What its caches gave between the last two times that it logged its counters.
    pub(crate) fn caches(&self) -> Option<Caches> {
        let begun = Instant::now();
        while self.server.is_gannet() && begun.elapsed() < TELLING {
            let log = fs::read_to_string(&self.log).ok()?;
            if Caches::times_told(&log) == self.asked.get() {
                return Caches::between_the_last_two(&log);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }

    /// Why it died, if it did.
    pub(crate) fn obituary(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok()??;
        Some(format!("it ended under load: {status}\n{}", self.tail()))
    }

    /// The last lines that the server wrote.
    fn tail(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let shown = lines.len().saturating_sub(TAIL_LINES);
        let mut tail = format!("    last lines of {}:", self.log.display());
        for line in &lines[shown..] {
            tail.push_str("\n    | ");
            tail.push_str(line);
        }
        tail
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let tree = process::tree(self.pid());
        signal(self.pid(), libc::SIGTERM);
        let begun = Instant::now();
        while begun.elapsed() < STOPPING && tree.iter().any(|&pid| self.lives(pid)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        for pid in tree.into_iter().filter(|&pid| pid != self.pid() && Path::new(&format!("/proc/{pid}")).exists()) {
            signal(pid, libc::SIGKILL);
        }
        // Both fail only when the process has ended, which is what they are for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn lives(&mut self, pid: i32) -> bool {
        match pid == self.pid() {
            true => matches!(self.child.try_wait(), Ok(None)),
            false => Path::new(&format!("/proc/{pid}")).exists(),
        }
    }
}

fn signal(pid: i32, signal: i32) {
    // SAFETY: sends a signal to a process that this program started, or to one of its children; touches no memory.
    unsafe { libc::kill(pid, signal) };
}

fn prepare(server: Server, program: &Path, place: &Place, load: &Load, log: &Path) -> io::Result<Child> {
    if place.folder.exists() {
        fs::remove_dir_all(&place.folder)?;
    }
    fs::create_dir_all(&place.folder)?;
    let arguments = configure::configure(server, place, load)?;
    let output = fs::File::create(log)?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&place.folder).stdin(Stdio::null());
    command.stdout(output.try_clone()?).stderr(output);
    // SAFETY: between fork and exec only system calls are made that allocate nothing and take no lock.
    unsafe {
        command.pre_exec(|| {
            bind_to_cpu(SERVER_CPU)?;
            // A session of its own marks the tree; the signal ends it when the bench dies first.
            if libc::setsid() < 0 || libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) < 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(())
        });
    }
    command.spawn()
}

/// Binds this thread and all that it starts to one CPU.
pub(crate) fn bind_to_cpu(cpu: usize) -> io::Result<()> {
    // SAFETY: `set` is a plain bit set, for which zeros are valid; `cpu` is a small constant within its range.
    let result = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
