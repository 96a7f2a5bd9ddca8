//! Finds the lines of findings, by reading the source once more.
//!
//! Does not know what a finding means: it looks for records of an owner, a type and an rdata. The source may have changed
//! since it was read first: then a finding has the place of a record that is like the one that is meant, or none.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::verdict::level_of;
use crate::check::{Finding, Lint};
use crate::wire::{Record, Rtype, rdata};
use crate::zonefile::{Error, Part, Reader, Remark};

/// A finding in its place.
#[derive(Debug)]
pub(super) struct Placed {
    /// Where it is, and all that is said about it.
    pub(super) error: Error,
    /// The number of its record in the source.
    pub(super) number: u64,
}

/// What is still looked for.
struct Wanted {
    /// Which finding it is.
    index: usize,
    rtype: Option<Rtype>,
    /// In canonical form, so that the case of names in it does not count.
    rdata: Option<Vec<u8>>,
}

/// How well a record fits what is looked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It has the owner: better than nothing where something is missing at a name.
    Owner,
    /// It is what is meant.
    Exact,
}

/// The place of each of `findings`, in the same order, in what `reader` reads.
pub(super) fn place(findings: &[Finding], mut reader: Reader<'_>) -> Vec<Option<Placed>> {
    let mut by_owner: HashMap<Box<[u8]>, Vec<Wanted>, FixedState> = HashMap::default();
    for (index, finding) in findings.iter().enumerate() {
        let subject = &finding.subject;
        let canonical = subject.rtype.zip(subject.rdata.as_deref()).map(|(rtype, octets)| canonical(rtype, octets));
        let wanted = Wanted { index, rtype: subject.rtype, rdata: canonical };
        by_owner.entry(subject.owner.as_name().wire().to_ascii_lowercase().into()).or_default().push(wanted);
    }
    let mut places: Vec<Option<(Placed, Fit)>> = Vec::new();
    places.resize_with(findings.len(), || None);
    let mut exact = 0;
    let (mut number, mut owner, mut fits) = (0, Vec::new(), Vec::new());
    while let Some(next) = reader.next() {
        // What is wrong in the text was said where it was read first.
        let Ok((record, _)) = next else { continue };
        number += 1;
        owner.clear();
        owner.extend(record.owner.wire().iter().map(u8::to_ascii_lowercase));
        let Some(wanted) = by_owner.get(owner.as_slice()) else { continue };
        fits.clear();
        fits.extend(wanted.iter().map(|wanted| (wanted.index, wanted.fit(&record))));
        for &(index, fit) in &fits {
            if places[index].as_ref().is_some_and(|place| place.1 >= fit) {
                continue;
            }
            if let Some(error) = reader.remark(remark(&findings[index], fit)) {
                exact += usize::from(fit == Fit::Exact);
                places[index] = Some((Placed { error, number }, fit));
            }
        }
        if exact == findings.len() {
            break;
        }
    }
    places.into_iter().map(|place| place.map(|(placed, _)| placed)).collect()
}

fn canonical(rtype: Rtype, octets: &[u8]) -> Vec<u8> {
    let mut form = Vec::with_capacity(octets.len());
    rdata::canonical(rtype, octets, &mut form);
    form
}

impl Wanted {
    fn fit(&self, record: &Record<'_>) -> Fit {
        let is_type = self.rtype.is_none_or(|rtype| rtype == record.rtype);
        let is_rdata = || self.rdata.as_ref().is_none_or(|rdata| *rdata == canonical(record.rtype, record.rdata));
        if is_type && is_rdata() { Fit::Exact } else { Fit::Owner }
    }
}

/// What is said at the record.
fn remark(finding: &Finding, fit: Fit) -> Remark {
    let subject = &finding.subject;
    let part = match (finding.lint, fit) {
        (_, Fit::Owner) => Part::Owner,
        (Lint::UnequalTtls, _) => Part::Ttl,
        _ if subject.rdata.is_some() => Part::Rdata,
        _ if subject.rtype.is_some() => Part::Record,
        _ => Part::Owner,
    };
    let message = format!("{}: {}", subject.owner, finding.message);
    Remark {
        part,
        note: finding.note.clone(),
        help: finding.help.clone(),
        ..Remark::new(level_of(finding.severity), finding.lint.name(), message)
    }
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
