//! Of which files a zone was made, to see later whether they are still as they were.
//!
//! Does not know zones: it is told which files, and says what became of them.
//!
//! A file that has the same [status](Status) as when it was read is not opened again: device, inode, length, and the times of its
//! last changes, of which the kernel lets nobody set the second one back. A file that was changed just before it was read may
//! be changed once more without another time, for clocks of file systems tick (4 ms, some 2 s): such a status is not kept, and what
//! is in the file decides.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::directive::Identity;
use crate::base::digest::{Digest, hash};
use crate::base::limits::{FILE_TICK_MAX, ZONE_READ_OCTETS};

/// Of which files a zone was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    main: Stamp,
    /// None for most zones, of which a server may have a million.
    included: Option<Box<Included>>,
}

/// What was included, and where from: it was looked for in the folder of the first file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Included {
    main: Box<Path>,
    files: Box<[(Box<Path>, Stamp)]>,
}

/// One file, as it was when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    status: Status,
    octets: u64,
    content: u64,
}

/// What the kernel says of a file without opening it, as one number; 0 where that would not show the next change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Status(u64);

/// What became of the files of a zone.
#[derive(Debug, PartialEq, Eq)]
pub enum Comparison {
    /// None was touched.
    Untouched,
    /// Some were, and hold the same.
    Alike(Provenance),
    /// They hold something else, or one cannot be read any more.
    Changed,
}

impl Provenance {
    /// Looks at the files again. `file` is the first one, by the name it has now; it is now `now`.
    pub fn compare(&self, file: &Path, now: SystemTime) -> Comparison {
        let mut renewed = self.clone();
        let included = renewed.included.as_deref_mut();
        if included.as_ref().is_some_and(|included| *included.main != *file) {
            return Comparison::Changed;
        }
        let others = included.into_iter().flat_map(|included| &mut *included.files);
        let others = others.map(|(path, stamp)| (&**path, stamp));
        for (path, stamp) in std::iter::once((file, &mut renewed.main)).chain(others) {
            match stamp.compare(path, now) {
                Ok(Some(new)) => *stamp = new,
                Ok(None) | Err(_) => return Comparison::Changed,
            }
        }
        if renewed == *self { Comparison::Untouched } else { Comparison::Alike(renewed) }
    }
}

impl Provenance {
    /// As it is kept: the stamp of the first file and, where files were included, its path, their number, and path and stamp of each.
    pub fn to_octets(&self) -> Vec<u8> {
        let mut out = self.main.to_octets().to_vec();
        for included in self.included.iter() {
            write_path(&mut out, &included.main);
            out.extend_from_slice(&(included.files.len() as u32).to_le_bytes());
            for (path, stamp) in &included.files {
                write_path(&mut out, path);
                out.extend_from_slice(&stamp.to_octets());
            }
        }
        out
    }

    /// What was kept; none where these octets were not.
    pub fn from_octets(mut octets: &[u8]) -> Option<Self> {
        let main = Stamp::read(&mut octets)?;
        if octets.is_empty() {
            return Some(Self { main, included: None });
        }
        let path = read_path(&mut octets)?;
        let count = u32::from_le_bytes(take(&mut octets)?);
        let file = |_| Some((read_path(&mut octets)?, Stamp::read(&mut octets)?));
        let files = (0..count).map(file).collect::<Option<_>>()?;
        octets.is_empty().then(|| Self { main, included: Some(Box::new(Included { main: path, files })) })
    }
}

fn write_path(out: &mut Vec<u8>, path: &Path) {
    let path = path.as_os_str().as_bytes();
    out.extend_from_slice(&(path.len() as u32).to_le_bytes());
    out.extend_from_slice(path);
}

fn read_path(octets: &mut &[u8]) -> Option<Box<Path>> {
    let length = u32::from_le_bytes(take(octets)?) as usize;
    let (path, rest) = octets.split_at_checked(length)?;
    *octets = rest;
    Some(Path::new(OsStr::from_bytes(path)).into())
}

fn take<const N: usize>(octets: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = octets.split_first_chunk()?;
    *octets = rest;
    Some(*first)
}

impl Stamp {
    fn to_octets(self) -> [u8; 24] {
        let mut octets = [0; 24];
        let (words, _) = octets.as_chunks_mut();
        let numbers = [self.status.0, self.octets, self.content];
        words.iter_mut().zip(numbers).for_each(|(word, number)| *word = number.to_le_bytes());
        octets
    }

    fn read(octets: &mut &[u8]) -> Option<Self> {
        let mut number = || take(octets).map(u64::from_le_bytes);
        Some(Self { status: Status(number()?), octets: number()?, content: number()? })
    }

    /// The stamp of the file as it is now, where it holds what it held.
    fn compare(&self, file: &Path, now: SystemTime) -> io::Result<Option<Self>> {
        let metadata = fs::metadata(file)?;
        if Status::as_told(&metadata) == self.status {
            return Ok(Some(*self));
        }
        if metadata.len() != self.octets || !metadata.is_file() {
            return Ok(None);
        }
        let file = File::open(file)?;
        let status = Status::of(&file.metadata()?, now);
        let mut digest = Digest::default();
        read_on(&file, &mut digest)?;
        let (octets, content) = (digest.end(), digest.finish());
        Ok((content == self.content).then_some(Self { status, octets, content }))
    }
}

impl Status {
    const UNSURE: Self = Self(0);

    /// The status of a file that is read from now on.
    fn of(metadata: &Metadata, now: SystemTime) -> Self {
        let changed = |seconds: i64, nanoseconds: i64| {
            let since = Duration::new(u64::try_from(seconds).unwrap_or(0), u32::try_from(nanoseconds).unwrap_or(0));
            UNIX_EPOCH + since
        };
        let last =
            changed(metadata.mtime(), metadata.mtime_nsec()).max(changed(metadata.ctime(), metadata.ctime_nsec()));
        // One in the future is no surer.
        let is_settled = now.duration_since(last).is_ok_and(|age| age > FILE_TICK_MAX);
        if is_settled { Self::as_told(metadata) } else { Self::UNSURE }
    }

    fn as_told(metadata: &Metadata) -> Self {
        let times = [metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec()];
        let [mtime, mtime_nsec, ctime, ctime_nsec] = times.map(i64::cast_unsigned);
        let all = [metadata.dev(), metadata.ino(), metadata.len(), mtime, mtime_nsec, ctime, ctime_nsec];
        let mut octets = [0; 7 * 8];
        let (words, _) = octets.as_chunks_mut::<8>();
        words.iter_mut().zip(all).for_each(|(word, number)| *word = number.to_le_bytes());
        Self(hash(&octets).max(1))
    }
}

/// Takes what is left of a file.
fn read_on(file: &File, digest: &mut Digest) -> io::Result<()> {
    let mut buffer = Vec::new();
    loop {
        // Of most files nothing is left, and that shows with one octet of room as well.
        let room = if buffer.is_empty() { 1 } else { ZONE_READ_OCTETS };
        buffer.resize(room, 0);
        match file.read_at(&mut buffer, digest.end()) {
            Ok(0) => return Ok(()),
            Ok(count) => digest.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A file that was opened to be read.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: File,
    pub(super) name: Arc<Path>,
    pub(super) identity: Identity,
    pub(super) is_regular: bool,
    status: Status,
}

impl Opened {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let (file, now) = (File::open(path)?, SystemTime::now());
        let metadata = file.metadata()?;
        let (identity, is_regular) = (Identity::of(&metadata), metadata.is_file());
        Ok(Self { file, name: path.into(), identity, is_regular, status: Status::of(&metadata, now) })
    }

    /// The folder it is in.
    pub(super) fn folder(&self) -> &Path {
        self.name.parent().unwrap_or(Path::new(""))
    }

    fn stamp(&self, mut digest: Digest) -> Option<Stamp> {
        // What is compressed may end in front of the end of its file.
        read_on(&self.file, &mut digest).ok()?;
        let (octets, content) = (digest.end(), digest.finish());
        Some(Stamp { status: self.status, octets, content })
    }
}

/// A file, or a part of it, that is being read: what is read goes into its digest.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    opened: Arc<Opened>,
    digest: Arc<Mutex<Digest>>,
}

impl Watch {
    /// Watches a file be read from this place on.
    pub(super) fn new(opened: &Arc<Opened>, start: u64) -> Self {
        Self { opened: Arc::clone(opened), digest: Arc::new(Mutex::new(Digest::starting_at(start))) }
    }

    pub(super) fn update(&self, octets: &[u8]) {
        self.digest.lock().unwrap_or_else(PoisonError::into_inner).update(octets);
    }

    fn take(&self) -> Digest {
        std::mem::take(&mut *self.digest.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A file that is read from its beginning on, and watched.
pub(super) struct WatchedFile(pub(super) Watch);

impl Read for WatchedFile {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = (&self.0.opened.file).read(out)?;
        self.0.update(&out[..count]);
        Ok(count)
    }
}

/// What a reader has read: all of a zone's files, or a stretch of the first one and what is included there.
#[derive(Debug)]
pub struct Footprint {
    opened: Arc<Opened>,
    digest: Digest,
    included: Vec<IncludedFile>,
}

/// A file that was included and read to its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct IncludedFile {
    path: Box<Path>,
    /// None where what is behind its end cannot be read.
    stamp: Option<Stamp>,
}

impl From<&Watch> for IncludedFile {
    fn from(watch: &Watch) -> Self {
        Self { path: (*watch.opened.name).into(), stamp: watch.opened.stamp(watch.take()) }
    }
}

impl Footprint {
    /// That of a file which was read to its end, as far as the reader was to go; none of what is no regular file.
    pub(super) fn new(watch: &Watch, included: Vec<IncludedFile>) -> Option<Self> {
        watch.opened.is_regular.then(|| Self { opened: Arc::clone(&watch.opened), digest: watch.take(), included })
    }

    /// Takes that of the stretch which follows. `false` where another one follows.
    #[must_use]
    pub fn join(&mut self, next: Self) -> bool {
        self.included.extend(next.included);
        self.digest.join(next.digest)
    }

    /// Of which files the zone was made. None where they cannot be read to their ends.
    pub fn finish(self) -> Option<Provenance> {
        let main = self.opened.stamp(self.digest)?;
        let mut files = self.included;
        // One that is included over and over is looked at once.
        files.dedup();
        let files = files.into_iter().map(|file| Some((file.path, file.stamp?))).collect::<Option<Box<[_]>>>()?;
        let included = (!files.is_empty()).then(|| Box::new(Included { main: (*self.opened.name).into(), files }));
        Some(Provenance { main, included })
    }
}

#[cfg(test)]
#[path = "provenance_tests.rs"]
mod tests;
