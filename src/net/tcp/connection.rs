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
//!
//! A stream of messages (a transfer) goes on between the rounds, one message each time, made here and not on a thread of its
//! own: a message takes some ten microseconds, the other connections have their turn behind each, and one that the client
//! does not take is all that is held. Queries that come meanwhile are read and answered between two messages (RFC 7766
//! section 6.2.1.1); those that were handed off wait until the stream ends.
//! Does not know how connections are admitted.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use socket2::SockRef;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{sleep_until, timeout_at};

use super::framing::{Answered, Desk};
use super::places::Place;
use super::{Office, REST, Stopping, is_readable};
use crate::base::limits::{TCP_HANDED_OFF_OCTETS, TCP_UNSENT_OCTETS};
use crate::net::{Next, Peer, Respond, Stream};

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
    /// Messages that were handed off and not taken over yet, and their octets.
    waiting: VecDeque<Box<[u8]>>,
    waiting_octets: usize,
    /// The stream that is being sent.
    stream_out: Option<Box<dyn Stream>>,
    /// The client will send nothing more.
    closed: bool,
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
        Self {
            stream,
            peer,
            office,
            place,
            stopping,
            pending: Vec::new(),
            since: Instant::now(),
            waiting: VecDeque::new(),
            waiting_octets: 0,
            stream_out: None,
            closed: false,
        }
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
            match self.serve_once().await {
                Ok(true) => tokio::task::yield_now().await, // the others' turn
                Ok(false) => {}
                Err(end) => return end,
            }
        }
    }

    /// Reads and answers once, and sends the next message of a stream. Returns whether there is more to do at once.
    async fn serve_once(&mut self) -> Result<bool, End> {
        let streaming = self.stream_out.is_some() || !self.waiting.is_empty();
        let round = if streaming { self.round_at_once().await? } else { Some(self.next_round().await?) };
        let all_room_used = round.as_ref().is_some_and(|round| round.all_room_used);
        if let Some(round) = round {
            self.finish(round).await?;
        }
        if self.stream_out.is_some() || !self.waiting.is_empty() {
            self.stream_on().await?;
            return Ok(true);
        }
        Ok(all_room_used)
    }

    /// Waits until something was read and answered.
    async fn next_round(&mut self) -> Result<Round, End> {
        if self.closed {
            return Err(End::Done);
        }
        let timeout = match self.pending.is_empty() {
            true => self.office.config.idle_timeout,
            false => self.office.config.message_timeout,
        };
        let deadline = (self.since + timeout).into();
        let mut stopping = self.stopping.clone();
        loop {
            tokio::select! {
                biased; // what has arrived is answered even while the server stops
                read = std::future::poll_fn(|context| self.poll_round(context)) => {
                    return read.ok().flatten().ok_or(End::Done);
                }
                _ = stopping.wait_for(Option::is_some) => {
                    // What the kernel has and the runtime has not heard of yet has arrived too.
                    if !is_readable(&self.stream) || tokio::time::timeout(REST, self.stream.readable()).await.is_err() {
                        return Err(End::Done);
                    }
                }
                () = sleep_until(deadline) => return Err(End::TimedOut),
            }
        }
    }

    /// Reads and answers what is there already, unless enough waits for the stream to end.
    async fn round_at_once(&mut self) -> Result<Option<Round>, End> {
        if self.closed || self.waiting_octets >= TCP_HANDED_OFF_OCTETS {
            return Ok(None);
        }
        let read = std::future::poll_fn(|context| match self.poll_round(context) {
            Poll::Ready(read) => Poll::Ready(Some(read)),
            Poll::Pending => Poll::Ready(None),
        });
        match read.await {
            None => Ok(None),
            Some(Ok(Some(round))) => Ok(Some(round)),
            // The client may have closed its side alone: what it asked for is still sent.
            Some(Ok(None)) => {
                self.closed = true;
                Ok(None)
            }
            Some(Err(_)) => Err(End::Done),
        }
    }

    /// Sends the replies of a round, and answers what there was no room for.
    async fn finish(&mut self, mut round: Round) -> Result<(), End> {
        loop {
            self.send(std::mem::take(&mut round.unsent)).await?;
            if round.answered.broken {
                return Err(End::Done);
            }
            if round.answered.queries > 0 {
                self.place.progress();
                self.since = Instant::now();
            }
            if !round.answered.full {
                return Ok(());
            }
            round = self.answer_pending().map_err(|_| End::Done)?;
        }
    }

    /// Sends the next message of the stream, or has the next waiting message taken over.
    async fn stream_on(&mut self) -> Result<(), End> {
        let (unsent, broken) = self.make_next().map_err(|_| End::Done)?;
        self.send(unsent).await?;
        self.place.progress();
        self.since = Instant::now();
        if broken { Err(End::Done) } else { Ok(()) }
    }

    /// Makes what [`stream_on`](Self::stream_on) sends: what the socket does not take at once, and whether that is all that
    /// can ever be sent.
    fn make_next(&mut self) -> io::Result<(Vec<u8>, bool)> {
        let office = Rc::clone(&self.office);
        let desk = &mut office.tools.borrow_mut().desk;
        let now = Instant::now();
        let mut next = None;
        if let Some(stream) = &mut self.stream_out {
            next = Some(desk.make_next(stream.as_mut(), now));
        } else if let Some(message) = self.waiting.pop_front() {
            self.waiting_octets -= message.len();
            self.stream_out = desk.take_over(&message, self.peer, now);
            // Of a stream the kernel keeps no more than of replies, for as long as it may take.
            if self.stream_out.is_some() {
                let _ = SockRef::from(&self.stream).set_tcp_notsent_lowat(TCP_UNSENT_OCTETS as u32);
            }
        }
        if !desk.replies().is_empty() {
            office.counters.tcp_replies.add(1);
        }
        let unsent = self.send_now(desk.replies())?;
        if matches!(next, Some(Next::Last(_) | Next::Broken)) {
            self.stream_out = None;
        }
        Ok((unsent, next == Some(Next::Broken)))
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
        let unsent = self.settle(&mut tools.desk, &answered)?;
        Poll::Ready(Ok(Some(Round { answered, unsent, all_room_used })))
    }

    /// Answers whole messages for which there was no room before.
    fn answer_pending(&mut self) -> io::Result<Round> {
        let office = Rc::clone(&self.office);
        let desk = &mut office.tools.borrow_mut().desk;
        let answered = desk.answer(&self.pending, self.peer, Instant::now());
        self.forget(answered.octets);
        let unsent = self.settle(desk, &answered)?;
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

    /// Counts what was answered, keeps what was handed off, and sends the replies as [`send_now`](Self::send_now) does.
    fn settle(&mut self, desk: &mut Desk<R>, answered: &Answered) -> io::Result<Vec<u8>> {
        self.office.counters.tcp_queries.add(answered.queries as u64);
        self.office.counters.tcp_replies.add(answered.replies as u64);
        for message in desk.handed_off() {
            self.waiting_octets += message.len();
            self.waiting.push_back(message);
        }
        self.send_now(desk.replies())
    }

    /// Sends what the socket takes without waiting; returns the rest.
    fn send_now(&self, replies: &[u8]) -> io::Result<Vec<u8>> {
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
