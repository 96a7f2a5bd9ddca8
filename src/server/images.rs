//! Images of zones in the state directory: a server that starts again reads them instead of the zones' files.
//!
//! Does not know what is in an image but its sums, nor when zones are loaded.
//!
//! An image is served only where all of it is as it was written, this program can read it, and the files it was made from are
//! as they were. Otherwise it is said what is the matter, and the zone is loaded from its files. So losing the directory loses time alone.
//!
//! ```text
//! seed    | what names are hashed with, 16 hexadecimal digits; images that were made with another one are of no use
//! lock    | empty; locked by the process that uses the directory
//! *.image | header | provenance | head | body |     named by the hash of the apex; see `zone::image`, `zonefile::provenance`
//! *.new   | an image, or the seed, that is being written; it is renamed when all of it is on the disk
//!
//! header  | magic, 8 octets | format u32 | 0 u32 | octets of provenance u64 | of head u64 | of body u64 |
//!         | digest of provenance and head u64 | of body u64 | of the header so far u64 |
//! ```
//!
//! An image is read into memory of the process and not mapped: whoever cuts off a file that is mapped kills who reads it. That
//! costs a copy, which the sum over all octets, and they have to be looked at anyway, hides half of.

use std::collections::HashSet;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use tracing::warn;

use crate::base::digest::{Digest, SEGMENT_OCTETS, hash};
use crate::base::memory::zeroed;
use crate::base::spread::spread;
use crate::wire::{Name, SuffixHasher};
use crate::zone::{Unusable, Zone};
use crate::zonefile::{Comparison, Provenance};

const MAGIC: [u8; 8] = *b"GannetZI";
/// Of header and provenance; what is in head and body says so itself.
const FORMAT: u32 = 1;
const HEADER_OCTETS: usize = 64;

/// Octets read with one system call, and then summed while a cache has them.
const READ_OCTETS: usize = 4 * SEGMENT_OCTETS;

/// The images of one state directory, which is this process' alone.
#[derive(Debug)]
pub struct Images {
    directory: PathBuf,
    /// The names of those that there were at the start.
    found: HashSet<u64>,
    /// Held by whoever writes.
    writing: Mutex<()>,
    _lock: File,
}

/// Why an image is not used.
#[derive(Debug)]
pub(super) enum Unfit {
    /// It cannot be read.
    Io(io::Error),
    /// It is none.
    NotAnImage,
    /// Another version of the program wrote it.
    OtherFormat(u32),
    /// It has more or fewer octets than it says.
    CutOff,
    /// A sum over it is not what it says.
    Damaged,
    /// The files it was made from have changed.
    Stale,
    /// What it holds does not do.
    Unusable(Unusable),
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "it cannot be read: {error}"),
            Self::NotAnImage => f.write_str("it is no image"),
            Self::OtherFormat(format) => write!(f, "it has format {format}, not {FORMAT}"),
            Self::CutOff => f.write_str("it is not as long as it says"),
            Self::Damaged => f.write_str("it is damaged"),
            Self::Stale => f.write_str("its files have changed"),
            Self::Unusable(why) => why.fmt(f),
        }
    }
}

impl From<io::Error> for Unfit {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A zone from its image.
#[derive(Debug)]
pub(super) struct Restored {
    pub(super) zone: Zone,
    pub(super) provenance: Provenance,
    /// Whether the image says of its files what is no longer so, and should be written anew.
    pub(super) is_outdated: bool,
}

impl Images {
    /// Opens the state directory, or makes it; and the hasher that its images need. The error is one line.
    pub fn open(directory: &Path) -> Result<(Self, SuffixHasher), String> {
        let told = |what: &str, cause: io::Error| format!("state directory {}: {what}: {cause}", directory.display());
        match DirBuilder::new().mode(0o700).create(directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(told("cannot be made", error)),
            _ => {}
        }
        let lock = private_file(&directory.join("lock")).map_err(|error| told("cannot write there", error))?;
        lock.try_lock().map_err(|error| told("another process uses it", error.into()))?;
        let found = fs::read_dir(directory).map_err(|error| told("cannot be read", error))?;
        let found = found.filter_map(|entry| number_of(&entry.ok()?.path())).collect();
        let hasher = seed(directory).map_err(|error| told("cannot keep a seed", error))?;
        Ok((Self { directory: directory.into(), found, writing: Mutex::default(), _lock: lock }, hasher))
    }

    /// The file that has the image of the zone at `apex`, if there may be one.
    pub(super) fn path(&self, apex: Name<'_>) -> Option<PathBuf> {
        let number = number(apex);
        self.found.contains(&number).then(|| self.path_of(number))
    }

    fn path_of(&self, number: u64) -> PathBuf {
        self.directory.join(format!("{number:016x}.{SUFFIX}"))
    }

    /// Writes images, each by itself: what keeps one from being written is no matter of the others. Those of zones that are not
    /// among `kept` are taken away. Returns the zones whose images are still to be written, and what was in the way.
    pub(super) fn write(&self, zones: Vec<Imaged>, kept: &HashSet<u64>) -> (Vec<Imaged>, Option<io::Error>) {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut left, mut cause) = (Vec::new(), None);
        for (zone, provenance) in zones {
            let path = self.path_of(number(zone.apex()));
            if let Err(error) = replace(&path, |file| write(file, &zone, &provenance)) {
                left.push((zone, provenance));
                cause = cause.or(Some(error));
            }
        }
        let tidied = self.tidy(kept);
        (left, cause.or(tidied.err()))
    }

    /// Takes away the images of zones that are not among `kept`, and what was left of them when they were being written.
    fn tidy(&self, kept: &HashSet<u64>) -> io::Result<()> {
        for entry in fs::read_dir(&self.directory)? {
            let path = entry?.path();
            let unfinished = path.extension().is_some_and(|suffix| suffix == NEW).then(|| path.with_extension(SUFFIX));
            if number_of(unfinished.as_ref().unwrap_or(&path)).is_some_and(|number| !kept.contains(&number)) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// A zone, and of which files it was made: what its image is made from.
pub(super) type Imaged = (Arc<Zone>, Provenance);

/// What ends the name of an image.
const SUFFIX: &str = "image";

/// What ends the name of a file that is being written.
const NEW: &str = "new";

/// What the image of a zone is named by.
pub(super) fn number(apex: Name<'_>) -> u64 {
    hash(apex.to_lower().as_name().wire())
}

/// The number in the name of an image.
fn number_of(path: &Path) -> Option<u64> {
    let stem = path.extension().filter(|&suffix| suffix == SUFFIX).and(path.file_stem())?;
    u64::from_str_radix(stem.to_str().filter(|stem| stem.len() == 16)?, 16).ok()
}

/// The hasher with the seed that is kept, or with a new one.
fn seed(directory: &Path) -> io::Result<SuffixHasher> {
    let path = directory.join("seed");
    match fs::read_to_string(&path) {
        Ok(text) => {
            if fs::metadata(&path)?.mode() & 0o077 != 0 {
                // Who knows it can choose names that share a slot.
                warn!("{}: others on this machine can read the seed", path.display());
            }
            match u64::from_str_radix(text.trim_end(), 16) {
                Ok(seed) if text.trim_end().len() == 16 => return Ok(SuffixHasher::new(seed)),
                _ => warn!("{}: it is no seed: a new one is made, and no image is of use", path.display()),
            }
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => {}
        Err(error) => return Err(error),
    }
    let hasher = SuffixHasher::random();
    replace(&path, |mut file| writeln!(file, "{:016x}", hasher.root()))?;
    Ok(hasher)
}

/// Puts a new file in the place of an old one, once all of it is on the disk.
fn replace(path: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let new = path.with_extension(NEW);
    let written = private_file(&new).and_then(|file| {
        file.set_len(0)?;
        write(&file)?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&new, path)).inspect_err(|_| drop(fs::remove_file(&new)))?;
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

/// A file that nobody else can read.
fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn write(mut file: &File, zone: &Zone, provenance: &Provenance) -> io::Result<()> {
    let (provenance, head, mut body) = (provenance.to_octets(), zone.image_head(), Digest::default());
    zone.image_body().for_each(|piece| body.update(piece));
    let header = Header {
        provenance: provenance.len() as u64,
        head: head.len() as u64,
        body: body.end(),
        front_digest: hash(&[provenance.as_slice(), &head].concat()),
        body_digest: body.finish(),
    };
    file.write_all(&header.octets())?;
    file.write_all(&provenance)?;
    file.write_all(&head)?;
    let mut file = io::BufWriter::with_capacity(READ_OCTETS, file);
    zone.image_body().try_for_each(|piece| file.write_all(piece))?;
    file.flush()
}

/// The zone at `apex` from the image in a file, if it is as it was written and the zone's `source` is as it was then; on up to so
/// many threads. It is now `now`.
pub(super) fn read(
    path: &Path,
    apex: Name<'_>,
    source: &Path,
    hasher: &SuffixHasher,
    threads: usize,
    now: SystemTime,
) -> Result<Restored, Unfit> {
    let file = File::open(path)?;
    let (octets, mut header) = (file.metadata()?.len(), [0; HEADER_OCTETS]);
    if octets < HEADER_OCTETS as u64 {
        return Err(Unfit::CutOff);
    }
    file.read_exact_at(&mut header, 0)?;
    let header = Header::read(&header)?;
    if Some(octets) != header.file_octets() {
        return Err(Unfit::CutOff);
    }
    // No longer than the file is.
    let [provenance, head, body] = [header.provenance, header.head, header.body].map(|octets| octets as usize);
    let mut front = vec![0; provenance + head];
    file.read_exact_at(&mut front, HEADER_OCTETS as u64)?;
    if hash(&front) != header.front_digest {
        return Err(Unfit::Damaged);
    }
    let (provenance, head) = front.split_at(provenance);
    let provenance = Provenance::from_octets(provenance).ok_or(Unfit::Unusable(Unusable::Malformed))?;
    let (provenance, is_outdated) = match provenance.compare(source, now) {
        Comparison::Untouched => (provenance, false),
        Comparison::Alike(renewed) => (renewed, true),
        Comparison::Changed => return Err(Unfit::Stale),
    };
    let mut octets = zeroed(body);
    if read_body(&file, (HEADER_OCTETS + front.len()) as u64, &mut octets, threads)? != header.body_digest {
        return Err(Unfit::Damaged);
    }
    let zone = Zone::from_image(head, &Bytes::from(octets), apex, hasher).map_err(Unfit::Unusable)?;
    Ok(Restored { zone, provenance, is_outdated })
}

/// Reads what begins at `start` of a file into `out`, on up to so many threads; gives its digest.
fn read_body(file: &File, start: u64, out: &mut [u8], threads: usize) -> io::Result<u64> {
    let part = out.len().div_ceil(threads.max(1)).next_multiple_of(READ_OCTETS);
    let parts = out.chunks_mut(part).enumerate().map(|(number, part_of)| (number * part, part_of)).collect();
    let digests = spread(threads, parts, |(at, part): (usize, &mut [u8])| {
        let mut digest = Digest::starting_at(at as u64);
        for piece in part.chunks_mut(READ_OCTETS) {
            file.read_exact_at(piece, start + digest.end())?;
            digest.update(piece);
        }
        io::Result::Ok(digest)
    });
    let mut whole = Digest::default();
    for digest in digests {
        // They follow each other as they were cut.
        let _ = whole.join(digest?);
    }
    Ok(whole.finish())
}

/// The first octets of an image, but for what is the same in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    provenance: u64,
    head: u64,
    body: u64,
    front_digest: u64,
    body_digest: u64,
}

impl Header {
    fn octets(self) -> [u8; HEADER_OCTETS] {
        let numbers = [self.provenance, self.head, self.body, self.front_digest, self.body_digest];
        let mut octets = [0; HEADER_OCTETS];
        octets[..8].copy_from_slice(&MAGIC);
        octets[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        let (words, _) = octets[16..].as_chunks_mut();
        words.iter_mut().zip(numbers).for_each(|(word, number)| *word = number.to_le_bytes());
        let digest = hash(&octets[..HEADER_OCTETS - 8]);
        octets[HEADER_OCTETS - 8..].copy_from_slice(&digest.to_le_bytes());
        octets
    }

    fn read(octets: &[u8; HEADER_OCTETS]) -> Result<Self, Unfit> {
        let (words, _) = octets.as_chunks();
        let [magic, format, provenance, head, body, front_digest, body_digest, digest] =
            std::array::from_fn(|word| words.get(word).map_or(0, |word| u64::from_le_bytes(*word)));
        if magic.to_le_bytes() != MAGIC {
            return Err(Unfit::NotAnImage);
        }
        if format as u32 != FORMAT {
            return Err(Unfit::OtherFormat(format as u32));
        }
        if digest != hash(&octets[..HEADER_OCTETS - 8]) {
            return Err(Unfit::Damaged);
        }
        Ok(Self { provenance, head, body, front_digest, body_digest })
    }

    /// How long the whole file must be.
    fn file_octets(&self) -> Option<u64> {
        (HEADER_OCTETS as u64).checked_add(self.provenance)?.checked_add(self.head)?.checked_add(self.body)
    }
}

#[cfg(test)]
#[path = "images_tests.rs"]
mod tests;
