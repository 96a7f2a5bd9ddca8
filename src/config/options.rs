//! The options, one row each: the only place to touch for a new one.
//!
//! Does not know how rows are read or printed, nor what the server does with them.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use toml::de::DeTable;

use super::kinds::{
    Addresses, Apex, Count, FilePath, Level, LogLevel, OptionalName, OptionalPath, OptionalTime, Prefixes, Switch,
    TimeSpan, TxtString, Word,
};
use super::read::Reader;
use super::schema::{FromEntry, FromSection, Kind, Row, RowDefault, Section, WrittenKind, entry, section};
use super::zone_name::ZoneName;
use crate::answer::OutsideZones;
use crate::base::limits::{UDP_OCTETS_DEFAULT, UDP_OCTETS_MAX, UDP_OCTETS_PLAIN};
use crate::gate::Prefix;
use crate::zone::{AnyAnswer, Choices, MinimalResponses};

/// Every section, in the order of the pages.
pub(super) static SECTIONS: [Section; 12] = [
    Server::SECTION,
    Answers::SECTION,
    Udp::SECTION,
    Tcp::SECTION,
    Limits::SECTION,
    Rrl::SECTION,
    Transfers::SECTION,
    Cookies::SECTION,
    Cache::SECTION,
    Log::SECTION,
    Zone::SECTION,
    ZoneDirectory::SECTION,
];

section! {
    /// Where the server listens, and what it says of itself.
    "server" Server {
        /// The addresses to answer on, over UDP and TCP alike. Without a port it is port 53.
        /// `0.0.0.0` and `[::]` are all addresses of this machine, of one family each.
        listen "listen": Vec<SocketAddr> = Addresses,
            vec![(Ipv4Addr::UNSPECIFIED, 53).into(), (Ipv6Addr::UNSPECIFIED, 53).into()],
            r#"["192.0.2.1", "[2001:db8::1]:5353"]"#;
        /// How many threads answer over UDP, each on a core of its own, and how many answer over TCP. 0: one per core.
        workers "workers": usize = Count { min: 0, max: 1024 }, 0, "4";
        /// The answer to `CH TXT version.bind`. Empty: such a question is refused.
        version "version": String = TxtString,
            concat!("Gannet ", env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR")).to_owned(),
            r#""""#;
        /// The answer to `CH TXT id.server` and `CH TXT hostname.bind`: which server of many this is (RFC 4892).
        /// Empty: such a question is refused.
        identity "identity": String = TxtString, String::new(), r#""ams1.ns.example.com""#;
        /// What replies say in an NSID option to those who ask for it: which server of many this is (RFC 5001). Empty: nothing.
        nsid "nsid": String = TxtString, String::new(), r#""ams1""#;
        /// A directory for images of large zones, absolute or relative to the directory of this file: a server that starts again reads them, in
        /// milliseconds, instead of zone files that have not changed. They are checked first, written after each load, and may be
        /// lost at any time. Nobody else may read what is in it. Empty: no images.
        state_directory "state-directory": Option<PathBuf> = OptionalPath, None, r#""/var/lib/gannet""#;
        /// What a query gets whose name is in none of the zones: REFUSED (`refuse`), no reply at all (`drop`, whatever else is the
        /// matter with it: resolvers that were sent here by mistake wait and try again), or a reply without records (`empty`). Never a referral to the root.
        outside_zones "outside-zones": OutsideZones = OUTSIDE, OutsideZones::Refuse, r#""drop""#;
        /// The domain below which resolvers may report what they cannot resolve or validate (RFC 9567): it is told with every
        /// reply to a query with EDNS. If it is in a zone of this server, reports that come in are logged; a wildcard TXT
        /// record at `*._er` below it is a fit answer to them. Empty: nothing is told.
        report_agent "report-agent": Option<ZoneName> = OptionalName, None, r#""errors.example.com""#;
    }
}

const OUTSIDE: Word<OutsideZones> =
    Word(&[("refuse", OutsideZones::Refuse), ("drop", OutsideZones::Drop), ("empty", OutsideZones::Empty)]);

section! {
    /// What the RFCs leave open in an answer. Each option may be set for a single zone as well, in its `[[zone]]`.
    "answers" Answers {
        /// What a reply has beside what must be in it. `no`: the zone's name servers in the authority section, and the addresses
        /// of all hosts that are named. `no-auth`: the addresses of hosts that the answer names. `yes`: nothing. What does not
        /// fit is left out.
        minimal_responses "minimal-responses": MinimalResponses = MINIMAL, MinimalResponses::NoAuth, r#""yes""#;
        /// How queries of type ANY are answered (RFC 8482). `minimal`: with one RRset. `refuse`: with REFUSED. `full`: over TCP
        /// with all there is, or with one RRset where one message does not hold it, and over UDP with a truncated reply that
        /// sends the client to TCP.
        any "any": AnyAnswer = ANY, AnyAnswer::Minimal, r#""refuse""#;
        /// Whether the records of an answer begin with another one each time, for clients that always take the first.
        rotate_rrsets "rotate-rrsets": bool = Switch, false, "true";
        /// Whether a CNAME or DNAME that leads into another zone of this server is followed there. Resolvers ask for the
        /// target all the same.
        cname_across_zones "cname-across-zones": bool = Switch, true, "false";
        /// How long denials (NXDOMAIN, NODATA) may be cached at most, where a zone's SOA says longer (RFC 2308 section 5). Empty:
        /// as the SOA says.
        negative_ttl_max "negative-ttl-max": Option<Duration> = NEGATIVE_TTL, None, r#""15m""#;
    }
}

const MINIMAL: Word<MinimalResponses> =
    Word(&[("no", MinimalResponses::No), ("no-auth", MinimalResponses::NoAuth), ("yes", MinimalResponses::Yes)]);

const ANY: Word<AnyAnswer> =
    Word(&[("minimal", AnyAnswer::Minimal), ("refuse", AnyAnswer::Refuse), ("full", AnyAnswer::Full)]);

const NEGATIVE_TTL: OptionalTime =
    OptionalTime(TimeSpan { min: Duration::from_secs(1), max: Duration::from_secs(7 * 24 * 3600) });

const PAYLOAD: Count<u16> = Count { min: UDP_OCTETS_PLAIN as u16, max: UDP_OCTETS_MAX as u16 };

section! {
    /// Datagrams.
    "udp" Udp {
        /// The largest reply in octets that leaves over IPv4 in one datagram, however much a client says it can take. Longer
        /// replies go over TCP.
        payload_v4 "payload-v4": u16 = PAYLOAD, UDP_OCTETS_DEFAULT as u16, "1400";
        /// The same over IPv6. The default passes every path in one piece.
        payload_v6 "payload-v6": u16 = PAYLOAD, UDP_OCTETS_DEFAULT as u16, "1400";
        /// For how many microseconds a worker that has nothing to answer watches the network card's queue itself before it
        /// sleeps (SO_BUSY_POLL): replies leave some microseconds earlier at low rates, for a core that is never idle. 0: as
        /// net.core.busy_read says, which is not at all by default. A value above that needs CAP_NET_ADMIN; where it is
        /// refused, the log says so and the server runs without. Network cards whose driver has no such queue, and loopback,
        /// are not affected.
        busy_poll "busy-poll": u32 = Count { min: 0, max: 100_000 }, 0, "50";
        /// Whether a query is answered on the core that its datagram came in on, where there is one worker for each core. Right
        /// where the network card spreads its load over as many queues as there are cores; with fewer queues some workers have
        /// nothing to do. Where there are more workers or fewer than cores, the log says that this has no effect. Otherwise the
        /// kernel spreads clients over the workers.
        steer "steer": bool = Switch, false, "true";
    }
}

section! {
    /// Connections.
    "tcp" Tcp {
        /// How long a connection may be silent before it is closed (RFC 7766 section 6.2.3).
        idle_timeout "idle-timeout": Duration = TimeSpan {
            min: Duration::from_millis(100), max: Duration::from_secs(3600)
        }, Duration::from_secs(30), r#""10s""#;
        /// How long one message may take to come in whole, or a reply to be taken. Who is slower is cut off, so that
        /// slow clients do not hold the connections of all others.
        message_timeout "message-timeout": Duration = TimeSpan {
            min: Duration::from_millis(100), max: Duration::from_secs(3600)
        }, Duration::from_secs(10), r#""5s""#;
        /// How many connections may be open at a time. When all are taken, a new one takes the place of the one that is
        /// longest without a query or a reply it took.
        connections "connections": usize = Count { min: 1, max: 1_000_000 }, 4096, "20000";
        /// How many connections one client may have open, a client being an IPv4 address or an IPv6 /64. Further ones are
        /// closed at once.
        connections_per_client "connections-per-client": usize = Count { min: 1, max: 1_000_000 }, 64, "16";
    }
}

section! {
    /// How often clients may ask. Over the limit a query is dropped, or answered with an empty truncated reply that sends
    /// a real client to TCP; a forged one learns nothing and is worth nothing to whoever forged it.
    "limits" Limits {
        /// Queries a second over UDP for each client. 0: off.
        client_qps "client-qps": u32 = Count { min: 0, max: 100_000_000 }, 0, "200";
        /// How many queries a client that was silent may ask at once. 0: as many as it may ask in a second.
        client_burst "client-burst": u32 = Count { min: 0, max: 100_000_000 }, 0, "1000";
        /// How many bits of an IPv4 address tell clients apart.
        client_prefix_v4 "client-prefix-v4": u8 = Count { min: 8, max: 32 }, 32, "24";
        /// How many bits of an IPv6 address tell clients apart. One household or host often has a whole /56 or /64.
        client_prefix_v6 "client-prefix-v6": u8 = Count { min: 16, max: 128 }, 56, "48";
        /// Clients without a limit: address prefixes.
        client_exempt "client-exempt": Vec<Prefix> = Prefixes, Vec::new(), r#"["192.0.2.0/24", "2001:db8::/32"]"#;
        /// Of the queries over a limit, one in so many is answered with a truncated reply. 1: each. 0: none, all are dropped.
        slip "slip": u32 = Count { min: 0, max: 1000 }, 2, "1";
        /// Queries a second over UDP for the server as a whole; what comes above it is shed like a client's surplus. 0: off.
        server_qps "server-qps": u32 = Count { min: 0, max: 1_000_000_000 }, 0, "1000000";
    }
}

section! {
    /// Response-rate limiting: how often the same reply goes to the same network over UDP, so that a victim of forged queries
    /// gets few of the replies that were asked for in its name. Replies are the same if they are of one kind and made from
    /// the same: a name, or the wildcard, DNAME or delegation that stands for all names below it; the zone, for names that do
    /// not exist; errors are all the same. So a resolver that asks for many names is not limited, however large it is. Replies
    /// over TCP and to those with a valid cookie have no limit.
    /// To choose values, begin with `dry-run` and watch the counters `rrl_...`: the log tells each minute which of them moved,
    /// and all of them on SIGUSR1. Where nobody attacks they should stand still. Resolvers keep what they get, so 20 of the
    /// same a second are more than a network needs. Names that do not exist are another matter, as all of a zone are one: a
    /// large resolver, or one whose clients try names, may ask for hundreds a second. Where that shows, give
    /// `denials-per-second` a higher value or exempt that resolver. Over a rate real clients get through all the same, by TCP or
    /// with a cookie, unless `slip` is 0.
    "rrl" Rrl {
        /// How often a second the same answer or the same referral may go to one network; as many may go at once. 0: no limit,
        /// so that without any rate the section does nothing.
        responses_per_second "responses-per-second": u32 = Count { min: 0, max: 100_000_000 }, 0, "20";
        /// The same for denials: the type does not exist, or the name. 0: as `responses-per-second`.
        denials_per_second "denials-per-second": u32 = Count { min: 0, max: 100_000_000 }, 0, "100";
        /// The same for errors: REFUSED, SERVFAIL and all others. 0: as `responses-per-second`.
        errors_per_second "errors-per-second": u32 = Count { min: 0, max: 100_000_000 }, 0, "10";
        /// How many bits of an IPv4 address are one network.
        prefix_v4 "prefix-v4": u8 = Count { min: 8, max: 32 }, 24, "32";
        /// How many bits of an IPv6 address are one network.
        prefix_v6 "prefix-v6": u8 = Count { min: 16, max: 128 }, 56, "48";
        /// In place of the replies over a rate, one in so many times, by chance, an empty truncated reply is sent, so that a real client
        /// comes back over TCP; or BADCOOKIE, if `badcookie-over-limit` in `[cookies]` says so. 1: each time. 0: never.
        slip "slip": u32 = Count { min: 0, max: 1000 }, 2, "1";
        /// Networks without a limit: address prefixes.
        exempt "exempt": Vec<Prefix> = Prefixes, Vec::new(), r#"["192.0.2.0/24", "2001:db8::/32"]"#;
        /// Only count what is over a rate, and send it.
        dry_run "dry-run": bool = Switch, false, "true";
    }
}

section! {
    /// Zone transfers to secondaries (AXFR, RFC 5936), for those in a zone's `allow-transfer`. One over a limit is refused, and
    /// the secondary tries again.
    "transfers" Transfers {
        /// How many transfers may be under way at a time.
        at_once "at-once": usize = Count { min: 1, max: 100_000 }, 64, "200";
        /// How many of them may go to one client, a client being an IPv4 address or an IPv6 /64. Transfers that a client asks
        /// for on one connection follow each other, and count as one.
        per_client "per-client": usize = Count { min: 1, max: 100_000 }, 16, "4";
        /// How long one transfer may take. It holds its version of the zone in memory until it ends. A client that takes
        /// nothing is cut off much sooner, after `message-timeout` in `[tcp]`.
        time "time": Duration = TimeSpan {
            min: Duration::from_secs(1), max: Duration::from_secs(7 * 24 * 3600)
        }, Duration::from_secs(2 * 3600), r#""30m""#;
    }
}

section! {
    /// DNS Cookies (RFC 7873, RFC 9018): a client that brings back what it got earlier proves its address, and its limit
    /// and the rates of replies do not hold for it. A missing or bad cookie is no fault: the query is answered, with a new one.
    "cookies" Cookies {
        /// Whether cookies are answered.
        answer "answer": bool = Switch, true, "false";
        /// A file of secrets, each of 32 hexadecimal digits on a line of its own (`openssl rand -hex 16`), up to four; lines
        /// that begin with `#` are remarks. The first makes cookies, all of them are good: so a new one is added as the second line
        /// on all servers of a fleet, then put first, and the old one is taken out after an hour. Read at each reload. Nobody else may
        /// read it. Empty: a secret of the server's own, made at each start.
        secret_file "secret-file": Option<PathBuf> = OptionalPath, None, r#""cookie-secrets""#;
        /// Over a limit, a query whose cookie lacks the server's half or has a bad one gets BADCOOKIE where others get a
        /// truncated reply (`slip`): its client comes back over UDP with the cookie that it got, and need not take to TCP.
        badcookie_over_limit "badcookie-over-limit": bool = Switch, false, "true";
    }
}

section! {
    /// Finished replies, kept for the next who asks.
    "cache" Cache {
        /// How many replies over UDP each worker keeps for queries that come again, but for what changes nothing in the reply, and
        /// have no EDNS options. Rounded up to a power of two, at least 64. There is room for 256 octets each, with the question:
        /// where replies are longer, fewer are kept. Passed by while few come again, and under `[rrl]`. Replies of zones with
        /// `rotate-rrsets` are not kept. 0: off.
        packets "packets": usize = Count { min: 0, max: 1_048_576 }, 8_192, "0";
        /// How many replies each worker keeps that take the hash of a name to make, as denials from a zone with NSEC3. 0: off.
        answers "answers": usize = Count { min: 0, max: 16_777_216 }, 65_536, "0";
    }
}

section! {
    /// The log, on standard error.
    "log" Log {
        /// How much is logged: each level says what the ones before it say, and more.
        level "level": LogLevel = Level, LogLevel::Info, r#""warn""#;
    }
}

/// Makes an entry that stands for a zone or several: with its own rows, and what may be said of any zone.
macro_rules! zone_entry {
    ($(#[doc = $about:literal])+ $name:literal $Entry:ident { $($own:tt)+ }) => {
        entry! {
            $(#[doc = $about])+
            $name $Entry {
                $($own)+
                /// Who may have a whole zone by a transfer (AXFR): address prefixes. Empty: nobody.
                allow_transfer "allow-transfer": Vec<Prefix> = Prefixes => Vec::new(), r#"["192.0.2.53", "2001:db8::/32"]"#;
                /// What replies have beside what must be in them.
                minimal_responses "minimal-responses": Option<MinimalResponses> = MINIMAL, from "answers", r#""yes""#;
                /// How queries of type ANY are answered.
                any "any": Option<AnyAnswer> = ANY, from "answers", r#""refuse""#;
                /// Whether the records of an answer begin with another one each time.
                rotate_rrsets "rotate-rrsets": Option<bool> = Switch, from "answers", "true";
                /// Whether a CNAME or DNAME that leads into another zone of this server is followed there.
                cname_across_zones "cname-across-zones": Option<bool> = Switch, from "answers", "false";
                /// How long denials may be cached at most.
                negative_ttl_max "negative-ttl-max": Option<Option<Duration>> = NEGATIVE_TTL, from "answers", r#""15m""#;
            }
        }

        impl $Entry {
            /// How the zone is answered from, where `server` says what holds for all.
            pub(super) fn choices(&self, server: &Answers) -> Choices {
                Answers {
                    minimal_responses: self.minimal_responses.unwrap_or(server.minimal_responses),
                    any: self.any.unwrap_or(server.any),
                    rotate_rrsets: self.rotate_rrsets.unwrap_or(server.rotate_rrsets),
                    cname_across_zones: self.cname_across_zones.unwrap_or(server.cname_across_zones),
                    negative_ttl_max: self.negative_ttl_max.unwrap_or(server.negative_ttl_max),
                }
                .choices()
            }
        }
    };
}

impl Rrl {
    /// Whether options are set that do nothing, for there is no rate.
    pub fn is_idle(&self) -> bool {
        let rates = [self.responses_per_second, self.denials_per_second, self.errors_per_second];
        rates == [0; 3] && *self != Self::default()
    }
}

impl Answers {
    /// How a zone is answered from of which nothing else is said.
    pub(super) fn choices(&self) -> Choices {
        let seconds = |time: Duration| u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        Choices {
            minimal: self.minimal_responses,
            any: self.any,
            rotate_rrsets: self.rotate_rrsets,
            cname_across_zones: self.cname_across_zones,
            negative_ttl_max: self.negative_ttl_max.map_or(u32::MAX, seconds),
        }
    }
}

zone_entry! {
    /// A zone, once per zone.
    "zone" Zone {
        /// Its name, with or without the final dot.
        name "name": ZoneName = Apex, r#""example.com""#;
        /// Its zone file, relative to the directory of this file.
        file "file": PathBuf = FilePath, r#""zones/example.com.zone""#;
    }
}

zone_entry! {
    /// A directory of zone files, once per directory: every `NAME.zone` in it is the zone `NAME`.
    /// Characters that no file name can have are escaped: `0\0470-25.2.0.192.in-addr.arpa.zone` (RFC 2317).
    "zone-directory" ZoneDirectory {
        /// The directory, relative to the directory of this file.
        path "path": PathBuf = FilePath, r#""/var/lib/gannet/zones""#;
    }
}
