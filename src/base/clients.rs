//! How many of something each client has at the moment: connections, transfers.
//!
//! Does not know what they are.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// What all clients have, over all threads.
#[derive(Debug, Default)]
pub struct Clients {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    total: usize,
    /// Clients that have none are not in it.
    by_client: HashMap<Client, usize>,
}

/// One of what is counted, until it is dropped.
#[derive(Debug)]
pub struct Share {
    clients: Arc<Clients>,
    client: Client,
}

/// One client as far as limits go: an IPv4 address, or an IPv6 /64, for a host may use any address of its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Client {
    V4([u8; 4]),
    V6([u8; 8]),
}

impl Clients {
    /// One more for a client, unless it has `each` of them already, or all clients together have `total`.
    pub fn take(self: &Arc<Self>, client: IpAddr, each: usize, total: usize) -> Option<Share> {
        let client = Client::new(client);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if each == 0 || held.total >= total {
            return None;
        }
        match held.by_client.entry(client) {
            Entry::Occupied(count) if *count.get() >= each => return None,
            Entry::Occupied(mut count) => *count.get_mut() += 1,
            Entry::Vacant(none) => drop(none.insert(1)),
        }
        held.total += 1;
        Some(Share { clients: Arc::clone(self), client })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.clients.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.total -= 1;
        if let Entry::Occupied(mut count) = held.by_client.entry(self.client) {
            match *count.get() {
                2.. => *count.get_mut() -= 1,
                _ => drop(count.remove()),
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
        let clients = Arc::<Clients>::default();
        let take = |text| clients.take(addr(text), 2, 100);
        let first = take("2001:db8::1");
        let second = take("2001:db8::ffff:2");
        assert!(first.is_some() && second.is_some());
        assert!(take("2001:db8::3").is_none());
        assert!(take("2001:db8:0:1::3").is_some());
        drop(first);
        assert!(take("2001:db8::3").is_some());
        let two = (take("192.0.2.1"), take("192.0.2.1"));
        assert!(two.0.is_some() && two.1.is_some());
        assert!(take("192.0.2.1").is_none() && take("192.0.2.2").is_some());
    }

    #[test]
    fn all_together_have_so_many_and_nobody_is_remembered_once_all_left() {
        let clients = Arc::<Clients>::default();
        let three = ["192.0.2.1", "192.0.2.1", "::1"].map(|text| clients.take(addr(text), 2, 3));
        assert!(three.iter().all(Option::is_some));
        assert!(clients.take(addr("192.0.2.9"), 2, 3).is_none());
        drop(three);
        let held = clients.held.lock().expect("not poisoned");
        assert!(held.by_client.is_empty() && held.total == 0);
        drop(held);
        assert!(clients.take(addr("::1"), 0, 3).is_none());
    }
}
