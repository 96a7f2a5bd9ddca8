//! Where an offset stands in a text: its line, its column, and the line itself.
//!
//! Does not know what the text says.

use std::ops::Range;

/// The lines of a text, found once, so that each of a hundred thousand entries finds its line in a few steps.
#[derive(Debug, Clone)]
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// The number of the line that holds `offset`, from 1. Behind the end it is the last line.
    pub(super) fn number(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset)
    }

    /// The line that holds `offset`, without its line break, and where it starts.
    pub(super) fn line(&self, offset: usize) -> (usize, &'t str) {
        let number = self.number(offset);
        let start = self.starts[number - 1];
        let end = self.starts.get(number).map_or(self.text.len(), |&next| next - 1);
        let line = &self.text[start..end];
        (start, line.strip_suffix('\r').unwrap_or(line))
    }

    /// The numbers of the lines whose meaning hangs on the one that holds `offset`: those of its section where that line is
    /// a header, else that line alone.
    pub(super) fn unit(&self, offset: usize) -> Range<usize> {
        let first = self.number(offset);
        let is_header = |number: usize| self.line(self.starts[number - 1]).1.trim_start().starts_with('[');
        if !is_header(first) {
            return first..first + 1;
        }
        let behind = self.starts.len() + 1;
        first..(first + 1..behind).find(|&number| is_header(number)).unwrap_or(behind)
    }

    /// The column of `offset` in its line, in characters, from 1.
    pub(super) fn column(&self, offset: usize) -> usize {
        let (start, line) = self.line(offset);
        line.char_indices().take_while(|(at, _)| start + at < offset).count() + 1
    }

    /// `span` cut to its first line, as offsets into that line; on character boundaries, whatever it was.
    pub(super) fn within(&self, span: &Range<usize>) -> Range<usize> {
        let (start, line) = self.line(span.start);
        let floor = |offset: usize| {
            let mut at = offset.saturating_sub(start).min(line.len());
            while !line.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let begin = floor(span.start);
        begin..floor(span.end).max(begin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_has_a_line_and_a_column() {
        let lines = Lines::of("a = 1\r\nbü = 2\n");
        assert_eq!((lines.number(0), lines.column(0), lines.line(0)), (1, 1, (0, "a = 1")));
        assert_eq!((lines.number(13), lines.column(13), lines.line(13)), (2, 6, (7, "bü = 2")));
        assert_eq!((lines.number(15), lines.line(15)), (3, (15, "")));
        assert_eq!((lines.number(99), lines.column(99)), (3, 1));
        assert_eq!(lines.within(&(9..40)), 1..7, "cut to the line, and not into the ü");
    }

    #[test]
    fn a_header_stands_for_its_section() {
        let lines = Lines::of("[a]\nb = 1\n[c]\nd = 2");
        assert_eq!([0, 4, 10, 14].map(|offset| lines.unit(offset)), [1..3, 2..3, 3..5, 4..5]);
    }
}
