//! The disagreements that are known: when each applies, who is right, and the clause that says so.
//!
//! A rule explains single differences of one query, never a reply as a whole. What it looks at is the question, its way
//! through the zones and the two replies; `all` puts the rules in the order in which they are asked.
//!
//! Two kinds of message no query here is, as we refuse them whatever is asked, by choice. Octets behind the last record that
//! the header counts: RFC 1035 section 4.1 has no place for them, so the counts or the length are wrong, and section 4.1.1
//! has FORMERR for what cannot be interpreted. And records in a query's answer section, which only inverse queries had (RFC
//! 3425 retires them), or in its authority section where it is no IXFR (RFC 1995 section 3): FORMERR too, though nobody
//! forbids to pass over them.

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
