//! The load generator: one thread that sends what a load has to ask, at its pace, and books what comes back.
//!
//! Knows neither which server it asks nor what it costs, nor how messages are carried: it calls back when counting starts.

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use crate::batch::BATCH;
use crate::carriage::Carriage;
use crate::datagrams::Datagrams;
use crate::ledger::{Ledger, Tally};
use crate::query::{Queries, Verdict};
use crate::streams::{Pipelined, Short};

/// With fewer replies than these the generator waits a little before it looks again, so that it sends in batches.
const WORTH_SENDING: usize = 32;

/// How long it waits: a few times what the fastest server needs for a query.
const PAUSE: Duration = Duration::from_micros(12);

/// How the load is shaped.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) carriage: Carriage,
    /// Sockets, each with a port of its own, that take turns within each batch of queries.
    pub(crate) clients: usize,
    /// Queries unanswered at a time: with no rate, a new one is sent for each reply.
    pub(crate) outstanding: usize,
    /// Queries per second, or as many as are answered.
    pub(crate) rate: Option<u32>,
    /// Latency counts, so the generator never waits before it looks for replies.
    pub(crate) watchful: bool,
    /// Replies must be the queries themselves, as the kernel floor gives them.
    pub(crate) echo: bool,
    pub(crate) warm_up: Duration,
    pub(crate) counting: Duration,
}

/// Takes queries to a server and brings replies back, without ever waiting.
pub(crate) trait Carrier {
    /// Books the replies that have come; returns how many.
    fn receive(&mut self, ledger: &mut Ledger<'_>) -> io::Result<usize>;

    /// Sends the next `count` queries, or fewer where there is no way for more; returns how many.
    fn send(&mut self, count: usize, ledger: &mut Ledger<'_>, now: Instant) -> io::Result<usize>;
}

/// A load generator that is connected to one server.
pub(crate) struct Generator<'q> {
    carrier: Box<dyn Carrier>,
    ledger: Ledger<'q>,
    shape: Shape,
}

impl<'q> Generator<'q> {
    /// One that begins with the query at `start`.
    pub(crate) fn connect(port: u16, queries: &'q Queries, start: usize, shape: Shape) -> io::Result<Self> {
        let carrier: Box<dyn Carrier> = match shape.carriage {
            Carriage::Datagrams => Box::new(Datagrams::connect(port, shape.clients)?),
            Carriage::Short => Box::new(Short::new(port)?),
            Carriage::Pipelined => Box::new(Pipelined::connect(port)?),
        };
        Ok(Self { carrier, ledger: Ledger::new(queries, start, shape.echo), shape })
    }

    /// Sends the load through the warm-up and the counted time; `count_from` is called in between.
    pub(crate) fn run<T>(mut self, count_from: impl FnOnce() -> T) -> io::Result<(T, Tally)> {
        self.drive(self.shape.warm_up)?;
        let begun = count_from();
        self.ledger.tally = Tally::default();
        self.drive(self.shape.counting)?;
        Ok((begun, self.ledger.tally))
    }

    fn drive(&mut self, duration: Duration) -> io::Result<()> {
        let start = Instant::now();
        let mut sent = 0;
        loop {
            let now = Instant::now();
            let elapsed = now - start;
            crate::interrupt::check()?;
            if elapsed >= duration {
                self.ledger.tally.elapsed = elapsed;
                return Ok(());
            }
            let replies = self.carrier.receive(&mut self.ledger)?;
            self.ledger.give_up(now);
            let due = match self.shape.rate {
                Some(rate) => (elapsed.as_secs_f64() * f64::from(rate)) as u64 - sent,
                None => u64::MAX,
            };
            let free = self.shape.outstanding.saturating_sub(self.ledger.unanswered());
            let count = free.min(due.try_into().unwrap_or(usize::MAX)).min(BATCH);
            if count > 0 {
                sent += self.carrier.send(count, &mut self.ledger, now)? as u64;
            }
            if replies < WORTH_SENDING && count < WORTH_SENDING && !self.shape.watchful {
                self.pause();
            }
        }
    }

    /// Spins: a sleeping generator would have to be woken by the server, at the server's cost.
    fn pause(&mut self) {
        let start = Instant::now();
        while start.elapsed() < PAUSE {
            std::hint::spin_loop();
        }
        self.ledger.tally.idle += start.elapsed();
    }
}

/// Asks until every probe has been answered rightly or the time is up; tells what was last wrong.
pub(crate) fn await_answers(
    port: u16,
    probes: &Queries,
    echo: bool,
    deadline: Instant,
    alive: &mut dyn FnMut() -> Result<(), String>,
) -> Result<(), String> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| error.to_string())?;
    socket.connect((Ipv4Addr::LOCALHOST, port)).map_err(|error| error.to_string())?;
    socket.set_read_timeout(Some(Duration::from_millis(100))).map_err(|error| error.to_string())?;
    let mut buffer = [0; 4_096];
    let (mut index, mut last, mut id) = (0, "no reply".to_owned(), 0u16);
    while index < probes.len() {
        alive()?;
        crate::interrupt::check().map_err(|error| error.to_string())?;
        if Instant::now() > deadline {
            return Err(format!("not ready in time: {last}"));
        }
        id = id.wrapping_add(1);
        match ask(&socket, id, probes.message(index), &mut buffer) {
            Ok(reply) if echo || probes.judge(index, reply) != Verdict::Wrong => {
                index += 1;
                continue;
            }
            Ok(reply) => last = probes.explain(index, reply),
            Err(error) => last = format!("no reply to probe {index}: {error}"),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// One query and its reply. Replies to earlier queries, which a server that was busy loading sends late, are passed over.
fn ask<'b>(socket: &UdpSocket, id: u16, query: &[u8], buffer: &'b mut [u8]) -> io::Result<&'b [u8]> {
    let id = id.to_be_bytes();
    socket.send(&[&id, &query[2..]].concat())?;
    loop {
        let length = socket.recv(buffer)?;
        if buffer[..length].starts_with(&id) {
            return Ok(&buffer[..length]);
        }
    }
}
