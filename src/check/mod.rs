//! What is wrong or doubtful in a zone, each by a name of its own: the lints of `gannet-checkzone`.
//!
//! Does not know files, threads or terminals: it is handed a sealed zone and gives findings, which name owner, type and,
//! where one record is meant, its rdata. Who shows them finds the line again by reading the source once more; so a good
//! zone costs no memory for lines that nobody asks for.
//!
//! [`Lint`] is the one table: name, level, description. [`Levels`] is what an operator made of it. What keeps a zone from
//! being served cannot be allowed by anyone.
//!
//! `zone` goes through the zone once and hands each RRset to its family, one file each: `servers`, `targets`, `aliases`,
//! `owners` and so on. They share a `Survey`, which finds the names in rdata by their hashes; so nothing grows with the
//! zone but what is found. What `dnssec` finds comes in through `signed`: its table is part of this one.

mod addresses;
mod aliases;
mod caa;
mod dkim;
mod dmarc;
mod ds;
mod finding;
mod fingerprints;
mod glue;
mod held;
mod hostname;
mod levels;
mod lint;
mod nsec3;
mod owners;
mod reverse;
mod servers;
mod signed;
mod sizes;
mod soa;
mod spf;
mod spf_lookups;
mod survey;
mod svcb;
mod tags;
mod targets;
mod texts;
mod timers;
mod wildcards;
mod zone;

pub use finding::{Finding, Remark, Report, Subject};
pub use levels::{Levels, LevelsError};
pub use lint::{Lint, Severity};
pub use signed::may_be_signed;
pub use zone::{Options, examine};

#[cfg(test)]
mod check_tests;
