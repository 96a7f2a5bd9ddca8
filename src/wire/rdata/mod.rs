//! Rdata: from text to wire form and back.
//!
//! Does not know files, directives or positions: it is handed the tokens of one record.

/// One token of a record's rdata, as the zone-file scanner found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// The octets between the delimiters, escapes (`\DDD`, `\X`) still in them; without the quotes.
    pub text: &'a [u8],
    /// Whether it stood in quotes.
    pub quoted: bool,
}
