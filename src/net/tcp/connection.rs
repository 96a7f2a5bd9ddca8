//! One TCP connection: reads, has answered what is whole, sends, and ends when the client is idle or too slow.
//!
//! ```text
//!            octets                 replies                    all sent
//! Reading ────────────▶ Answering ───────────▶ Sending ──────────────────────▶ Reading
//!    │ idle_timeout: nothing begun  │ broken      │ send_timeout: not all taken
//!    │ message_timeout: begun,      ▼             ▼
//!    │ not whole              the replies leave, the end
//!    ▼ closed by the client, or stopping: the end
//! ```
//! Nothing is read while replies wait, so a client that does not read them stops being served and not more.
//! Does not know how connections are admitted.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{sleep_until, timeout_at};

use super::framing::Answered;
use super::places::Place;
use super::{Office, REST, Stopping, is_readable};
use crate::net::{Peer, Respond};

/// A connection and what it holds between two rounds: nothing, while it is idle.
pub(super) struct Connection<R> {
    stream: TcpStream,
    peer: Peer,
    office: Rc<Office<R>>,
    place: Place,
    stopping: Stopping,
    /// Octets that were read and not answered yet: part of a message, or whole ones for which there was no room.
    pending: Vec<u8>,
    /// When the message in `pending` began, or else when the last one ended.
    since: Instant,
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// By the client, by an error below, by a message that is none, or because the server stops.
    Done,
    /// The client was idle, or did not send the rest of a message in time.
    TimedOut,
    /// The client did not take its replies in time.
    NotReading,
}

/// What one round of reading and answering left to do.
struct Round {
    answered: Answered,
    /// Replies that the socket did not take at once.
    unsent: Vec<u8>,
    /// As many octets were read as there was room for: more may wait.
    all_room_used: bool,
}

impl<R: Respond> Connection<R> {
    pub(super) fn new(stream: TcpStream, peer: Peer, office: Rc<Office<R>>, place: Place, stopping: Stopping) -> Self {
        Self { stream, peer, office, place, stopping, pending: Vec::new(), since: Instant::now() }
    }

    /// Serves the connection to its end and counts how it ended.
    pub(super) async fn serve(mut self) {
        let end = self.run().await;
        if end != End::Done {
            self.office.counters.tcp_timeouts.add(1);
        }
        if end == End::NotReading {
            // Throw away what the client would not take, lest the kernel keep it and try on.
            let _ = self.stream.set_zero_linger();
        }
    }

    async fn run(&mut self) -> End {
        loop {
            let timeout = match self.pending.is_empty() {
                true => self.office.config.idle_timeout,
                false => self.office.config.message_timeout,
            };
            let deadline = (self.since + timeout).into();
            let mut stopping = self.stopping.clone();
            let mut round = tokio::select! {
                biased; // what has arrived is answered even while the server stops
                read = std::future::poll_fn(|context| self.poll_round(context)) => match read {
                    Ok(Some(round)) => round,
                    Ok(None) | Err(_) => return End::Done,
                },
                _ = stopping.wait_for(Option::is_some) => {
                    // What the kernel has and the runtime has not heard of yet has arrived too.
                    if !is_readable(&self.stream) || tokio::time::timeout(REST, self.stream.readable()).await.is_err() {
                        return End::Done;
                    }
                    continue;
                }
                () = sleep_until(deadline) => return End::TimedOut,
            };
            loop {
                if let Err(end) = self.send(std::mem::take(&mut round.unsent)).await {
                    return end;
                }
                if round.answered.broken {
                    return End::Done;
                }
                if round.answered.queries > 0 {
                    self.place.progress();
                    self.since = Instant::now();
                }
                if !round.answered.full {
                    break;
                }
                round = match self.answer_pending() {
                    Ok(round) => round,
                    Err(_) => return End::Done,
                };
            }
            if round.all_room_used {
                tokio::task::yield_now().await; // the others' turn
            }
        }
    }

    /// Reads once and answers what is whole; `None` at the end of the stream.
    fn poll_round(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<Round>>> {
        let office = Rc::clone(&self.office);
        let mut tools = office.tools.borrow_mut();
        let tools = &mut *tools;
        let mut buffer = ReadBuf::new(&mut tools.incoming);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
        let all_room_used = buffer.remaining() == 0;
        let fresh = buffer.filled();
        if fresh.is_empty() {
            return Poll::Ready(Ok(None));
        }
        let now = Instant::now();
        let answered = if self.pending.is_empty() {
            self.since = now;
            let answered = tools.desk.answer(fresh, self.peer, now);
            self.pending.extend_from_slice(&fresh[answered.octets..]);
            answered
        } else {
            self.pending.extend_from_slice(fresh);
            let answered = tools.desk.answer(&self.pending, self.peer, now);
            self.forget(answered.octets);
            answered
        };
        let unsent = self.send_now(tools.desk.replies(), &answered)?;
        Poll::Ready(Ok(Some(Round { answered, unsent, all_room_used })))
    }

    /// Answers whole messages for which there was no room before.
    fn answer_pending(&mut self) -> io::Result<Round> {
        let office = Rc::clone(&self.office);
        let desk = &mut office.tools.borrow_mut().desk;
        let answered = desk.answer(&self.pending, self.peer, Instant::now());
        self.forget(answered.octets);
        let unsent = self.send_now(desk.replies(), &answered)?;
        // As if a full read: it may have taken long.
        Ok(Round { answered, unsent, all_room_used: true })
    }

    /// Drops the first octets of what is pending, and the memory once nothing is.
    fn forget(&mut self, octets: usize) {
        if octets == self.pending.len() {
            self.pending = Vec::new();
        } else {
            self.pending.drain(..octets);
        }
    }

    /// Sends what the socket takes without waiting; returns the rest.
    fn send_now(&self, replies: &[u8], answered: &Answered) -> io::Result<Vec<u8>> {
        self.office.counters.tcp_queries.add(answered.queries as u64);
        self.office.counters.tcp_replies.add(answered.replies as u64);
        if replies.is_empty() {
            return Ok(Vec::new());
        }
        match self.stream.try_write(replies) {
            Ok(sent) => Ok(replies[sent..].to_vec()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(replies.to_vec()),
            Err(error) => Err(error),
        }
    }

    /// Sends the rest of the replies, as fast as the client takes them within its time.
    async fn send(&self, unsent: Vec<u8>) -> Result<(), End> {
        let deadline = (Instant::now() + self.office.config.send_timeout).into();
        let mut rest = &unsent[..];
        while !rest.is_empty() {
            match timeout_at(deadline, self.stream.writable()).await {
                Err(_) => return Err(End::NotReading),
                Ok(Err(_)) => return Err(End::Done),
                Ok(Ok(())) => {}
            }
            match self.stream.try_write(rest) {
                Ok(sent) => rest = &rest[sent..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return Err(End::Done),
            }
        }
        Ok(())
    }
}
