//! DNSSEC (RFC 4033 to 4035, RFC 5155): keys, signatures, denial of existence, digests; and whether a zone is signed as
//! it should be.
//!
//! Does not know files, threads or the clock: the time is an argument, and work comes in parts for as many threads as
//! there are.

mod algorithm;
pub mod digest;
mod key;
mod signature;
mod verify;
mod window;

pub use algorithm::{Algorithm, DigestType, Standing};
pub use key::{Dnskey, KeyFault, VerifyingKey};
pub use signature::Rrsig;
pub use verify::{CanonicalRrset, SignatureFault};
pub use window::{Validity, Window, seconds_between};
