//! The TCP threads: each accepts on its own socket per address and serves its connections with its own responder.
//!
//! A panic while a message is answered is a bug of ours and ends the thread, as it does one that serves UDP: what the
//! responder was about to change is in no state that could be relied on.
//!
//! Does not know what is in a message. Messages of one connection are answered in their order, many per read and write
//! (pipelining, RFC 7766 section 6.2.1.1); an idle connection holds no buffer.
//!
//! What one connection can have in flight is bounded in octets and not in messages, for a message takes no more than the
//! octets of its query and of its reply: at most [`TCP_READ_OCTETS`] are read before what is whole in them is answered, the
//! part of a message that is left is at most one message, and once [`TCP_UNSENT_OCTETS`] of replies wait nothing more is
//! answered or read until the client has taken them.
//!
//! [`TCP_UNSENT_OCTETS`]: crate::base::limits::TCP_UNSENT_OCTETS

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use socket2::Socket;

use super::Respond;
use crate::base::clients::Clients;
use crate::base::counters::Counters;
use crate::base::limits::TCP_READ_OCTETS;

mod connection;
mod framing;
mod places;
mod readiness;
mod serving;

use framing::Desk;
use readiness::{Bell, Interest, Readiness, Source};
use serving::Serving;

/// Whether and how TCP is served.
#[derive(Debug, Clone)]
pub struct TcpConfig {
    /// Threads, each with its own listening socket per address and its own responder. 0: no TCP. Default: one per core.
    pub threads: usize,
    /// Connections in total; each thread may have its share. When all are taken, a new one takes the place of the one
    /// that is longest without progress. Default: 4,096.
    pub connections: usize,
    /// Connections per client (an IPv4 address or an IPv6 /64); more are closed at once. Default: 64, for a network
    /// behind one address.
    pub connections_per_client: usize,
    /// How long a connection may be idle between messages. Default: 30 s.
    pub idle_timeout: Duration,
    /// How long a message may take from its first octet to its last. Default: 10 s.
    pub message_timeout: Duration,
    /// How long the client may take to receive the replies that wait for it, [`TCP_UNSENT_OCTETS`] and one reply at
    /// most. Default: 10 s.
    ///
    /// [`TCP_UNSENT_OCTETS`]: crate::base::limits::TCP_UNSENT_OCTETS
    pub send_timeout: Duration,
}

impl Default for TcpConfig {
    fn default() -> Self {
        Self {
            threads: super::cores::available().len(),
            connections: 4_096,
            connections_per_client: 64,
            idle_timeout: Duration::from_secs(30),
            message_timeout: Duration::from_secs(10),
            send_timeout: Duration::from_secs(10),
        }
    }
}

/// Tells the threads when the server stops, and until when connections may finish.
#[derive(Debug)]
pub(super) struct Stopping {
    until: OnceLock<Instant>,
    bell: Bell,
}

impl Stopping {
    /// Not yet.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { until: OnceLock::new(), bell: Bell::new()? })
    }

    /// Stops the server, unless that was said before.
    pub(super) fn stop(&self, until: Instant) {
        if self.until.set(until).is_ok() {
            self.bell.ring();
        }
    }
}

/// One TCP thread.
pub(super) struct Server<R> {
    listeners: Vec<Socket>,
    readiness: Readiness,
    tools: Tools<R>,
    config: TcpConfig,
    clients: Arc<Clients>,
    stopping: Arc<Stopping>,
}

/// What a connection uses in its turn.
struct Tools<R> {
    incoming: Box<[u8]>,
    desk: Desk<R>,
    counters: Arc<Counters>,
}

impl<R: Respond> Server<R> {
    /// A server that is ready to run on any thread. The sockets listen and do not block.
    pub(super) fn new(
        listeners: Vec<Socket>,
        (responder, counters): (R, Arc<Counters>),
        config: TcpConfig,
        clients: Arc<Clients>,
        stopping: Arc<Stopping>,
    ) -> io::Result<Self> {
        let readiness = Readiness::new()?;
        readiness.add_bell(&stopping.bell)?;
        for (listener, number) in listeners.iter().zip(0..) {
            readiness.add(listener, Source::Listener(number), Interest::Read)?;
        }
        let tools = Tools { incoming: vec![0; TCP_READ_OCTETS].into(), desk: Desk::new(responder), counters };
        Ok(Self { listeners, readiness, tools, config, clients, stopping })
    }

    /// Serves until told to stop; then connections answer what they have read, send it and close.
    pub(super) fn run(self) {
        Serving::new(self).run();
    }
}
