//! Has the memory fetched that a batch of queries will be answered from, level by level: while one query's is on its way the
//! others are seen to.
//!
//! Decides nothing but which zone a name is in.

use crate::base::limits::BATCH;
use crate::wire::{NotAQuery, Query};
use crate::zone::{ZoneSet, ZoneState};

/// Fetches all that lookups will read, once [`ZoneSet::prefetch`] was called for each query. Returns for each query the index of
/// the zone that is its name's longest match.
pub(super) fn fetch_ahead(zones: &ZoneSet, queries: &[Result<Query<'_>, NotAQuery>]) -> [Option<usize>; BATCH] {
    let mut longest = [None; BATCH];
    if zones.zones().len() > 1 {
        for (longest, query) in longest.iter_mut().zip(queries) {
            *longest = query.as_ref().ok().and_then(|query| zones.guess(query.name));
        }
        longest.iter().flatten().for_each(|&guess| zones.prefetch_zone(guess));
    }
    let mut found = [const { None }; BATCH];
    for ((zone, longest), query) in found.iter_mut().zip(&mut longest).zip(queries) {
        let Ok(query) = query else { continue };
        let at = zones.find(query.name, 0);
        *longest = at.map(|at| at.0);
        if let Some((_, ZoneState::Loaded(found, _))) = at {
            found.prefetch_slots(query.name);
            *zone = Some(found);
        }
    }
    for (zone, query) in found.iter().zip(queries) {
        if let (Some(zone), Ok(query)) = (zone, query) {
            zone.prefetch_nodes(query.name);
        }
    }
    longest
}
