//! Tells the records of one RRset from their duplicates (RFC 2181 section 5).
//!
//! Does not know where the records come from.

use std::collections::HashMap;

use arrayvec::ArrayVec;

use super::stored;
use crate::wire::Rtype;

/// RRsets up to this size are compared one by one.
const FEW: usize = 8;

/// Tells the records of one RRset from their duplicates.
pub(super) struct Unique<'r> {
    rtype: Rtype,
    pub(super) count: usize,
    first: ArrayVec<&'r [u8], FEW>,
    /// Those past the first few, by their octets in lower case: a large RRset must not take quadratic time.
    more: Option<HashMap<Vec<u8>, Vec<&'r [u8]>>>,
}

impl<'r> Unique<'r> {
    pub(super) fn new(rtype: Rtype) -> Self {
        Self { rtype, count: 0, first: ArrayVec::new(), more: None }
    }

    pub(super) fn is_new(&mut self, rdata: &'r [u8]) -> bool {
        if self.first.iter().any(|other| stored::same(self.rtype, other, rdata)) {
            return false;
        }
        if self.first.try_push(rdata).is_err() {
            let alike = self.more.get_or_insert_default().entry(rdata.to_ascii_lowercase()).or_default();
            if alike.iter().any(|other| stored::same(self.rtype, other, rdata)) {
                return false;
            }
            alike.push(rdata);
        }
        self.count += 1;
        true
    }
}
