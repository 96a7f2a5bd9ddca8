//! Errors of zone files: where, what, the line itself, and what may be done.
//!
//! Does not know the language: it is handed what is wrong with which octets.

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level as Title, Origin, Renderer, Snippet};

use super::fault::{Fault, escape, shown_path};
use super::scanner::count_lines;
use crate::base::level::Level;
use crate::base::limits::{ERROR_EXCERPT_OCTETS, ERRORS_SHOWN_MAX};

/// One error in a zone file, or one warning about it.
///
/// `Display` gives one line, `file:line:column: message`; [`render`](Self::render) shows the source too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Whether it is an error at all.
    pub level: Level,
    /// The stable name of what is wrong: that of a [`Kind`](super::Kind), or of the check that found it.
    pub name: &'static str,
    /// The file, as it was named by whoever opened it.
    pub file: Arc<Path>,
    /// The line, from 1 on.
    pub line: u32,
    /// The column, from 1 on: characters where the line is UTF-8, and octets where it is not. A tab is one.
    pub column: u32,
    /// What is wrong, in one line.
    pub message: Box<str>,
    /// The source line, or some 400 octets of it around the place; what cannot be shown is `\DDD`.
    pub excerpt: Box<str>,
    /// The octets of [`excerpt`](Self::excerpt) that are meant; empty at its end where something is missing.
    pub marked: Range<u32>,
    /// What was expected, for the caret.
    pub label: Option<Box<str>>,
    /// What else there is to know.
    pub note: Option<Box<str>>,
    /// What may be done.
    pub help: Option<Box<str>>,
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", shown_path(&self.file), self.line, self.column, self.message)
    }
}

impl Error {
    /// An error in `octets`, the first of which stands in column 1 of `first_line`.
    pub(super) fn new(file: &Arc<Path>, first_line: u32, octets: &[u8], fault: Fault) -> Self {
        let at = fault.span.start.min(octets.len());
        let start = octets[..at].iter().rposition(|&octet| octet == b'\n').map_or(0, |newline| newline + 1);
        let end = octets[at..].iter().position(|&octet| octet == b'\n').map_or(octets.len(), |newline| at + newline);
        let line = octets[start..end].trim_ascii_end();
        let span = (at - start).min(line.len())..(fault.span.end.max(at) - start).min(line.len());
        let (excerpt, marked) = excerpt(line, span);
        Self {
            level: Level::Error,
            name: fault.kind.name(),
            file: Arc::clone(file),
            line: first_line.saturating_add(count_lines(&octets[..at])),
            column: column(&octets[start..at]),
            message: fault.message.into(),
            excerpt,
            marked,
            label: fault.label.map(Into::into),
            note: fault.note.map(Into::into),
            help: fault.help.map(Into::into),
        }
    }

    /// The error as the Rust compiler shows its own: `error[name]: message`, place, source line with a caret, note and
    /// help.
    ///
    /// With `color` it holds the escape sequences of a terminal. Ends without a line feed.
    pub fn render(&self, color: bool) -> String {
        let path = shown_path(&self.file);
        let title = if self.level == Level::Error { Title::ERROR } else { Title::WARNING };
        let marked = self.marked.start as usize..self.marked.end as usize;
        let mut annotation = AnnotationKind::Primary.span(marked.clone());
        if let Some(label) = &self.label {
            annotation = annotation.label(&**label);
        }
        let mut snippet = Snippet::source(&*self.excerpt).line_start(self.line as usize).annotation(annotation);
        let mut group = Group::with_title(title.primary_title(&*self.message).id(self.name));
        // Columns in an excerpt of a long line, or behind escapes, are not the file's: then the place is said apart.
        let same_columns = self.excerpt.get(..marked.start).map_or(0, |before| before.chars().count() + 1);
        if same_columns == self.column as usize {
            snippet = snippet.path(&path);
        } else {
            group = group.element(Origin::path(&path).line(self.line as usize).char_column(self.column as usize));
        }
        group = group.element(snippet);
        if let Some(note) = &self.note {
            group = group.element(Title::NOTE.message(&**note));
        }
        if let Some(help) = &self.help {
            group = group.element(Title::HELP.message(&**help));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

/// Characters in front of a place, and one more.
fn column(before: &[u8]) -> u32 {
    let columns: usize = before.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum();
    u32::try_from(columns).map_or(u32::MAX, |columns| columns.saturating_add(1))
}

/// The part of a line around `span` as text, and where `span` is in it.
fn excerpt(line: &[u8], span: Range<usize>) -> (Box<str>, Range<u32>) {
    let (mut start, mut end) = (0, line.len());
    if line.len() > ERROR_EXCERPT_OCTETS {
        start = span.start.saturating_sub(ERROR_EXCERPT_OCTETS / 4);
        end = line.len().min(start + ERROR_EXCERPT_OCTETS);
        // Not in the middle of a character: octets of the form 10xxxxxx continue one, three at most.
        let continues = |at: usize| line.get(at).is_some_and(|octet| octet & 0xc0 == 0x80);
        start += (0..3).take_while(|&more| start + more < span.start && continues(start + more)).count();
        end -= (0..3).take_while(|&less| end - less > start && continues(end - less)).count();
    }
    let span = span.start..span.end.clamp(span.start, end.max(span.start));
    let mut text = String::with_capacity(end - start);
    escape(&line[start..span.start], &mut text);
    let marked_start = text.len() as u32;
    escape(&line[span.clone()], &mut text);
    let marked_end = text.len() as u32;
    escape(&line[span.end..end.max(span.end)], &mut text);
    (text.into(), marked_start..marked_end)
}

/// The errors of one zone file: the first [`ERRORS_SHOWN_MAX`] of them, and how many there are.
#[derive(Debug, Clone, Default)]
pub struct Errors {
    shown: Vec<Error>,
    count: u64,
}

impl Errors {
    /// Keeps the error, or counts it where there are enough.
    pub fn push(&mut self, error: Error) {
        self.count += 1;
        if self.shown.len() < ERRORS_SHOWN_MAX {
            self.shown.push(error);
        }
    }

    /// How many there were, shown or not.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether there were none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The first of them, in the order of the file.
    pub fn shown(&self) -> &[Error] {
        &self.shown
    }

    /// The last line of a report: `3 errors`, or `45 errors, the first 20 shown`. Empty without errors.
    pub fn summary(&self) -> String {
        match self.count {
            0 => String::new(),
            1 => "1 error".to_owned(),
            count if count == self.shown.len() as u64 => format!("{count} errors"),
            count => format!("{count} errors, the first {} shown", self.shown.len()),
        }
    }
}

impl fmt::Display for Errors {
    /// One line per error shown, then the summary where it says more.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.shown.iter().enumerate() {
            let line_end = if index == 0 { "" } else { "\n" };
            write!(f, "{line_end}{error}")?;
        }
        if self.count > self.shown.len() as u64 { write!(f, "\n{}", self.summary()) } else { Ok(()) }
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
