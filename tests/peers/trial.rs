//! The trial: rounds of zones, all servers asked the same, every disagreement put before the rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::ops::AddAssign;
use std::path::PathBuf;
use std::thread;

use crate::compare::{Case, Difference};
use crate::exchange::{self, Connection};
use crate::generate::Random;
use crate::message::Query;
use crate::process::Directory;
use crate::refused::{self, Refused};
use crate::reply::{Reply, TC};
use crate::servers::{PEERS, Running, Server, write_zones};
use crate::signed::{self, Extent, Signing};
use crate::transfers;
use crate::types::{mnemonic, name_text};
use crate::verdicts::{self, Rule};
use crate::walk::{Atlas, Walk};
use crate::worlds::Round;

/// Worlds of a round, and the queries that they are asked.
const WORLDS: usize = 40;
pub const QUERIES: usize = 4_000;

/// Examples that are shown of one sort of disagreement, and sorts that are shown.
const EXAMPLES: usize = 1;
const SORTS: usize = 40;

/// What a trial counted.
#[derive(Default)]
pub struct Tally {
    pub queries: usize,
    /// Replies that were held against ours.
    pub compared: usize,
    /// The same over TCP.
    pub over_tcp: usize,
    /// Zones that were read back, and those of peers that they were held against.
    pub zones: usize,
    pub zones_compared: usize,
    /// How often each rule explained something, by rule and peer.
    pub fired: BTreeMap<(usize, Server), usize>,
    /// What no rule explains, by sort.
    pub unexplained: BTreeMap<String, Unexplained>,
}

/// Disagreements of one sort.
#[derive(Default)]
pub struct Unexplained {
    pub count: usize,
    /// The seeds of the rounds they were in.
    pub rounds: BTreeSet<u64>,
    pub examples: Vec<String>,
}

/// What the zones of a trial are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zones {
    Plain,
    /// Most of them signed.
    Signed,
}

/// Puts `queries` queries to all of the servers.
pub fn run(peers: &[Server], seed: u64, queries: usize, zones: Zones) -> Tally {
    let mut tally = Tally::default();
    let mut number = 0;
    while tally.queries < queries {
        let asked = QUERIES.min(queries - tally.queries);
        round(peers, seed.wrapping_add(number), asked, zones, &mut tally);
        number += 1;
    }
    tally
}

/// What one server said to one query.
struct Said {
    server: Server,
    reply: Reply,
}

fn round(peers: &[Server], seed: u64, count: usize, zones: Zones, tally: &mut Tally) {
    let directory = Directory::create();
    let (round, files, hashes, signings) = match zones {
        Zones::Plain => {
            let round = Round::of(seed, WORLDS);
            let files = write_zones(&directory, &round.zones);
            let signings = vec![Signing::default(); round.zones.len()];
            (round, files, Vec::new(), signings)
        }
        Zones::Signed => {
            let mut random = Random(seed);
            let mut round = Round::without_root(&mut random, WORLDS);
            signed::prepare(&mut random, &mut round);
            let signed = signed::sign(&mut random, &directory, &mut round, Extent::Partial);
            (round, signed.files, signed.hashes, signed.signings)
        }
    };
    let mut random = Random(!seed);
    let queries = (0..count).map(|_| match hashes.is_empty() {
        true => round.query(&mut random),
        false => round.signed_query(&mut random, &hashes),
    });
    let queries: Vec<(usize, Query)> = queries.collect();
    let atlas = Atlas::new(&round.zones, signings);
    let refused = refused::of(&atlas);
    let running = start(peers, &directory, &round, &files, &refused);
    let mut bench = Bench {
        seed,
        zones,
        round: &round,
        files: &files,
        atlas,
        refused,
        running: &running,
        open: BTreeMap::new(),
        tally,
    };
    bench.read_back();
    bench.ask(&queries);
}

/// Starts Gannet and the peers, all at a time.
fn start(peers: &[Server], directory: &Directory, round: &Round, files: &[PathBuf], refused: &Refused) -> Vec<Running> {
    let start = &|server: Server| Running::start(server, directory, &round.zones, files, refused);
    thread::scope(|scope| {
        let servers = [Server::Gannet].into_iter().chain(peers.iter().copied());
        let started: Vec<_> = servers.map(|server| scope.spawn(move || start(server))).collect();
        started.into_iter().map(|server| server.join().expect("it starts")).collect()
    })
}

fn read(server: Server, query: &Query, wire: &[u8]) -> Reply {
    Reply::read(wire).unwrap_or_else(|why| panic!("{server:?}: {why}: {query:?}\n{}", wire.escape_ascii()))
}

/// A round whose replies are looked at.
struct Bench<'a> {
    seed: u64,
    zones: Zones,
    round: &'a Round,
    files: &'a [PathBuf],
    atlas: Atlas<'a>,
    refused: Refused,
    running: &'a [Running],
    open: BTreeMap<Server, Connection>,
    tally: &'a mut Tally,
}

impl Bench<'_> {
    /// Reads each zone by AXFR from all that have it.
    fn read_back(&mut self) {
        for (number, zone) in self.round.zones.iter().enumerate() {
            match transfers::judge(zone, number, &self.atlas.signings[number], self.running, &self.refused) {
                Ok(peers) => {
                    self.tally.zones += 1;
                    self.tally.zones_compared += peers;
                }
                Err(why) => {
                    let file = std::fs::read_to_string(&self.files[number]).unwrap_or_else(|why| why.to_string());
                    let text = format!("{}{why}; zone {}\n{file}", self.replay(), name_text(&zone.apex));
                    self.unexplained("AXFR".to_owned(), Some(text));
                }
            }
        }
    }

    /// Asks all servers and holds the replies against each other.
    fn ask(&mut self, queries: &[(usize, Query)]) {
        let plain: Vec<Query> = queries.iter().map(|(_, query)| query.clone()).collect();
        let replies: Vec<Vec<Vec<u8>>> = thread::scope(|scope| {
            let ask =
                |it: &Running| exchange::udp(it.addr, &plain).unwrap_or_else(|why| panic!("{:?}: {why}", it.server));
            let asked: Vec<_> = self.running.iter().map(|server| scope.spawn(move || ask(server))).collect();
            asked.into_iter().map(|replies| replies.join().expect("it answers")).collect()
        });
        for (number, (world, query)) in queries.iter().enumerate() {
            let walk = self.atlas.walk(&query.question.name, query.question.rtype);
            let way = walk.steps.iter().filter_map(|step| step.zone);
            let way: Vec<usize> = way.chain(self.round.worlds[*world].clone()).collect();
            // A peer that lacks a zone that the answer may come from is passed over.
            let has_all = |server: Server| !way.iter().any(|zone| self.refused.contains(&(server, *zone)));
            let said = self.running.iter().zip(&replies).filter(|(it, _)| has_all(it.server));
            let read = |(it, replies): (&Running, &Vec<Vec<u8>>)| Said {
                server: it.server,
                reply: read(it.server, query, &replies[number]),
            };
            let said: Vec<Said> = said.map(read).collect();
            self.judge(query, &walk, &said);
        }
    }

    fn judge(&mut self, query: &Query, walk: &Walk, said: &[Said]) {
        self.tally.queries += 1;
        let ours = &said[0].reply;
        let mut own: Option<Reply> = None;
        for peer in &said[1..] {
            self.tally.compared += 1;
            let truncated = ours.has(TC) || peer.reply.has(TC);
            if !truncated && self.compare(query, walk, peer.server, (ours, &peer.reply), None).is_empty() {
                continue;
            }
            // Where room is short, what was left out is a choice: with room enough, nothing is.
            if own.is_none() {
                own = Some(self.over_tcp(Server::Gannet, query));
            }
            let own = own.as_ref().expect("it was asked");
            let theirs = self.over_tcp(peer.server, query);
            self.tally.over_tcp += 1;
            let ample = (own, &theirs);
            let mut left = self.compare(query, walk, peer.server, (ours, &peer.reply), Some(ample));
            let mut shown = (ours, &peer.reply);
            if left.is_empty() {
                left = self.compare(query, walk, peer.server, ample, Some(ample));
                shown = ample;
            }
            if !left.is_empty() {
                self.report(query, peer.server, shown, &left);
            }
        }
    }

    /// What no rule explains; counts the rules that explain something.
    fn compare(
        &mut self,
        query: &Query,
        walk: &Walk,
        peer: Server,
        replies: (&Reply, &Reply),
        ample: Option<(&Reply, &Reply)>,
    ) -> Vec<Difference> {
        let case = Case { peer, atlas: &self.atlas, query, walk, ours: replies.0, theirs: replies.1, ample };
        let mut fired = Vec::new();
        let left: Vec<Difference> = case
            .differences()
            .into_iter()
            .filter(|difference| {
                let subject = case.subject(difference);
                let explains = |rule: &Rule| rule.peers.contains(&peer) && (rule.explains)(&case, &subject);
                let rule = verdicts::all().position(explains);
                fired.extend(rule);
                rule.is_none()
            })
            .collect();
        if left.is_empty() {
            fired.sort_unstable();
            fired.dedup();
            for rule in fired {
                self.tally.fired.entry((rule, peer)).or_default().add_assign(1);
            }
        }
        left
    }

    fn over_tcp(&mut self, server: Server, query: &Query) -> Reply {
        let addr = self.running.iter().find(|it| it.server == server).expect("it runs").addr;
        let connect = || Connection::to(addr).unwrap_or_else(|why| panic!("{server:?}: {why}"));
        let connection = self.open.entry(server).or_insert_with(connect);
        let wire = connection.ask(query).or_else(|_| {
            // It may have been closed, having been idle or having had its share.
            *connection = connect();
            connection.ask(query)
        });
        read(server, query, &wire.unwrap_or_else(|why| panic!("{server:?} over TCP: {why}: {query:?}")))
    }

    fn report(&mut self, query: &Query, peer: Server, (ours, theirs): (&Reply, &Reply), left: &[Difference]) {
        let mut sorts: Vec<String> = left.iter().map(Difference::sort).collect();
        sorts.sort();
        sorts.dedup();
        let sort = format!("{peer:?}: {}", sorts.join(", "));
        let text = || self.text(query, peer, (ours, theirs), left);
        let text = self.tally.unexplained.get(&sort).is_none_or(|found| found.examples.len() < EXAMPLES).then(text);
        self.unexplained(sort, text);
    }

    /// Counts something that no rule explains.
    fn unexplained(&mut self, sort: String, example: Option<String>) {
        let found = self.tally.unexplained.entry(sort).or_default();
        found.count += 1;
        found.rounds.insert(self.seed);
        found.examples.extend(example.filter(|_| found.examples.len() < EXAMPLES));
    }

    fn replay(&self) -> String {
        let count = match self.zones {
            Zones::Plain => "GANNET_PEERS_PAIRS",
            Zones::Signed => "GANNET_PEERS_SIGNED_PAIRS",
        };
        format!("replay with GANNET_PEERS_SEED={} {count}={QUERIES}\n", self.seed)
    }

    /// A query, what was answered, and the zones.
    fn text(&self, query: &Query, peer: Server, (ours, theirs): (&Reply, &Reply), left: &[Difference]) -> String {
        let question = &query.question;
        let mut text = self.replay();
        let _ = writeln!(
            text,
            "asked: {} CLASS{} {} {:?}",
            name_text(&question.name),
            question.class,
            mnemonic(question.rtype),
            query
        );
        text.extend(left.iter().map(|difference| format!("  {difference}\n")));
        let walk = self.atlas.walk(&question.name, question.rtype);
        let mut zones: Vec<usize> = walk.steps.iter().filter_map(|step| step.zone).collect();
        let near = self.round.worlds.iter().filter(|world| zones.iter().any(|zone| world.contains(zone)));
        zones = near.cloned().flatten().collect();
        for step in &walk.steps {
            let _ =
                writeln!(text, "step: {} {:?} {:?} {:?}", name_text(&step.name), step.zone, step.found, step.wildcard);
        }
        for zone in zones {
            let apex = name_text(&self.round.zones[zone].apex);
            let records = std::fs::read_to_string(&self.files[zone]).unwrap_or_else(|why| why.to_string());
            let _ = write!(text, "; zone {apex}\n{records}");
        }
        let _ = writeln!(text, ";; Gannet\n{}\n;; {peer:?}\n{}", ours.text(), theirs.text());
        text
    }
}

impl Tally {
    /// What was counted, for people.
    pub fn summary(&self) -> String {
        let mut text = format!(
            "{} zones read back, {} compared; {} queries, {} replies compared, {} of them over TCP too\n",
            self.zones, self.zones_compared, self.queries, self.compared, self.over_tcp
        );
        for (number, rule) in verdicts::all().enumerate() {
            let fired = PEERS.map(|peer| (peer, self.fired.get(&(number, peer)).copied().unwrap_or_default()));
            let counts: Vec<String> = fired
                .iter()
                .filter(|(peer, _)| rule.peers.contains(peer))
                .map(|(peer, count)| format!("{peer:?} {count}"))
                .collect();
            let _ = writeln!(text, "  {} ({:?}; {}): {}", rule.name, rule.right, rule.clause, counts.join(", "));
        }
        text
    }

    /// What no rule explains, if there is anything.
    pub fn complaint(&self) -> Option<String> {
        let mut text = String::new();
        let mut sorts: Vec<_> = self.unexplained.iter().collect();
        sorts.sort_by_key(|(_, found)| std::cmp::Reverse(found.count));
        for (sort, found) in &sorts {
            let _ = writeln!(text, "{} times {sort}, in rounds {:?}", found.count, found.rounds);
        }
        for (sort, found) in sorts.iter().take(SORTS) {
            for example in &found.examples {
                let _ = writeln!(text, "=== {sort}\n{example}");
            }
        }
        (!sorts.is_empty()).then_some(text)
    }
}
