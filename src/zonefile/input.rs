//! The octets of one file, through one buffer that is refilled from a reader.
//!
//! Does not know entries: it is told how many octets are done with.

use std::io::{self, Read};

use super::compressed::Expanded;
use crate::base::limits::ZONE_ENTRY_OCTETS_MAX;

/// A window on a stream: the octets read and not yet done with.
pub(super) struct Input<'r> {
    source: Expanded<'r>,
    buffer: Vec<u8>,
    /// Octets of the stream in front of the buffer.
    before: u64,
    start: usize,
    end: usize,
    ended: bool,
    failure: Option<io::Error>,
}

impl<'r> Input<'r> {
    /// A window on `source`, or on what is compressed in it, that begins with room for `octets`, at least one, and grows where an entry needs it.
    pub(super) fn new(source: Box<dyn Read + 'r>, octets: usize) -> Self {
        Self::of(Expanded::new(source), octets)
    }

    /// The same on a stream that is known not to be compressed.
    pub(super) fn plain(source: Box<dyn Read + 'r>, octets: usize) -> Self {
        Self::of(Expanded::plain(source), octets)
    }

    fn of(source: Expanded<'r>, octets: usize) -> Self {
        Self { source, buffer: vec![0; octets], before: 0, start: 0, end: 0, ended: false, failure: None }
    }

    /// How many octets of the stream are in front of the window; none where they are compressed.
    pub(super) fn offset(&self) -> Option<u64> {
        (!self.source.is_compressed()).then_some(self.before + self.start as u64)
    }

    /// What the window holds.
    #[inline]
    pub(super) fn octets(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Whether nothing follows the window. After a failure that is not known: the window may end in half a record.
    #[inline]
    pub(super) fn ended(&self) -> bool {
        self.ended && self.failure.is_none()
    }

    /// Why reading ended early; once.
    pub(super) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Moves the window's start over `count` of its octets.
    #[inline]
    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
        debug_assert!(self.start <= self.end);
    }

    /// Makes the window longer; false where it has its greatest length already, or where the stream has ended.
    ///
    /// Reads until the buffer is full, so a scan that starts over after this has at least as much new as it had before,
    /// however small the pieces are in which the stream comes.
    pub(super) fn extend(&mut self) -> bool {
        if self.ended {
            return false;
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.before += self.start as u64;
            self.start = 0;
        } else if self.end == self.buffer.len() {
            if self.end >= ZONE_ENTRY_OCTETS_MAX {
                return false;
            }
            self.buffer.resize((self.end * 2).min(ZONE_ENTRY_OCTETS_MAX), 0);
        }
        while self.end < self.buffer.len() && !self.ended {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(error);
                    self.ended = true;
                }
            }
        }
        true
    }

    /// Drops all octets, those not yet read too.
    pub(super) fn abandon(&mut self) {
        (self.start, self.end, self.ended) = (0, 0, true);
    }

    /// Drops octets up to the end of their line, however long it is; false where the stream ended first.
    pub(super) fn skip_line(&mut self) -> bool {
        loop {
            let octets = self.octets();
            if let Some(newline) = octets.iter().position(|&octet| octet == b'\n') {
                self.consume(newline + 1);
                return true;
            }
            self.consume(octets.len());
            if !self.extend() {
                return false;
            }
        }
    }

    /// The first octet of the window, reading on if it is empty.
    pub(super) fn peek(&mut self) -> Option<u8> {
        while self.octets().is_empty() && self.extend() {}
        self.octets().first().copied()
    }
}
