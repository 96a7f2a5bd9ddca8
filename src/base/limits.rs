//! Every bound of the program, in one place, each with its reason.

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

/// Octets of received datagrams that the kernel keeps for one UDP socket: some 3,000 queries, a burst of several
/// milliseconds at a million queries a second.
pub const UDP_RECEIVE_BUFFER_OCTETS: usize = 2 << 20;

/// Connections that the kernel completes and keeps for one listening socket until they are accepted. What it really keeps
/// is bounded by net.core.somaxconn as well.
pub const TCP_BACKLOG: i32 = 1_024;

/// Octets read from a TCP connection with one system call: some 300 pipelined queries.
pub const TCP_READ_OCTETS: usize = 16 * 1_024;

/// Octets of replies waiting to be sent on one TCP connection from which on no more of its messages are answered. Two
/// of the largest replies; with one more on top it is all that a client that does not read can make us hold.
pub const TCP_UNSENT_OCTETS: usize = 128 * 1_024;

/// Clients whose rates are remembered at once: 1 MiB. A flood from more addresses than this makes some forgotten, which
/// gives them a new burst and nothing else.
pub const GATE_CLIENTS: usize = 1 << 17;

/// CNAME and DNAME steps followed for one reply. Longer chains are cut: the client asks again for the rest.
pub const CHAIN_STEPS_MAX: usize = 16;

/// Octets of rdata in one RRset: more cannot leave in one message, so a zone that holds more is refused.
pub const RRSET_OCTETS_MAX: usize = MESSAGE_OCTETS_MAX - HEADER_OCTETS;

const _: () = assert!(NAME_LABELS_MAX * 2 < NAME_OCTETS_MAX);
const _: () = assert!(UDP_OCTETS_PLAIN <= UDP_OCTETS_DEFAULT && UDP_OCTETS_DEFAULT <= UDP_OCTETS_MAX);
const _: () = assert!(UDP_OCTETS_MAX <= DATAGRAM_OCTETS && DATAGRAM_OCTETS <= MESSAGE_OCTETS_MAX);
