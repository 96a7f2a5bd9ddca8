//! The options as they are written.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{ArgAction, Parser};

use super::named::NamedArgs;
use super::values::{
    CheckName, CheckNameParser, ColorWhen, DiffIgnore, DnssecMode, Moment, Previous, PrintForm, parse_jobs, parse_lint,
    parse_period,
};
use crate::check::Lint;
use crate::config::ZoneName;

/// Checks a zone file: whether it loads, and what in it is wrong or doubtful.
///
/// What is found names file, line and column, shows the line, and says what may be done. Errors keep the zone from being
/// served, or hurt those who ask for it; warnings are worth a look. Each check has a name, by which `--allow` turns it
/// off and `--deny` makes an error of it.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "gannet-checkzone",
    version,
    override_usage = "gannet-checkzone [OPTIONS] ORIGIN FILE\n       gannet-checkzone [OPTIONS] --dir DIR\n       \
                      gannet-checkzone --explain NAME | --list-checks"
)]
pub struct CheckzoneArgs {
    /// The name of the zone: what relative names are completed with
    #[arg(value_name = "ORIGIN", required_unless_present_any = ["dir", "explain", "list_checks"])]
    pub origin: Option<ZoneName>,

    /// The zone file, plain or compressed with gzip, zstd or xz; `-` is standard input
    #[arg(value_name = "FILE", required_unless_present_any = ["dir", "explain", "list_checks"])]
    pub file: Option<PathBuf>,

    /// Check every NAME.zone in this directory as the zone NAME, on all cores
    #[arg(long, value_name = "DIR", conflicts_with_all = ["origin", "file", "print", "output", "diff", "stats", "previous"])]
    pub dir: Option<PathBuf>,

    /// Say nothing about the zone: the exit status tells
    #[arg(short, long)]
    pub quiet: bool,

    /// Say what is found as JSON, one object in each line
    #[arg(long)]
    pub json: bool,

    /// Warnings are errors
    #[arg(long)]
    pub strict: bool,

    /// Turn these checks off: names with commas between them [may be repeated]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = CheckNameParser(parse_lint),
          hide_possible_values = true)]
    pub allow: Vec<Lint>,

    /// What these checks find is a warning, whatever it was [may be repeated]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = CheckNameParser(parse_lint),
          hide_possible_values = true)]
    pub warn: Vec<Lint>,

    /// What these checks find is an error [may be repeated]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = CheckNameParser(parse_lint),
          hide_possible_values = true)]
    pub deny: Vec<Lint>,

    /// Say what a check means and what to do about it, and exit
    #[arg(long, value_name = "NAME", exclusive = true, value_parser = CheckNameParser(CheckName::by_name),
          hide_possible_values = true)]
    pub explain: Option<CheckName>,

    /// Name all checks with their levels, and exit
    #[arg(long, exclusive = true)]
    pub list_checks: bool,

    /// Write the zone to standard output; what is found goes to standard error then
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "canonical")]
    pub print: Option<PrintForm>,

    /// Write the zone to this file instead, all of it or nothing; canonical without --print
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Show the records that this zone file has instead (-) and those that it has not (+); what is found goes to standard
    /// error then, unless all is JSON
    #[arg(long, value_name = "OTHER", conflicts_with = "print")]
    pub diff: Option<PathBuf>,

    /// Do not count these as differences: names with commas between them
    #[arg(long, value_name = "WHAT", value_delimiter = ',', requires = "diff")]
    pub diff_ignore: Vec<DiffIgnore>,

    /// Count what is in the zone: records by type, names, delegations, octets, when signatures expire
    #[arg(long, conflicts_with = "quiet")]
    pub stats: bool,

    /// Verify signatures, denials of existence and digests: on, off, or auto where the apex has a DNSKEY
    #[arg(long, value_name = "WHEN", num_args = 0..=1, require_equals = true, default_value = "auto",
          default_missing_value = "on")]
    pub dnssec: DnssecMode,

    /// Judge signatures as of this time instead of now: RFC 3339, seconds since 1970, or YYYYMMDDHHMMSS
    #[arg(long, value_name = "TIME")]
    pub at: Option<Moment>,

    /// What has a TTL of more than this is an error [default: no check]
    #[arg(long, value_name = "TIME", value_parser = parse_period)]
    pub max_ttl: Option<u32>,

    /// Warn of signatures that expire within this time
    #[arg(long, value_name = "TIME", default_value = "3d", value_parser = parse_period)]
    pub warn_before: u32,

    /// The version that is served now, as a file or by its serial: the serial must be greater
    #[arg(long, value_name = "FILE|SERIAL")]
    pub previous: Option<Previous>,

    /// Threads that work at once [default: one for each core]
    #[arg(long, value_name = "N", value_parser = parse_jobs)]
    pub jobs: Option<NonZeroUsize>,

    /// Colours: auto is on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto", action = ArgAction::Set)]
    pub color: ColorWhen,

    #[allow(missing_docs)] // clap would take it for a heading
    #[command(flatten)]
    pub named: NamedArgs,
}
