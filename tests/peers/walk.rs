//! The way of a question through the zones, told step by step: what the rules of disagreement lean on.
//!
//! Written from RFC 1034 section 4.3.2 over plain lists of records; knows no replies and no server.

use std::collections::BTreeMap;

use crate::data::*;
use crate::reply::lower;
use crate::signed::Signing;

/// Zones that can be found by their names.
pub struct Atlas<'z> {
    pub zones: &'z [Zone],
    pub signings: Vec<Signing>,
    by_apex: BTreeMap<Name, usize>,
}

/// What a zone has for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The name is in none of the zones.
    Nowhere,
    /// The name is at or below this zone cut.
    Cut(Name),
    /// The name is below this owner of a DNAME.
    Dname(Name),
    /// The name is an alias.
    Cname,
    /// The name has the type, or any for ANY.
    Answer,
    NoData,
    NxDomain,
}

impl Found {
    /// The DNAME's owner.
    pub fn dname(&self) -> Option<&Name> {
        match self {
            Self::Dname(owner) => Some(owner),
            _ => None,
        }
    }
}

/// One name of the way.
#[derive(Clone, Debug)]
pub struct Step {
    pub name: Name,
    /// The zone's index.
    pub zone: Option<usize>,
    pub found: Found,
    /// The wildcard that stands for the name.
    pub wildcard: Option<Name>,
}

/// The way: one step for each name, and why it ends where more would follow.
#[derive(Clone, Debug)]
pub struct Walk {
    pub steps: Vec<Step>,
    /// It came back to a name it had been at.
    pub is_loop: bool,
    /// A DNAME would make a name that is too long.
    pub is_too_long: bool,
}

/// More steps than any of the servers follows.
const STEPS_MAX: usize = 64;

impl<'z> Atlas<'z> {
    pub fn new(zones: &'z [Zone], signings: Vec<Signing>) -> Self {
        let by_apex = zones.iter().enumerate().map(|(number, zone)| (lower(&zone.apex), number)).collect();
        Self { zones, signings, by_apex }
    }

    /// The zone with the longest apex at or above the name.
    pub fn zone_of(&self, name: &Name) -> Option<usize> {
        (0..=name.depth()).rev().find_map(|depth| self.by_apex.get(&lower(&name.ancestor(depth))).copied())
    }

    /// The zone that answers: for the DS of an apex the one above (RFC 4035 section 3.1.4.1), unless that one delegates
    /// the parent away.
    pub fn zone_for(&self, name: &Name, rtype: u16) -> Option<usize> {
        let own = self.zone_of(name)?;
        if rtype != DS || self.zones[own].apex != *name || name.is_root() {
            return Some(own);
        }
        let above = self.zone_of(&name.ancestor(name.depth() - 1));
        above.filter(|above| !matches!(self.find(*above, name, DS).0, Found::Cut(_))).or(Some(own))
    }

    /// What the zone has for the name, and by which wildcard.
    pub fn find(&self, zone: usize, name: &Name, rtype: u16) -> (Found, Option<Name>) {
        let zone = &self.zones[zone];
        for depth in zone.apex.depth()..=name.depth() {
            let here = name.ancestor(depth);
            if !zone.exists(&here) {
                let source = name.ancestor(depth - 1).child("*");
                return if zone.exists(&source) {
                    (at_node(zone, &source, rtype), Some(source))
                } else {
                    (Found::NxDomain, None)
                };
            }
            let arrived = depth == name.depth();
            if zone.is_cut(&here) && !(arrived && rtype == DS) {
                return (Found::Cut(here), None);
            }
            if !arrived && zone.has(&here, DNAME) {
                return (Found::Dname(here), None);
            }
        }
        (at_node(zone, name, rtype), None)
    }

    /// Whether a name has no NSEC3, for it is there for unsigned delegations alone, in a zone with opt-out (RFC 5155 section
    /// 7.1).
    pub fn is_left_out(&self, number: usize, name: &Name) -> bool {
        let zone = &self.zones[number];
        let is_left_out = |record: &Record| {
            let mut cuts = (zone.apex.depth()..=record.owner.depth()).map(|depth| record.owner.ancestor(depth));
            cuts.any(|cut| zone.is_cut(&cut) && !zone.has(&cut, DS))
        };
        let mut records = zone.records.iter().filter(|record| record.owner.is_at_or_below(name));
        self.signings[number].is_opt_out && records.all(is_left_out)
    }

    /// Whether what encloses a name, or is it, is such a one.
    pub fn has_encloser_left_out(&self, step: &Step) -> bool {
        self.encloser(step).is_some_and(|(number, encloser)| self.is_left_out(number, &encloser))
    }

    /// The zone of a step, and the deepest name at or above the step's that exists in it.
    pub fn encloser(&self, step: &Step) -> Option<(usize, Name)> {
        let number = step.zone?;
        let zone = &self.zones[number];
        let mut above = (zone.apex.depth()..=step.name.depth()).rev().map(|depth| step.name.ancestor(depth));
        above.find(|name| zone.exists(name)).map(|encloser| (number, encloser))
    }

    /// The names that the question goes by. A CNAME that was asked for is not followed, one that a DNAME makes neither.
    pub fn walk(&self, name: &Name, rtype: u16) -> Walk {
        let mut walk = Walk { steps: Vec::new(), is_loop: false, is_too_long: false };
        let mut name = name.clone();
        while walk.steps.len() < STEPS_MAX {
            let zone = self.zone_for(&name, rtype);
            let (found, wildcard) = zone.map_or((Found::Nowhere, None), |zone| self.find(zone, &name, rtype));
            let next = self.next(zone, &name, &found, wildcard.as_ref());
            let is_wanted = rtype == CNAME && next.as_ref().is_some_and(|next| next.octets() <= 255);
            walk.steps.push(Step { name, zone, found, wildcard });
            let Some(next) = next.filter(|_| !is_wanted) else { break };
            if next.octets() > 255 {
                walk.is_too_long = true;
                break;
            }
            if walk.steps.iter().any(|step| step.name == next) {
                walk.is_loop = true;
                break;
            }
            name = next;
        }
        walk
    }

    /// The name that an alias leads to.
    fn next(&self, zone: Option<usize>, name: &Name, found: &Found, wildcard: Option<&Name>) -> Option<Name> {
        let zone = &self.zones[zone?];
        let target = |owner: &Name, rtype: u16| {
            zone.at(owner).find(|record| record.rtype == rtype).and_then(|record| record.target()).cloned()
        };
        match found {
            Found::Cname => target(wildcard.unwrap_or(name), CNAME),
            Found::Dname(owner) => Some(name.with_suffix(owner, &target(owner, DNAME)?)),
            _ => None,
        }
    }
}

fn at_node(zone: &Zone, owner: &Name, rtype: u16) -> Found {
    match rtype {
        _ if zone.has(owner, rtype) || (rtype == ANY && zone.at(owner).next().is_some()) => Found::Answer,
        // RFC 4035 section 2.5: signatures stand beside a CNAME.
        ANY | RRSIG => Found::NoData,
        _ if zone.has(owner, CNAME) => Found::Cname,
        _ => Found::NoData,
    }
}

impl Walk {
    pub fn first(&self) -> &Step {
        &self.steps[0]
    }

    pub fn last(&self) -> &Step {
        &self.steps[self.steps.len() - 1]
    }

    /// The steps from the one on that is in another zone than the first.
    pub fn elsewhere(&self) -> &[Step] {
        let from = self.steps.iter().position(|step| step.zone != self.first().zone);
        &self.steps[from.unwrap_or(self.steps.len())..]
    }
}
