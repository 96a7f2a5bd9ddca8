//! Compiles runs of records into nodes and blocks: all that can be settled before the first query is settled here.
//!
//! Does not know lookups; what no zone may hold is judged by `check`.

use super::ancestry::Ancestry;
use super::block::{Block, BlockBuilder};
use super::check::Census;
use super::children::Children;
use super::depths::Population;
use super::finding::{Findings, Owner, Problem};
use super::node::{COUNT_OCTETS, NO_TARGET, NODE_HEADER, NodeFlags, RRSET_HEADER, TAIL_OCTETS};
use super::runs::{PARENT, Part, Place, RunRecord, Start, WILDCARD_BELOW, label_count, skip_labels};
use super::stored::{StoredName, Tail};
use super::unique::Unique;
use crate::base::limits::RRSET_OCTETS_MAX;
use crate::wire::{Name, Rtype};

/// What a part of a zone's runs became.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    pub(super) blocks: Vec<Block>,
    pub(super) population: Population,
    pub(super) children: Children,
    /// Records that are held: each of several that are the same once.
    pub(super) records: u64,
    /// Occluded records that are no addresses.
    pub(super) occluded: Part,
    pub(super) findings: Findings,
    /// What the SOA says, if the apex is in this part and has one.
    pub(super) soa: Option<Soa>,
}

impl Compiled {
    /// Puts what the next part became behind this.
    pub(super) fn append(&mut self, next: Self) {
        self.blocks.extend(next.blocks);
        self.population.add_all(&next.population);
        self.children.append(next.children);
        self.records += next.records;
        next.occluded.runs().for_each(|(_, run)| self.occluded.append(run, run.home_depth));
        self.findings.append(next.findings);
        self.soa = self.soa.take().or(next.soa);
    }
}

/// What is the same for all parts of a zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan<'a> {
    pub(super) ancestry: Ancestry<'a>,
    pub(super) apex: Name<'a>,
    /// How many bits of a hash choose the block.
    pub(super) block_bits: u32,
    /// Whether nodes have room for what denies them, to be filled in when all are there.
    pub(super) has_tails: bool,
}

/// Compiles the runs of one part, which become `blocks` of the zone's blocks, given by ascending number.
pub(super) fn compile(part: &Part, plan: Plan<'_>, blocks: impl Iterator<Item = u64>) -> Compiled {
    let Plan { ancestry, apex, block_bits, has_tails } = plan;
    let mut index: Vec<Homed> =
        part.runs().map(|(place, run)| Homed { hash: ancestry.hash(run.home()), place }).collect();
    index.sort_unstable();
    let mut compiling = Compiling {
        part,
        ancestry,
        apex,
        has_tails,
        done: Compiled { blocks: Vec::with_capacity(blocks.size_hint().0), ..Compiled::default() },
        block: BlockBuilder::default(),
        own: Vec::new(),
        below: Vec::new(),
    };
    let mut rest = index.as_mut_slice();
    for number in blocks {
        while let Some(first) = rest.first().filter(|run| block_of(run.hash, block_bits) == number) {
            let hash = first.hash;
            let same_hash = rest.iter().take_while(|run| run.hash == hash).count();
            // In the order of hashes, runs lie anywhere in their part: each would be waited for.
            rest.iter().skip(same_hash + RUNS_AHEAD).take(same_hash).for_each(|run| part.prefetch(run.place));
            compiling.names(rest.split_off_mut(..same_hash).unwrap_or_default());
        }
        compiling.done.blocks.push(compiling.block.finish());
    }
    compiling.done
}

/// The number of the block that holds the names of this hash, if so many bits of a hash choose it.
#[inline]
pub(super) fn block_of(hash: u64, block_bits: u32) -> u64 {
    // Two shifts: with no bits at all the second one is by 63, and the first one makes it enough.
    hash >> 1 >> (63 - block_bits)
}

/// Runs fetched from memory before they are needed.
const RUNS_AHEAD: usize = 8;

/// A run, and the hash of its home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Homed {
    hash: u64,
    place: Place,
}

/// The state of compiling one part.
struct Compiling<'a> {
    part: &'a Part,
    ancestry: Ancestry<'a>,
    apex: Name<'a>,
    has_tails: bool,
    done: Compiled,
    block: BlockBuilder,
    /// Records of the name at hand; reused.
    own: Vec<RunRecord<'a>>,
    /// Occluded records below the name at hand, with their owner's labels; reused.
    below: Vec<(&'a [u8], RunRecord<'a>)>,
}

impl<'a> Compiling<'a> {
    /// Makes the nodes of all names with one hash: one name, unless hashes collide.
    fn names(&mut self, same_hash: &mut [Homed]) {
        let part = self.part;
        let mut rest = same_hash;
        while let Some(first) = rest.first().copied() {
            let home = part.view(first.place).home();
            let is_other = |run: &Homed| part.view(run.place).home() != home;
            if rest[1..].iter().any(is_other) {
                // In the order of the source, those of this name in front.
                rest.sort_unstable_by_key(|run| (is_other(run), run.place));
            }
            let end = 1 + rest[1..].iter().take_while(|run| !is_other(run)).count();
            let (these, others) = rest.split_at_mut(end);
            self.name(first.hash, home, these);
            rest = others;
        }
    }

    fn name(&mut self, hash: u64, labels: &'a [u8], group: &[Homed]) {
        let (mut own, mut below) = (std::mem::take(&mut self.own), std::mem::take(&mut self.below));
        let (mut flags, mut depth) = (0, 0);
        for run in group {
            let view = self.part.view(run.place);
            depth = view.home_depth;
            if view.is_occluded() {
                below.extend(view.records().map(|record| (view.labels, record)));
            } else {
                flags |= if view.flags & WILDCARD_BELOW != 0 { NodeFlags::WILDCARD_BELOW } else { 0 };
                flags |= if view.flags & PARENT != 0 { NodeFlags::CHILDREN } else { 0 };
                own.extend(view.records());
            }
        }
        match depth {
            0 => flags |= NodeFlags::CHILDREN,
            1 => self.done.children.of_apex += 1,
            _ => self.done.children.of_others.push(self.ancestry.hash(skip_labels(labels, 1))),
        }
        let owner = Owner { labels, apex: self.apex };
        // A stable sort: records of one type stay in the order of the source, RRSIGs behind all others, by what they cover.
        own.sort_by_key(|record| match record.rtype {
            Rtype::RRSIG => (true, covered(record)),
            rtype => (false, Some(rtype)),
        });
        let census = Census::of(&own);
        census.check(owner, &own, &mut self.done.findings);
        let start = self.block.nodes.len();
        self.block.nodes.extend_from_slice(&[0; NODE_HEADER]);
        self.block.nodes.extend_from_slice(labels);
        let rrsets = self.rrsets(owner, &own, own.len() - census.signatures as usize);
        if !labels.is_empty() && census.servers > 0 {
            flags |= NodeFlags::CUT;
            flags |= if has_sibling_servers(&own) { NodeFlags::SIBLING_SERVERS } else { 0 };
        }
        flags |= if census.dnames > 0 { NodeFlags::DNAME } else { 0 };
        let is_hash = depth == 1 && flags & NodeFlags::CHILDREN == 0 && census.is_nsec3_only();
        flags |= if is_hash { NodeFlags::NSEC3_ONLY } else { 0 };
        self.done.population.add(depth, rrsets > 0 && !is_hash);
        let glue = if below.is_empty() { 0 } else { self.glue(owner, &own, &mut below) };
        if self.has_tails && flags & NodeFlags::NSEC3_ONLY == 0 {
            flags |= NodeFlags::TAIL;
            self.block.nodes.extend_from_slice(&[0; TAIL_OCTETS]);
        }
        if flags & NodeFlags::CHILDREN != 0 {
            // Counted when all nodes are there.
            self.block.nodes.extend_from_slice(&[0; COUNT_OCTETS]);
        }
        let header = &mut self.block.nodes[start..start + NODE_HEADER];
        (header[0], header[1]) = (flags, labels.len() as u8);
        header[2..4].copy_from_slice(&rrsets.to_le_bytes());
        header[4..6].copy_from_slice(&glue.to_le_bytes());
        if self.block.enter(hash, start).is_err() {
            self.done.findings.add(owner, Problem::NameTooLarge);
        }
        if labels.is_empty() {
            let soa = own.iter().find(|record| record.rtype == Rtype::SOA);
            self.done.soa = soa.and_then(|record| Soa::read(record.ttl, record.rdata));
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
            self.done.findings.add(owner, Problem::OrphanSignature(covered(first).unwrap_or(Rtype::RRSIG)));
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
            self.done.findings.add(owner, Problem::UnequalTtls(rtype));
        }
        if signatures.clone().any(|signature| signature.ttl != ttl) {
            self.done.findings.add(owner, Problem::SignatureTtl(rtype));
        }
        let start = self.block.nodes.len();
        self.block.nodes.extend_from_slice(&[0; RRSET_HEADER]);
        let counts = [self.rdatas(owner, rtype, records), self.rdatas(owner, Rtype::RRSIG, signatures)];
        let octets = self.block.nodes.len() - start - RRSET_HEADER;
        if answer_octets(owner, rtype, octets, counts) > RRSET_OCTETS_MAX {
            self.done.findings.add(owner, Problem::RrsetTooLarge(rtype));
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
            self.block.nodes.extend_from_slice(&(record.rdata.len() as u16).to_be_bytes());
            self.block.nodes.extend_from_slice(record.rdata);
        }
        if is_repeated {
            self.done.findings.add(owner, Problem::Duplicate(rtype));
        }
        self.done.records += unique.count as u64;
        unique.count
    }

    /// Appends the addresses below a cut, puts all else that is below it aside, and returns how many glue RRsets there
    /// are.
    fn glue(&mut self, cut: Owner<'_>, own: &[RunRecord<'_>], below: &mut [(&'a [u8], RunRecord<'a>)]) -> u16 {
        below.sort_by_key(|(labels, record)| (*labels, record.rtype));
        let mut unique = Unique::new(Rtype::NS);
        let ns = own.iter().filter(|record| record.rtype == Rtype::NS && unique.is_new(record.rdata));
        let servers = Servers::of(ns.map(|record| StoredName::split_from(record.rdata).0));
        let mut count = 0u16;
        for rrset in below.chunk_by_mut(|a, b| a.0 == b.0 && a.1.rtype == b.1.rtype) {
            let (labels, rtype) = (rrset[0].0, rrset[0].1.rtype);
            let relative = &labels[..labels.len() - cut.labels.len()];
            // Below a DNAME without NS nobody needs addresses (RFC 6672 section 2.4).
            if !matches!(rtype, Rtype::A | Rtype::AAAA) || servers.is_empty() || count == u16::MAX {
                self.set_aside(cut, labels, rrset);
                continue;
            }
            self.block.nodes.extend_from_slice(&servers.find(relative).unwrap_or(NO_TARGET).to_le_bytes());
            self.block.nodes.push(relative.len() as u8);
            self.block.nodes.extend_from_slice(relative);
            self.rrset(Owner { labels, ..cut }, rrset.iter().map(|(_, record)| record), [].iter());
            count += 1;
        }
        count
    }

    /// Keeps occluded records of one name and type, each once: of the same with several TTLs the one with the lowest.
    fn set_aside(&mut self, cut: Owner<'_>, labels: &[u8], rrset: &mut [(&[u8], RunRecord<'_>)]) {
        let rtype = rrset[0].1.rtype;
        self.done.findings.add(Owner { labels, ..cut }, Problem::Occluded(rtype));
        let (depth, home_depth) = (label_count(labels), label_count(cut.labels));
        self.done.occluded.start(&Start { flags: 0, depth, home_depth, labels });
        rrset.sort_by_key(|(_, record)| record.ttl);
        let mut unique = Unique::new(rtype);
        for (_, record) in rrset.iter().filter(|(_, record)| unique.is_new(record.rdata)) {
            let keep = |out: &mut Vec<u8>| {
                out.extend_from_slice(record.rdata);
                Ok::<(), std::convert::Infallible>(())
            };
            let _ = self.done.occluded.push(record.rtype, record.ttl, record.rdata.len(), keep);
        }
        self.done.records += unique.count as u64;
    }
}

/// The name servers of a cut that are below it.
struct Servers<'r> {
    count: usize,
    /// By the labels in front of the cut, whatever their case, and by number among all servers.
    below: Vec<(&'r [u8], usize)>,
}

impl<'r> Servers<'r> {
    fn of(all: impl Iterator<Item = StoredName<'r>>) -> Self {
        let mut servers = Self { count: 0, below: Vec::new() };
        for server in all {
            if server.tail == Tail::Owner {
                servers.below.push((server.labels, servers.count));
            }
            servers.count += 1;
        }
        // There may be thousands, each with glue.
        servers.below.sort_by(|a, b| ignoring_case(a.0).cmp(ignoring_case(b.0)));
        servers
    }

    fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The number of the first server that has this name.
    fn find(&self, labels: &[u8]) -> Option<u16> {
        let first = self.below.partition_point(|server| ignoring_case(server.0).lt(ignoring_case(labels)));
        let found = self.below.get(first).filter(|server| server.0.eq_ignore_ascii_case(labels));
        found.and_then(|server| u16::try_from(server.1).ok())
    }
}

fn ignoring_case(labels: &[u8]) -> impl Iterator<Item = u8> {
    labels.iter().map(u8::to_ascii_lowercase)
}

/// What the SOA says to everyone.
#[derive(Debug)]
pub(super) struct Soa {
    ttl: u32,
    pub(super) serial: u32,
    minimum: u32,
}

impl Soa {
    /// The TTL of negative answers in seconds (RFC 2308 section 5).
    pub(super) fn negative_ttl(&self) -> u32 {
        self.ttl.min(self.minimum)
    }

    fn read(ttl: u32, rdata: &[u8]) -> Option<Self> {
        let (_, rest) = StoredName::split_from(rdata);
        let (_, rest) = StoredName::split_from(rest);
        let numbers: &[u8; 20] = rest.first_chunk()?;
        let number = |at: usize| u32::from_be_bytes([numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]]);
        Some(Self { ttl, serial: number(0), minimum: number(16) })
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

/// Octets of the records and signatures of an RRset in a message, and of its owner's name: `octets` are those that it is stored
/// in.
fn answer_octets(owner: Owner<'_>, rtype: Rtype, octets: usize, [records, signatures]: [usize; 2]) -> usize {
    let apex = owner.apex.wire().len();
    // Stored are two octets of length for each rdata, and one octet for the end of each name; written are a pointer to the
    // owner and ten octets more, and a pointer or the apex for that end.
    let layout = rtype.name_layout();
    let end_of_name = if layout.compressible { 2 } else { apex };
    let names = records * usize::from(layout.names) * (end_of_name - 1) + signatures * (apex - 1);
    owner.labels.len() + apex + octets + 10 * (records + signatures) + names
}
