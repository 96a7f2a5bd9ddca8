//! The master-file language (RFC 1035 section 5): records and errors out of text, one at a time.
//!
//! Does not know what a zone must hold: names out of the zone, a second SOA or a lonely CNAME are the business of
//! `zone`. It streams: its memory is one buffer per open file, whatever the size of the file. Every mistake has a
//! [`Kind`], whose name stays the same.
//!
//! # Where the RFCs leave a choice
//!
//! What holds here, and what BIND 9.18 (B), NSD 4.6 (N) and Knot 3.2 (K) do where they differ. The rule behind the
//! choices: what can mean one thing only is taken; what servers read differently, or what is most likely a slip, is refused.
//! `tests/zonefile` has a file for each.
//!
//! ## Octets
//!
//! - **Lines** end with LF or CR LF, and CRs may be doubled; the last line needs no end. (K takes no CR at all.) A CR
//!   elsewhere is an error, for it would glue two lines together unseen (B, N: it ends the line); in a quoted string it is data.
//! - **Blanks** are space, tab and form feed: printed zones have pages (B, N, K refuse form feeds). Vertical tabs and the blanks
//!   of Unicode are parts of words; where one makes a record unreadable, the error says so.
//! - **NUL** is an error wherever it stands but in comments: it is a hole that a crash left (N cuts the word there).
//!   `\000` is an octet like any other.
//! - **Compressed files** (gzip, zstd, xz) are known by their first octets, whatever their names, and read as what is in
//!   them; so are included ones and standard input. Damaged or cut-off data is an error.
//! - **A byte-order mark** of UTF-8 in front of a file is skipped (B, N make it part of the owner; K refuses it). Files in UTF-16,
//!   files compressed otherwise, BIND's raw files and binaries are one error that says what they are.
//! - **Octets above 127** stand for themselves, in names too (K refuses them there).
//! - **An entry** has at most [`ZONE_ENTRY_OCTETS_MAX`](crate::base::limits::ZONE_ENTRY_OCTETS_MAX) octets, comments and
//!   blanks counted; longer ones are one error, and are not kept in memory.
//!
//! ## Words
//!
//! - **Parentheses** join lines, may stand anywhere and touch words; they do not nest: a second one before the first is closed
//!   is an error, so that a forgotten one is found where it was forgotten (B lets them nest). They must be closed when the
//!   file ends (N: need not). In front of the owner they change nothing: what counts is the first column (N, K refuse that).
//! - **Quoted strings** may run over lines inside parentheses only, for the same reason (N: anywhere; B: nowhere).
//!   They may touch each other. A quote inside a word is an error (B, N: a new string begins), but after `=` in the
//!   parameters of SVCB and HTTPS (`alpn="h2,h3"`, RFC 9460 section 2.1) and in names, where it is a character then.
//! - **Only strings stand in quotes**: no owner (B: may), no type, name, number or address (N: may).
//! - **A string** has at most 255 octets, escapes counted once (K takes longer ones).
//! - **Escapes** are `\DDD` up to 255 and `\X` for one octet that is no digit (N takes the backslash off others). A backslash does
//!   not join lines (N: it makes the line end data).
//! - **Numbers** are decimal digits, leading zeros allowed, and never more than their field holds (N: 0 instead). Octets of IPv4
//!   addresses have no leading zeros.
//!
//! ## Owner, class, TTL, type
//!
//! - **`@`** is the origin as an owner, in the fields of rdata that are names, and after `$INCLUDE file`. In strings, as `\@`,
//!   and in `a.@` it is a character (N refuses it in strings, N and K in `a.@`).
//! - **A blank first column** repeats the last owner, whatever `$ORIGIN` said since. The first record of a zone has none to repeat
//!   (N: the origin).
//! - **TTL and class** come in any order, once each. The class is IN, `CLASS1` too (K: not), or none; all others, ANY and NONE
//!   among them, are refused.
//! - **TTLs**: the record's own; else `$TTL` (RFC 2308 section 4); else the last one written (RFC 1035 section 5.1); else an
//!   SOA takes its MINIMUM, which then counts as `$TTL` (so does B; N, K: 3600). Units are `w d h m s` in any order and case; a
//!   number without a unit stands alone (N: seconds). 2³¹ − 1 is the most (RFC 2181 section 8; B: 0 instead, N: the
//!   default, K: taken).
//! - **Types** of queries and messages alone are refused, by number too (N, K take them).
//! - **An SOA** may come twice if it is the same, as in a transfer that was written to a file (N refuses that).
//! - **Duplicates** go to `zone`, which keeps one and warns (B, N, K say nothing).
//!
//! ## Directives
//!
//! - **Directives** may stand between any two records, be indented (B, N, K: may not) and use parentheses; case means nothing.
//!   Names that begin with `$` are written `\$`. What else begins with `$` is an error, with a suggestion for a slip.
//! - **`$ORIGIN`** and the origin of `$INCLUDE` may be relative (N, K: may not).
//! - **`$INCLUDE`** looks in the folder of the file it stands in (B: where the server was started). The included file begins with
//!   the last owner (K: with none); the including one has its own owner and origin back afterwards (N: keeps the owner),
//!   while what was said about TTLs goes on. Only regular files are opened. A file that includes itself is an error that shows
//!   the way round; [`INCLUDE_DEPTH_MAX`](crate::base::limits::INCLUDE_DEPTH_MAX) files may be open.
//! - **`$GENERATE`** is B's (N, K have none): ranges count upwards by a step of at least 1; `${offset,width,base}` with the bases
//!   `d o x X n N`; offsets may be negative, numbers made with them may not (B writes a minus). One directive makes at most
//!   [`GENERATE_RECORDS_MAX`](crate::base::limits::GENERATE_RECORDS_MAX) records (B: no limit). Rdata of several words needs no
//!   quotes (B: does). Records made do not change the owner that a blank repeats.
//!
//! ## After an error
//!
//! Reading goes on at the next entry; where parentheses are open, at the next line that begins in the first column. A mistake is
//! said once: what an SOA or a `$TTL` would have given, records behind them need not have.

mod block;
mod compressed;
mod directive;
mod entry;
mod error;
mod fault;
mod format;
mod frame;
mod generate;
mod heads;
mod input;
mod kind;
mod provenance;
mod reader;
mod remark;
mod scanner;
mod stretches;
mod writer;

pub use crate::base::level::Level;
pub use error::{Error, Errors};
pub use fault::shown_path;
pub use kind::Kind;
pub use provenance::{Comparison, Footprint, Provenance};
pub use reader::{Position, Reader};
pub use remark::{Part, Remark};
pub use stretches::Stretch;
pub use writer::{Group, Layout, LineWriter, PrettyWriter, RdataForm, relative, write_record};

#[cfg(test)]
mod property_tests;
