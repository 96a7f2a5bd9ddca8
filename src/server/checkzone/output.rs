//! A file that is replaced as a whole: it has the old content or the new, whatever happens in between.
//!
//! Does not know what is written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process;

/// A file being written beside the one that it will replace.
///
/// Dropping it without [`finish`](Self::finish) leaves the old file as it was.
pub(super) struct Output {
    writer: BufWriter<File>,
    /// Where it is written, and what it becomes; none where it is written in place.
    names: Option<(PathBuf, PathBuf)>,
}

impl Output {
    /// Begins to write `path`. What is no regular file, such as a pipe or a device, is written in place.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let old = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(metadata) if !metadata.is_file() => {
                let file = OpenOptions::new().write(true).open(path)?;
                return Ok(Self { writer: BufWriter::new(file), names: None });
            }
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        // What a link points to is replaced, not the link.
        let target = if old.is_some() { fs::canonicalize(path)? } else { path.to_owned() };
        let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut new_name = std::ffi::OsString::from(".");
        new_name.push(name);
        new_name.push(format!(".{}.new", process::id()));
        let new = target.with_file_name(new_name);
        let file = OpenOptions::new().write(true).create_new(true).open(&new)?;
        let output = Self { writer: BufWriter::new(file), names: Some((new, target)) };
        if let Some(old) = old {
            output.writer.get_ref().set_permissions(old.permissions())?;
        }
        Ok(output)
    }

    /// Puts the file into its place, once all of it is on the disk.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.writer.flush()?;
        let Some((new, target)) = &self.names else { return Ok(()) };
        self.writer.get_ref().sync_all()?;
        fs::rename(new, target)?;
        self.names = None;
        Ok(())
    }
}

impl Write for Output {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.writer.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some((new, _)) = &self.names {
            // Nobody is told: what went wrong before is being told already.
            let _ = fs::remove_file(new);
        }
    }
}

#[cfg(test)]
#[path = "output_tests.rs"]
mod tests;
