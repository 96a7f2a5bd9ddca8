//! Where the text of a zone comes from, and how it is read a second time: to show the lines that findings are about.
//!
//! Does not know the language. A regular file is opened again; of a pipe, a device or standard input a copy is kept.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::wire::Name;
use crate::zonefile::Reader;

/// The text of a zone, which can be read twice.
#[derive(Debug)]
pub struct Source {
    name: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// A regular file, as it was when it was opened.
    File(Stamp),
    /// A stream, and the copy that is made of it. The stream is read once.
    Stream { stream: Option<File>, copy: File },
}

/// What changes when a file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    octets: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            octets: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

impl Source {
    /// Opens a file; `-` is standard input.
    ///
    /// # Errors
    /// What the system says, and that a directory is none. For what is no regular file also that there is no place for
    /// a copy of it, in `$TMPDIR` or `/tmp`.
    pub fn open(path: &Path) -> io::Result<Self> {
        let (name, stream) = if path == Path::new("-") {
            (PathBuf::from("<stdin>"), File::from(std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned()?))
        } else {
            let file = File::open(path)?;
            let metadata = file.metadata()?;
            if metadata.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            if metadata.is_file() {
                return Ok(Self { name: path.into(), kind: Kind::File(Stamp::of(&metadata)) });
            }
            (path.into(), file)
        };
        let folder = std::env::temp_dir();
        let copy = unnamed_file(&folder).map_err(|error| no_copy(&folder, &error))?;
        Ok(Self { name, kind: Kind::Stream { stream: Some(stream), copy } })
    }

    /// How messages call it: its path, or `<stdin>`.
    pub fn name(&self) -> &Path {
        &self.name
    }

    /// Whether it is a regular file, which whoever likes may open by [`name`](Self::name).
    pub fn is_regular(&self) -> bool {
        matches!(self.kind, Kind::File(_))
    }

    /// A reader of the zone at `origin`, for the first time. `$INCLUDE`s are relative to the file's folder, or to the
    /// working directory.
    ///
    /// # Errors
    /// As [`reread`](Self::reread). What goes wrong while a copy is made is an error of the reader.
    pub fn read(&mut self, origin: Name<'_>) -> io::Result<Reader<'static>> {
        if let Kind::Stream { stream, copy } = &mut self.kind
            && let Some(stream) = stream.take()
        {
            let copying = Copying { stream, copy: copy.try_clone()?, folder: std::env::temp_dir() };
            return Ok(Reader::new(copying, &self.name, origin).include_from(""));
        }
        self.reread(origin)
    }

    /// A reader of the same text again. Of a stream it is what was read of it so far; so the first reader should have come
    /// to the end.
    ///
    /// # Errors
    /// What the system says, and that the file is not what it was.
    pub fn reread(&self, origin: Name<'_>) -> io::Result<Reader<'static>> {
        match &self.kind {
            Kind::File(stamp) => {
                let reader = Reader::open(&self.name, origin)?;
                if Stamp::of(&std::fs::metadata(&self.name)?) == *stamp {
                    Ok(reader)
                } else {
                    Err(io::Error::other("the file has changed while it was read"))
                }
            }
            Kind::Stream { copy, .. } => {
                let copy = Copied { file: copy.try_clone()?, at: 0 };
                Ok(Reader::new(copy, &self.name, origin).include_from(""))
            }
        }
    }
}

/// A stream that is copied while it is read.
struct Copying {
    stream: File,
    copy: File,
    folder: PathBuf,
}

impl Read for Copying {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(out)?;
        self.copy.write_all(&out[..count]).map_err(|error| no_copy(&self.folder, &error))?;
        Ok(count)
    }
}

/// What was copied, from the start.
struct Copied {
    file: File,
    at: u64,
}

impl Read for Copied {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(out, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

fn no_copy(folder: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("no copy of it can be kept in {}: {error}", folder.display()))
}

/// A new file without a name, gone when it is closed.
fn unnamed_file(folder: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    let unnamed = options.clone().custom_flags(libc::O_TMPFILE).open(folder);
    // Some file systems know no such files: then one is given a name for a moment.
    let Err(error) = unnamed else { return unnamed };
    if !matches!(error.raw_os_error(), Some(libc::EOPNOTSUPP | libc::EISDIR)) {
        return Err(error);
    }
    let path = folder.join(format!(".gannet-checkzone-{}", std::process::id()));
    let file = options.create_new(true).open(&path)?;
    std::fs::remove_file(&path).map(|()| file)
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
