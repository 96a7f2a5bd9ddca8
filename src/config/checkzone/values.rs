//! What the options take: names of checks, times, forms.

use std::ffi::OsStr;
use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, ValueEnum};

use crate::check::{Lint, Severity};
use crate::wire::rdata;
use crate::zonefile::Kind;

/// How a zone is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PrintForm {
    /// One record in each line, in the canonical order and form of RFC 4034 section 6: the same for every file that means
    /// the same zone
    Canonical,
    /// Laid out for people: relative names, columns, groups
    Pretty,
    /// As canonical, every rdata as `\# length hex` (RFC 3597 section 5)
    Rfc3597,
}

/// What is not counted as a difference between two zones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffIgnore {
    /// The serial of the SOA
    Serial,
    /// What a signer makes: RRSIG, NSEC, NSEC3, NSEC3PARAM, DNSKEY, CDS, CDNSKEY and ZONEMD
    Dnssec,
}

/// Whether signatures are verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DnssecMode {
    /// Where the apex has a DNSKEY
    Auto,
    /// In any case: an unsigned zone is bad
    On,
    /// Never
    Off,
}

/// Whether there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// In any case
    Always,
    /// In none
    Never,
}

/// A point in time: seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

impl FromStr for Moment {
    type Err = &'static str;

    /// Reads RFC 3339 (a date alone is its first second, without an offset it is UTC), `YYYYMMDDHHMMSS`, or seconds.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let seconds = rdata::moment(text.as_bytes()).map(u64::from).or_else(|| rfc3339(text));
        seconds
            .map(Self)
            .ok_or("expected a time such as 2026-01-31, 2026-01-31T12:00:00Z, 20260131120000 or 1769860800")
    }
}

/// Reads a date, or date and time, of RFC 3339 section 5.6.
fn rfc3339(text: &str) -> Option<u64> {
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, time),
        None => (text, "00:00:00Z"),
    };
    let zone = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone);
    let clock = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    let parts = |text: &str, separator, lengths: &[usize]| {
        let parts: Vec<&str> = text.split(separator).collect();
        let fits = parts.iter().map(|part| part.len()).eq(lengths.iter().copied());
        fits.then(|| parts.concat())
    };
    let digits = parts(date, '-', &[4, 2, 2])? + &parts(clock, ':', &[2, 2, 2])?;
    let seconds = u64::from(rdata::moment(digits.as_bytes())?);
    let offset = match zone {
        "" | "Z" | "z" => return Some(seconds),
        offset => parts(offset.get(1..)?, ':', &[2, 2])?,
    };
    let (hours, minutes) = (offset[..2].parse::<u8>().ok()?, offset[2..].parse::<u8>().ok()?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let offset = u64::from(hours) * 3_600 + u64::from(minutes) * 60;
    if zone.starts_with('+') { seconds.checked_sub(offset) } else { Some(seconds + offset) }
}

/// The version of a zone that is served now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Previous {
    /// Its serial.
    Serial(u32),
    /// The file that holds it.
    File(PathBuf),
}

impl FromStr for Previous {
    type Err = &'static str;

    /// Digits are a serial, all else is a file; `./2026` is a file too.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err("expected a file or a serial");
        }
        if !text.bytes().all(|octet| octet.is_ascii_digit()) {
            return Ok(Self::File(text.into()));
        }
        text.parse().map(Self::Serial).map_err(|_| "a serial is at most 4294967295; a file of that name is ./NAME")
    }
}

/// Reads a period in seconds: `3d`, `1h30m`, `600`.
pub(super) fn parse_period(text: &str) -> Result<u32, &'static str> {
    rdata::period(text.as_bytes()).ok_or("expected a time such as 3d, 12h or 1h30m")
}

/// Reads a number of threads.
pub(super) fn parse_jobs(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "expected a number of threads, 1 or more")
}

/// What a finding is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckName {
    /// One of the checks of whole zones.
    Lint(Lint),
    /// A mistake in the text of a file.
    Mistake(Kind),
}

impl CheckName {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Lint::ALL.iter().copied().map(Self::Lint).chain(Kind::ALL.iter().copied().map(Self::Mistake))
    }

    /// The check of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::all().find(|check| check.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lint(lint) => lint.name(),
            Self::Mistake(kind) => kind.name(),
        }
    }

    /// What it counts as where nobody says otherwise, in a word or two.
    pub fn level(self) -> &'static str {
        match self {
            Self::Lint(lint) => match lint.severity() {
                Severity::Off => "off",
                Severity::Warning => "warning",
                Severity::Error => "error",
                Severity::Fatal => "fatal",
            },
            Self::Mistake(_) => "fatal",
        }
    }

    /// What it means, in a sentence or two.
    pub fn description(self) -> &'static str {
        match self {
            Self::Lint(lint) => lint.description(),
            Self::Mistake(kind) => kind.description(),
        }
    }
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The lint of this name, if its level may be changed.
pub(super) fn parse_lint(name: &str) -> Option<Lint> {
    Lint::by_name(name).filter(|lint| lint.severity() != Severity::Fatal)
}

/// Reads the name of a check; completions know all of them, and a slip of the pen gets a suggestion.
#[derive(Debug, Clone, Copy)]
pub(super) struct CheckNameParser<T>(pub(super) fn(&str) -> Option<T>);

impl<T: Clone + Send + Sync + 'static> TypedValueParser for CheckNameParser<T> {
    type Value = T;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        let text = value.to_string_lossy();
        let option = arg.and_then(Arg::get_long).map_or(String::new(), |long| format!(" for --{long}"));
        (self.0)(text.trim()).ok_or_else(|| {
            let known = CheckName::all().map(CheckName::name).filter(|name| (self.0)(name).is_some());
            let near = known.map(|name| (strsim::osa_distance(&text.to_lowercase(), name), name)).min();
            let help = match near {
                _ if text == "all" => "--strict makes errors of all warnings".to_owned(),
                _ if CheckName::by_name(&text).is_some() => "it is fatal: such a zone cannot be served".to_owned(),
                Some((distance, name)) if distance * 3 <= name.len() => format!("did you mean `{name}`?"),
                _ => "--list-checks names them".to_owned(),
            };
            let message = format!("no check `{text}`{option}\n\n  help: {help}\n");
            clap::Error::raw(ErrorKind::InvalidValue, message).with_cmd(command)
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let names = CheckName::all().map(CheckName::name).filter(|name| (self.0)(name).is_some());
        Some(Box::new(names.map(PossibleValue::new)))
    }
}
