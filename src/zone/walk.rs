//! Reads a whole zone back, record by record.
//!
//! Does not know a reader: records are shown to whoever asks, in wire form.

use super::node::{Node, Rrset};
use super::{Zone, stored};
use crate::wire::{Class, Name, NameBuf, Record, Rtype};

impl Zone {
    /// Calls `see` for every record, occluded ones too: the apex first, the other names in no particular order, the
    /// records of one name together. Owners come in lower case.
    pub fn for_each_record(&self, mut see: impl FnMut(&Record<'_>)) {
        self.node_records(self.apex_node(), &mut see);
        for block in &self.blocks {
            for node in block.nodes().map(|bytes| Node::new(self, bytes)).filter(|node| !node.labels().is_empty()) {
                self.node_records(node, &mut see);
            }
        }
        for (_, run) in self.occluded.runs() {
            let owner = self.join(run.labels);
            for record in run.records() {
                // Put aside from below a cut; its names may lean on its own owner and on the apex alone.
                self.show(owner.as_name(), record.rtype, record.ttl, record.rdata, &mut see);
            }
        }
    }

    fn node_records(&self, node: Node<'_>, see: &mut impl FnMut(&Record<'_>)) {
        let owner = node.owner();
        for rrset in node.rrsets() {
            self.rrset_records(owner.as_name(), rrset, see);
        }
        for glue in node.glue() {
            let labels = [glue.labels, node.labels()].concat();
            self.rrset_records(self.join(&labels).as_name(), glue.rrset, see);
        }
    }

    fn rrset_records(&self, owner: Name<'_>, rrset: Rrset<'_>, see: &mut impl FnMut(&Record<'_>)) {
        rrset.records().for_each(|rdata| self.show(owner, rrset.rtype, rrset.ttl, rdata, see));
        rrset.signatures().for_each(|rdata| self.show(owner, Rtype::RRSIG, rrset.ttl, rdata, see));
    }

    fn show(&self, owner: Name<'_>, rtype: Rtype, ttl: u32, stored: &[u8], see: &mut impl FnMut(&Record<'_>)) {
        let mut rdata = Vec::with_capacity(stored.len() + 2 * owner.wire().len());
        stored::restore(rtype, stored, owner, self.apex(), &mut rdata);
        see(&Record { owner, class: Class::IN, ttl, rtype, rdata: &rdata });
    }

    /// `labels` in front of `node`'s owner, or of the apex, or as they are: the whole of a stored name.
    pub fn spell(&self, name: super::StoredName<'_>, node: Node<'_>) -> NameBuf {
        let (owner, root);
        let tail = match name.tail {
            super::Tail::Owner => {
                owner = node.owner();
                owner.as_name()
            }
            super::Tail::Apex => self.apex(),
            super::Tail::Absolute => {
                root = Name::from_wire(name.labels).unwrap_or(Name::ROOT);
                return root.to_buf();
            }
        };
        NameBuf::join(name.labels, tail).unwrap_or_else(|_| Name::ROOT.to_buf())
    }
}
