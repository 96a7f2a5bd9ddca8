//! The TCP threads: each accepts on its own socket per address and serves its connections with its own responder.
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

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use socket2::Socket;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{interval, sleep, timeout, timeout_at};

use super::{Peer, Respond, Transport};
use crate::base::clients::Clients;
use crate::base::counters::Counters;
use crate::base::limits::{IDLE_REFRESH, TCP_READ_OCTETS};

mod attendants;
mod connection;
mod framing;
mod places;

use attendants::Attendants;
use connection::Connection;
use framing::Desk;
use places::Places;

/// How long no connection is accepted after one could not be for want of descriptors or memory; and how long, while the
/// server stops, the runtime may take to hear of what the kernel has already.
const REST: Duration = Duration::from_millis(50);

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

/// Tells when the server stops, and until when connections may finish.
pub(super) type Stopping = watch::Receiver<Option<Instant>>;

/// One TCP thread.
pub(super) struct Server<R> {
    runtime: Runtime,
    listeners: Vec<TcpListener>,
    responder: R,
    counters: Arc<Counters>,
    config: TcpConfig,
    clients: Arc<Clients>,
    stopping: Stopping,
}

/// What the connections of one thread share.
struct Office<R> {
    config: TcpConfig,
    counters: Arc<Counters>,
    places: Rc<Places>,
    attendants: Rc<Attendants<Connection<R>>>,
    tools: RefCell<Tools<R>>,
}

/// What a connection uses while it reads and answers, and never while it waits.
struct Tools<R> {
    incoming: Box<[u8]>,
    desk: Desk<R>,
}

impl<R: Respond + 'static> Server<R> {
    /// A server that is ready to run on any thread.
    pub(super) fn new(
        sockets: Vec<Socket>,
        (responder, counters): (R, Arc<Counters>),
        config: TcpConfig,
        clients: Arc<Clients>,
        stopping: Stopping,
    ) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
        let listeners = {
            let _inside = runtime.enter();
            sockets.into_iter().map(|socket| TcpListener::from_std(socket.into())).collect::<Result<_, _>>()?
        };
        Ok(Self { runtime, listeners, responder, counters, config, clients, stopping })
    }

    /// Serves until told to stop; then connections answer what they have read, send it and close.
    pub(super) fn run(self) {
        let Self { runtime, listeners, responder, counters, config, clients, mut stopping } = self;
        let places =
            Places::new(config.connections.div_ceil(config.threads.max(1)), clients, config.connections_per_client);
        let tools = Tools { incoming: vec![0; TCP_READ_OCTETS].into(), desk: Desk::new(responder) };
        let tools = RefCell::new(tools);
        let attendants = Attendants::new();
        let office = Rc::new(Office { config, counters, places: Rc::clone(&places), attendants, tools });
        LocalSet::new().block_on(&runtime, async move {
            spawn_local(refresh_when_idle(Rc::clone(&office)));
            let accept = |listener| spawn_local(accept_all(listener, Rc::clone(&office), stopping.clone()));
            let accepting: Vec<_> = listeners.into_iter().map(accept).collect();
            let deadline = match stopping.wait_for(Option::is_some).await {
                Ok(deadline) => *deadline,
                Err(_) => None, // whoever could tell us is gone
            };
            // Who was connected when the server stopped has a place before it is seen whether all have left.
            for task in accepting {
                let _ = task.await;
            }
            if let Some(deadline) = deadline {
                let _ = timeout_at(deadline.into(), places.all_left()).await;
            }
        });
    }
}

/// Lets the responder see what was published, also while nobody asks.
async fn refresh_when_idle<R: Respond + 'static>(office: Rc<Office<R>>) {
    let mut rounds = interval(IDLE_REFRESH);
    loop {
        let now = rounds.tick().await;
        office.tools.borrow_mut().desk.refresh(now.into());
    }
}

/// Accepts connections until the server stops.
async fn accept_all<R: Respond + 'static>(listener: TcpListener, office: Rc<Office<R>>, mut stopping: Stopping) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.wait_for(Option::is_some) => break,
        };
        match accepted {
            Ok((stream, addr)) => admit(stream, addr, &office, &stopping),
            // The client was gone before we came.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::debug!(%error, "a TCP connection cannot be accepted");
                let exhausted = matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE));
                if exhausted && is_readable(&listener) && office.places.evict() {
                    office.counters.tcp_evicted.add(1);
                }
                // The cause is not gone yet, so to try again at once would be to spin.
                sleep(REST).await;
            }
        }
    }
    // What is connected already is served even while the server stops. The kernel is asked itself: the runtime may not
    // have heard of the last of them yet.
    while is_readable(&listener) {
        let Ok(Ok((stream, addr))) = timeout(REST, listener.accept()).await else { return };
        admit(stream, addr, &office, &stopping);
    }
}

/// Whether the kernel has something for us on a socket: octets to read, or a connection to accept. (Without descriptors
/// `accept` fails before it looks.)
fn is_readable(socket: &impl AsRawFd) -> bool {
    let mut socket = libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one `pollfd`, ours alone; no waiting.
    unsafe { libc::poll(&raw mut socket, 1, 0) == 1 }
}

/// Gives a connection its place and its task, or closes it.
fn admit<R: Respond + 'static>(stream: TcpStream, addr: SocketAddr, office: &Rc<Office<R>>, stopping: &Stopping) {
    office.counters.tcp_connections.add(1);
    let Some(place) = office.places.take(addr.ip()) else {
        office.counters.tcp_refused.add(1);
        let _ = stream.set_zero_linger(); // a reset leaves no state behind
        return;
    };
    let number = place.number();
    let peer = Peer { addr, transport: Transport::Tcp };
    let connection = Connection::new(stream, peer, Rc::clone(office), place, stopping.clone());
    let task = office.attendants.give(connection, Connection::serve);
    office.places.hold(number, task);
    if office.places.make_room() {
        office.counters.tcp_evicted.add(1);
    }
}
