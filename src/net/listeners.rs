//! The life of all sockets: bound first, served by their threads, stopped within a deadline.
//!
//! Does not know what a thread does with its sockets.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::Release};
use std::sync::{Arc, Weak, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use socket2::Socket;

use super::bind::{self, BindError};
use super::tcp::{self, Stopping, TcpConfig};
use super::udp::{self, UdpConfig};
use super::{Respond, Transport, cores};
use crate::base::clients::Clients;
use crate::base::counters::Counters;

/// Ports tried for a listen address with port 0, as one that is free for UDP may be taken for TCP.
const FREE_PORT_TRIES: usize = 16;

/// Sockets that are bound and not served yet: the time to drop privileges.
#[derive(Debug)]
pub struct Listeners {
    addrs: Vec<SocketAddr>,
    udp: UdpConfig,
    /// One row per worker, one socket per address in it.
    udp_sockets: Vec<Vec<Arc<Socket>>>,
    tcp: TcpConfig,
    /// One row per thread, one socket per address in it.
    tcp_sockets: Vec<Vec<Socket>>,
}

/// The sockets of one listen address.
struct Bound {
    addr: SocketAddr,
    udp: Vec<Socket>,
    tcp: Vec<Socket>,
}

impl Listeners {
    /// Binds every address, for all threads of both transports.
    ///
    /// An address with port 0 gets a free port, the same for both transports. What was bound is closed again if one
    /// address fails.
    pub fn bind(addrs: &[SocketAddr], udp: UdpConfig, tcp: TcpConfig) -> Result<Self, BindError> {
        let mut listeners = Self {
            addrs: Vec::with_capacity(addrs.len()),
            udp_sockets: (0..udp.workers).map(|_| Vec::with_capacity(addrs.len())).collect(),
            udp,
            tcp_sockets: (0..tcp.threads).map(|_| Vec::with_capacity(addrs.len())).collect(),
            tcp,
        };
        for &addr in addrs {
            let bound = listeners.bind_one(addr)?;
            listeners.addrs.push(bound.addr);
            for (row, socket) in listeners.udp_sockets.iter_mut().zip(bound.udp) {
                row.push(Arc::new(socket));
            }
            for (row, socket) in listeners.tcp_sockets.iter_mut().zip(bound.tcp) {
                row.push(socket);
            }
        }
        Ok(listeners)
    }

    fn bind_one(&self, asked: SocketAddr) -> Result<Bound, BindError> {
        let mut tries = 1;
        loop {
            match self.try_bind(asked) {
                Err(error)
                    if asked.port() == 0
                        && error.cause.kind() == io::ErrorKind::AddrInUse
                        && tries < FREE_PORT_TRIES =>
                {
                    tries += 1;
                }
                result => return result,
            }
        }
    }

    fn try_bind(&self, asked: SocketAddr) -> Result<Bound, BindError> {
        let failed = |transport| move |cause| BindError { addr: asked, transport, cause };
        let (udp, addr) = bind::group(asked, Transport::Udp, self.udp.workers).map_err(failed(Transport::Udp))?;
        // With port 0, the port that UDP got.
        let (tcp, addr) = bind::group(addr, Transport::Tcp, self.tcp.threads).map_err(failed(Transport::Tcp))?;
        self.steer(&udp, addr);
        self.busy_poll(&udp, addr);
        if let Some(octets) = udp.first().and_then(bind::missing_receive_buffer) {
            tracing::warn!(%addr, octets, "small UDP receive buffer: bursts will be lost; raise net.core.rmem_max");
        }
        Ok(Bound { addr, udp, tcp })
    }

    /// Steers the datagrams of one address, where that is asked for and every core has its worker.
    fn steer(&self, sockets: &[Socket], addr: SocketAddr) {
        if !self.udp.steer {
            return;
        }
        let cores = cores::available();
        let gapless = cores.windows(2).all(|pair| pair[0] + 1 == pair[1]);
        let steered = match (&cores[..], sockets) {
            ([core, ..], [socket, ..]) if gapless && sockets.len() == cores.len() => {
                bind::steer_by_core(socket, *core).map_err(|error| error.to_string())
            }
            _ if gapless => Err(format!("{} workers on {} cores", sockets.len(), cores.len())),
            _ => Err("the numbers of the cores have gaps".to_owned()),
        };
        if let Err(why) = steered {
            tracing::warn!(%addr, "steer in [udp] has no effect: {why}");
        }
    }

    /// Has the sockets of one address polled by their readers, where that is asked for.
    fn busy_poll(&self, sockets: &[Socket], addr: SocketAddr) {
        if self.udp.busy_poll_us == 0 {
            return;
        }
        if let Some(error) = sockets.iter().find_map(|socket| bind::busy_poll(socket, self.udp.busy_poll_us).err()) {
            tracing::warn!(%addr, "{}", bind::busy_poll_refusal(&error));
        }
    }

    /// The addresses that are bound, in the order in which they were asked for, with their real ports.
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.addrs
    }

    /// Starts all threads. `make_responder` is called once for each, with its transport and its number among those
    /// of the transport, and gives the thread's responder and the counters that this thread alone adds to.
    ///
    /// # Errors
    /// What the operating system says if it starts no more threads. Those already started then stop.
    pub fn serve<R: Respond + Send + 'static>(
        self,
        mut make_responder: impl FnMut(Transport, usize) -> (R, Arc<Counters>),
    ) -> io::Result<Running> {
        let (alive, ended) = mpsc::channel();
        let tcp = Arc::new(Stopping::new()?);
        let mut running = Running { threads: Vec::new(), ended, stop: Arc::default(), udp_sockets: Vec::new(), tcp };
        let cores = cores::available();
        let pin = self.udp.pin && self.udp_sockets.len() <= cores.len();
        for (index, sockets) in self.udp_sockets.into_iter().enumerate() {
            let (responder, counters) = make_responder(Transport::Udp, index);
            running.udp_sockets.extend(sockets.iter().map(Arc::downgrade));
            let worker = udp::Worker::new(sockets, responder, counters, Arc::clone(&running.stop));
            let core = pin.then(|| cores[index]);
            running.start(format!("udp-{index}"), alive.clone(), move || {
                if let Some(Err(error)) = core.map(cores::pin) {
                    tracing::debug!(%error, core, "a UDP worker is not tied to its core");
                }
                worker.run();
            })?;
        }
        let clients = Arc::<Clients>::default();
        for (index, sockets) in self.tcp_sockets.into_iter().enumerate() {
            let tools = make_responder(Transport::Tcp, index);
            let (clients, config) = (Arc::clone(&clients), self.tcp.clone());
            let server = tcp::Server::new(sockets, tools, config, clients, Arc::clone(&running.tcp))?;
            running.start(format!("tcp-{index}"), alive.clone(), move || server.run())?;
        }
        Ok(running)
    }
}

/// The threads that serve. Dropping it stops them without waiting.
#[derive(Debug)]
pub struct Running {
    threads: Vec<JoinHandle<()>>,
    /// Ends when the last thread has.
    ended: mpsc::Receiver<()>,
    stop: Arc<AtomicBool>,
    /// Owned by their workers alone: if one should end, the kernel gives its share of the datagrams to the others.
    udp_sockets: Vec<Weak<Socket>>,
    tcp: Arc<Stopping>,
}

/// What went wrong while the threads were stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopError {
    /// Threads that had not finished at the deadline.
    pub late: usize,
    /// Threads that had panicked: a bug of ours.
    pub panicked: usize,
}

impl Running {
    fn start(&mut self, name: String, alive: mpsc::Sender<()>, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let thread = thread::Builder::new().name(name).spawn(move || {
            let _alive = alive; // dropped at the end, however that comes
            run();
        })?;
        self.threads.push(thread);
        Ok(())
    }

    /// Threads that have ended though nobody stopped them: they panicked, which is a bug of ours, or the kernel tells a TCP
    /// thread nothing any more. The others go on serving, and the kernel gives them the share of those that ended.
    pub fn ended_early(&self) -> usize {
        self.threads.iter().filter(|thread| thread.is_finished()).count()
    }

    /// Stops serving: what has arrived is answered and sent, nothing new is taken, every thread ends.
    ///
    /// Waits for at most about `patience`; threads that take longer are left behind and reported.
    pub fn stop(mut self, patience: Duration) -> Result<(), StopError> {
        self.ask_to_stop(patience);
        let deadline = Instant::now() + patience + GRACE;
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            if let Err(mpsc::RecvTimeoutError::Disconnected) = self.ended.recv_timeout(left) {
                break;
            }
        }
        let mut result = StopError { late: 0, panicked: 0 };
        for thread in std::mem::take(&mut self.threads) {
            // The sender goes a moment before its thread.
            if !thread.is_finished() && Instant::now() >= deadline {
                result.late += 1;
            } else if thread.join().is_err() {
                result.panicked += 1;
            }
        }
        if result.late + result.panicked == 0 { Ok(()) } else { Err(result) }
    }

    fn ask_to_stop(&mut self, patience: Duration) {
        self.tcp.stop(Instant::now() + patience);
        self.stop.store(true, Release);
        for socket in self.udp_sockets.drain(..).filter_map(|socket| socket.upgrade()) {
            udp::stop_receiving(&socket);
        }
    }
}

/// What a thread may take beyond its deadline to notice it and to end.
const GRACE: Duration = Duration::from_millis(200);

impl Drop for Running {
    fn drop(&mut self) {
        self.ask_to_stop(Duration::ZERO);
    }
}

impl fmt::Display for StopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} threads did not stop in time, {} had panicked", self.late, self.panicked)
    }
}

impl std::error::Error for StopError {}
