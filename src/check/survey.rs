//! What the families of lints share while one zone is examined.
//!
//! Knows no lint.

use super::finding::{Report, Subject};
use crate::wire::{Name, Rtype};
use crate::zone::{Finder, Node, Rrset, StoredName, Tail, Zone};

/// A zone being examined.
#[derive(Debug)]
pub(super) struct Survey<'z> {
    pub(super) zone: &'z Zone,
    pub(super) finder: Finder<'z>,
    pub(super) report: Report,
    /// Whether the zone is for addresses: below in-addr.arpa or ip6.arpa.
    pub(super) reverse: Option<Reverse>,
    /// Octets of a record that were stored in pieces; reused.
    pub(super) text: Vec<u8>,
}

/// Which addresses a reverse zone is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reverse {
    /// in-addr.arpa (RFC 1035 section 3.5).
    Ipv4,
    /// ip6.arpa (RFC 3596 section 2.5).
    Ipv6,
}

impl<'z> Survey<'z> {
    pub(super) fn new(zone: &'z Zone, report: Report) -> Self {
        let ends_in = |suffix: &[u8]| Name::from_wire(suffix).is_ok_and(|suffix| zone.apex().is_at_or_below(suffix));
        let reverse = match () {
            () if ends_in(b"\x07in-addr\x04arpa\0") => Some(Reverse::Ipv4),
            () if ends_in(b"\x03ip6\x04arpa\0") => Some(Reverse::Ipv6),
            () => None,
        };
        Self { zone, finder: Finder::new(zone), report, reverse, text: Vec::new() }
    }

    /// The labels of the apex, without the root label.
    pub(super) fn apex(&self) -> &'z [u8] {
        let wire = self.zone.apex_wire();
        &wire[..wire.len() - 1]
    }

    /// Whether labels in front of the apex end in the apex once more: `www.example.com` in example.com. Where the apex has
    /// one label alone this proves nothing: com.com is a name as good as any.
    pub(super) fn repeats_apex(&self, labels: &[u8]) -> bool {
        let apex = self.apex();
        self.zone.apex_labels() > 1
            && labels.len() >= apex.len()
            && labels[labels.len() - apex.len()..].eq_ignore_ascii_case(apex)
            && starts_label(labels, labels.len() - apex.len())
    }
}

/// Whether a label starts at `place`, or the last one ends there.
fn starts_label(labels: &[u8], place: usize) -> bool {
    let mut at = 0;
    while at < place {
        at += 1 + usize::from(labels[at]);
    }
    at == place
}

/// The labels of a name in wire form, up to its root label if it has one.
pub(super) fn labels(mut wire: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (&length, rest) = wire.split_first().filter(|first| *first.0 != 0)?;
        let (label, rest) = rest.split_at_checked(usize::from(length))?;
        wire = rest;
        Some(label)
    })
}

/// Whether this is the root itself, as a target.
pub(super) fn is_root(name: StoredName<'_>, zone: &Zone) -> bool {
    match name.tail {
        Tail::Absolute => name.labels == [0],
        Tail::Apex => name.labels.is_empty() && zone.apex_labels() == 0,
        Tail::Owner => false,
    }
}

/// Whether the owner is a wildcard (RFC 4592 section 2.1.1).
pub(super) fn is_wildcard(node: Node<'_>) -> bool {
    node.labels().starts_with(b"\x01*")
}

/// The name in stored rdata of this type.
pub(super) fn target<'z>(rtype: Rtype, stored: &'z [u8]) -> StoredName<'z> {
    StoredName::split_from(&stored[usize::from(rtype.name_layout().prefix)..]).0
}

/// One record of an RRset.
pub(super) fn record(rrset: Rrset<'_>, stored: &[u8]) -> Subject {
    Subject::record(rrset.node().owner().as_name(), rrset.rtype, &rrset.spell_rdata(stored))
}

/// All records of an RRset.
pub(super) fn whole(rrset: Rrset<'_>) -> Subject {
    Subject::rrset(rrset.node().owner().as_name(), rrset.rtype)
}
