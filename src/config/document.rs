//! The configuration as a whole: read from a file or a text, and checked.
//!
//! Does not know the single options, nor what is in the zones.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::hash::Hash;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::error::{ConfigError, ConfigErrors};
use super::kinds::overlap;
use super::lines::Lines;
use super::options::{Answers, Cache, Cookies, Limits, Log, Rrl, Server, Tcp, Transfers, Udp, Zone, ZoneDirectory};
use super::read::Reader;
use super::zone_name::ZoneName;
use crate::base::limits::CONFIG_OCTETS_MAX;
use crate::gate::Prefix;
use crate::zone::Choices;

/// A configuration.
///
/// Having a `Config` tells you: every value is of its kind and within its bounds, and no zone is named twice. It does
/// not tell you that the files it names exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// Where the server listens, and what it says of itself.
    pub server: Server,
    /// What the RFCs leave open in an answer.
    pub answers: Answers,
    /// Datagrams.
    pub udp: Udp,
    /// Connections.
    pub tcp: Tcp,
    /// How often clients may ask.
    pub limits: Limits,
    /// How often the same reply goes to the same network.
    pub rrl: Rrl,
    /// Zone transfers to secondaries.
    pub transfers: Transfers,
    /// DNS Cookies. The path of the secrets, where it is relative, is joined to the directory of the file.
    pub cookies: Cookies,
    /// Finished replies that are kept.
    pub cache: Cache,
    /// The log.
    pub log: Log,
    /// The zones named one by one, in file order; those of directories are found by [`zone_sources`](Self::zone_sources).
    pub zones: Vec<ZoneEntry>,
    /// The directories of zone files, in file order.
    pub zone_directories: Vec<DirectoryEntry>,
}

/// A zone that the configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneEntry {
    /// The apex.
    pub name: ZoneName,
    /// The zone file. A relative path of a configuration file is joined to that file's directory.
    pub file: PathBuf,
    /// The line of the configuration file, from 1; none where the command line named the zone.
    pub line: Option<usize>,
    /// Who may have the zone by a transfer.
    pub allow_transfer: Vec<Prefix>,
    /// How it is answered from.
    pub choices: Choices,
}

/// A directory of zone files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The directory. A relative path of a configuration file is joined to that file's directory.
    pub path: PathBuf,
    /// Who may have each of its zones by a transfer.
    pub allow_transfer: Vec<Prefix>,
    /// How each of them is answered from.
    pub choices: Choices,
}

impl Config {
    /// Whether any option differs that a running server does not take up at a reload: all but the zones and how they are
    /// answered from, the limits, the rates of
    /// replies, the cookies and what is said of transfers.
    pub fn fixed_options_differ(&self, other: &Self) -> bool {
        let Self {
            server,
            udp,
            tcp,
            cache,
            log,
            answers: _,
            limits: _,
            rrl: _,
            transfers: _,
            cookies: _,
            zones: _,
            zone_directories: _,
        } = self;
        (server, udp, tcp, cache, log) != (&other.server, &other.udp, &other.tcp, &other.cache, &other.log)
    }

    /// Reads and checks a configuration file.
    pub fn load(path: &Path) -> Result<Self, ConfigErrors> {
        let failed = |error: ConfigError| ConfigErrors::new(path, "", vec![error]);
        let octets = read_file(path).map_err(|cause| {
            let error = ConfigError::nowhere(format!("cannot read {}: {cause}", path.display()));
            failed(match cause.kind() {
                io::ErrorKind::NotFound => {
                    error.help("`-c FILE` names another; with `--zone NAME=FILE` none is needed")
                }
                _ => error,
            })
        })?;
        if octets.len() > CONFIG_OCTETS_MAX {
            let message = format!("{} has more than {CONFIG_OCTETS_MAX} octets", path.display());
            return Err(failed(ConfigError::nowhere(message)));
        }
        match String::from_utf8(octets) {
            Ok(text) => Self::parse(&text, path),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes());
                let error = ConfigError::at(at..at + 1, "not UTF-8 text").label("this octet");
                Err(ConfigErrors::new(path, &text, vec![error]))
            }
        }
    }

    /// Checks `text`, the contents of the file at `path`: errors name it, and relative paths are relative to its directory.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigErrors> {
        let (document, syntax) = DeTable::parse_recoverable(text);
        let document = document.get_ref();
        let lines = Lines::of(text);
        let mut reader = Reader::default();
        reader.check_sections(document);
        let mut config = Self {
            server: reader.section(document),
            answers: reader.section(document),
            udp: reader.section(document),
            tcp: reader.section(document),
            limits: reader.section(document),
            rrl: reader.section(document),
            transfers: reader.section(document),
            cookies: reader.section(document),
            cache: reader.section(document),
            log: reader.section(document),
            zones: Vec::new(),
            zone_directories: Vec::new(),
        };
        let here = path.parent().unwrap_or(Path::new(""));
        config.server.state_directory = config.server.state_directory.map(|directory| here.join(directory));
        config.cookies.secret_file = config.cookies.secret_file.map(|file| here.join(file));
        let zones = reader.entries::<Zone>(document);
        reader.errors.extend(repeated(zones.iter().map(|(span, zone)| (span, &zone.name)), "zone"));
        config.zones = zones
            .into_iter()
            .map(|(span, zone)| ZoneEntry {
                choices: zone.choices(&config.answers),
                name: zone.name,
                file: here.join(zone.file),
                line: Some(lines.number(span.start)),
                allow_transfer: zone.allow_transfer,
            })
            .collect();
        let directories = reader.entries::<ZoneDirectory>(document);
        reader.errors.extend(repeated(directories.iter().map(|(span, entry)| (span, &entry.path)), "directory"));
        config.zone_directories = directories
            .into_iter()
            .map(|(_, entry)| DirectoryEntry {
                choices: entry.choices(&config.answers),
                path: here.join(entry.path),
                allow_transfer: entry.allow_transfer,
            })
            .collect();

        let errors = join_syntax_errors(&syntax, reader.errors, &lines);
        if errors.is_empty() { Ok(config) } else { Err(ConfigErrors::new(path, text, errors)) }
    }

    /// Answers on `listen` alone, whatever the file says. An address that comes twice, or beside all of its family, is an
    /// error.
    pub fn override_listen(&mut self, listen: &[SocketAddr]) -> Result<(), Box<ConfigError>> {
        for (at, addr) in listen.iter().enumerate() {
            if let Some(why) = overlap(*addr, &listen[..at]) {
                return Err(ConfigError::nowhere(format!("`--listen {addr}`: {why}")).into());
            }
        }
        self.server.listen = listen.to_vec();
        Ok(())
    }

    /// Adds a zone that the command line names. One that is there already is an error.
    pub fn add_zone(&mut self, name: ZoneName, file: PathBuf) -> Result<(), Box<ConfigError>> {
        if let Some(old) = self.zones.iter().find(|zone| zone.name == name) {
            let place = old.line.map_or("on the command line".to_owned(), |line| format!("in line {line} of the file"));
            return Err(ConfigError::nowhere(format!("`--zone {name}=...`: the zone is already named {place}")).into());
        }
        let choices = self.answers.choices();
        self.zones.push(ZoneEntry { name, file, line: None, allow_transfer: Vec::new(), choices });
        Ok(())
    }
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    // One octet more than allowed shows that there are too many, even where a device never ends.
    File::open(path)?.take(CONFIG_OCTETS_MAX as u64 + 1).read_to_end(&mut octets)?;
    Ok(octets)
}

/// An error for each value that came before.
fn repeated<'e, T: Eq + Hash + 'e>(
    entries: impl Iterator<Item = (&'e Range<usize>, T)>,
    what: &str,
) -> Vec<ConfigError> {
    let mut first = HashMap::new();
    let mut errors = Vec::new();
    for (span, value) in entries {
        match first.entry(value) {
            Entry::Vacant(entry) => {
                entry.insert(span);
            }
            Entry::Occupied(entry) => {
                errors.push(
                    ConfigError::at(span.clone(), format!("a {what} is named twice"))
                        .label("again")
                        .earlier((*entry.get()).clone(), "first"),
                );
            }
        }
    }
    errors
}

/// The errors of both, without those that only follow from broken syntax.
fn join_syntax_errors(syntax: &[toml::de::Error], mut errors: Vec<ConfigError>, lines: &Lines<'_>) -> Vec<ConfigError> {
    if syntax.is_empty() {
        return errors;
    }
    let broken = syntax.iter().filter_map(toml::de::Error::span).map(|span| lines.unit(span.start)).collect::<Vec<_>>();
    errors.retain(|error| {
        let follows = |span: &Range<usize>| broken.iter().any(|unit| unit.contains(&lines.number(span.start)));
        !error.missing && !error.span.as_ref().is_some_and(follows)
    });
    errors.extend(syntax.iter().map(|error| {
        let message = error.message().to_owned();
        error.span().map_or_else(|| ConfigError::nowhere(&message), |span| ConfigError::at(span, &message))
    }));
    errors
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
