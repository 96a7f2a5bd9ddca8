//! Errors and warnings about records that were read well: for whoever sees more than the reader does.
//!
//! Does not know what can be wrong with a record; it knows where its parts stand.

use std::ops::Range;

use super::entry::Head;
use super::error::Error;
use super::fault::Fault;
use super::kind::Kind;
use super::reader::Reader;
use super::scanner::Span;
use crate::base::level::Level;

/// The part of a record that a remark marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The owner; the type where the record repeats the owner of another.
    Owner,
    /// The TTL; the type where the record has none of its own.
    Ttl,
    /// The type.
    Type,
    /// All of the rdata; the type where there is none.
    Rdata,
    /// One word of the rdata, from 0 on; the last one where there are not as many.
    Field(usize),
    /// Everything from the first word to the last.
    Record,
}

/// An error or a warning about a record.
#[derive(Debug, Clone)]
pub struct Remark {
    /// How bad it is.
    pub level: Level,
    /// Its stable name, such as `missing-glue`.
    pub name: &'static str,
    /// What it is, in one line.
    pub message: String,
    /// Which part of the record is meant.
    pub part: Part,
    /// What stands at the caret.
    pub label: Option<String>,
    /// What else there is to know.
    pub note: Option<String>,
    /// What may be done.
    pub help: Option<String>,
}

impl Remark {
    /// A remark on the owner of a record, without label, note and help.
    pub fn new(level: Level, name: &'static str, message: impl Into<String>) -> Self {
        Self { level, name, message: message.into(), part: Part::Owner, label: None, note: None, help: None }
    }
}

impl Reader<'_> {
    /// The remark in its place: at the record that was given last.
    ///
    /// None before the first record. To be called before the next one is asked for.
    pub fn remark(&self, remark: Remark) -> Option<Error> {
        let span = self.place_of(remark.part)?;
        let Remark { level, name, message, part: _, label, note, help } = remark;
        // The kind gives way to the remark's own name.
        let fault = Fault { kind: Kind::BadRdata, span, message, label, note, help, slip: None };
        Some(Error { level, name, ..self.error(fault) })
    }

    /// The octets of a part of the entry.
    fn place_of(&self, part: Part) -> Option<Range<usize>> {
        let frame = self.frames.last()?;
        let (octets, (&first, &last)) = (frame.entry(), (self.words.first()?, self.words.last()?));
        // The words of a `$GENERATE` are its name, its range and a record with its owner.
        let (owner, behind) = match (&self.generate, self.words.as_slice()) {
            (Some(_), [_, _, owner, behind @ ..]) => (Some(*owner), behind),
            (None, [owner, behind @ ..]) if !frame.is_indented() => (Some(*owner), behind),
            (_, words) => (None, words),
        };
        let (head, rdata) = Head::read(octets, first, None, behind).ok()?;
        let front = &behind[..behind.len() - rdata.len()];
        let rtype = head.rtype_word.outer_range();
        let of = |word: Option<Span>| word.map_or(rtype.clone(), Span::outer_range);
        let is_ttl = |word: &Span| octets[word.range()].first().is_some_and(u8::is_ascii_digit);
        Some(match part {
            Part::Owner => of(owner),
            Part::Ttl => of(front.iter().copied().find(is_ttl)),
            Part::Type => rtype,
            Part::Rdata => rdata.first().map_or(rtype, |first| first.outer_range().start..last.outer_range().end),
            Part::Field(index) => of(rdata.get(index).or(rdata.last()).copied()),
            Part::Record => first.outer_range().start..last.outer_range().end,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::NameBuf;

    /// What is marked of the `number`th record, part by part.
    fn marked(text: &str, number: usize) -> Vec<String> {
        let origin: NameBuf = "example.com".parse().expect("a name");
        let mut reader = Reader::new(text.as_bytes(), "test", origin.as_name());
        assert!(reader.remark(Remark::new(Level::Error, "early", "too early")).is_none());
        for _ in 0..number {
            reader.next().expect("a record").expect("no error");
        }
        [Part::Owner, Part::Ttl, Part::Type, Part::Rdata, Part::Field(0), Part::Field(7), Part::Record]
            .into_iter()
            .map(|part| {
                let remark = Remark { part, ..Remark::new(Level::Warning, "odd", "an odd record") };
                let error = reader.remark(remark).expect("a record was given");
                assert_eq!((error.level, error.name, &*error.message), (Level::Warning, "odd", "an odd record"));
                let marked = error.excerpt[error.marked.start as usize..error.marked.end as usize].to_owned();
                format!("{}:{} {marked}", error.line, error.column)
            })
            .collect()
    }

    #[test]
    fn each_part_is_found() {
        let full = "a IN 300 MX 10 b";
        assert_eq!(
            marked(full, 1),
            ["1:1 a", "1:6 300", "1:10 MX", "1:13 10 b", "1:13 10", "1:16 b", &format!("1:1 {full}")]
        );
        let short = ["2:2 A", "2:2 A", "2:2 A", "2:4 192.0.2.1", "2:4 192.0.2.1", "2:4 192.0.2.1", "2:2 A 192.0.2.1"];
        assert_eq!(marked("a 1 A 192.0.2.1\n A 192.0.2.1\n", 2), short);
        assert_eq!(marked("a 1 APL ; none", 1)[3..6], ["1:5 APL", "1:5 APL", "1:5 APL"]);
        assert_eq!(marked("a 1 TXT (\n \"b\"\n  c )", 1)[3..6], ["2:2 \"b\"", "2:2 \"b\"", "3:3 c"]);
        let made = marked("$GENERATE 1-9 a$ 60 NS b$", 3);
        assert_eq!(made[..5], ["1:15 a$", "1:18 60", "1:21 NS", "1:24 b$", "1:24 b$"]);
    }

    #[test]
    fn a_warning_is_shown_as_one() {
        let origin: NameBuf = "example.com".parse().expect("a name");
        let mut reader = Reader::new(&b"a 1 NS b.a\n"[..], "test", origin.as_name());
        reader.next().expect("a record").expect("no error");
        let remark = Remark {
            part: Part::Rdata,
            label: Some("not in this zone".to_owned()),
            note: Some("it is below the zone cut".to_owned()),
            help: Some("add an A record".to_owned()),
            ..Remark::new(Level::Warning, "missing-glue", "a name server without an address")
        };
        insta::assert_snapshot!(reader.remark(remark).expect("a record was given").render(false), @"
        warning[missing-glue]: a name server without an address
         --> test:1:8
          |
        1 | a 1 NS b.a
          |        ^^^ not in this zone
          |
          = note: it is below the zone cut
          = help: add an A record
        ");
    }
}
