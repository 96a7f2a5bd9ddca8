//! Signed zones: an independent validator is to find no answer bogus.
//!
//! Each question is put to the validator, which asks the server for all that it needs and proves what it gets: the
//! answer or its denial, signatures, and that what is unsigned may be so.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::data::*;
use crate::generate::Random;
use crate::master;
use crate::message::{Query, RD};
use crate::process::Directory;
use crate::refused;
use crate::servers::{Running, Server};
use crate::signed::{self, Extent, NSEC3};
use crate::types::{mnemonic, name_text};
use crate::validator::{State, Validator};
use crate::walk::{Atlas, Found, Step, Walk};
use crate::worlds::Round;

/// Worlds of a round, and the queries that they are asked.
const WORLDS: usize = 20;
const QUERIES: usize = 2_000;

/// Chains that the validator follows.
const STEPS_MAX: usize = 8;

/// Failures that are shown.
const SHOWN: usize = 5;

/// What the validator said, and what went wrong.
#[derive(Default)]
pub struct Tally {
    pub secure: usize,
    pub insecure: usize,
    /// Failures by what was said of what.
    pub kinds: BTreeMap<String, usize>,
    pub failures: Vec<String>,
}

/// Has `queries` answers of the server validated.
pub fn run(server: Server, seed: u64, queries: usize) -> Tally {
    let mut tally = Tally::default();
    let (mut asked, mut number) = (0, 0);
    while asked < queries {
        let count = QUERIES.min(queries - asked);
        round(server, seed.wrapping_add(number), count, &mut tally);
        asked += count;
        number += 1;
    }
    tally
}

fn round(server: Server, seed: u64, count: usize, tally: &mut Tally) {
    let mut random = Random(seed);
    let mut round = Round::without_root(&mut random, WORLDS);
    signed::prepare(&mut random, &mut round);
    let directory = Directory::create();
    let signed = signed::sign(&mut random, &directory, &mut round, Extent::Whole);
    let atlas = Atlas::new(&round.zones, signed.signings.clone());
    let refused = refused::of(&atlas);
    let running = Running::start(server, &directory, &round.zones, &signed.files, &refused);
    let tops: Vec<String> = (0..WORLDS).map(|number| format!("w{number}.")).collect();
    let validator = Validator::start(&directory, running.addr, &tops, &signed.anchors);
    let mut queries: Vec<Query> = Vec::new();
    while queries.len() < count {
        let (world, query) = round.query(&mut random);
        let walk = atlas.walk(&query.question.name, query.question.rtype);
        let way = walk.steps.iter().filter_map(|step| step.zone).chain(round.worlds[world].clone());
        if can_be_validated(&atlas, &query, &walk) && !way.into_iter().any(|zone| refused.contains(&(server, zone))) {
            let question = Question { dnssec_ok: true, ..query.question };
            queries.push(Query { question, id: 0, flags: RD, edns: Some(1_232) });
        }
    }
    for (query, (state, reply)) in queries.iter().zip(validator.judge(&queries)) {
        let walk = atlas.walk(&query.question.name, query.question.rtype);
        let may_be_insecure = walk.steps.iter().any(|step| may_be_insecure(&atlas, step));
        match state {
            State::Secure => tally.secure += 1,
            State::Insecure if may_be_insecure => tally.insecure += 1,
            State::Insecure | State::Bogus => {
                let last = walk.last();
                let source = if last.wildcard.is_some() { " by a wildcard" } else { "" };
                let chain = if walk.steps.len() > 1 { " behind an alias" } else { "" };
                let opt_out =
                    if walk.steps.iter().any(|step| step.zone.is_some_and(|zone| atlas.signings[zone].is_opt_out)) {
                        ", opt-out"
                    } else {
                        ""
                    };
                *tally.kinds.entry(format!("{state:?}: {:?}{source}{chain}{opt_out}", last.found)).or_default() += 1;
                let mut text = format!("replay with GANNET_PEERS_SEED={seed}\n{state:?}: ");
                let _ = writeln!(text, "{} {}", name_text(&query.question.name), mnemonic(query.question.rtype));
                for step in &walk.steps {
                    let _ = writeln!(text, "step: {} {:?} {:?}", name_text(&step.name), step.found, step.wildcard);
                }
                if let Some(zone) = walk.last().zone.filter(|_| tally.failures.len() < SHOWN) {
                    let zone = &round.zones[zone];
                    let _ = write!(text, "; zone {}\n{}", name_text(&zone.apex), master::text(zone));
                }
                text += &reply.text();
                tally.failures.push(text);
            }
        }
    }
}

/// Whether a validator may find what it is told of a name insecure: the zone is not signed, or what is denied may be a
/// delegation that opt-out left out (RFC 5155 section 9.2).
fn may_be_insecure(atlas: &Atlas<'_>, step: &Step) -> bool {
    let Some(zone) = step.zone else { return true };
    let is_denied = step.wildcard.is_some() || matches!(step.found, Found::NoData | Found::NxDomain);
    !atlas.signings[zone].is_secure || (atlas.signings[zone].is_opt_out && is_denied)
}

/// Whether a validator can ask what this needs: nothing that our servers do not serve, and no question about records as
/// such.
fn can_be_validated(atlas: &Atlas<'_>, query: &Query, walk: &Walk) -> bool {
    let question = &query.question;
    let is_plain =
        question.class == CLASS_IN && question.rtype < 128 && !matches!(question.rtype, RRSIG | NSEC | NSEC3);
    // The DS of an apex is a question for the parent, which may not be served here.
    let is_of_apex = |step: &Step| step.zone.is_some_and(|zone| atlas.zones[zone].apex == step.name);
    let asks_parent = question.rtype == DS && walk.steps.iter().any(is_of_apex);
    // unbound 1.17 finds no proof that holds for a wildcard that owns nothing, or a DNAME, nor for a name with an
    // asterisk of its own.
    let is_odd = |step: &Step| {
        let zone = step.zone.map(|zone| &atlas.zones[zone]);
        let is_odd =
            |source: &Name| zone.is_some_and(|zone| zone.at(source).next().is_none() || zone.has(source, DNAME));
        step.name.is_wildcard() || step.wildcard.as_ref().is_some_and(is_odd)
    };
    let is_unprovable = |step: &Step| step.zone.is_some_and(|zone| is_unprovable(atlas, zone, step));
    // unbound takes what proves that a wildcard stands for an alias for a denial in the unsigned zone that the alias leads
    // to; behind BIND too.
    let is_open = |step: &Step| step.zone.is_none_or(|zone| !atlas.signings[zone].is_secure);
    let is_opt_out = |step: &Step| step.zone.is_some_and(|zone| atlas.signings[zone].is_opt_out);
    let is_mistaken = matches!(walk.last().found, Found::NoData | Found::NxDomain)
        && is_open(walk.last())
        && walk.steps.iter().any(|step| step.wildcard.is_some() && is_opt_out(step));
    let is_far = |found: &Found| matches!(found, Found::Cut(_) | Found::Nowhere);
    // unbound seeks signatures of a CNAME that a DNAME made where it asked for one of the two, or where one DNAME makes
    // two of them; and Knot shows the DNAME of a wildcard under another name.
    let dnames: Vec<&Name> = walk.steps.iter().filter_map(|step| step.found.dname()).collect();
    let is_twice = dnames.iter().enumerate().any(|(number, dname)| dnames[..number].contains(dname));
    let asks_made = matches!(question.rtype, CNAME | DNAME) && !dnames.is_empty();
    let is_made = asks_made || is_twice || dnames.iter().any(|dname| dname.is_wildcard());
    is_plain
        && !asks_parent
        && !is_made
        && !is_mistaken
        && !walk.is_loop
        && !walk.is_too_long
        && walk.steps.len() <= STEPS_MAX
        && !walk.steps.iter().any(|step| is_far(&step.found) || is_odd(step) || is_unprovable(step))
}

/// Whether opt-out leaves nothing to deny a name with: what encloses it has no NSEC3, and further up is a wildcard, which
/// would stand for the name.
fn is_unprovable(atlas: &Atlas<'_>, number: usize, step: &Step) -> bool {
    let zone = &atlas.zones[number];
    let mut above = (zone.apex.depth()..step.name.depth()).rev().map(|depth| step.name.ancestor(depth));
    let provable = above.find(|name| zone.exists(name) && !atlas.is_left_out(number, name));
    let has_wildcard = provable.is_some_and(|provable| zone.exists(&provable.child("*")));
    step.found == Found::NxDomain && has_wildcard && atlas.has_encloser_left_out(step)
}
