//! Zones, records and questions as plain lists: what the model reasons about.
//!
//! Knows neither messages nor the real server; names compare without regard to case and remember how they were spelt.

use std::cmp::Ordering;
use std::fmt;

pub const A: u16 = 1;
pub const NS: u16 = 2;
pub const CNAME: u16 = 5;
pub const SOA: u16 = 6;
pub const PTR: u16 = 12;
pub const MX: u16 = 15;
pub const TXT: u16 = 16;
pub const AAAA: u16 = 28;
pub const SRV: u16 = 33;
pub const DNAME: u16 = 39;
pub const OPT: u16 = 41;
pub const DS: u16 = 43;
pub const RRSIG: u16 = 46;
pub const NSEC: u16 = 47;
pub const SVCB: u16 = 64;
pub const HTTPS: u16 = 65;
pub const ANY: u16 = 255;
/// A type that no server knows (the private range of RFC 6895 section 3.1).
pub const UNKNOWN: u16 = 65_280;

pub const CLASS_IN: u16 = 1;
pub const CLASS_ANY: u16 = 255;

const MNEMONICS: [(u16, &str); 16] = [
    (A, "A"),
    (NS, "NS"),
    (CNAME, "CNAME"),
    (SOA, "SOA"),
    (PTR, "PTR"),
    (MX, "MX"),
    (TXT, "TXT"),
    (AAAA, "AAAA"),
    (SRV, "SRV"),
    (DNAME, "DNAME"),
    (OPT, "OPT"),
    (DS, "DS"),
    (RRSIG, "RRSIG"),
    (SVCB, "SVCB"),
    (HTTPS, "HTTPS"),
    (ANY, "ANY"),
];

/// The mnemonic of a type, or its form by RFC 3597.
pub fn type_text(rtype: u16) -> String {
    let known = MNEMONICS.iter().find(|row| row.0 == rtype);
    known.map_or_else(|| format!("TYPE{rtype}"), |row| row.1.to_owned())
}

/// The type of a mnemonic.
pub fn type_of(text: &str) -> u16 {
    MNEMONICS.iter().find(|row| row.1 == text).expect("a mnemonic of the table").0
}

/// One label.
#[derive(Clone)]
pub struct Label(pub Vec<u8>);

impl PartialEq for Label {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Label {}

impl Ord for Label {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.iter().map(u8::to_ascii_lowercase).cmp(other.0.iter().map(u8::to_ascii_lowercase))
    }
}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A name: its labels from the root side, so that "at or below" is "starts with". The root has none.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Name(pub Vec<Label>);

impl Name {
    /// Reads plain text; there are no escapes in the model's names.
    pub fn from_text(text: &str) -> Self {
        let labels = text.split('.').filter(|label| !label.is_empty());
        Self(labels.rev().map(|label| Label(label.as_bytes().to_vec())).collect())
    }

    pub fn is_at_or_below(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    pub fn is_below(&self, other: &Self) -> bool {
        self.is_at_or_below(other) && self != other
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub fn is_wildcard(&self) -> bool {
        self.0.last().is_some_and(|label| label.0 == b"*")
    }

    /// How many labels it has.
    pub fn depth(&self) -> usize {
        self.0.len()
    }

    /// The ancestor (or the name itself) with `depth` labels.
    pub fn ancestor(&self, depth: usize) -> Self {
        Self(self.0[..depth].to_vec())
    }

    pub fn child(&self, label: &str) -> Self {
        let mut labels = self.0.clone();
        labels.push(Label(label.as_bytes().to_vec()));
        Self(labels)
    }

    /// The name with `new` in place of `old`, which it is below.
    pub fn with_suffix(&self, old: &Self, new: &Self) -> Self {
        Self(new.0.iter().chain(&self.0[old.depth()..]).cloned().collect())
    }

    /// Its length in a message, which may be too much for a name.
    pub fn octets(&self) -> usize {
        1 + self.0.iter().map(|label| 1 + label.0.len()).sum::<usize>()
    }

    /// Its uncompressed wire form.
    pub fn wire(&self) -> Vec<u8> {
        let mut wire = Vec::with_capacity(self.octets());
        for label in self.0.iter().rev() {
            wire.push(u8::try_from(label.0.len()).expect("a label"));
            wire.extend_from_slice(&label.0);
        }
        wire.push(0);
        wire
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for label in self.0.iter().rev() {
            write!(f, "{}.", label.0.escape_ascii())?;
        }
        if self.is_root() { f.write_str(".") } else { Ok(()) }
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A piece of rdata.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    Octets(Vec<u8>),
    Name(Name),
}

/// A resource record of class IN.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record {
    pub owner: Name,
    pub rtype: u16,
    pub ttl: u32,
    pub rdata: Vec<Field>,
}

impl Record {
    /// Its rdata in uncompressed wire form.
    pub fn rdata_wire(&self) -> Vec<u8> {
        let mut wire = Vec::new();
        for field in &self.rdata {
            match field {
                Field::Octets(octets) => wire.extend_from_slice(octets),
                Field::Name(name) => wire.extend(name.wire()),
            }
        }
        wire
    }

    /// The first name in its rdata: the target of an NS, CNAME, DNAME, MX, SRV, SVCB.
    pub fn target(&self) -> Option<&Name> {
        self.rdata.iter().find_map(|field| match field {
            Field::Name(name) => Some(name),
            Field::Octets(_) => None,
        })
    }

    /// Whether it is a signature over the RRset of this type at its owner (RFC 4034 section 3.1.1).
    pub fn covers(&self, rtype: u16) -> bool {
        matches!(self.rdata.first(), Some(Field::Octets(octets))
            if self.rtype == RRSIG && octets.starts_with(&rtype.to_be_bytes()))
    }

    /// The same record at another owner: what a wildcard synthesises.
    pub fn at(&self, owner: &Name) -> Self {
        Self { owner: owner.clone(), ..self.clone() }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.owner, self.ttl, type_text(self.rtype))?;
        for field in &self.rdata {
            match field {
                Field::Name(name) => write!(f, " {name}")?,
                Field::Octets(octets) => {
                    f.write_str(" ")?;
                    octets.iter().try_for_each(|octet| write!(f, "{octet:02x}"))?;
                }
            }
        }
        Ok(())
    }
}

/// A zone: its apex and its records, in any order.
#[derive(Clone, Debug)]
pub struct Zone {
    pub apex: Name,
    pub records: Vec<Record>,
}

impl Zone {
    /// The records at exactly this name.
    pub fn at<'a>(&'a self, name: &'a Name) -> impl Iterator<Item = &'a Record> + Clone {
        self.records.iter().filter(move |record| record.owner == *name)
    }

    /// Whether the name has a record of the type.
    pub fn has(&self, name: &Name, rtype: u16) -> bool {
        self.at(name).any(|record| record.rtype == rtype)
    }

    /// Whether the name exists: it or a name below it owns a record (RFC 4592 section 2.2.2).
    pub fn exists(&self, name: &Name) -> bool {
        self.records.iter().any(|record| record.owner.is_at_or_below(name))
    }

    /// Whether the name owns a zone cut: NS records that are not the apex's.
    pub fn is_cut(&self, name: &Name) -> bool {
        *name != self.apex && self.has(name, NS)
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub name: Name,
    pub rtype: u16,
    pub class: u16,
    /// Whether signatures are wanted (RFC 3225).
    pub dnssec_ok: bool,
}
