//! Writes the OPT record of a reply behind a message that is finished but for it, and options into it while there is room.
//!
//! Does not know which options a reply should have.

use super::{Full, OptionCode, Rcode, Rtype};
use crate::base::limits::HEADER_OCTETS;

/// An OPT record being written at the end of a message.
#[derive(Debug)]
pub struct OptWriter<'b> {
    buffer: &'b mut [u8],
    rdata_at: usize,
    length: usize,
}

impl<'b> OptWriter<'b> {
    /// Octets of an OPT record without options.
    pub const OCTETS: usize = 11;

    /// Octets of an option before its value.
    pub const OPTION_OCTETS: usize = 4;

    /// Opens the record behind the message in the first `length` octets of `buffer`, whose end is where the room ends: the
    /// payload size we take, the upper bits of `rcode`, version 0, and DO as the client had it (RFC 6891 section 6.1.3).
    #[inline]
    pub fn open(
        buffer: &'b mut [u8],
        length: usize,
        payload: u16,
        rcode: Rcode,
        dnssec_ok: bool,
    ) -> Result<Self, Full> {
        let room = buffer.get_mut(length..length + Self::OCTETS).ok_or(Full)?;
        let (payload, dnssec_ok) = (payload.to_be_bytes(), if dnssec_ok { 0x80 } else { 0 });
        room.copy_from_slice(&[
            0,
            0,
            Rtype::OPT.0 as u8,
            payload[0],
            payload[1],
            rcode.extended(),
            0,
            dnssec_ok,
            0,
            0,
            0,
        ]);
        let rdata_at = length + Self::OCTETS;
        Ok(Self { buffer, rdata_at, length: rdata_at })
    }

    /// Opens the record behind the message with all that is in `record`: one that was written into another message.
    pub fn reopen(buffer: &'b mut [u8], length: usize, record: &[u8]) -> Result<Self, Full> {
        buffer.get_mut(length..length + record.len()).ok_or(Full)?.copy_from_slice(record);
        Ok(Self { buffer, rdata_at: length + Self::OCTETS, length: length + record.len() })
    }

    /// Writes an option whose value is all of `parts`, one after the other; nothing where it does not fit.
    #[inline]
    pub fn option(&mut self, code: OptionCode, parts: &[&[u8]]) -> Result<(), Full> {
        let octets: usize = parts.iter().map(|part| part.len()).sum();
        let end = self.length + Self::OPTION_OCTETS + octets;
        let room = self.buffer.get_mut(self.length..end).ok_or(Full)?;
        room[..2].copy_from_slice(&code.0.to_be_bytes());
        room[2..4].copy_from_slice(&(octets as u16).to_be_bytes());
        let mut rest = &mut room[4..];
        for part in parts {
            let (here, behind) = rest.split_at_mut(part.len());
            here.copy_from_slice(part);
            rest = behind;
        }
        self.length = end;
        Ok(())
    }

    /// The same for a record into which no option was written.
    #[inline]
    pub fn close_bare(self) -> usize {
        if let Some(count) = self.buffer.get_mut(HEADER_OCTETS - 2..).and_then(<[u8]>::first_chunk_mut) {
            *count = (u16::from_be_bytes(*count).wrapping_add(1)).to_be_bytes();
        }
        self.length
    }

    /// Ends the record, counts it in the header, and returns the message's length.
    #[inline]
    pub fn close(self) -> usize {
        let octets = (self.length - self.rdata_at) as u16;
        self.buffer[self.rdata_at - 2..self.rdata_at].copy_from_slice(&octets.to_be_bytes());
        let count = &mut self.buffer[HEADER_OCTETS - 2..HEADER_OCTETS];
        let records = u16::from_be_bytes([count[0], count[1]]).wrapping_add(1);
        count.copy_from_slice(&records.to_be_bytes());
        self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Class, Flags, Place, Section, Writer};

    /// A reply to `a. A IN` with one record in the additional section, in a buffer of `room` octets.
    fn finished(room: usize) -> (Vec<u8>, usize) {
        let mut buffer = vec![0; room];
        let mut writer = Writer::new(&mut buffer);
        writer.question(b"\x01a\0\0\x01\0\x01").expect("room");
        writer.record(Section::Additional, Place::QUESTION, Rtype::A, Class::IN, 9, [&[1, 2, 3, 4]]).expect("room");
        let length = writer.finish([7, 8], Flags::QR, Rcode::BADCOOKIE);
        (buffer, length)
    }

    #[test]
    fn a_record_with_options_ends_the_message() {
        let (mut buffer, length) = finished(100);
        let mut opt = OptWriter::open(&mut buffer, length, 1_232, Rcode::BADCOOKIE, true).expect("room");
        opt.option(OptionCode::NSID, &[b"here"]).expect("room");
        opt.option(OptionCode::COOKIE, &[b"12345678", b"", b"abc"]).expect("room");
        let end = opt.close();
        let expected = b"\0\0\x29\x04\xd0\x01\0\x80\0\0\x17\0\x03\0\x04here\0\x0a\0\x0b12345678abc";
        assert_eq!(&buffer[length..end], expected);
        assert_eq!((buffer[3] & 0xf, &buffer[10..12]), (7, &[0, 2][..]));
    }

    #[test]
    fn a_record_is_the_same_in_another_message() {
        let (mut buffer, length) = finished(100);
        let mut opt = OptWriter::open(&mut buffer, length, 1_232, Rcode::NOERROR, true).expect("room");
        opt.option(OptionCode::NSID, &[b"here"]).expect("room");
        let end = opt.close();
        let (mut again, _) = finished(end);
        let opt = OptWriter::reopen(&mut again, length, &buffer[length..end]).expect("room");
        assert_eq!(opt.close(), end);
        assert_eq!(again, buffer[..end]);
        let (mut small, _) = finished(end - 1);
        assert!(OptWriter::reopen(&mut small, length, &buffer[length..end]).is_err());
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        let (_, length) = finished(100);
        for spare in 0..40 {
            let (mut buffer, _) = finished(length + spare);
            let Ok(mut opt) = OptWriter::open(&mut buffer, length, 512, Rcode::NOERROR, false) else {
                assert!(spare < OptWriter::OCTETS);
                assert_eq!(buffer[10..12], [0, 1]);
                continue;
            };
            let fits = opt.option(OptionCode::NSID, &[b"twelve octets"[..].split_at(1).1]).is_ok();
            assert_eq!(fits, spare >= OptWriter::OCTETS + 4 + 12);
            let end = opt.close();
            assert_eq!(end, length + 11 + if fits { 16 } else { 0 });
        }
    }
}
