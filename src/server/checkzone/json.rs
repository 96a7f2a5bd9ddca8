//! A verdict as JSON: one object in each line. What is here is an interface: fields may come, none goes or changes.
//!
//! Does not know where it goes.

use std::path::Path;

use serde::Serialize;

use super::verdict::{Complaint, State, Verdict};
use crate::config::SourceProblem;
use crate::zone::Level;

/// One thing that was found: `"kind": "finding"`.
#[derive(Serialize)]
struct FindingObject<'a> {
    kind: &'static str,
    /// The apex.
    zone: String,
    /// The stable name of the check.
    name: &'static str,
    /// `error` or `warning`.
    level: &'static str,
    /// What it is, in one line.
    message: &'a str,
    /// The owner that is meant; null where the text of the file is wrong.
    owner: Option<String>,
    /// The type of the records that are meant, if it is one.
    #[serde(rename = "type")]
    rtype: Option<String>,
    /// The file, which may be an included one.
    file: String,
    /// From 1 on; null where no line is about it.
    line: Option<u32>,
    /// From 1 on, in characters.
    column: Option<u32>,
    /// The source line, or the part of a long one around the place.
    source: Option<&'a str>,
    note: Option<&'a str>,
    help: Option<&'a str>,
}

/// What a zone comes to, behind its findings: `"kind": "zone"`.
#[derive(Serialize)]
struct ZoneObject<'a> {
    kind: &'static str,
    /// The apex; null where the name of a file is none.
    zone: Option<String>,
    file: String,
    /// `good`, `bad` (errors, but it can be served), `unservable`, or `unreadable`.
    status: &'static str,
    /// Why it is unreadable.
    reason: Option<&'a str>,
    serial: Option<u32>,
    records: Option<u64>,
    errors: u64,
    warnings: u64,
    /// How many of them have no object.
    unseen: u64,
}

/// All zones together, the last object: `"kind": "summary"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Summary {
    kind: &'static str,
    /// How many zones were checked.
    pub(super) zones: u64,
    /// How many of them are good.
    pub(super) good: u64,
    /// How many are not, unreadable ones among them.
    pub(super) bad: u64,
    pub(super) errors: u64,
    pub(super) warnings: u64,
}

impl Default for Summary {
    fn default() -> Self {
        Self { kind: "summary", zones: 0, good: 0, bad: 0, errors: 0, warnings: 0 }
    }
}

impl Summary {
    /// Of one zone.
    pub(super) fn of(verdict: &Verdict) -> Self {
        let good = u64::from(verdict.is_good());
        let (errors, warnings) = (verdict.errors, verdict.warnings);
        Self { zones: 1, good, bad: 1 - good, errors, warnings, ..Self::default() }
    }

    /// Of one file that is no zone.
    pub(super) fn of_bad_file() -> Self {
        Self { zones: 1, bad: 1, errors: 1, ..Self::default() }
    }

    /// Adds the zones of another.
    pub(super) fn add(&mut self, other: &Self) {
        let Self { kind: _, zones, good, bad, errors, warnings } = self;
        *zones += other.zones;
        *good += other.good;
        *bad += other.bad;
        *errors += other.errors;
        *warnings += other.warnings;
    }

    /// Its line.
    pub(super) fn line(&self) -> String {
        line(self)
    }
}

/// The findings of a zone and what it comes to.
pub(super) fn verdict(verdict: &Verdict) -> String {
    let mut text = String::new();
    for complaint in &verdict.complaints {
        text += &line(&finding(complaint, verdict));
    }
    let object = ZoneObject {
        zone: Some(verdict.zone.as_name().to_string()),
        errors: verdict.errors,
        warnings: verdict.warnings,
        unseen: verdict.unseen_count(),
        ..ZoneObject::unreadable(&verdict.file, None)
    };
    text += &line(&match &verdict.state {
        State::Unreadable(reason) => ZoneObject { reason: Some(reason), ..object },
        State::Unservable => ZoneObject { status: "unservable", ..object },
        &State::Servable { serial, records } => {
            let status = if verdict.is_good() { "good" } else { "bad" };
            ZoneObject { status, serial: Some(serial), records: Some(records), ..object }
        }
    });
    text
}

/// A file of a directory that is no zone.
pub(super) fn bad_file(problem: &SourceProblem) -> String {
    line(&ZoneObject { errors: 1, ..ZoneObject::unreadable(&problem.path, Some(&problem.reason)) })
}

impl<'a> ZoneObject<'a> {
    fn unreadable(file: &Path, reason: Option<&'a str>) -> Self {
        Self {
            kind: "zone",
            zone: None,
            file: file.to_string_lossy().into_owned(),
            status: "unreadable",
            reason,
            serial: None,
            records: None,
            errors: 0,
            warnings: 0,
            unseen: 0,
        }
    }
}

fn finding<'a>(complaint: &'a Complaint, verdict: &Verdict) -> FindingObject<'a> {
    let place = complaint.place.as_ref();
    FindingObject {
        kind: "finding",
        zone: verdict.zone.as_name().to_string(),
        name: complaint.name,
        level: if complaint.level == Level::Error { "error" } else { "warning" },
        message: &complaint.message,
        owner: complaint.owner.as_ref().map(ToString::to_string),
        rtype: complaint.rtype.map(|rtype| rtype.to_string()),
        file: place.map_or(verdict.file.as_path(), |place| &place.file).to_string_lossy().into_owned(),
        line: place.map(|place| place.line),
        column: place.map(|place| place.column),
        source: place.map(|place| &*place.excerpt),
        note: complaint.note.as_deref(),
        help: complaint.help.as_deref(),
    }
}

/// An object in a line of its own.
pub(super) fn line(object: &impl Serialize) -> String {
    // Texts, numbers and nulls in a struct: there is nothing that could not be written.
    let mut line = serde_json::to_string(object).unwrap_or_default();
    line.push('\n');
    line
}
