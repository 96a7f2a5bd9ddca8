//! Answers a question from the zones: RFC 1034 section 4.3.2, one small step per outcome.
//!
//! Does not know where the question came from, nor EDNS beyond whether DNSSEC records are wanted.

use arrayvec::ArrayVec;

use super::additional::Additional;
use super::encode::{self, Frame, Targets};
use super::find::{Found, Hit};
use super::here::Here;
use super::trail::Trail;
use crate::base::limits::CHAIN_STEPS_MAX;
use crate::wire::{Class, Full, HashedName, Mark, NameBuf, Place, Query, Rcode, Rtype, Section, SuffixHasher, Writer};
use crate::zone::{AnyAnswer, MinimalResponses, Node, Outcome, Rrset, Show, StoredName, ZoneSet};

/// Names needed while solving; reused from query to query.
#[derive(Debug)]
pub(super) struct Scratch {
    /// The name at hand in a chain, and the next one.
    chain: [HashedName; 2],
    additional: Additional,
    trail: Trail,
    /// Whether a reply was made that is not the same each time. Whoever asks has it set back before.
    pub(super) varies: bool,
}

impl Scratch {
    pub(super) fn new(hasher: &SuffixHasher) -> Self {
        let name = || HashedName::new(hasher);
        Self { chain: [name(), name()], additional: Additional::new(hasher), trail: Trail::new(), varies: false }
    }
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Solution {
    pub(super) rcode: Rcode,
    /// Whether the first owner in the answer is ours to answer for (RFC 1035 section 4.1.1). Never for QCLASS ANY: nobody
    /// speaks for all classes (section 6.2).
    pub(super) authoritative: bool,
    /// Whether something that must be in the reply did not fit.
    pub(super) truncated: bool,
    /// The one zone it came from, by its index; none where it came from several or from none.
    pub(super) zone: Option<usize>,
}

impl Solution {
    /// A reply that is told by its RCODE alone.
    pub(super) fn of(rcode: Rcode) -> Self {
        Self { rcode, authoritative: false, truncated: false, zone: None }
    }
}

/// Writes the answer, authority and additional sections for a query, from what was found for its own name.
pub(super) fn solve(
    zones: &ZoneSet,
    query: &Query<'_>,
    first: &Found<'_>,
    writer: &mut Writer<'_>,
    scratch: &mut Scratch,
) -> Solution {
    let start = writer.mark();
    let Scratch { chain, additional, trail, varies } = scratch;
    trail.clear();
    additional.clear();
    let (signed, solution) = (query.dnssec_ok(), Solution::of(Rcode::NOERROR));
    let proofs = Proofs::new();
    let mut solver = Solver { zones, query, writer, additional, signed, solution, trail, varies, proofs };
    let followed = solver.follow(first, chain).and_then(|()| solver.write_proofs());
    let mut solution = solver.solution;
    drop(solver);
    if followed.is_err() {
        // RFC 2181 section 9: a client must not use what is left of a reply with TC, so nothing is.
        writer.step_back(start);
        solution.truncated = true;
    }
    solution
}

/// A question being solved.
struct Solver<'s, 'b> {
    zones: &'s ZoneSet,
    query: &'s Query<'s>,
    writer: &'s mut Writer<'b>,
    additional: &'s mut Additional,
    signed: bool,
    solution: Solution,
    trail: &'s mut Trail,
    varies: &'s mut bool,
    /// What proves the denials so far, to be written behind the answer.
    proofs: Proofs<'s>,
}

/// NSEC or NSEC3 to be shown: each step of a chain may be made from a wildcard, and the last one be a denial.
type Proofs<'z> = ArrayVec<Proof<'z>, { CHAIN_STEPS_MAX + 4 }>;

/// An NSEC or NSEC3, and where the end of its owner stands.
struct Proof<'z> {
    rrset: Rrset<'z>,
    /// Octets of the owner's labels that are to be written.
    front: usize,
    /// What these stand in front of.
    tail: Place,
    ttl: u32,
}

/// What comes after a step.
enum Next {
    Done(Rcode),
    /// Go on with the next name of the chain, which stands here.
    Follow(Place),
}

impl<'s> Solver<'s, '_> {
    #[inline]
    fn follow(&mut self, first: &Found<'s>, chain: &mut [HashedName; 2]) -> Result<(), Full> {
        let Some(hit) = self.hit(first) else { return Ok(()) };
        self.solution.authoritative = self.query.qclass == Class::IN && !matches!(hit.outcome, Outcome::Referral(_));
        // A reply is kept for others if it came from one zone, and is the same each time. Which zone has the DS of an apex
        // depends on those above it.
        let is_alike = !hit.choices.rotate_rrsets && self.query.qtype != Rtype::DS;
        self.solution.zone = is_alike.then_some(hit.index);
        *self.varies |= hit.choices.rotate_rrsets;
        let here = Here { zone: hit.zone, choices: hit.choices, name: self.query.name, place: Place::QUESTION };
        match self.step(&here, &hit.outcome, &mut chain[0])? {
            Next::Done(rcode) => self.solution.rcode = rcode,
            Next::Follow(place) => {
                self.trail.add_name(self.query.name);
                self.follow_on(hit, place, chain)?;
            }
        }
        Ok(())
    }

    /// Follows an alias that `last` was: the name that it leads to is the first of `chain`, and stands at `place`.
    #[inline(never)]
    fn follow_on(&mut self, last: &Hit<'s>, mut place: Place, chain: &mut [HashedName; 2]) -> Result<(), Full> {
        let [here, next] = chain;
        let (mut here, mut next, mut last) = (here, next, *last);
        for _ in 0..CHAIN_STEPS_MAX {
            // A loop ends where it would come back to a name that was answered already.
            if self.trail.has_been_at(here) {
                return Ok(());
            }
            let found = Found::of(self.zones, here, self.query.qtype);
            if !last.choices.cname_across_zones && !found.is_in(last.index) {
                return Ok(());
            }
            let Some(hit) = self.hit(&found) else { return Ok(()) };
            // How ANY is answered was settled for the question's own name.
            if self.query.qtype == Rtype::ANY && hit.choices.any != AnyAnswer::Minimal {
                return Ok(());
            }
            let is_alike = |&only: &usize| only == hit.index && !hit.choices.rotate_rrsets;
            self.solution.zone = self.solution.zone.filter(is_alike);
            *self.varies |= hit.choices.rotate_rrsets;
            let at = Here { zone: hit.zone, choices: hit.choices, name: here, place };
            match self.step(&at, &hit.outcome, next)? {
                Next::Done(rcode) => {
                    self.solution.rcode = rcode;
                    return Ok(());
                }
                Next::Follow(followed) => place = followed,
            }
            self.trail.add_name(here);
            std::mem::swap(&mut here, &mut next);
            last = *hit;
        }
        Ok(())
    }

    /// What was found in a zone; none where the chain ends.
    #[inline]
    fn hit<'f>(&mut self, found: &'f Found<'s>) -> Option<&'f Hit<'s>> {
        match found {
            Found::Zone(hit) => Some(hit),
            // RFC 6604 section 3: the RCODE tells what became of the last name of the chain.
            Found::Failed => {
                // Not to be kept: it ends with another zone than the one that it began in.
                (self.solution.rcode, self.solution.zone) = (Rcode::SERVFAIL, None);
                None
            }
            // A chain that leaves our zones ends there: the client asks the others.
            Found::Nowhere => None,
        }
    }

    #[inline(always)]
    fn step(&mut self, here: &Here<'s, '_>, outcome: &Outcome<'s>, next: &mut HashedName) -> Result<Next, Full> {
        match outcome {
            Outcome::Answer(rrset) => self.answer(here, *rrset).map(|()| Next::Done(Rcode::NOERROR)),
            Outcome::Signatures(node) => self.signatures(here, *node).map(|()| Next::Done(Rcode::NOERROR)),
            Outcome::Cname(rrset) => self.cname(here, *rrset, next).map(Next::Follow),
            Outcome::Dname(rrset) => self.dname(here, *rrset, next),
            Outcome::NoData(node) => {
                self.prove(here, |show| match here.is_owned_by(*node) {
                    true => here.zone.deny_type(here.name, *node, show),
                    false => here.zone.deny_wildcard_type(here.name, *node, show),
                });
                self.negative(here).map(|()| Next::Done(Rcode::NOERROR))
            }
            Outcome::NxDomain(encloser) => {
                self.prove(here, |show| here.zone.deny_name(here.name, *encloser, show));
                self.negative(here).map(|()| Next::Done(Rcode::NXDOMAIN))
            }
            Outcome::Referral(cut) => self.referral(here, *cut).map(|()| Next::Done(Rcode::NOERROR)),
        }
    }

    /// Notes what `deny` shows, where it is wanted: it is written once the answer is.
    #[inline]
    fn prove(&mut self, here: &Here<'s, '_>, deny: impl FnOnce(Show<'s, '_>)) {
        if !self.signed || !here.zone.can_deny() {
            return;
        }
        let (proofs, writer) = (&mut self.proofs, &*self.writer);
        deny(&mut |rrset| {
            // A record stands in a message once.
            if proofs.iter().all(|proof| proof.rrset.node().identity() != rrset.node().identity()) {
                let (front, tail) = here.shared_with(writer, rrset.node());
                let ttl = rrset.ttl.min(here.choices.negative_ttl_max);
                let _ = proofs.try_push(Proof { rrset, front, tail, ttl });
            }
        });
    }

    /// RFC 4035 section 3.1.3.3: where an answer was made from a wildcard, that no name is closer.
    #[inline]
    fn prove_expansion(&mut self, here: &Here<'s, '_>, node: Node<'s>) {
        if self.signed && !here.is_owned_by(node) {
            self.prove(here, |show| here.zone.deny_closer(here.name, node, show));
        }
    }

    /// Writes what was noted into the authority section.
    #[inline]
    fn write_proofs(&mut self) -> Result<(), Full> {
        // Most answers prove nothing.
        if self.proofs.is_empty() { Ok(()) } else { self.write_noted_proofs() }
    }

    fn write_noted_proofs(&mut self) -> Result<(), Full> {
        let writer = &mut *self.writer;
        self.proofs.drain(..).try_for_each(|Proof { rrset, front, tail, ttl }| {
            encode::rrset_elsewhere(writer, Section::Authority, &rrset.node().labels()[..front], tail, &rrset, ttl)
        })
    }

    /// Writes an RRset and notes the places of the names in its rdata.
    #[inline]
    fn put(
        &mut self,
        section: Section,
        frame: Frame,
        rrset: &Rrset<'_>,
        ttl: u32,
        targets: &mut Targets,
    ) -> Result<(), Full> {
        encode::rrset(self.writer, section, frame, rrset, ttl, self.signed, targets)
    }

    fn answer(&mut self, here: &Here<'s, '_>, rrset: Rrset<'s>) -> Result<(), Full> {
        if self.is_shown(here, rrset) {
            return Ok(());
        }
        let frame = here.frame_of_name(self.writer);
        if self.query.qtype == Rtype::ANY && here.choices.any == AnyAnswer::Full && self.everything(rrset, frame) {
            self.prove_expansion(here, rrset.node());
            return self.write_proofs();
        }
        let turn = if here.choices.rotate_rrsets { usize::from(u16::from_be_bytes(self.query.id())) } else { 0 };
        let mut targets = Targets::new();
        match turn {
            0 => self.put(Section::Answer, frame, &rrset, rrset.ttl, &mut targets)?,
            _ => encode::turned_rrset(self.writer, Section::Answer, frame, &rrset, turn, self.signed, &mut targets)?,
        }
        self.prove_expansion(here, rrset.node());
        self.write_proofs()?;
        if here.choices.minimal != MinimalResponses::Yes {
            self.beside_answer(here, (rrset, turn), frame.owner, &targets);
        }
        Ok(())
    }

    /// Whether this is a DNAME that a chain came by before.
    fn is_shown(&self, here: &Here<'s, '_>, rrset: Rrset<'s>) -> bool {
        let shown = rrset.rtype == Rtype::DNAME && self.trail.dname_target(rrset.node()).is_some();
        shown && here.is_owned_by(rrset.node())
    }

    /// All RRsets of the node that `first` is of, with their signatures. Where that is more than a message holds nothing is
    /// written: one of them has to do.
    fn everything(&mut self, first: Rrset<'s>, frame: Frame) -> bool {
        let start = self.writer.mark();
        for rrset in first.node().rrsets() {
            let ttl = rrset.ttl;
            if encode::rrset(self.writer, Section::Answer, frame, &rrset, ttl, true, &mut Targets::new()).is_err() {
                self.writer.step_back(start);
                return false;
            }
        }
        true
    }

    /// What a client may have use for beside the answer, as far as there is room: the zone's name servers, where they are wanted,
    /// and the addresses of hosts that are named.
    #[inline]
    fn beside_answer(&mut self, here: &Here<'s, '_>, answer: (Rrset<'s>, usize), owner: Place, targets: &Targets) {
        if here.choices.minimal == MinimalResponses::No {
            return self.beside_full_answer(here, answer, owner, targets);
        }
        if has_hosts(answer.0.rtype) {
            self.additional.addresses_of(self.writer, here, answer, owner, targets, self.signed);
        }
    }

    /// The same where the zone's name servers are wanted.
    fn beside_full_answer(&mut self, here: &Here<'s, '_>, answer: (Rrset<'s>, usize), owner: Place, targets: &Targets) {
        let servers = self.servers(here, answer.0);
        if has_hosts(answer.0.rtype) {
            self.additional.addresses_of(self.writer, here, answer, owner, targets, self.signed);
        }
        if let Some((ns, owner, targets)) = servers {
            self.additional.addresses_of(self.writer, here, (ns, 0), owner, &targets, self.signed);
        }
    }

    /// The zone's name servers in the authority section, unless they are the answer.
    fn servers(&mut self, here: &Here<'s, '_>, answer: Rrset<'s>) -> Option<(Rrset<'s>, Place, Targets)> {
        let apex = here.zone.apex_node();
        let ns = apex.rrset(Rtype::NS).filter(|_| answer.rtype != Rtype::NS || !answer.node().labels().is_empty())?;
        if matches!(answer.rtype, Rtype::A | Rtype::AAAA) {
            self.additional.add_answered(here.name, answer.rtype);
        }
        let (frame, mark, mut targets) = (here.frame(self.writer, 0), self.writer.mark(), Targets::new());
        match self.put(Section::Authority, frame, &ns, ns.ttl, &mut targets) {
            Ok(()) => Some((ns, frame.owner, targets)),
            Err(Full) => {
                self.writer.step_back(mark);
                None
            }
        }
    }

    fn signatures(&mut self, here: &Here<'s, '_>, node: Node<'s>) -> Result<(), Full> {
        let frame = here.frame_of_name(self.writer);
        for rrset in node.rrsets() {
            if rrset.rtype == Rtype::RRSIG {
                self.put(Section::Answer, frame, &rrset, rrset.ttl, &mut Targets::new())?;
            }
            encode::signatures(self.writer, Section::Answer, frame.owner, &rrset, rrset.ttl)?;
        }
        self.prove_expansion(here, node);
        Ok(())
    }

    fn cname(&mut self, here: &Here<'s, '_>, rrset: Rrset<'s>, next: &mut HashedName) -> Result<Place, Full> {
        let frame = here.frame_of_name(self.writer);
        let mut targets = Targets::new();
        self.put(Section::Answer, frame, &rrset, rrset.ttl, &mut targets)?;
        self.prove_expansion(here, rrset.node());
        // A sealed zone has one CNAME at a name and its RRset is never empty.
        let target = rrset.records().next().map(|rdata| StoredName::split_from(rdata).0);
        if let Some(target) = target {
            here.spell_into(target, rrset.node(), next);
        }
        Ok(targets.place(0).unwrap_or(Place::QUESTION))
    }

    /// RFC 6672 section 3.2: the DNAME, and a CNAME made from it for the name at hand.
    fn dname(&mut self, here: &Here<'s, '_>, rrset: Rrset<'s>, next: &mut HashedName) -> Result<Next, Full> {
        let depth = rrset.node().label_count();
        let target_place = match self.trail.dname_target(rrset.node()) {
            Some(place) => place,
            None => {
                let frame = here.frame(self.writer, depth);
                let mut targets = Targets::new();
                self.put(Section::Answer, frame, &rrset, rrset.ttl, &mut targets)?;
                let place = targets.place(0).unwrap_or(Place::QUESTION);
                self.trail.add_dname(rrset.node(), place);
                place
            }
        };
        let skip = here.name.label_count() - here.zone.apex_labels() - depth;
        // In lower case, whatever case they were asked in: an alias that leads here may be kept for others.
        let front = here.name.labels_between(0, skip);
        let Some(target) = rrset.records().next().map(|rdata| StoredName::split_from(rdata).0) else {
            return Ok(Next::Done(Rcode::NOERROR)); // never: an RRset has a record
        };
        let Ok(made) = NameBuf::join(front, here.zone.spell(target, rrset.node()).as_name()) else {
            // RFC 6672 section 2.2: the name would be too long.
            return Ok(Next::Done(Rcode::YXDOMAIN));
        };
        let record = self.writer.open(Section::Answer, here.place, Rtype::CNAME, Class::IN, rrset.ttl)?;
        let place = self.writer.labels_then(front, target_place)?;
        self.writer.close(record);
        // RFC 1034 section 4.3.2 step 3a, of the CNAME that was made: one that was itself asked for is not followed.
        if self.query.qtype == Rtype::CNAME {
            return Ok(Next::Done(Rcode::NOERROR));
        }
        next.fill(made.as_name());
        Ok(Next::Follow(place))
    }

    /// RFC 2308 section 3: the SOA in the authority section, with the TTL that the denial may be cached for.
    fn negative(&mut self, here: &Here<'s, '_>) -> Result<(), Full> {
        let frame = here.frame(self.writer, 0);
        if let Some(soa) = here.zone.apex_node().rrset(Rtype::SOA) {
            let ttl = here.zone.negative_ttl().min(here.choices.negative_ttl_max);
            self.put(Section::Authority, frame, &soa, ttl, &mut Targets::new())?;
        }
        Ok(())
    }

    /// RFC 1034 section 4.3.2 step 3b: the name servers of the zone below, and the addresses to reach them.
    fn referral(&mut self, here: &Here<'s, '_>, cut: Node<'s>) -> Result<(), Full> {
        let frame = here.frame(self.writer, cut.label_count());
        let Some(ns) = cut.rrset(Rtype::NS) else { return Ok(()) }; // never: a cut has NS
        let mut targets = Targets::new();
        encode::rrset(self.writer, Section::Authority, frame, &ns, ns.ttl, false, &mut targets)?;
        // RFC 4035 section 3.1.4: the DS and its signatures go with the referral, or the proof that there is none.
        match cut.rrset(Rtype::DS).filter(|_| self.signed) {
            Some(ds) => {
                self.put(Section::Authority, frame, &ds, ds.ttl, &mut Targets::new())?;
            }
            None => self.prove(here, |show| here.zone.deny_type(here.name, cut, show)),
        }
        self.write_proofs()?;
        let before_glue = self.writer.mark();
        self.solution.truncated = self.glue(frame, cut, ns, &targets, before_glue).is_err();
        if cut.has_sibling_servers() && !self.solution.truncated {
            self.additional.addresses_of(self.writer, here, (ns, 0), frame.owner, &targets, self.signed);
        }
        Ok(())
    }

    /// RFC 9471 section 3.1: addresses of name servers below the cut must be in the reply, or TC tells that they are
    /// missing. What fits stays.
    fn glue(
        &mut self,
        frame: Frame,
        cut: Node<'s>,
        ns: Rrset<'s>,
        targets: &Targets,
        mut fits: Mark,
    ) -> Result<(), Full> {
        let mut put = |writer: &mut Writer<'_>, owner: Place, rrset: Rrset<'_>| {
            let written = encode::addresses(writer, Section::Additional, owner, &rrset, rrset.ttl, false);
            match written {
                Ok(()) => fits = writer.mark(),
                Err(Full) => writer.step_back(fits),
            }
            written
        };
        // A server that has the cut's own name.
        let own = ns.records().any(|rdata| StoredName::split_from(rdata).0.is_owner());
        for rtype in [Rtype::A, Rtype::AAAA].into_iter().filter(|_| own) {
            if let Some(rrset) = cut.rrset(rtype) {
                put(self.writer, frame.owner, rrset)?;
            }
        }
        for glue in cut.glue() {
            let Some(target) = glue.target else { continue };
            match targets.place(target) {
                Some(place) => put(self.writer, place, glue.rrset)?,
                None => self.glue_of_far_target(frame, glue)?,
            }
        }
        Ok(())
    }

    /// Glue of a server that is past the few whose place is known: its owner is written anew for each address.
    fn glue_of_far_target(&mut self, frame: Frame, glue: crate::zone::Glue<'_>) -> Result<(), Full> {
        for rdata in glue.rrset.records() {
            let mark = self.writer.mark();
            let written = (|| {
                let start = self.writer.length();
                self.writer.labels_then(glue.labels, frame.owner)?;
                let (rtype, ttl) = (glue.rrset.rtype, glue.rrset.ttl);
                let record = self.writer.open_behind_owner(start, Section::Additional, rtype, Class::IN, ttl)?;
                self.writer.octets(rdata)?;
                self.writer.close(record);
                Ok(())
            })();
            if written.is_err() {
                self.writer.step_back(mark);
                return written;
            }
        }
        Ok(())
    }
}

/// Whether records of this type name hosts whose addresses a client will need.
#[inline]
fn has_hosts(rtype: Rtype) -> bool {
    matches!(rtype, Rtype::NS | Rtype::MX | Rtype::SRV | Rtype::SVCB | Rtype::HTTPS)
}
