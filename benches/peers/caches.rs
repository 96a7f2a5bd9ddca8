//! What Gannet's caches gave while a load was counted, as its own counters say.
//!
//! Knows the lines of a log, and not who asks for them.

/// What begins the line of a counter, and what the line that ends all of them.
const COUNTER: &str = "counter ";
const END: &str = "counters: ";

/// The counters, as far as they moved.
#[derive(Debug, Default)]
pub(crate) struct Caches {
    moved: Vec<(String, u64)>,
}

impl Caches {
    /// How often all counters were logged.
    pub(crate) fn times_told(log: &str) -> usize {
        log.lines().filter(|line| line.contains(END)).count()
    }

    /// How far the counters moved between the last two times that they were logged.
    pub(crate) fn between_the_last_two(log: &str) -> Option<Self> {
        let (mut before, mut last, mut current) = (None, None, Vec::new());
        for line in log.lines() {
            if line.contains(END) {
                before = last.replace(std::mem::take(&mut current));
            } else if let Some((name, value)) = line.split_once(COUNTER).and_then(|(_, row)| row.split_once(' ')) {
                current.push((name.to_owned(), value.trim().parse().ok()?));
            }
        }
        let before = before?;
        let earlier = |name: &str| before.iter().find(|row| row.0 == name).map_or(0, |row| row.1);
        let moved = |(name, value): (String, u64)| {
            let value = value.saturating_sub(earlier(&name));
            (name, value)
        };
        Some(Self { moved: last?.into_iter().map(moved).collect() })
    }

    fn of(&self, name: &str) -> f64 {
        self.moved.iter().find(|row| row.0 == name).map_or(0.0, |row| row.1 as f64)
    }

    /// The share of all queries over UDP that the packet cache replied to.
    pub(crate) fn packet_hits(&self) -> f64 {
        self.of("packet_hits") / self.of("udp_queries")
    }

    /// The share of them that passed it by.
    pub(crate) fn packet_passed(&self) -> f64 {
        self.of("packet_passed") / self.of("udp_queries")
    }

    /// The share of them that the answer cache was asked for.
    pub(crate) fn answers_sought(&self) -> f64 {
        (self.of("cache_hits") + self.of("cache_misses")) / self.of("udp_queries")
    }

    /// The share of these that it had.
    pub(crate) fn answer_hits(&self) -> f64 {
        self.of("cache_hits") / (self.of("cache_hits") + self.of("cache_misses"))
    }
}

/// Whether a log is read as it should be.
pub(crate) fn check_itself() -> Result<(), String> {
    let log = "INFO counter udp_queries 100\nINFO counter cache_hits 7\nINFO counters: 2 are not 0, over 2 threads\n\
               INFO ready\nINFO counter udp_queries 300\nINFO counter packet_hits 50\nINFO counter cache_hits 67\n\
               INFO counter cache_misses 20\nINFO counters: 4 are not 0, over 2 threads\n";
    let caches = Caches::between_the_last_two(log).ok_or("the counters are not found")?;
    let shares = [caches.packet_hits(), caches.packet_passed(), caches.answers_sought(), caches.answer_hits()];
    let is_right = Caches::times_told(log) == 2 && shares == [0.25, 0.0, 0.4, 0.75];
    if is_right { Ok(()) } else { Err(format!("the counters are misread: {shares:?}")) }
}
