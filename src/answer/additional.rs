//! Addresses that go into the additional section: of the hosts that an answer or a referral names.
//!
//! What does not fit is left out without a word: the client asks for it (RFC 2181 section 9).

use arrayvec::ArrayVec;

use super::encode::{self, Targets};
use super::here::Here;
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

    /// Adds the addresses of the hosts that `rrset`'s records name, where its own zone has them; the records were written from the
    /// one behind `turn` others on. `owner` is where its owner stands, which is `here` or above it, and `targets` where the
    /// hosts' names do. Servers below a zone cut's own name are left out of a referral: their glue went in before.
    pub(super) fn addresses_of(
        &mut self,
        writer: &mut Writer<'_>,
        here: &Here<'_, '_>,
        (rrset, turn): (Rrset<'_>, usize),
        owner: Place,
        targets: &Targets,
        signed: bool,
    ) {
        let add = |(rdata, &place): (&[u8], &Place)| {
            self.addresses_in(writer, here, (rrset, rdata), (owner, place), signed);
        };
        match turn {
            0 => rrset.records().zip(targets.places()).for_each(add),
            _ => rrset.records_from(turn).zip(targets.places()).for_each(add),
        }
    }

    /// The same for one record, and the place of the name in it.
    #[inline]
    fn addresses_in(
        &mut self,
        writer: &mut Writer<'_>,
        here: &Here<'_, '_>,
        (rrset, rdata): (Rrset<'_>, &[u8]),
        (owner, mut place): (Place, Place),
        signed: bool,
    ) {
        let node = rrset.node();
        let (name, _) = StoredName::split_from(&rdata[usize::from(rrset.rtype.name_layout().prefix)..]);
        let is_service = matches!(rrset.rtype, Rtype::SVCB | Rtype::HTTPS);
        let is_absolute = name.tail == Tail::Absolute;
        let is_glue = name.tail == Tail::Owner && rrset.rtype == Rtype::NS && !node.labels().is_empty();
        if (is_absolute && !is_service) || is_glue {
            return;
        }
        here.spell_into(name, node, &mut self.target);
        if is_service && self.target.label_count() == 0 {
            // RFC 9460 section 2.5: in ServiceMode `.` stands for the owner, in AliasMode for no service.
            if rdata[..2] == [0, 0] {
                return;
            }
            self.target.fill(node.owner().as_name());
            place = owner;
        }
        // Where its case is signed, a name of the zone may be stored whole.
        if is_absolute && !self.target.as_name().is_at_or_below(here.zone.apex()) {
            return;
        }
        let hash = self.target.hash(0);
        if self.seen.contains(&hash) || self.seen.try_push(hash).is_err() {
            return;
        }
        let Some(found) = here.zone.exact(&self.target) else { return };
        for rrset in found.addresses_of(&self.target).into_iter().flatten() {
            if self.answered == Some((hash, rrset.rtype)) {
                continue;
            }
            let mark = writer.mark();
            if encode::addresses(writer, Section::Additional, place, &rrset, rrset.ttl, signed).is_err() {
                writer.step_back(mark);
            }
        }
    }
}
