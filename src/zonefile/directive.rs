//! The directives: `$ORIGIN`, `$TTL`, `$INCLUDE`; `$GENERATE` has a room of its own.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;

use super::entry::{TTL, alike, name, read_ttl};
use super::fault::{Checked, Fault, quoted, shown_path};
use super::frame::Frame;
use super::generate::Generate;
use super::kind::Kind;
use super::provenance::Opened;
use super::reader::Reader;
use super::scanner::Span;
use crate::base::limits::INCLUDE_DEPTH_MAX;
use crate::wire::unescape;

const DIRECTIVES: [&str; 4] = ["$ORIGIN", "$TTL", "$INCLUDE", "$GENERATE"];

/// Which file it is, whatever its name: device and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(u64, u64);

impl Identity {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self(metadata.dev(), metadata.ino())
    }
}

impl Reader<'_> {
    /// Carries out the directive that the entry is; `word` is its name.
    pub(super) fn directive(&mut self, word: Span) -> Checked<()> {
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        let octets = frame.entry();
        let directive = &octets[word.range()];
        let arguments = &self.words[1..];
        if directive.eq_ignore_ascii_case(b"$TTL") {
            let argument = one(TTL, octets, word, arguments)?;
            self.ttls.default = Some(read_ttl(octets, argument)?);
        } else if directive.eq_ignore_ascii_case(b"$ORIGIN") {
            let argument = one("a domain name", octets, word, arguments)?;
            let origin = name(octets, argument, frame.origin.as_name())?;
            frame.origin = origin;
            frame.owner.forget_text();
        } else if directive.eq_ignore_ascii_case(b"$INCLUDE") {
            let included = self.include(word)?;
            self.frames.push(included);
        } else if directive.eq_ignore_ascii_case(b"$GENERATE") {
            self.generate = Some(Generate::read(octets, word, arguments)?);
        } else {
            return Err(unknown(directive, word));
        }
        Ok(())
    }

    /// Opens the file that an `$INCLUDE` names: `$INCLUDE file [origin]` (RFC 1035 section 5.1).
    fn include<'r>(&self, word: Span) -> Checked<Frame<'r>> {
        let frame = self.frames.last().expect("a directive stands in a file");
        let octets = frame.entry();
        let Some((&path_word, rest)) = self.words[1..].split_first() else {
            return Err(Fault::missing(Kind::BadDirective, "a file name", word));
        };
        let origin = match rest {
            [] => frame.origin,
            [origin] => name(octets, *origin, frame.origin.as_name())?,
            [_, more, ..] => return Err(Fault::expected(Kind::BadDirective, "the end of the entry", octets, *more)),
        };
        let Some(folder) = &frame.folder else {
            return Err(Fault::new(Kind::BadInclude, word.range(), "`$INCLUDE` in input that is not a file")
                .label("relative to nothing")
                .help("name the zone's file instead of feeding it"));
        };
        let Some(path) = path(&octets[path_word.range()]).map(|path| folder.join(path)) else {
            return Err(Fault::expected(Kind::BadInclude, "a file name", octets, path_word));
        };
        if self.frames.len() >= INCLUDE_DEPTH_MAX {
            let message = format!("more than {INCLUDE_DEPTH_MAX} files include each other");
            return Err(Fault::new(Kind::IncludeDepth, path_word.outer_range(), message).label("one too many"));
        }
        let cannot = |error: io::Error| {
            let message = format!("cannot open {}: {error}", shown_path(&path));
            Fault::new(Kind::BadInclude, path_word.outer_range(), message).label("included here")
        };
        // A device may have no end, and opening a pipe waits for whoever writes to it.
        if !std::fs::metadata(&path).map_err(cannot)?.is_file() {
            return Err(cannot(io::Error::other("not a regular file")));
        }
        let opened = Arc::new(Opened::open(&path).map_err(cannot)?);
        if let Some(first) = self.frames.iter().position(|open| open.identity == Some(opened.identity)) {
            let message = format!("{} includes itself", shown_path(&self.frames[first].file));
            return Err(Fault::new(Kind::IncludeCycle, path_word.outer_range(), message)
                .label("this file is being read already")
                .note(self.cycle(first)));
        }
        let mut included = Frame::opened(&opened, origin);
        included.owner = frame.owner.inherited();
        Ok(included)
    }

    /// The way from the file at `first` among the open ones back to itself.
    fn cycle(&self, first: usize) -> String {
        let frames = &self.frames[first..];
        let targets = frames.iter().skip(1).chain(frames.first());
        let step = |(from, to): (&Frame<'_>, &Frame<'_>)| {
            format!("{}:{} includes {}", shown_path(&from.file), from.line, shown_path(&to.file))
        };
        frames.iter().zip(targets).map(step).collect::<Vec<_>>().join(", ")
    }
}

/// The one argument of a directive.
fn one(expected: &str, octets: &[u8], directive: Span, arguments: &[Span]) -> Checked<Span> {
    match arguments {
        [] => Err(Fault::missing(Kind::BadDirective, expected, directive)),
        [argument] => Ok(*argument),
        [_, more, ..] => Err(Fault::expected(Kind::BadDirective, "the end of the entry", octets, *more)),
    }
}

/// A path from a word, escapes undone.
fn path(mut text: &[u8]) -> Option<PathBuf> {
    let mut path = Vec::with_capacity(text.len());
    while let Some((&octet, rest)) = text.split_first() {
        text = rest;
        path.push(if octet == b'\\' { unescape(&mut text)? } else { octet });
    }
    (!path.is_empty()).then(|| OsStr::from_bytes(&path).into())
}

fn unknown(directive: &[u8], word: Span) -> Box<Fault> {
    let written = String::from_utf8_lossy(directive).to_ascii_uppercase();
    let fault =
        Fault::new(Kind::UnknownDirective, word.range(), format!("unknown directive {}", quoted(directive, false)))
            .label("expected $ORIGIN, $TTL, $INCLUDE or $GENERATE");
    match alike(&written, DIRECTIVES.into_iter()) {
        Some(known) => fault.help(format!("did you mean `{known}`?")),
        None => fault.help("a name that begins with `$` is written with a backslash: `\\$`"),
    }
}

#[cfg(test)]
#[path = "directive_tests.rs"]
mod tests;
