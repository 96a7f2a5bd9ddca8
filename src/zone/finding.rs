//! What is wrong with a zone as a whole: errors that keep it from being served, and warnings.
//!
//! Does not know files: a finding names the owner and the type.

use std::fmt;
use std::mem::discriminant;

pub use crate::base::level::Level;
use crate::base::limits::ERRORS_SHOWN_MAX;
use crate::wire::{Name, NameBuf, Rtype};

/// An owner in two parts, to be put together only where something is found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner<'a> {
    /// The labels in front of the apex.
    pub(super) labels: &'a [u8],
    pub(super) apex: Name<'a>,
}

impl Owner<'_> {
    /// The name.
    pub(super) fn spell(self) -> NameBuf {
        // Its labels were part of a name below the apex.
        NameBuf::join(self.labels, self.apex).unwrap_or_else(|_| Name::ROOT.to_buf())
    }
}

/// One thing that is wrong with a zone.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The name it is found at.
    pub owner: NameBuf,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong with a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The apex has no SOA (RFC 1035 section 5.2).
    NoSoa,
    /// The apex has more than one SOA.
    SeveralSoas,
    /// The apex has no NS (RFC 1035 section 5.2).
    NoApexNs,
    /// A CNAME stands beside data of this other type (RFC 1034 section 3.6.2, RFC 4035 section 2.5).
    CnameBesides(Rtype),
    /// More than one CNAME or DNAME (RFC 2181 section 10.1, RFC 6672 section 2.4).
    Several(Rtype),
    /// The RRset is too large for any message.
    RrsetTooLarge(Rtype),
    /// What stands at and below this name is too much for one block of the compiled zone.
    NameTooLarge,
    /// The TTLs of an RRset differ: the lowest is used (RFC 2181 section 5.2).
    UnequalTtls(Rtype),
    /// Signatures over records of this type whose TTL is another than theirs: they are served with that of the records
    /// (RFC 4034 section 3).
    SignatureTtl(Rtype),
    /// The RRset was given a record more than once: it is kept once (RFC 2181 section 5).
    Duplicate(Rtype),
    /// Signatures over a type that this name does not have.
    OrphanSignature(Rtype),
    /// A DS at the apex belongs to the parent zone (RFC 4035 section 2.4): it is kept, and never served from here.
    DsAtApex,
    /// Data below a zone cut or a DNAME that no answer can show.
    Occluded(Rtype),
}

impl Problem {
    /// The type of the records that are meant; `None` where it is all of the name's.
    pub fn rtype(self) -> Option<Rtype> {
        match self {
            Self::SeveralSoas => Some(Rtype::SOA),
            Self::DsAtApex => Some(Rtype::DS),
            Self::CnameBesides(rtype)
            | Self::Several(rtype)
            | Self::RrsetTooLarge(rtype)
            | Self::UnequalTtls(rtype)
            | Self::Duplicate(rtype)
            | Self::Occluded(rtype) => Some(rtype),
            Self::SignatureTtl(_) | Self::OrphanSignature(_) => Some(Rtype::RRSIG),
            Self::NoSoa | Self::NoApexNs | Self::NameTooLarge => None,
        }
    }

    /// Whether the zone can be served all the same.
    pub fn level(self) -> Level {
        match self {
            Self::UnequalTtls(_)
            | Self::SignatureTtl(_)
            | Self::Duplicate(_)
            | Self::OrphanSignature(_)
            | Self::DsAtApex
            | Self::Occluded(_) => Level::Warning,
            _ => Level::Error,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSoa => f.write_str("the zone has no SOA record at its apex"),
            Self::SeveralSoas => f.write_str("the zone has more than one SOA record"),
            Self::NoApexNs => f.write_str("the zone has no NS record at its apex"),
            Self::CnameBesides(rtype) => write!(f, "a CNAME cannot stand beside other data, here {rtype}"),
            Self::Several(rtype) => write!(f, "more than one {rtype} record for one name"),
            Self::RrsetTooLarge(rtype) => write!(f, "the {rtype} records are too many for one DNS message"),
            Self::NameTooLarge => f.write_str("more than 64 MiB of data at or below one name"),
            Self::UnequalTtls(rtype) => {
                write!(f, "the {rtype} records differ in their TTL: the lowest is used for all")
            }
            Self::SignatureTtl(rtype) => {
                write!(f, "signatures over {rtype} with another TTL than the records: that of the records is used")
            }
            Self::Duplicate(rtype) => write!(f, "the same {rtype} record more than once: it is kept once"),
            Self::OrphanSignature(rtype) => write!(f, "signatures over {rtype}, which this name does not have"),
            Self::DsAtApex => f.write_str("DS records at the apex belong into the parent zone: they are not served"),
            Self::Occluded(rtype) => write!(f, "{rtype} records below a zone cut or DNAME: they are not served"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.owner, self.problem)
    }
}

/// The findings of one zone: the first few of each kind of problem, and how many there were.
#[derive(Debug, Default)]
pub struct Findings {
    kept: Vec<Finding>,
    /// One problem of each kind that was found, and how often.
    counts: Vec<(Problem, u64)>,
}

impl Findings {
    pub(super) fn add(&mut self, owner: Owner<'_>, problem: Problem) {
        let count = self.count_mut(problem);
        *count += 1;
        if *count <= ERRORS_SHOWN_MAX as u64 {
            self.kept.push(Finding { owner: owner.spell(), problem });
        }
    }

    /// How often problems of this kind were found.
    fn count_mut(&mut self, problem: Problem) -> &mut u64 {
        let is_alike = |other: &(Problem, u64)| discriminant(&other.0) == discriminant(&problem);
        match self.counts.iter().position(is_alike) {
            Some(at) => &mut self.counts[at].1,
            None => &mut self.counts.push_mut((problem, 0)).1,
        }
    }

    /// Puts others behind these.
    pub(super) fn append(&mut self, others: Self) {
        for finding in others.kept {
            let kept = self.kept.iter().filter(|kept| discriminant(&kept.problem) == discriminant(&finding.problem));
            if kept.count() < ERRORS_SHOWN_MAX {
                self.kept.push(finding);
            }
        }
        for (problem, count) in others.counts {
            *self.count_mut(problem) += count;
        }
    }

    /// The findings that were kept, in the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.kept.iter()
    }

    /// How many findings of a level there were, kept or not.
    pub fn count(&self, level: Level) -> u64 {
        self.counts.iter().filter(|counted| counted.0.level() == level).map(|counted| counted.1).sum()
    }

    /// How many findings there were of the same kind as `problem`, whatever its type; kept or not.
    pub fn count_alike(&self, problem: Problem) -> u64 {
        let alike = self.counts.iter().find(|counted| discriminant(&counted.0) == discriminant(&problem));
        alike.map_or(0, |counted| counted.1)
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.kept.iter().enumerate() {
            write!(f, "{}{finding}", if index == 0 { "" } else { "; " })?;
        }
        let found: u64 = self.counts.iter().map(|counted| counted.1).sum();
        let unseen = found - self.kept.len() as u64;
        if unseen > 0 { write!(f, "; and {unseen} more") } else { Ok(()) }
    }
}
