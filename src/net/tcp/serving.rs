//! The round of a TCP thread: waits for all of its sockets with one system call, gives each connection that can go on its
//! turn, accepts new ones, and ends those that have waited for too long.
//!
//! Of a connection with a single query the kernel's work is nearly all there is, so it gets no more of it than must be: a
//! connection is read in the round that accepts it and again in the next one, and the kernel is asked to tell of it only
//! when it has had nothing to say then.
//!
//! Does not know what happens in a turn.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use socket2::SockRef;

use super::connection::{Connection, Turn};
use super::places::{Call, Patience, Places, Token, Wait};
use super::readiness::{Interest, Source};
use super::{Server, TcpConfig};
use crate::base::limits::{IDLE_REFRESH, TCP_BACKLOG, TCP_EVENTS};
use crate::net::{Peer, Respond, Transport};

/// How long no connection is accepted after one could not be for want of descriptors or memory.
const REST: Duration = Duration::from_millis(50);

/// A TCP thread at work.
pub(super) struct Serving<R> {
    server: Server<R>,
    places: Places<Connection>,
    /// When connections are accepted again, where they cannot be at the moment.
    accept_from: Option<Instant>,
    /// Until when connections may finish, once the server stops; and in how many rounds more those are accepted that the
    /// kernel has made already.
    until: Option<Instant>,
    last_rounds: usize,
    refreshed: Instant,
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// By the client, by an error below, by a message that is none, or because the server stops.
    Done,
    /// The client began no message in time, or did not send the rest of one, or did not take its replies.
    TimedOut,
    /// Another needs its place.
    Evicted,
}

impl<R: Respond> Serving<R> {
    pub(super) fn new(server: Server<R>) -> Self {
        let &TcpConfig { connections, threads, idle_timeout, message_timeout, send_timeout, .. } = &server.config;
        let patience = Patience { message: idle_timeout, rest: message_timeout, taken: send_timeout };
        let places = Places::new(connections.div_ceil(threads.max(1)), patience);
        Self { server, places, accept_from: None, until: None, last_rounds: 0, refreshed: Instant::now() }
    }

    /// Goes round until the server stops and all have left, or have to.
    pub(super) fn run(&mut self) {
        let (mut sources, mut turns) = (Vec::with_capacity(TCP_EVENTS), Vec::new());
        while !self.is_over() {
            if let Err(error) = self.server.readiness.wait(self.patience(), &mut sources) {
                // None that could pass: whoever looks after the threads hears that this one has ended.
                tracing::error!(%error, "a TCP thread cannot wait for its sockets");
                return;
            }
            for (source, is_readable) in sources.drain(..) {
                match source {
                    Source::Connection(token) => {
                        self.places.call(token, if is_readable { Call::Readable } else { Call::Other });
                    }
                    Source::Listener(number) if self.until.is_none() => drop(self.accept(number)),
                    Source::Listener(_) => {}
                    Source::Bell => self.begin_to_stop(),
                }
            }
            self.places.swap_called(&mut turns);
            for token in turns.drain(..) {
                let call = self.places.answer(token);
                self.serve(token, call == Some(Call::Readable));
            }
            self.look_at_the_clock();
            self.accept_the_last();
        }
    }

    /// Whether the server stops, and all connections have ended or their time is over.
    fn is_over(&self) -> bool {
        let is_idle = self.places.is_empty() && self.server.listeners.is_empty();
        self.until.is_some_and(|until| is_idle || Instant::now() >= until)
    }

    /// How long nothing has to be done unless the kernel tells of something.
    fn patience(&self) -> Duration {
        if self.places.has_called() || (self.until.is_some() && !self.server.listeners.is_empty()) {
            return Duration::ZERO;
        }
        let now = Instant::now();
        let moments = [self.accept_from, self.until].into_iter().flatten();
        let until_then = moments.map(|moment| moment.saturating_duration_since(now));
        until_then.chain(self.places.next_overdue(now)).fold(IDLE_REFRESH, Duration::min)
    }

    /// Does what is due: ends connections that have waited for too long, lets the responder see what was published though
    /// nobody asks, and accepts again.
    fn look_at_the_clock(&mut self) {
        let now = Instant::now();
        while let Some(token) = self.places.overdue(now) {
            // We may be late: what has arrived meanwhile is answered.
            self.serve(token, true);
            if self.places.is_overdue(token, now) {
                self.end(token, End::TimedOut);
            }
        }
        if now.saturating_duration_since(self.refreshed) >= IDLE_REFRESH {
            self.server.tools.desk.refresh(now);
            self.refreshed = now;
        }
        if self.accept_from.is_some_and(|moment| now >= moment) {
            self.accept_from = None;
            self.listen(Interest::Read);
        }
    }

    /// Gives a connection its turn, and sees to it that it gets the next one.
    fn serve(&mut self, token: Token, is_readable: bool) {
        let Some(connection) = self.places.holder(token) else { return };
        let now = Instant::now();
        let (turn, progress) = connection.serve(&mut self.server.tools, is_readable, now);
        let was_new = std::mem::take(&mut connection.is_new);
        // In a stream it is read when the kernel tells of it.
        let watch = connection.interest.is_some() || connection.is_streaming();
        let wait = connection.wait();
        if progress || wait != self.places.wait(token) {
            self.places.begin(token, wait, now);
        }
        let (interest, is_again) = match turn {
            Turn::Ended => return self.end(token, End::Done),
            Turn::Quiet if self.until.is_some() => return self.end(token, End::Done),
            Turn::Blocked => (Some(Interest::Write), false),
            Turn::Again => (watch.then_some(Interest::Read), true),
            Turn::Answered => (watch.then_some(Interest::Read), !watch || self.until.is_some()),
            Turn::Quiet if was_new => (None, true),
            Turn::Quiet => (Some(Interest::Read), false),
        };
        if interest.is_some_and(|interest| self.watch(token, interest).is_err()) {
            return self.end(token, End::Done);
        }
        if is_again {
            self.places.call(token, Call::Other);
        }
    }

    /// Has the kernel tell of a connection.
    fn watch(&mut self, token: Token, interest: Interest) -> io::Result<()> {
        let Some(connection) = self.places.holder(token) else { return Ok(()) };
        let source = Source::Connection(token);
        match connection.interest.replace(interest) {
            Some(old) if old == interest => Ok(()),
            Some(_) => self.server.readiness.change(&connection.stream, source, interest),
            None => self.server.readiness.add(&connection.stream, source, interest),
        }
        .inspect_err(|error| tracing::debug!(%error, "a TCP connection cannot be waited for"))
    }

    /// Ends a connection and counts how.
    fn end(&mut self, token: Token, end: End) {
        let Some(connection) = self.places.leave(token) else { return };
        match end {
            End::Done => return,
            End::TimedOut => self.server.tools.counters.tcp_timeouts.add(1),
            End::Evicted => self.server.tools.counters.tcp_evicted.add(1),
        }
        if connection.wait() == Wait::Taken {
            // Throw away what the client would not take, lest the kernel keep it and try on.
            let _ = SockRef::from(&connection.stream).set_linger(Some(Duration::ZERO));
        }
    }

    /// How many connections are accepted from a socket in one go: no more than there are places, so that each has a turn before
    /// another needs its place.
    fn portion(&self) -> usize {
        let all = self.places.limit() / self.server.listeners.len().max(1);
        all.clamp(1, TCP_EVENTS)
    }

    /// Accepts connections that wait at a listening socket; returns whether more may.
    fn accept(&mut self, number: u32) -> bool {
        if self.accept_from.is_some() {
            return false;
        }
        for count in 0..self.portion() {
            match self.accept_one(number) {
                Ok(true) => {}
                Ok(false) => return false,
                // The kernel has told of the first alone. If there is another, it tells of that next.
                Err(error) if count == 0 => {
                    self.rest(&error);
                    return false;
                }
                Err(_) => return true,
            }
        }
        true
    }

    /// Accepts a connection; returns whether one may have waited.
    fn accept_one(&mut self, number: u32) -> io::Result<bool> {
        let Some(listener) = self.server.listeners.get(number as usize) else { return Ok(false) };
        match listener.accept4(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC) {
            Ok((socket, addr)) => {
                self.server.tools.counters.tcp_connections.add(1);
                let addr = addr.as_socket().ok_or(ErrorKind::Unsupported)?;
                self.admit(socket, Peer { addr, transport: Transport::Tcp });
                Ok(true)
            }
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => Ok(false),
                // The client was gone before we came.
                ErrorKind::ConnectionAborted | ErrorKind::Interrupted => Ok(true),
                _ => Err(error),
            },
        }
    }

    /// Gives a connection its place, or closes it.
    fn admit(&mut self, socket: socket2::Socket, peer: Peer) {
        let Server { clients, config, tools, .. } = &self.server;
        let Some(share) = clients.take(peer.addr.ip(), config.connections_per_client, usize::MAX) else {
            tools.counters.tcp_refused.add(1);
            let _ = socket.set_linger(Some(Duration::ZERO)); // a reset leaves no state behind
            return;
        };
        let token = self.places.take(Connection::new(socket.into(), peer, share), Instant::now());
        self.places.call(token, Call::Other);
        if self.places.is_overfull() {
            self.evict();
        }
    }

    /// Ends the connection that is longest without progress.
    fn evict(&mut self) {
        if let Some(longest) = self.places.longest() {
            self.end(longest, End::Evicted);
        }
    }

    /// Accepts nothing for a while, as the cause is not gone yet and to try again at once would be to spin. Where there is no
    /// descriptor for a connection that waits, another makes room.
    fn rest(&mut self, error: &io::Error) {
        tracing::debug!(%error, "a TCP connection cannot be accepted");
        // While the server stops nobody has told that one waits.
        let waits = self.until.is_none();
        if waits && matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)) {
            self.evict();
        }
        self.accept_from = Some(Instant::now() + REST);
        self.listen(Interest::Nothing);
    }

    /// Has the kernel tell of connections that wait, or no longer.
    fn listen(&self, interest: Interest) {
        for (listener, number) in self.server.listeners.iter().zip(0..) {
            // The kernel knows the socket already, so this needs nothing that could be wanting.
            let _ = self.server.readiness.change(listener, Source::Listener(number), interest);
        }
    }

    /// Has all connections answer what has arrived and end.
    fn begin_to_stop(&mut self) {
        self.until = self.server.stopping.until.get().copied();
        let _ = self.server.readiness.remove_bell(&self.server.stopping.bell);
        // No more than can have waited when it began.
        self.last_rounds = (TCP_BACKLOG as usize).div_ceil(self.portion());
        self.accept_from = None;
        self.places.call_all();
    }

    /// Once the server stops: accepts the connections that the kernel has made already, some in each round, and then no more.
    fn accept_the_last(&mut self) {
        if self.until.is_none() {
            return;
        }
        for number in (0..self.server.listeners.len()).rev() {
            if self.last_rounds == 0 || !self.accept(number as u32) {
                self.server.listeners.remove(number);
            }
        }
        self.last_rounds = self.last_rounds.saturating_sub(1);
    }
}
