//! One message of a transfer: records as the zone stores them, names compressed against what stands there already.
//!
//! Does not know which records belong into it.

use crate::wire::{Class, Flags, Full, Place, Rcode, Rtype, Section, Writer};
use crate::zone::{StoredName, StoredRecord, Tail, Zone};

/// A message that records are written into.
///
/// Owners lean on the apex, glue on its zone cut, names in rdata on the owner, the apex or an equal name before them: their
/// places are known, so nothing is searched for but names outside the zone.
#[derive(Debug)]
pub(super) struct Page<'b, 'z> {
    writer: Writer<'b>,
    zone: &'z Zone,
    /// Where the apex stands, once it does.
    apex: Option<Place>,
    /// The owner of the record before.
    last: Option<Owner<'z>>,
    records: u64,
}

/// An owner that stands in the message.
#[derive(Debug, Clone, Copy)]
struct Owner<'z> {
    labels: (&'z [u8], &'z [u8]),
    place: Place,
    /// Where the second part of its labels stands.
    rest: Place,
}

impl<'b, 'z> Page<'b, 'z> {
    /// An empty message.
    pub(super) fn new(buffer: &'b mut [u8], zone: &'z Zone) -> Self {
        Self { writer: Writer::new(buffer), zone, apex: None, last: None, records: 0 }
    }

    /// Writes the question, whose name is the apex. Nothing may stand in front of it.
    pub(super) fn question(&mut self, question: &[u8]) -> Result<(), Full> {
        self.writer.question(question)?;
        // RFC 5936 section 3.4: the case of names is that of the zone, not of the question.
        self.apex = question.starts_with(self.zone.apex_wire()).then_some(Place::QUESTION);
        Ok(())
    }

    /// Keeps room for an OPT record of so many octets.
    pub(super) fn reserve(&mut self, octets: usize) -> Result<(), Full> {
        self.writer.reserve(octets)
    }

    /// Writes a record, or nothing where it does not fit.
    pub(super) fn record(&mut self, record: StoredRecord<'z>) -> Result<(), Full> {
        let before = (self.writer.mark(), self.apex, self.last);
        let written = self.try_record(record);
        match written {
            Ok(()) => self.records += 1,
            Err(Full) => {
                self.writer.step_back(before.0);
                (self.apex, self.last) = (before.1, before.2);
            }
        }
        written
    }

    /// How many records stand in it.
    pub(super) fn records(&self) -> u64 {
        self.records
    }

    /// Ends the message but for its OPT record, which goes where room was kept for it.
    pub(super) fn finish(self, id: [u8; 2], flags: Flags) -> usize {
        self.writer.finish(id, flags, Rcode::NOERROR)
    }

    fn try_record(&mut self, record: StoredRecord<'z>) -> Result<(), Full> {
        let StoredRecord { owner: labels, rtype, ttl, .. } = record;
        let (start, known) = (self.writer.length(), self.last.filter(|last| last.labels == labels));
        let (owner, open) = match known {
            Some(owner) => (owner, self.writer.open(Section::Answer, owner.place, rtype, Class::IN, ttl)?),
            None => {
                let owner = self.owner(labels)?;
                (owner, self.writer.open_behind_owner(start, Section::Answer, rtype, Class::IN, ttl)?)
            }
        };
        self.last = Some(owner);
        self.rdata(rtype, record.rdata, owner)?;
        self.writer.close(open);
        Ok(())
    }

    /// Writes an owner that does not stand in the message.
    fn owner(&mut self, labels: (&'z [u8], &'z [u8])) -> Result<Owner<'z>, Full> {
        let start = self.writer.here();
        self.writer.octets(labels.0)?;
        let known = self.last.filter(|last| last.labels.1 == labels.1).map(|last| last.rest);
        let rest = match (known, self.apex) {
            (Some(rest), _) => self.writer.labels_then(&[], rest)?,
            (None, Some(apex)) => self.writer.labels_then(labels.1, apex)?,
            (None, None) => {
                let rest = self.writer.here();
                self.writer.octets(labels.1)?;
                self.apex = Some(self.writer.here());
                self.writer.octets(self.zone.apex_wire())?;
                rest
            }
        };
        Ok(Owner { labels, place: if labels.0.is_empty() { rest } else { start }, rest })
    }

    fn rdata(&mut self, rtype: Rtype, stored: &[u8], owner: Owner<'z>) -> Result<(), Full> {
        let layout = rtype.name_layout();
        if layout.names == 0 {
            return self.writer.octets(stored);
        }
        let (prefix, mut rest) = stored.split_at(usize::from(layout.prefix));
        self.writer.octets(prefix)?;
        for _ in 0..layout.names {
            let (name, after) = StoredName::split_from(rest);
            rest = after;
            match (layout.compressible, name.tail, self.apex) {
                // RFC 5936 section 3.4: names keep their case.
                (true, Tail::Absolute, _) => self.writer.wire_name_as_spelled(name.labels).map(drop)?,
                (true, Tail::Owner, _) => self.writer.labels_then(name.labels, owner.place).map(drop)?,
                (true, Tail::Apex, Some(apex)) => self.writer.labels_then(name.labels, apex).map(drop)?,
                // RFC 3597 section 4: in types that came after RFC 1035 names are not compressed.
                _ => self.spelled(name, owner)?,
            }
        }
        self.writer.octets(rest)
    }

    fn spelled(&mut self, name: StoredName<'_>, owner: Owner<'z>) -> Result<(), Full> {
        self.writer.octets(name.labels)?;
        match name.tail {
            Tail::Absolute => return Ok(()),
            Tail::Owner => {
                self.writer.octets(owner.labels.0)?;
                self.writer.octets(owner.labels.1)?;
            }
            Tail::Apex => {}
        }
        self.writer.octets(self.zone.apex_wire())
    }
}
