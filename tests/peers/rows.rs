//! Rdata of the types that are seldom seen, made at random.

use crate::data::{Field, Name};
use crate::generate::Random;
use crate::types::parts;

/// Types that zones get besides those of the model.
pub const RARE: [u16; 32] = [
    7, 8, 9, 13, 14, 17, 18, 19, 21, 26, 29, 35, 36, 37, 42, 44, 49, 52, 53, 61, 62, 99, 104, 105, 106, 107, 108, 109,
    256, 257, 15, 33,
];

/// Types that are asked for, there or not: those of DNSSEC where nothing is signed, rare ones, unknown
/// ones, and those that are no types of records.
pub const RARELY_ASKED: [u16; 32] = [
    46, 47, 50, 51, 48, 59, 60, 255, 255, 6, 2, 43, 5, 39, 13, 17, 35, 99, 257, 29, 62, 65_534, 1, 253, 0, 41, 128,
    200, 249, 250, 254, 129,
];

/// Whether there are no records of this type (RFC 6895 section 3.1).
pub fn is_meta(rtype: u16) -> bool {
    matches!(rtype, 0 | 41 | 128..=255)
}

/// The rdata of types that have a part without a form of its own here.
const SAMPLES: [(u16, &[u8]); 14] = [
    (29, &[0, 0x12, 0x16, 0x13, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0x98, 0x96, 0x80]),
    (37, &[0, 1, 0, 2, 8, 1, 2, 3, 4]),
    (42, &[0, 1, 24, 3, 192, 0, 2]),
    (49, &[0, 1, 1, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]),
    (61, &[1, 2, 3]),
    (62, &[0, 0, 0, 1, 0, 3, 0, 4, 0x60, 0, 0, 8]),
    (104, &[0, 10, 0, 1, 0, 2, 0, 3, 0, 4]),
    (106, &[0, 10, 0, 1, 0, 2, 0, 3, 0, 4]),
    (108, &[0, 0, 0x5e, 0, 0x53, 0x2a]),
    (109, &[0, 0, 0x5e, 0xef, 0x10, 0, 0, 0x2a]),
    (256, b"\0\x0a\0\x01https://example.com/"),
    (257, b"\0\x05issueca.example"),
    (64, b""),
    (65, b""),
];

/// Rdata of this type; its names are `target` or below it.
pub fn rdata(random: &mut Random, rtype: u16, target: &Name) -> Vec<Field> {
    if let Some((_, sample)) = SAMPLES.iter().find(|row| row.0 == rtype) {
        return vec![Field::Octets(sample.to_vec())];
    }
    let (mut fields, mut octets) = (Vec::new(), Vec::new());
    for part in parts(rtype).chars() {
        match part {
            'b' => octets.push(1),
            'h' => octets.extend([0, random.below(3) as u8]),
            'w' => octets.extend(random.octets(4)),
            's' | 't' => {
                // An X.121 address has four digits at least.
                // BIND reads NAPTR's expression: an empty one is none.
                let length = if rtype == 35 { 0 } else { 4 + random.below(16) };
                octets.push(length as u8);
                octets.extend((0..length).map(|_| b'0' + random.below(10) as u8));
            }
            // As many as the digest of algorithm 1 has, in each of the types.
            'x' => octets.extend(random.octets(if rtype == 44 { 20 } else { 32 })),
            '4' => octets.extend([192, 0, 2, 7]),
            '6' => octets.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]),
            'n' => {
                if !octets.is_empty() {
                    fields.push(Field::Octets(std::mem::take(&mut octets)));
                }
                fields.push(Field::Name(target.clone()));
            }
            _ => octets.extend(random.octets(4)),
        }
    }
    if !octets.is_empty() {
        fields.push(Field::Octets(octets));
    }
    fields
}
