//! Counters that one thread writes and any thread reads.
//!
//! Knows nothing of who counts what, but for the table of names at its end: one row per counter.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A number that its one owner adds to and others may read at any time.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds `n`. Only the owning thread may call this: a plain load and store, so no bus lock is paid.
    #[inline]
    pub fn add(&self, n: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(n), Relaxed);
    }

    /// The value now.
    #[inline]
    pub fn value(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

macro_rules! counters {
    ($($name:ident: $help:literal,)+) => {
        /// The counters of one thread; those of all threads are summed by the reader.
        #[derive(Debug, Default)]
        #[repr(align(128))] // two threads' counters never share a cache line (nor a prefetched pair)
        pub struct Counters {
            $(#[doc = $help] pub $name: Counter,)+
        }

        impl Counters {
            /// Name, help text and value of every counter, in the order of the table.
            pub fn rows(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> + '_ {
                [$((stringify!($name), $help, self.$name.value()),)+].into_iter()
            }
        }
    };
}

counters! {
    udp_queries: "Datagrams received over UDP.",
    udp_replies: "Datagrams sent over UDP.",
    udp_send_failures: "Replies that the kernel refused to send.",
    udp_oversized: "Datagrams dropped because they were larger than a query can be.",
    udp_overflows: "Datagrams that the kernel dropped because a receive buffer was full: we were too slow, or it is too small.",
    tcp_connections: "TCP connections accepted.",
    tcp_refused: "TCP connections closed at once because a limit was reached.",
    tcp_evicted: "TCP connections closed to make room for new ones: the longest without progress.",
    tcp_timeouts: "TCP connections closed because they were idle or too slow.",
    tcp_queries: "Messages received over TCP.",
    tcp_replies: "Messages sent over TCP.",
    rcode_noerror: "Replies with RCODE NOERROR.",
    rcode_formerr: "Replies with RCODE FORMERR.",
    rcode_servfail: "Replies with RCODE SERVFAIL.",
    rcode_nxdomain: "Replies with RCODE NXDOMAIN.",
    rcode_notimp: "Replies with RCODE NOTIMP.",
    rcode_refused: "Replies with RCODE REFUSED.",
    rcode_other: "Replies with any other RCODE.",
    truncated: "Replies with TC set because they did not fit, or to have an error report or ANY repeated over TCP.",
    compact_ok: "Queries whose sender takes compact answers (CO, RFC 9824); it gets those that all get.",
    ignored: "Messages dropped without a reply: too short, responses, from port 0, or for names outside our zones if so chosen.",
    client_limited: "Queries over the rate of their client, dropped or answered with TC.",
    server_limited: "Queries over the rate of the server, dropped or answered with TC.",
    slipped: "Queries over the rate of their client or the server that were answered with TC or BADCOOKIE.",
    rrl_answers: "Answers over their rate, those of a dry run too.",
    rrl_referrals: "Referrals over their rate, those of a dry run too.",
    rrl_nodata: "Denials of a type over their rate, those of a dry run too.",
    rrl_nxdomain: "Denials of a name over their rate, those of a dry run too.",
    rrl_errors: "Errors over their rate, those of a dry run too.",
    rrl_slipped: "Replies over their rate in whose place one with TC or BADCOOKIE was sent.",
    rrl_dry_run: "Replies over their rate that were sent all the same, for it is only tried.",
    cookies_none: "Queries without a cookie, while cookies are answered.",
    cookies_client_only: "Queries with a client cookie and no server cookie.",
    cookies_valid: "Queries with a valid server cookie: their client's limit does not hold for them.",
    cookies_bad: "Queries with a server cookie that is not ours, not the client's, or too old.",
    error_reports: "Error reports (RFC 9567) to the agent in one of our zones.",
    error_reports_unproven: "Error reports answered with TC because their sender may be a lie.",
    packet_hits: "Replies served from the packet cache.",
    packet_misses: "Queries that the packet cache may have replies to, and had none.",
    packet_passed: "Queries that passed the packet cache by: few came again, or replies are limited.",
    cache_hits: "Replies served from the answer cache.",
    cache_misses: "Replies that the answer cache might have held and did not.",
    transfers_begun: "Zone transfers begun.",
    transfers_finished: "Zone transfers whose last message was sent.",
    transfers_refused: "Zone transfers refused because the client may not have the zone.",
    transfers_over_limit: "Zone transfers refused because there were as many as may be.",
    transfers_not_ours: "Zone transfers refused because no zone of that name is served here.",
    transfers_not_loaded: "Zone transfers refused because the zone is not loaded.",
    transfers_over_udp: "Queries of type AXFR over UDP, which does not carry it.",
    transfers_without_serial: "Queries of type IXFR that do not say which version the client has.",
    transfers_cut_off: "Zone transfers that ended before their last message.",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_show_what_was_added() {
        let counters = Counters::default();
        counters.udp_queries.add(3);
        counters.udp_queries.add(4);
        let row = counters.rows().find(|row| row.0 == "udp_queries").expect("a row of the table");
        assert_eq!(row.2, 7);
        assert_eq!(counters.rows().map(|row| row.2).sum::<u64>(), 7);
    }
}
