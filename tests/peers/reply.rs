//! Replies as sets: each section's records without regard to their order, and to case in names.
//!
//! Reads the wire by RFC 1035 section 4 alone; shares no code with any of the servers. Stricter than a resolver: what
//! trails, an RRset with two TTLs and a record that is there twice are told, for they are differences too.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::data::{Label, Name, OPT, RRSIG, Record};
use crate::types::{mnemonic, name_text, parts, rdata_text};

pub const QR: u16 = 0x8000;
pub const AA: u16 = 0x0400;
pub const TC: u16 = 0x0200;
pub const RD: u16 = 0x0100;
pub const RA: u16 = 0x0080;
pub const AD: u16 = 0x0020;
pub const CD: u16 = 0x0010;

/// The three sections, by their numbers.
pub const SECTIONS: [&str; 3] = ["ANSWER", "AUTHORITY", "ADDITIONAL"];
pub const ANSWER: usize = 0;
pub const AUTHORITY: usize = 1;
pub const ADDITIONAL: usize = 2;

/// A record without its TTL, as it is compared: names in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub owner: Name,
    pub rtype: u16,
    pub class: u16,
    /// Uncompressed, its names in lower case.
    pub rdata: Vec<u8>,
}

impl Key {
    /// A record of a zone as it is compared.
    pub fn of(record: &Record) -> Self {
        let mut rdata = Vec::new();
        for field in &record.rdata {
            match field {
                crate::data::Field::Octets(octets) => rdata.extend_from_slice(octets),
                crate::data::Field::Name(name) => rdata.extend(lower(name).wire()),
            }
        }
        Self { owner: lower(&record.owner), rtype: record.rtype, class: 1, rdata }
    }

    /// The type that a signature covers.
    pub fn covers(&self) -> Option<u16> {
        let covered = self.rdata.first_chunk::<2>().filter(|_| self.rtype == RRSIG);
        covered.map(|octets| u16::from_be_bytes(*octets))
    }
}

/// The name in lower case.
pub fn lower(name: &Name) -> Name {
    Name(name.0.iter().map(|label| Label(label.0.to_ascii_lowercase())).collect())
}

/// The OPT record of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opt {
    pub payload: u16,
    pub version: u8,
    pub dnssec_ok: bool,
}

/// A reply that was read to its last octet.
#[derive(Clone, Debug)]
pub struct Reply {
    pub id: u16,
    pub flags: u16,
    /// With the upper bits from the OPT record.
    pub rcode: u16,
    pub question: Vec<u8>,
    /// The TTLs under which each record is there: one, unless something is wrong.
    pub sections: [BTreeMap<Key, Vec<u32>>; 3],
    pub opt: Option<Opt>,
    pub octets: usize,
}

impl Reply {
    pub fn read(wire: &[u8]) -> Result<Self, String> {
        let mut reader = Reader { wire, at: 0 };
        let [id, flags, questions, answers, authorities, additionals] = reader.fields()?;
        for _ in 0..questions {
            reader.name()?;
            reader.take(4)?;
        }
        let question = wire[12.min(reader.at)..reader.at].to_vec();
        let mut reply = Self {
            id,
            flags,
            rcode: flags & 0xf,
            question,
            sections: Default::default(),
            opt: None,
            octets: wire.len(),
        };
        for (section, count) in [answers, authorities, additionals].into_iter().enumerate() {
            for _ in 0..count {
                reader.record(&mut reply, section)?;
            }
        }
        if reader.at == wire.len() { Ok(reply) } else { Err(format!("{} octets trail", wire.len() - reader.at)) }
    }

    pub fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    /// Whether it has no records.
    pub fn is_empty(&self) -> bool {
        self.sections.iter().all(BTreeMap::is_empty)
    }

    /// The records of a type in a section.
    pub fn of_type(&self, section: usize, rtype: u16) -> impl Iterator<Item = &Key> {
        self.sections[section].keys().filter(move |key| key.rtype == rtype)
    }

    /// The reply as `dig` prints one.
    pub fn text(&self) -> String {
        let flags = [(QR, "qr"), (AA, "aa"), (TC, "tc"), (RD, "rd"), (RA, "ra"), (AD, "ad"), (CD, "cd")];
        let flags: Vec<&str> = flags.iter().filter(|row| self.has(row.0)).map(|row| row.1).collect();
        let mut text = format!(
            ";; ->>HEADER<<- opcode: QUERY, status: {}, id: {}\n;; flags: {}; ANSWER: {}, AUTHORITY: {}, ADDITIONAL: {}\n",
            rcode_text(self.rcode),
            self.id,
            flags.join(" "),
            self.sections[0].len(),
            self.sections[1].len(),
            self.sections[2].len() + usize::from(self.opt.is_some()),
        );
        if let Some(opt) = self.opt {
            let flags = if opt.dnssec_ok { " do" } else { "" };
            let _ = writeln!(text, "; EDNS: version: {}, flags:{flags}; udp: {}", opt.version, opt.payload);
        }
        for (section, records) in self.sections.iter().enumerate().filter(|(_, records)| !records.is_empty()) {
            let _ = writeln!(text, ";; {} SECTION:", SECTIONS[section]);
            for (key, ttls) in records {
                for ttl in ttls {
                    let _ = writeln!(text, "{}", record_text(key, *ttl));
                }
            }
        }
        let _ = writeln!(text, ";; MSG SIZE: {}", self.octets);
        text
    }
}

pub fn record_text(key: &Key, ttl: u32) -> String {
    let class = if key.class == 1 { "IN".to_owned() } else { format!("CLASS{}", key.class) };
    let (owner, rtype) = (name_text(&key.owner), mnemonic(key.rtype));
    format!("{owner}\t{ttl}\t{class}\t{rtype}\t{}", rdata_text(key.rtype, &key.rdata))
}

pub fn rcode_text(rcode: u16) -> String {
    const NAMES: [&str; 7] = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN"];
    NAMES.get(usize::from(rcode)).map_or_else(|| format!("RCODE{rcode}"), |name| (*name).to_owned())
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

    fn fields<const N: usize>(&mut self) -> Result<[u16; N], String> {
        let mut fields = [0; N];
        for field in &mut fields {
            let octets = self.take(2)?;
            *field = u16::from_be_bytes([octets[0], octets[1]]);
        }
        Ok(fields)
    }

    fn name(&mut self) -> Result<Name, String> {
        let (mut labels, mut at, mut bound, mut end) = (Vec::new(), self.at, self.at, None);
        loop {
            let first = *self.wire.get(at).ok_or("a name is cut off")?;
            match first {
                0 => break,
                1..=63 => {
                    let label = self.wire.get(at + 1..at + 1 + usize::from(first)).ok_or("a label is cut off")?;
                    labels.push(Label(label.to_ascii_lowercase()));
                    at += 1 + usize::from(first);
                }
                0xc0.. => {
                    let low = *self.wire.get(at + 1).ok_or("a pointer is cut off")?;
                    let target = usize::from(u16::from_be_bytes([first & 0x3f, low]));
                    if target >= bound {
                        return Err(format!("the name at {} points to {target}, not back", self.at));
                    }
                    end = end.or(Some(at + 2));
                    (at, bound) = (target, target);
                }
                _ => return Err(format!("the name at {} has a length octet {first:#x}", self.at)),
            }
        }
        self.at = end.unwrap_or(at + 1);
        labels.reverse();
        let name = Name(labels);
        if name.octets() > 255 { Err("a name is too long".to_owned()) } else { Ok(name) }
    }

    fn record(&mut self, reply: &mut Reply, section: usize) -> Result<(), String> {
        let owner = self.name()?;
        let [rtype, class, ttl_high, ttl_low, octets] = self.fields()?;
        let end = self.at + usize::from(octets);
        if rtype == OPT {
            let [rcode, version] = ttl_high.to_be_bytes();
            let opt = Opt { payload: class, version, dnssec_ok: ttl_low & 0x8000 != 0 };
            if section != ADDITIONAL || !owner.is_root() || reply.opt.replace(opt).is_some() {
                return Err("OPT is not as RFC 6891 has it".to_owned());
            }
            reply.rcode |= u16::from(rcode) << 4;
            self.take(usize::from(octets))?;
            return Ok(());
        }
        let rdata = self.rdata(rtype, end)?;
        let key = Key { owner, rtype, class, rdata };
        reply.sections[section].entry(key).or_default().push(u32::from(ttl_high) << 16 | u32::from(ttl_low));
        Ok(())
    }

    /// Rdata without compression, its names in lower case. Names may be compressed wherever a receiver must expect it
    /// (RFC 3597 section 4).
    fn rdata(&mut self, rtype: u16, end: usize) -> Result<Vec<u8>, String> {
        let mut rdata = Vec::new();
        for part in parts(rtype).chars() {
            let octets = match part {
                'n' => {
                    rdata.extend(self.name()?.wire());
                    continue;
                }
                'b' => 1,
                'h' => 2,
                'w' | '4' => 4,
                '6' => 16,
                's' => 1 + usize::from(*self.wire.get(self.at).ok_or("a string is cut off")?),
                _ => end.checked_sub(self.at).ok_or("rdata runs over its end")?,
            };
            rdata.extend_from_slice(self.take(octets)?);
        }
        if self.at == end { Ok(rdata) } else { Err(format!("RDLENGTH of {} is wrong", mnemonic(rtype))) }
    }
}
