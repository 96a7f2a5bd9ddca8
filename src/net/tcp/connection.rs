//! One TCP connection: reads, has answered what is whole, and sends, as far as that goes without waiting.
//!
//! ```text
//!            octets                 replies                    all sent
//! Reading ────────────▶ Answering ───────────▶ Sending ──────────────────────▶ Reading
//!    │ closed by the client         │ broken      │ the client takes no more
//!    ▼                              ▼             ▼
//!   End                  the replies leave, End   waits for the client
//! ```
//! Nothing is read while replies wait, so a client that does not read them stops being served and not more.
//!
//! A stream of messages (a transfer) goes on between the turns, one message each time, made here and not on a thread of its
//! own: a message takes some ten microseconds, the other connections have their turn behind each, and one that the client
//! does not take is all that is held. Queries that come meanwhile are read and answered between two messages (RFC 7766
//! section 6.2.1.1); those that were handed off wait until the stream ends.
//! Does not know how connections are admitted, nor how long one may wait for what.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use socket2::SockRef;

use super::Tools;
use super::framing::{Answered, Desk};
use super::places::Wait;
use super::readiness::Interest;
use crate::base::clients::Share;
use crate::base::limits::{TCP_HANDED_OFF_OCTETS, TCP_UNSENT_OCTETS};
use crate::net::{Next, Peer, Respond, Stream};

/// A connection and what it holds between two turns: nothing but itself, while it is idle.
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    peer: Peer,
    _share: Share,
    /// What the kernel is to tell of; none where it has not been asked to yet.
    pub(super) interest: Option<Interest>,
    /// It has not had its first turn.
    pub(super) is_new: bool,
    /// Octets that were read and not answered yet: part of a message, or whole ones for which there was no room.
    pending: Vec<u8>,
    /// Replies that the client has not taken yet, of which so many octets have gone.
    unsent: Vec<u8>,
    sent: usize,
    /// Messages that were handed off and not taken over yet, and their octets.
    waiting: VecDeque<Box<[u8]>>,
    waiting_octets: usize,
    /// The stream that is being sent.
    stream_out: Option<Box<dyn Stream>>,
    /// What is pending has whole messages.
    full: bool,
    /// The client will send nothing more.
    closed: bool,
    /// Nothing more is to be read or answered: it ends when the replies have left.
    broken: bool,
}

/// What comes of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// There is more to do at once.
    Again,
    /// What was there has been answered, and more may be there.
    Answered,
    /// Nothing was there.
    Quiet,
    /// The client has to take replies first.
    Blocked,
    /// It is at its end: by the client, by an error below, or by a message that is none.
    Ended,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, peer: Peer, share: Share) -> Self {
        Self {
            stream,
            peer,
            _share: share,
            interest: None,
            is_new: true,
            pending: Vec::new(),
            unsent: Vec::new(),
            sent: 0,
            waiting: VecDeque::new(),
            waiting_octets: 0,
            stream_out: None,
            full: false,
            closed: false,
            broken: false,
        }
    }

    /// What it waits for between two turns.
    pub(super) fn wait(&self) -> Wait {
        if !self.unsent.is_empty() || self.is_streaming() {
            Wait::Taken
        } else if self.pending.is_empty() {
            Wait::Message
        } else {
            Wait::Rest
        }
    }

    /// Whether a stream is being sent, or is to be.
    pub(super) fn is_streaming(&self) -> bool {
        self.stream_out.is_some() || !self.waiting.is_empty()
    }

    /// Does what can be done without waiting, but of each thing once; in a stream it is read only if it `is_readable`, as far as
    /// is known. Returns, too, whether there was progress while it waited for the same: a message begun or read whole, or one
    /// of a stream made.
    pub(super) fn serve<R: Respond>(&mut self, tools: &mut Tools<R>, is_readable: bool, now: Instant) -> (Turn, bool) {
        self.try_serve(tools, is_readable, now).unwrap_or((Turn::Ended, false))
    }

    fn try_serve<R: Respond>(
        &mut self,
        tools: &mut Tools<R>,
        is_readable: bool,
        now: Instant,
    ) -> io::Result<(Turn, bool)> {
        if !self.unsent.is_empty() {
            self.send_rest()?;
        }
        let (mut turn, mut progress) = (Turn::Again, false);
        if self.unsent.is_empty() && !self.broken {
            if self.full {
                progress = self.answer_pending(tools, now)?;
            } else if !self.is_streaming() {
                (turn, progress) = self.read_and_answer(tools, now)?;
            } else if is_readable && self.has_room_for_more() {
                progress = self.read_and_answer(tools, now)?.1;
            }
        }
        if self.unsent.is_empty() && !self.broken && !self.full && self.is_streaming() {
            self.stream_on(tools, now)?;
            (turn, progress) = (Turn::Again, true);
        }
        let turn = match turn {
            _ if !self.unsent.is_empty() => Turn::Blocked,
            _ if self.broken => Turn::Ended,
            _ if self.full => Turn::Again,
            _ if self.closed && !self.is_streaming() => Turn::Ended,
            turn => turn,
        };
        Ok((turn, progress))
    }

    /// Whether anything is read while a stream is being sent.
    fn has_room_for_more(&self) -> bool {
        !self.closed && self.waiting_octets < TCP_HANDED_OFF_OCTETS
    }

    /// Reads once and answers what is whole.
    fn read_and_answer<R: Respond>(&mut self, tools: &mut Tools<R>, now: Instant) -> io::Result<(Turn, bool)> {
        let fresh = match (&self.stream).read(&mut tools.incoming) {
            // The client may have closed its side alone: what it asked for is still sent.
            Ok(0) => {
                self.closed = true;
                return Ok((Turn::Quiet, false));
            }
            Ok(octets) => &tools.incoming[..octets],
            Err(error) if is_not_yet(&error) => return Ok((Turn::Quiet, false)),
            Err(error) => return Err(error),
        };
        if !self.pending.is_empty() {
            self.pending.extend_from_slice(fresh);
            return Ok((Turn::Answered, self.answer_pending(tools, now)?));
        }
        let answered = tools.desk.answer(fresh, self.peer, now);
        self.pending.extend_from_slice(&fresh[answered.octets..]);
        self.settle(tools, answered)?;
        Ok((Turn::Answered, true))
    }

    /// Answers whole messages among the octets that are kept; returns whether there were any.
    fn answer_pending<R: Respond>(&mut self, tools: &mut Tools<R>, now: Instant) -> io::Result<bool> {
        let answered = tools.desk.answer(&self.pending, self.peer, now);
        self.forget(answered.octets);
        self.settle(tools, answered)?;
        Ok(answered.queries > 0)
    }

    /// Drops the first octets of what is pending, and the memory once nothing is.
    fn forget(&mut self, octets: usize) {
        if octets == self.pending.len() {
            self.pending = Vec::new();
        } else {
            self.pending.drain(..octets);
        }
    }

    /// Counts what was answered, keeps what was handed off, and sends the replies as [`send`](Self::send) does.
    fn settle<R: Respond>(&mut self, tools: &mut Tools<R>, answered: Answered) -> io::Result<()> {
        tools.counters.tcp_queries.add(answered.queries as u64);
        tools.counters.tcp_replies.add(answered.replies as u64);
        for message in tools.desk.handed_off() {
            self.waiting_octets += message.len();
            self.waiting.push_back(message);
        }
        (self.full, self.broken) = (answered.full, answered.broken);
        self.send(tools.desk.replies())
    }

    /// Sends the next message of the stream, or has the next waiting message taken over.
    fn stream_on<R: Respond>(&mut self, tools: &mut Tools<R>, now: Instant) -> io::Result<()> {
        let Tools { desk, counters, .. } = tools;
        let next = self.make_next(desk, now);
        if !desk.replies().is_empty() {
            counters.tcp_replies.add(1);
        }
        self.send(desk.replies())?;
        if matches!(next, Some(Next::Last(_) | Next::Broken)) {
            self.stream_out = None;
        }
        // That is all that can ever be sent.
        self.broken = next == Some(Next::Broken);
        Ok(())
    }

    /// Makes what [`stream_on`](Self::stream_on) sends; `None` for the reply to a message that is taken over.
    fn make_next<R: Respond>(&mut self, desk: &mut Desk<R>, now: Instant) -> Option<Next> {
        if let Some(stream) = &mut self.stream_out {
            return Some(desk.make_next(stream.as_mut(), now));
        }
        let message = self.waiting.pop_front()?;
        self.waiting_octets -= message.len();
        self.stream_out = desk.take_over(&message, self.peer, now);
        // Of a stream the kernel keeps no more than of replies, for as long as it may take.
        if self.stream_out.is_some() {
            let _ = SockRef::from(&self.stream).set_tcp_notsent_lowat(TCP_UNSENT_OCTETS as u32);
        }
        None
    }

    /// Sends what the socket takes at once, and keeps the rest.
    fn send(&mut self, replies: &[u8]) -> io::Result<()> {
        if replies.is_empty() {
            return Ok(());
        }
        let sent = self.write(replies)?;
        self.unsent.extend_from_slice(&replies[sent..]);
        Ok(())
    }

    /// Sends what the socket takes at once of the rest, and drops the memory once all has gone.
    fn send_rest(&mut self) -> io::Result<()> {
        let sent = self.write(&self.unsent[self.sent..])?;
        self.sent += sent;
        if self.sent == self.unsent.len() {
            (self.unsent, self.sent) = (Vec::new(), 0);
        }
        Ok(())
    }

    fn write(&self, octets: &[u8]) -> io::Result<usize> {
        match (&self.stream).write(octets) {
            Err(error) if is_not_yet(&error) => Ok(0),
            result => result,
        }
    }
}

fn is_not_yet(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
