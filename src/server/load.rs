//! One zone file becomes one compiled zone, or a list of what is wrong with it.
//!
//! Does not know what is served.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use crate::wire::{Name, SuffixHasher};
use crate::zone::{Builder, Findings, Rejected, Zone};
use crate::zonefile::{Errors, Kind, Level, Part, Reader, Remark};

/// A zone that can be served.
#[derive(Debug)]
pub struct Loaded {
    /// The zone.
    pub zone: Zone,
    /// What is doubtful about it.
    pub warnings: Findings,
}

/// Why a file gives no zone.
#[derive(Debug)]
pub enum LoadFailure {
    /// The file cannot be opened.
    Open(io::Error),
    /// The file has errors, or records that belong into no zone or into another one.
    File(Errors),
    /// The records are good, the zone they make is not.
    Zone(Findings),
}

impl fmt::Display for LoadFailure {
    /// One line per error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(error) => write!(f, "cannot be opened: {error}"),
            Self::File(errors) => errors.fmt(f),
            Self::Zone(findings) => findings.fmt(f),
        }
    }
}

impl std::error::Error for LoadFailure {}

/// Loads the zone at `apex` from a regular file.
pub fn load_zone(apex: Name<'_>, file: &Path, hasher: &SuffixHasher) -> Result<Loaded, LoadFailure> {
    let metadata = fs::metadata(file).map_err(LoadFailure::Open)?;
    if metadata.is_dir() {
        return Err(LoadFailure::Open(io::ErrorKind::IsADirectory.into()));
    }
    // A device may have no end, and opening a pipe waits for whoever writes to it: neither start nor reload would end.
    if !metadata.is_file() {
        return Err(LoadFailure::Open(io::Error::other("not a regular file")));
    }
    read_zone(apex, Reader::open(file, apex).map_err(LoadFailure::Open)?, hasher)
}

/// Loads the zone at `apex` from what `reader` reads.
pub fn read_zone(apex: Name<'_>, mut reader: Reader<'_>, hasher: &SuffixHasher) -> Result<Loaded, LoadFailure> {
    let (mut builder, mut errors) = (Builder::new(apex, hasher), Errors::default());
    loop {
        let rejected = match reader.next() {
            None => break,
            Some(Ok((record, _))) => builder.add(&record).err(),
            Some(Err(error)) => {
                errors.push(error);
                None
            }
        };
        if let Some(error) = rejected.and_then(|rejected| reader.remark(remark_on(rejected))) {
            errors.push(error);
        }
    }
    if !errors.is_empty() {
        return Err(LoadFailure::File(errors));
    }
    let (zone, warnings) = builder.seal().map_err(LoadFailure::Zone)?;
    Ok(Loaded { zone, warnings })
}

/// What is said of a record that the builder does not take.
fn remark_on(rejected: Rejected) -> Remark {
    let (kind, part) = match rejected {
        Rejected::OutOfZone => (Kind::OutOfZone, Part::Owner),
        Rejected::Class(_) => (Kind::BadClass, Part::Type),
        Rejected::MetaType(_) => (Kind::MetaType, Part::Type),
        Rejected::SoaBelowApex => (Kind::SoaBelowApex, Part::Owner),
        Rejected::Rdata(..) | Rejected::TooLong(_) => (Kind::BadRdata, Part::Rdata),
    };
    Remark { part, ..Remark::new(Level::Error, kind.name(), rejected.to_string()) }
}
