//! What is wrong or doubtful in a zone, each by a name of its own: the lints of `gannet-checkzone`.
//!
//! Does not know files, threads or terminals: it is handed a sealed zone and gives findings, which name owner, type and,
//! where one record is meant, its rdata. Who shows them finds the line again by reading the source once more; so a good
//! zone costs no memory for lines that nobody asks for.
//!
//! [`Lint`] is the one table: name, level, description. [`Levels`] is what an operator made of it. What keeps a zone from
//! being served cannot be allowed by anyone.

mod finding;
mod levels;
mod lint;
mod timers;
mod zone;

pub use finding::{Finding, Report, Subject};
pub use levels::{Levels, LevelsError};
pub use lint::{Lint, Severity};
pub use zone::{Options, examine};

#[cfg(test)]
mod check_tests;
