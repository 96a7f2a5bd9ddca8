//! Streams that are compressed with gzip, zstd or xz, as what is in them.
//!
//! Does not know names of files: the first octets tell. No zone file begins with any of these.

use std::error::Error;
use std::fmt;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::errors::{FrameDecoderError, FrameHeaderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::base::limits::{ZONE_READ_OCTETS, ZONE_WINDOW_OCTETS_MAX};

/// How a stream is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// The .xz file format, version 1.2.1.
    Xz,
}

/// Octets that tell the compression.
const MAGIC_OCTETS: usize = 6;

impl Compression {
    /// What the first octets of a stream tell.
    pub(super) fn of(octets: &[u8]) -> Option<Self> {
        match octets {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // A skippable frame (RFC 8878 section 3.1.2) may come in front of the first one.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            _ => None,
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
        })
    }
}

/// A stream, or what is compressed in it.
///
/// Looks at its source when it is read for the first time. Its memory is one window of the compression, whatever comes
/// out of it.
pub(super) struct Expanded<'r> {
    stream: Box<dyn Read + 'r>,
    compression: Option<Compression>,
    begun: bool,
}

impl<'r> Expanded<'r> {
    pub(super) fn new(source: Box<dyn Read + 'r>) -> Self {
        Self { stream: source, compression: None, begun: false }
    }

    /// A stream that is known not to be compressed.
    pub(super) fn plain(source: Box<dyn Read + 'r>) -> Self {
        Self { stream: source, compression: None, begun: true }
    }

    /// Whether something is compressed in the stream, as far as was seen.
    pub(super) fn is_compressed(&self) -> bool {
        self.compression.is_some()
    }

    /// Finds out what the stream is.
    fn begin(&mut self) -> io::Result<()> {
        self.begun = true;
        let mut source = std::mem::replace(&mut self.stream, Box::new(io::empty()));
        let mut first = Vec::with_capacity(MAGIC_OCTETS);
        // It keeps what it has read where reading fails.
        source.by_ref().take(MAGIC_OCTETS as u64).read_to_end(&mut first)?;
        self.compression = Compression::of(&first);
        let source = Cursor::new(first).chain(source);
        self.stream = match self.compression {
            None => Box::new(source),
            Some(compression) => {
                let source = BufReader::with_capacity(ZONE_READ_OCTETS, source);
                match compression {
                    Compression::Gzip => Box::new(MultiGzDecoder::new(source)),
                    Compression::Zstd => Box::new(ZstdReader::new(source)),
                    Compression::Xz => {
                        Box::new(XzReader::new_mem_limit(source, true, (ZONE_WINDOW_OCTETS_MAX / 1024) as u32))
                    }
                }
            }
        };
        Ok(())
    }
}

impl Read for Expanded<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if !self.begun {
            self.begin()?;
        }
        let Some(compression) = self.compression else { return self.stream.read(out) };
        self.stream.read(out).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), format!("the {compression} data is cut off")),
            io::ErrorKind::OutOfMemory => {
                let most = ZONE_WINDOW_OCTETS_MAX >> 20;
                io::Error::new(error.kind(), format!("the {compression} data asks for a window of over {most} MiB"))
            }
            kind => io::Error::new(kind, format!("the {compression} data cannot be expanded: {error}")),
        })
    }
}

/// Expands frames of zstd, one behind the other, and compares their checksums.
struct ZstdReader<R> {
    source: R,
    decoder: FrameDecoder,
    in_frame: bool,
}

impl<R: BufRead> ZstdReader<R> {
    fn new(source: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(ZONE_WINDOW_OCTETS_MAX as u64);
        Self { source, decoder, in_frame: false }
    }

    /// Enters the next frame; false at the end of the source.
    fn next_frame(&mut self) -> io::Result<bool> {
        if self.source.fill_buf()?.is_empty() {
            return Ok(false);
        }
        match self.decoder.reset(&mut self.source) {
            Ok(()) => self.in_frame = true,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                let skipped = io::copy(&mut self.source.by_ref().take(length.into()), &mut io::sink())?;
                if skipped < length.into() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            Err(
                FrameDecoderError::WindowSizeTooBig { .. }
                | FrameDecoderError::FrameHeaderError(FrameHeaderError::WindowTooBig { .. }),
            ) => return Err(io::ErrorKind::OutOfMemory.into()),
            Err(error) => return Err(failure(&error)),
        }
        Ok(true)
    }

    fn end_frame(&mut self) -> io::Result<()> {
        self.in_frame = false;
        let (told, found) = (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum());
        match told {
            Some(told) if Some(told) != found => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum does not match"))
            }
            _ => Ok(()),
        }
    }
}

/// The decoder's error; that the source has ended is found somewhere inside it.
fn failure(error: &(dyn Error + 'static)) -> io::Error {
    let mut cause = Some(error);
    while let Some(this) = cause {
        if this.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof) {
            return io::ErrorKind::UnexpectedEof.into();
        }
        cause = this.source();
    }
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

impl<R: BufRead> Read for ZstdReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.in_frame && !self.next_frame()? {
                return Ok(0);
            }
            if !self.in_frame {
                continue;
            }
            if self.decoder.can_collect() > 0 {
                return self.decoder.read(out);
            }
            if self.decoder.is_finished() {
                self.end_frame()?;
            } else if let Err(error) =
                self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
            {
                return Err(failure(&error));
            }
        }
    }
}

#[cfg(test)]
#[path = "compressed_tests.rs"]
mod tests;
