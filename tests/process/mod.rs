//! A process under test: its output as it comes, its end, all within a bounded time; and a directory of its own.
//!
//! Does not know what the process is.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::ops::Range;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

/// Long enough for anything on a busy machine; a test that waits this long fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A directory that goes when it is dropped.
pub struct Directory(PathBuf);

impl Directory {
    pub fn create() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("gannet-test-{}-{number}", process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file in one step: a reader sees the old one or the new one.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let (new, file) = (self.0.join(format!("{name}.new")), self.0.join(name));
        fs::write(&new, text).unwrap();
        fs::rename(&new, &file).unwrap();
        file
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A loopback port that is free for UDP and TCP. Of those that the kernel gives to nobody who does not ask for one by its
/// number: between this look and the server's start no client takes it.
pub fn free_port() -> u16 {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    const PORTS: Range<u32> = 10_000..32_000;
    loop {
        // Tests that run beside this one begin elsewhere.
        let number = process::id().wrapping_mul(7_919).wrapping_add(TAKEN.fetch_add(1, Ordering::Relaxed));
        let port = (PORTS.start + number % (PORTS.end - PORTS.start)) as u16;
        let addr = (Ipv4Addr::LOCALHOST, port);
        if UdpSocket::bind(addr).is_ok() && TcpListener::bind(addr).is_ok() {
            return port;
        }
    }
}

/// The program, run by somebody who has no rights: the user of the test, or nobody where that is root. Where the program
/// is built nobody else may be let in, so it gets a second name here, or is copied where that is another file system.
pub fn without_rights(directory: &Directory, program: &str) -> Command {
    // SAFETY: a plain system call.
    if unsafe { libc::geteuid() } != 0 {
        return Command::new(program);
    }
    let copy = directory.path().join("program");
    if fs::hard_link(program, &copy).is_err() {
        copy_program(program, &copy);
    }
    for path in [directory.path(), &copy] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]);
    command.arg(copy);
    command
}

/// Copies a program, by another process: a file that is open for writing here is so in every child that another thread starts
/// meanwhile, until that begins its own program, and cannot be run so long ("Text file busy").
fn copy_program(program: &str, copy: &Path) {
    let status = Command::new("cp").arg(program).arg(copy).status().unwrap();
    assert!(status.success(), "cp: {status}");
}

/// A running process; it is killed when it is dropped.
pub struct Process {
    child: Child,
    stderr: Lines,
    stdout: JoinHandle<String>,
}

/// What a process that has ended left.
pub struct Outcome {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// The exit status; a signal is no status.
    pub fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| panic!("{}: {}", self.status, self.stderr))
    }
}

impl Process {
    /// Starts `command` with its standard error and output watched, and nothing of the environment that would change
    /// what it says.
    pub fn start(command: &mut Command) -> Self {
        command.env_remove("JOURNAL_STREAM").env("NO_COLOR", "1").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = Lines::of(child.stderr.take().unwrap());
        let mut stdout = child.stdout.take().unwrap();
        let stdout = thread::spawn(move || {
            let mut octets = Vec::new();
            let _ = stdout.read_to_end(&mut octets);
            String::from_utf8_lossy(&octets).into_owned()
        });
        Self { child, stderr, stdout }
    }

    pub fn id(&self) -> i32 {
        self.child.id().try_into().unwrap()
    }

    /// The first line on standard error from number `from` on that contains `text`, and the number after it.
    pub fn await_line(&self, from: usize, text: &str) -> (String, usize) {
        self.stderr.find(from, text).unwrap_or_else(|seen| panic!("no line with {text:?} in:\n{seen}"))
    }

    /// How many lines there are on standard error so far.
    pub fn lines(&self) -> usize {
        self.stderr.shared.0.lock().unwrap().lines.len()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: i32) {
        // SAFETY: a plain system call; the child has not been waited for, so its number is still its own.
        assert_eq!(unsafe { libc::kill(self.id(), signal) }, 0);
    }

    /// Waits for the end.
    pub fn outcome(mut self) -> Outcome {
        let stderr = self.stderr.to_the_end().unwrap_or_else(|seen| {
            let _ = self.child.kill();
            panic!("still running, and said:\n{seen}")
        });
        let status = self.child.wait().unwrap();
        let stdout = std::mem::replace(&mut self.stdout, thread::spawn(String::new)).join().unwrap();
        Outcome { status, stdout, stderr }
    }
}

impl Drop for Process {
    #[allow(clippy::print_stderr)] // what the process said belongs beside what the test says
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("the process said:\n{}", self.stderr.shared.0.lock().unwrap().lines.join("\n"));
        }
    }
}

/// The lines of a stream, as they come.
struct Lines {
    shared: Arc<(Mutex<Seen>, Condvar)>,
}

#[derive(Default)]
struct Seen {
    lines: Vec<String>,
    ended: bool,
}

impl Lines {
    fn of(stream: impl Read + Send + 'static) -> Self {
        let shared = Arc::<(Mutex<Seen>, Condvar)>::default();
        let writer = Arc::clone(&shared);
        thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            loop {
                let mut line = Vec::new();
                let more = stream.read_until(b'\n', &mut line).is_ok_and(|octets| octets > 0);
                let mut seen = writer.0.lock().unwrap();
                if more {
                    seen.lines.push(String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned());
                }
                seen.ended = !more;
                writer.1.notify_all();
                if !more {
                    return;
                }
            }
        });
        Self { shared }
    }

    /// The line, or all lines if it does not come.
    fn find(&self, from: usize, text: &str) -> Result<(String, usize), String> {
        self.wait(|seen| {
            let found = seen.lines.iter().enumerate().skip(from).find(|(_, line)| line.contains(text));
            found.map(|(number, line)| (line.clone(), number + 1))
        })
    }

    fn to_the_end(&self) -> Result<String, String> {
        self.wait(|seen| seen.ended.then(|| seen.lines.join("\n")))
    }

    fn wait<T>(&self, done: impl Fn(&Seen) -> Option<T>) -> Result<T, String> {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.shared.0.lock().unwrap();
        loop {
            if let Some(found) = done(&seen) {
                return Ok(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || seen.ended {
                return Err(seen.lines.join("\n"));
            }
            seen = self.shared.1.wait_timeout(seen, left).unwrap().0;
        }
    }
}
