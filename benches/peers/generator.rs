//! The load generator: one thread, connected sockets, batches; counts what came back and whether it was right.
//!
//! Knows neither which server it asks nor what it costs: it calls back when counting starts.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::batch::{BATCH, Batch};
use crate::query::{Queries, Verdict};

/// A query without a reply for as long is lost: on loopback a reply takes microseconds, or it never comes.
const LOST_AFTER: Duration = Duration::from_secs(1);

/// What the socket's queue may hold, so that it is never the generator that loses a reply.
const QUEUE_OCTETS: usize = 4 << 20;

/// With fewer replies than these the generator waits a little before it looks again, so that it sends in batches.
const WORTH_SENDING: usize = 32;

/// How long it waits: a few times what the fastest server needs for a query.
const PAUSE: Duration = Duration::from_micros(12);

/// Most queries unanswered at a time, well below the number of ids.
pub(crate) const OUTSTANDING_MAX: usize = 16_384;

/// How the load is shaped.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// Sockets, each with a port of its own, that take turns within each batch of queries.
    pub(crate) clients: usize,
    /// Queries unanswered at a time: with no rate, a new one is sent for each reply.
    pub(crate) outstanding: usize,
    /// Queries per second, or as many as are answered.
    pub(crate) rate: Option<u32>,
    /// Replies must be the queries themselves, as the kernel floor gives them.
    pub(crate) echo: bool,
    pub(crate) warm_up: Duration,
    pub(crate) counting: Duration,
}

/// What happened while counting.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) replies: u64,
    pub(crate) wrong: u64,
    /// Right replies that left out addresses which belong to them.
    pub(crate) bare: u64,
    pub(crate) lost: u64,
    /// Replies that nothing was outstanding for: late, or twice.
    pub(crate) stray: u64,
    pub(crate) reply_octets: u64,
    pub(crate) elapsed: Duration,
    /// Time in which the generator had nothing to send or read. Near zero, the generator is what limits the rate.
    pub(crate) idle: Duration,
    /// The first wrong reply, explained.
    pub(crate) first_wrong: Option<String>,
}

/// A query on its way, found by its id.
#[derive(Clone, Copy)]
struct Asked {
    query: u32,
    /// Tells it from an earlier query with the same id.
    number: u64,
}

/// The same query, in the order of sending.
struct InFlight {
    id: u16,
    number: u64,
    sent: Instant,
}

/// A load generator that is connected to one server.
pub(crate) struct Generator<'q> {
    sockets: Vec<UdpSocket>,
    /// The socket that sends next.
    turn: usize,
    queries: &'q Queries,
    shape: Shape,
    /// For each id its query, while that is unanswered.
    asked: Vec<Option<Asked>>,
    /// Answered queries are dropped when they come to the front.
    order: VecDeque<InFlight>,
    unanswered: usize,
    next_query: usize,
    next_id: u16,
    sent: u64,
    tally: Tally,
}

impl<'q> Generator<'q> {
    pub(crate) fn connect(port: u16, queries: &'q Queries, shape: Shape) -> io::Result<Self> {
        let connect = |_| {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
            SockRef::from(&socket).set_recv_buffer_size(QUEUE_OCTETS)?;
            socket.connect((Ipv4Addr::LOCALHOST, port))?;
            Ok(socket)
        };
        Ok(Self {
            sockets: (0..shape.clients).map(connect).collect::<io::Result<_>>()?,
            turn: 0,
            queries,
            shape,
            asked: vec![None; 1 << 16],
            order: VecDeque::with_capacity(OUTSTANDING_MAX),
            unanswered: 0,
            next_query: 0,
            next_id: 0,
            sent: 0,
            tally: Tally::default(),
        })
    }

    /// Continues the stream at another query, so that rounds do not repeat each other.
    pub(crate) fn start_at(mut self, query: usize) -> Self {
        self.next_query = query % self.queries.len();
        self
    }

    /// Sends the load through the warm-up and the counted time; `count_from` is called in between.
    pub(crate) fn run<T>(mut self, count_from: impl FnOnce() -> T) -> io::Result<(T, Tally)> {
        self.drive(self.shape.warm_up)?;
        let begun = count_from();
        self.tally = Tally::default();
        self.drive(self.shape.counting)?;
        Ok((begun, self.tally))
    }

    fn drive(&mut self, duration: Duration) -> io::Result<()> {
        let (mut received, mut sending) = (Batch::new(), Batch::new());
        let start = Instant::now();
        let mut sent = 0;
        loop {
            let now = Instant::now();
            let elapsed = now - start;
            crate::interrupt::check()?;
            if elapsed >= duration {
                self.tally.elapsed = elapsed;
                return Ok(());
            }
            let mut replies = 0;
            for index in 0..self.sockets.len() {
                replies += received.receive(&self.sockets[index], false)?;
                received.datagrams().for_each(|reply| self.settle(reply));
            }
            self.give_up(now);
            let due = match self.shape.rate {
                Some(rate) => (elapsed.as_secs_f64() * f64::from(rate)) as u64 - sent,
                None => u64::MAX,
            };
            let free = self.shape.outstanding - self.unanswered;
            let count = free.min(due.try_into().unwrap_or(usize::MAX)).min(BATCH);
            if count > 0 {
                let share = count.div_ceil(self.sockets.len());
                for start in (0..count).step_by(share) {
                    self.send(&mut sending, share.min(count - start), now)?;
                }
                sent += count as u64;
            }
            if replies < WORTH_SENDING && count < WORTH_SENDING {
                self.pause();
            }
        }
    }

    fn send(&mut self, batch: &mut Batch, count: usize, now: Instant) -> io::Result<()> {
        batch.clear();
        for _ in 0..count {
            // A query that waits long may still hold its id when the ids come round again.
            while self.asked[usize::from(self.next_id)].is_some() {
                self.next_id = self.next_id.wrapping_add(1);
            }
            batch.push(self.next_id, self.queries.message(self.next_query));
            let asked = Asked { query: self.next_query as u32, number: self.sent };
            self.asked[usize::from(self.next_id)] = Some(asked);
            self.order.push_back(InFlight { id: self.next_id, number: self.sent, sent: now });
            self.sent += 1;
            self.next_id = self.next_id.wrapping_add(1);
            self.next_query = (self.next_query + 1) % self.queries.len();
        }
        self.unanswered += count;
        self.turn = (self.turn + 1) % self.sockets.len();
        batch.send(&self.sockets[self.turn])
    }

    /// Books a reply to the query it belongs to.
    fn settle(&mut self, reply: &[u8]) {
        let asked = reply.first_chunk().and_then(|id| self.asked[usize::from(u16::from_be_bytes(*id))].take());
        let Some(index) = asked.map(|asked| asked.query as usize) else {
            self.tally.stray += 1;
            return;
        };
        self.unanswered -= 1;
        self.tally.replies += 1;
        self.tally.reply_octets += reply.len() as u64;
        let verdict = match self.shape.echo {
            true if reply[2..] == self.queries.message(index)[2..] => Verdict::Right,
            true => Verdict::Wrong,
            false => self.queries.judge(index, reply),
        };
        match verdict {
            Verdict::Right => {}
            Verdict::Bare => self.tally.bare += 1,
            Verdict::Wrong => {
                self.tally.wrong += 1;
                self.tally.first_wrong.get_or_insert_with(|| self.queries.explain(index, reply));
            }
        }
    }

    /// Drops answered queries from the front of the order, and counts as lost what has waited too long.
    fn give_up(&mut self, now: Instant) {
        while let Some(&InFlight { id, number, sent }) = self.order.front() {
            let slot = &mut self.asked[usize::from(id)];
            if slot.is_some_and(|asked| asked.number == number) {
                if now - sent < LOST_AFTER {
                    return;
                }
                *slot = None;
                self.unanswered -= 1;
                self.tally.lost += 1;
            }
            self.order.pop_front();
        }
    }

    /// Spins: a sleeping generator would have to be woken by the server, at the server's cost.
    fn pause(&mut self) {
        let start = Instant::now();
        while start.elapsed() < PAUSE {
            std::hint::spin_loop();
        }
        self.tally.idle += start.elapsed();
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
