//! The RR types: one row of one table each, with the fields of its rdata.
//!
//! Does not know how a field is read or written: that is [`rdata`](super::rdata).

use std::fmt;

use super::rdata::{
    self, ALGORITHMS, CERTIFICATES, DEGREES, Field, KEY_PROTOCOLS, LOCATOR, METRES, NameForm, PROTOCOLS, SCHEMES,
};
use crate::base::octets::short;

/// A record type or, in a question, a QTYPE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rtype(pub u16);

/// What is known of a type. Names, checks, text form and name layout all come from its row.
pub(super) struct Row {
    rtype: Rtype,
    mnemonic: &'static str,
    /// The mnemonic's octets as [`short`] gives them.
    octets: u128,
    pub(super) fields: &'static [Field],
    layout: NameLayout,
    /// Whether the canonical form lower-cases names in the rdata (RFC 4034 section 6.2).
    pub(super) has_lowered_names: bool,
}

/// Where names stand in the rdata of a type: `names` of them in a row after `prefix` octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameLayout {
    /// Octets before the first name.
    pub prefix: u8,
    /// How many names follow each other; 0 where the type has none at a fixed place.
    pub names: u8,
    /// Whether a message may compress them (RFC 3597 section 4: only the types of RFC 1035).
    pub compressible: bool,
}

/// The mnemonic of a row: its constant's name, unless the registry spells it as no identifier can.
macro_rules! mnemonic {
    ($name:ident) => {
        stringify!($name)
    };
    ($name:ident $mnemonic:literal) => {
        $mnemonic
    };
}

macro_rules! types {
    ($($name:ident $(($mnemonic:literal))? = $code:literal [$($field:expr),*],)+) => {
        #[allow(missing_docs)] // the mnemonic is the documentation: IANA's registry of RR types
        impl Rtype {
            $(pub const $name: Self = Self($code);)+
        }

        /// Row 0 stands for every type without a row of its own; the others ascend by code.
        static ROWS: [Row; [$($code),+].len() + 1] = [
            Row::new(0, "", &[Opaque]),
            $(Row::new($code, mnemonic!($name $($mnemonic)?), &[$($field),*]),)+
        ];
    };
}

use Field::*;

/// A name in the types of RFC 1035, in the others that RFC 4034 section 6.2 lists, and in the rest.
const NAME_1035: Field = Name(NameForm::Compressible);
const NAME_4034: Field = Name(NameForm::Lowered);
const NAME: Field = Name(NameForm::Verbatim);
const ALGORITHM: Field = Code(&ALGORITHMS);

// `Opaque` alone: no text form but the generic one.
types! {
    A = 1 [Ipv4],
    NS = 2 [NAME_1035],
    MD = 3 [NAME_1035],
    MF = 4 [NAME_1035],
    CNAME = 5 [NAME_1035],
    SOA = 6 [NAME_1035, NAME_1035, U32, Period, Period, Period, Period],
    MB = 7 [NAME_1035],
    MG = 8 [NAME_1035],
    MR = 9 [NAME_1035],
    NULL = 10 [Opaque],
    WKS = 11 [Ipv4, Code(&PROTOCOLS), Services],
    PTR = 12 [NAME_1035],
    HINFO = 13 [CharString, CharString],
    MINFO = 14 [NAME_1035, NAME_1035],
    MX = 15 [U16, NAME_1035],
    TXT = 16 [CharStrings],
    RP = 17 [NAME_4034, NAME_4034],
    AFSDB = 18 [U16, NAME_4034],
    X25 = 19 [X25],
    ISDN = 20 [CharString, OptionalString],
    RT = 21 [U16, NAME_4034],
    NSAP = 22 [Nsap],
    NSAP_PTR ("NSAP-PTR") = 23 [NAME],
    SIG = 24 [Type, ALGORITHM, U8, U32, Time, Time, U16, NAME_4034, Base64],
    KEY = 25 [KeyFlags, Code(&KEY_PROTOCOLS), ALGORITHM, OptionalBase64],
    PX = 26 [U16, NAME_4034, NAME_4034],
    GPOS = 27 [Decimal(&DEGREES), Decimal(&DEGREES), Decimal(&METRES)],
    AAAA = 28 [Ipv6],
    LOC = 29 [Location],
    NXT = 30 [NAME_4034, NxtBitmap],
    EID = 31 [Hex],
    NIMLOC = 32 [Hex],
    SRV = 33 [U16, U16, U16, NAME_4034],
    ATMA = 34 [Atma],
    NAPTR = 35 [U16, U16, CharString, CharString, CharString, NAME_4034],
    KX = 36 [U16, NAME_4034],
    CERT = 37 [Code(&CERTIFICATES), U16, ALGORITHM, Base64],
    A6 = 38 [A6],
    DNAME = 39 [NAME_4034],
    SINK = 40 [U8, U8, U8, OptionalBase64],
    OPT = 41 [Opaque],
    APL = 42 [Prefixes],
    DS = 43 [U16, ALGORITHM, U8, Hex],
    SSHFP = 44 [U8, U8, Hex],
    IPSECKEY = 45 [U8, Gateway, OptionalBase64],
    RRSIG = 46 [Type, ALGORITHM, U8, U32, Time, Time, U16, NAME_4034, Base64],
    NSEC = 47 [NAME, TypeBitmap],
    DNSKEY = 48 [U16, U8, ALGORITHM, Base64],
    DHCID = 49 [Base64],
    NSEC3 = 50 [U8, U8, U16, Salt, NextHash, TypeBitmap],
    NSEC3PARAM = 51 [U8, U8, U16, Salt],
    TLSA = 52 [U8, U8, U8, Hex],
    SMIMEA = 53 [U8, U8, U8, Hex],
    HIP = 55 [HostIdentity, Names(NameForm::Verbatim)],
    NINFO = 56 [CharStrings],
    RKEY = 57 [U16, U8, ALGORITHM, Base64],
    TALINK = 58 [NAME, NAME],
    CDS = 59 [U16, ALGORITHM, U8, Hex],
    CDNSKEY = 60 [U16, U8, ALGORITHM, Base64],
    OPENPGPKEY = 61 [Base64],
    CSYNC = 62 [U32, U16, TypeBitmap],
    ZONEMD = 63 [U32, U8, U8, Digest],
    SVCB = 64 [U16, NAME, SvcParams],
    HTTPS = 65 [U16, NAME, SvcParams],
    DSYNC = 66 [Type, Code(&SCHEMES), U16, NAME],
    HHIT = 67 [Base64],
    BRID = 68 [Base64],
    SPF = 99 [CharStrings],
    NID = 104 [U16, Grouped(&LOCATOR)],
    L32 = 105 [U16, Ipv4],
    L64 = 106 [U16, Grouped(&LOCATOR)],
    LP = 107 [U16, NAME],
    EUI48 = 108 [Grouped(&rdata::EUI48)],
    EUI64 = 109 [Grouped(&rdata::EUI64)],
    NXNAME = 128 [Opaque],
    TKEY = 249 [Opaque],
    TSIG = 250 [Opaque],
    IXFR = 251 [Opaque],
    AXFR = 252 [Opaque],
    MAILB = 253 [Opaque],
    MAILA = 254 [Opaque],
    ANY = 255 [Opaque],
    URI = 256 [U16, U16, UriTarget],
    CAA = 257 [U8, CaaTag, CaaValue],
    AVC = 258 [CharStrings],
    DOA = 259 [U32, U32, U8, CharString, Base64OrDash],
    AMTRELAY = 260 [U8, Relay],
    RESINFO = 261 [CharStrings],
    WALLET = 262 [CharStrings],
    CLA = 263 [CharStrings],
    IPN = 264 [Node],
    TA = 32768 [U16, ALGORITHM, U8, Hex],
    DLV = 32769 [U16, ALGORITHM, U8, Hex],
}

/// Codes below this find their row by one array access; the few above it by a search.
const DENSE_CODES: usize = 512;

/// The number of the row of each code below `DENSE_CODES`.
static ROW_BY_CODE: [u8; DENSE_CODES] = {
    let (mut numbers, mut number) = ([0; DENSE_CODES], 1);
    while number < ROWS.len() {
        let code = ROWS[number].rtype.0;
        assert!(number == 1 || ROWS[number - 1].rtype.0 < code, "rows ascend by code");
        if (code as usize) < DENSE_CODES {
            numbers[code as usize] = number as u8;
        }
        number += 1;
    }
    numbers
};

/// Places for mnemonics: about three times the rows, so that a search meets few others.
const MNEMONIC_SLOTS: usize = 512;

/// The numbers of the rows at the hash of their mnemonics, or in the first free place behind it; 0 is free.
static ROW_BY_MNEMONIC: [u8; MNEMONIC_SLOTS] = {
    assert!(ROWS.len() <= 256 && ROWS.len() * 2 <= MNEMONIC_SLOTS);
    let (mut slots, mut number) = ([0; MNEMONIC_SLOTS], 1);
    while number < ROWS.len() {
        let mut slot = mnemonic_slot(ROWS[number].octets);
        while slots[slot] != 0 {
            slot = (slot + 1) % MNEMONIC_SLOTS;
        }
        slots[slot] = number as u8;
        number += 1;
    }
    slots
};

/// Where to begin the search for a mnemonic of these octets: the same in either case.
const fn mnemonic_slot(octets: u128) -> usize {
    let upper = octets & (u128::MAX / 0xff * 0xdf);
    // The factor spreads each octet over the highest bits.
    let hash = (upper as u64 ^ (upper >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (hash >> 40) as usize % MNEMONIC_SLOTS
}

/// More octets than any mnemonic has; longer text is not worth hashing.
const MNEMONIC_OCTETS_MAX: usize = 16;

impl Row {
    const fn new(code: u16, mnemonic: &'static str, fields: &'static [Field]) -> Self {
        assert!(mnemonic.len() <= MNEMONIC_OCTETS_MAX);
        let (mut octets, mut at) = (0, 0);
        while at < mnemonic.len() {
            octets |= (mnemonic.as_bytes()[at] as u128) << (8 * at);
            at += 1;
        }
        let (mut has_lowered_names, mut at) = (false, 0);
        while at < fields.len() {
            has_lowered_names |= fields[at].has_lowered_names();
            at += 1;
        }
        let layout = NameLayout::of(fields);
        Self { rtype: Rtype(code), mnemonic, octets, fields, layout, has_lowered_names }
    }
}

impl NameLayout {
    /// The layout that `fields` make: names behind fields of fixed length.
    const fn of(fields: &[Field]) -> Self {
        let mut layout = Self { prefix: 0, names: 0, compressible: false };
        let mut at = 0;
        while at < fields.len() {
            match (&fields[at], fields[at].fixed_octets()) {
                (Name(form), _) => {
                    layout.names += 1;
                    layout.compressible = matches!(form, NameForm::Compressible);
                }
                (_, Some(octets)) if layout.names == 0 => layout.prefix += octets as u8,
                _ => break,
            }
            at += 1;
        }
        if layout.names == 0 { Self { prefix: 0, names: 0, compressible: false } } else { layout }
    }
}

impl Rtype {
    /// Reads a mnemonic, in any case, or `TYPEnnn` (RFC 3597 section 5).
    pub fn from_text(text: &[u8]) -> Option<Self> {
        if text.len() > MNEMONIC_OCTETS_MAX {
            return None;
        }
        let octets = short(text);
        let mut slot = mnemonic_slot(octets);
        while ROW_BY_MNEMONIC[slot] != 0 {
            let row = &ROWS[usize::from(ROW_BY_MNEMONIC[slot])];
            let same_length = row.mnemonic.len() == text.len();
            if same_length && (row.octets == octets || row.mnemonic.as_bytes().eq_ignore_ascii_case(text)) {
                return Some(row.rtype);
            }
            slot = (slot + 1) % MNEMONIC_SLOTS;
        }
        let digits = text.split_at_checked(4).filter(|parts| parts.0.eq_ignore_ascii_case(b"TYPE"))?.1;
        let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        plain.then(|| std::str::from_utf8(digits).ok()?.parse().ok()).flatten().map(Self)
    }

    /// The mnemonics of all known types that a zone can hold.
    pub fn mnemonics() -> impl Iterator<Item = &'static str> {
        ROWS.iter().filter(|row| !row.rtype.is_meta()).map(|row| row.mnemonic)
    }

    /// Where this type's rdata has names at a fixed place.
    #[inline]
    pub const fn name_layout(self) -> NameLayout {
        self.row().layout
    }

    /// Whether the canonical form has the names of this type's rdata in lower case (RFC 4034 section 6.2, RFC 6840 section
    /// 5.1); where not, signatures cover their case.
    #[inline]
    pub const fn lowers_names(self) -> bool {
        self.row().has_lowered_names
    }

    /// Whether this is a type of questions or of messages, never of a record in a zone: 0, OPT and the range 128 to 255
    /// (RFC 6895 section 3.1).
    #[inline]
    pub const fn is_meta(self) -> bool {
        matches!(self.0, 0 | 41 | 128..=255)
    }

    /// The row of this type, or the one for all unknown types.
    #[inline]
    pub(super) const fn row(self) -> &'static Row {
        if (self.0 as usize) < DENSE_CODES {
            return &ROWS[ROW_BY_CODE[self.0 as usize] as usize];
        }
        let mut number = ROWS.len() - 1;
        while ROWS[number].rtype.0 as usize >= DENSE_CODES {
            if ROWS[number].rtype.0 == self.0 {
                return &ROWS[number];
            }
            number -= 1;
        }
        &ROWS[0]
    }
}

impl fmt::Display for Rtype {
    /// The mnemonic, or `TYPEnnn` for a type without one (RFC 3597 section 5).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row().mnemonic {
            "" => write!(f, "TYPE{}", self.0),
            mnemonic => f.write_str(mnemonic),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_code_and_its_mnemonic() {
        for row in &ROWS[1..] {
            assert_eq!(row.rtype.row().mnemonic, row.mnemonic);
            assert_eq!(row.rtype.to_string(), row.mnemonic);
            for text in [row.mnemonic.to_ascii_lowercase(), row.mnemonic.into(), format!("type{}", row.rtype.0)] {
                assert_eq!(Rtype::from_text(text.as_bytes()), Some(row.rtype), "{text}");
            }
        }
    }

    #[test]
    fn types_without_a_row() {
        for code in [0, 54, 32770, 511, 512, 65280, 65535] {
            assert_eq!(Rtype(code).to_string(), format!("TYPE{code}"));
            assert_eq!(Rtype::from_text(format!("TYPE{code}").as_bytes()), Some(Rtype(code)));
        }
        for text in ["", "TYPE", "TYPE65536", "TYPE+1", "TYPE1x", "AA", "MXX", "A ", "A\0", "TYPE0000000000001"] {
            assert_eq!(Rtype::from_text(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn names_stand_where_the_rfcs_put_them() {
        for (rtype, prefix, names, compressible) in [
            (Rtype::NS, 0, 1, true),
            (Rtype::CNAME, 0, 1, true),
            (Rtype::PTR, 0, 1, true),
            (Rtype::SOA, 0, 2, true),
            (Rtype::MX, 2, 1, true),
            (Rtype::DNAME, 0, 1, false),
            (Rtype::NSEC, 0, 1, false),
            (Rtype::SRV, 6, 1, false),
            (Rtype::RRSIG, 18, 1, false),
            (Rtype::RP, 0, 2, false),
            (Rtype::PX, 2, 2, false),
            (Rtype::DSYNC, 5, 1, false),
            (Rtype::SVCB, 2, 1, false),
            (Rtype::HTTPS, 2, 1, false),
            // Behind fields of variable length a name has no fixed place.
            (Rtype::NAPTR, 0, 0, false),
            (Rtype::TXT, 0, 0, false),
            (Rtype(65280), 0, 0, false),
        ] {
            assert_eq!(rtype.name_layout(), NameLayout { prefix, names, compressible }, "{rtype}");
        }
    }

    #[test]
    fn compressible_types_with_one_name_end_with_it() {
        // Who writes them looks for the name's tail at the end.
        let one = ROWS.iter().filter(|row| row.layout.compressible && row.layout.names == 1);
        let types: Vec<Rtype> = one.map(|row| row.rtype).collect();
        let known = [Rtype::NS, Rtype(3), Rtype(4), Rtype::CNAME, Rtype(7), Rtype(8), Rtype(9), Rtype::PTR, Rtype::MX];
        assert_eq!(types, known);
    }

    #[test]
    fn meta_types() {
        for rtype in [Rtype(0), Rtype::OPT, Rtype(128), Rtype::TSIG, Rtype::ANY] {
            assert!(rtype.is_meta(), "{rtype}");
        }
        for rtype in [Rtype::A, Rtype(127), Rtype::URI, Rtype(65280)] {
            assert!(!rtype.is_meta(), "{rtype}");
        }
    }
}
