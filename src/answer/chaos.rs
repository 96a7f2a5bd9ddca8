//! What the server tells about itself in class CH (RFC 4892): its version and who it is.
//!
//! Does not know zones.

use crate::wire::{Class, Full, Place, Query, Rcode, Rtype, Section, Writer};

/// What the server tells about itself; nothing is told where a text is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// For `version.bind` and `version.server`.
    pub version: Option<String>,
    /// For `id.server` and `hostname.bind`; `None` refuses both.
    pub hostname: Option<String>,
}

impl Identity {
    fn text(&self, name: &[u8]) -> Option<&str> {
        match name {
            b"\x07version\x04bind\0" | b"\x07version\x06server\0" => self.version.as_deref(),
            b"\x02id\x06server\0" | b"\x08hostname\x04bind\0" => self.hostname.as_deref(),
            _ => None,
        }
    }

    /// Whether there is something to tell about what is asked.
    pub(super) fn tells(&self, query: &Query<'_>) -> bool {
        self.text(query.name.wire()).is_some()
    }

    /// Answers a query of class CH. REFUSED where nothing is to be told.
    pub(super) fn answer(&self, query: &Query<'_>, writer: &mut Writer<'_>) -> Result<Rcode, Full> {
        let Some(text) = self.text(query.name.wire()) else { return Ok(Rcode::REFUSED) };
        if !matches!(query.qtype, Rtype::TXT | Rtype::ANY) {
            return Ok(Rcode::NOERROR);
        }
        // A character-string has at most 255 octets (RFC 1035 section 3.3).
        let text = &text.as_bytes()[..text.len().min(255)];
        let record = writer.open(Section::Answer, Place::QUESTION, Rtype::TXT, Class::CH, 0)?;
        writer.octets(&[text.len() as u8])?;
        writer.octets(text)?;
        writer.close(record);
        Ok(Rcode::NOERROR)
    }
}
