//! The master-file language (RFC 1035 section 5): records and errors out of text, one at a time.
//!
//! Does not know what a zone must hold: names out of the zone, a second SOA or a lonely CNAME are the business of
//! `zone`. It streams: its memory is one buffer per open file, whatever the size of the file.
//!
//! Where the RFCs leave a choice, or the servers of the field differ, this is what holds here:
//!
//! - **Lines** end with LF or CR LF. A CR elsewhere is an error, for it would glue two lines together unseen.
//!   A byte-order mark in front of a file is skipped. Space, tab, and form feed are blanks; NUL and all other octets
//!   are parts of words.
//! - **Parentheses** join lines and do not nest: a second one before the first is closed is an error, so that a
//!   forgotten one is found where it was forgotten.
//! - **Quoted strings** may run over lines inside parentheses only, for the same reason. A quote inside a word is an
//!   error, but after `=` (`alpn="h2,h3"`, RFC 9460 section 2.1), where it stays part of the word.
//! - **A blank first column** repeats the last owner of the same file. An included file begins without one, and the
//!   including file has its own owner and origin back afterwards; what was said about TTLs goes on.
//! - **TTLs**: the record's own; else `$TTL` (RFC 2308 section 4); else the last one written (RFC 1035 section 5.1); else an
//!   SOA takes its MINIMUM, which then counts as `$TTL`. Units are `w d h m s`; 2³¹ − 1 is the most (RFC 2181 section 8).
//! - **Directives** may be indented. Names that begin with `$` are written `\$`.
//! - **After an error** reading goes on at the next entry; where parentheses are open, at the next line that begins
//!   in the first column.

mod block;
mod directive;
mod entry;
mod error;
mod fault;
mod frame;
mod generate;
mod heads;
mod input;
mod kind;
mod reader;
mod remark;
mod scanner;
mod writer;

pub use crate::base::level::Level;
pub use error::{Error, Errors};
pub use kind::Kind;
pub use reader::{Position, Reader};
pub use remark::{Part, Remark};
pub use writer::write_record;

#[cfg(test)]
mod property_tests;
