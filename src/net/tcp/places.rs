//! Who holds a connection: the limits in total and per client, and who makes room when all places are taken.
//!
//! Does not know what happens on a connection.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// The connections of one thread, in the order of their last progress (a whole message read, or replies sent).
///
/// When all places are taken, a new connection takes the place of the one that is longest without progress. To refuse
/// the new one instead would let whoever holds idle connections open shut everyone else out, while clients have to
/// cope with a closed idle connection anyway (RFC 7766 section 6.2.4). A client that gets its query through in one
/// round trip loses its place only if all places change hands in that time.
pub(super) struct Places {
    limit: usize,
    holders: RefCell<LruCache<u64, AbortHandle, foldhash::fast::RandomState>>,
    next: Cell<u64>,
    clients: Arc<Clients>,
    left: Notify,
}

/// A place that one connection holds until it drops this.
pub(super) struct Place {
    places: Rc<Places>,
    number: u64,
    client: Client,
}

/// How many connections each client has, over all threads.
#[derive(Debug)]
pub(in crate::net) struct Clients {
    limit: usize,
    connections: Mutex<HashMap<Client, usize>>,
}

/// One client as far as limits go: an IPv4 address, or an IPv6 /64, for a host may use any address of its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Client {
    V4([u8; 4]),
    V6([u8; 8]),
}

impl Places {
    /// `limit` places for one thread; `clients` are counted over all threads.
    pub(super) fn new(limit: usize, clients: Arc<Clients>) -> Rc<Self> {
        let holders = RefCell::new(LruCache::unbounded_with_hasher(foldhash::fast::RandomState::default()));
        Rc::new(Self { limit: limit.max(1), holders, next: Cell::new(0), clients, left: Notify::new() })
    }

    /// A place for a client, unless that client has all it may have.
    pub(super) fn take(self: &Rc<Self>, client: IpAddr) -> Option<Place> {
        let client = Client::new(client);
        if !self.clients.enter(client) {
            return None;
        }
        let number = self.next.replace(self.next.get() + 1);
        Some(Place { places: Rc::clone(self), number, client })
    }

    /// Notes which task serves the connection at place `number`.
    pub(super) fn hold(&self, number: u64, connection: AbortHandle) {
        self.holders.borrow_mut().put(number, connection);
    }

    /// Ends the connection that is longest without progress if there are more than there are places.
    ///
    /// Returns whether one had to go.
    pub(super) fn make_room(&self) -> bool {
        self.holders.borrow().len() > self.limit && self.evict()
    }

    /// Ends the connection that is longest without progress, if there is one.
    pub(super) fn evict(&self) -> bool {
        let longest = self.holders.borrow_mut().pop_lru();
        longest.inspect(|(_, connection)| connection.abort()).is_some()
    }

    /// Waits until no connection is left.
    pub(super) async fn all_left(&self) {
        while !self.holders.borrow().is_empty() {
            self.left.notified().await;
        }
    }
}

impl Place {
    /// The number under which [`hold`](Places::hold) knows the place.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Notes that the connection made progress just now.
    pub(super) fn progress(&self) {
        self.places.holders.borrow_mut().promote(&self.number);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.holders.borrow_mut().pop(&self.number);
        self.places.clients.leave(self.client);
        self.places.left.notify_one();
    }
}

impl Clients {
    /// At most `limit` connections per client.
    pub(in crate::net) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, connections: Mutex::default() })
    }

    fn enter(&self, client: Client) -> bool {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let count = connections.entry(client).or_default();
        let admitted = *count < self.limit;
        if admitted {
            *count += 1;
        } else if *count == 0 {
            connections.remove(&client); // a limit of 0: remember nobody
        }
        admitted
    }

    fn leave(&self, client: Client) {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = connections.get_mut(&client) {
            *count -= 1;
            if *count == 0 {
                connections.remove(&client);
            }
        }
    }
}

impl Client {
    fn new(addr: IpAddr) -> Self {
        match addr {
            IpAddr::V4(addr) => Self::V4(addr.octets()),
            IpAddr::V6(addr) => Self::V6(((addr.to_bits() >> 64) as u64).to_be_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_client_is_an_ipv4_address_or_an_ipv6_network() {
        let places = Places::new(10, Clients::new(2));
        let first = places.take(addr("2001:db8::1"));
        let second = places.take(addr("2001:db8::ffff:2"));
        assert!(first.is_some() && second.is_some());
        assert!(places.take(addr("2001:db8::3")).is_none());
        assert!(places.take(addr("2001:db8:0:1::3")).is_some());
        drop(first);
        assert!(places.take(addr("2001:db8::3")).is_some());
        let one = places.take(addr("192.0.2.1"));
        let two = places.take(addr("192.0.2.1"));
        assert!(one.is_some() && two.is_some());
        assert!(places.take(addr("192.0.2.1")).is_none() && places.take(addr("192.0.2.2")).is_some());
    }

    #[test]
    fn nobody_is_remembered_once_all_left() {
        let clients = Clients::new(2);
        let places = Places::new(10, Arc::clone(&clients));
        drop((places.take(addr("192.0.2.1")), places.take(addr("192.0.2.1")), places.take(addr("::1"))));
        assert!(clients.connections.lock().expect("not poisoned").is_empty());
        assert!(Places::new(10, Clients::new(0)).take(addr("::1")).is_none());
    }
}
