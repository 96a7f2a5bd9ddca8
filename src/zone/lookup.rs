//! Finds what one zone holds for a name: the outcomes of RFC 1034 section 4.3.2, step 3.
//!
//! Returns references into the zone and writes no bytes: `answer` turns an outcome into a message.

use super::Zone;
use super::depths::UpFrom;
use super::node::{Node, NodeFlags, Rrset};
use crate::base::prefetch::Places;
use crate::wire::{HashedName, Rtype};

/// What a zone says about a name and a type.
///
/// Having an `Outcome` tells you that the name is at or below the apex and that no zone cut above it was passed over.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'z> {
    /// The name is at or below a zone cut: only the parent's side is ours to give (step 3b).
    Referral(Node<'z>),
    /// The RRset that was asked for (step 3a). Where its owner is a wildcard it is to be shown under the name asked for.
    Answer(Rrset<'z>),
    /// All signatures at the name: RRSIG itself was asked for.
    Signatures(Node<'z>),
    /// The name is an alias (step 3a).
    Cname(Rrset<'z>),
    /// A name above is redirected as a whole (RFC 6672 section 3.2).
    Dname(Rrset<'z>),
    /// The name exists, the type does not; the node is what a denial must match (RFC 2308 section 2.2).
    NoData(Node<'z>),
    /// The name does not exist; the node is its closest encloser (RFC 4592 section 2.2.1).
    NxDomain(Node<'z>),
}

impl Zone {
    /// Looks a name and a type up. `name` must be at or below the apex.
    #[inline(always)] // moving what it returns would take as long as finding it
    pub fn lookup(&self, name: &HashedName, qtype: Rtype) -> Outcome<'_> {
        let below = name.label_count() - self.apex_labels;
        let (mut node, mut depth) = self.deepest(name, below);
        if node.has(NodeFlags::NSEC3_ONLY) {
            // RFC 5155 section 7.2.8: a name that owns NSEC3 alone does not exist; such names are right below the apex.
            (node, depth) = (self.apex_node(), 0);
        }
        let exact = depth == below;
        if node.has(NodeFlags::CUT) {
            // RFC 4035 section 3.1.4.1: the DS of a cut is the parent's data.
            if exact && qtype == Rtype::DS {
                return node.rrset(Rtype::DS).map_or(Outcome::NoData(node), Outcome::Answer);
            }
            return Outcome::Referral(node);
        }
        if exact {
            return found(node, qtype);
        }
        if node.has(NodeFlags::DNAME)
            && let Some(dname) = node.rrset(Rtype::DNAME)
        {
            return Outcome::Dname(dname);
        }
        // RFC 4592 2.2.1: the closest encloser's wildcard, no other.
        match self.wildcard_below(node, depth, name, below) {
            Some(wildcard) => found(wildcard, qtype),
            None => Outcome::NxDomain(node),
        }
    }

    /// Gathers what tells where the [slots](Self::gather_slots) are. `name` must be at or below the apex.
    #[inline]
    pub fn gather_blocks<const N: usize>(&self, name: &HashedName, places: &mut Places<N>) {
        self.first_probes(name).for_each(|hash| places.gather(self.block(hash)));
    }

    /// Gathers the slots where a lookup of `name` will start. `name` must be at or below the apex.
    #[inline]
    pub fn gather_slots<const N: usize>(&self, name: &HashedName, places: &mut Places<N>) {
        self.first_probes(name).for_each(|hash| places.gather(self.block(hash).slot(hash)));
    }

    /// Gathers the nodes that a lookup of `name` will read, once its slots are there.
    #[inline]
    pub fn gather_nodes<const N: usize>(&self, name: &HashedName, places: &mut Places<N>) {
        let mut is_known = false;
        for node in self.first_probes(name).filter_map(|hash| self.block(hash).likely_node(hash)) {
            is_known = true;
            places.gather(node);
        }
        // What is not there is denied with what the apex has. Large zones are asked so often that theirs stays near.
        if !is_known || self.block_bits == 0 {
            places.gather(self.block(self.apex_hash).behind(self.apex_at));
        }
    }

    /// The hashes that a lookup probes first, two at the most.
    #[inline]
    fn first_probes<'n>(&self, name: &'n HashedName) -> impl Iterator<Item = u64> + use<'n> {
        let below = name.label_count() - self.apex_labels;
        self.usual_depths(below).take(2).map(move |depth| name.hash(below - depth))
    }

    /// The depths to be tried for a name with so many labels in front of the apex, but for those that are less usual.
    #[inline(always)]
    fn usual_depths(&self, below: usize) -> UpFrom {
        self.depths.below_apex().up_from(below.min(self.usual_depth.into()))
    }

    /// The deepest node at or above a name, and how many labels it has in front of the apex.
    #[inline(always)]
    fn deepest(&self, name: &HashedName, below: usize) -> (Node<'_>, usize) {
        let mut depths = self.usual_depths(below);
        let Some(first) = depths.next() else { return (self.apex_node(), 0) };
        if let Some(node) = self.at_depth(first, name, below) {
            // Most names that are asked for below another are below a cut, and no node is below that.
            if first < below && node.has(NodeFlags::CHILDREN) {
                return self.deeper(first, name, below).unwrap_or((node, first));
            }
            return (node, first);
        }
        // Where a name is no node, none below it is one.
        let mut found = depths.filter_map(|depth| Some((self.at_depth(depth, name, below)?, depth)));
        found.next().unwrap_or_else(|| (self.apex_node(), 0))
    }

    /// The deepest node at or above a name that has more than `depth` labels in front of the apex, if any has.
    #[cold]
    fn deeper(&self, depth: usize, name: &HashedName, below: usize) -> Option<(Node<'_>, usize)> {
        let mut depths = self.depths.up_from(below).take_while(|&deeper| deeper > depth);
        depths.find_map(|depth| Some((self.at_depth(depth, name, below)?, depth)))
    }

    /// The node of a name's last labels, `depth` of them in front of the apex.
    #[inline(always)]
    fn at_depth(&self, depth: usize, name: &HashedName, below: usize) -> Option<Node<'_>> {
        let skip = below - depth;
        let hash = name.hash(skip);
        self.block(hash).find(hash, name.labels_between(skip, below)).map(|found| Node::new(self, found))
    }

    fn wildcard_below(&self, node: Node<'_>, depth: usize, name: &HashedName, below: usize) -> Option<Node<'_>> {
        if !node.has(NodeFlags::WILDCARD_BELOW) {
            return None;
        }
        let mut labels = [0; 255];
        let parent = name.labels_between(below - depth, below);
        labels[..2].copy_from_slice(b"\x01*");
        let end = 2 + parent.len();
        labels.get_mut(2..end)?.copy_from_slice(parent);
        let hash = name.wildcard_hash(below - depth);
        self.block(hash).find(hash, &labels[..end]).map(|found| Node::new(self, found))
    }

    /// What stands at a name that is no zone cut and not below one, or is one: for addresses of other names' targets.
    /// None where the name does not exist as such; wildcards are not looked at.
    #[inline]
    pub fn exact(&self, name: &HashedName) -> Option<Node<'_>> {
        let below = name.label_count() - self.apex_labels;
        let (node, depth) = self.deepest(name, below);
        (depth == below || node.has(NodeFlags::CUT)).then_some(node)
    }
}

/// The outcome for a name that exists, or is covered by a wildcard, and is no zone cut.
#[inline(always)]
fn found(node: Node<'_>, qtype: Rtype) -> Outcome<'_> {
    match qtype {
        Rtype::ANY => chosen(node).map_or(Outcome::NoData(node), Outcome::Answer),
        Rtype::RRSIG if node.rrsets().any(|rrset| rrset.rtype == Rtype::RRSIG || rrset.signature_count() > 0) => {
            Outcome::Signatures(node)
        }
        _ => match node.rrset(qtype) {
            Some(rrset) => Outcome::Answer(rrset),
            // RFC 4035 section 2.5: signatures stand beside a CNAME, so that the alias itself is what was asked about. So does its
            // NSEC, unless the zone has NSEC3: that shows the CNAME, and no denial of other types goes with it (RFC 5155
            // section 8.5).
            None if qtype == Rtype::RRSIG => Outcome::NoData(node),
            None => node.rrset(Rtype::CNAME).map_or(Outcome::NoData(node), Outcome::Cname),
        },
    }
}

/// What ANY is answered with.
///
/// RFC 8482 section 4.1: one RRset, of our choice, is enough. It is the first one, which is never a signature; what denies is
/// chosen only where there is nothing else. DNSKEY, CDS and the like stand at the apex, behind its SOA.
fn chosen(node: Node<'_>) -> Option<Rrset<'_>> {
    let is_data = |rrset: &Rrset<'_>| !matches!(rrset.rtype, Rtype::NSEC | Rtype::NSEC3);
    node.rrsets().find(is_data).or_else(|| node.rrsets().next())
}
