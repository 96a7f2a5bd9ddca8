//! The UDP workers: one thread per core that reads a batch, has it answered, and sends the replies.
//!
//! Does not know what is in a datagram. After its first batch a worker neither allocates nor locks, and its only
//! system calls are one read and one send per batch (and one `poll` where it serves several addresses); and once a
//! second it asks the kernel what each socket has lost.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Acquire};
use std::time::{Duration, Instant};

use socket2::Socket;

use super::Respond;
use crate::base::counters::Counters;
use crate::base::limits::{BATCH, IDLE_REFRESH};

mod datagrams;
mod overflows;
mod trains;

use datagrams::{Datagrams, Received, cuts_segments};
use overflows::Overflows;

/// How long a worker that stops goes on answering what waits in one socket.
const DRAIN: Duration = Duration::from_millis(500);

/// How long a worker rests when its socket fails in a way it does not expect, lest it spin.
const REST: Duration = Duration::from_millis(10);

/// Full batches that one socket may have answered before the worker's other sockets get their turn.
const BATCHES_PER_TURN: usize = 8;

/// Whether UDP is to be answered, and by how many threads.
#[derive(Debug, Clone)]
pub struct UdpConfig {
    /// Threads, each with its own socket per address and its own responder. Default: one per core we may run on.
    pub workers: usize,
    /// Tie each worker to one core, where there are enough of them. Default: yes.
    pub pin: bool,
    /// Let a datagram be answered on the core it arrived on, where there is exactly one worker per core.
    ///
    /// Right where the network card spreads its load over as many queues as there are cores. With fewer queues some
    /// workers would get nothing to do while the kernel's hash of addresses and ports serves all. Default: no.
    pub steer: bool,
    /// Microseconds for which a worker without datagrams asks the network card's queue itself before it sleeps
    /// (`SO_BUSY_POLL`). 0: as the system has it (`net.core.busy_read`). Default: 0.
    ///
    /// Saves the interrupt and the waking for each batch, and keeps the core busy; and does nothing on interfaces whose
    /// driver has no such queue, as loopback.
    pub busy_poll_us: u32,
}

impl Default for UdpConfig {
    fn default() -> Self {
        Self { workers: super::cores::available().len(), pin: true, steer: false, busy_poll_us: 0 }
    }
}

/// One worker: its sockets (one per listen address), its batch, and who answers.
pub(super) struct Worker<R> {
    sockets: Vec<Arc<Socket>>,
    datagrams: Datagrams,
    responder: R,
    counters: Arc<Counters>,
    overflows: Overflows,
    stop: Arc<AtomicBool>,
}

impl<R: Respond> Worker<R> {
    pub(super) fn new(sockets: Vec<Arc<Socket>>, responder: R, counters: Arc<Counters>, stop: Arc<AtomicBool>) -> Self {
        let segments = sockets.first().is_some_and(|socket| cuts_segments(socket.as_fd()));
        let overflows = Overflows::new(sockets.len());
        Self { sockets, datagrams: Datagrams::new(segments), responder, counters, overflows, stop }
    }

    /// Serves until `stop` is set, then answers what the sockets still hold.
    pub(super) fn run(mut self) {
        match self.sockets.len() {
            0 => {}
            1 => {
                if let Err(error) = self.sockets[0].set_read_timeout(Some(IDLE_REFRESH)) {
                    tracing::debug!(%error, "an idle UDP worker keeps what it has until a query comes");
                }
                while !self.stop.load(Acquire) {
                    self.turn(0, libc::MSG_WAITFORONE);
                }
            }
            _ => self.run_many(),
        }
        for index in 0..self.sockets.len() {
            // Nothing comes in any more (`stop_receiving`), so this ends by itself; if it could not be, by the clock.
            let deadline = Instant::now() + DRAIN;
            while self.turn(index, libc::MSG_DONTWAIT) > 0 && Instant::now() < deadline {}
        }
    }

    /// Serves several sockets: waits for any, then gives each that has something its turn.
    fn run_many(&mut self) {
        let interest = |socket: &Arc<Socket>| libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        let mut ready: Vec<libc::pollfd> = self.sockets.iter().map(interest).collect();
        let patience = IDLE_REFRESH.as_millis() as libc::c_int;
        while !self.stop.load(Acquire) {
            // SAFETY: `ready` is an array of that many `pollfd`, ours alone.
            let count = unsafe { libc::poll(ready.as_mut_ptr(), ready.len() as libc::nfds_t, patience) };
            if count < 0 {
                rest_unless_harmless(&io::Error::last_os_error());
                continue;
            }
            if count == 0 {
                self.refresh();
            }
            for (index, socket) in ready.iter().enumerate() {
                if socket.revents != 0 {
                    // A full batch says that more is waiting: read on without asking.
                    let mut turns = 1;
                    while self.turn(index, libc::MSG_DONTWAIT) == BATCH && turns < BATCHES_PER_TURN {
                        turns += 1;
                    }
                }
            }
        }
    }

    /// Reads one batch, has it answered and sends the replies. Returns how many datagrams were read.
    fn turn(&mut self, index: usize, flags: libc::c_int) -> usize {
        let received = match self.datagrams.receive(self.sockets[index].as_fd(), flags) {
            Ok(received) => received,
            Err(error) => {
                if error.raw_os_error() == Some(libc::EAGAIN) {
                    self.refresh();
                }
                rest_unless_harmless(&error);
                return 0;
            }
        };
        if received.datagrams == 0 {
            return 0;
        }
        self.refresh();
        self.responder.respond_batch(&mut self.datagrams.batch);
        let sent = self.datagrams.send(self.sockets[index].as_fd());
        let Received { datagrams, oversized, unanswerable } = received;
        self.counters.udp_queries.add(datagrams as u64);
        self.counters.udp_replies.add(sent.replies as u64);
        // The rest moves rarely: spare the common batch its loads and stores.
        if oversized + unanswerable + sent.failures > 0 {
            self.counters.udp_oversized.add(oversized as u64);
            self.counters.ignored.add(unanswerable as u64);
            self.counters.udp_send_failures.add(sent.failures as u64);
        }
        datagrams
    }

    /// Lets the responder see what was published, and now and then counts what the kernel has dropped.
    #[inline]
    fn refresh(&mut self) {
        let now = Instant::now();
        self.responder.refresh(now);
        // A socket that stops drops what comes (`stop_receiving`): that is no overflow.
        if self.overflows.is_due(now) && !self.stop.load(Acquire) {
            self.counters.udp_overflows.add(self.overflows.count(&self.sockets, now));
        }
    }
}

/// Closes `socket` to new datagrams, leaves those that wait in it readable, and wakes who waits for more.
///
/// So a worker stops at once and not when its wait times out. It cannot miss the call: it looks at `stop`, set before,
/// and the kernel at the socket's state before it puts the worker to sleep.
pub(super) fn stop_receiving(socket: &Socket) {
    // A filter that accepts 0 octets of a datagram: the kernel drops it on arrival.
    let drop_all = socket2::SockFilter::new((libc::BPF_RET | libc::BPF_K) as u16, 0, 0, 0);
    if let Err(error) = socket.attach_filter(&[drop_all]) {
        tracing::debug!(%error, "datagrams may still arrive while the last are answered");
    }
    // On a socket without a peer this is an error by the book, yet Linux wakes its readers first.
    let _ = socket.shutdown(std::net::Shutdown::Read);
}

/// Rests a moment if `error` is one that would come back at once.
fn rest_unless_harmless(error: &io::Error) {
    match error.raw_os_error() {
        // Nothing there; a signal; an earlier reply found nobody.
        Some(libc::EAGAIN | libc::EINTR | libc::ECONNREFUSED) => {}
        _ => {
            tracing::debug!(%error, "a UDP socket cannot be read");
            std::thread::sleep(REST);
        }
    }
}
