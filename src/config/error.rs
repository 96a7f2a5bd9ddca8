//! The mistakes of a configuration, shown where they stand.
//!
//! Does not know what an option means.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::lines::Lines;
use crate::base::limits::ERRORS_SHOWN_MAX;

/// Everything that is wrong with one configuration, in file order. Never empty.
#[derive(Debug)]
pub struct ConfigErrors {
    path: PathBuf,
    text: String,
    errors: Vec<ConfigError>,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// What is wrong, or what was expected, in one line.
    pub message: String,
    /// Where it stands: octets of the file. None for what stands nowhere in it: the file is missing, the command line.
    pub span: Option<Range<usize>>,
    /// What is to be said right there; may be empty.
    pub label: String,
    /// An earlier place that belongs to it, and what to say there.
    pub earlier: Option<(Range<usize>, String)>,
    /// What would mend it.
    pub help: Option<String>,
    /// Whether something is not there: that cannot be known of a file whose syntax is broken.
    pub(super) missing: bool,
}

impl ConfigError {
    /// A mistake at `span`.
    pub(super) fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span: Some(span), ..Self::nowhere(message) }
    }

    /// A mistake that stands nowhere in the file.
    pub(super) fn nowhere(message: impl Into<String>) -> Self {
        Self { message: message.into(), span: None, label: String::new(), earlier: None, help: None, missing: false }
    }

    /// Something that should be there and is not, in what begins at `span`.
    pub(super) fn missing(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { missing: true, ..Self::at(span, message) }
    }

    pub(super) fn label(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    pub(super) fn earlier(self, span: Range<usize>, label: impl Into<String>) -> Self {
        Self { earlier: Some((span, label.into())), ..self }
    }
}

impl ConfigErrors {
    /// Puts `errors` in file order.
    pub(super) fn new(path: &Path, text: &str, mut errors: Vec<ConfigError>) -> Self {
        assert!(!errors.is_empty(), "errors are only reported where there are some");
        errors.sort_by_key(|error| error.span.as_ref().map(|span| span.start));
        Self { path: path.to_path_buf(), text: text.to_owned(), errors }
    }

    /// The file that was read.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The mistakes, in file order.
    pub fn errors(&self) -> &[ConfigError] {
        &self.errors
    }

    /// Line and column of a mistake, from 1, the column in characters; none where it stands nowhere in the file.
    pub fn position(&self, error: &ConfigError) -> Option<(usize, usize)> {
        let lines = Lines::of(&self.text);
        error.span.as_ref().map(|span| (lines.number(span.start), lines.column(span.start)))
    }

    /// The mistakes as a compiler shows them, with the lines they stand in; in colour where `coloured`.
    ///
    /// At most [`ERRORS_SHOWN_MAX`] are shown, and then how many more there are.
    pub fn render(&self, coloured: bool) -> String {
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        let lines = Lines::of(&self.text);
        let mut shown = self
            .errors
            .iter()
            .take(ERRORS_SHOWN_MAX)
            .map(|error| renderer.render(&[self.group(error, &lines)]))
            .collect::<Vec<_>>()
            .join("\n\n");
        if let Some(more @ 1..) = self.errors.len().checked_sub(ERRORS_SHOWN_MAX) {
            shown += &format!("\n\n... and {more} more");
        }
        shown
    }

    fn group<'e>(&'e self, error: &'e ConfigError, lines: &Lines<'e>) -> Group<'e> {
        let title = Level::ERROR.primary_title(error.message.as_str());
        let mut elements = Vec::new();
        // Only the lines that are shown go to the renderer: it would walk the whole file for each mistake.
        let snippet = |span: &Range<usize>, kind: AnnotationKind, label: &'e str| {
            let (_, line) = lines.line(span.start);
            Snippet::source(line)
                .line_start(lines.number(span.start))
                .path(self.path.to_string_lossy())
                .annotation(kind.span(lines.within(span)).label((!label.is_empty()).then_some(label)))
        };
        if let Some(span) = &error.span {
            elements.push(snippet(span, AnnotationKind::Primary, &error.label));
        }
        if let Some((span, label)) = &error.earlier {
            elements.push(snippet(span, AnnotationKind::Context, label));
        }
        let group = if elements.is_empty() { Group::with_title(title) } else { title.elements(elements) };
        match &error.help {
            Some(help) => group.element(Level::HELP.message(help.as_str())),
            None => group,
        }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for ConfigErrors {}
