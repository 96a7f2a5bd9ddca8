//! What was found in one zone: placed, sorted and counted.
//!
//! Does not know how it is shown.

use std::path::{Path, PathBuf};

use super::place::Placed;
use crate::check::{Finding, Lint, Report, Severity};
use crate::config::ZoneName;
use crate::wire::{NameBuf, Rtype};
use crate::zone::Level;
use crate::zonefile::{Error, Errors};

/// All there is to say about one zone.
#[derive(Debug)]
pub(super) struct Verdict {
    /// The apex.
    pub(super) zone: ZoneName,
    /// Where it came from, as it was named.
    pub(super) file: PathBuf,
    pub(super) state: State,
    /// What was found, in the order of the source; what has no place in it comes last.
    pub(super) complaints: Vec<Complaint>,
    /// What was found so often that not all of it is among the complaints.
    pub(super) unseen: Vec<Unseen>,
    /// How many errors there are, all counted.
    pub(super) errors: u64,
    /// How many warnings there are, all counted.
    pub(super) warnings: u64,
}

/// What a zone comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// It can be served; errors may have been found all the same.
    Servable { serial: u32, records: u64 },
    /// It cannot be served.
    Unservable,
    /// Its source cannot be opened, for this reason.
    Unreadable(String),
}

/// One thing that was found.
#[derive(Debug)]
pub(super) struct Complaint {
    /// What it is called.
    pub(super) name: &'static str,
    pub(super) level: Level,
    /// The owner that is meant; none where the text itself is wrong.
    pub(super) owner: Option<NameBuf>,
    pub(super) rtype: Option<Rtype>,
    /// What it is, in one line without the owner.
    pub(super) message: String,
    pub(super) note: Option<String>,
    pub(super) help: Option<String>,
    /// Where it is; none where the source has no line for it.
    pub(super) place: Option<Error>,
}

/// Findings of one kind that are only counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unseen {
    /// The kind; none for errors in the text of a file.
    pub(super) name: Option<&'static str>,
    pub(super) level: Level,
    pub(super) count: u64,
}

impl Verdict {
    /// Of a source that cannot be opened.
    pub(super) fn of_unreadable(zone: &ZoneName, file: &Path, reason: String) -> Self {
        Self { errors: 1, ..Self::bare(zone, file, State::Unreadable(reason)) }
    }

    /// Of a source that has errors.
    pub(super) fn of_errors(zone: &ZoneName, file: &Path, errors: &Errors) -> Self {
        let complaints: Vec<Complaint> = errors.shown().iter().map(Complaint::of_error).collect();
        let count = errors.count() - complaints.len() as u64;
        let unseen = Unseen { name: None, level: Level::Error, count };
        Self {
            complaints,
            unseen: if count > 0 { vec![unseen] } else { Vec::new() },
            errors: errors.count(),
            ..Self::bare(zone, file, State::Unservable)
        }
    }

    /// Of a zone in which this was found; `places` has one for each finding.
    pub(super) fn of_report(
        zone: &ZoneName,
        file: &Path,
        state: State,
        report: &Report,
        places: Vec<Option<Placed>>,
    ) -> Self {
        let mut placed: Vec<_> = report.findings().iter().zip(places).collect();
        // Stable: what is found at one record stays in the order it was found.
        placed.sort_by_key(|(_, place)| place.as_ref().map_or(u64::MAX, |place| place.number));
        let complaints: Vec<Complaint> =
            placed.into_iter().map(|(finding, place)| Complaint::of_finding(finding, place)).collect();
        let unseen = |&lint: &Lint| {
            let shown = complaints.iter().filter(|complaint| complaint.name == lint.name()).count() as u64;
            let count = report.count_of(lint).saturating_sub(shown);
            (count > 0).then(|| Unseen { name: Some(lint.name()), level: level_of(report.severity_of(lint)), count })
        };
        let unseen = Lint::ALL.iter().filter_map(unseen).collect();
        let errors = report.count(Severity::Fatal) + report.count(Severity::Error);
        let warnings = report.count(Severity::Warning);
        Self { complaints, unseen, errors, warnings, ..Self::bare(zone, file, state) }
    }

    fn bare(zone: &ZoneName, file: &Path, state: State) -> Self {
        Self {
            zone: zone.clone(),
            file: file.to_owned(),
            state,
            complaints: Vec::new(),
            unseen: Vec::new(),
            errors: 0,
            warnings: 0,
        }
    }

    /// Whether nothing counts as an error.
    pub(super) fn is_good(&self) -> bool {
        self.errors == 0 && matches!(self.state, State::Servable { .. })
    }

    /// Whether nothing was found at all.
    pub(super) fn is_silent(&self) -> bool {
        self.is_good() && self.warnings == 0
    }

    /// How many findings are only counted.
    pub(super) fn unseen_count(&self) -> u64 {
        self.unseen.iter().map(|unseen| unseen.count).sum()
    }
}

impl Complaint {
    fn of_error(error: &Error) -> Self {
        Self {
            name: error.name,
            level: error.level,
            owner: None,
            rtype: None,
            message: error.message.to_string(),
            note: error.note.as_deref().map(str::to_owned),
            help: error.help.as_deref().map(str::to_owned),
            place: Some(error.clone()),
        }
    }

    fn of_finding(finding: &Finding, place: Option<Placed>) -> Self {
        Self {
            name: finding.lint.name(),
            level: level_of(finding.severity),
            owner: Some(finding.subject.owner),
            rtype: finding.subject.rtype,
            message: finding.message.clone(),
            note: finding.note.clone(),
            help: finding.help.clone(),
            place: place.map(|place| place.error),
        }
    }
}

/// What is not fatal and no error is shown as a warning.
pub(super) fn level_of(severity: Severity) -> Level {
    if severity >= Severity::Error { Level::Error } else { Level::Warning }
}
