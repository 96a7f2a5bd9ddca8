//! RRSIG rdata in its parts (RFC 4034 section 3.1).
//!
//! Does not judge it: `verify` does.

use super::algorithm::Algorithm;
use super::window::Window;
use crate::wire::{Name, Rtype};

/// Octets in front of the signer's name.
const HEAD_OCTETS: usize = 18;

/// The rdata of an RRSIG in its parts.
#[derive(Debug, Clone, Copy)]
pub struct Rrsig<'r> {
    /// The type of the RRset that it signs.
    pub covered: Rtype,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The labels of the owner, neither the root nor a leftmost `*` counted.
    pub labels: u8,
    /// The TTL that was signed, in seconds.
    pub original_ttl: u32,
    /// When it is valid.
    pub window: Window,
    /// The tag of the key that made it.
    pub key_tag: u16,
    /// The owner of that key.
    pub signer: Name<'r>,
    /// The signature, in the form of its algorithm.
    pub signature: &'r [u8],
    /// What stands in front of the signer's name: it is signed as it is.
    pub(super) head: &'r [u8; HEAD_OCTETS],
}

impl<'r> Rrsig<'r> {
    /// Takes rdata in wire form apart; none where it is too short or has no name where one must be.
    pub fn read(rdata: &'r [u8]) -> Option<Self> {
        let (head, rest) = rdata.split_first_chunk()?;
        let (signer, signature) = Name::split_from(rest).ok()?;
        let &[t1, t2, algorithm, labels, ttl1, ttl2, ttl3, ttl4, e1, e2, e3, e4, i1, i2, i3, i4, k1, k2] = head;
        Some(Self {
            covered: Rtype(u16::from_be_bytes([t1, t2])),
            algorithm: Algorithm(algorithm),
            labels,
            original_ttl: u32::from_be_bytes([ttl1, ttl2, ttl3, ttl4]),
            window: Window {
                inception: u32::from_be_bytes([i1, i2, i3, i4]),
                expiration: u32::from_be_bytes([e1, e2, e3, e4]),
            },
            key_tag: u16::from_be_bytes([k1, k2]),
            signer,
            signature,
            head,
        })
    }
}
