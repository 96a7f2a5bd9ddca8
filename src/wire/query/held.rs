//! What the client of an IXFR query holds: the SOA in its authority section (RFC 1995 section 3).

use super::{Query, RecordBounds, skip_name};
use crate::wire::Rtype;

/// Octets of an SOA's rdata behind its two names.
const SOA_NUMBERS_OCTETS: usize = 20;

impl Query<'_> {
    /// The serial of the zone that the client holds; none where the first record of the authority section is no SOA.
    pub fn held_serial(&self) -> Option<u32> {
        let message = self.message();
        // Without an authority section what stands there, if anything, belongs to the additional section.
        if message[8..10] == [0, 0] {
            return None;
        }
        let soa = RecordBounds::at(message, self.question_end()).filter(|record| record.rtype == Rtype::SOA)?;
        let rdata = &message[..soa.end];
        let numbers = skip_name(rdata, skip_name(rdata, soa.fixed + 10)?)?;
        let serial = rdata.get(numbers..).filter(|rest| rest.len() == SOA_NUMBERS_OCTETS)?.first_chunk()?;
        Some(u32::from_be_bytes(*serial))
    }
}
