//! A verdict as people read it: each finding as the Rust compiler shows its own, then a line that sums up.
//!
//! Does not know where it goes.

use annotate_snippets::{Group, Level as Title, Origin, Renderer};

use super::deliver::Extras;
use super::diff::Differences;
use super::json::Summary;
use super::verdict::{Complaint, State, Verdict};
use crate::config::SourceProblem;
use crate::zone::Level;
use crate::zonefile::shown_path;

/// All there is to say about a zone.
pub(super) fn verdict(verdict: &Verdict, color: bool) -> String {
    let mut text = findings(verdict, color);
    text += &summary(verdict);
    text.push('\n');
    text
}

/// The findings alone, each with an empty line behind it.
pub(super) fn findings(verdict: &Verdict, color: bool) -> String {
    let mut text = String::new();
    for complaint in &verdict.complaints {
        text += &match &complaint.place {
            Some(place) => place.render(color),
            None => unplaced(complaint, verdict, color),
        };
        text += "\n\n";
    }
    for unseen in &verdict.unseen {
        if let Some(name) = unseen.name {
            let title = format!("and {} more", unseen.count);
            text += &renderer(color).render(&[Group::with_title(title_of(unseen.level).primary_title(title).id(name))]);
            text += "\n\n";
        }
    }
    text
}

/// A finding that no line of the source is about.
fn unplaced(complaint: &Complaint, verdict: &Verdict, color: bool) -> String {
    let owner = complaint.owner.as_ref().map_or(String::new(), |owner| format!("{owner}: "));
    let title = format!("{owner}{}", complaint.message);
    let mut group = Group::with_title(title_of(complaint.level).primary_title(title).id(complaint.name))
        .element(Origin::path(shown_path(&verdict.file)));
    if let Some(note) = &complaint.note {
        group = group.element(Title::NOTE.message(note.as_str()));
    }
    if let Some(help) = &complaint.help {
        group = group.element(Title::HELP.message(help.as_str()));
    }
    renderer(color).render(&[group])
}

fn title_of(level: Level) -> Title<'static> {
    if level == Level::Error { Title::ERROR } else { Title::WARNING }
}

fn renderer(color: bool) -> Renderer {
    if color { Renderer::styled() } else { Renderer::plain() }
}

/// The last line: whether the zone is good, and why not.
pub(super) fn summary(verdict: &Verdict) -> String {
    let apex = verdict.zone.as_name();
    let counts = counts(verdict.errors, verdict.warnings);
    match &verdict.state {
        State::Unreadable(reason) => {
            format!("{apex}: the zone cannot be served: {}: {reason}", shown_path(&verdict.file))
        }
        State::Unservable => {
            let shown = verdict.complaints.len();
            let only = if verdict.unseen_count() > 0 { format!(", the first {shown} shown") } else { String::new() };
            format!("{apex}: the zone cannot be served: {counts}{only}")
        }
        State::Servable { serial, records } => {
            let word = if verdict.errors > 0 { "bad" } else { "good" };
            let counts = if counts.is_empty() { counts } else { format!("; {counts}") };
            format!("{apex}: the zone is {word}: serial {serial}, {records} records{counts}")
        }
    }
}

/// What was compared and counted.
pub(super) fn extras(extras: &Extras) -> String {
    let mut text = String::new();
    if let Some(differences) = &extras.differences {
        text += &match *differences {
            differences if differences.are_none() => "no differences\n".to_owned(),
            Differences { removed, added, ttls_changed } => {
                let ttls = plural(ttls_changed, "TTL");
                format!("{} removed, {added} added, {ttls} changed\n", plural(removed, "record"))
            }
        };
    }
    if let Some(stats) = &extras.stats {
        text += &format!("{stats}\n");
    }
    text
}

/// A file of a directory that is no zone.
pub(super) fn bad_file(problem: &SourceProblem, color: bool) -> String {
    let group = Group::with_title(Title::ERROR.primary_title(problem.reason.as_str()))
        .element(Origin::path(shown_path(&problem.path)));
    renderer(color).render(&[group]) + "\n\n"
}

/// The line that sums up many zones.
pub(super) fn total(summary: &Summary) -> String {
    let counts = counts(summary.errors, summary.warnings);
    let counts = if counts.is_empty() { counts } else { format!("; {counts}") };
    let zones = plural(summary.zones, "zone");
    format!("{zones}: {} good, {} bad{counts}\n", summary.good, summary.bad)
}

/// `2 errors, 1 warning`; empty where there are none.
pub(super) fn counts(errors: u64, warnings: u64) -> String {
    let some = [(errors, "error"), (warnings, "warning")].into_iter().filter(|counted| counted.0 > 0);
    some.map(|(count, word)| plural(count, word)).collect::<Vec<_>>().join(", ")
}

fn plural(count: u64, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
