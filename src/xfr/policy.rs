//! Who may have which zone, and how many transfers there may be.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::gate::Prefix;
use crate::wire::Name;

/// How many transfers there may be at once, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferLimits {
    /// Transfers at once of all clients. Default: 64.
    pub at_once: usize,
    /// Transfers at once of one client (an IPv4 address or an IPv6 /64). Default: 16.
    pub per_client: usize,
    /// How long one may take. Default: 2 h.
    pub time: Duration,
}

impl Default for TransferLimits {
    fn default() -> Self {
        Self { at_once: 64, per_client: 16, time: Duration::from_secs(2 * 3600) }
    }
}

/// Who may have which zone: nobody any, until [`allow`](Self::allow) says otherwise.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    limits: TransferLimits,
    /// By the apex in wire form, in lower case. Zones that nobody may have are not in it.
    allowed: HashMap<Box<[u8]>, Arc<[Prefix]>>,
}

impl Policy {
    /// Nobody may have any zone.
    pub fn new(limits: TransferLimits) -> Self {
        Self { limits, allowed: HashMap::new() }
    }

    /// Lets the clients in `prefixes`, and no others, have the zone at `apex`.
    pub fn allow(&mut self, apex: Name<'_>, prefixes: Arc<[Prefix]>) {
        if !prefixes.is_empty() {
            self.allowed.insert(apex.to_lower().as_name().wire().into(), prefixes);
        }
    }

    /// Whether a client may have the zone with this apex (in wire form, in lower case).
    pub fn allows(&self, apex: &[u8], client: IpAddr) -> bool {
        self.allowed.get(apex).is_some_and(|prefixes| prefixes.iter().any(|prefix| prefix.contains(client)))
    }

    /// How many transfers there may be.
    pub fn limits(&self) -> TransferLimits {
        self.limits
    }
}
