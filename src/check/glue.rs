//! Addresses below a zone cut that nobody needs there: data of the child zone that stayed in the parent's file.
//!
//! Does not know missing glue: that is seen from the name servers.

use std::collections::HashSet;

use super::finding::{Remark, Subject};
use super::lint::Lint;
use super::survey::{Survey, target};
use crate::base::as_is::BuildAsIs;
use crate::wire::{NameBuf, Rtype};
use crate::zone::{Finder, Glue, Node, Tail};

/// Addresses below a zone cut that no name server of that cut has.
#[derive(Debug, Default)]
pub(super) struct UnusedGlue {
    /// The hashes of their names: seldom any, and never more than there is such glue.
    suspects: HashSet<u64, BuildAsIs>,
}

impl UnusedGlue {
    /// Notes glue that its own cut does not need.
    #[inline]
    pub(super) fn suspect(&mut self, cut: Node<'_>, glue: Glue<'_>, finder: &mut Finder<'_>) {
        if glue.target.is_none() {
            self.suspects.insert(finder.hash(&[glue.labels, cut.labels()]));
        }
    }

    /// Tells those that no other delegation needs either, nor the zone itself.
    pub(super) fn check(mut self, survey: &mut Survey<'_>) {
        if self.suspects.is_empty() || !survey.report.wants(Lint::UnusedGlue) {
            return;
        }
        let zone = survey.zone;
        for node in zone.nodes().filter(|node| node.labels().is_empty() || node.has_sibling_servers()) {
            for rdata in node.rrset(Rtype::NS).into_iter().flat_map(|rrset| rrset.records()) {
                match target(Rtype::NS, rdata) {
                    name if name.tail == Tail::Absolute => false,
                    name if name.tail == Tail::Apex => self.suspects.remove(&survey.finder.hash(&[name.labels])),
                    name => self.suspects.remove(&survey.finder.hash(&[name.labels, node.labels()])),
                };
            }
        }
        if self.suspects.is_empty() {
            return;
        }
        for cut in zone.nodes().filter(|node| node.is_cut()) {
            for glue in cut.glue().filter(|glue| glue.target.is_none()) {
                if self.suspects.contains(&survey.finder.hash(&[glue.labels, cut.labels()])) {
                    tell(cut, glue, survey);
                }
            }
        }
    }
}

fn tell(cut: Node<'_>, glue: Glue<'_>, survey: &mut Survey<'_>) {
    survey.report.add(Lint::UnusedGlue, || {
        let message =
            format!("{} records below the delegation of {}, which are not served", glue.rrset.rtype, cut.owner());
        Remark::new(Subject::rrset(owner(cut, glue).as_name(), glue.rrset.rtype), message)
            .note("no NS record of this zone names this host, so its address is no glue")
            .help("move it into the zone that is delegated, or remove it")
    });
}

/// The owner of glue.
pub(super) fn owner(cut: Node<'_>, glue: Glue<'_>) -> NameBuf {
    // It was a name when it came in.
    NameBuf::join(glue.labels, cut.owner().as_name()).unwrap_or_else(|_| cut.owner())
}
