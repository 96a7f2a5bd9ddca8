//! One record to a line: the form for tools.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use super::output::Output;
use crate::wire::{Record, rdata};

/// Writes a record as one line, owner and names absolute: `owner TTL class type rdata`, without a line end.
pub fn write_record(record: &Record<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    write!(out, "{} {} {} {}", record.owner, record.ttl, record.class, record.rtype)?;
    rdata::to_text(record.rtype, record.rdata, &mut BlankFirst { out, is_due: true })
}

/// Puts a blank in front of what is written, if anything is: an empty APL has no text.
struct BlankFirst<'w> {
    out: &'w mut dyn fmt::Write,
    is_due: bool,
}

impl fmt::Write for BlankFirst<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.is_due && !text.is_empty() {
            self.is_due = false;
            self.out.write_char(' ')?;
        }
        self.out.write_str(text)
    }
}

/// How rdata is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RdataForm {
    /// As its type is written.
    OfType,
    /// Always as `\# length hex` (RFC 3597 section 5), so that tools can be compared that write types in other ways.
    Generic,
}

/// Writes records into a stream, one to a line.
pub struct LineWriter<'w> {
    output: Output<'w>,
    form: RdataForm,
    /// The owner written last, and its text: the records of a name come together.
    owner: Vec<u8>,
    owner_text: String,
}

impl<'w> LineWriter<'w> {
    /// Begins. What was written is in `stream` once [`finish`](Self::finish) has been called.
    pub fn new(stream: &'w mut dyn Write, form: RdataForm) -> Self {
        Self { output: Output::new(stream), form, owner: Vec::new(), owner_text: String::new() }
    }

    /// Writes `mark`, the record and the end of the line.
    ///
    /// # Errors
    /// What the stream says when it takes no more.
    pub fn write(&mut self, mark: &str, record: &Record<'_>) -> io::Result<()> {
        if self.owner != record.owner.wire() {
            self.owner.clear();
            self.owner.extend_from_slice(record.owner.wire());
            self.owner_text.clear();
            let _ = write!(self.owner_text, "{}", record.owner);
        }
        let text = &mut self.output.text;
        text.push_str(mark);
        text.push_str(&self.owner_text);
        // Writing into memory does not fail.
        let _ = write!(text, " {} {} {} ", record.ttl, record.class, record.rtype);
        let empty = text.len();
        let _ = match self.form {
            RdataForm::OfType => rdata::to_text(record.rtype, record.rdata, text),
            RdataForm::Generic => rdata::write_generic(record.rdata, text),
        };
        // An empty APL has no text.
        if text.len() == empty {
            text.pop();
        }
        text.push('\n');
        self.output.pass()
    }

    /// Hands on what is left, and flushes the stream.
    ///
    /// # Errors
    /// What the stream says when it takes no more.
    pub fn finish(self) -> io::Result<()> {
        self.output.finish()
    }
}
