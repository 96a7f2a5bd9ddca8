//! Who stands above whom: which names are occluded, and which exist only because others stand below them.
//!
//! Does not know what a name holds but for what occludes.

use std::collections::HashMap;

use super::runs::{Run, RunView, Runs, WILDCARD_BELOW, skip_labels};
use crate::base::as_is::BuildAsIs;
use crate::wire::SuffixHasher;

type ByHash = HashMap<u64, usize, BuildAsIs>;

/// Whether the first of these labels is an asterisk alone (RFC 4592 section 2.1.1).
fn is_wildcard(labels: &[u8]) -> bool {
    labels.starts_with(b"\x01*")
}

/// Who stands above whom.
pub(super) struct Ancestry<'a> {
    pub(super) hasher: &'a SuffixHasher,
    pub(super) apex_hash: u64,
}

impl Ancestry<'_> {
    /// Finds the runs that are below a zone cut or a DNAME and moves them to the topmost of these.
    pub(super) fn occlude(&self, runs: &mut Runs, barriers: &[Run]) {
        if barriers.is_empty() {
            return;
        }
        let barriers: ByHash = barriers.iter().map(|run| (run.hash, run.at)).collect();
        for position in 0..runs.index.len() {
            let run = runs.index[position];
            let view = runs.view(run.at);
            let mut found = None;
            self.above(view, |depth, hash, labels| {
                let barrier = barriers.get(&hash).filter(|&&at| runs.view(at).labels == labels);
                found = barrier.map(|_| (depth, hash));
                found.is_none()
            });
            if let Some((depth, hash)) = found {
                runs.occlude(run.at, depth);
                runs.index[position].hash = hash;
            }
        }
    }

    /// Adds empty runs for the ancestors of every name that has some: they exist too (RFC 4592 section 2.2.2).
    pub(super) fn complete(&self, runs: &mut Runs) {
        let (mut seen, mut above_wildcards) = (ByHash::default(), ByHash::default());
        for position in 0..runs.index.len() {
            let run = runs.index[position];
            let view = runs.view(run.at);
            if view.is_occluded() || (view.depth == 1 && !is_wildcard(view.labels)) {
                continue;
            }
            let mut missing: Vec<(u64, usize, usize, u8)> = Vec::new();
            self.above(view, |depth, hash, labels| {
                // A wildcard may itself be an empty non-terminal.
                let below = skip_labels(view.labels, view.depth - depth - 1);
                let flags = if is_wildcard(below) { WILDCARD_BELOW } else { 0 };
                let first = depth != 0 && seen.insert(hash, run.at).is_none();
                if first || (flags != 0 && above_wildcards.insert(hash, run.at).is_none()) {
                    missing.push((hash, labels.len(), depth, flags));
                }
                true
            });
            for (hash, octets, depth, flags) in missing {
                runs.start_ancestor(run.at, hash, octets, depth, flags);
            }
        }
    }

    /// Calls `visit(depth, hash, labels)` for the proper ancestors of a run, from the apex down, as long as it returns
    /// true.
    fn above(&self, run: RunView<'_>, mut visit: impl FnMut(usize, u64, &[u8]) -> bool) {
        let mut hash = self.apex_hash;
        for depth in 0..run.depth {
            let labels = skip_labels(run.labels, run.depth - depth);
            if let Some((&length, label)) = labels.split_first() {
                hash = self.hasher.child(hash, &label[..usize::from(length)]);
            }
            if !visit(depth, hash, labels) {
                return;
            }
        }
    }
}
