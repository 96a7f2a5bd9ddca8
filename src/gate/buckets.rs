//! One rate for each client, or for each client and one thing more that it is counted for.
//!
//! Does not know what is counted, nor what a limit is for.

use std::net::IpAddr;
use std::time::Duration;

use super::pace::Pace;
use super::prefix::{in_one_space, mask};
use super::table::Table;

/// How often, and which addresses are one client.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    /// On the long run. Not 0.
    pub(super) per_second: u32,
    /// At once, after a silence; 0: a second's worth.
    pub(super) burst: u32,
    /// Bits of an IPv4 address that make a client.
    pub(super) ipv4_prefix: u8,
    /// Bits of an IPv6 address that make a client.
    pub(super) ipv6_prefix: u8,
}

/// The buckets of all clients, in memory of a fixed size.
#[derive(Debug)]
pub(super) struct Buckets {
    pace: Pace,
    table: Table,
    ipv4_mask: u128,
    ipv6_mask: u128,
}

impl Buckets {
    /// Full buckets, with `places` of them remembered at once: a power of two.
    pub(super) fn new(rate: Rate, places: usize) -> Self {
        let burst = if rate.burst > 0 { rate.burst } else { rate.per_second };
        Self {
            pace: Pace::new(rate.per_second, burst),
            table: Table::new(places),
            ipv4_mask: mask(rate.ipv4_prefix.min(32) + 96),
            ipv6_mask: mask(rate.ipv6_prefix),
        }
    }

    /// Takes one from the bucket that a client has for `subject`, `elapsed` after the start of their clock; `false` if it is
    /// over the rate.
    pub(super) fn take(&self, client: IpAddr, subject: u64, elapsed: Duration) -> bool {
        let bits = in_one_space(client);
        let mask = if bits >> 32 == 0xffff { self.ipv4_mask } else { self.ipv6_mask };
        self.table.take((bits & mask, subject), &self.pace, self.pace.moment(elapsed))
    }
}
