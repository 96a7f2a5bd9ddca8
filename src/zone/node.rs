//! Reading nodes: the one place that knows their bytes (drawn in the module's documentation).
//!
//! Does not know how nodes are found or made.

use super::chain::Spot;
use super::runs::label_count;
use super::{StoredName, Zone, stored};
use crate::wire::{Name, NameBuf, Rtype};

/// Flags of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct NodeFlags;

impl NodeFlags {
    /// The node is a zone cut: it has NS and is not the apex.
    pub(super) const CUT: u8 = 1;
    /// A DNAME stands here and is in force.
    pub(super) const DNAME: u8 = 2;
    /// The name `*` directly below exists.
    pub(super) const WILDCARD_BELOW: u8 = 4;
    /// Nothing but NSEC3 stands here, directly below the apex, and nothing below: for lookups the name does not exist (RFC 5155
    /// section 7.2.8).
    pub(super) const NSEC3_ONLY: u8 = 8;
    /// Some name server of this cut is in the zone, but not below the cut.
    pub(super) const SIBLING_SERVERS: u8 = 16;
    /// The node has a tail.
    pub(super) const TAIL: u8 = 32;
    /// There are nodes directly below, and the node counts them. The apex always does.
    pub(super) const CHILDREN: u8 = 64;
}

/// Octets in front of a node's owner.
pub(super) const NODE_HEADER: usize = 6;
/// Octets in front of an RRset's records.
pub(super) const RRSET_HEADER: usize = 14;
/// The target of glue that belongs to no name server of its own cut.
pub(super) const NO_TARGET: u16 = u16::MAX;

/// Octets of a node's tail.
pub(super) const TAIL_OCTETS: usize = 8;

/// Octets of a node's count of its children.
pub(super) const COUNT_OCTETS: usize = 4;

/// What denies a name and a wildcard below it, in a zone with NSEC3.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tail {
    /// The NSEC3 of the name, or the one whose span its hash is in.
    pub(super) own: Spot,
    /// The same for the name `*` directly below; without meaning for a zone cut.
    pub(super) wildcard: Spot,
}

impl Tail {
    pub(super) fn octets(self) -> [u8; TAIL_OCTETS] {
        let [own, wildcard] = [self.own, self.wildcard].map(|spot| spot.link << 1 | u32::from(spot.is_match));
        (u64::from(wildcard) << 32 | u64::from(own)).to_le_bytes()
    }

    pub(super) fn read(octets: &[u8]) -> Self {
        let spot = |at| {
            let spot = u32_of(octets, at);
            Spot { link: spot >> 1, is_match: spot & 1 != 0 }
        };
        Self { own: spot(0), wildcard: spot(4) }
    }
}

/// All that a zone holds for one name.
#[derive(Clone, Copy)]
pub struct Node<'z> {
    zone: &'z Zone,
    /// From the node's first octet on; other nodes follow.
    bytes: &'z [u8],
}

impl<'z> Node<'z> {
    pub(super) fn new(zone: &'z Zone, bytes: &'z [u8]) -> Self {
        Self { zone, bytes }
    }

    #[inline]
    pub(super) fn has(self, flag: u8) -> bool {
        self.bytes[0] & flag != 0
    }

    /// The owner's labels in front of the apex, in lower case; empty for the apex.
    #[inline]
    pub fn labels(self) -> &'z [u8] {
        &self.bytes[NODE_HEADER..NODE_HEADER + usize::from(self.bytes[1])]
    }

    /// How many labels the owner has in front of the apex.
    pub fn label_count(self) -> usize {
        label_count(self.labels())
    }

    /// The owner, spelled out.
    pub fn owner(self) -> NameBuf {
        self.zone.join(self.labels())
    }

    /// Whether its first label is an asterisk (RFC 4592 section 2.1.1).
    #[inline]
    pub fn is_wildcard(self) -> bool {
        self.labels().starts_with(b"\x01*")
    }

    /// The zone it belongs to.
    #[inline]
    pub fn zone(self) -> &'z Zone {
        self.zone
    }

    /// Tells nodes of the zones in one snapshot apart.
    #[inline]
    pub fn identity(self) -> usize {
        self.bytes.as_ptr().addr()
    }

    /// Whether this is a zone cut.
    #[inline]
    pub fn is_cut(self) -> bool {
        self.has(NodeFlags::CUT)
    }

    /// Whether some name server of this zone cut is in the zone but not below the cut.
    #[inline]
    pub fn has_sibling_servers(self) -> bool {
        self.has(NodeFlags::SIBLING_SERVERS)
    }

    /// The RRsets, by ascending type; signatures are with what they cover.
    #[inline]
    pub fn rrsets(self) -> impl Iterator<Item = Rrset<'z>> {
        let mut rest = &self.bytes[NODE_HEADER + usize::from(self.bytes[1])..];
        (0..u16_of(self.bytes, 2)).map(move |_| Rrset::split_from(self, &mut rest))
    }

    /// The RRset of one type.
    #[inline(always)]
    pub fn rrset(self, rtype: Rtype) -> Option<Rrset<'z>> {
        let (header, rest) = self.bytes.split_at(NODE_HEADER);
        let mut rest = &rest[usize::from(header[1])..];
        for _ in 0..u16_of(header, 2) {
            if u16_of(rest, 0) == rtype.0 {
                return Some(Rrset::at(self, rest));
            }
            rest = &rest[RRSET_HEADER + u32_of(rest, 10) as usize..];
        }
        None
    }

    /// The addresses below this zone cut.
    #[inline]
    pub fn glue(self) -> impl Iterator<Item = Glue<'z>> {
        let mut rest = &self.bytes[NODE_HEADER + usize::from(self.bytes[1])..];
        let glue = u16_of(self.bytes, 4);
        if glue != 0 {
            for _ in 0..u16_of(self.bytes, 2) {
                rest = &rest[RRSET_HEADER + u32_of(rest, 10) as usize..];
            }
        }
        (0..glue).map(move |_| {
            let target = Some(u16_of(rest, 0)).filter(|&target| target != NO_TARGET).map(usize::from);
            let (labels, after) = rest[3..].split_at(usize::from(rest[2]));
            rest = after;
            Glue { target, labels, rrset: Rrset::split_from(self, &mut rest) }
        })
    }
}

impl Node<'_> {
    /// What denies it, in a zone with NSEC3.
    pub(super) fn tail(self) -> Option<Tail> {
        self.has(NodeFlags::TAIL).then(|| Tail::read(&self.bytes[self.tail_start()..]))
    }

    /// Where its tail starts, from its first octet on.
    pub(super) fn tail_start(self) -> usize {
        Layout(self.bytes).tail_start()
    }

    /// How many nodes there are directly below it.
    pub(super) fn children(self) -> u32 {
        if self.has(NodeFlags::CHILDREN) { u32_of(self.bytes, Layout(self.bytes).count_start()) } else { 0 }
    }
}

/// Where the parts of a node are: of the one that these bytes begin with, whatever zone it belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout<'z>(pub(super) &'z [u8]);

impl<'z> Layout<'z> {
    pub(super) fn has(self, flag: u8) -> bool {
        self.0[0] & flag != 0
    }

    pub(super) fn labels(self) -> &'z [u8] {
        &self.0[NODE_HEADER..NODE_HEADER + usize::from(self.0[1])]
    }

    fn tail_start(self) -> usize {
        let mut at = NODE_HEADER + usize::from(self.0[1]);
        let behind_rrset = |at: usize| at + RRSET_HEADER + u32_of(self.0, at + 10) as usize;
        for _ in 0..u16_of(self.0, 2) {
            at = behind_rrset(at);
        }
        for _ in 0..u16_of(self.0, 4) {
            at = behind_rrset(at + 3 + usize::from(self.0[at + 2]));
        }
        at
    }

    /// Where the count of children starts.
    pub(super) fn count_start(self) -> usize {
        self.tail_start() + if self.has(NodeFlags::TAIL) { TAIL_OCTETS } else { 0 }
    }

    /// How many octets the node has, without those that align the next one.
    pub(super) fn octets(self) -> usize {
        self.count_start() + if self.has(NodeFlags::CHILDREN) { COUNT_OCTETS } else { 0 }
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Node({})", self.owner())
    }
}

/// Records of one name, type and TTL, and the signatures over them.
#[derive(Clone, Copy)]
pub struct Rrset<'z> {
    node: Node<'z>,
    /// The type.
    pub rtype: Rtype,
    /// The TTL of each record and signature, in seconds.
    pub ttl: u32,
    records: u16,
    signatures: u16,
    /// Octets of its rdata as they are stored.
    octets: u32,
    /// From its first rdata on; others follow.
    data: &'z [u8],
}

impl<'z> Rrset<'z> {
    #[inline]
    fn split_from(node: Node<'z>, rest: &mut &'z [u8]) -> Self {
        let rrset = Self::at(node, rest);
        *rest = &rrset.data[rrset.octets as usize..];
        rrset
    }

    /// The RRset whose header these octets begin with.
    #[inline(always)]
    fn at(node: Node<'z>, octets: &'z [u8]) -> Self {
        let (header, data) = octets.split_at(RRSET_HEADER);
        Self {
            node,
            rtype: Rtype(u16_of(header, 0)),
            ttl: u32_of(header, 2),
            records: u16_of(header, 6),
            signatures: u16_of(header, 8),
            octets: u32_of(header, 10),
            data,
        }
    }

    /// The node it belongs to; for glue, the zone cut.
    #[inline]
    pub fn node(self) -> Node<'z> {
        self.node
    }

    /// The rdata of its records, in stored form and in the order of the zone's source.
    #[inline]
    pub fn records(self) -> Rdatas<'z> {
        Rdatas { left: self.records, data: self.data }
    }

    /// The same, but beginning with the record behind `turn` others, counted in a circle.
    pub fn records_from(self, turn: usize) -> impl Iterator<Item = &'z [u8]> {
        let turn = turn % usize::from(self.records).max(1);
        self.records().skip(turn).chain(self.records().take(turn))
    }

    /// The rdata of the RRSIG records over it, in stored form.
    #[inline]
    pub fn signatures(self) -> Rdatas<'z> {
        let mut all = self.records();
        if self.signatures != 0 {
            all.by_ref().for_each(drop);
        }
        Rdatas { left: self.signatures, ..all }
    }

    /// The rdata of its records one behind the other, each with its length of two octets in network order in front; and how
    /// many octets that is. Others follow.
    #[inline]
    pub fn stored_records(self) -> (&'z [u8], usize) {
        let octets = match self.signatures {
            0 => self.octets as usize,
            _ => self.records().map(|rdata| 2 + rdata.len()).sum(),
        };
        (self.data, octets)
    }

    /// Octets of its rdata and signatures as they are stored, each with its length of two octets.
    #[inline]
    pub fn octets(self) -> usize {
        self.octets as usize
    }

    /// How many records there are, signatures not counted.
    #[inline]
    pub fn record_count(self) -> usize {
        usize::from(self.records)
    }

    /// How many signatures there are.
    #[inline]
    pub fn signature_count(self) -> usize {
        usize::from(self.signatures)
    }
}

impl std::fmt::Debug for Rrset<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (rdata, signatures): (Vec<_>, Vec<_>) = (self.records().collect(), self.signatures().collect());
        write!(f, "Rrset({:?} {} {} {rdata:?} {signatures:?})", self.node, self.ttl, self.rtype)
    }
}

/// The rdata of several records, in stored form.
#[derive(Debug, Clone)]
pub struct Rdatas<'z> {
    left: u16,
    data: &'z [u8],
}

impl<'z> Iterator for Rdatas<'z> {
    type Item = &'z [u8];

    #[inline]
    fn next(&mut self) -> Option<&'z [u8]> {
        self.left = self.left.checked_sub(1)?;
        let (length, behind) = self.data.split_first_chunk()?; // never none: a record has a length
        let (rdata, rest) = behind.split_at(usize::from(u16::from_be_bytes(*length)));
        self.data = rest;
        Some(rdata)
    }
}

/// Addresses below a zone cut.
#[derive(Debug, Clone, Copy)]
pub struct Glue<'z> {
    /// Which record of the cut's NS RRset names them; none where they serve other delegations only.
    pub target: Option<usize>,
    /// Their owner's labels in front of the cut's owner, in lower case; never empty.
    pub labels: &'z [u8],
    /// The addresses: A or AAAA.
    pub rrset: Rrset<'z>,
}

impl Zone {
    /// `labels` in front of the apex.
    pub(super) fn join(&self, labels: &[u8]) -> NameBuf {
        // Owners were names when they came in; only an image gone bad could make this fail.
        NameBuf::join(labels, self.apex()).unwrap_or_else(|_| Name::ROOT.to_buf())
    }

    /// `labels` in front of `node`'s owner, or of the apex, or as they are: the whole of a stored name.
    pub fn spell(&self, name: StoredName<'_>, node: Node<'_>) -> NameBuf {
        let owner;
        let tail = match name.tail {
            stored::Tail::Owner => {
                owner = node.owner();
                owner.as_name()
            }
            stored::Tail::Apex => self.apex(),
            stored::Tail::Absolute => return Name::from_wire(name.labels).unwrap_or(Name::ROOT).to_buf(),
        };
        NameBuf::join(name.labels, tail).unwrap_or_else(|_| Name::ROOT.to_buf())
    }
}

#[inline(always)]
pub(super) fn u16_of(bytes: &[u8], at: usize) -> u16 {
    // A chunk, and not octet by octet: each of these would be checked by itself.
    bytes[at..].first_chunk().map_or(0, |chunk| u16::from_le_bytes(*chunk))
}

#[inline(always)]
pub(super) fn u32_of(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk().map_or(0, |chunk| u32::from_le_bytes(*chunk))
}
