//! Reads a query in one pass, without allocating: header, question, EDNS, and where a TSIG stands.
//!
//! Does not decide what to answer; says only what a message is.

mod held;

use super::header::u16_at;
use super::{Class, Edns, Flags, HashedName, NameError, Opcode, Rtype};
use crate::base::limits::{HEADER_OCTETS, LABEL_OCTETS_MAX};

/// A readable query.
///
/// Having a `Query` tells you: opcode QUERY, one question with an uncompressed name of at most 255 octets, an empty
/// answer section, every additional record within the message, at most one OPT (owned by the root, its options of true
/// length), at most one TSIG and that last, and nothing behind the last record.
#[derive(Debug)]
pub struct Query<'q> {
    message: &'q [u8],
    /// The name that was asked for, in lower case and hashed.
    pub name: &'q HashedName,
    /// The type that was asked for.
    pub qtype: Rtype,
    /// The class that was asked for.
    pub qclass: Class,
    /// The OPT record (RFC 6891), if there is one.
    pub edns: Option<Edns>,
    /// Where the TSIG record starts (RFC 8945), if there is one.
    pub tsig_at: Option<usize>,
}

/// Why a message is no query that can be answered with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAQuery {
    /// Shorter than a header, or a response: it gets no reply at all, or two servers could talk for ever.
    Silent,
    /// Its opcode is another one.
    Opcode(Opcode),
    /// It asks nothing: with a COOKIE option, for a cookie alone (RFC 7873 section 5.4).
    NoQuestion,
    /// It is broken.
    Malformed,
}

impl<'q> Query<'q> {
    /// Reads `message`; `name` is where the question's name is put.
    #[inline]
    pub fn parse(message: &'q [u8], name: &'q mut HashedName) -> Result<Self, NotAQuery> {
        let Some(header) = message.first_chunk::<HEADER_OCTETS>() else { return Err(NotAQuery::Silent) };
        let flags = Flags(u16::from_be_bytes([header[2], header[3]]));
        if flags.has(Flags::QR) {
            return Err(NotAQuery::Silent);
        }
        if flags.opcode() != Opcode::QUERY {
            return Err(NotAQuery::Opcode(flags.opcode()));
        }
        // RFC 9619 section 4: a QUERY has exactly one question.
        if header[4..8] != [0, 1, 0, 0] {
            let nothing = header[4..10] == [0; 6];
            return Err(if nothing { NotAQuery::NoQuestion } else { NotAQuery::Malformed });
        }
        let name_length = name.read(&message[HEADER_OCTETS..]).map_err(|_: NameError| NotAQuery::Malformed)?;
        let name: &HashedName = name;
        let rest = message.get(HEADER_OCTETS + name_length..).and_then(|rest| rest.first_chunk::<4>());
        let question = rest.ok_or(NotAQuery::Malformed)?;
        let mut query = Self {
            message,
            name,
            qtype: Rtype(u16::from_be_bytes([question[0], question[1]])),
            qclass: Class(u16::from_be_bytes([question[2], question[3]])),
            edns: None,
            tsig_at: None,
        };
        let (authority, additional) =
            (u16::from_be_bytes([header[8], header[9]]), u16::from_be_bytes([header[10], header[11]]));
        match (authority, additional) {
            (0, 0) if query.question_end() == message.len() => {}
            (0, 1) if let Some(edns) = Edns::bare(&message[query.question_end()..]) => query.edns = Some(edns),
            _ => query.read_records(authority, additional)?,
        }
        Ok(query)
    }

    fn read_records(&mut self, authority: u16, additional: u16) -> Result<(), NotAQuery> {
        let mut at = self.question_end();
        // RFC 1995 section 3: only IXFR brings something in the authority section, the client's SOA.
        if authority != 0 {
            if self.qtype != Rtype::IXFR {
                return Err(NotAQuery::Malformed);
            }
            for _ in 0..authority {
                at = RecordBounds::at(self.message, at).ok_or(NotAQuery::Malformed)?.end;
            }
        }
        for left in (0..additional).rev() {
            let record = RecordBounds::at(self.message, at).ok_or(NotAQuery::Malformed)?;
            match record.rtype {
                Rtype::OPT if self.edns.is_some() || record.fixed != at + 1 => return Err(NotAQuery::Malformed),
                Rtype::OPT => {
                    self.edns = Some(Edns::read(self.message, record.fixed, record.end).ok_or(NotAQuery::Malformed)?);
                }
                // RFC 8945 section 5.1: a TSIG is the last record, and so the only one.
                Rtype::TSIG if left != 0 => return Err(NotAQuery::Malformed),
                Rtype::TSIG => self.tsig_at = Some(at),
                _ => {}
            }
            at = record.end;
        }
        if at == self.message.len() { Ok(()) } else { Err(NotAQuery::Malformed) }
    }

    /// The message as it came.
    #[inline]
    pub fn message(&self) -> &'q [u8] {
        self.message
    }

    /// The message id.
    #[inline]
    pub fn id(&self) -> [u8; 2] {
        [self.message[0], self.message[1]]
    }

    /// The header's flags.
    #[inline]
    pub fn flags(&self) -> Flags {
        Flags(u16::from_be_bytes([self.message[2], self.message[3]]))
    }

    /// Where the question section ends.
    #[inline]
    pub fn question_end(&self) -> usize {
        HEADER_OCTETS + self.name.wire().len() + 4
    }

    /// The question as it came and what follows it, and how many octets it has.
    #[inline]
    pub fn question_and_more(&self) -> (&'q [u8], usize) {
        (&self.message[HEADER_OCTETS..], self.question_end() - HEADER_OCTETS)
    }

    /// The question as it came, its case kept.
    #[inline]
    pub fn question(&self) -> &'q [u8] {
        &self.message[HEADER_OCTETS..self.question_end()]
    }

    /// Whether DNSSEC records are wanted.
    #[inline]
    pub fn dnssec_ok(&self) -> bool {
        self.edns.as_ref().is_some_and(|edns| edns.dnssec_ok)
    }
}

impl Edns {
    /// The OPT record of a message that is no query to be answered: of another opcode, or broken. Where it is broken itself
    /// (it has a name, is not the only one, or its options lie about their length), its options are none and malformed. None
    /// where the additional section has no OPT record that is whole.
    pub fn find(message: &[u8]) -> Option<Self> {
        let counts: [u16; 4] = std::array::from_fn(|index| u16_at(message, 4 + 2 * index).unwrap_or(0));
        let [questions, answers, authorities, additionals] = counts;
        let mut at = HEADER_OCTETS;
        for _ in 0..questions {
            at = skip_name(message, at)? + 4;
        }
        for _ in 0..u32::from(answers) + u32::from(authorities) {
            at = RecordBounds::at(message, at)?.end;
        }
        let mut found = None;
        for _ in 0..additionals {
            let Some(record) = RecordBounds::at(message, at) else { break };
            if record.rtype == Rtype::OPT {
                let is_good = found.is_none() && record.fixed == at + 1;
                let good = if is_good { Self::read(message, record.fixed, record.end) } else { None };
                found = good.or_else(|| Self::broken(message, record.fixed));
            }
            at = record.end;
        }
        found
    }
}

/// Where one record of a message stands.
struct RecordBounds {
    rtype: Rtype,
    /// Where TYPE stands, behind the owner.
    fixed: usize,
    end: usize,
}

impl RecordBounds {
    #[inline]
    fn at(message: &[u8], start: usize) -> Option<Self> {
        let fixed = skip_name(message, start)?;
        let rtype = Rtype(u16_at(message, fixed)?);
        let end = fixed + 10 + usize::from(u16_at(message, fixed + 8)?);
        (end <= message.len()).then_some(Self { rtype, fixed, end })
    }
}

/// Where the name ends that starts at `at`, compressed or not; pointers are not followed, so this cannot loop.
#[inline]
fn skip_name(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*message.get(at)?);
        match length {
            0 => return Some(at + 1),
            1..=LABEL_OCTETS_MAX => at += 1 + length,
            0xc0.. => return Some(at + 2),
            _ => return None,
        }
    }
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;
