//! Two replies to one query, and what they differ in.

use std::fmt;

use crate::data::OPT;
use crate::message::Query;
use crate::reply::{self, Key, Reply, SECTIONS, rcode_text, record_text};
use crate::servers::Server;
use crate::types::mnemonic;
use crate::walk::{Atlas, Walk};

/// One query, and what two servers answered.
pub struct Case<'a> {
    pub peer: Server,
    pub atlas: &'a Atlas<'a>,
    pub query: &'a Query,
    pub walk: &'a Walk,
    pub ours: &'a Reply,
    pub theirs: &'a Reply,
    /// The replies over TCP, where these are those over UDP and were not enough.
    pub ample: Option<(&'a Reply, &'a Reply)>,
}

/// One thing that two replies differ in: ours is Gannet's, theirs is the peer's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    Rcode(u16, u16),
    /// A header bit that one has alone, and whether that is ours.
    Flag(u16, bool),
    Question,
    /// The OPT record.
    Opt,
    /// We alone have the record in this section.
    Ours(usize, Key, u32),
    /// They alone have it.
    Theirs(usize, Key, u32),
    /// Both have it, with our and their TTL.
    Ttl(usize, Key, u32, u32),
    /// It is there twice in our, or their, reply.
    Twice(usize, Key, bool),
}

use Difference::{Flag, Opt, Ours, Question, Rcode, Theirs, Ttl, Twice};

impl Case<'_> {
    /// All that the two replies differ in. Of replies of which one is truncated only what a client may use: the header
    /// (RFC 2181 section 9).
    pub fn differences(&self) -> Vec<Difference> {
        let (ours, theirs) = (self.ours, self.theirs);
        let mut differences = Vec::new();
        if ours.rcode != theirs.rcode {
            differences.push(Rcode(ours.rcode, theirs.rcode));
        }
        let bits = (0..16).map(|bit| 1 << bit).filter(|bit| bit & 0xf == 0);
        differences
            .extend(bits.filter(|bit| (ours.flags ^ theirs.flags) & bit != 0).map(|bit| Flag(bit, ours.has(bit))));
        if ours.question != theirs.question {
            differences.push(Question);
        }
        if ours.opt != theirs.opt {
            differences.push(Opt);
        }
        if !ours.has(reply::TC) && !theirs.has(reply::TC) {
            for section in 0..SECTIONS.len() {
                self.section(section, &mut differences);
            }
        }
        differences
    }

    fn section(&self, section: usize, differences: &mut Vec<Difference>) {
        let (ours, theirs) = (&self.ours.sections[section], &self.theirs.sections[section]);
        for (key, ttls) in ours {
            match theirs.get(key) {
                None => differences.push(Ours(section, key.clone(), ttls[0])),
                Some(others) if others[0] != ttls[0] => differences.push(Ttl(section, key.clone(), ttls[0], others[0])),
                Some(_) => {}
            }
            if ttls.len() > 1 {
                differences.push(Twice(section, key.clone(), true));
            }
        }
        for (key, ttls) in theirs {
            if !ours.contains_key(key) {
                differences.push(Theirs(section, key.clone(), ttls[0]));
            }
            if ttls.len() > 1 {
                differences.push(Twice(section, key.clone(), false));
            }
        }
    }

    /// What a difference is about: a signature is where the RRset is that it covers, so that of one that differs too.
    pub fn subject(&self, difference: &Difference) -> Difference {
        let covered = |section: &usize, key: &Key, has: &Reply, lacks: &Reply| {
            let is_covered = |other: &&Key| key.covers() == Some(other.rtype) && other.owner == key.owner;
            let found = has.sections[*section].iter().find(|(other, _)| is_covered(other));
            found
                .filter(|(other, _)| !lacks.sections[*section].contains_key(other))
                .map(|(other, ttls)| (other.clone(), ttls[0]))
        };
        let found = match difference {
            Ours(section, key, _) => {
                covered(section, key, self.ours, self.theirs).map(|(k, ttl)| Ours(*section, k, ttl))
            }
            Theirs(section, key, _) => {
                covered(section, key, self.theirs, self.ours).map(|(k, ttl)| Theirs(*section, k, ttl))
            }
            _ => None,
        };
        found.unwrap_or_else(|| difference.clone())
    }

    pub fn dnssec_ok(&self) -> bool {
        self.query.question.dnssec_ok
    }

    pub fn qtype(&self) -> u16 {
        self.query.question.rtype
    }
}

impl Difference {
    /// Without names and data: disagreements of the same sort read the same.
    pub fn sort(&self) -> String {
        let of = |section: &usize, key: &Key| {
            let covered = key.covers().map_or_else(String::new, |covered| format!("({})", mnemonic(covered)));
            format!("{}{covered} in {}", mnemonic(key.rtype), SECTIONS[*section].to_lowercase())
        };
        match self {
            Rcode(ours, theirs) => format!("{} against {}", rcode_text(*ours), rcode_text(*theirs)),
            Flag(flag, ours) => format!("{} {}", flag_text(*flag), if *ours { "ours" } else { "theirs" }),
            Question => "question".to_owned(),
            Opt => mnemonic(OPT),
            Ours(section, key, _) => format!("ours: {}", of(section, key)),
            Theirs(section, key, _) => format!("theirs: {}", of(section, key)),
            Ttl(section, key, ..) => format!("TTL: {}", of(section, key)),
            Twice(section, key, ours) => {
                format!("twice in {}: {}", if *ours { "ours" } else { "theirs" }, of(section, key))
            }
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.sort())?;
        match self {
            Ours(_, key, ttl) | Theirs(_, key, ttl) => write!(f, ": {}", record_text(key, *ttl)),
            Ttl(_, key, ours, theirs) => write!(f, ": {ours} against {theirs}: {}", record_text(key, *ours)),
            Twice(_, key, _) => write!(f, ": {}", record_text(key, 0)),
            _ => Ok(()),
        }
    }
}

fn flag_text(flag: u16) -> &'static str {
    match flag {
        reply::QR => "QR",
        reply::AA => "AA",
        reply::TC => "TC",
        reply::RD => "RD",
        reply::RA => "RA",
        reply::AD => "AD",
        reply::CD => "CD",
        _ => "a reserved bit",
    }
}
