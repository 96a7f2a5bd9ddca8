//! Signed zones with anything changed in them.
//!
//! Promises: every check of keys, signatures, chains and digests ends well.

use super::zone::{compile, examine};
use crate::{Target, samples};

pub const TARGET: Target =
    Target { name: "dnssec", run, seeds: samples::signed_zones, words: samples::rdata_words, octets_max: 12_000 };

fn run(text: &[u8]) {
    if let Some((zone, findings, _)) = compile(text) {
        examine(&zone, &findings);
    }
}
