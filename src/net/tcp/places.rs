//! Who holds a connection: the limits in total and per client, and who makes room when all places are taken.
//!
//! Does not know what happens on a connection.

use std::cell::{Cell, RefCell};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use lru::LruCache;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::base::clients::{Clients, Share};

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
    /// How many each client may have, on all threads together.
    per_client: usize,
    left: Notify,
}

/// A place that one connection holds until it drops this.
pub(super) struct Place {
    places: Rc<Places>,
    number: u64,
    _share: Share,
}

impl Places {
    /// `limit` places for one thread; `clients` are counted over all threads, and have `per_client` places at most.
    pub(super) fn new(limit: usize, clients: Arc<Clients>, per_client: usize) -> Rc<Self> {
        let holders = RefCell::new(LruCache::unbounded_with_hasher(foldhash::fast::RandomState::default()));
        Rc::new(Self { limit: limit.max(1), holders, next: Cell::new(0), clients, per_client, left: Notify::new() })
    }

    /// A place for a client, unless that client has all it may have.
    pub(super) fn take(self: &Rc<Self>, client: IpAddr) -> Option<Place> {
        let share = self.clients.take(client, self.per_client, usize::MAX)?;
        let number = self.next.replace(self.next.get() + 1);
        Some(Place { places: Rc::clone(self), number, _share: share })
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
        self.places.left.notify_one();
    }
}
