//! Finds what a zone holds for the names in its own rdata, and goes through its names: for whoever judges a whole zone.
//!
//! Does not judge.

use super::lookup::Outcome;
use super::node::{Node, Rrset};
use super::stored::{StoredName, Tail};
use super::{Zone, stored};
use crate::base::limits::NAME_OCTETS_MAX;
use crate::wire::{HashedName, Name, Rtype};

/// Looks names up in one zone, one after the other, without an allocation.
#[derive(Debug)]
pub struct Finder<'z> {
    zone: &'z Zone,
    name: HashedName,
}

impl<'z> Finder<'z> {
    /// One that has looked for nothing yet.
    pub fn new(zone: &'z Zone) -> Self {
        Self { zone, name: HashedName::new(&zone.hasher()) }
    }

    /// What the zone says about a name in rdata of `node`, and a type; none where the name is not in this zone.
    pub fn look_up(&mut self, name: StoredName<'_>, node: Node<'_>, qtype: Rtype) -> Option<Outcome<'z>> {
        match name.tail {
            Tail::Absolute => return None,
            Tail::Owner => self.fill(&[name.labels, node.labels()]),
            Tail::Apex => self.fill(&[name.labels]),
        }
        Some(self.zone.lookup(&self.name, qtype))
    }

    /// What the zone says about any name and a type; none where the name is not in this zone.
    pub fn look_up_name(&mut self, name: Name<'_>, qtype: Rtype) -> Option<Outcome<'z>> {
        if !name.is_at_or_below(self.zone.apex()) {
            return None;
        }
        self.name.fill(name);
        Some(self.zone.lookup(&self.name, qtype))
    }

    /// The wildcard that answers for names beside `node` that do not exist: the `*` below its parent.
    pub fn wildcard_beside(&mut self, node: Node<'_>) -> Option<Node<'z>> {
        let (&length, _) = node.labels().split_first()?;
        self.fill(&[b"\x01*", &node.labels()[1 + usize::from(length)..]]);
        self.zone.exact(&self.name).filter(|found| !found.is_cut() && found.labels().starts_with(b"\x01*"))
    }

    /// The name that was looked for last, in lower case.
    pub fn name(&self) -> Name<'_> {
        self.name.as_name()
    }

    /// The hash of the name with these labels in front of the apex, which is then the one that was looked for last.
    pub fn hash(&mut self, parts: &[&[u8]]) -> u64 {
        self.fill(parts);
        self.name.hash(0)
    }

    /// The addresses of the name that was looked for last, where `found` is its node or the cut that it is below.
    pub fn addresses_at(&self, found: Node<'z>) -> [Option<Rrset<'z>>; 2] {
        found.addresses_of(&self.name)
    }

    /// Becomes the name of these labels in front of the apex.
    fn fill(&mut self, parts: &[&[u8]]) {
        let (mut octets, mut end) = ([0; NAME_OCTETS_MAX], 0);
        for part in parts.iter().chain(&[self.zone.apex_wire()]) {
            // What is stored was a name once: it fits.
            let Some(place) = octets.get_mut(end..end + part.len()) else { return };
            place.copy_from_slice(part);
            end += part.len();
        }
        let _ = self.name.read(&octets[..end]);
    }
}

impl Zone {
    /// Every node: the apex first, the others in no particular order; empty non-terminals too. What is below a zone cut
    /// is no node.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        let bytes = self.blocks.iter().flat_map(|block| block.offsets().map(|at| block.node(at)));
        let all = bytes.map(|bytes| Node::new(self, bytes));
        std::iter::once(self.apex_node()).chain(all.filter(|node| !node.labels().is_empty()))
    }
}

impl<'z> Node<'z> {
    /// The addresses of `name`, where this is its node or that of the cut it is below: A, then AAAA.
    #[inline]
    pub fn addresses_of(self, name: &HashedName) -> [Option<Rrset<'z>>; 2] {
        let below = name.label_count() - self.zone().apex_labels();
        let octets = name.labels_between(0, below);
        let Some(front) = octets.len().checked_sub(self.labels().len()).filter(|&front| front > 0) else {
            return [self.rrset(Rtype::A), self.rrset(Rtype::AAAA)];
        };
        let of = |rtype| {
            let mut glue = self.glue().filter(|glue| glue.rrset.rtype == rtype);
            glue.find(|glue| glue.labels == &octets[..front]).map(|glue| glue.rrset)
        };
        [of(Rtype::A), of(Rtype::AAAA)]
    }
}

impl Rrset<'_> {
    /// One of its records' stored rdata in wire form. For glue only what has no names in its rdata is right.
    pub fn spell_rdata(self, stored: &[u8]) -> Vec<u8> {
        let (owner, zone) = (self.node().owner(), self.node().zone());
        let mut rdata = Vec::with_capacity(stored.len() + 2 * NAME_OCTETS_MAX);
        stored::restore(self.rtype, stored, owner.as_name(), zone.apex(), &mut rdata);
        rdata
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Class, NameBuf, Record, SuffixHasher};
    use crate::zone::Builder;

    fn name(text: &str) -> NameBuf {
        text.parse().expect("a name")
    }

    fn sealed(records: &[(&str, Rtype, &[u8])]) -> Zone {
        let mut builder = Builder::new(name("example.").as_name(), &SuffixHasher::new(3));
        for (owner, rtype, rdata) in records {
            let owner = name(owner);
            let record = Record { owner: owner.as_name(), class: Class::IN, ttl: 1, rtype: *rtype, rdata };
            builder.add(&record).expect("a record that fits");
        }
        builder.seal().expect("a zone that can be served").0
    }

    #[test]
    fn names_in_rdata_are_found_and_spelled_out() {
        let zone = sealed(&[
            ("example.", Rtype::SOA, &[0; 22]),
            ("example.", Rtype::NS, b"\x02ns\x04test\0"),
            ("example.", Rtype::MX, b"\0\x01\x01M\x07EXAMPLE\0"),
            ("m.example.", Rtype::A, &[1, 2, 3, 4]),
            ("cut.example.", Rtype::NS, b"\x01n\x03cut\x07example\0"),
            ("n.cut.example.", Rtype::AAAA, &[1; 16]),
            ("*.w.example.", Rtype::MX, b"\0\x01\x01m\x01w\x07example\0"),
            ("x.w.example.", Rtype::A, &[1, 2, 3, 4]),
        ]);
        let mut finder = Finder::new(&zone);
        assert_eq!((zone.nodes().count(), zone.nodes().next().map(|node| node.labels().len())), (6, Some(0)));
        let node_at = |owner: &str| zone.nodes().find(|node| node.owner().to_string() == owner).expect("a node");
        let look = |finder: &mut Finder<'_>, owner: &str, rtype: Rtype| {
            let rrset = node_at(owner).rrset(rtype).expect("an RRset");
            let rdata = rrset.records().next().expect("a record");
            let target = StoredName::split_from(&rdata[usize::from(rtype.name_layout().prefix)..]).0;
            let found = match finder.look_up(target, rrset.node(), Rtype::A) {
                None => return "outside".to_owned(),
                Some(Outcome::Referral(cut)) => finder.addresses_at(cut).map(|rrset| rrset.is_some()),
                Some(Outcome::Answer(rrset)) => finder.addresses_at(rrset.node()).map(|rrset| rrset.is_some()),
                Some(_) => [false; 2],
            };
            format!("{} {found:?} {:?}", finder.name(), rrset.spell_rdata(rdata).escape_ascii().to_string())
        };
        assert_eq!(look(&mut finder, "example.", Rtype::NS), "outside");
        let expected = r#"m.example. [true, false] "\\x00\\x01\\x01M\\x07example\\x00""#;
        assert_eq!(look(&mut finder, "example.", Rtype::MX), expected);
        let expected = r#"n.cut.example. [false, true] "\\x01n\\x03cut\\x07example\\x00""#;
        assert_eq!(look(&mut finder, "cut.example.", Rtype::NS), expected);
        let expected = r#"m.w.example. [false, false] "\\x00\\x01\\x01m\\x01w\\x07example\\x00""#;
        assert_eq!(look(&mut finder, "*.w.example.", Rtype::MX), expected);
        let beside = finder.wildcard_beside(node_at("x.w.example.")).map(|node| node.owner().to_string());
        assert_eq!(beside.as_deref(), Some("*.w.example."));
        assert!(finder.wildcard_beside(node_at("m.example.")).is_none());
        assert!(finder.wildcard_beside(zone.apex_node()).is_none());
        assert!(finder.look_up_name(name("M.example.").as_name(), Rtype::A).is_some());
        assert!(finder.look_up_name(name("m.test.").as_name(), Rtype::A).is_none());
    }
}
