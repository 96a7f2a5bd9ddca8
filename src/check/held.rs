//! Which kinds of records one name has.

use crate::wire::Rtype;

/// A set of kinds of records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Held(u16);

impl Held {
    /// A or AAAA.
    pub(super) const ADDRESS: Self = Self(1);
    pub(super) const MX: Self = Self(2);
    pub(super) const NS: Self = Self(4);
    /// CNAME or DNAME.
    pub(super) const ALIAS: Self = Self(8);
    /// SRV, TLSA, SMIMEA or OPENPGPKEY.
    pub(super) const SERVICE: Self = Self(16);
    /// What only the apex may have.
    pub(super) const OF_APEX: Self = Self(32);
    /// NSEC3 and signatures: of the chain, not of the name.
    pub(super) const CHAIN: Self = Self(64);
    pub(super) const OTHER: Self = Self(128);

    /// Adds the kind of a type.
    #[inline]
    pub(super) fn add(&mut self, rtype: Rtype) {
        let kind = match rtype {
            Rtype::A | Rtype::AAAA => Self::ADDRESS,
            Rtype::MX => Self::MX,
            Rtype::NS => Self::NS,
            Rtype::CNAME | Rtype::DNAME => Self::ALIAS,
            Rtype::SRV | Rtype::TLSA | Rtype::SMIMEA | Rtype::OPENPGPKEY => Self::SERVICE,
            Rtype::DNSKEY | Rtype::CDS | Rtype::CDNSKEY | Rtype::NSEC3PARAM | Rtype::CSYNC | Rtype::ZONEMD => {
                Self::OF_APEX
            }
            Rtype::NSEC | Rtype::NSEC3 | Rtype::RRSIG => Self::CHAIN,
            _ => Self::OTHER,
        };
        self.0 |= kind.0;
    }

    /// Whether any of these kinds is there.
    #[inline]
    pub(super) fn has(self, kinds: Self) -> bool {
        self.0 & kinds.0 != 0
    }

    /// Both sets.
    #[inline]
    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether nothing is there that was written for this name.
    #[inline]
    pub(super) fn is_empty(self) -> bool {
        self.0 & !Self::CHAIN.0 == 0
    }
}
