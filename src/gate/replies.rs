//! The rate of replies: what counts as the same reply, and the buckets of each kind.
//!
//! Queries forged in a victim's name get what we send to the victim. So replies are limited by who is said to have asked
//! and by what cannot be varied for free: what they are made from. A large resolver asks for many names and is hardly
//! touched; a flood gets the same few replies again and again.
//! Does not know zones: whoever makes replies says what they are made from.

use std::net::IpAddr;
use std::time::Duration;

use super::Prefix;
use super::buckets::{Buckets, Rate};
use crate::base::counters::Counters;
use crate::base::limits::GATE_REPLIES;

/// What kind of reply a query gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyKind {
    /// It has what was asked for, or an alias.
    Answer,
    /// It names the servers of a zone below.
    Referral,
    /// The name exists, the type does not.
    NoData,
    /// The name does not exist.
    NxDomain,
    /// It says no: any other RCODE.
    Error,
}

/// What a reply is and what it is made from. Replies to one client that have the same subject are one as far as rates go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// The kind of reply.
    pub kind: ReplyKind,
    /// Tells what it is made from: the same for all that a client may vary without getting anything new.
    pub origin: u64,
}

/// What is to hold for replies over UDP. The default lets everything pass.
#[derive(Debug, Clone)]
pub struct ReplyConfig {
    /// Answers, and referrals, a second for one client and one subject; 0: no limit.
    pub answers_per_second: u32,
    /// The same for denials: that a type or a name does not exist.
    pub denials_per_second: u32,
    /// The same for errors.
    pub errors_per_second: u32,
    /// Bits of an IPv4 address that make a client. Default: 24, for a flood is aimed at a network as well as at a host.
    pub ipv4_prefix: u8,
    /// Bits of an IPv6 address that make a client. Default: 56.
    pub ipv6_prefix: u8,
    /// Of the replies over a rate, one in this many leaves, empty and with TC; 0: none, 1: each. Default: 2.
    pub slip: u32,
    /// Clients to which no rate applies.
    pub exempt: Vec<Prefix>,
    /// Whether replies over a rate leave all the same, and are only counted.
    pub dry_run: bool,
}

impl Default for ReplyConfig {
    fn default() -> Self {
        Self {
            answers_per_second: 0,
            denials_per_second: 0,
            errors_per_second: 0,
            ipv4_prefix: 24,
            ipv6_prefix: 56,
            slip: 2,
            exempt: Vec::new(),
            dry_run: false,
        }
    }
}

/// The rates of replies and how far each is used up.
#[derive(Debug)]
pub(super) struct Replies {
    answers: Option<Buckets>,
    denials: Option<Buckets>,
    errors: Option<Buckets>,
    exempt: Vec<Prefix>,
    pub(super) slip: u32,
    pub(super) dry_run: bool,
}

impl Replies {
    /// None where there is no limit.
    pub(super) fn new(config: &ReplyConfig) -> Option<Self> {
        let buckets = |per_second| {
            let rate = Rate { per_second, burst: 0, ipv4_prefix: config.ipv4_prefix, ipv6_prefix: config.ipv6_prefix };
            (per_second > 0).then(|| Buckets::new(rate, GATE_REPLIES))
        };
        let replies = Self {
            answers: buckets(config.answers_per_second),
            denials: buckets(config.denials_per_second),
            errors: buckets(config.errors_per_second),
            exempt: config.exempt.clone(),
            slip: config.slip,
            dry_run: config.dry_run,
        };
        (replies.answers.is_some() || replies.denials.is_some() || replies.errors.is_some()).then_some(replies)
    }

    /// Takes one reply from its bucket; `false` if it is over the rate.
    pub(super) fn take(&self, client: IpAddr, subject: Subject, elapsed: Duration) -> bool {
        let buckets = match subject.kind {
            ReplyKind::Answer | ReplyKind::Referral => &self.answers,
            ReplyKind::NoData | ReplyKind::NxDomain => &self.denials,
            ReplyKind::Error => &self.errors,
        };
        let Some(buckets) = buckets else { return true };
        // Exempt clients take nothing from the others of their prefix.
        self.exempt.iter().any(|prefix| prefix.contains(client)) || buckets.take(client, subject.word(), elapsed)
    }
}

impl Subject {
    /// What is a reply of one kind alone, whatever it is made from.
    pub const fn of(kind: ReplyKind) -> Self {
        Self { kind, origin: 0 }
    }

    /// The kind in the uppermost bits, which no address in memory has.
    fn word(self) -> u64 {
        self.origin ^ (self.kind as u64) << 60
    }
}

impl ReplyKind {
    /// Counts one that is over its rate.
    #[inline]
    pub(super) fn count(self, counters: &Counters) {
        let counter = match self {
            Self::Answer => &counters.rrl_answers,
            Self::Referral => &counters.rrl_referrals,
            Self::NoData => &counters.rrl_nodata,
            Self::NxDomain => &counters.rrl_nxdomain,
            Self::Error => &counters.rrl_errors,
        };
        counter.add(1);
    }
}

#[cfg(test)]
#[path = "replies_tests.rs"]
mod tests;
