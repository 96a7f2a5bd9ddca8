//! Records written from rdata as zones store it: with one look at the room for a whole RRset, and by few wide copies.
//!
//! Does not know zones: rdata comes as octets.

use super::{Full, Place, Section, Writer};
use crate::base::words::copy_loosely;
use crate::wire::{Class, Rtype};

impl Writer<'_> {
    /// Writes `count` records of one owner, type and TTL. `stored` begins with the rdata of all of them, each with its length in
    /// network order in front: `octets` in all. All of them are written, or none.
    #[inline]
    pub fn records(
        &mut self,
        section: Section,
        owner: Place,
        (rtype, class, ttl): (Rtype, Class, u32),
        count: u16,
        (stored, octets): (&[u8], usize),
    ) -> Result<(), Full> {
        let Some(pointer) = self.pointer_to(owner) else {
            return self.far_records(section, owner, (rtype, class, ttl), count, stored);
        };
        let head = head_of(pointer, rtype, class, ttl);
        let end = self.length + octets + head.len() * usize::from(count);
        if end > self.limit {
            return Err(Full);
        }
        let (mut room, mut stored) = (&mut self.buffer[self.length..], stored);
        for _ in 0..count {
            let (Some(length), Some((here, behind))) = (stored.first_chunk(), room.split_first_chunk_mut()) else {
                return Err(Full); // never: there is room for all that is stored
            };
            *here = head;
            let piece = 2 + usize::from(u16::from_be_bytes(*length));
            copy_loosely::<LOOSE>(behind, stored, piece);
            (room, stored) = (&mut behind[piece..], &stored[piece..]);
        }
        self.length = end;
        self.counts[section as usize] += count;
        Ok(())
    }

    /// The same where the owner is too far away for a pointer.
    #[cold]
    fn far_records(
        &mut self,
        section: Section,
        owner: Place,
        (rtype, class, ttl): (Rtype, Class, u32),
        count: u16,
        mut stored: &[u8],
    ) -> Result<(), Full> {
        let start = self.mark();
        for _ in 0..count {
            let Some((length, behind)) = stored.split_first_chunk() else { break };
            let (rdata, rest) = behind.split_at(usize::from(u16::from_be_bytes(*length)));
            if let Err(full) = self.record(section, owner, rtype, class, ttl, [rdata]) {
                self.step_back(start);
                return Err(full);
            }
            stored = rest;
        }
        Ok(())
    }

    /// Writes a record whose rdata is the first `front` octets of `stored` and then a pointer to `tail`; none, and nothing
    /// written, where that or the owner is too far away for one.
    #[inline]
    pub fn record_to_pointer(
        &mut self,
        section: Section,
        owner: Place,
        (rtype, class, ttl): (Rtype, Class, u32),
        (stored, front): (&[u8], usize),
        tail: Place,
    ) -> Option<Result<Place, Full>> {
        let (pointer, tail) = (self.pointer_to(owner)?, self.pointer_to(tail)?);
        let (start, end) = (self.length, self.length + 14 + front);
        if end > self.limit {
            return Some(Err(Full));
        }
        let (head, rdata) = self.buffer[start..].split_first_chunk_mut()?; // never none, nor the next two
        *head = head_of(pointer, rtype, class, ttl);
        let (length, rdata) = rdata.split_first_chunk_mut()?;
        *length = (front as u16 + 2).to_be_bytes();
        copy_loosely::<LOOSE>(rdata, stored, front);
        *rdata[front..].first_chunk_mut()? = tail;
        self.length = end;
        self.counts[section as usize] += 1;
        Some(Ok(Place(start as u16 + 12)))
    }
}

/// Octets of rdata that are copied at once: an address with its length, and most names of hosts.
const LOOSE: usize = 32;

/// A record up to the length of its rdata.
#[inline(always)]
fn head_of(owner: [u8; 2], rtype: Rtype, class: Class, ttl: u32) -> [u8; 10] {
    // Two numbers, for octet by octet it would take four times the instructions.
    let upper = u64::from(u16::from_be_bytes(owner)) << 48
        | u64::from(rtype.0) << 32
        | u64::from(class.0) << 16
        | u64::from(ttl >> 16);
    let ([a, b, c, d, e, f, g, h], [i, j]) = (upper.to_be_bytes(), (ttl as u16).to_be_bytes());
    [a, b, c, d, e, f, g, h, i, j]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Flags, Rcode};

    const FIXED: (Rtype, Class, u32) = (Rtype::TXT, Class::IN, 0x0102_0304);

    /// What a message of at most `room` octets is with a question and what `write` adds; none where that did not fit.
    fn message(room: usize, write: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>) -> Option<Vec<u8>> {
        let mut buffer = vec![0xee; room];
        let mut writer = Writer::new(&mut buffer);
        writer.question(b"\x01a\0\0\x01\0\x01").ok()?;
        let length = writer.length();
        let written = write(&mut writer);
        assert!(written.is_ok() || writer.length() == length, "all or nothing");
        written.ok()?;
        let length = writer.finish([1, 2], Flags::QR, Rcode::NOERROR);
        Some(buffer[..length].to_vec())
    }

    /// Rdata of these lengths, and the same as zones store it, with octets of something else behind it.
    fn rdata(lengths: &[usize]) -> (Vec<Vec<u8>>, Vec<u8>, usize) {
        let rdata: Vec<Vec<u8>> = lengths.iter().map(|&length| (0..length).map(|at| at as u8).collect()).collect();
        let mut stored: Vec<u8> =
            rdata.iter().flat_map(|rdata| [&(rdata.len() as u16).to_be_bytes()[..], rdata].concat()).collect();
        let octets = stored.len();
        stored.extend([0xdd; 40]);
        (rdata, stored, octets)
    }

    #[test]
    fn an_rrset_is_written_as_its_records_are() {
        for lengths in [&[4, 4, 4][..], &[16], &[0], &[], &[29, 30, 31, 32, 33, 300], &[3; 60]] {
            let (rdata, stored, octets) = rdata(lengths);
            let section = Section::Answer;
            let (rtype, class, ttl) = FIXED;
            let one_by_one = message(4_000, |writer| {
                rdata.iter().try_for_each(|rdata| writer.record(section, Place::QUESTION, rtype, class, ttl, [rdata]))
            });
            let whole = one_by_one.as_ref().map_or(0, Vec::len);
            for room in [whole.saturating_sub(1), whole, whole + 1, whole + 50] {
                for held in [octets, stored.len()] {
                    let made = message(room, |writer| {
                        let stored = (&stored[..held], octets);
                        writer.records(section, Place::QUESTION, FIXED, lengths.len() as u16, stored)
                    });
                    assert_eq!(made, one_by_one.clone().filter(|_| room >= whole), "{lengths:?} in {room}");
                }
            }
        }
    }

    #[test]
    fn owners_out_of_reach_are_spelled_out() {
        let (_, stored, octets) = rdata(&[2, 3]);
        let made = message(40_000, |writer| {
            writer.octets(&vec![7; 0x4000])?;
            let far = writer.here();
            writer.octets(b"\x01b\0")?;
            writer.records(Section::Additional, far, FIXED, 2, (&stored, octets))?;
            assert!(writer.record_to_pointer(Section::Additional, far, FIXED, (b"", 0), Place::QUESTION).is_none());
            assert!(writer.record_to_pointer(Section::Additional, Place::QUESTION, FIXED, (b"", 0), far).is_none());
            Ok(())
        });
        let made = made.expect("room");
        assert!(made.ends_with(
            b"\x01b\0\0\x10\0\x01\x01\x02\x03\x04\0\x02\0\x01\x01b\0\0\x10\0\x01\x01\x02\x03\x04\0\x03\0\x01\x02"
        ));
        assert_eq!(made[10..12], [0, 2]);
    }

    #[test]
    fn rdata_that_ends_with_a_pointer_tells_where_its_name_stands() {
        let mut place = None;
        let mut put = |writer: &mut Writer<'_>| {
            let written = writer.record_to_pointer(
                Section::Answer,
                Place::QUESTION,
                FIXED,
                (b"\0\x0a\x04mail and more", 7),
                Place::QUESTION,
            );
            place = written.expect("all near").ok();
            if place.is_some() { Ok(()) } else { Err(Full) }
        };
        let expected = b"\xc0\x0c\0\x10\0\x01\x01\x02\x03\x04\0\x09\0\x0a\x04mail\xc0\x0c";
        assert_eq!(message(12 + 7 + expected.len() - 1, &mut put), None);
        let made = message(12 + 7 + expected.len(), &mut put).expect("room");
        assert!(made.ends_with(expected) && made[6..8] == [0, 1]);
        assert_eq!(place, Some(Place::QUESTION.after(7 + 12)));
    }
}
