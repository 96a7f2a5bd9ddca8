//! Compiles the runs of a zone into nodes and blocks: all that can be settled before the first query is settled here.
//!
//! Does not know lookups; what no zone may hold is judged by `check`.

use super::ancestry::Ancestry;
use super::block::{BLOCK_OCTETS, Block, BlockBuilder};
use super::builder::Builder;
use super::check::Census;
use super::depths::Depths;
use super::finding::{Findings, Level, Owner, Problem};
use super::node::{NO_TARGET, NODE_HEADER, Node, NodeFlags, RRSET_HEADER};
use super::runs::{RunRecord, Runs, WILDCARD_BELOW};
use super::stored::{StoredName, Tail};
use super::unique::Unique;
use crate::base::limits::RRSET_OCTETS_MAX;
use crate::wire::{Name, Rtype, SuffixHasher};

/// A zone, compiled.
///
/// Having a `Zone` tells you: one SOA and at least one NS at the apex, no CNAME beside other data, every RRset fits a
/// message, and every ancestor of a name (below the apex, not below a cut) is a node.
#[derive(Debug)]
pub struct Zone {
    apex: Box<[u8]>,
    pub(super) apex_labels: usize,
    pub(super) apex_hash: u64,
    /// What its names were hashed with; a whole hasher would be six times as large.
    seed: u64,
    /// How many bits of a hash choose the block.
    block_bits: u32,
    pub(super) blocks: Box<[Block]>,
    /// How many labels nodes have in front of the apex.
    pub(super) depths: Depths,
    /// Occluded records that are no addresses, as runs: only whoever reads the whole zone sees them.
    pub(super) occluded: Runs,
    serial: u32,
    negative_ttl: u32,
    records: u64,
}

impl Zone {
    /// The apex, in lower case.
    pub fn apex(&self) -> Name<'_> {
        // Made from a name by `seal`.
        Name::from_wire(&self.apex).unwrap_or(Name::ROOT)
    }

    /// The apex in wire form, in lower case.
    #[inline]
    pub fn apex_wire(&self) -> &[u8] {
        &self.apex
    }

    /// How many labels the apex has.
    #[inline]
    pub fn apex_labels(&self) -> usize {
        self.apex_labels
    }

    /// The hash of the apex.
    #[inline]
    pub fn apex_hash(&self) -> u64 {
        self.apex_hash
    }

    /// What hashes names as this zone does.
    pub(super) fn hasher(&self) -> SuffixHasher {
        SuffixHasher::new(self.seed)
    }

    /// The serial of its SOA.
    pub fn serial(&self) -> u32 {
        self.serial
    }

    /// The TTL of negative answers in seconds: the lower of the SOA's TTL and its MINIMUM (RFC 2308 section 5).
    #[inline]
    pub fn negative_ttl(&self) -> u32 {
        self.negative_ttl
    }

    /// How many records it was made of; duplicates counted.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Octets of memory it takes.
    pub fn octets(&self) -> usize {
        size_of::<Self>()
            + self.apex.len()
            + self.blocks.iter().map(Block::octets).sum::<usize>()
            + self.occluded.octets()
    }

    /// The block that holds the names of this hash.
    #[inline]
    pub(super) fn block(&self, hash: u64) -> &Block {
        // Two shifts: with no bits at all the second one is by 63, and the first one makes it enough.
        &self.blocks[(hash >> 1 >> (63 - self.block_bits)) as usize]
    }

    /// The node of the apex.
    #[inline]
    pub fn apex_node(&self) -> Node<'_> {
        let found = self.block(self.apex_hash).find(self.apex_hash, &[]);
        Node::new(self, found.unwrap_or(&[0; NODE_HEADER])) // sealing refuses a zone without SOA, so it is there
    }
}

pub(super) fn seal(builder: Builder) -> Result<(Zone, Findings), Findings> {
    let Builder { apex, hasher, apex_labels, mut runs, barriers, records, .. } = builder;
    let apex_hash = hasher.name(apex.as_name());
    let ancestry = Ancestry { hasher: &hasher, apex_hash };
    ancestry.occlude(&mut runs, &barriers);
    drop(barriers);
    ancestry.complete(&mut runs);
    let mut index = std::mem::take(&mut runs.index);
    index.sort_unstable();

    let block_bits = (runs.octets() / BLOCK_OCTETS).next_power_of_two().trailing_zeros();
    let mut sealing = Sealing {
        runs: &runs,
        apex: apex.as_name(),
        depths: Depths::default(),
        occluded: Runs::default(),
        findings: Findings::default(),
        block: BlockBuilder::default(),
        soa: None,
        own: Vec::new(),
        below: Vec::new(),
    };
    let mut blocks = Vec::with_capacity(1 << block_bits);
    let mut start = 0;
    for number in 0..1u64 << block_bits {
        while let Some(first) = index.get(start).copied().filter(|run| run.hash >> 1 >> (63 - block_bits) == number) {
            let end = start + index[start..].iter().take_while(|run| run.hash == first.hash).count();
            // In the order of hashes, runs lie anywhere in memory: each would be waited for.
            index.iter().skip(end + RUNS_AHEAD).take(end - start).for_each(|run| runs.prefetch(run.at));
            sealing.names(&mut index[start..end]);
            start = end;
        }
        blocks.push(sealing.block.finish());
    }
    let Sealing { depths, occluded, mut findings, soa, .. } = sealing;
    if soa.is_none() {
        findings.add(Owner { labels: &[], apex: apex.as_name() }, Problem::NoSoa);
    }
    let (Some(soa), 0) = (soa, findings.count(Level::Error)) else { return Err(findings) };
    let zone = Zone {
        apex: apex.as_name().wire().into(),
        apex_labels,
        apex_hash,
        seed: hasher.root(),
        block_bits,
        blocks: blocks.into(),
        depths,
        occluded,
        serial: soa.serial,
        negative_ttl: soa.ttl.min(soa.minimum),
        records,
    };
    Ok((zone, findings))
}

/// Runs fetched from memory before they are needed.
const RUNS_AHEAD: usize = 16;

/// What the SOA says to everyone.
struct Soa {
    ttl: u32,
    serial: u32,
    minimum: u32,
}

impl Soa {
    fn read(ttl: u32, rdata: &[u8]) -> Option<Self> {
        let (_, rest) = StoredName::split_from(rdata);
        let (_, rest) = StoredName::split_from(rest);
        let numbers: &[u8; 20] = rest.first_chunk()?;
        let number = |at: usize| u32::from_be_bytes([numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]]);
        Some(Self { ttl, serial: number(0), minimum: number(16) })
    }
}

/// The state of sealing one zone.
struct Sealing<'a> {
    runs: &'a Runs,
    apex: Name<'a>,
    depths: Depths,
    occluded: Runs,
    findings: Findings,
    block: BlockBuilder,
    soa: Option<Soa>,
    /// Records of the name at hand; reused.
    own: Vec<RunRecord<'a>>,
    /// Occluded records below the name at hand, with their owner's labels; reused.
    below: Vec<(&'a [u8], RunRecord<'a>)>,
}

impl<'a> Sealing<'a> {
    /// Makes the nodes of all names with one hash: one name, unless hashes collide.
    fn names(&mut self, same_hash: &mut [super::runs::Run]) {
        let runs = self.runs;
        let mut rest = same_hash;
        while let Some(first) = rest.first().copied() {
            let home = runs.view(first.at).home();
            let is_other = |run: &super::runs::Run| runs.view(run.at).home() != home;
            if rest[1..].iter().any(is_other) {
                // In the order of the source, those of this name in front.
                rest.sort_unstable_by_key(|run| (is_other(run), run.at));
            }
            let end = 1 + rest[1..].iter().take_while(|run| !is_other(run)).count();
            let (these, others) = rest.split_at_mut(end);
            self.name(first.hash, home, these);
            rest = others;
        }
    }

    fn name(&mut self, hash: u64, labels: &'a [u8], group: &[super::runs::Run]) {
        let (mut own, mut below) = (std::mem::take(&mut self.own), std::mem::take(&mut self.below));
        let (mut flags, mut depth) = (0, 0);
        for run in group {
            let view = self.runs.view(run.at);
            depth = view.home_depth;
            if view.is_occluded() {
                below.extend(view.records().map(|record| (view.labels, record)));
            } else {
                flags |= if view.flags & WILDCARD_BELOW != 0 { NodeFlags::WILDCARD_BELOW } else { 0 };
                own.extend(view.records());
            }
        }
        self.depths.add(depth);
        let owner = Owner { labels, apex: self.apex };
        // A stable sort: records of one type stay in the order of the source, RRSIGs behind all others, by what they cover.
        own.sort_by_key(|record| match record.rtype {
            Rtype::RRSIG => (true, covered(record)),
            rtype => (false, Some(rtype)),
        });
        let census = Census::of(&own);
        census.check(owner, &own, &mut self.findings);
        let start = self.block.nodes.len();
        self.block.nodes.extend_from_slice(&[0; NODE_HEADER]);
        self.block.nodes.extend_from_slice(labels);
        let rrsets = self.rrsets(owner, &own, own.len() - census.signatures as usize);
        if !labels.is_empty() && census.servers > 0 {
            flags |= NodeFlags::CUT;
            flags |= if has_sibling_servers(&own) { NodeFlags::SIBLING_SERVERS } else { 0 };
        }
        flags |= if census.dnames > 0 { NodeFlags::DNAME } else { 0 };
        flags |= if census.is_nsec3_only() { NodeFlags::NSEC3_ONLY } else { 0 };
        let glue = if below.is_empty() { 0 } else { self.glue(owner, &own, &mut below) };
        let header = &mut self.block.nodes[start..start + NODE_HEADER];
        (header[0], header[1]) = (flags, labels.len() as u8);
        header[2..4].copy_from_slice(&rrsets.to_le_bytes());
        header[4..6].copy_from_slice(&glue.to_le_bytes());
        if self.block.enter(hash, start).is_err() {
            self.findings.add(owner, Problem::NameTooLarge);
        }
        if labels.is_empty() {
            let soa = own.iter().find(|record| record.rtype == Rtype::SOA);
            self.soa = soa.and_then(|record| Soa::read(record.ttl, record.rdata));
        }
        own.clear();
        below.clear();
        (self.own, self.below) = (own, below);
    }

    /// Appends the RRsets of `records`, which are sorted by type with RRSIGs last, from `split` on, by the type that they
    /// cover; and returns how many they are.
    fn rrsets(&mut self, owner: Owner<'_>, records: &[RunRecord<'_>], split: usize) -> u16 {
        let (plain, signatures) = records.split_at(split);
        let mut count = 0;
        for rrset in plain.chunk_by(|a, b| a.rtype == b.rtype) {
            let over = Some(rrset[0].rtype);
            let start = signatures.partition_point(|record| covered(record) < over);
            let end = signatures.partition_point(|record| covered(record) <= over);
            self.rrset(owner, rrset.iter(), signatures[start..end].iter());
            count += 1;
        }
        let is_there = |rtype: Option<Rtype>| plain.binary_search_by(|record| Some(record.rtype).cmp(&rtype)).is_ok();
        let orphan = |record: &&RunRecord<'_>| !is_there(covered(record));
        if let Some(first) = signatures.iter().find(orphan) {
            self.findings.add(owner, Problem::OrphanSignature(covered(first).unwrap_or(Rtype::RRSIG)));
            self.rrset(owner, signatures.iter().filter(orphan), [].iter());
            count += 1;
        }
        count
    }

    /// Appends one RRset.
    fn rrset<'r>(
        &mut self,
        owner: Owner<'_>,
        records: impl Iterator<Item = &'r RunRecord<'r>> + Clone,
        signatures: impl Iterator<Item = &'r RunRecord<'r>> + Clone,
    ) {
        let Some(RunRecord { rtype, ttl: first, .. }) = records.clone().next().copied() else { return };
        let ttl = records.clone().fold(first, |ttl, record| ttl.min(record.ttl));
        if records.clone().any(|record| record.ttl != first) {
            self.findings.add(owner, Problem::UnequalTtls(rtype));
        }
        if signatures.clone().any(|signature| signature.ttl != ttl) {
            self.findings.add(owner, Problem::SignatureTtl(rtype));
        }
        let start = self.block.nodes.len();
        self.block.nodes.extend_from_slice(&[0; RRSET_HEADER]);
        let counts = [self.rdatas(owner, rtype, records), self.rdatas(owner, Rtype::RRSIG, signatures)];
        let octets = self.block.nodes.len() - start - RRSET_HEADER;
        if octets > RRSET_OCTETS_MAX {
            self.findings.add(owner, Problem::RrsetTooLarge(rtype));
        }
        let header = &mut self.block.nodes[start..start + RRSET_HEADER];
        header[..2].copy_from_slice(&rtype.0.to_le_bytes());
        header[2..6].copy_from_slice(&ttl.to_le_bytes());
        header[6..8].copy_from_slice(&(counts[0] as u16).to_le_bytes());
        header[8..10].copy_from_slice(&(counts[1] as u16).to_le_bytes());
        header[10..14].copy_from_slice(&(octets as u32).to_le_bytes());
    }

    /// Appends rdatas, each once, and returns how many they are.
    fn rdatas<'r>(
        &mut self,
        owner: Owner<'_>,
        rtype: Rtype,
        records: impl Iterator<Item = &'r RunRecord<'r>> + Clone,
    ) -> usize {
        let mut unique = Unique::new(rtype);
        let mut is_repeated = false;
        for record in records {
            if !unique.is_new(record.rdata) {
                is_repeated = true;
                continue;
            }
            self.block.nodes.extend_from_slice(&(record.rdata.len() as u16).to_le_bytes());
            self.block.nodes.extend_from_slice(record.rdata);
        }
        if is_repeated {
            self.findings.add(owner, Problem::Duplicate(rtype));
        }
        unique.count
    }

    /// Appends the addresses below a cut, puts all else that is below it aside, and returns how many glue RRsets there
    /// are.
    fn glue(&mut self, cut: Owner<'_>, own: &[RunRecord<'_>], below: &mut [(&'a [u8], RunRecord<'a>)]) -> u16 {
        below.sort_by_key(|(labels, record)| (*labels, record.rtype));
        let mut unique = Unique::new(Rtype::NS);
        let ns = own.iter().filter(|record| record.rtype == Rtype::NS && unique.is_new(record.rdata));
        let servers: Vec<StoredName<'_>> = ns.map(|record| StoredName::split_from(record.rdata).0).collect();
        let mut count = 0u16;
        for rrset in below.chunk_by(|a, b| a.0 == b.0 && a.1.rtype == b.1.rtype) {
            let (labels, rtype) = (rrset[0].0, rrset[0].1.rtype);
            let relative = &labels[..labels.len() - cut.labels.len()];
            // Below a DNAME without NS nobody needs addresses (RFC 6672 section 2.4).
            if !matches!(rtype, Rtype::A | Rtype::AAAA) || servers.is_empty() || count == u16::MAX {
                self.set_aside(cut, labels, rrset);
                continue;
            }
            let names_it =
                |server: &StoredName<'_>| server.tail == Tail::Owner && server.labels.eq_ignore_ascii_case(relative);
            let target = servers.iter().position(names_it).and_then(|target| u16::try_from(target).ok());
            self.block.nodes.extend_from_slice(&target.unwrap_or(NO_TARGET).to_le_bytes());
            self.block.nodes.push(relative.len() as u8);
            self.block.nodes.extend_from_slice(relative);
            self.rrset(Owner { labels, ..cut }, rrset.iter().map(|(_, record)| record), [].iter());
            count += 1;
        }
        count
    }

    fn set_aside(&mut self, cut: Owner<'_>, labels: &[u8], rrset: &[(&[u8], RunRecord<'_>)]) {
        self.findings.add(Owner { labels, ..cut }, Problem::Occluded(rrset[0].1.rtype));
        self.occluded.start(0, labels, 0, 0);
        for (_, record) in rrset {
            let keep = |out: &mut Vec<u8>| {
                out.extend_from_slice(record.rdata);
                Ok::<(), std::convert::Infallible>(())
            };
            let _ = self.occluded.push(record.rtype, record.ttl, keep);
        }
    }
}

/// Whether one of these NS records names a server that is in the zone but not below the owner.
fn has_sibling_servers(own: &[RunRecord<'_>]) -> bool {
    let mut targets = own.iter().filter(|record| record.rtype == Rtype::NS);
    targets.any(|record| StoredName::split_from(record.rdata).0.tail == Tail::Apex)
}

/// The type that an RRSIG covers (RFC 4034 section 3.1.1).
fn covered(record: &RunRecord<'_>) -> Option<Rtype> {
    record.rdata.first_chunk::<2>().map(|octets| Rtype(u16::from_be_bytes(*octets)))
}
