//! DNSSEC (RFC 4033 to 4035, RFC 5155): keys, signatures, denial of existence, digests; and whether a zone is signed as
//! it should be.
//!
//! Does not know files, threads or the clock: the time is an argument, and work comes in parts for as many threads as
//! there are.
//!
//! Verified are RSA with SHA-1, SHA-256 and SHA-512, ECDSA P-256 and P-384, and Ed25519. Ed448 is not: the library has none.
//! What it signed is taken for good, with a warning.
//!
//! [`CanonicalRrset::verify`] answers for one RRset, one signature and one key; [`check()`] for a whole zone, and
//! [`Check`] does the same in parts. What a check finds is a [`Fault`] of one [`Kind`]; the kinds are one table.

mod algorithm;
mod bitmap;
mod check;
mod delegation;
pub mod digest;
mod fault;
mod key;
mod keys;
mod nsec;
mod nsec3;
mod signature;
mod signatures;
mod stats;
mod verify;
mod window;
mod zonemd;

pub use algorithm::{Algorithm, DigestType, Standing};
pub use check::{Check, Options, Outcome, Part, Report, check};
pub use fault::{Fault, Faults, Kind, Level, Problem};
pub use key::{Dnskey, KeyFault, VerifyingKey};
pub use signature::Rrsig;
pub use stats::Stats;
pub use verify::{CanonicalRrset, SignatureFault, signed_message};
pub use window::{Validity, Window, seconds_between};
