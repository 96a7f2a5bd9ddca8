//! Text on its way into a stream, in large pieces.

use std::io::{self, Write};

use crate::base::limits::TEXT_WRITE_OCTETS;

/// Text that is gathered and handed on whenever there is enough of it.
pub(super) struct Output<'w> {
    stream: &'w mut dyn Write,
    /// What was not handed on yet.
    pub(super) text: String,
}

impl<'w> Output<'w> {
    pub(super) fn new(stream: &'w mut dyn Write) -> Self {
        Self { stream, text: String::with_capacity(2 * TEXT_WRITE_OCTETS) }
    }

    /// Hands the text on where there is enough of it.
    #[inline]
    pub(super) fn pass(&mut self) -> io::Result<()> {
        if self.text.len() < TEXT_WRITE_OCTETS { Ok(()) } else { self.pass_all() }
    }

    fn pass_all(&mut self) -> io::Result<()> {
        self.stream.write_all(self.text.as_bytes())?;
        self.text.clear();
        Ok(())
    }

    /// Hands all of it on, and flushes the stream.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.pass_all()?;
        self.stream.flush()
    }
}
