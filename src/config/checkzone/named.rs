//! The options of `named-checkzone`, so that a script that calls it can call `gannet-checkzone` instead: one row each.
//!
//! Does not know how our own options are written, only what they come to.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::values::PrintForm;
use crate::check::{Lint, Severity};
use crate::wire::rdata;

/// What an option of `named-checkzone` comes to here.
#[derive(Debug, Clone, Copy)]
pub(super) enum Effect {
    /// Our own option of the same letter: the parser has it already.
    Ours,
    /// It prints the version.
    Version,
    /// The level of these checks: `fail`, `warn` or `ignore`.
    Levels(&'static [Lint]),
    /// `none` turns these checks off, what ends in `sibling` only the first of them; the rest is what is always done.
    Integrity(&'static [Lint]),
    /// It prints the zone.
    Dump,
    /// How the zone is printed: `full` or `relative`.
    Style,
    /// The directory that everything is relative to.
    Folder,
    /// The largest TTL.
    TtlMax,
    /// The only value is what is so in any case.
    Only(&'static str),
    /// It changes nothing, and that is said.
    Idle,
    /// What it asks for is not there, and to go on without it would mislead.
    Refused,
}

/// One option of `named-checkzone`.
#[derive(Debug)]
pub(super) struct Row {
    /// Dash and letter.
    pub(super) option: &'static str,
    /// What it takes, if anything.
    pub(super) value: Option<&'static str>,
    pub(super) effect: Effect,
    /// What it does here, for the manual; for what is idle or refused, why. `{names}` are those of its checks.
    pub(super) says: &'static str,
}

impl Row {
    /// What it does here, with the names of its checks.
    pub(super) fn words(&self) -> String {
        let (Effect::Levels(lints) | Effect::Integrity(lints)) = self.effect else { return self.says.to_owned() };
        let names: Vec<&str> = lints.iter().map(|lint| lint.name()).collect();
        self.says.replace("{names}", &names.join(", "))
    }
}

const fn row(option: &'static str, value: Option<&'static str>, effect: Effect, says: &'static str) -> Row {
    Row { option, value, effect, says }
}

/// What `-i none` turns off, glue for siblings first.
const INTEGRITY: &[Lint] =
    &[Lint::MissingSiblingGlue, Lint::MissingAddress, Lint::MissingGlue, Lint::UnusedGlue, Lint::UnreachableDelegation];

/// All options, in the order of their letters.
pub(super) const ROWS: &[Row] = &[
    row("-c", Some("CLASS"), Effect::Only("IN"), "IN is the only class."),
    row("-C", Some("MODE"), Effect::Idle, "what SVCB records hold is checked in any case"),
    row("-d", None, Effect::Idle, "there is no debugging output"),
    row("-D", None, Effect::Dump, "The same as --print."),
    row("-f", Some("FORMAT"), Effect::Only("text"), "Only text: raw files are BIND's own."),
    row("-F", Some("FORMAT"), Effect::Only("text"), "Only text: raw files are BIND's own."),
    row("-h", None, Effect::Ours, "The same: shows the usage."),
    row(
        "-i",
        Some("MODE"),
        Effect::Integrity(INTEGRITY),
        "none is --allow of {names}; full-sibling and local-sibling of the first of them. full does no more than local: \
         names of other zones are not looked up.",
    ),
    row("-j", None, Effect::Refused, "journals are BIND's own; write the zone out with `rndc sync` first"),
    row("-J", Some("FILE"), Effect::Refused, "journals are BIND's own; write the zone out with `rndc sync` first"),
    row(
        "-k",
        Some("MODE"),
        Effect::Levels(&[Lint::NotAHostname, Lint::UnderscoreHost]),
        "The level of {names}: host names.",
    ),
    row("-l", Some("TTL"), Effect::TtlMax, "The same as --max-ttl."),
    row("-L", Some("SERIAL"), Effect::Idle, "it is for raw files alone"),
    row(
        "-m",
        Some("MODE"),
        Effect::Levels(&[Lint::AddressAsTarget]),
        "The level of {names}: addresses as targets, of MX and others alike.",
    ),
    row(
        "-M",
        Some("MODE"),
        Effect::Levels(&[Lint::AliasAsTarget]),
        "The level of {names}: aliases as targets, of MX and others alike.",
    ),
    row(
        "-n",
        Some("MODE"),
        Effect::Levels(&[Lint::AddressAsTarget]),
        "The level of {names}: addresses as targets, of NS and others alike.",
    ),
    row("-o", Some("FILE"), Effect::Ours, "The same as --output; it needs no -D."),
    row("-q", None, Effect::Ours, "The same as --quiet."),
    row(
        "-r",
        Some("MODE"),
        Effect::Levels(&[Lint::DuplicateRecord]),
        "The level of {names}: records that are there twice, those that are the same to the letter too, which \
         named-checkzone says nothing of.",
    ),
    row(
        "-s",
        Some("STYLE"),
        Effect::Style,
        "full is --print=canonical, relative is --print=pretty; only with -D, -o or \
        --print.",
    ),
    row(
        "-S",
        Some("MODE"),
        Effect::Levels(&[Lint::AliasAsTarget]),
        "The level of {names}: aliases as targets, of SRV and others alike.",
    ),
    row("-t", Some("DIR"), Effect::Refused, "there is no chroot; give the paths as they are from outside"),
    row("-T", Some("MODE"), Effect::Levels(&[Lint::SpfType]), "The level of {names}: SPF in records of the old type."),
    row("-v", None, Effect::Version, "The same as --version."),
    row("-w", Some("DIR"), Effect::Folder, "Goes to this directory first."),
    row(
        "-W",
        Some("MODE"),
        Effect::Levels(&[Lint::LiteralAsterisk]),
        "The level of {names}: asterisks that make no wildcard.",
    ),
];

/// The options of `named-checkzone` on a command line.
#[derive(Debug, Clone, Default)]
pub struct NamedArgs {
    /// Each with its value, in the order of the table.
    given: Vec<(&'static Row, String)>,
}

/// What the options of `named-checkzone` come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NamedWishes {
    pub(super) levels: Vec<(Lint, Severity)>,
    pub(super) dump: bool,
    pub(super) style: Option<PrintForm>,
    pub(super) folder: Option<PathBuf>,
    pub(super) ttl_max: Option<u32>,
    /// What is to be said about options that do nothing.
    pub(super) remarks: Vec<String>,
}

impl Args for NamedArgs {
    fn augment_args(command: Command) -> Command {
        ROWS.iter().filter(|row| !matches!(row.effect, Effect::Ours)).fold(command, |command, row| {
            let arg = Arg::new(row.option).short(row.option.chars().nth(1)).hide(true).help(row.words());
            command.arg(match (row.effect, row.value) {
                (Effect::Version, _) => arg.action(ArgAction::Version),
                (_, Some(value)) => arg.action(ArgAction::Set).value_name(value),
                (_, None) => arg.action(ArgAction::SetTrue),
            })
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for NamedArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut args = Self::default();
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for row in ROWS.iter().filter(|row| !matches!(row.effect, Effect::Ours | Effect::Version)) {
            match row.value {
                Some(_) => self.given.extend(matches.get_one(row.option).map(|value| (row, String::clone(value)))),
                None if matches.get_flag(row.option) => self.given.push((row, String::new())),
                None => {}
            }
        }
        Ok(())
    }
}

impl NamedArgs {
    /// What the options come to.
    pub(super) fn wishes(&self) -> Result<NamedWishes, clap::Error> {
        let mut wishes = NamedWishes::default();
        for (row, value) in &self.given {
            wishes.grant(row, value).map_err(|message| {
                clap::Error::raw(ErrorKind::ValueValidation, format!("{}: {message}\n", row.option))
            })?;
        }
        Ok(wishes)
    }
}

impl NamedWishes {
    fn grant(&mut self, row: &Row, value: &str) -> Result<(), String> {
        let one_of = |choices: &[&str]| format!("`{value}` is none of {}", choices.join(", "));
        match row.effect {
            Effect::Ours | Effect::Version => {}
            Effect::Levels(lints) => {
                let level = match value {
                    "fail" => Severity::Error,
                    "warn" => Severity::Warning,
                    "ignore" => Severity::Off,
                    _ => return Err(one_of(&["fail", "warn", "ignore"])),
                };
                self.levels.extend(lints.iter().map(|&lint| (lint, level)));
            }
            Effect::Integrity(lints) => {
                let off = match value {
                    "full" | "local" => 0,
                    "full-sibling" | "local-sibling" => 1.min(lints.len()),
                    "none" => lints.len(),
                    _ => return Err(one_of(&["full", "full-sibling", "local", "local-sibling", "none"])),
                };
                self.levels.extend(lints[..off].iter().map(|&lint| (lint, Severity::Off)));
            }
            Effect::Dump => self.dump = true,
            Effect::Style => match value {
                "full" => self.style = Some(PrintForm::Canonical),
                "relative" => self.style = Some(PrintForm::Pretty),
                _ => return Err(one_of(&["full", "relative"])),
            },
            Effect::Folder => self.folder = Some(value.into()),
            Effect::TtlMax => {
                self.ttl_max = Some(rdata::period(value.as_bytes()).ok_or("expected a time such as 3600 or 1d")?);
            }
            Effect::Only(only) if value.eq_ignore_ascii_case(only) => {}
            Effect::Only(_) => return Err(row.says.to_owned()),
            Effect::Idle => self.remarks.push(format!("{} does nothing here: {}", row.option, row.says)),
            Effect::Refused => return Err(row.says.to_owned()),
        }
        Ok(())
    }
}
