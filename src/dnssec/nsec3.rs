//! NSEC3 chains: closed, and with an NSEC3 for the hash of every name that must have one (RFC 5155 section 7.1).
//!
//! Does not know the whole zone: names come in canonical order, part by part, and the ends of the parts are joined at last.
//! The chains themselves are read before.

use std::sync::atomic::{AtomicBool, Ordering};

use super::bitmap;
use super::fault::{Faults, Problem};
use crate::base::limits::{NSEC3_CHAINS_MAX, NSEC3_ITERATIONS_MAX};
use crate::wire::{Name, NameBuf, Nsec3Hash, Nsec3Parameters, Rtype, nsec3_hash_of_label, nsec3_label};
use crate::zone::{Holding, Node, Standing};

/// The only hash (RFC 5155 section 11).
const SHA1: u8 = 1;
/// The flag of an NSEC3 whose span may hold insecure delegations (RFC 5155 section 3.1.2.1).
const OPT_OUT: u8 = 1;

/// One NSEC3.
#[derive(Debug)]
struct Link<'z> {
    hash: Nsec3Hash,
    is_opt_out: bool,
    /// The next hash.
    next: &'z [u8],
    bitmap: &'z [u8],
    /// Whether some name has the hash.
    is_used: AtomicBool,
}

/// The NSEC3 of one set of parameters, by hash.
#[derive(Debug)]
struct Chain<'z> {
    parameters: Nsec3Parameters<'z>,
    links: Vec<Link<'z>>,
}

/// All NSEC3 chains of a zone.
#[derive(Debug, Default)]
pub(super) struct Chains<'z> {
    chains: Vec<Chain<'z>>,
    /// Parameters of chains that are there and are not checked.
    unchecked: Vec<Nsec3Parameters<'z>>,
}

impl<'z> Chains<'z> {
    /// The chains that the NSEC3PARAM records of the apex tell of, still without links.
    pub(super) fn of(apex: Node<'z>, faults: &mut Faults) -> Self {
        let owner = apex.owner();
        let mut add = |problem| faults.add(owner.as_name(), Rtype::NSEC3PARAM, problem);
        let mut all = Self::default();
        // The rdata has no names: it is stored as it is.
        for rdata in apex.rrset(Rtype::NSEC3PARAM).into_iter().flat_map(|rrset| rrset.records()) {
            // RFC 5155 section 4.1.2: records with other flags are ignored.
            let Some((parameters, 0, _)) = Nsec3Parameters::split_from(rdata) else { continue };
            let iterations = parameters.iterations;
            if iterations > NSEC3_ITERATIONS_MAX {
                add(Problem::Nsec3IterationsExcessive { iterations });
            } else if parameters.algorithm == SHA1 && all.chains.len() < NSEC3_CHAINS_MAX {
                all.chains.push(Chain { parameters, links: Vec::new() });
                continue;
            } else {
                add(Problem::Nsec3Unchecked);
            }
            // Each NSEC3 is compared with each of these.
            if all.unchecked.len() < NSEC3_CHAINS_MAX {
                all.unchecked.push(parameters);
            }
        }
        all
    }

    /// Whether the zone has none, checked or not.
    pub(super) fn is_empty(&self) -> bool {
        self.chains.is_empty() && self.unchecked.is_empty()
    }

    /// Takes the NSEC3 of a name. Names must come in canonical order, which is that of their hashes too.
    pub(super) fn take(&mut self, node: Node<'z>, most_ttl: u32, faults: &mut Faults) {
        let Some(rrset) = node.rrset(Rtype::NSEC3) else { return };
        let owner = node.owner();
        if rrset.ttl > most_ttl {
            faults.add(owner.as_name(), Rtype::NSEC3, Problem::DenialTtl { ttl: rrset.ttl, most: most_ttl });
        }
        let hash = hash_of(node.labels());
        for rdata in rrset.records() {
            if !self.take_record(hash, rdata) {
                faults.add(owner.as_name(), Rtype::NSEC3, Problem::Nsec3Parameters);
            }
        }
    }

    /// Takes one NSEC3; false where it belongs to no chain.
    fn take_record(&mut self, hash: Option<Nsec3Hash>, rdata: &'z [u8]) -> bool {
        let Some((parameters, flags, rest)) = Nsec3Parameters::split_from(rdata) else { return false };
        if self.unchecked.contains(&parameters) {
            return true;
        }
        let chain = self.chains.iter_mut().find(|chain| chain.parameters == parameters);
        let (Some(chain), Some(hash), true) = (chain, hash, flags & !OPT_OUT == 0) else { return false };
        let Some((next, bitmap)) = rest.split_first().and_then(|(&octets, rest)| rest.split_at_checked(octets.into()))
        else {
            return false;
        };
        let is_used = AtomicBool::new(false);
        chain.links.push(Link { hash, is_opt_out: flags & OPT_OUT != 0, next, bitmap, is_used });
        true
    }

    /// Checks that each NSEC3 names the next one, and the last one the first.
    pub(super) fn check_links(&self, apex: Name<'_>, faults: &mut Faults) {
        for Chain { links, .. } in &self.chains {
            let following = links.iter().cycle().skip(1);
            for (link, following) in links.iter().zip(following) {
                if link.next != following.hash {
                    faults.add(owner_of(&link.hash, apex).as_name(), Rtype::NSEC3, Problem::Nsec3ChainBroken);
                }
            }
        }
    }

    /// Says which NSEC3 are the hash of no name, once all names were checked.
    pub(super) fn check_surplus(&self, apex: Name<'_>, faults: &mut Faults) {
        for link in self.chains.iter().flat_map(|chain| &chain.links) {
            if !link.is_used.load(Ordering::Relaxed) {
                faults.add(owner_of(&link.hash, apex).as_name(), Rtype::NSEC3, Problem::Nsec3Surplus);
            }
        }
    }
}

impl<'z> Chain<'z> {
    /// The NSEC3 of a hash, or the one whose span it is in; none in an empty chain.
    fn find(&self, hash: &Nsec3Hash) -> Result<&Link<'z>, Option<&Link<'z>>> {
        match self.links.binary_search_by(|link| link.hash.cmp(hash)) {
            Ok(found) => Ok(&self.links[found]),
            // In front of the first is the span of the last.
            Err(place) => Err(place.checked_sub(1).map_or(self.links.last(), |before| self.links.get(before))),
        }
    }
}

/// Names checked against the chains, one part of the zone.
#[derive(Debug, Default)]
pub(super) struct Nsec3Part {
    /// Empty non-terminals that were left out under opt-out, each below the one before: right as long as nothing but
    /// insecure delegations stands below them (RFC 5155 section 7.1).
    left_out: Vec<NameBuf>,
    /// The first name of the part that may not be left out.
    first_secure: Option<NameBuf>,
    /// Types; reused.
    types: Vec<Rtype>,
}

/// What a name is to opt-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Its NSEC3 may be left out.
    InsecureDelegation,
    /// Its NSEC3 may be left out if all below it may.
    EmptyNonTerminal,
    /// It must have its NSEC3.
    Secure,
}

impl Nsec3Part {
    /// Checks the next name.
    pub(super) fn check(&mut self, chains: &Chains<'_>, holding: &Holding<'_>, faults: &mut Faults) {
        let Some(kind) = self.gather(holding) else { return };
        let owner = holding.owner;
        self.settle(owner, kind == Kind::Secure, faults);
        let mut is_left_out = false;
        for chain in &chains.chains {
            match chain.find(&chain.parameters.hash(owner)) {
                Ok(link) => {
                    link.is_used.store(true, Ordering::Relaxed);
                    if let Some((wrong, is_listed)) = bitmap::difference(&mut self.types, link.bitmap) {
                        faults.add(owner, Rtype::NSEC3, Problem::Nsec3Bitmap { wrong, is_listed });
                    }
                }
                Err(covering) if covering.is_some_and(|link| link.is_opt_out) => match kind {
                    Kind::Secure => faults.add(owner, Rtype::NSEC3, Problem::Nsec3OptOut),
                    Kind::EmptyNonTerminal => is_left_out = true,
                    Kind::InsecureDelegation => {}
                },
                Err(_) => faults.add(owner, Rtype::NSEC3, Problem::Nsec3Missing),
            }
        }
        if is_left_out {
            self.left_out.push(owner.to_buf());
        }
    }

    /// What a name is, its types gathered; none where it needs no NSEC3.
    fn gather(&mut self, holding: &Holding<'_>) -> Option<Kind> {
        self.types.clear();
        let types = || holding.rrsets().map(|rrset| rrset.rtype);
        let kind = match holding.standing {
            Standing::Glue | Standing::Occluded => return None,
            Standing::Cut => {
                self.types.extend(types().filter(|&rtype| matches!(rtype, Rtype::NS | Rtype::DS | Rtype::NSEC)));
                if self.types.contains(&Rtype::DS) { Kind::Secure } else { Kind::InsecureDelegation }
            }
            Standing::Apex | Standing::Inside => {
                self.types.extend(types().filter(|&rtype| !matches!(rtype, Rtype::NSEC3 | Rtype::RRSIG)));
                match self.types.is_empty() {
                    // RFC 5155 section 7.1: NSEC3 makes no name.
                    true if holding.rrset(Rtype::NSEC3).is_some() => return None,
                    true => Kind::EmptyNonTerminal,
                    false => Kind::Secure,
                }
            }
        };
        // NSEC beside NSEC3 is signed too, at insecure delegations.
        if kind == Kind::Secure || self.types.contains(&Rtype::NSEC) {
            self.types.push(Rtype::RRSIG);
        }
        Some(kind)
    }

    /// Settles for the empty non-terminals that were left out what the next name means to them.
    fn settle(&mut self, owner: Name<'_>, is_secure: bool, faults: &mut Faults) {
        if is_secure && self.first_secure.is_none() {
            self.first_secure = Some(owner.to_buf());
        }
        while let Some(last) = self.left_out.last() {
            let is_below = owner.is_at_or_below(last.as_name());
            if is_below && !is_secure {
                return;
            }
            if is_below {
                faults.add(last.as_name(), Rtype::NSEC3, Problem::Nsec3OptOut);
            }
            self.left_out.pop();
        }
    }

    /// Joins the part that follows.
    pub(super) fn absorb(&mut self, other: Self, faults: &mut Faults) {
        match other.first_secure {
            // Names below one follow it at once: what the first secure one is not below has nothing secure below it.
            Some(first) => {
                self.settle(first.as_name(), true, faults);
                self.left_out = other.left_out;
            }
            None => self.left_out.extend(other.left_out),
        }
    }
}

/// The hash in the owner's labels in front of the apex: one label of 32 digits in base32hex.
fn hash_of(labels: &[u8]) -> Option<Nsec3Hash> {
    let (&length, text) = labels.split_first()?;
    nsec3_hash_of_label(text).filter(|_| usize::from(length) == text.len())
}

/// The owner of the NSEC3 with a hash; the apex where there is no room for it.
fn owner_of(hash: &Nsec3Hash, apex: Name<'_>) -> NameBuf {
    NameBuf::join(&nsec3_label(hash), apex).unwrap_or(apex.to_buf())
}
