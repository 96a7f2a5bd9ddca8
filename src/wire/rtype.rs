//! The RR types: one row of one table each.

use std::fmt;

/// A record type or, in a question, a QTYPE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rtype(pub u16);

macro_rules! codes {
    ($($name:ident = $code:literal,)+) => {
        #[allow(missing_docs)] // the mnemonic is the documentation: IANA's registry of RR types
        impl Rtype {
            $(pub const $name: Self = Self($code);)+
        }
    };
}

codes! {
    A = 1, NS = 2, CNAME = 5, SOA = 6, PTR = 12, HINFO = 13, MX = 15, TXT = 16, AAAA = 28, LOC = 29, SRV = 33,
    NAPTR = 35, DNAME = 39, OPT = 41, DS = 43, SSHFP = 44, RRSIG = 46, NSEC = 47, DNSKEY = 48, NSEC3 = 50,
    NSEC3PARAM = 51, TLSA = 52, SVCB = 64, HTTPS = 65, TKEY = 249, TSIG = 250, IXFR = 251, AXFR = 252, MAILB = 253,
    MAILA = 254, ANY = 255, URI = 256, CAA = 257,
}

/// Where names stand in the rdata of a type: `names` of them in a row after `prefix` octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameLayout {
    /// Octets before the first name.
    pub prefix: u8,
    /// How many names follow each other; 0 where the type has none at a fixed place.
    pub names: u8,
    /// Whether a message may compress them (RFC 3597 section 4: only the types of RFC 1035).
    pub compressible: bool,
}

impl Rtype {
    /// Where this type's rdata has names at a fixed place.
    pub const fn name_layout(self) -> NameLayout {
        let (prefix, names, compressible) = match self {
            Self::NS | Self::CNAME | Self::PTR => (0, 1, true),
            Self::SOA => (0, 2, true),
            Self::MX => (2, 1, true),
            Self::DNAME | Self::NSEC => (0, 1, false),
            Self::SRV => (6, 1, false),
            Self::RRSIG => (18, 1, false),
            Self::SVCB | Self::HTTPS => (2, 1, false),
            _ => (0, 0, false),
        };
        NameLayout { prefix, names, compressible }
    }
}

impl fmt::Display for Rtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TYPE{}", self.0)
    }
}
