//! Who stands above whom: which names are occluded, and which exist only because others stand below them.
//!
//! Does not know what a name holds but for what occludes.

use std::collections::{HashMap, HashSet};

use super::runs::{BARRIER, PARENT, Part, Parts, RunView, Runs, Start, WILDCARD_BELOW, is_wildcard};
use crate::base::as_is::BuildAsIs;
use crate::base::spread::spread;
use crate::wire::{Rtype, SuffixHasher, nsec3_hash_of_label};

type Hashes = HashSet<u64, BuildAsIs>;

/// Ancestors remembered, so that each gets one empty run. Past this they are forgotten: several do no harm.
const SEEN_MAX: usize = 1 << 16;

/// Who stands above whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ancestry<'a> {
    pub(super) hasher: &'a SuffixHasher,
    pub(super) apex_hash: u64,
}

impl Ancestry<'_> {
    /// The hash of the name that has these labels in front of the apex.
    pub(super) fn hash(&self, labels: &[u8]) -> u64 {
        let Some((&length, rest)) = labels.split_first() else { return self.apex_hash };
        let (label, above) = rest.split_at(usize::from(length));
        self.hasher.child(self.hash(above), label)
    }

    /// Brings all runs to their home: those that are below a zone cut or a DNAME to the topmost of these. Adds empty runs for
    /// the ancestors of the others: they exist too (RFC 4592 section 2.2.2). `apex_occludes` says that the apex has a DNAME.
    ///
    /// Works on up to so many threads; what comes of it does not depend on how many they are.
    pub(super) fn settle(&self, mut runs: Runs, apex_occludes: bool, threads: usize) -> Parts {
        if apex_occludes {
            runs.settled.parts.iter_mut().zip(&mut runs.waiting.parts).for_each(|(settled, waiting)| {
                let all = std::mem::take(settled);
                let late = std::mem::take(waiting);
                for (_, run) in all.runs() {
                    let part = if run.depth == 0 || is_nsec3(run) { &mut *settled } else { &mut *waiting };
                    part.append(run, run.depth);
                }
                late.runs().for_each(|(_, run)| waiting.append(run, run.depth));
            });
        }
        let Runs { mut settled, waiting, .. } = runs;
        let count = settled.count();
        let each = count.div_ceil(threads.max(1));
        let mut families = settled.parts.iter().zip(waiting.parts);
        let mut groups = Vec::with_capacity(threads);
        loop {
            let group: Vec<_> = families.by_ref().take(each).collect();
            if group.is_empty() {
                break;
            }
            groups.push(group);
        }
        let moved = spread(threads, groups, |group| {
            let mut settling = Settling::new(*self, apex_occludes, count);
            group.into_iter().for_each(|(settled, waiting)| settling.families(settled, &waiting));
            settling.homes
        });
        moved.into_iter().for_each(|homes| settled.append(homes));
        settled
    }
}

/// Whether a run holds NSEC3, and signatures over them: a DNAME at the apex does not occlude these, for they are no names that
/// anybody asks for (RFC 6672 section 2.4, RFC 5155 section 7.2.8).
fn is_nsec3(run: RunView<'_>) -> bool {
    run.depth == 1
        && nsec3_hash_of_label(&run.labels[1..]).is_some()
        && run.records().all(|record| matches!(record.rtype, Rtype::NSEC3 | Rtype::RRSIG))
}

/// The state of settling runs, one part after the other.
struct Settling<'a> {
    ancestry: Ancestry<'a>,
    apex_occludes: bool,
    /// Where the runs go.
    homes: Parts,
    seen: Seen,
    /// From the apex to the run at hand; reused.
    path: Path,
}

impl<'a> Settling<'a> {
    fn new(ancestry: Ancestry<'a>, apex_occludes: bool, parts: usize) -> Self {
        let (homes, seen, path) = (Parts::of_count(parts), Seen::default(), Path::default());
        Self { ancestry, apex_occludes, homes, seen, path }
    }

    /// Settles the waiting runs of one part; `settled` are the runs of the same families whose home is known.
    fn families(&mut self, settled: &Part, waiting: &Part) {
        if waiting.is_empty() {
            return;
        }
        let barriers = Barriers::among([settled, waiting], &self.ancestry);
        self.seen = Seen::default();
        for (_, run) in waiting.runs() {
            self.path.lead_to(run, &self.ancestry);
            let barrier = match self.apex_occludes {
                true => Some(0),
                false => (1..run.depth).find(|&depth| barriers.hold(self.path.name(depth))),
            };
            let home = barrier.unwrap_or(run.depth);
            self.homes.settle(self.path.name(home).1, home, run);
            if barrier.is_none() {
                self.complete(run.depth);
            }
        }
    }

    /// Adds empty runs for the ancestors of the run at hand, which has `depth` labels.
    fn complete(&mut self, depth: usize) {
        for above in (0..depth).rev() {
            let (labels, hash) = self.path.name(above);
            // A wildcard may itself be an empty non-terminal.
            let below_is_wildcard = is_wildcard(self.path.name(above + 1).0);
            let is_new = above != 0 && self.seen.names.insert(hash);
            if (below_is_wildcard && self.seen.above_wildcards.insert(hash)) || is_new {
                let flags = PARENT | if below_is_wildcard { WILDCARD_BELOW } else { 0 };
                self.homes.start(hash, &Start { flags, depth: above, home_depth: above, labels });
            }
            if !is_new {
                break; // with this one all above it were seen
            }
        }
        self.seen.forget_if_many();
    }
}

/// The ancestors that have runs.
#[derive(Default)]
struct Seen {
    names: Hashes,
    above_wildcards: Hashes,
}

impl Seen {
    fn forget_if_many(&mut self) {
        if self.names.len() > SEEN_MAX {
            *self = Self::default();
        }
    }
}

/// The names of some families that may occlude others. Those that are themselves occluded may be among them: what is below
/// them is also below the name that occludes them, which is found first.
#[derive(Default)]
struct Barriers<'r> {
    labels: HashMap<u64, &'r [u8], BuildAsIs>,
    /// Those that have the hash of another one.
    collided: Vec<(u64, &'r [u8])>,
}

impl<'r> Barriers<'r> {
    fn among(parts: [&'r Part; 2], ancestry: &Ancestry<'_>) -> Self {
        let mut barriers = Self::default();
        let runs = parts.into_iter().flat_map(Part::runs).map(|(_, run)| run);
        for run in runs.filter(|run| run.flags & BARRIER != 0) {
            let hash = ancestry.hash(run.labels);
            let first = *barriers.labels.entry(key(hash)).or_insert(run.labels);
            if first != run.labels {
                barriers.collided.push((hash, run.labels));
            }
        }
        barriers
    }

    /// Whether the name with these labels and this hash is among them.
    fn hold(&self, (labels, hash): (&[u8], u64)) -> bool {
        self.labels.get(&key(hash)).is_some_and(|&first| first == labels || self.collided.contains(&(hash, labels)))
    }
}

/// A hash whose upper bits differ between names of one part too: a map takes them to tell its keys apart.
fn key(hash: u64) -> u64 {
    hash.rotate_left(32)
}

/// The names from the apex down to one name.
#[derive(Default)]
struct Path {
    labels: Vec<u8>,
    /// Where each name starts in the labels and its hash, the longest name first and the apex last.
    names: Vec<(usize, u64)>,
}

impl Path {
    fn lead_to(&mut self, run: RunView<'_>, ancestry: &Ancestry<'_>) {
        self.labels.clear();
        self.labels.extend_from_slice(run.labels);
        self.names.clear();
        let mut start = 0;
        while let Some(&length) = self.labels.get(start) {
            self.names.push((start, 0));
            start += 1 + usize::from(length);
        }
        let (mut end, mut hash) = (start, ancestry.apex_hash);
        for name in self.names.iter_mut().rev() {
            hash = ancestry.hasher.child(hash, &self.labels[name.0 + 1..end]);
            (end, name.1) = (name.0, hash);
        }
        self.names.push((start, ancestry.apex_hash));
    }

    /// The labels and the hash of the name with so many labels in front of the apex.
    fn name(&self, depth: usize) -> (&[u8], u64) {
        let (start, hash) = self.names[self.names.len() - 1 - depth];
        (&self.labels[start..], hash)
    }
}
