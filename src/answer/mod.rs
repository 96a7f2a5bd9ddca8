//! A query and a snapshot of all zones become a reply: decide first, then encode.
//!
//! Does not know sockets, threads or the real clock.

mod additional;
mod ahead;
mod body;
mod cache;
mod chaos;
mod draft;
mod ede;
mod encode;
mod find;
mod here;
mod options;
mod packets;
mod reports;
mod responder;
mod solve;
mod subject;
mod task;
mod trail;

pub use chaos::Identity;
pub use draft::{OptDraft, OptPart, OptRecord};
pub use ede::ExtendedError;
pub use options::{FullCookie, PayloadSizes};
pub use reports::ErrorReport;
pub use responder::{OutsideZones, Responder, Settings};

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
