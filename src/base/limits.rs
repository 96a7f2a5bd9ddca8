//! Every bound of the program, in one place, each with its reason.

use std::time::Duration;

/// Largest DNS message in octets: the two-octet length field of RFC 1035 section 4.2.2.
pub const MESSAGE_OCTETS_MAX: usize = 65_535;

/// Octets in the header of a message (RFC 1035 section 4.1.1).
pub const HEADER_OCTETS: usize = 12;

/// Largest name in octets, with its root label (RFC 1035 section 2.3.4).
pub const NAME_OCTETS_MAX: usize = 255;

/// Largest label in octets, without its length octet (RFC 1035 section 2.3.4).
pub const LABEL_OCTETS_MAX: usize = 63;

/// Most labels of a name without the root: 127 labels of one octet and their length octets make 254, the root 255.
pub const NAME_LABELS_MAX: usize = 127;

/// The UDP payload size that a client without EDNS can take (RFC 1035 section 4.2.1).
pub const UDP_OCTETS_PLAIN: usize = 512;

/// The UDP payload size we offer and use at most, unless configured otherwise: it fits an IPv6 path of 1,280 octets
/// without fragments (DNS Flag Day 2020).
pub const UDP_OCTETS_DEFAULT: usize = 1_232;

/// The largest UDP payload that may be configured: past it every reply would be fragmented on every known path.
pub const UDP_OCTETS_MAX: usize = 4_096;

/// Octets kept for one incoming or outgoing datagram. A query of more than this is cut off by the kernel and dropped.
pub const DATAGRAM_OCTETS: usize = UDP_OCTETS_MAX;

/// Datagrams read and written with one system call.
///
/// The kernel's cost per datagram stops falling at about 32; 64 leaves room to prefetch and keeps the buffers of one
/// worker (64 × 2 × 4 KiB) within a common second-level cache.
pub const BATCH: usize = 64;

/// Octets from one datagram's buffer to the next: five cache lines more than a buffer, so that the first lines of the
/// buffers, the ones that are used, spread over all sets of a first-level cache and do not push each other out.
pub const DATAGRAM_STRIDE_OCTETS: usize = DATAGRAM_OCTETS + 5 * 64;

/// Zones and octets of a set that is answered from as it is, with nothing fetched ahead: together with a worker's buffers it
/// stays in the second-level cache of a core, which has 512 KiB or more.
pub const SMALL_SET_ZONES: usize = 16;

/// See [`SMALL_SET_ZONES`].
pub const SMALL_SET_OCTETS: usize = 128 << 10;

/// Octets of received datagrams that the kernel keeps for one UDP socket: some 3,000 queries, a burst of several
/// milliseconds at a million queries a second.
pub const UDP_RECEIVE_BUFFER_OCTETS: usize = 2 << 20;

/// Connections that the kernel completes and keeps for one listening socket until they are accepted: a burst of clients
/// that a rate limit sent to TCP. What it really keeps is bounded by net.core.somaxconn as well, which the package raises
/// to as much.
pub const TCP_BACKLOG: i32 = 16_384;

/// Octets read from a TCP connection with one system call: some 300 pipelined queries.
pub const TCP_READ_OCTETS: usize = 16 * 1_024;

/// Octets of replies waiting to be sent on one TCP connection from which on no more of its messages are answered. Two
/// of the largest replies; with one more on top it is all that a client that does not read can make us hold.
pub const TCP_UNSENT_OCTETS: usize = 128 * 1_024;

/// Sockets that a TCP thread is told of with one system call, and connections that it accepts from one socket before the
/// others have their turn: enough for a call to weigh little, and few enough for a round of plain queries to take a
/// millisecond.
pub const TCP_EVENTS: usize = 64;

/// Octets of messages handed off that wait on one TCP connection from which on nothing more is read from it: some 200
/// requests for transfers, more than a secondary sends ahead (NSD 128), and no more than is read at a time.
pub const TCP_HANDED_OFF_OCTETS: usize = TCP_READ_OCTETS;

/// Octets of one message of a transfer, unless a single record takes more: as far as a compression pointer reaches
/// (RFC 1035 section 4.1.4), so that every name in it can be pointed at, and little for a client that stalls to make us
/// hold. NSD and Knot do the same.
pub const TRANSFER_OCTETS: usize = 16 * 1_024;

/// Octets of the OPT record of a transfer: its fixed part (11), a cookie (28), what the options say that have few octets
/// (below 150 in all), and a report agent's name and an NSID of 259 each. What goes past it is left out.
pub const OPT_OCTETS_MAX: usize = 720;

/// How often one thread logs that a transfer was refused: an operator who gave the wrong address looks at the log within
/// seconds, and a stranger shall not fill it.
pub const REFUSALS_TOLD_EVERY: Duration = Duration::from_secs(1);

/// Descriptors beside the sockets: standard error, signals, and the zone files that are read, each core one at a time with
/// what it includes, rarely more than two or three deep.
pub const DESCRIPTORS_SPARE: usize = 256;

/// Clients whose rates are remembered at once: 1 MiB. A flood from more addresses than this makes some forgotten, which
/// gives them a new burst and nothing else.
pub const GATE_CLIENTS: usize = 1 << 17;

/// Replies whose rate is remembered at once, by client and by what they are made from, for each of the three rates: 1 MiB
/// each, taken only if there is a limit. A single reply is forgotten once it is made up for, after a tenth of a second where
/// ten a second are allowed: so that is room for a million different replies a second. A flood of more makes those
/// forgotten that were given least often, and not the ones that are over their rate.
pub const GATE_REPLIES: usize = 1 << 17;

/// Secrets that a server cookie may be made with: the one in use, the next one and the last one, and one to spare. Each is
/// tried on a cookie that is not ours.
pub const COOKIE_SECRETS_MAX: usize = 4;

/// Octets of a file of secrets: many more than these secrets and what is remarked of them take.
pub const COOKIE_FILE_OCTETS_MAX: u64 = 64 * 1_024;

/// Seconds that a server cookie is good for (RFC 9018 section 4.3).
pub const COOKIE_AGE_SECONDS_MAX: u32 = 3_600;

/// Seconds that a server cookie may be from the future: the clocks of a fleet differ (RFC 9018 section 4.3).
pub const COOKIE_LEAD_SECONDS_MAX: u32 = 300;

/// Seconds after which a client gets a new server cookie for its old one: so one that asks twice an hour never has an old
/// one (RFC 9018 section 4.3).
pub const COOKIE_RENEWAL_SECONDS: u32 = 1_800;

/// Error reports kept until they are logged (RFC 9567), once a second; what comes beyond is counted and not logged.
pub const REPORTS_KEPT: usize = 64;

/// Error reports logged at a time: whoever asks decides how many there are, so they must not fill a disk.
pub const REPORTS_LOGGED_MAX: usize = 10;

const _: () = assert!(REPORTS_LOGGED_MAX <= REPORTS_KEPT);
const _: () = assert!(COOKIE_RENEWAL_SECONDS < COOKIE_AGE_SECONDS_MAX);

/// How long an idle thread may go on holding what was published before: old zones take memory until the last one lets
/// go, and to wake once a second costs nothing that could be measured.
pub const IDLE_REFRESH: Duration = Duration::from_secs(1);

/// How long the old zones are kept for their last readers after a reload, before whoever lets go last frees them: longer
/// than any thread should take to see new ones.
pub const RECLAIM_PATIENCE: Duration = Duration::from_secs(5);

/// CNAME and DNAME steps followed for one reply. Longer chains are cut: the client asks again for the rest.
pub const CHAIN_STEPS_MAX: usize = 16;

/// Octets of rdata in one record: its two-octet length field (RFC 1035 section 3.2.1).
pub const RDATA_OCTETS_MAX: usize = 65_535;

/// Octets of the records of one RRset and its signatures, with their owner's name once: what a message over TCP has room
/// for beside its header, the question's type and class, and an OPT record with a cookie (11 and 28). More cannot be
/// answered, so a zone that holds more is refused.
pub const RRSET_OCTETS_MAX: usize = MESSAGE_OCTETS_MAX - HEADER_OCTETS - 4 - 11 - 28;

/// Octets of a reply that the answer cache keeps: a denial with its signatures takes 600 to 1,200. A slot of this size is
/// taken for each entry, from the kernel once it is used.
pub const CACHED_REPLY_OCTETS_MAX: usize = 1_232;

/// Octets of a reply that the packet cache keeps: what is longer seldom is hot, and would push out many that are.
pub const PACKET_OCTETS_MAX: usize = 1_232;

/// Octets that the packet cache has for each reply and its query: one with an answer or two and its question.
pub const PACKET_OCTETS_USUAL: usize = 256;

/// Fewest and most replies of the packet cache: one batch's, and 256 MiB.
pub const PACKETS_MIN: usize = BATCH;

/// See [`PACKETS_MIN`].
pub const PACKETS_MAX: usize = 1 << 20;

const _: () = assert!(PACKET_OCTETS_USUAL.is_power_of_two());

/// Octets of a configuration file: a million zones of 60 octets each fit, a device that never ends does not.
pub const CONFIG_OCTETS_MAX: usize = 64 * 1024 * 1024;

const _: () = assert!(TRANSFER_OCTETS <= TCP_UNSENT_OCTETS && UDP_OCTETS_PLAIN < TRANSFER_OCTETS);
const _: () = assert!(OPT_OCTETS_MAX < TRANSFER_OCTETS / 2);
const _: () = assert!(IDLE_REFRESH.as_millis() * 2 < RECLAIM_PATIENCE.as_millis());
const _: () = assert!(NAME_LABELS_MAX * 2 < NAME_OCTETS_MAX);
const _: () = assert!(UDP_OCTETS_PLAIN <= UDP_OCTETS_DEFAULT && UDP_OCTETS_DEFAULT <= UDP_OCTETS_MAX);
const _: () = assert!(UDP_OCTETS_MAX <= DATAGRAM_OCTETS && DATAGRAM_OCTETS <= MESSAGE_OCTETS_MAX);

/// Octets of a compiled zone from which on it has an image of its own in the state directory: loading it from its file takes
/// milliseconds, and reading the image a tenth of that. Of smaller zones, which a server may have by the hundred thousand,
/// each would cost a file to be flushed to the disk.
pub const IMAGE_OCTETS_MIN: usize = 256 * 1_024;

/// How long a file may be changed once more and still show the time of the change before: the clock of the coarsest file
/// system, FAT, ticks every two seconds.
pub const FILE_TICK_MAX: Duration = Duration::from_secs(2);

/// Octets read from a zone file at a time, and the first size of the buffer for them: one system call for about a
/// thousand records, and small enough for a second-level cache.
pub const ZONE_READ_OCTETS: usize = 65_536;

/// Octets of one entry of a zone file: a record with its continuation lines and comments. The longest rdata, 65,535
/// octets each written as `\DDD`, has a quarter of this; what is longer is not a zone file, or a parenthesis is open.
pub const ZONE_ENTRY_OCTETS_MAX: usize = 1 << 20;

/// Octets of memory for the window of one compressed zone file: as much as `zstd` takes without being asked twice, and
/// twice what `xz -9` needs. A file may ask for gigabytes.
pub const ZONE_WINDOW_OCTETS_MAX: usize = 128 << 20;

/// Octets of text that are gathered before they are written to a stream with one system call.
pub const TEXT_WRITE_OCTETS: usize = 65_536;

/// The largest TTL (RFC 2181 section 8).
pub const TTL_SECONDS_MAX: u32 = (1 << 31) - 1;

/// Octets of a zone file that are worth a thread of their own: some ten milliseconds of work.
pub const STRETCH_OCTETS_MIN: u64 = 2 << 20;

/// Zone files open inside each other through `$INCLUDE`, the first one counted. Each holds a buffer and a file
/// descriptor; nobody nests by hand deeper than three or four.
pub const INCLUDE_DEPTH_MAX: usize = 16;

/// Records that one `$GENERATE` may make: one for each address of an IPv4 /8. More is a slip of the pen.
pub const GENERATE_RECORDS_MAX: u64 = 1 << 24;

/// Octets that one `$` of a `$GENERATE` may become: no name and no string of a TXT record has more.
pub const GENERATE_WIDTH_MAX: u32 = 255;

/// How many of a zone's records may change, one of so many, before it is built anew instead: where they are spread evenly
/// nearly every block has some of them from a five-hundredth on, and to copy all of these and compile an eighth costs about what building does.
pub const CHANGED_SHARE_MAX: u64 = 8;

/// How many times as large as they should be the blocks of a zone may become through changes, on average, before it is built
/// anew with more of them: so much more has to be copied for each name that changes.
pub const BLOCK_GROWTH_MAX: usize = 4;

/// How many of the numbers that tails tell NSEC3 by may be in doubt after changes, one of so many links, before a zone is built
/// anew. Of the tails that tell of a span, up to twice as large a share is in doubt then, for new hashes fall into long spans. A
/// query that needs one hashes a name more, in the span of an opt-out one for each label: a microsecond without iterations and
/// some twenty with the most of them, more with a long salt.
pub const DOUBTS_SHARE_MAX: usize = 16;

/// Complaints shown at once: errors of one zone file or configuration, findings of one level in one zone. The others are
/// counted: past a screenful nobody reads on, but mends the first and looks again.
pub const ERRORS_SHOWN_MAX: usize = 20;

/// Lookups that one SPF check may take (RFC 7208 section 4.6.4); the checker counts no further.
pub const SPF_LOOKUPS_MAX: usize = 10;

/// Zones of a directory that may be checked ahead of one whose turn to be told it is: what is told of each has some
/// kilobytes where it is bad, and a large zone among small ones lets no core wait.
pub const ZONES_AHEAD_MAX: usize = 1_024;

/// Octets of a source line that an error keeps around the place it means: a line may have a megabyte.
pub const ERROR_EXCERPT_OCTETS: usize = 400;

const _: () = assert!(ZONE_READ_OCTETS <= ZONE_ENTRY_OCTETS_MAX && ZONE_ENTRY_OCTETS_MAX < u32::MAX as usize);
const _: () = assert!(RDATA_OCTETS_MAX * "\\DDD".len() < ZONE_ENTRY_OCTETS_MAX);

/// Fewest bits of an RSA modulus that signatures are verified with: shorter ones have been factored, and the library
/// refuses them.
pub const RSA_MODULUS_BITS_MIN: u32 = 1_024;

/// Most bits of an RSA modulus: twice what RFC 3110 section 2 allows, and what the library verifies with.
pub const RSA_MODULUS_BITS_MAX: u32 = 8_192;

/// Most bits of an RSA exponent: every signer's choice, 3, 65,537 or 2³² + 1, fits, and a longer one makes each signature
/// cost as much as the one who made it likes.
pub const RSA_EXPONENT_BITS_MAX: u32 = 33;

/// Keys with one tag and algorithm that a signature is tried with. Two meet by chance now and then; a zone full of them
/// was made to keep validators busy (KeyTrap, CVE-2023-50387).
pub const KEYS_PER_TAG_MAX: usize = 4;

/// Signatures of one RRset that are verified: two keys of each of two algorithms, and as many again while keys roll over,
/// are eight. Each costs the hash of all its records.
pub const SIGNATURES_PER_RRSET_MAX: usize = 16;

/// Iterations of NSEC3's hash up to which chains are checked. Resolvers stopped at 150 when all of them set a limit in 2021,
/// and stop sooner now (RFC 9276 section 3.2).
pub const NSEC3_ITERATIONS_MAX: u16 = 150;

/// NSEC3 chains of one zone that are checked: the old one and the new one while the salt changes, and as many again.
pub const NSEC3_CHAINS_MAX: usize = 4;

/// Names in one part of the work of checking signatures: tens of milliseconds, so that all threads end together and a
/// progress bar moves.
pub const CHECK_PART_NAMES: usize = 512;
