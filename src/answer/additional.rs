//! Addresses that go into the additional section: of the hosts that an answer or a referral names.
//!
//! What does not fit is left out without a word: the client asks for it (RFC 2181 section 9).

use arrayvec::ArrayVec;

use super::encode::{self, Frame, Targets};
use crate::wire::{HashedName, Place, Rtype, Section, SuffixHasher, Writer};
use crate::zone::{Rrset, StoredName, Tail};

/// What is being looked up for one reply, and what is in it; reused.
#[derive(Debug)]
pub(super) struct Additional {
    target: HashedName,
    /// Hashes of the hosts whose addresses were looked up.
    seen: ArrayVec<u64, { 2 * Targets::MAX }>,
    /// The host and type of addresses that are the answer.
    answered: Option<(u64, Rtype)>,
}

impl Additional {
    pub(super) fn new(hasher: &SuffixHasher) -> Self {
        Self { target: HashedName::new(hasher), seen: ArrayVec::new(), answered: None }
    }

    /// Begins anew, for another reply.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.seen.clear();
        self.answered = None;
    }

    /// Leaves these addresses out: a record stands in a message once (RFC 2181 section 5).
    pub(super) fn add_answered(&mut self, host: &HashedName, rtype: Rtype) {
        self.answered = Some((host.hash(0), rtype));
    }

    /// Adds the addresses of the hosts that `rrset`'s records name, where its own zone has them. `owner` is where its
    /// owner stands, `targets` where the hosts' names do. Servers below a zone cut's own name are left out of a
    /// referral: their glue went in before.
    pub(super) fn addresses_of(
        &mut self,
        writer: &mut Writer<'_>,
        rrset: Rrset<'_>,
        owner: Place,
        targets: &Targets,
        signed: bool,
    ) {
        let node = rrset.node();
        let is_referral = rrset.rtype == Rtype::NS && !node.labels().is_empty();
        let prefix = usize::from(rrset.rtype.name_layout().prefix);
        for (index, rdata) in rrset.records().enumerate() {
            let Some(place) = targets.place(index) else { return };
            let (name, _) = StoredName::split_from(&rdata[prefix..]);
            let is_service = matches!(rrset.rtype, Rtype::SVCB | Rtype::HTTPS);
            if (name.tail == Tail::Absolute && !is_service) || (is_referral && name.tail == Tail::Owner) {
                continue;
            }
            node.zone().spell_into(name, node, &mut self.target);
            let mut place = place;
            if is_service && self.target.label_count() == 0 {
                // RFC 9460 section 2.5: in ServiceMode `.` stands for the owner, in AliasMode for no service.
                if rdata[..2] == [0, 0] {
                    continue;
                }
                self.target.fill(node.owner().as_name());
                place = owner;
            }
            // Where its case is signed, a name of the zone may be stored whole.
            if name.tail == Tail::Absolute && !self.target.as_name().is_at_or_below(node.zone().apex()) {
                continue;
            }
            let hash = self.target.hash(0);
            if self.seen.contains(&hash) || self.seen.try_push(hash).is_err() {
                continue;
            }
            if let Some(found) = node.zone().exact(&self.target) {
                let addresses = found.addresses_of(&self.target);
                let missing = |rrset: &Rrset<'_>| self.answered != Some((hash, rrset.rtype));
                put(writer, place, addresses.map(|rrset| rrset.filter(missing)), signed);
            }
        }
    }
}

fn put(writer: &mut Writer<'_>, owner: Place, addresses: [Option<Rrset<'_>>; 2], signed: bool) {
    for rrset in addresses.into_iter().flatten() {
        let mark = writer.mark();
        // Addresses have no names in their rdata: the frame's apex is not looked at.
        let frame = Frame { owner, apex: owner };
        let ttl = rrset.ttl;
        if encode::rrset(writer, Section::Additional, frame, rrset, ttl, signed, &mut Targets::new()).is_err() {
            writer.step_back(mark);
        }
    }
}
