//! Who stands above whom: which names are occluded, and which exist only because others stand below them.
//!
//! Does not know what a name holds but for what occludes.

use std::collections::HashSet;

use super::runs::{BARRIER, Part, Place, RunView, Runs, Start, WILDCARD_BELOW, is_wildcard};
use crate::base::as_is::BuildAsIs;
use crate::wire::SuffixHasher;

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

    /// Moves the runs that are below a zone cut or a DNAME to the topmost of these, and adds empty runs for the ancestors
    /// of the others: they exist too (RFC 4592 section 2.2.2). `apex_occludes` says that the apex has a DNAME.
    pub(super) fn settle(&self, runs: &mut Runs, apex_occludes: bool) {
        let ends: Vec<Place> = runs.parts.iter().map(Part::end).collect();
        let barriers = Barriers { ancestry: *self, by_part: vec![None; ends.len()] };
        let mut settling = Settling { apex_occludes, barriers, seen: Seen::default(), path: Path::default() };
        for (part, end) in ends.into_iter().enumerate() {
            if !runs.parts[part].is_unsettled && !apex_occludes {
                continue;
            }
            let mut next = Place::default();
            while next < end {
                let Some((place, run)) = runs.parts[part].step(&mut next) else { break };
                if run.is_unsettled() || (apex_occludes && run.home_depth > 0) {
                    settling.run(runs, part, place);
                }
            }
        }
    }
}

/// The state of settling the runs of one zone.
struct Settling<'a> {
    apex_occludes: bool,
    barriers: Barriers<'a>,
    seen: Seen,
    /// From the apex to the run at hand; reused.
    path: Path,
}

impl Settling<'_> {
    fn run(&mut self, runs: &mut Runs, part: usize, place: Place) {
        let run = runs.parts[part].view(place);
        let (depth, home_depth) = (run.depth, run.home_depth);
        self.path.lead_to(run, &self.barriers.ancestry);
        let top = usize::from(!self.apex_occludes);
        let barrier = (top..home_depth).find(|&depth| self.barriers.hold(runs, self.path.name(depth)));
        match barrier {
            Some(barrier) => runs.occlude(part, place, barrier, self.path.name(barrier).1),
            None => self.complete(runs, depth),
        }
    }

    /// Adds empty runs for the ancestors of the run at hand, which has `depth` labels.
    fn complete(&mut self, runs: &mut Runs, depth: usize) {
        for above in (0..depth).rev() {
            let (labels, hash) = self.path.name(above);
            // A wildcard may itself be an empty non-terminal.
            let below_is_wildcard = is_wildcard(self.path.name(above + 1).0);
            let is_new = above != 0 && self.seen.names.insert(hash);
            if (below_is_wildcard && self.seen.above_wildcards.insert(hash)) || is_new {
                let flags = if below_is_wildcard { WILDCARD_BELOW } else { 0 };
                runs.start(hash, &Start { flags, depth: above, home_depth: above, labels });
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

/// The names that may occlude others.
struct Barriers<'a> {
    ancestry: Ancestry<'a>,
    /// By hash, and the place of their run; none for parts where nobody asked yet.
    by_part: Vec<Option<Vec<(u64, Place)>>>,
}

impl Barriers<'_> {
    /// Whether the name with these labels and this hash is among them. Those that are themselves occluded may be missing:
    /// what is below them is also below the name that occludes them.
    fn hold(&mut self, runs: &Runs, (labels, hash): (&[u8], u64)) -> bool {
        let number = runs.part_of(hash);
        let part = &runs.parts[number];
        let barriers = self.by_part[number].get_or_insert_with(|| {
            let barriers = part.runs().filter(|(_, run)| run.flags & BARRIER != 0 && !run.is_occluded());
            let mut barriers: Vec<_> = barriers.map(|(place, run)| (self.ancestry.hash(run.labels), place)).collect();
            barriers.sort_unstable();
            barriers
        });
        let first = barriers.partition_point(|barrier| barrier.0 < hash);
        let same_hash = barriers[first..].iter().take_while(|barrier| barrier.0 == hash);
        same_hash.into_iter().any(|&(_, place)| part.view(place).labels == labels)
    }
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
