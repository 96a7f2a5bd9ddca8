//! What differs between two versions of a zone.
//!
//! Does not know files. It walks both zones in canonical order side by side, so all it holds is one name of each.

use std::cmp::Ordering;
use std::io::{self, Write};

use crate::wire::{Record, Rtype};
use crate::zone::{HeldRecord, Holding, Zone};
use crate::zonefile::{LineWriter, RdataForm};

/// What is not counted as a difference.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiffOptions {
    /// The serial of the SOA.
    pub ignore_serial: bool,
    /// What a signer makes: RRSIG, NSEC, NSEC3, NSEC3PARAM, DNSKEY, CDS, CDNSKEY and ZONEMD.
    pub ignore_dnssec: bool,
}

/// How many records differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Differences {
    /// Records of the first zone alone.
    pub removed: u64,
    /// Records of the second zone alone.
    pub added: u64,
    /// Records of both zones whose TTL differs.
    pub ttls_changed: u64,
}

impl Differences {
    /// Whether there are none.
    pub fn are_none(self) -> bool {
        self == Self::default()
    }
}

/// On which side a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// The old zone has it, as it is, alone.
    Removed,
    /// The new zone has it, as it is, alone.
    Added,
}

/// Writes the records that differ into a stream, in canonical order: `- ` in front of those of the zone `old` alone, `+ `
/// in front of those of `new` alone. A record whose TTL changed is written as both.
///
/// # Errors
/// What the stream says when it takes no more.
pub fn diff_zones(old: &Zone, new: &Zone, options: DiffOptions, out: &mut dyn Write) -> io::Result<Differences> {
    let mut writer = LineWriter::new(out, RdataForm::OfType);
    let found = each_difference(old, new, options, &mut |change, record| {
        writer.write(if change == Change::Removed { "- " } else { "+ " }, record)
    })?;
    writer.finish()?;
    Ok(found)
}

/// Hands over the records that differ, in canonical order. A record whose TTL changed comes twice.
///
/// # Errors
/// What `tell` says.
pub(super) fn each_difference(old: &Zone, new: &Zone, options: DiffOptions, tell: Tell<'_>) -> io::Result<Differences> {
    let (old_order, new_order) = (old.order(), new.order());
    let (mut old_walk, mut new_walk) = (old_order.walk(), new_order.walk());
    let mut diff = Diff { options, tell, found: Differences::default() };
    let (mut left, mut right) = (old_walk.next(), new_walk.next());
    loop {
        let order = match (&left, &right) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(left), Some(right)) => left.owner.canonical_cmp(right.owner),
        };
        diff.name(left.as_ref().filter(|_| order.is_le()), right.as_ref().filter(|_| order.is_ge()))?;
        if order.is_le() {
            left = old_walk.next();
        }
        if order.is_ge() {
            right = new_walk.next();
        }
    }
    Ok(diff.found)
}

/// Takes a record that differs.
type Tell<'t> = &'t mut dyn FnMut(Change, &Record<'_>) -> io::Result<()>;

struct Diff<'t> {
    options: DiffOptions,
    tell: Tell<'t>,
    found: Differences,
}

impl Diff<'_> {
    /// Compares what both zones hold for one name.
    fn name(&mut self, old: Option<&Holding<'_>>, new: Option<&Holding<'_>>) -> io::Result<()> {
        let options = self.options;
        let counts = |held: &HeldRecord<'_>| !options.ignore_dnssec || !is_made_by_signer(held.record.rtype);
        let mut old = old.into_iter().flat_map(Holding::records).filter(counts).peekable();
        let mut new = new.into_iter().flat_map(Holding::records).filter(counts).peekable();
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => self.compare(old, new),
            };
            let removed = old.next_if(|_| order.is_le());
            let added = new.next_if(|_| order.is_ge());
            match (removed, added) {
                (Some(old), Some(new)) if old.record.ttl == new.record.ttl => continue,
                (Some(_), Some(_)) => self.found.ttls_changed += 1,
                (Some(_), None) => self.found.removed += 1,
                (None, _) => self.found.added += 1,
            }
            for (change, held) in [(Change::Removed, removed), (Change::Added, added)] {
                if let Some(held) = held {
                    (self.tell)(change, &Record { rdata: held.canonical, ..held.record })?;
                }
            }
        }
    }

    /// The order in which one name's records are walked.
    fn compare(&self, old: &HeldRecord<'_>, new: &HeldRecord<'_>) -> Ordering {
        let rank = |held: &HeldRecord<'_>| (held.record.rtype != Rtype::SOA, held.record.rtype);
        if self.options.ignore_serial && old.record.rtype == Rtype::SOA && new.record.rtype == Rtype::SOA {
            return without_serial(old.canonical).cmp(&without_serial(new.canonical));
        }
        rank(old).cmp(&rank(new)).then_with(|| old.canonical.cmp(new.canonical))
    }
}

/// The rdata of an SOA in front of its serial and behind it: four numbers follow.
fn without_serial(rdata: &[u8]) -> (&[u8], &[u8]) {
    let (front, numbers) = rdata.split_at(rdata.len().saturating_sub(16));
    (&front[..front.len().saturating_sub(4)], numbers)
}

fn is_made_by_signer(rtype: Rtype) -> bool {
    matches!(
        rtype,
        Rtype::RRSIG
            | Rtype::NSEC
            | Rtype::NSEC3
            | Rtype::NSEC3PARAM
            | Rtype::DNSKEY
            | Rtype::CDS
            | Rtype::CDNSKEY
            | Rtype::ZONEMD
    )
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
