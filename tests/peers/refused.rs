//! Zones that a peer does not load: it is not given them, nor asked what would be answered from them.
//!
//! Each is a disagreement of its own, about loading and not about answers.

use std::collections::BTreeSet;

use gannet::base::limits::NAME_OCTETS_MAX;

use crate::data::*;
use crate::servers::Server;
use crate::signed::NSEC3PARAM;
use crate::walk::{Atlas, Found};

/// Which server is not given which zone, by its index.
pub type Refused = BTreeSet<(Server, usize)>;

/// All of them.
pub fn of(atlas: &Atlas<'_>) -> Refused {
    let mut refused = Refused::new();
    for (number, zone) in atlas.zones.iter().enumerate() {
        // Knot: records below a DNAME. RFC 6672 section 2.4 wants none, and has them ignored where they are.
        if has_data_below_dname(zone, zone) {
            refused.insert((Server::Knot, number));
        }
        // NSD: the same, and it sees no difference between zones: a child that is served is data below its parent's
        // DNAME.
        if atlas.zones.iter().any(|other| has_data_below_dname(zone, other) || has_data_below_dname(other, zone)) {
            refused.insert((Server::Nsd, number));
        }
        // NSD 4.6 hashes the wildcard below each name for NSEC3, and crashes where that is too long to be a name.
        let is_long = |record: &Record| record.owner.octets() + 2 > NAME_OCTETS_MAX;
        if zone.has(&zone.apex, NSEC3PARAM) && zone.records.iter().any(is_long) {
            refused.insert((Server::Nsd, number));
        }
        // BIND: a name server of the apex without an address, or one that is an alias. RFC 1912 section 2.4 calls that
        // a mistake, which it is; yet what else is in the zone can be answered. And a DS at the name of such a server,
        // which it takes for one at the apex.
        let mut servers = zone.at(&zone.apex).filter(|record| record.rtype == NS);
        if !servers.clone().all(|ns| is_reachable(atlas, number, ns)) || servers.any(|ns| is_signed_cut(zone, ns)) {
            refused.insert((Server::Bind, number));
        }
    }
    refused
}

fn has_data_below_dname(above: &Zone, below: &Zone) -> bool {
    let mut dnames = above.records.iter().filter(|record| record.rtype == DNAME);
    dnames.any(|dname| below.records.iter().any(|record| record.owner.is_below(&dname.owner)))
}

fn is_signed_cut(zone: &Zone, ns: &Record) -> bool {
    ns.target().is_some_and(|target| zone.has(target, DS))
}

fn is_reachable(atlas: &Atlas<'_>, number: usize, ns: &Record) -> bool {
    let (zone, target) = (&atlas.zones[number], ns.target().expect("an NS has a target"));
    let has_address = |rtype| match atlas.find(number, target, rtype).0 {
        Found::Answer => true,
        Found::Cut(_) => zone.has(target, rtype),
        _ => false,
    };
    !target.is_at_or_below(&zone.apex) || has_address(A) || has_address(AAAA)
}
