//! The samples of a run, and the tables and the JSON made of them.
//!
//! Measures nothing. A cell shows the median of the rounds with the smallest and the largest; a ratio is the median of
//! the ratios within each round, for the machine drifts between rounds.

use std::fmt::Write;

use crate::caches::Caches;
use crate::ledger::Tally;
use crate::loads::{Load, SCALE};
use crate::options::Options;
use crate::process::{Cpu, Memory};
use crate::servers::{Server, Start};

/// Share of the servers' CPU used by others above which a row is marked.
const DISTURBED: f64 = 0.02;

/// Share of the time that the generator waited below which it may have been what limits the rate.
const GENERATOR_BUSY: f64 = 0.05;

/// Growth of memory below which a process with and one without records cannot be told apart.
const GROWTH_MB: f64 = 1.0;

/// One server in one round.
pub(crate) struct Sample {
    pub(crate) server: Server,
    pub(crate) cpu: Cpu,
    pub(crate) tally: Tally,
    pub(crate) start: Start,
    /// After the load.
    pub(crate) memory: Memory,
    /// What its caches gave, of one of the Gannets.
    pub(crate) caches: Option<Caches>,
    pub(crate) cpu_busy_ns: u64,
    pub(crate) cpu_stolen_ns: u64,
}

/// How fast one server was asked while it was seen how long it takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Half of what it answered in the same round when asked without a pause.
    OwnHalf,
    /// Half of what the best of the peers answered then.
    PeersHalf,
}

/// How long the replies of one server took in one round at one pace.
pub(crate) struct Delay {
    pub(crate) server: Server,
    pub(crate) pace: Pace,
    pub(crate) rate: u32,
    pub(crate) tally: Tally,
}

impl Sample {
    /// Replies a second.
    pub(crate) fn qps(&self) -> f64 {
        self.tally.replies as f64 / self.tally.elapsed.as_secs_f64()
    }

    fn per_query(&self, ns: f64) -> f64 {
        ns / self.tally.replies as f64
    }

    fn share(&self, ns: f64) -> f64 {
        ns / self.tally.elapsed.as_nanos() as f64
    }

    /// What others than the server used of its CPU.
    fn others(&self) -> f64 {
        self.share((self.cpu_busy_ns as f64 - self.cpu.sum_ns()).max(0.0) + self.cpu_stolen_ns as f64)
    }

    fn idle(&self) -> f64 {
        self.tally.idle.as_secs_f64() / self.tally.elapsed.as_secs_f64()
    }
}

/// A column: its name in JSON and how to read it off a sample.
type Column = (&'static str, fn(&Sample) -> f64);

const QPS: Column = ("qps", Sample::qps);
const USER: Column = ("user_ns_per_query", |sample| sample.per_query(sample.cpu.user_ns()));
const SYSTEM: Column = ("system_ns_per_query", |sample| sample.per_query(sample.cpu.system_ns()));
const SUM: Column = ("sum_ns_per_query", |sample| sample.per_query(sample.cpu.sum_ns()));
const OCTETS: Column = ("octets_per_reply", |sample| sample.per_query(sample.tally.reply_octets as f64));
const BUSY: Column = ("server_cpu_share", |sample| sample.share(sample.cpu.sum_ns()));
const OTHERS: Column = ("others_cpu_share", Sample::others);
const IDLE: Column = ("generator_idle_share", Sample::idle);
const READY_CPU: Column = ("ready_cpu_s", |sample| sample.start.cpu.sum_ns() / 1e9);
const SETTLED_CPU: Column = ("settled_cpu_s", |sample| sample.start.settled_cpu.sum_ns() / 1e9);
const READY_WALL: Column = ("ready_wall_s", |sample| sample.start.wall.as_secs_f64());
const RSS: Column = ("rss_mb", |sample| sample.start.memory.rss as f64 / 1e6);
const PSS: Column = ("pss_mb", |sample| sample.start.memory.pss as f64 / 1e6);
const LOADED_PSS: Column = ("pss_after_load_mb", |sample| sample.memory.pss as f64 / 1e6);
const PEAK: Column = ("peak_mb", |sample| sample.memory.peak as f64 / 1e6);
const IDLE_OCTETS: Column = ("octets_per_idle_connection", |sample| sample.start.idle_octets);
const REPLIES: Column = ("replies", |sample| sample.tally.replies as f64);
const LOST: Column = ("lost", |sample| sample.tally.lost as f64);
const WRONG: Column = ("wrong", |sample| sample.tally.wrong as f64);
const BARE: Column = ("bare", |sample| sample.tally.bare as f64);
const STRAY: Column = ("stray", |sample| sample.tally.stray as f64);

/// All that JSON holds of a sample.
const COLUMNS: [Column; 21] = [
    QPS,
    USER,
    SYSTEM,
    SUM,
    OCTETS,
    BUSY,
    OTHERS,
    IDLE,
    READY_CPU,
    SETTLED_CPU,
    READY_WALL,
    RSS,
    PSS,
    LOADED_PSS,
    PEAK,
    IDLE_OCTETS,
    REPLIES,
    LOST,
    WRONG,
    BARE,
    STRAY,
];

/// Everything that a run found.
pub(crate) struct Report<'o> {
    options: &'o Options,
    samples: Vec<(&'static str, Sample)>,
    /// How many records the zones of a load have, where that is told.
    records: Vec<(&'static str, usize)>,
    delays: Vec<(&'static str, Delay)>,
    failures: Vec<(&'static str, Server, String)>,
}

impl<'o> Report<'o> {
    pub(crate) fn new(options: &'o Options) -> Self {
        Self { options, samples: Vec::new(), records: Vec::new(), delays: Vec::new(), failures: Vec::new() }
    }

    pub(crate) fn add(&mut self, load: &Load, sample: Sample) {
        self.samples.push((load.name, sample));
        self.records.extend(load.records.map(|records| (load.name, records)));
    }

    pub(crate) fn add_delay(&mut self, load: &'static str, delay: Delay) {
        self.delays.push((load, delay));
    }

    pub(crate) fn fail(&mut self, load: &'static str, server: Server, why: &str) {
        self.failures.push((load, server, why.to_owned()));
    }

    /// The machine, the servers and the shape of the load, in a few lines.
    pub(crate) fn preamble(&self) -> String {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpus.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
        let mut text = format!(
            "{} × {}, Linux {}, huge pages: {}\n",
            cpus.lines().filter(|line| line.starts_with("processor")).count(),
            model.unwrap_or("unknown CPU"),
            read("/proc/sys/kernel/osrelease"),
            read("/sys/kernel/mm/transparent_hugepage/enabled"),
        );
        let versions = self.options.servers.iter().filter_map(|server| {
            Some(format!("{} {}", server.name(), server.version(self.options.gannet_of(*server))?))
        });
        let versions: Vec<String> = versions.collect();
        let rate = self.options.rate.map_or("as many as are answered".to_owned(), |rate| format!("{rate} a second"));
        let _ = writeln!(
            text,
            "{}\nqueries: {rate}, from {} port{}, at most {} unanswered; {} rounds of {} s after {} s of warm-up",
            versions.join(", "),
            self.options.clients,
            if self.options.clients == 1 { "" } else { "s" },
            self.options.outstanding,
            self.options.rounds,
            self.options.seconds,
            self.options.warm_up
        );
        text
    }

    fn of<'s>(&'s self, load: &'s str, server: Server) -> impl Iterator<Item = &'s Sample> + Clone {
        let matching = move |(of, sample): &&(&str, Sample)| *of == load && sample.server == server;
        self.samples.iter().filter(matching).map(|(_, sample)| sample)
    }

    /// The tables of one load, in Markdown.
    pub(crate) fn table(&self, load: &Load) -> String {
        let mut text = format!("\n### {}: {}\n\n", load.name, load.description);
        text.push_str(
            "| server | qps | lost | wrong | bare | user ns/query | system ns/query | sum ns/query | octets | CPU 0 | others | \
             generator idle |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        );
        for &server in &self.options.servers {
            self.cost_row(load.name, server, &mut text);
        }
        text.push_str(
            "\n| server | CPU s to ready | CPU s to rest | wall s to ready | PSS MB | RSS MB | PSS MB after load | peak MB |\n\
             |---|---|---|---|---|---|---|---|\n",
        );
        for &server in self.options.servers.iter().filter(|&&server| server != Server::Floor) {
            let samples: Vec<&Sample> = self.of(load.name, server).collect();
            if !samples.is_empty() {
                let cells = [READY_CPU, SETTLED_CPU, READY_WALL, PSS, RSS, LOADED_PSS, PEAK];
                let cells = cells.map(|column| spread(samples.iter().map(|sample| column.1(sample))));
                let _ = writeln!(text, "| {} | {} |", server.name(), cells.join(" | "));
            }
        }
        if self.options.idle > 0 {
            let of = |server: &Server| {
                let octets = median(self.of(load.name, *server).map(|sample| IDLE_OCTETS.1(sample)));
                format!("{} {octets:.0}", server.name())
            };
            let each: Vec<String> = self.options.servers.iter().map(of).collect();
            let _ = writeln!(text, "\noctets for each of {} idle connections: {}", self.options.idle, each.join(", "));
        }
        self.cache_rows(load.name, &mut text);
        self.ratios(load.name, &mut text);
        self.delay_rows(load.name, &mut text);
        for (_, server, why) in self.failures.iter().filter(|(of, ..)| *of == load.name) {
            let _ = writeln!(text, "\n{}: {why}", server.name());
        }
        self.remarks(load.name, &mut text);
        text
    }

    fn cost_row(&self, load: &str, server: Server, text: &mut String) {
        let samples: Vec<&Sample> = self.of(load, server).collect();
        if samples.is_empty() {
            let _ = writeln!(text, "| {} | – |", server.name());
            return;
        }
        let total = |column: Column| samples.iter().map(|sample| column.1(sample)).sum::<f64>();
        let cell = |column: Column| spread(samples.iter().map(|sample| column.1(sample)));
        let percent = |column: Column| median(samples.iter().map(|sample| column.1(sample))) * 100.0;
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {:.0} % | {} | {} | {} | {:.0} | {:.0} % | {:.1} %{} | {:.0} %{} |",
            server.name(),
            cell(QPS),
            total(LOST),
            total(WRONG),
            100.0 * total(BARE) / total(REPLIES),
            cell(USER),
            cell(SYSTEM),
            cell(SUM),
            median(samples.iter().map(|sample| OCTETS.1(sample))),
            percent(BUSY),
            percent(OTHERS),
            if percent(OTHERS) > DISTURBED * 100.0 { " (!)" } else { "" },
            percent(IDLE),
            if percent(IDLE) < GENERATOR_BUSY * 100.0 { " (!)" } else { "" },
        );
    }

    /// What the caches of the Gannets gave: shares of all queries, and of those that the answer cache was asked for.
    fn cache_rows(&self, load: &str, text: &mut String) {
        let columns = [Caches::packet_hits, Caches::packet_passed, Caches::answers_sought, Caches::answer_hits];
        let of = |server: &Server| self.of(load, *server).filter_map(|sample| sample.caches.as_ref());
        let mut servers = self.options.servers.iter().filter(|server| of(server).next().is_some()).peekable();
        if servers.peek().is_some() {
            text.push_str(
                "\n| caches | packets: hit | passed by | answers: sought | hit, of these |\n|---|---|---|---|---|\n",
            );
        }
        for server in servers {
            let percent = |share: fn(&Caches) -> f64| match 100.0 * median(of(server).map(share)) {
                nothing if nothing.is_nan() => "–".to_owned(),
                percent => format!("{percent:.1} %"),
            };
            let _ = writeln!(text, "| {} | {} |", server.name(), columns.map(percent).join(" | "));
        }
    }

    /// How every server stands to NSD and the floor, and Gannet to the best of its peers.
    fn ratios(&self, load: &str, text: &mut String) {
        text.push_str("\n| ratio | user | sum | CPU to rest | PSS |\n|---|---|---|---|---|\n");
        for &server in self.options.servers.iter().filter(|&&server| server != Server::Floor && server != Server::Nsd) {
            self.ratio_row(load, server, "NSD", &|sample| sample.server == Server::Nsd, text);
        }
        if self.options.servers.contains(&Server::Gannet) {
            self.ratio_row(load, Server::Gannet, "best peer", &|sample| sample.server.is_peer(), text);
            self.ratio_row(load, Server::Gannet, "before", &|sample| sample.server == Server::Before, text);
            self.ratio_row(load, Server::Gannet, "uncached", &|sample| sample.server == Server::Uncached, text);
        }
        for &server in self.options.servers.iter().filter(|&&server| server != Server::Floor) {
            self.ratio_row(load, server, "floor", &|sample| sample.server == Server::Floor, text);
        }
    }

    fn ratio_row(&self, load: &str, server: Server, to: &str, base: &dyn Fn(&Sample) -> bool, text: &mut String) {
        let rounds = self.rounds(load);
        let cell = |column: Column| {
            let ratio = |round: &Vec<&Sample>| {
                let own = round.iter().find(|sample| sample.server == server).map(|sample| column.1(sample))?;
                let others = round.iter().filter(|sample| base(sample)).map(|sample| column.1(sample));
                others.min_by(f64::total_cmp).map(|other| own / other)
            };
            let ratios: Vec<f64> = rounds.iter().filter_map(ratio).collect();
            if ratios.is_empty() { "–".to_owned() } else { spread(ratios.into_iter()) }
        };
        let sum = cell(SUM);
        if sum == "–" {
            return;
        }
        // The floor has no zone, and next to no user time: a ratio to that would be noise.
        let rest = [USER, SETTLED_CPU, PSS].map(|column| if to == "floor" { "–".to_owned() } else { cell(column) });
        let [user, ready, memory] = rest;
        let _ = writeln!(text, "| {}/{to} | {user} | {sum} | {ready} | {memory} |", server.name());
    }

    /// How long replies took, if that was measured.
    fn delay_rows(&self, load: &str, text: &mut String) {
        let of = |server, pace| {
            let matching =
                move |(of, delay): &&(&str, Delay)| *of == load && delay.server == server && delay.pace == pace;
            self.delays.iter().filter(matching).map(|(_, delay)| delay)
        };
        if !self.delays.iter().any(|(of, _)| *of == load) {
            return;
        }
        text.push_str(
            "\n| server | asked a second | answered | p50 µs | p99 µs | p99.9 µs |\n|---|---|---|---|---|---|\n",
        );
        for (pace, name) in [(Pace::OwnHalf, "half of its own rate"), (Pace::PeersHalf, "half of the best peer's")] {
            for &server in self.options.servers.iter().filter(|&&server| of(server, pace).next().is_some()) {
                let cell = |value: fn(&Delay) -> f64| spread(of(server, pace).map(value));
                let _ = writeln!(
                    text,
                    "| {}, {name} | {} | {} | {} | {} | {} |",
                    server.name(),
                    cell(|delay| f64::from(delay.rate)),
                    cell(|delay| delay.tally.replies as f64 / delay.tally.elapsed.as_secs_f64()),
                    cell(|delay| delay.tally.latencies.percentile_us(0.5)),
                    cell(|delay| delay.tally.latencies.percentile_us(0.99)),
                    cell(|delay| delay.tally.latencies.percentile_us(0.999)),
                );
            }
        }
    }

    /// What grows with the number of zones and records.
    pub(crate) fn scale_table(&self) -> String {
        let mut text = String::from(
            "\n### What grows with the data\n\n| server, load | records | user ns/query | × smallest | sum ns/query | PSS MB | \
             octets a record | CPU µs to ready, a record |\n|---|---|---|---|---|---|---|---|\n",
        );
        for &server in &self.options.servers {
            let median_of = |load: &str, column: Column| median(self.of(load, server).map(|sample| column.1(sample)));
            // With ten records: what the process takes without any.
            let empty_mb = median_of(SCALE[0], PSS);
            for load in SCALE {
                let Some(records) = self.records.iter().find(|(of, _)| *of == load).map(|(_, records)| *records) else {
                    continue;
                };
                let family = &load[..load.rfind('-').unwrap_or(load.len())];
                let smallest = SCALE.iter().find(|other| other.starts_with(family)).copied().unwrap_or(load);
                let grown_mb = median_of(load, PSS) - empty_mb;
                let _ = writeln!(
                    text,
                    "| {}, {load} | {records} | {} | {} | {} | {} | {} | {} |",
                    server.name(),
                    spread(self.of(load, server).map(|sample| USER.1(sample))),
                    figure(median_of(load, USER) / median_of(smallest, USER)),
                    spread(self.of(load, server).map(|sample| SUM.1(sample))),
                    figure(median_of(load, PSS)),
                    if grown_mb < GROWTH_MB { "–".to_owned() } else { figure(grown_mb * 1e6 / records as f64) },
                    figure(median_of(load, SETTLED_CPU) * 1e6 / records as f64),
                );
            }
        }
        text
    }

    /// The samples of a load by round: each server's first, each server's second, and so on.
    fn rounds<'s>(&'s self, load: &'s str) -> Vec<Vec<&'s Sample>> {
        let servers = &self.options.servers;
        let round = |at: usize| servers.iter().filter_map(|&server| self.of(load, server).nth(at)).collect();
        (0..self.options.rounds).map(round).collect()
    }

    /// What a reader must know about the figures above.
    fn remarks(&self, load: &str, text: &mut String) {
        for &server in &self.options.servers {
            if let Some(wrong) = self.of(load, server).find_map(|sample| sample.tally.first_wrong.as_ref()) {
                let _ = writeln!(text, "\n{} answered wrongly; the first: {wrong}", server.name());
            }
        }
    }

    /// Every sample with every column, and every failure.
    pub(crate) fn json(&self) -> String {
        let mut lines = Vec::new();
        for (load, sample) in &self.samples {
            let fields: Vec<String> =
                COLUMNS.iter().map(|(name, value)| format!("\"{name}\": {:.4}", value(sample))).collect();
            lines.push(format!(
                "{{\"load\": \"{load}\", \"server\": \"{}\", {}}}",
                sample.server.name(),
                fields.join(", ")
            ));
        }
        for (load, delay) in &self.delays {
            let pace = if delay.pace == Pace::OwnHalf { "own half" } else { "best peer's half" };
            let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| delay.tally.latencies.percentile_us(share));
            lines.push(format!(
                "{{\"load\": \"{load}\", \"server\": \"{}\", \"pace\": \"{pace}\", \"rate\": {}, \"replies\": {}, \
                 \"p50_us\": {p50:.1}, \"p99_us\": {p99:.1}, \"p999_us\": {p999:.1}}}",
                delay.server.name(),
                delay.rate,
                delay.tally.replies,
            ));
        }
        for (load, server, why) in &self.failures {
            lines.push(format!(
                "{{\"load\": \"{load}\", \"server\": \"{}\", \"failed\": {}}}",
                server.name(),
                json_string(why)
            ));
        }
        format!("[\n{}\n]\n", lines.join(",\n"))
    }
}

/// Text as a JSON string (RFC 8259 section 7).
fn json_string(text: &str) -> String {
    let mut string = String::from("\"");
    for symbol in text.chars() {
        match symbol {
            '"' | '\\' => string.extend(['\\', symbol]),
            '\0'..='\x1f' => string.push_str(&format!("\\u{:04x}", u32::from(symbol))),
            _ => string.push(symbol),
        }
    }
    string.push('"');
    string
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[count / 2],
        count => (values[count / 2 - 1] + values[count / 2]) / 2.0,
    }
}

/// The median, and the smallest and the largest if there are several.
fn spread(values: impl Iterator<Item = f64> + Clone) -> String {
    let smallest = values.clone().fold(f64::INFINITY, f64::min);
    let largest = values.clone().fold(f64::NEG_INFINITY, f64::max);
    let middle = figure(median(values));
    if figure(smallest) == figure(largest) {
        middle
    } else {
        format!("{middle} ({}–{})", figure(smallest), figure(largest))
    }
}

/// Three or so digits that count.
fn figure(value: f64) -> String {
    match value {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
