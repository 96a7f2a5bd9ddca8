//! The header of a message (RFC 1035 section 4.1.1): its flags, opcodes and response codes.

/// The 16 bits behind the message id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags(pub u16);

impl Flags {
    /// Response.
    pub const QR: Self = Self(0x8000);
    /// Authoritative answer.
    pub const AA: Self = Self(0x0400);
    /// Truncated.
    pub const TC: Self = Self(0x0200);
    /// Recursion desired.
    pub const RD: Self = Self(0x0100);
    /// Recursion available.
    pub const RA: Self = Self(0x0080);
    /// Authentic data (RFC 4035 section 3.2.3).
    pub const AD: Self = Self(0x0020);
    /// Checking disabled (RFC 4035 section 3.2.2).
    pub const CD: Self = Self(0x0010);
    /// The four bits of the opcode.
    pub const OPCODE: Self = Self(0x7800);

    /// Whether any bit of `other` is set.
    #[inline]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The bits of either.
    #[inline]
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The bits of both.
    #[inline]
    #[must_use]
    pub const fn only(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The opcode.
    #[inline]
    pub fn opcode(self) -> Opcode {
        Opcode((self.only(Self::OPCODE).0 >> 11) as u8)
    }
}

/// What a message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opcode(pub u8);

impl Opcode {
    /// A standard query.
    pub const QUERY: Self = Self(0);
    /// A zone changed (RFC 1996).
    pub const NOTIFY: Self = Self(4);
    /// Dynamic update (RFC 2136).
    pub const UPDATE: Self = Self(5);
}

/// A response code of up to 12 bits: the upper eight travel in the OPT record (RFC 6891 section 6.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rcode(pub u16);

impl Rcode {
    /// No error.
    pub const NOERROR: Self = Self(0);
    /// The query could not be read.
    pub const FORMERR: Self = Self(1);
    /// The server failed.
    pub const SERVFAIL: Self = Self(2);
    /// The name does not exist.
    pub const NXDOMAIN: Self = Self(3);
    /// Not implemented.
    pub const NOTIMP: Self = Self(4);
    /// Refused by policy.
    pub const REFUSED: Self = Self(5);
    /// A name exists when it should not: here, a DNAME made a name too long (RFC 6672 section 2.2).
    pub const YXDOMAIN: Self = Self(6);
    /// Not authoritative for the zone (RFC 2136 section 2.2, RFC 5936 section 2.2.1).
    pub const NOTAUTH: Self = Self(9);
    /// The EDNS version is not supported (RFC 6891 section 6.1.3).
    pub const BADVERS: Self = Self(16);
    /// The server cookie is missing or not ours (RFC 7873 section 8).
    pub const BADCOOKIE: Self = Self(23);

    /// The four bits that go into the header.
    #[inline]
    pub fn low(self) -> u16 {
        self.0 & 0xf
    }

    /// The eight bits that go into the OPT record.
    #[inline]
    pub fn extended(self) -> u8 {
        (self.0 >> 4) as u8
    }
}

/// Reads two octets in network order; none past the end.
#[inline]
pub(super) fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    octets.get(at..at + 2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
}
