//! What is to be done: the options, each checked and all put together.

use std::path::PathBuf;
use std::{fmt, io, thread};

use clap::CommandFactory;
use clap::error::ErrorKind;

use super::args::CheckzoneArgs;
use super::values::{CheckName, ColorWhen, DiffIgnore, DnssecMode, Moment, Previous, PrintForm};
use crate::check::{Levels, Lint, Severity};
use crate::config::ZoneName;

/// What `gannet-checkzone` is to do.
#[derive(Debug, Clone)]
pub struct CheckOrder {
    /// With which zones.
    pub task: CheckTask,
    /// Whether nothing is said about them.
    pub quiet: bool,
    /// Whether it is said as JSON.
    pub json: bool,
    /// The level of every check.
    pub levels: Levels,
    /// The form in which the zone is written, if it is.
    pub print: Option<PrintForm>,
    /// The file that the zone is written to; none is standard output.
    pub output: Option<PathBuf>,
    /// The zone file that it is compared with.
    pub diff: Option<PathBuf>,
    /// What is not counted as a difference.
    pub diff_ignore: Vec<DiffIgnore>,
    /// Whether it is counted what is in the zone.
    pub stats: bool,
    /// Whether signatures are verified.
    pub dnssec: DnssecMode,
    /// As of when; none is now.
    pub at: Option<Moment>,
    /// How many seconds before they expire signatures are warned of.
    pub warn_before: u32,
    /// The largest TTL that is no error, in seconds.
    pub ttl_max: Option<u32>,
    /// The version that is served now.
    pub previous: Option<Previous>,
    /// How many threads work at once.
    pub jobs: usize,
    /// Whether there are colours.
    pub color: ColorWhen,
    /// The directory to go to first.
    pub folder: Option<PathBuf>,
    /// Lines about options that do nothing.
    pub remarks: Vec<String>,
}

/// The zones that are checked, or what is done instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckTask {
    /// One zone.
    Zone {
        /// The apex.
        name: ZoneName,
        /// The zone file; `-` is standard input.
        file: PathBuf,
    },
    /// All zones of a directory.
    Directory(PathBuf),
    /// A check is explained.
    Explain(CheckName),
    /// All checks are named.
    ListChecks,
}

impl CheckzoneArgs {
    /// What is to be done.
    ///
    /// # Errors
    /// What is wrong with the options together, for `clap` to say.
    pub fn settle(self) -> Result<CheckOrder, clap::Error> {
        let mut wishes = self.named.wishes()?;
        let ttl_max = self.max_ttl.or(wishes.ttl_max);
        if ttl_max.is_some() {
            wishes.levels.push((Lint::TtlLong, Severity::Error));
        }
        if self.dnssec == DnssecMode::On {
            wishes.levels.push((Lint::Unsigned, Severity::Error));
        }
        let task = match (self.explain, self.list_checks, self.dir, self.origin, self.file) {
            (Some(check), ..) => CheckTask::Explain(check),
            (_, true, ..) => CheckTask::ListChecks,
            (_, _, Some(directory), ..) => CheckTask::Directory(directory),
            (_, _, _, Some(name), Some(file)) => CheckTask::Zone { name, file },
            _ => return Err(clash("expected ORIGIN and FILE")),
        };
        let previous = match &self.previous {
            Some(Previous::File(file)) => Some(file),
            _ => None,
        };
        let checked = match &task {
            CheckTask::Zone { file, .. } => Some(file),
            _ => None,
        };
        if [checked, self.diff.as_ref(), previous].into_iter().flatten().filter(|file| file.as_os_str() == "-").count()
            > 1
        {
            return Err(clash("standard input can be one of FILE, --diff and --previous only"));
        }
        // What is said in our own words goes over what is said in those of `named-checkzone`.
        let mut lists = [self.allow, self.warn, self.deny];
        let is_named = |lint: &Lint| lists.iter().any(|list| list.contains(lint));
        let foreign: Vec<_> = wishes.levels.into_iter().filter(|(lint, _)| !is_named(lint)).collect();
        for (lint, severity) in foreign {
            let list = match severity {
                Severity::Off => 0,
                Severity::Warning => 1,
                Severity::Error | Severity::Fatal => 2,
            };
            lists.iter_mut().for_each(|list| list.retain(|&other| other != lint));
            lists[list].push(lint);
        }
        let [allow, warn, deny] = lists;
        let levels = Levels::new(&allow, &deny, self.strict).and_then(|levels| levels.warning(&warn)).map_err(clash)?;
        let form = self.print.or(wishes.style);
        let printed = self.print.is_some() || wishes.dump || self.output.is_some();
        let is_directory = matches!(task, CheckTask::Directory(_));
        if is_directory && (printed || wishes.style.is_some()) {
            return Err(clash("--dir prints no zones"));
        }
        Ok(CheckOrder {
            task,
            quiet: self.quiet,
            json: self.json,
            levels,
            print: printed.then(|| form.unwrap_or(PrintForm::Canonical)),
            output: self.output.filter(|file| file.as_os_str() != "-"),
            diff: self.diff,
            diff_ignore: self.diff_ignore,
            stats: self.stats,
            dnssec: self.dnssec,
            at: self.at,
            warn_before: self.warn_before,
            ttl_max,
            previous: self.previous,
            jobs: self.jobs.map_or_else(cores, Into::into),
            color: self.color,
            folder: wishes.folder,
            remarks: wishes.remarks,
        })
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or_else(|_: io::Error| 1, Into::into)
}

/// Options that do not go together.
fn clash(message: impl fmt::Display) -> clap::Error {
    CheckzoneArgs::command().error(ErrorKind::ArgumentConflict, message)
}
