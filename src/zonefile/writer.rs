//! Records as text that the reader takes back.
//!
//! Does not know files: it writes one line into whatever takes text.

use std::fmt;

use crate::wire::{Record, rdata};

/// Writes a record as one line, owner and names absolute: `owner TTL class type rdata`, without a line end.
pub fn write_record(record: &Record<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    write!(out, "{} {} {} {} ", record.owner, record.ttl, record.class, record.rtype)?;
    rdata::to_text(record.rtype, record.rdata, out)
}
