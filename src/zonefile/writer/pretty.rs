//! A zone laid out for people: relative names, each owner once, columns, groups of what belongs together.
//!
//! Does not know which names belong together: it is told with each of them.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::output::Output;
use super::rdata_layout;
use super::relative::relative;
use crate::wire::{Name, NameBuf, Record, Rtype};

/// Columns for the mnemonic of a type and the space behind it.
const TYPE_WIDTH: usize = 8;

/// What the writer must know of a zone before it writes the first record.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// The origin that names are relative to.
    pub origin: NameBuf,
    /// The TTL that is not written, in seconds.
    pub ttl: u32,
    /// Columns for owners and the space behind them. Longer ones push their line to the right.
    pub owner_width: usize,
    /// Columns for other TTLs and the space behind them; 0 where there are none.
    pub ttl_width: usize,
}

/// What the records of a name belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// They are the zone's own.
    Own,
    /// They begin a delegation.
    Delegation,
    /// They belong to the name before: glue, and what else is below a delegation.
    Below,
}

/// Writes a zone name by name.
///
/// Groups are parted by empty lines, but for those of one kind that have one line each.
pub struct PrettyWriter<'w> {
    output: Output<'w>,
    layout: Layout,
    /// The group that is being written, and how many lines it has. A single one is kept back, until it is known whether
    /// more follow.
    group: Group,
    lines: usize,
    kept: String,
    /// Whether some of the group is written.
    begun: bool,
    /// Whether the group before this one wants an empty line behind it, and of which kind it is.
    part: bool,
    before: Option<Group>,
}

impl<'w> PrettyWriter<'w> {
    /// Begins with the origin and the TTL. All is in `stream` once [`finish`](Self::finish) has been called.
    pub fn new(stream: &'w mut dyn Write, layout: Layout) -> Self {
        let mut output = Output::new(stream);
        let _ = write!(output.text, "$ORIGIN {}\n$TTL {}\n", layout.origin.as_name(), layout.ttl);
        Self {
            output,
            layout,
            group: Group::Own,
            lines: 0,
            kept: String::new(),
            begun: false,
            part: true,
            before: None,
        }
    }

    /// Writes the records of a name, which come by type; signatures are written behind what they cover.
    ///
    /// # Errors
    /// What the stream says when it takes no more.
    pub fn name<'r>(
        &mut self,
        owner: Name<'_>,
        group: Group,
        records: impl Iterator<Item = Record<'r>> + Clone,
    ) -> io::Result<()> {
        if group != Group::Below {
            self.end_group();
            self.group = group;
        }
        let mut text = std::mem::take(&mut self.kept);
        let mut shown = relative(owner, self.layout.origin.as_name());
        // By the type they cover: a name may have all types that there are, and signatures over each.
        let signatures = records.clone().filter(|record| record.rtype == Rtype::RRSIG);
        let mut signatures: Vec<_> = signatures.map(|record| (covered(&record), Some(record))).collect();
        signatures.sort_by_key(|signature| signature.0);
        let mut previous = None;
        for record in records.filter(|record| record.rtype != Rtype::RRSIG) {
            if previous.is_some_and(|previous| previous != record.rtype) {
                self.signatures(previous, &mut shown, &mut signatures, &mut text);
            }
            previous = Some(record.rtype);
            self.line(&mut shown, &record, &mut text);
        }
        self.signatures(previous, &mut shown, &mut signatures, &mut text);
        let orphans = signatures.into_iter().filter_map(|signature| signature.1);
        orphans.for_each(|record| self.line(&mut shown, &record, &mut text));
        self.kept = text;
        if self.lines > 1 {
            self.pass_kept();
        }
        self.output.pass()
    }

    /// Takes the signatures over a type, which are sorted by it, and writes them.
    fn signatures(
        &mut self,
        over: Option<Rtype>,
        shown: &mut String,
        signatures: &mut [(Option<Rtype>, Option<Record<'_>>)],
        out: &mut String,
    ) {
        let first = signatures.partition_point(|signature| signature.0 < over);
        for (_, record) in signatures[first..].iter_mut().take_while(|signature| signature.0 == over) {
            if let Some(record) = record.take() {
                self.line(shown, &record, out);
            }
        }
    }

    /// Writes one record; its owner is shown, and then no more.
    fn line(&mut self, shown: &mut String, record: &Record<'_>, out: &mut String) {
        let Layout { origin, ttl, owner_width, ttl_width } = self.layout;
        let start = out.len();
        // A blank in front says that the owner is the last one: so there is always one behind it.
        let _ = write!(out, "{shown:<width$} ", width = owner_width.saturating_sub(1));
        if ttl_width > 0 {
            let width = ttl_width - 1;
            let _ =
                if record.ttl == ttl { write!(out, "{:width$} ", "") } else { write!(out, "{:<width$} ", record.ttl) };
        }
        let _ = write!(out, "{:<width$} ", record.rtype.to_string(), width = TYPE_WIDTH - 1);
        let column = (out.len() - start).min(owner_width + ttl_width + TYPE_WIDTH);
        rdata_layout::append(record, origin.as_name(), column, out);
        self.lines += 1 + out[start..].matches('\n').count();
        out.push('\n');
        shown.clear();
    }

    /// Ends the group that is being written.
    fn end_group(&mut self) {
        self.pass_kept();
        if self.lines > 0 {
            (self.part, self.before) = (self.lines > 1, Some(self.group));
        }
        (self.lines, self.begun) = (0, false);
    }

    /// Writes what was kept back of a group, parted from the group before.
    fn pass_kept(&mut self) {
        if self.kept.is_empty() {
            return;
        }
        if !self.begun && (self.part || self.lines > 1 || self.before.is_some_and(|before| before != self.group)) {
            self.output.text.push('\n');
        }
        self.begun = true;
        self.output.text.push_str(&self.kept);
        self.kept.clear();
    }

    /// Hands on what is left, and flushes the stream.
    ///
    /// # Errors
    /// What the stream says when it takes no more.
    pub fn finish(mut self) -> io::Result<()> {
        self.end_group();
        self.output.finish()
    }
}

/// The type that an RRSIG covers (RFC 4034 section 3.1.1).
fn covered(record: &Record<'_>) -> Option<Rtype> {
    record.rdata.first_chunk().map(|octets| Rtype(u16::from_be_bytes(*octets)))
}

#[cfg(test)]
#[path = "pretty_tests.rs"]
mod tests;
