//! One thing that was found, and all that were.

use super::levels::Levels;
use super::lint::{Lint, Severity};
use crate::base::limits::ERRORS_SHOWN_MAX;
use crate::wire::{Name, NameBuf, Rtype};

/// What a finding is about: enough to find its records in the source again.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The owner.
    pub owner: NameBuf,
    /// The type of the records that are meant; all of the owner's where none.
    pub rtype: Option<Rtype>,
    /// The rdata in wire form, where one record is meant. Names in it may differ in case from those in the source: what a
    /// zone stores ends in the names of the zone.
    pub rdata: Option<Box<[u8]>>,
}

impl Subject {
    /// A name.
    pub fn name(owner: Name<'_>) -> Self {
        Self { owner: owner.to_buf(), rtype: None, rdata: None }
    }

    /// The records of one type at a name.
    pub fn rrset(owner: Name<'_>, rtype: Rtype) -> Self {
        Self { owner: owner.to_buf(), rtype: Some(rtype), rdata: None }
    }

    /// One record; `rdata` is in wire form.
    pub fn record(owner: Name<'_>, rtype: Rtype, rdata: &[u8]) -> Self {
        Self { owner: owner.to_buf(), rtype: Some(rtype), rdata: Some(rdata.into()) }
    }
}

/// What is to be told of one thing.
#[derive(Debug)]
pub struct Remark {
    subject: Subject,
    message: String,
    note: Option<String>,
    help: Option<String>,
}

impl Remark {
    /// What it is about, and what is wrong, in one line without the owner.
    pub fn new(subject: Subject, message: impl Into<String>) -> Self {
        Self { subject, message: message.into(), note: None, help: None }
    }

    /// Adds what else there is to know.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Adds what may be done.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// One thing that is wrong or doubtful.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Which kind.
    pub lint: Lint,
    /// What it counts as.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// What is wrong, in one line without the owner.
    pub message: String,
    /// What else there is to know.
    pub note: Option<String>,
    /// What may be done.
    pub help: Option<String>,
}

/// All that was found in one zone: the first few of each lint, and how many there were.
#[derive(Debug)]
pub struct Report {
    levels: Levels,
    kept: Vec<Finding>,
    counts: Vec<u64>,
}

impl Report {
    /// Nothing found yet.
    pub fn new(levels: Levels) -> Self {
        Self { levels, kept: Vec::new(), counts: vec![0; Lint::ALL.len()] }
    }

    /// Whether anybody wants to know what `lint` finds: ask before work that only it needs.
    pub fn wants(&self, lint: Lint) -> bool {
        self.levels.wants(lint)
    }

    /// Counts a finding and keeps it if there are few of its kind: only then is `describe` called.
    pub fn add(&mut self, lint: Lint, describe: impl FnOnce() -> Remark) {
        let severity = self.levels.of(lint);
        if severity == Severity::Off {
            return;
        }
        let count = &mut self.counts[lint.index()];
        *count += 1;
        if *count <= ERRORS_SHOWN_MAX as u64 {
            let Remark { subject, message, note, help } = describe();
            self.kept.push(Finding { lint, severity, subject, message, note, help });
        }
    }

    /// Says how many findings of `lint` there were, where they were counted elsewhere.
    pub(super) fn recount(&mut self, lint: Lint, count: u64) {
        let wanted = self.wants(lint);
        self.counts[lint.index()] = if wanted { count } else { 0 };
    }

    /// What a finding of `lint` counts as.
    pub fn severity_of(&self, lint: Lint) -> Severity {
        self.levels.of(lint)
    }

    /// The findings that were kept, in the order they were found.
    pub fn findings(&self) -> &[Finding] {
        &self.kept
    }

    /// How many findings of `lint` there were, kept or not.
    pub fn count_of(&self, lint: Lint) -> u64 {
        self.counts[lint.index()]
    }

    /// How many findings count as `severity`, kept or not.
    pub fn count(&self, severity: Severity) -> u64 {
        let these = Lint::ALL.iter().filter(|&&lint| self.levels.of(lint) == severity);
        these.map(|&lint| self.count_of(lint)).sum()
    }

    /// Whether the zone is to be refused: something fatal, or something that counts as an error.
    pub fn is_bad(&self) -> bool {
        self.count(Severity::Fatal) + self.count(Severity::Error) > 0
    }

    /// Takes over what another report of the same levels holds, as if it had been found after this one's.
    pub fn append(&mut self, other: Self) {
        for finding in other.kept {
            let kept = self.kept.iter().filter(|mine| mine.lint == finding.lint).count();
            if kept < ERRORS_SHOWN_MAX {
                self.kept.push(finding);
            }
        }
        self.counts.iter_mut().zip(other.counts).for_each(|(mine, theirs)| *mine += theirs);
    }
}
