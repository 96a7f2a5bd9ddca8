//! What a reply is about, as far as its rate goes: told from what was found for the question's own name, before anything
//! is written.
//!
//! So a flood of queries whose replies would not leave costs no encoding, and it makes no difference whether a reply
//! would come from the cache. Does not know rates, nor who asks.

use super::chaos::Identity;
use super::find::Found;
use super::task::Task;
use crate::gate::{ReplyKind, Subject};
use crate::wire::Query;
use crate::zone::{Node, Outcome, Zone};

/// What the reply to a query with this task is about.
///
/// Whoever asks may choose any name, so what a reply is made from is the node that the name led to: a wildcard's, a
/// DNAME's or a zone cut's stands for all names below it, and for names that do not exist the zone does, at its apex. Where an
/// alias leads is its zone's choice and not the client's. Errors are made from nothing.
pub(super) fn subject(task: &Task<'_>, query: &Query<'_>, identity: &Identity) -> Subject {
    match task {
        Task::Solve(Found::Zone(hit)) => outcome_subject(hit.zone, &hit.outcome),
        Task::Identify if identity.tells(query) => Subject::of(ReplyKind::Answer),
        Task::Solve(Found::Failed | Found::Nowhere)
        | Task::Refuse(..)
        | Task::Identify
        | Task::Outside
        | Task::AskAgain => Subject::of(ReplyKind::Error),
    }
}

fn outcome_subject(zone: &Zone, outcome: &Outcome<'_>) -> Subject {
    match outcome {
        Outcome::Answer(rrset) | Outcome::Cname(rrset) | Outcome::Dname(rrset) => {
            made_from(ReplyKind::Answer, rrset.node())
        }
        Outcome::Signatures(node) => made_from(ReplyKind::Answer, *node),
        Outcome::Referral(cut) => made_from(ReplyKind::Referral, *cut),
        Outcome::NoData(node) => made_from(ReplyKind::NoData, *node),
        Outcome::NxDomain(_) => made_from(ReplyKind::NxDomain, zone.apex_node()),
    }
}

fn made_from(kind: ReplyKind, node: Node<'_>) -> Subject {
    Subject { kind, origin: node.identity() as u64 }
}
