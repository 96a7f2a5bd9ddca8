//! Messages of the tests: writes queries, reads replies and is strict about them.
//!
//! Knows the wire format from RFC 1035 section 4 alone; shares no code with the server under test.

use std::ops::Range;

use gannet::base::limits::{HEADER_OCTETS, NAME_OCTETS_MAX, UDP_OCTETS_DEFAULT, UDP_OCTETS_PLAIN};

use super::data::*;

/// A query: a question and all that shapes the reply besides.
#[derive(Clone, Debug)]
pub struct Query {
    pub question: Question,
    pub id: u16,
    /// The RD, AD and CD bits as they stand in the header's third and fourth octet.
    pub flags: u16,
    /// The payload size of its OPT record, if it has one.
    pub edns: Option<u16>,
}

pub const RD: u16 = 0x0100;
pub const AD: u16 = 0x0020;
pub const CD: u16 = 0x0010;

impl Query {
    /// The octets that a reply to it may have over UDP: what it offers within what the server uses at most, and sizes
    /// below 512 mean 512 (RFC 6891 section 6.2.5).
    pub fn udp_limit(&self) -> usize {
        self.edns.map_or(UDP_OCTETS_PLAIN, |size| usize::from(size).clamp(UDP_OCTETS_PLAIN, UDP_OCTETS_DEFAULT))
    }

    /// The message.
    pub fn wire(&self) -> Vec<u8> {
        let mut wire = Vec::new();
        for field in [self.id, self.flags, 1, 0, 0, u16::from(self.edns.is_some())] {
            wire.extend(field.to_be_bytes());
        }
        wire.extend(self.question.name.wire());
        wire.extend(self.question.rtype.to_be_bytes());
        wire.extend(self.question.class.to_be_bytes());
        if let Some(size) = self.edns {
            wire.push(0);
            wire.extend(OPT.to_be_bytes());
            wire.extend(size.to_be_bytes());
            wire.extend([0, 0, if self.question.dnssec_ok { 0x80 } else { 0 }, 0, 0, 0]);
        }
        wire
    }
}

/// The OPT record of a reply.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    pub extended_rcode: u8,
    pub version: u8,
    pub dnssec_ok: bool,
}

/// A reply that was read to its last octet.
///
/// Having one tells you: its counts are right, nothing trails, names are whole and their pointers go backwards only,
/// OPT is there once at most, and no record is there twice.
#[derive(Clone, Debug)]
pub struct Reply {
    pub id: u16,
    pub flags: u16,
    /// Name, type and class as they stand in the message; nothing if it has no question.
    pub question: Vec<u8>,
    pub answer: Vec<Record>,
    pub authority: Vec<Record>,
    pub additional: Vec<Record>,
    pub opt: Option<Opt>,
    pub octets: usize,
}

impl Reply {
    /// Reads a reply to one question, or to what was none.
    pub fn read(wire: &[u8]) -> Result<Self, String> {
        let mut reader = Reader { wire, at: 0 };
        let [id, flags, questions, answers, authorities, additionals] = reader.fields()?;
        for _ in 0..questions {
            reader.name(false)?;
            reader.take(4)?;
        }
        if questions > 1 {
            return Err(format!("{questions} questions"));
        }
        let question = wire[HEADER_OCTETS..reader.at].to_vec();
        let mut opt = None;
        let answer = reader.section(answers, &mut None)?;
        let authority = reader.section(authorities, &mut None)?;
        let additional = reader.section(additionals, &mut Some(&mut opt))?;
        if reader.at != wire.len() {
            return Err(format!("{} octets trail", wire.len() - reader.at));
        }
        let mut all: Vec<&Record> = answer.iter().chain(&authority).chain(&additional).collect();
        all.sort();
        if let Some(twice) = all.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("twice in the message: {:?}", twice[0]));
        }
        Ok(Self { id, flags, question, answer, authority, additional, opt, octets: wire.len() })
    }

    pub fn rcode(&self) -> u8 {
        (self.flags & 0xf) as u8
    }

    pub fn aa(&self) -> bool {
        self.flags & 0x0400 != 0
    }

    pub fn tc(&self) -> bool {
        self.flags & 0x0200 != 0
    }
}

/// A place in a message.
struct Reader<'a> {
    wire: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, octets: usize) -> Result<&'a [u8], String> {
        let taken = self.wire.get(self.at..self.at + octets).ok_or_else(|| format!("cut off at {}", self.at))?;
        self.at += octets;
        Ok(taken)
    }

    fn u16(&mut self) -> Result<u16, String> {
        let octets = self.take(2)?;
        Ok(u16::from_be_bytes([octets[0], octets[1]]))
    }

    fn fields<const N: usize>(&mut self) -> Result<[u16; N], String> {
        let mut fields = [0; N];
        for field in &mut fields {
            *field = self.u16()?;
        }
        Ok(fields)
    }

    /// A name; every pointer must go further back than all before it (RFC 1035 section 4.1.4: a prior occurrence).
    fn name(&mut self, may_compress: bool) -> Result<Name, String> {
        let start = self.at;
        let (mut labels, mut at, mut bound, mut end) = (Vec::new(), self.at, self.at, None);
        loop {
            let first = *self.wire.get(at).ok_or("a name is cut off")?;
            match first {
                0 => break,
                1..=63 => {
                    let label = self.wire.get(at + 1..at + 1 + usize::from(first)).ok_or("a label is cut off")?;
                    labels.push(Label(label.to_vec()));
                    at += 1 + usize::from(first);
                }
                0xc0.. if may_compress => {
                    let low = *self.wire.get(at + 1).ok_or("a pointer is cut off")?;
                    let target = usize::from(u16::from_be_bytes([first & 0x3f, low]));
                    if target >= bound || target < HEADER_OCTETS {
                        return Err(format!("the name at {start} points to {target}, not back"));
                    }
                    end = end.or(Some(at + 2));
                    (at, bound) = (target, target);
                }
                _ => return Err(format!("the name at {start} has a length octet {first:#x}")),
            }
        }
        self.at = end.unwrap_or(at + 1);
        labels.reverse();
        let name = Name(labels);
        if name.octets() > NAME_OCTETS_MAX { Err(format!("the name at {start} is too long")) } else { Ok(name) }
    }

    /// The records of a section; an OPT record only where there is a place for it.
    fn section(&mut self, count: u16, opt: &mut Option<&mut Option<Opt>>) -> Result<Vec<Record>, String> {
        let mut records = Vec::new();
        for _ in 0..count {
            let owner = self.name(true)?;
            let [rtype, class, ttl_high, ttl_low, octets] = self.fields()?;
            let end = self.at + usize::from(octets);
            if rtype == OPT {
                let place = opt.as_deref_mut().ok_or("OPT outside the additional section")?;
                let [extended_rcode, version] = ttl_high.to_be_bytes();
                let found = Opt { extended_rcode, version, dnssec_ok: ttl_low == 0x8000 };
                if !owner.is_root() || place.replace(found).is_some() || ttl_low & 0x7fff != 0 {
                    return Err("OPT is not as RFC 6891 has it".to_owned());
                }
                self.take(usize::from(octets))?;
                continue;
            }
            if class != CLASS_IN {
                return Err(format!("a record of class {class}"));
            }
            let rdata = self.rdata(rtype, self.at..end)?;
            if self.at != end {
                return Err(format!("RDLENGTH of {} {owner} is wrong", type_text(rtype)));
            }
            records.push(Record { owner, rtype, ttl: u32::from(ttl_high) << 16 | u32::from(ttl_low), rdata });
        }
        Ok(records)
    }

    /// Rdata in the same pieces as the generator makes it.
    fn rdata(&mut self, rtype: u16, range: Range<usize>) -> Result<Vec<Field>, String> {
        // Octets before the names, names, whether they may be compressed (RFC 3597 section 4: in the types of RFC 1035
        // alone), and whether more follows them.
        let (before, names, may_compress, more) = match rtype {
            NS | CNAME | PTR => (0, 1, true, false),
            SOA => (0, 2, true, true),
            MX => (2, 1, true, false),
            DNAME => (0, 1, false, false),
            SRV => (6, 1, false, false),
            SVCB | HTTPS => (2, 1, false, true),
            RRSIG => (18, 1, false, true),
            _ => (0, 0, false, true),
        };
        let mut fields = Vec::new();
        if before > 0 {
            fields.push(Field::Octets(self.take(before)?.to_vec()));
        }
        for _ in 0..names {
            fields.push(Field::Name(self.name(may_compress)?));
        }
        let rest = range.end.checked_sub(self.at).ok_or("rdata runs over its end")?;
        if rest > 0 && more {
            fields.push(Field::Octets(self.take(rest)?.to_vec()));
        }
        Ok(fields)
    }
}
