//! The names in rdata, wherever they stand: which may be compressed, and which the canonical form lower-cases.
//!
//! Does not know what a name is for.

use std::ops::Range;

use super::field::Field;
use crate::wire::{Name, Rtype};

/// How a name in rdata is treated: a matter of its type's age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameForm {
    /// Of the types of RFC 1035: a message may compress it (RFC 3597 section 4), the canonical form lower-cases it.
    Compressible,
    /// Of the other types that RFC 4034 section 6.2 lists: never compressed, lower-cased in the canonical form. NSEC left
    /// that list with RFC 6840 section 5.1.
    Lowered,
    /// Of all other types: never compressed, its case never changed.
    Verbatim,
}

impl NameForm {
    /// Whether the canonical form has the name in lower case.
    pub const fn is_lowered(self) -> bool {
        matches!(self, Self::Compressible | Self::Lowered)
    }
}

/// A name that stands in rdata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameInRdata {
    /// Its octets in the rdata, the root label included.
    pub place: Range<usize>,
    /// How it is treated.
    pub form: NameForm,
}

/// The names in rdata in wire form, in their order, behind fields of variable length too.
///
/// Ends early where the rdata does not fit its type; none in rdata of unknown types.
pub fn names(rtype: Rtype, rdata: &[u8]) -> Names<'_> {
    Names { rdata, fields: rtype.row().fields.iter(), at: 0, end: 0, form: NameForm::Verbatim }
}

/// The iterator that [`names`] gives.
#[derive(Debug, Clone)]
pub struct Names<'r> {
    rdata: &'r [u8],
    fields: std::slice::Iter<'static, Field>,
    /// Where the next name begins, or the next field where that is `end`.
    at: usize,
    /// The end of the field with names that the walk is in.
    end: usize,
    form: NameForm,
}

impl Iterator for Names<'_> {
    type Item = NameInRdata;

    fn next(&mut self) -> Option<NameInRdata> {
        while self.at == self.end {
            let field = self.fields.next()?;
            let rest = self.rdata.get(self.at..)?;
            self.end = self.at + field.length(rest).ok()?;
            match field.names(rest) {
                Some((before, form)) => (self.at, self.form) = (self.at + before, form),
                None => self.at = self.end,
            }
        }
        let name = Name::split_from(self.rdata.get(self.at..self.end)?).ok()?.0;
        let place = self.at..self.at + name.wire().len();
        self.at = place.end;
        Some(NameInRdata { place, form: self.form })
    }
}

/// Appends the canonical form of rdata that fits its type (RFC 4034 section 6.2, RFC 6840 section 5.1): the same octets,
/// with its names in lower case where the type is one of those listed there.
pub fn canonical(rtype: Rtype, rdata: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(rdata);
    if rtype.row().has_lowered_names {
        for name in names(rtype, rdata).filter(|name| name.form.is_lowered()) {
            // Length octets are at most 63, below every letter: they stay as they are.
            out[start..][name.place].make_ascii_lowercase();
        }
    }
}
