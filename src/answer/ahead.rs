//! Has the memory fetched that a batch of queries will be answered from, level by level: while one query's is on its way the
//! others are seen to.
//!
//! Decides nothing but which zone a name is in.

use crate::base::limits::BATCH;
use crate::base::prefetch::Places;
use crate::wire::{HashedName, NotAQuery, Query};
use crate::zone::{Zone, ZoneSet, ZoneState};

/// What is to be fetched of one level: for a name the slots or nodes of two depths and the apex.
type Level = Places<{ 3 * BATCH }>;

/// Fetches all that lookups will read. Returns for each query the index of the zone that is its name's longest match.
pub(super) fn fetch_ahead(zones: &ZoneSet, queries: &[Result<Query<'_>, NotAQuery>]) -> [Option<usize>; BATCH] {
    let (mut longest, mut loaded) = ([None; BATCH], [None; BATCH]);
    let mut level = Level::default();
    let is_single = zones.zones().len() == 1;
    if !is_single {
        fetch_zones(zones, queries, &mut level);
    }
    for (index, query) in queries.iter().enumerate().take(BATCH) {
        let Ok(query) = query else { continue };
        let Some((at, state)) = zones.find(query.name, 0) else { continue };
        longest[index] = Some(at);
        if let ZoneState::Loaded(zone, _) = state {
            loaded[index] = Some((&**zone, query.name));
            // Where there are many zones most have one block, which stands in the zone itself.
            if is_single {
                zone.gather_blocks(query.name, &mut level);
            }
        }
    }
    level.fetch(1);
    let loaded = loaded.iter().flatten();
    loaded.clone().for_each(|(zone, name)| zone.gather_slots(name, &mut level));
    level.fetch(1);
    loaded.for_each(|(zone, name)| zone.gather_nodes(name, &mut level));
    // A delegation with its glue has some 120 octets, and begins anywhere in a cache line.
    level.fetch(3);
    longest
}

/// Fetches the zones that queries will most likely be answered from.
fn fetch_zones(zones: &ZoneSet, queries: &[Result<Query<'_>, NotAQuery>], level: &mut Level) {
    let names = queries.iter().flatten().map(|query| query.name);
    names.clone().for_each(|name| zones.gather_slots(name, level));
    level.fetch(1);
    let guess = |name: &HashedName| zones.guess(name).map(|guess| &zones.zones()[guess]);
    let mut guesses = [const { None }; BATCH];
    for (guessed, state) in guesses.iter_mut().zip(names.filter_map(guess)) {
        level.gather(state);
        *guessed = Some(state);
    }
    level.fetch(1);
    for state in guesses.into_iter().flatten() {
        if let ZoneState::Loaded(zone, _) = state {
            level.gather(&**zone);
        }
    }
    level.fetch_whole::<Zone>();
}
