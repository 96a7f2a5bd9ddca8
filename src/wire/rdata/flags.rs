//! The flags of KEY: a number, or the mnemonics of RFC 2535 section 7.1.

use super::token::number;

/// What the text of the flags must be.
pub(super) const EXPECTED: &str = "a number from 0 to 65535, or flags such as NOCONF|ZONE";

/// A mnemonic, the bits that it sets, and the bits of the field that it settles (RFC 2535 section 3.1.2).
static FLAGS: [(&str, u16, u16); 31] = [
    ("NOCONF", 0x4000, 0xc000),
    ("NOAUTH", 0x8000, 0xc000),
    ("NOKEY", 0xc000, 0xc000),
    ("FLAG2", 0x2000, 0x2000),
    ("EXTEND", 0x1000, 0x1000),
    ("FLAG4", 0x0800, 0x0800),
    ("FLAG5", 0x0400, 0x0400),
    ("USER", 0x0000, 0x0300),
    ("ZONE", 0x0100, 0x0300),
    ("HOST", 0x0200, 0x0300),
    ("NTYP3", 0x0300, 0x0300),
    ("FLAG8", 0x0080, 0x0080),
    ("FLAG9", 0x0040, 0x0040),
    ("FLAG10", 0x0020, 0x0020),
    ("FLAG11", 0x0010, 0x0010),
    ("SIG0", 0, 0x000f),
    ("SIG1", 1, 0x000f),
    ("SIG2", 2, 0x000f),
    ("SIG3", 3, 0x000f),
    ("SIG4", 4, 0x000f),
    ("SIG5", 5, 0x000f),
    ("SIG6", 6, 0x000f),
    ("SIG7", 7, 0x000f),
    ("SIG8", 8, 0x000f),
    ("SIG9", 9, 0x000f),
    ("SIG10", 10, 0x000f),
    ("SIG11", 11, 0x000f),
    ("SIG12", 12, 0x000f),
    ("SIG13", 13, 0x000f),
    ("SIG14", 14, 0x000f),
    ("SIG15", 15, 0x000f),
];

/// Reads the flags; none where a mnemonic is unknown or two of them settle the same bits.
pub(super) fn read(text: &[u8]) -> Option<u16> {
    if let Some(flags) = number(text, u16::MAX.into()) {
        return Some(flags as u16);
    }
    let (mut flags, mut settled) = (0, 0);
    for mnemonic in text.split(|&octet| octet == b'|') {
        let (_, bits, mask) = FLAGS.iter().find(|row| row.0.as_bytes().eq_ignore_ascii_case(mnemonic))?;
        if settled & mask != 0 {
            return None;
        }
        (flags, settled) = (flags | bits, settled | mask);
    }
    Some(flags)
}
