//! Zones as zone files (RFC 1035 section 5), one record a line, as every server reads them.

use std::fmt::Write;

use crate::data::Zone;
use crate::types::{generic, mnemonic, name_text, rdata_text};

/// Types that Knot has no names for: MB, MG, MR, X25, PX.
pub const UNNAMED: [u16; 5] = [7, 8, 9, 19, 26];

/// The zone, its SOA first: some read nothing before it.
pub fn text(zone: &Zone) -> String {
    let mut text = String::new();
    let (first, others): (Vec<_>, Vec<_>) = zone.records.iter().partition(|record| record.rtype == crate::data::SOA);
    for record in first.into_iter().chain(others) {
        let (owner, ttl, rtype, wire) = (name_text(&record.owner), record.ttl, record.rtype, record.rdata_wire());
        let _ = match UNNAMED.contains(&rtype) {
            true => writeln!(text, "{owner} {ttl} IN TYPE{rtype} {}", generic(&wire)),
            false => writeln!(text, "{owner} {ttl} IN {} {}", mnemonic(rtype), rdata_text(rtype, &wire)),
        };
    }
    text
}
