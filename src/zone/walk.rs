//! Reads a whole zone back, name by name in canonical order.
//!
//! Does not know a reader: what the zone holds for a name is shown to whoever asks, in wire form.

use std::cmp::Ordering;
use std::ops::Range;

use super::node::{Glue, Node, NodeFlags, Rrset};
use super::order::{Found, PLACES_AHEAD, Place, compare};
use super::runs::RunView;
use super::{Zone, stored};
use crate::base::limits::NAME_OCTETS_MAX;
use crate::wire::{Class, Name, NameBuf, Record, Rtype, rdata};

/// A way through the names of a zone in canonical order, each once.
///
/// What it shows lies in buffers of its own, which it uses for one name after the other: once they have grown no name
/// costs an allocation.
#[derive(Debug)]
pub struct Walk<'z> {
    zone: &'z Zone,
    places: &'z [Place],
    next: usize,
    /// The labels of the zone cut that was seen last, and the glue below it that is still to come, the next one last.
    cut: &'z [u8],
    glue: Vec<Glue<'z>>,
    owner: NameBuf,
    held: Vec<Held>,
    octets: Vec<u8>,
    /// One rdata in its canonical form.
    folded: Vec<u8>,
}

/// Where a name stands in its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is the apex.
    Apex,
    /// The zone is authoritative for it; an empty non-terminal has no records.
    Inside,
    /// It is a zone cut: NS and addresses for others belong to the child zone, DS and NSEC to this one.
    Cut,
    /// It is below a zone cut and has addresses, which belong into referrals. Other records there are occluded.
    Glue,
    /// It is below a zone cut or a DNAME, and nothing of it is ever served.
    Occluded,
}

/// What a zone holds for one name.
#[derive(Debug, Clone, Copy)]
pub struct Holding<'w> {
    /// The name, in lower case.
    pub owner: Name<'w>,
    /// Where it stands.
    pub standing: Standing,
    held: &'w [Held],
    octets: &'w [u8],
}

/// The records of one type that a zone holds for one name.
#[derive(Debug, Clone, Copy)]
pub struct HeldRrset<'w> {
    /// The type. Signatures are an RRset of their own type, sorted by the type they cover.
    pub rtype: Rtype,
    owner: Name<'w>,
    held: &'w [Held],
    octets: &'w [u8],
}

/// A record that a zone holds.
#[derive(Debug, Clone, Copy)]
pub struct HeldRecord<'w> {
    /// The record, its rdata as it was written.
    pub record: Record<'w>,
    /// Its rdata in the canonical form of RFC 4034 section 6.2.
    pub canonical: &'w [u8],
}

/// A record of the name at hand: where its rdata is in the walk's octets.
#[derive(Debug, Clone)]
struct Held {
    rtype: Rtype,
    ttl: u32,
    written: Range<usize>,
    canonical: Range<usize>,
}

impl<'z> Walk<'z> {
    pub(super) fn new(zone: &'z Zone, places: &'z [Place]) -> Self {
        let owner = zone.apex().to_buf();
        let (glue, held, octets, folded) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { zone, places, next: 0, cut: &[], glue, owner, held, octets, folded }
    }

    /// The next name and what the zone holds for it; none behind the last.
    #[allow(clippy::should_implement_trait)] // it lends, which an Iterator cannot
    pub fn next(&mut self) -> Option<Holding<'_>> {
        self.held.clear();
        self.octets.clear();
        if let Some(&ahead) = self.places.get(self.next + PLACES_AHEAD) {
            self.zone.prefetch(ahead);
        }
        let found = self.places.get(self.next).map(|&place| self.zone.at(place));
        let standing = match (self.glue.last().copied(), found) {
            (None, None) => return None,
            (None, Some(Found::Node(bytes))) => self.take_node(Node::new(self.zone, bytes)),
            (None, Some(Found::Occluded(view))) => {
                self.owner = self.zone.join(view.labels);
                self.take_occluded(view.labels)
            }
            (Some(glue), found) => self.take_below(glue, found),
        };
        self.sort();
        Some(Holding { owner: self.owner.as_name(), standing, held: &self.held, octets: &self.octets })
    }

    fn take_node(&mut self, node: Node<'z>) -> Standing {
        self.next += 1;
        self.owner = node.owner();
        node.rrsets().for_each(|rrset| self.take_rrset(rrset));
        self.cut = node.labels();
        self.glue.extend(node.glue());
        if !self.glue.is_empty() {
            self.glue.sort_unstable_by(|a, b| compare(b.labels, a.labels).then(b.rrset.rtype.cmp(&a.rrset.rtype)));
        }
        match node {
            _ if node.labels().is_empty() => Standing::Apex,
            _ if node.has(NodeFlags::CUT) => Standing::Cut,
            _ => Standing::Inside,
        }
    }

    /// Takes the next name below a cut: that of its glue, or one that comes in front of it, or both where they are one.
    fn take_below(&mut self, glue: Glue<'z>, found: Option<Found<'z>>) -> Standing {
        let mut octets = [0; NAME_OCTETS_MAX];
        let (front, end) = (glue.labels.len(), glue.labels.len() + self.cut.len());
        octets[..front].copy_from_slice(glue.labels);
        octets[front..end].copy_from_slice(self.cut);
        let labels = &octets[..end];
        let order = found.map_or(Ordering::Less, |found| compare(labels, found.labels()));
        if let (Ordering::Greater, Some(found)) = (order, found) {
            self.owner = self.zone.join(found.labels());
            return self.take_occluded(found.labels());
        }
        self.owner = self.zone.join(labels);
        while let Some(next) = self.glue.pop_if(|next| next.labels == glue.labels) {
            self.take_rrset(next.rrset);
        }
        if order == Ordering::Equal {
            self.take_occluded(labels);
        }
        Standing::Glue
    }

    /// Takes the occluded records of the name that has come, each of whose types has a place.
    fn take_occluded(&mut self, labels: &[u8]) -> Standing {
        while let Some(Found::Occluded(view)) = self.places.get(self.next).map(|&place| self.zone.at(place))
            && view.labels == labels
        {
            self.take_run(view);
            self.next += 1;
        }
        Standing::Occluded
    }

    fn take_rrset(&mut self, rrset: Rrset<'z>) {
        rrset.records().for_each(|rdata| self.take(rrset.rtype, rrset.ttl, rdata));
        rrset.signatures().for_each(|rdata| self.take(Rtype::RRSIG, rrset.ttl, rdata));
    }

    fn take_run(&mut self, view: RunView<'z>) {
        view.records().for_each(|record| self.take(record.rtype, record.ttl, record.rdata));
    }

    fn take(&mut self, rtype: Rtype, ttl: u32, stored: &[u8]) {
        let start = self.octets.len();
        stored::restore(rtype, stored, self.owner.as_name(), self.zone.apex(), &mut self.octets);
        let written = start..self.octets.len();
        let mut canonical = written.clone();
        // Names are mostly written in lower case: then both forms are the same octets.
        if self.octets[written.clone()].iter().any(u8::is_ascii_uppercase) {
            self.folded.clear();
            rdata::canonical(rtype, &self.octets[written.clone()], &mut self.folded);
            if self.folded != self.octets[written.clone()] {
                self.octets.extend_from_slice(&self.folded);
                canonical = written.end..self.octets.len();
            }
        }
        self.held.push(Held { rtype, ttl, written, canonical });
    }

    /// Brings the records of the name into their order, and drops duplicates, which may be among occluded ones.
    fn sort(&mut self) {
        if self.held.len() < 2 {
            return;
        }
        let octets = &self.octets;
        let canonical = |held: &Held| &octets[held.canonical.clone()];
        let rank = |held: &Held| (held.rtype != Rtype::SOA, held.rtype);
        self.held.sort_unstable_by(|a, b| {
            let by_type = rank(a).cmp(&rank(b));
            by_type.then_with(|| canonical(a).cmp(canonical(b))).then_with(|| a.ttl.cmp(&b.ttl))
        });
        self.held.dedup_by(|b, a| a.rtype == b.rtype && canonical(a) == canonical(b));
    }
}

impl<'w> Holding<'w> {
    /// The records: an SOA first, then by type, those of one type in the order of RFC 4034 section 6.3.
    pub fn records(&self) -> impl Iterator<Item = HeldRecord<'w>> + Clone + use<'w> {
        records(self.owner, self.held, self.octets)
    }

    /// The same, type by type.
    pub fn rrsets(&self) -> impl Iterator<Item = HeldRrset<'w>> + Clone + use<'w> {
        let (owner, octets) = (self.owner, self.octets);
        let by_type = self.held.chunk_by(|a, b| a.rtype == b.rtype);
        by_type.map(move |held| HeldRrset { rtype: held[0].rtype, owner, held, octets })
    }

    /// The records of one type.
    pub fn rrset(&self, rtype: Rtype) -> Option<HeldRrset<'w>> {
        self.rrsets().find(|rrset| rrset.rtype == rtype)
    }
}

impl<'w> HeldRrset<'w> {
    /// The records.
    pub fn records(&self) -> impl Iterator<Item = HeldRecord<'w>> + Clone + use<'w> {
        records(self.owner, self.held, self.octets)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.held.len()
    }
}

fn records<'w>(
    owner: Name<'w>,
    held: &'w [Held],
    octets: &'w [u8],
) -> impl Iterator<Item = HeldRecord<'w>> + Clone + use<'w> {
    held.iter().map(move |held| {
        let Held { rtype, ttl, written, canonical } = held.clone();
        let record = Record { owner, class: Class::IN, ttl, rtype, rdata: &octets[written] };
        HeldRecord { record, canonical: &octets[canonical] }
    })
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
