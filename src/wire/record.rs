//! One resource record, as zone files give it and zones take it.

use super::{Class, Name, Rtype};

/// A resource record whose rdata is in uncompressed wire form.
///
/// Having a `Record` tells you nothing about its rdata yet: it was checked against its type by whoever made it
/// (the zone-file parser does), names in it are uncompressed.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The owner, in the case it was written in.
    pub owner: Name<'a>,
    /// The class; every zone here is of class IN.
    pub class: Class,
    /// Seconds; at most 2³¹ − 1 (RFC 2181 section 8).
    pub ttl: u32,
    /// The type.
    pub rtype: Rtype,
    /// The rdata, at most 65,535 octets.
    pub rdata: &'a [u8],
}
