//! How the messages of a load travel.
//!
//! Does not carry any.

/// How messages travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Carriage {
    /// One datagram each.
    #[default]
    Datagrams,
    /// A TCP connection for each query.
    Short,
    /// Few TCP connections, many queries unanswered on each.
    Pipelined,
}
