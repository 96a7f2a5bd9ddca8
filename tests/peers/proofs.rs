//! Signed zones: an independent validator is to find no answer bogus, unless the zone itself has no signature for it.
//!
//! Each question is put to the validator, which asks the server for all that it needs and proves what it gets: the
//! answer or its denial, signatures, and that what is unsigned may be so. What referrals prove it is told by a relay. What
//! this one, unbound, takes wrongly is put to another, delv.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::ops::Range;

use crate::data::*;
use crate::delv::{Asked, Delv, Judged};
use crate::exchange::Connection;
use crate::generate::Random;
use crate::message::{Query, RD};
use crate::process::Directory;
use crate::refused::{self, Refused};
use crate::relay::{Referral, Relay};
use crate::reply::{ANSWER, AUTHORITY, Reply, lower};
use crate::rows::is_meta;
use crate::servers::{Running, Server};
use crate::signed::{self, Extent, Signed};
use crate::types::{mnemonic, name_text};
use crate::validator::{State, Validator};
use crate::walk::{Atlas, Found, Step, Walk};
use crate::worlds::Round;

/// Worlds of a round, and the queries that they are asked.
const WORLDS: usize = 20;
const QUERIES: usize = 1_000;

/// Chains that the validator follows.
const STEPS_MAX: usize = 8;

/// Of how many answers one is put to delv besides, a process for each: of those alone that unbound
/// takes wrongly. Knot's it would find bogus: see the rule about empty wildcards.
const DELV_SHARE: usize = 8;

/// Chains that delv follows.
const DELV_STEPS_MAX: usize = 11;

/// Failures that are shown.
const SHOWN: usize = 5;

/// What the validator said, and what went wrong.
#[derive(Default)]
pub struct Tally {
    pub secure: usize,
    pub insecure: usize,
    /// Bogus, as what needs a signature has none in its zone.
    pub unsigned: usize,
    /// Answers that delv found good, of those that unbound cannot judge.
    pub by_delv: usize,
    /// Referrals that prove that there is a DS, that there is none, and those that need no proof.
    pub referrals: [usize; 3],
    /// Failures by what was said of what.
    pub kinds: BTreeMap<String, usize>,
    pub failures: Vec<String>,
}

impl Tally {
    /// What was counted, for people.
    pub fn summary(&self) -> String {
        let [with_ds, without_ds, unproven] = self.referrals;
        format!(
            "{} secure, {} insecure, {} without signatures; {} good by delv; referrals: {with_ds} with DS, {without_ds} without, \
             {unproven} insecure; {} failures {:?}",
            self.secure,
            self.insecure,
            self.unsigned,
            self.by_delv,
            self.failures.len(),
            self.kinds
        )
    }

    fn fail(&mut self, kind: String, text: String) {
        *self.kinds.entry(kind).or_default() += 1;
        self.failures.push(text);
    }
}

/// Has `queries` answers of the server validated, and referrals.
pub fn run(server: Server, seed: u64, queries: usize, extent: Extent) -> Tally {
    let mut tally = Tally::default();
    let (mut asked, mut number) = (0, 0);
    while asked < queries {
        let count = QUERIES.min(queries - asked);
        round(server, seed.wrapping_add(number), count, extent, &mut tally);
        asked += count;
        number += 1;
    }
    tally
}

fn round(server: Server, seed: u64, count: usize, extent: Extent, tally: &mut Tally) {
    let mut random = Random(seed);
    let mut round = Round::without_root(&mut random, WORLDS);
    signed::prepare(&mut random, &mut round);
    let directory = Directory::create();
    let signed = signed::sign(&mut random, &directory, &mut round, extent);
    let atlas = Atlas::new(&round.zones, signed.signings.clone());
    let refused = refused::of(&atlas);
    let running = Running::start(server, &directory, &round.zones, &signed.files, &refused);
    let tops: Vec<String> = (0..WORLDS).map(|number| format!("w{number}.")).collect();
    let bench = Bench {
        seed,
        server,
        refused: &refused,
        worlds: &round.worlds,
        addr: running.addr,
        atlas: &atlas,
        signed: &signed,
    };
    let validator = Validator::start(&directory, running.addr, &tops, &signed.anchors);
    let mut others = Vec::new();
    let mut queries: Vec<Query> = Vec::new();
    let mut referrals = BTreeMap::new();
    while queries.len() < count {
        let (_, query) = round.signed_query(&mut random, &signed.hashes);
        let question = Question { dnssec_ok: true, ..query.question };
        let query = Query { question, id: 0, flags: RD, edns: Some(1_232) };
        let walk = atlas.walk(&query.question.name, query.question.rtype);
        if !bench.has_all(walk.steps.iter().filter_map(|step| step.zone)) {
            continue;
        }
        if let Found::Cut(cut) = &walk.last().found {
            if is_plain(&query.question) {
                bench.refer(&mut referrals, cut, query);
            }
        } else if can_be_validated(&atlas, &query, &walk) {
            queries.push(query);
        } else if extent == Extent::Whole
            && server == Server::Gannet
            && others.len() < count / DELV_SHARE
            && let Some(anchor) = bench.anchor_for_delv(&query.question, &walk)
        {
            others.push(Asked { query, anchor });
        }
    }
    for (query, judged) in queries.iter().zip(validator.judge(&queries)) {
        bench.take(&validator, query, judged, tally);
    }
    let delv = Delv::new(&directory, running.addr, &round.zones, &signed.anchors);
    for (asked, judged) in others.iter().zip(delv.judge(&others)) {
        bench.take_from_delv(&asked.query.question, &judged, tally);
    }
    bench.refer_to_all(&mut referrals);
    bench.judge_referrals(referrals, &tops, tally);
}

/// A round whose answers are judged.
struct Bench<'a> {
    seed: u64,
    server: Server,
    addr: SocketAddr,
    refused: &'a Refused,
    worlds: &'a [Range<usize>],
    atlas: &'a Atlas<'a>,
    signed: &'a Signed,
}

impl Bench<'_> {
    /// Whether the server has the zones, and those above them.
    fn has_all(&self, zones: impl Iterator<Item = usize>) -> bool {
        let worlds = zones.filter_map(|zone| self.worlds.iter().find(|world| world.contains(&zone)));
        worlds.cloned().flatten().all(|zone| !self.refused.contains(&(self.server, zone)))
    }

    /// The zone whose key proves all that an answer holds, where delv can judge it.
    fn anchor_for_delv(&self, question: &Question, walk: &Walk) -> Option<usize> {
        // The DS of an apex whose parent is not here delv seeks above. Signatures it does not show where they are asked for,
        // nor does it take an alias for an answer about NSEC. Where names become too long it does not end; and where they
        // come again it ends, but does not look at what it is shown on the way to a DS.
        let is_of_apex = |step: &Step| step.zone.is_some_and(|zone| self.atlas.zones[zone].apex == step.name);
        let has_alias = walk.steps.iter().any(|step| step.found == Found::Cname);
        let cannot_be_asked = match question.rtype {
            DS => walk.is_loop || walk.steps.iter().any(is_of_apex),
            NSEC => has_alias,
            RRSIG => true,
            _ => false,
        };
        let is_endless = |walk: &Walk| walk.is_too_long || walk.steps.len() > DELV_STEPS_MAX;
        // It goes on past the CNAME that a DNAME made, though a CNAME was asked for.
        let goes_on = question.rtype == CNAME && walk.steps.iter().any(|step| step.found.dname().is_some());
        let beyond = if goes_on { self.atlas.walk(&question.name, A) } else { walk.clone() };
        let can = is_plain(question) && !cannot_be_asked && !is_endless(&beyond);
        self.anchor(&beyond).filter(|_| can)
    }

    /// The one zone whose key proves all of the way, where it is signed throughout: delv trusts no more than one.
    fn anchor(&self, walk: &Walk) -> Option<usize> {
        let anchor_of = |step: &Step| {
            let zone = step.zone.filter(|zone| self.atlas.signings[*zone].is_secure)?;
            let mut way = std::iter::successors(Some(zone), |zone| signed::parent_of(self.atlas.zones, *zone));
            way.find(|zone| self.signed.anchors.contains_key(zone))
        };
        let first = anchor_of(walk.first())?;
        walk.steps.iter().all(|step| anchor_of(step) == Some(first)).then_some(first)
    }

    /// Counts what delv says of an answer whose way is signed throughout, or tells why it should not.
    fn take_from_delv(&self, question: &Question, judged: &Judged, tally: &mut Tally) {
        let walk = self.atlas.walk(&question.name, question.rtype);
        match judged.state {
            State::Secure => tally.by_delv += 1,
            State::Insecure if walk.steps.iter().any(|step| may_be_insecure(self.atlas, step)) => {
                tally.by_delv += 1;
            }
            state => {
                let mut text = format!("replay with GANNET_PEERS_SEED={}\n{}", self.seed, judged.text);
                for step in &walk.steps {
                    let _ = writeln!(text, "step: {} {:?} {:?}", name_text(&step.name), step.found, step.wildcard);
                }
                tally.fail(format!("delv: {}", self.kind(state, &walk)), text);
            }
        }
    }

    /// Counts what the validator says of an answer, or tells why it should not.
    fn take(&self, validator: &Validator, query: &Query, (state, reply): (State, Reply), tally: &mut Tally) {
        let question = &query.question;
        let walk = self.atlas.walk(&question.name, question.rtype);
        // Nothing signs signatures.
        let is_signatures = question.rtype == RRSIG && walk.last().found == Found::Answer;
        let may_be_insecure = is_signatures || walk.steps.iter().any(|step| may_be_insecure(self.atlas, step));
        match state {
            State::Secure => tally.secure += 1,
            State::Insecure if may_be_insecure => tally.insecure += 1,
            State::Bogus if !self.signed.unsigned.is_empty() && self.lacks_signatures(query, &walk) => {
                tally.unsigned += 1;
            }
            State::Insecure | State::Bogus => {
                let text = if tally.failures.len() < SHOWN {
                    self.text(&validator.why(query), query, &reply, &walk)
                } else {
                    String::new()
                };
                tally.fail(self.kind(state, &walk), text);
            }
        }
    }

    fn kind(&self, state: State, walk: &Walk) -> String {
        let is_opt_out = |step: &Step| step.zone.is_some_and(|zone| self.atlas.signings[zone].is_opt_out);
        let source = if walk.last().wildcard.is_some() { " by a wildcard" } else { "" };
        let chain = if walk.steps.len() > 1 { " behind an alias" } else { "" };
        let opt_out = if walk.steps.iter().any(is_opt_out) { ", opt-out" } else { "" };
        format!("{state:?}: {:?}{source}{chain}{opt_out}", walk.last().found)
    }

    fn text(&self, why: &str, query: &Query, reply: &Reply, walk: &Walk) -> String {
        let mut text = format!("replay with GANNET_PEERS_SEED={}\n{why}", self.seed);
        let _ = writeln!(text, "{} {}", name_text(&query.question.name), mnemonic(query.question.rtype));
        for step in &walk.steps {
            let _ = writeln!(text, "step: {} {:?} {:?}", name_text(&step.name), step.found, step.wildcard);
        }
        if let Some(zone) = walk.last().zone {
            let file = fs::read_to_string(&self.signed.files[zone]).unwrap_or_else(|why| why.to_string());
            let _ = write!(text, "; zone {}\n{file}", name_text(&self.atlas.zones[zone].apex));
        }
        text + &reply.text()
    }

    /// Whether something that a validator needs has no signature in its zone: of the answer, or of what says which of the
    /// names above it are signed zones.
    fn lacks_signatures(&self, query: &Query, walk: &Walk) -> bool {
        let above = walk.steps.iter().flat_map(|step| (1..=step.name.depth()).map(|depth| step.name.ancestor(depth)));
        let of_ds = above.map(|name| Question { name, rtype: DS, class: CLASS_IN, dnssec_ok: true });
        let queries = of_ds.chain([query.question.clone()]).map(|question| Query { question, ..query.clone() });
        let mut connection = Connection::to(self.addr).expect("it listens");
        let sources: Vec<&Name> = walk.steps.iter().filter_map(|step| step.wildcard.as_ref()).collect();
        let lacks = |owner: &Name, rtype: u16| self.signed.unsigned.contains(&(lower(owner), rtype));
        // Signatures themselves are asked for, and the name's NSEC or NSEC3 says that it has some.
        let lacks_all = |step: &Step| {
            let source = lower(step.wildcard.as_ref().unwrap_or(&step.name));
            step.found == Found::NoData && self.signed.unsigned.iter().any(|(owner, _)| *owner == source)
        };
        if query.question.rtype == RRSIG && lacks_all(walk.last()) {
            return true;
        }
        queries.into_iter().any(|query| {
            let reply = Reply::read(&connection.ask(&query).expect("an answer")).expect("a reply");
            let mut keys = reply.sections[ANSWER].keys().chain(reply.sections[AUTHORITY].keys());
            keys.any(|key| lacks(&key.owner, key.rtype) || sources.iter().any(|source| lacks(source, key.rtype)))
        })
    }

    /// Takes the first query that leads to a zone cut.
    fn refer(&self, referrals: &mut BTreeMap<Name, Referral>, cut: &Name, query: Query) {
        let Some(zone) = self.atlas.zone_of(cut) else { return };
        let apex = self.atlas.zones[zone].apex.clone();
        referrals.entry(cut.clone()).or_insert(Referral { cut: cut.clone(), apex, query });
    }

    /// Adds queries for the zone cuts that nothing led to.
    fn refer_to_all(&self, referrals: &mut BTreeMap<Name, Referral>) {
        for (number, zone) in
            self.atlas.zones.iter().enumerate().filter(|(number, _)| self.has_all([*number].into_iter()))
        {
            for cut in zone.records.iter().filter(|record| record.rtype == NS).map(|record| &record.owner) {
                let is_reached = self.atlas.zone_of(cut) == Some(number)
                    && self.atlas.find(number, cut, A).0 == Found::Cut(cut.clone());
                if is_reached {
                    let name = if referrals.len().is_multiple_of(2) { cut.clone() } else { cut.child("x") };
                    let question = Question { name, rtype: A, class: CLASS_IN, dnssec_ok: true };
                    self.refer(referrals, cut, Query { question, id: 0, flags: RD, edns: Some(1_232) });
                }
            }
        }
    }

    /// Has the validator judge what each referral proves.
    fn judge_referrals(&self, referrals: BTreeMap<Name, Referral>, tops: &[String], tally: &mut Tally) {
        let of_ds = |cut: &Name| Question { name: cut.clone(), rtype: DS, class: CLASS_IN, dnssec_ok: true };
        let queries: Vec<Query> =
            referrals.keys().map(|cut| Query { question: of_ds(cut), id: 0, flags: RD, edns: Some(1_232) }).collect();
        let relay = Relay::start(self.addr, referrals);
        let directory = Directory::create();
        let validator = Validator::start(&directory, relay.addr, tops, &self.signed.anchors);
        for (query, (state, reply)) in queries.iter().zip(validator.judge(&queries)) {
            let walk = self.atlas.walk(&query.question.name, DS);
            let has_ds = walk.last().found == Found::Answer;
            match state {
                State::Secure => tally.referrals[usize::from(!has_ds)] += 1,
                State::Insecure if may_be_insecure(self.atlas, walk.last()) => tally.referrals[2] += 1,
                // What covers the cut may be the wildcard's own NSEC3, which unbound takes for a denial by the wildcard.
                State::Bogus if is_unprovable(self.atlas, walk.last()) => tally.referrals[2] += 1,
                State::Bogus if !self.signed.unsigned.is_empty() && self.lacks_signatures(query, &walk) => {
                    tally.unsigned += 1;
                }
                _ => tally.fail(
                    format!("referral, {}", self.kind(state, &walk)),
                    self.text(&validator.why(query), query, &reply, &walk),
                ),
            }
        }
        for fault in relay.end() {
            tally.fail("no referral".to_owned(), fault);
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

/// Whether unbound can ask what this needs: nothing that our servers do not serve, and nothing that it takes wrongly.
fn can_be_validated(atlas: &Atlas<'_>, query: &Query, walk: &Walk) -> bool {
    let question = &query.question;
    // What stands beside an alias unbound seeks where the alias leads to, if it has that in its cache; and where names are
    // hashed no NSEC does, nor is NODATA an answer then (RFC 6840 section 4.3).
    let asks_alias = matches!(question.rtype, RRSIG | NSEC) && is_alias(atlas, walk.last());
    // The DS of an apex is a question for the parent, which may not be served here.
    let is_of_apex = |step: &Step| step.zone.is_some_and(|zone| atlas.zones[zone].apex == step.name);
    let asks_parent = question.rtype == DS && walk.steps.iter().any(is_of_apex);
    // unbound 1.17 finds no proof that holds for a wildcard that owns nothing, or a DNAME; nor for a name with an asterisk of
    // its own where names are hashed, or a wildcard stands for it. These, and most of what is below, delv judges.
    let is_odd = |step: &Step| {
        let zone = step.zone.map(|zone| &atlas.zones[zone]);
        let is_odd =
            |source: &Name| zone.is_some_and(|zone| zone.at(source).next().is_none() || zone.has(source, DNAME));
        let is_hashed = step.zone.is_some_and(|zone| atlas.signings[zone].is_hashed);
        (step.name.is_wildcard() && (is_hashed || step.wildcard.is_some()))
            || step.wildcard.as_ref().is_some_and(is_odd)
    };
    // unbound 1.17 takes what proves that a wildcard stands for an alias for the denial in the unsigned zone that the alias
    // leads to, which it asks by itself; behind BIND too.
    let is_open = |step: &Step| step.zone.is_none_or(|zone| !atlas.signings[zone].is_secure);
    let is_mistaken = matches!(walk.last().found, Found::NoData | Found::NxDomain)
        && is_open(walk.last())
        && walk.steps.iter().any(|step| step.wildcard.is_some() && !is_open(step));
    let is_far = |found: &Found| matches!(found, Found::Cut(_) | Found::Nowhere);
    // unbound seeks signatures of a CNAME that a DNAME made where it asked for one of the two, or where one DNAME makes
    // two of them; and Knot shows the DNAME of a wildcard under another name.
    let dnames: Vec<&Name> = walk.steps.iter().filter_map(|step| step.found.dname()).collect();
    let is_twice = dnames.iter().enumerate().any(|(number, dname)| dnames[..number].contains(dname));
    let asks_made = matches!(question.rtype, CNAME | DNAME) && !dnames.is_empty();
    let is_made = asks_made || is_twice || dnames.iter().any(|dname| dname.is_wildcard());
    is_plain(question)
        && !asks_alias
        && !asks_parent
        && !is_made
        && !is_mistaken
        && !walk.is_loop
        && !walk.is_too_long
        && walk.steps.len() <= STEPS_MAX
        && !walk.steps.iter().any(|step| is_far(&step.found) || is_odd(step) || is_unprovable(atlas, step))
}

fn is_alias(atlas: &Atlas<'_>, step: &Step) -> bool {
    let owner = step.wildcard.as_ref().unwrap_or(&step.name);
    step.zone.is_some_and(|zone| atlas.zones[zone].has(owner, CNAME))
}

/// Whether the question is of the class and for a type of records.
fn is_plain(question: &Question) -> bool {
    question.class == CLASS_IN && !is_meta(question.rtype)
}

/// Whether opt-out leaves nothing to deny a name with: what encloses it has no NSEC3, and further up is a wildcard, which
/// would stand for the name.
fn is_unprovable(atlas: &Atlas<'_>, step: &Step) -> bool {
    let Some(number) = step.zone else { return false };
    let zone = &atlas.zones[number];
    let mut above = (zone.apex.depth()..step.name.depth()).rev().map(|depth| step.name.ancestor(depth));
    let provable = above.find(|name| zone.exists(name) && !atlas.is_left_out(number, name));
    let has_wildcard = provable.is_some_and(|provable| zone.exists(&provable.child("*")));
    matches!(step.found, Found::NxDomain | Found::NoData) && has_wildcard && atlas.has_encloser_left_out(step)
}
