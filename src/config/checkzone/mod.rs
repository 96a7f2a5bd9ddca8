//! The command line of `gannet-checkzone`: its options, those of `named-checkzone` that it understands, and what both
//! together ask for.
//!
//! Does not know what a check does, nor how a zone is read.
//!
//! [`CheckzoneArgs`] is what was written; [`CheckOrder`] is what is to be done, every value checked. The options of
//! `named-checkzone` are rows of one table, from which the parser and the manual are made.

mod args;
mod named;
mod order;
mod pages;
mod values;

pub use args::CheckzoneArgs;
pub use order::{CheckOrder, CheckTask};
pub use pages::{check_text, checks_text, checkzone_sections};
pub use values::{CheckName, ColorWhen, DiffIgnore, DnssecMode, Moment, Previous, PrintForm};

#[cfg(test)]
mod checkzone_tests;
