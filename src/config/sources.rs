//! The zones there are to load: those named one by one, and those found in directories.
//!
//! Does not open a zone file.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document::Config;
use super::zone_name::ZoneName;
use crate::gate::Prefix;
use crate::zone::Choices;
use crate::zonefile::shown_path;

/// What follows the zone's name in the name of its file.
const SUFFIX: &str = ".zone";

/// A zone and the file that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneSource {
    /// The apex.
    pub name: ZoneName,
    /// The zone file.
    pub file: PathBuf,
    /// Who may have the zone by a transfer; the zones of one directory share it.
    pub allow_transfer: Arc<[Prefix]>,
    /// How it is answered from.
    pub choices: Choices,
}

/// Every zone there is to load, and what keeps others from being loaded.
#[derive(Debug, Clone, Default)]
pub struct ZoneSources {
    /// The zones, no name twice: those of `[[zone]]` in file order, then each directory's in the order of their names.
    pub zones: Vec<ZoneSource>,
    /// What could not be used; the zones above are not touched by it.
    pub problems: Vec<SourceProblem>,
    /// Whether a whole directory could not be read: then zones may be missing that are served now and should stay.
    pub incomplete: bool,
}

/// Why a directory, or a file in it, gives no zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceProblem {
    /// The directory or file.
    pub path: PathBuf,
    /// What is wrong with it, in one line.
    pub reason: String,
}

impl fmt::Display for SourceProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.reason)
    }
}

impl std::error::Error for SourceProblem {}

impl Config {
    /// The zones named in the configuration, and those of its directories as they are now.
    ///
    /// A zone named twice is taken from where it is named first: `[[zone]]` goes before any directory. Files of other
    /// names, hidden files and directories inside a directory are passed over in silence.
    pub fn zone_sources(&self) -> ZoneSources {
        let mut found = ZoneSources::default();
        // By name, the index of its zone.
        let mut known: HashMap<ZoneName, usize> = HashMap::new();
        let nobody: Arc<[Prefix]> = [].into();
        for zone in &self.zones {
            known.insert(zone.name.clone(), found.zones.len());
            let allow_transfer = if zone.allow_transfer.is_empty() { &nobody } else { &zone.allow_transfer[..].into() };
            let (name, file) = (zone.name.clone(), zone.file.clone());
            found.zones.push(ZoneSource {
                name,
                file,
                allow_transfer: Arc::clone(allow_transfer),
                choices: zone.choices,
            });
        }
        for directory in &self.zone_directories {
            let allow_transfer: Arc<[Prefix]> = directory.allow_transfer[..].into();
            let files = match zone_files(&directory.path) {
                Ok(files) => files,
                Err(error) => {
                    found.incomplete = true;
                    found.problems.push(SourceProblem {
                        path: directory.path.clone(),
                        reason: format!("cannot be read: {error}"),
                    });
                    continue;
                }
            };
            for (name, file) in files {
                match name {
                    Err(reason) => found.problems.push(SourceProblem { path: file, reason }),
                    Ok(name) => match known.entry(name) {
                        Entry::Occupied(entry) => {
                            let (name, first) = (entry.key(), shown_path(&found.zones[*entry.get()].file));
                            let reason = format!("the zone {name} is already taken from {first}");
                            found.problems.push(SourceProblem { path: file, reason });
                        }
                        Entry::Vacant(entry) => {
                            let (name, allow_transfer) = (entry.key().clone(), Arc::clone(&allow_transfer));
                            let choices = directory.choices;
                            found.zones.push(ZoneSource { name, file, allow_transfer, choices });
                            entry.insert(found.zones.len() - 1);
                        }
                    },
                }
            }
        }
        found
    }
}

/// The zone files of a directory, in the order of their names: the zone each is for, or why it is for none.
fn zone_files(directory: &Path) -> io::Result<Vec<(Result<ZoneName, String>, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let (file_name, path) = (entry.file_name(), entry.path());
        let Some(stem) = file_name.as_encoded_bytes().strip_suffix(SUFFIX.as_bytes()) else { continue };
        // A file that is being written is hidden or named otherwise; what a link points to counts, not the link.
        if stem.is_empty() || stem.starts_with(b".") || is_directory(&entry) {
            continue;
        }
        let name = match std::str::from_utf8(stem) {
            Ok(text) => text.parse::<ZoneName>().map_err(|why| format!("{text} is not the name of a zone: {why}")),
            Err(_) => Err("the file's name is not UTF-8".to_owned()),
        };
        files.push((name, path));
    }
    // As octets: all are in one directory, and a comparison of paths would take each of them apart.
    files.sort_unstable_by(|a, b| a.1.as_os_str().cmp(b.1.as_os_str()));
    Ok(files)
}

fn is_directory(entry: &fs::DirEntry) -> bool {
    match entry.file_type() {
        Ok(kind) if kind.is_symlink() => fs::metadata(entry.path()).is_ok_and(|target| target.is_dir()),
        Ok(kind) => kind.is_dir(),
        // Its loading will say what is wrong.
        Err(_) => false,
    }
}

#[cfg(test)]
#[path = "sources_tests.rs"]
mod tests;
