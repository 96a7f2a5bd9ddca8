//! One zone file becomes one compiled zone, or a list of what is wrong with it.
//!
//! Does not know what is served.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::debug;

use crate::base::spread::spread;
use crate::wire::{Name, SuffixHasher};
use crate::zone::{Builder, Findings, Rejected, Zone};
use crate::zonefile::{Errors, Footprint, Kind, Level, Part, Provenance, Reader, Remark, Stretch};

/// A zone that can be served.
#[derive(Debug)]
pub struct Loaded {
    /// The zone.
    pub zone: Zone,
    /// What is doubtful about it.
    pub warnings: Findings,
    /// Of which files it was made; none where it came in a stream.
    pub provenance: Option<Provenance>,
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

/// Loads the zone at `apex` from a file, on up to so many threads. It should be a regular one: opening a pipe waits for whoever
/// writes to it.
pub fn load_zone(apex: Name<'_>, file: &Path, hasher: &SuffixHasher, threads: usize) -> Result<Loaded, LoadFailure> {
    read_zone(apex, Reader::open(file, apex).map_err(LoadFailure::Open)?, hasher, threads)
}

/// What a file that is compared with a zone comes to.
#[derive(Debug)]
pub(super) enum Compared {
    /// It holds what the zone holds.
    Alike(Option<Provenance>),
    /// It holds a little else: the next version of the zone.
    Differs(Box<Loaded>),
}

/// Reads the file of a zone that is served, and changes that one where the file differs little from it: which takes no memory for a second
/// one. None where the file is to be loaded as if there were none: much differs, or it has errors, which loading tells.
///
/// Warnings are about the names that changed and those above them. What was told of others when they were loaded is not told again.
/// Where so little differs and the zone is built anew all the same, that is done on up to so many threads.
pub(super) fn load_changes(served: &Zone, file: &Path, threads: usize) -> Option<Compared> {
    let mut difference = served.difference()?;
    let mut reader = Reader::open(file, served.apex()).ok()?;
    while let Some(next) = reader.next() {
        if !difference.take(&next.ok()?.0) {
            return None;
        }
    }
    let provenance = reader.footprint().and_then(Footprint::finish);
    let changes = difference.finish()?;
    if changes.is_empty() {
        return Some(Compared::Alike(provenance));
    }
    debug!(records = changes.count(), "zone {}: only what differs is compiled", served.apex());
    let (zone, warnings) = served.apply_on(&changes, threads).ok()?;
    Some(Compared::Differs(Loaded { zone, warnings, provenance }.into()))
}

/// How long a zone file is, if it is one.
pub(super) fn octets_of(file: &Path) -> Result<u64, LoadFailure> {
    let metadata = fs::metadata(file).map_err(LoadFailure::Open)?;
    if metadata.is_dir() {
        return Err(LoadFailure::Open(io::ErrorKind::IsADirectory.into()));
    }
    // A device may have no end, and opening a pipe waits for whoever writes to it: neither start nor reload would end.
    if !metadata.is_file() {
        return Err(LoadFailure::Open(io::Error::other("not a regular file")));
    }
    Ok(metadata.len())
}

/// Loads the zone at `apex` from what `reader` reads, on up to so many threads. What comes of it does not depend on how
/// many they are.
pub fn read_zone(
    apex: Name<'_>,
    mut reader: Reader<'_>,
    hasher: &SuffixHasher,
    threads: usize,
) -> Result<Loaded, LoadFailure> {
    let stretches = reader.stretches(threads);
    let (builder, footprint) = match stretches.and_then(|stretches| read_stretches(apex, stretches, hasher)) {
        Some(read) => read,
        None => (read_records(apex, &mut reader, hasher).map_err(LoadFailure::File)?, reader.footprint()),
    };
    drop(reader);
    let (zone, warnings) = builder.seal_on(threads).map_err(LoadFailure::Zone)?;
    Ok(Loaded { zone, warnings, provenance: footprint.and_then(Footprint::finish) })
}

/// Reads all records, one after the other.
fn read_records(apex: Name<'_>, reader: &mut Reader<'_>, hasher: &SuffixHasher) -> Result<Builder, Errors> {
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
    if errors.is_empty() { Ok(builder) } else { Err(errors) }
}

/// Reads the stretches of a file, each on a thread of its own. None where they have to be read one after the other, for
/// there is an error in one, or they do not join.
fn read_stretches(
    apex: Name<'_>,
    stretches: Vec<Stretch>,
    hasher: &SuffixHasher,
) -> Option<(Builder, Option<Footprint>)> {
    let in_vain = AtomicBool::new(false);
    let read = |stretch: Stretch| {
        let (mut builder, mut reader) = (Builder::new(apex, hasher), stretch.reader());
        while !in_vain.load(Ordering::Relaxed) {
            match reader.next() {
                Some(Ok((record, _))) if builder.add(&record).is_ok() => {}
                Some(_) => in_vain.store(true, Ordering::Relaxed),
                None => return stretch.is_joined(&reader).then(|| (builder, reader.footprint())),
            }
        }
        None
    };
    let mut parts = spread(stretches.len(), stretches, read).into_iter();
    let (mut whole, mut footprint) = parts.next()??;
    for part in parts {
        let (builder, next) = part?;
        whole.append(builder);
        footprint = footprint.zip(next).and_then(|(mut footprint, next)| footprint.join(next).then_some(footprint));
    }
    Some((whole, footprint))
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

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::wire::NameBuf;

    #[test]
    fn a_large_file_is_read_in_stretches_unless_it_has_errors() {
        let mut text = "$TTL 60\n@ SOA ns hostmaster 1 7200 900 1209600 300\n@ NS ns\nns A 192.0.2.1\n".to_owned();
        for number in 0..300_000 {
            let _ = writeln!(text, "host{number} A 192.0.2.1");
        }
        let apex: NameBuf = "example.com".parse().expect("a name");
        let path = std::env::temp_dir().join(format!("gannet-load-{}", std::process::id()));
        let hasher = SuffixHasher::new(1);
        let read = |text: &str| {
            fs::write(&path, text).expect("a new file");
            let reader = Reader::open(&path, apex.as_name()).expect("a file");
            let stretches = reader.stretches(3).expect("a long file");
            assert_eq!(stretches.len(), 3);
            read_stretches(apex.as_name(), stretches, &hasher)
        };
        let (builder, footprint) = read(&text).expect("stretches that join");
        let (zone, _) = builder.seal_on(3).expect("a good zone");
        assert_eq!(zone.records(), 300_003);
        let in_one = load_zone(apex.as_name(), &path, &hasher, 1).expect("the same zone").provenance;
        let in_stretches = footprint.and_then(Footprint::finish);
        assert!(in_one.is_some() && in_stretches == in_one, "{in_stretches:?} {in_one:?}");
        for mistake in ["a A 192.0.2\n", "elsewhere. A 192.0.2.1\n", "$TTL 61\na TXT (\n"] {
            assert!(read(&(text.clone() + mistake)).is_none(), "{mistake}");
        }
        let _ = fs::remove_file(&path);
    }
}
