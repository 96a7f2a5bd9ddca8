//! What is wrong with a zone as a whole: errors that keep it from being served, and warnings.
//!
//! Does not know files: a finding names the owner and the type.

use std::fmt;

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

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The zone can be served.
    Warning,
    /// The zone cannot be served.
    Error,
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
    /// Signatures over a type that this name does not have.
    OrphanSignature(Rtype),
    /// A DS at the apex belongs to the parent zone (RFC 4035 section 2.4): it is kept, and never served from here.
    DsAtApex,
    /// Data below a zone cut or a DNAME that no answer can show.
    Occluded(Rtype),
}

impl Problem {
    /// Whether the zone can be served all the same.
    pub fn level(self) -> Level {
        match self {
            Self::UnequalTtls(_) | Self::OrphanSignature(_) | Self::DsAtApex | Self::Occluded(_) => Level::Warning,
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

/// The findings of one zone: the first few of each level, and how many there were.
#[derive(Debug, Default)]
pub struct Findings {
    kept: Vec<Finding>,
    errors: u64,
    warnings: u64,
}

impl Findings {
    pub(super) fn add(&mut self, owner: Owner<'_>, problem: Problem) {
        let count = if problem.level() == Level::Error { &mut self.errors } else { &mut self.warnings };
        *count += 1;
        if *count <= ERRORS_SHOWN_MAX as u64 {
            self.kept.push(Finding { owner: owner.spell(), problem });
        }
    }

    /// Puts others behind these.
    pub(super) fn append(&mut self, others: Self) {
        let most = ERRORS_SHOWN_MAX as u64;
        let mut room = [Level::Warning, Level::Error].map(|level| most.saturating_sub(self.count(level)));
        for finding in others.kept {
            let room = &mut room[usize::from(finding.problem.level() == Level::Error)];
            if *room > 0 {
                *room -= 1;
                self.kept.push(finding);
            }
        }
        self.errors += others.errors;
        self.warnings += others.warnings;
    }

    /// The findings that were kept, in the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.kept.iter()
    }

    /// How many findings of a level there were, kept or not.
    pub fn count(&self, level: Level) -> u64 {
        if level == Level::Error { self.errors } else { self.warnings }
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.kept.iter().enumerate() {
            write!(f, "{}{finding}", if index == 0 { "" } else { "; " })?;
        }
        let unseen = self.errors + self.warnings - self.kept.len() as u64;
        if unseen > 0 { write!(f, "; and {unseen} more") } else { Ok(()) }
    }
}
