//! What a tree of processes has cost: CPU time to the nanosecond, its split into user and system, and memory.
//!
//! Reads `/proc` and process clocks; knows nothing of servers. A process is found by its session, which every server
//! is started in, or by its parents; so forked workers count, whoever waits for them.

use std::collections::HashMap;
use std::fs;
use std::ops::Sub;

/// CPU time of a tree in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cpu {
    /// User and system together, from the processes' own clocks.
    pub(crate) total_ns: u64,
    /// User and system as the kernel's 250 or so samples a second divide them. Only their ratio is used.
    user_ticks: u64,
    system_ticks: u64,
    /// What `ksoftirqd` of the servers' CPU did: packets that were put off there belong to no process.
    softirq_ns: u64,
}

impl Cpu {
    /// For a reading since the process began, where the kernel thread's whole past has no place.
    pub(crate) fn without_softirq(self) -> Self {
        Self { softirq_ns: 0, ..self }
    }

    pub(crate) fn user_ns(&self) -> f64 {
        self.total_ns as f64 * self.user_ticks as f64 / (self.user_ticks + self.system_ticks).max(1) as f64
    }

    pub(crate) fn system_ns(&self) -> f64 {
        self.total_ns as f64 - self.user_ns() + self.softirq_ns as f64
    }

    pub(crate) fn sum_ns(&self) -> f64 {
        (self.total_ns + self.softirq_ns) as f64
    }
}

impl Sub for Cpu {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            total_ns: self.total_ns.saturating_sub(earlier.total_ns),
            user_ticks: self.user_ticks.saturating_sub(earlier.user_ticks),
            system_ticks: self.system_ticks.saturating_sub(earlier.system_ticks),
            softirq_ns: self.softirq_ns.saturating_sub(earlier.softirq_ns),
        }
    }
}

/// Memory of a tree in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// Resident sets, with pages that forked processes share counted once for each of them.
    pub(crate) rss: u64,
    /// Proportional sets: shared pages are divided among those who share them, so the sum is what the tree takes.
    pub(crate) pss: u64,
    /// Sum of each process' own peak of its resident set; like `rss` it counts shared pages more than once.
    pub(crate) peak: u64,
}

/// The fields of `/proc/PID/stat` that are used here.
struct Stat {
    parent: i32,
    session: i32,
    user_ticks: u64,
    system_ticks: u64,
    dead_user_ticks: u64,
    dead_system_ticks: u64,
}

fn stat(pid: i32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command's name may hold spaces and parentheses: fields are counted from its last one. See proc(5).
    let fields: Vec<&str> = text[text.rfind(')')? + 2..].split(' ').collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<i64>().ok());
    Some(Stat {
        parent: number(1)? as i32,
        session: number(3)? as i32,
        user_ticks: number(11)? as u64,
        system_ticks: number(12)? as u64,
        dead_user_ticks: number(13)? as u64,
        dead_system_ticks: number(14)? as u64,
    })
}

fn all_pids() -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

/// The processes in the session of `root` and their descendants.
pub(crate) fn tree(root: i32) -> Vec<i32> {
    let stats: HashMap<i32, Stat> = all_pids().into_iter().filter_map(|pid| Some((pid, stat(pid)?))).collect();
    let belongs = |mut pid: i32| loop {
        match stats.get(&pid) {
            Some(stat) if pid == root || stat.session == root => return true,
            Some(stat) => pid = stat.parent,
            None => return false,
        }
    };
    let mut pids: Vec<i32> = stats.keys().copied().filter(|&pid| belongs(pid)).collect();
    pids.sort_unstable();
    pids
}

/// What the tree of `root` has used until now, children that were waited for included.
pub(crate) fn cpu(root: i32) -> Cpu {
    let mut cpu = Cpu { softirq_ns: softirq_ns(), ..Cpu::default() };
    for pid in tree(root) {
        let Some(stat) = stat(pid) else { continue };
        let tick_ns = 1_000_000_000 / ticks_per_second();
        cpu.user_ticks += stat.user_ticks + stat.dead_user_ticks;
        cpu.system_ticks += stat.system_ticks + stat.dead_system_ticks;
        cpu.total_ns += clock_ns(pid).unwrap_or((stat.user_ticks + stat.system_ticks) * tick_ns);
        cpu.total_ns += (stat.dead_user_ticks + stat.dead_system_ticks) * tick_ns;
    }
    cpu
}

/// The process' CPU clock, which is exact where the times in `/proc` are rounded to 10 ms.
fn clock_ns(pid: i32) -> Option<u64> {
    let mut clock = 0;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: both calls write to locals of the right type; a process that has ended makes them fail.
    let failed = unsafe {
        libc::clock_getcpuclockid(pid, &raw mut clock) != 0 || libc::clock_gettime(clock, &raw mut time) != 0
    };
    (!failed).then_some(time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64)
}

fn ticks_per_second() -> u64 {
    // SAFETY: reads a constant of the system.
    unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1) as u64
}

/// CPU time of the kernel thread that takes over the network work of the servers' CPU when there is too much of it.
fn softirq_ns() -> u64 {
    use std::sync::OnceLock;
    static PID: OnceLock<Option<i32>> = OnceLock::new();
    let wanted = format!("ksoftirqd/{}", crate::servers::SERVER_CPU);
    let is_it = |pid: &i32| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == wanted);
    let Some(pid) = PID.get_or_init(|| all_pids().into_iter().find(is_it)) else { return 0 };
    let schedstat = fs::read_to_string(format!("/proc/{pid}/schedstat")).unwrap_or_default();
    schedstat.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0)
}

/// Memory of the tree of `root` now, and the peak of each of its processes so far.
pub(crate) fn memory(root: i32) -> Memory {
    let mut memory = Memory::default();
    for pid in tree(root) {
        let read = |file: &str| fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
        let rollup = read("smaps_rollup");
        memory.rss += kilobytes(&rollup, "Rss:") * 1_024;
        memory.pss += kilobytes(&rollup, "Pss:") * 1_024;
        memory.peak += kilobytes(&read("status"), "VmHWM:") * 1_024;
    }
    memory
}

fn kilobytes(text: &str, key: &str) -> u64 {
    let line = text.lines().find(|line| line.starts_with(key));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

/// Time that the servers' CPU was busy, whoever kept it so, and time that the hypervisor took from it; in nanoseconds.
pub(crate) fn cpu_busy_and_stolen_ns() -> (u64, u64) {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let key = format!("cpu{} ", crate::servers::SERVER_CPU);
    let Some(line) = text.lines().find(|line| line.starts_with(&key)) else { return (0, 0) };
    let fields: Vec<u64> = line[key.len()..].split_whitespace().filter_map(|field| field.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal, see proc(5).
    let [user, nice, system, _, _, irq, softirq, steal, ..] = fields[..] else { return (0, 0) };
    let tick_ns = 1_000_000_000 / ticks_per_second();
    ((user + nice + system + irq + softirq) * tick_ns, steal * tick_ns)
}
