//! Writes what a zone holds into a message: RRsets with their names compressed against what stands there already.
//!
//! Does not decide what belongs into a reply.

use crate::wire::{Class, Full, HashedName, NameLayout, Place, Rtype, Section, Writer};
use crate::zone::{Rrset, StoredName, Tail};

/// Where the names stand that an RRset leans on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// The RRset's owner.
    pub(super) owner: Place,
    /// The apex of its zone.
    pub(super) apex: Place,
}

/// Names in the rdata of one RRset, by record: where additional records find their owners.
///
/// A reply with more targets than this leaves the rest to the client; 13 is what the largest zones have.
#[derive(Debug)]
pub(super) struct Targets {
    places: [Place; Self::MAX],
    count: usize,
}

impl Targets {
    /// Targets of one RRset that additional records are looked up for.
    pub(super) const MAX: usize = 32;

    pub(super) fn new() -> Self {
        Self { places: [Place::QUESTION; Self::MAX], count: 0 }
    }

    #[inline]
    fn add(&mut self, place: Place) {
        if let Some(free) = self.places.get_mut(self.count) {
            *free = place;
            self.count += 1;
        }
    }

    /// The places of the names, as far as they were kept.
    #[inline]
    pub(super) fn places(&self) -> &[Place] {
        &self.places[..self.count]
    }

    /// The place of the name in the record at `index`, if it was kept.
    #[inline]
    pub(super) fn place(&self, index: usize) -> Option<Place> {
        self.places().get(index).copied()
    }
}

/// Writes the records of an RRset, and their signatures where `signed` asks for them. Notes where names in its rdata
/// stand.
#[inline]
pub(super) fn rrset(
    writer: &mut Writer<'_>,
    section: Section,
    frame: Frame,
    rrset: &Rrset<'_>,
    ttl: u32,
    signed: bool,
    targets: &mut Targets,
) -> Result<(), Full> {
    let layout = rrset.rtype.name_layout();
    if layout.names == 0 {
        return addresses(writer, section, frame.owner, rrset, ttl, signed);
    }
    let (mut stored, _) = rrset.stored_records();
    for _ in 0..rrset.record_count() {
        let Some((length, behind)) = stored.split_first_chunk() else { break }; // never: a record has a length
        let (rdata, rest) = behind.split_at(usize::from(u16::from_be_bytes(*length)));
        record_of_names(writer, section, frame, (rrset, ttl), (rdata, behind), layout, targets)?;
        stored = rest;
    }
    if signed { signatures(writer, section, frame.owner, rrset, ttl) } else { Ok(()) }
}

/// The same for an RRset without names in its rdata.
#[inline]
pub(super) fn addresses(
    writer: &mut Writer<'_>,
    section: Section,
    owner: Place,
    rrset: &Rrset<'_>,
    ttl: u32,
    signed: bool,
) -> Result<(), Full> {
    let fixed = (rrset.rtype, Class::IN, ttl);
    writer.records(section, owner, fixed, rrset.record_count() as u16, rrset.stored_records())?;
    if signed { signatures(writer, section, owner, rrset, ttl) } else { Ok(()) }
}

/// The same for an RRset whose first record is to be the one behind `turn` others.
#[cold]
pub(super) fn turned_rrset(
    writer: &mut Writer<'_>,
    section: Section,
    frame: Frame,
    rrset: &Rrset<'_>,
    turn: usize,
    signed: bool,
    targets: &mut Targets,
) -> Result<(), Full> {
    let (layout, ttl) = (rrset.rtype.name_layout(), rrset.ttl);
    for rdata in rrset.records_from(turn) {
        record_of_names(writer, section, frame, (rrset, ttl), (rdata, rdata), layout, targets)?;
    }
    if signed { signatures(writer, section, frame.owner, rrset, ttl) } else { Ok(()) }
}

/// Writes one record. `behind` begins with its rdata, and may go on.
#[inline(always)] // its call would take as long as it does
fn record_of_names(
    writer: &mut Writer<'_>,
    section: Section,
    frame: Frame,
    (rrset, ttl): (&Rrset<'_>, u32),
    (rdata, behind): (&[u8], &[u8]),
    layout: NameLayout,
    targets: &mut Targets,
) -> Result<(), Full> {
    let prefix = usize::from(layout.prefix);
    if layout.names == 1 && layout.compressible {
        // All compressible types with one name end with it.
        let tail = match StoredName::tail_at_end(rdata) {
            Tail::Owner => Some(frame.owner),
            Tail::Apex => Some(frame.apex),
            Tail::Absolute => None,
        };
        if let Some(tail) = tail {
            let (fixed, front) = ((rrset.rtype, Class::IN, ttl), rdata.len() - 1);
            if let Some(written) = writer.record_to_pointer(section, frame.owner, fixed, (behind, front), tail) {
                let place = written?;
                targets.add(if front == prefix { tail } else { place.after(prefix) });
                return Ok(());
            }
        }
    }
    let record = writer.open(section, frame.owner, rrset.rtype, Class::IN, ttl)?;
    let (prefix, mut rest) = rdata.split_at(prefix);
    writer.octets(prefix)?;
    for index in 0..layout.names {
        let (name, after) = StoredName::split_from(rest);
        rest = after;
        let place = if layout.compressible { compressed(writer, frame, name)? } else { spelled(writer, rrset, name)? };
        if index == 0 {
            targets.add(place);
        }
    }
    writer.octets(rest)?;
    writer.close(record);
    Ok(())
}

/// Writes an RRset whose owner stands nowhere yet: it is `front` before the name at `tail`. Names in its rdata are spelled out.
#[inline]
pub(super) fn rrset_elsewhere(
    writer: &mut Writer<'_>,
    section: Section,
    front: &[u8],
    tail: Place,
    rrset: &Rrset<'_>,
    ttl: u32,
) -> Result<(), Full> {
    let mut owner = None;
    for rdata in rrset.records() {
        let place = match owner {
            _ if rrset.rtype.name_layout().names != 0 => {
                record_elsewhere(writer, section, owner.unwrap_or((front, tail)), (rrset, ttl), rdata)?
            }
            Some((_, owner)) => {
                writer.record(section, owner, rrset.rtype, Class::IN, ttl, [rdata])?;
                owner
            }
            None => writer.record_of_new_owner(section, (front, tail), rrset.rtype, Class::IN, ttl, rdata)?,
        };
        owner = Some((&[][..], place));
    }
    owner.map_or(Ok(()), |(_, owner)| signatures(writer, section, owner, rrset, ttl))
}

/// Writes a record with names in its rdata, and returns where its owner stands: labels in front of a name.
fn record_elsewhere(
    writer: &mut Writer<'_>,
    section: Section,
    (front, tail): (&[u8], Place),
    (rrset, ttl): (&Rrset<'_>, u32),
    rdata: &[u8],
) -> Result<Place, Full> {
    let start = writer.length();
    let owner = writer.labels_then(front, tail)?;
    let record = writer.open_behind_owner(start, section, rrset.rtype, Class::IN, ttl)?;
    let layout = rrset.rtype.name_layout();
    let (prefix, mut rest) = rdata.split_at(usize::from(layout.prefix));
    writer.octets(prefix)?;
    for _ in 0..layout.names {
        let (name, after) = StoredName::split_from(rest);
        rest = after;
        spelled(writer, rrset, name)?;
    }
    writer.octets(rest)?;
    writer.close(record);
    Ok(owner)
}

/// Writes the signatures over an RRset.
pub(super) fn signatures(
    writer: &mut Writer<'_>,
    section: Section,
    owner: Place,
    rrset: &Rrset<'_>,
    ttl: u32,
) -> Result<(), Full> {
    let prefix = usize::from(Rtype::RRSIG.name_layout().prefix);
    let apex = rrset.node().zone().apex_wire();
    for rdata in rrset.signatures() {
        let (prefix, rest) = rdata.split_at(prefix);
        let (name, rest) = StoredName::split_from(rest);
        // RFC 4034 section 3.1.7: the signer's name is never compressed. It is the apex.
        if name.tail == Tail::Apex && name.labels.is_empty() {
            writer.record(section, owner, Rtype::RRSIG, Class::IN, ttl, [prefix, apex, rest])?;
            continue;
        }
        let pieces = match name.tail {
            Tail::Apex => [name.labels, &[], apex],
            Tail::Owner => [name.labels, rrset.node().labels(), apex],
            Tail::Absolute => [name.labels, &[], &[]],
        };
        let [labels, front, apex] = pieces;
        writer.record(section, owner, Rtype::RRSIG, Class::IN, ttl, [prefix, labels, front, apex, rest])?;
    }
    Ok(())
}

#[inline]
fn compressed(writer: &mut Writer<'_>, frame: Frame, name: StoredName<'_>) -> Result<Place, Full> {
    match name.tail {
        Tail::Owner => writer.labels_then(name.labels, frame.owner),
        Tail::Apex => writer.labels_then(name.labels, frame.apex),
        Tail::Absolute => writer.wire_name(name.labels),
    }
}

#[inline]
fn spelled(writer: &mut Writer<'_>, rrset: &Rrset<'_>, name: StoredName<'_>) -> Result<Place, Full> {
    let place = writer.here();
    writer.octets(name.labels)?;
    match name.tail {
        Tail::Owner => writer.octets(rrset.node().labels())?,
        Tail::Apex => {}
        Tail::Absolute => return Ok(place),
    }
    writer.octets(rrset.node().zone().apex_wire())?;
    Ok(place)
}

/// Where the suffix of `name` stands that is left without its first `skip` labels, `name` itself standing at `place`.
#[inline(always)]
pub(super) fn suffix_place(writer: &Writer<'_>, place: Place, name: &HashedName, skip: usize) -> Place {
    // The question's name is never compressed, so a suffix stands where its octets are.
    if place == Place::QUESTION { place.after(name.start(skip)) } else { writer.skip_labels(place, skip) }
}
