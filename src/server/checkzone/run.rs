//! A whole run of the checker: what was ordered, done and told.
//!
//! Does not know how a zone is judged, nor how a verdict is shown.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::deliver::{self, survey};
use super::in_order::in_order;
use super::inspect::{Inspection, Inspector, previous_serial};
use super::json::{self, Summary};
use super::json_extras;
use super::progress::{Progress, Terminal};
use super::text;
use crate::config::{CheckOrder, CheckTask, ColorWhen, Config, DirectoryEntry, ZoneName, check_text, checks_text};
use crate::zone::Choices;
use crate::zonefile::shown_path;

/// What the zones come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckzoneOutcome {
    /// They are good.
    Good,
    /// One of them at least is not.
    Bad,
}

/// Where a run writes.
pub struct Streams<'s> {
    /// Standard output.
    pub out: &'s mut dyn Write,
    /// Whether it is a terminal.
    pub out_is_terminal: bool,
    /// Standard error.
    pub err: &'s mut dyn Write,
    /// Whether it is a terminal: then long work shows how far it is there.
    pub err_is_terminal: bool,
    /// Whether the environment asks for no colours (`NO_COLOR`).
    pub no_color: bool,
}

/// Why a run could not do what was ordered, whatever the zone is.
#[derive(Debug)]
pub enum RunFailure {
    /// A stream takes no more.
    Write(io::Error),
    /// A directory or file that the order names cannot be used, for this reason.
    Unusable(PathBuf, io::Error),
    /// A zone file that the order names beside the one that is checked cannot be used: which and why, in a line.
    Other(String),
}

impl fmt::Display for RunFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(cause) => write!(f, "cannot write: {cause}"),
            Self::Unusable(path, cause) => write!(f, "{}: {cause}", shown_path(path)),
            Self::Other(line) => f.write_str(line),
        }
    }
}

impl std::error::Error for RunFailure {}

impl From<io::Error> for RunFailure {
    fn from(cause: io::Error) -> Self {
        Self::Write(cause)
    }
}

/// Does what was ordered, and tells it.
///
/// # Errors
/// What kept it from being done, but for what is wrong with a zone: that is told and is the outcome.
pub fn run_check(order: &CheckOrder, streams: &mut Streams<'_>) -> Result<CheckzoneOutcome, RunFailure> {
    if !order.quiet {
        for remark in &order.remarks {
            writeln!(streams.err, "gannet-checkzone: {remark}")?;
        }
    }
    if let Some(folder) = &order.folder {
        std::env::set_current_dir(folder).map_err(|cause| RunFailure::Unusable(folder.clone(), cause))?;
    }
    let outcome = match &order.task {
        CheckTask::Explain(check) => {
            streams.out.write_all(check_text(*check).as_bytes())?;
            CheckzoneOutcome::Good
        }
        CheckTask::ListChecks => {
            streams.out.write_all(checks_text().as_bytes())?;
            CheckzoneOutcome::Good
        }
        CheckTask::Zone { name, file } => check_zone(order, name, file, streams)?,
        CheckTask::Directory(directory) => check_directory(order, directory, streams)?,
    };
    streams.out.flush()?;
    Ok(outcome)
}

fn check_zone(
    order: &CheckOrder,
    name: &ZoneName,
    file: &Path,
    streams: &mut Streams<'_>,
) -> Result<CheckzoneOutcome, RunFailure> {
    let serial = |previous| previous_serial(previous, name.as_name()).map_err(RunFailure::Other);
    let previous = order.previous.as_ref().map(serial).transpose()?;
    let Inspection { verdict, zone } =
        Inspector::new(order, previous).inspect(name, file, order.jobs, streams.terminal(order));
    let extras = zone.as_ref().map(|zone| survey(order, zone, streams.out)).transpose()?.unwrap_or_default();
    if !order.quiet {
        // Where standard output is for something else, what is found does not come in between.
        let is_taken = (order.diff.is_some() && !order.json) || (order.print.is_some() && order.output.is_none());
        let is_colored =
            streams.is_colored(order, if is_taken { streams.err_is_terminal } else { streams.out_is_terminal });
        let told = match order.json {
            true => json::verdict(&verdict) + &json_extras::extras(&verdict, &extras) + &Summary::of(&verdict).line(),
            false => text::verdict(&verdict, is_colored) + &text::extras(&extras),
        };
        let target = if is_taken { &mut streams.err } else { &mut streams.out };
        target.write_all(told.as_bytes())?;
    }
    match &zone {
        Some(zone) if verdict.is_good() => deliver::print(order, zone, streams.out)?,
        _ => {}
    }
    Ok(outcome(verdict.is_good()))
}

fn check_directory(
    order: &CheckOrder,
    directory: &Path,
    streams: &mut Streams<'_>,
) -> Result<CheckzoneOutcome, RunFailure> {
    let directory =
        DirectoryEntry { path: directory.to_owned(), allow_transfer: Vec::new(), choices: Choices::default() };
    let config = Config { zone_directories: vec![directory], ..Config::default() };
    let sources = config.zone_sources();
    let (inspector, color) = (Inspector::new(order, None), streams.is_colored(order, streams.out_is_terminal));
    let mut summary = Summary::default();
    let terminal = streams.terminal(order);
    let mut tell = |text: String| if order.quiet { Ok(()) } else { streams.out.write_all(text.as_bytes()) };
    for problem in &sources.problems {
        summary.add(&Summary::of_bad_file());
        tell(if order.json { json::bad_file(problem) } else { text::bad_file(problem, color) })?;
    }
    let progress = Progress::start("zones", sources.zones.len() as u64, terminal);
    let work = |number: usize| {
        let source = &sources.zones[number];
        let verdict = inspector.inspect(&source.name, &source.file, 1, None).verdict; // the cores have other zones
        progress.add(1);
        let text = match (order.json, verdict.is_silent()) {
            (true, _) => json::verdict(&verdict),
            (false, true) => String::new(),
            // Zones are told apart by an empty line.
            (false, false) => text::verdict(&verdict, color) + "\n",
        };
        (Summary::of(&verdict), text)
    };
    in_order(sources.zones.len(), order.jobs, work, |(zone, text)| {
        summary.add(&zone);
        if text.is_empty() { Ok(()) } else { progress.hide(|| tell(text)) }
    })?;
    drop(progress);
    tell(if order.json { summary.line() } else { text::total(&summary) })?;
    Ok(outcome(summary.bad == 0))
}

fn outcome(is_good: bool) -> CheckzoneOutcome {
    if is_good { CheckzoneOutcome::Good } else { CheckzoneOutcome::Bad }
}

impl Streams<'_> {
    /// Where long work shows how far it is, if anywhere.
    fn terminal(&self, order: &CheckOrder) -> Option<Terminal> {
        (self.err_is_terminal && !order.quiet).then(|| Box::new(io::stderr()) as Terminal)
    }

    fn is_colored(&self, order: &CheckOrder, is_terminal: bool) -> bool {
        match order.color {
            ColorWhen::Auto => is_terminal && !self.no_color,
            ColorWhen::Always => true,
            ColorWhen::Never => false,
        }
    }
}
