//! The command line of the daemon, and how it changes what the configuration file says.
//!
//! Stands here and not in `bin/` because options of the command line override options of the file, and because the
//! man pages are made from both. Does not know what the binaries do.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Parser;

use super::document::Config;
use super::error::ConfigErrors;
use super::kinds::{LogLevel, parse_address};
use super::zone_name::ZoneName;

/// The configuration file that is read where none is named.
pub const DEFAULT_FILE: &str = "/etc/gannet/gannet.toml";

/// Answers DNS queries for the zones it is given, with authority.
///
/// Runs in the foreground and logs to standard error. It is ready once its sockets are bound and its zones are loaded:
/// it says so in the log, and to systemd where that started it. A zone that fails to load is reported and does not keep
/// the others from being served.
#[derive(Debug, Clone, Parser)]
#[command(name = "gannetd", version)]
pub struct GannetdArgs {
    /// The configuration file [default: /etc/gannet/gannet.toml, or none with --zone]
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Load the configuration and all zones, say what is wrong with them, and exit
    #[arg(long)]
    pub check: bool,

    /// Answer on this address instead of those of the file; port 53 unless it has one [may be repeated]
    #[arg(long, value_name = "ADDR", value_parser = parse_address)]
    pub listen: Vec<SocketAddr>,

    /// Serve the zone NAME from FILE, beside those of the configuration file if one is named [may be repeated]
    #[arg(long, value_name = "NAME=FILE")]
    pub zone: Vec<ZoneArg>,

    /// How much is logged, instead of what the file says
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<LogLevel>,
}

/// A zone on the command line: `NAME=FILE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneArg {
    /// The apex.
    pub name: ZoneName,
    /// The zone file, relative to the working directory.
    pub file: PathBuf,
}

impl FromStr for ZoneArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A name may hold an equals sign only escaped, a path may hold any.
        match text.split_once('=') {
            None => Err("it is written NAME=FILE".to_owned()),
            Some((_, "")) => Err("the file is missing behind the equals sign".to_owned()),
            Some((name, file)) => Ok(Self { name: name.parse().map_err(|why| format!("{why}"))?, file: file.into() }),
        }
    }
}

impl GannetdArgs {
    /// The configuration file to read, if any: none where `--zone` is given and `-c` is not.
    pub fn config_file(&self) -> Option<&Path> {
        match &self.config {
            Some(file) => Some(file),
            None => self.zone.is_empty().then_some(Path::new(DEFAULT_FILE)),
        }
    }

    /// Reads the configuration file and puts the command line's options over it.
    ///
    /// The server calls this again at a reload, so that both keep their rank.
    pub fn load(&self) -> Result<Config, ConfigErrors> {
        let file = self.config_file();
        let mut config = file.map_or_else(|| Ok(Config::default()), Config::load)?;
        let mut errors = Vec::new();
        if !self.listen.is_empty() {
            errors.extend(config.override_listen(&self.listen).err().map(|error| *error));
        }
        for zone in &self.zone {
            errors.extend(config.add_zone(zone.name.clone(), zone.file.clone()).err().map(|error| *error));
        }
        if let Some(level) = self.log_level {
            config.log.level = level;
        }
        if errors.is_empty() { Ok(config) } else { Err(ConfigErrors::new(file.unwrap_or(Path::new("")), "", errors)) }
    }
}

#[cfg(test)]
#[path = "cli_tests.rs"]
mod tests;
