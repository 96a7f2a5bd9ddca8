//! The disagreements that are known: when each applies, who is right, and the clause that says so.
//!
//! A rule explains single differences of one query, never a reply as a whole. What it looks at is the question, its way
//! through the zones and the two replies; `all` puts the rules in the order in which they are asked.

pub mod chains;
pub mod header;
pub mod sections;
pub mod signed;

use crate::compare::{Case, Difference};
use crate::servers::Server;

/// Who is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    Gannet,
    /// The RFCs leave it open.
    Both,
}

/// A disagreement that is known.
pub struct Rule {
    pub name: &'static str,
    pub peers: &'static [Server],
    pub right: Right,
    /// The clause, and what it says.
    pub clause: &'static str,
    pub explains: fn(&Case<'_>, &Difference) -> bool,
}

/// All rules; the first that explains a difference is counted.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [header::RULES, chains::RULES, sections::RULES, signed::RULES].into_iter().flatten()
}
