//! Messages that no client should send: random octets, and good messages with something broken.
//!
//! Knows the wire format well enough to hit its joints; knows no answers.

use gannet::base::limits::{DATAGRAM_OCTETS, HEADER_OCTETS};

use super::generate::Random;

/// Good and bad messages of the kinds that the zones' queries leave out: other opcodes, classes, options, signatures.
pub fn oddities() -> Vec<Vec<u8>> {
    let message = |flags: u16, counts: [u16; 4], body: &[&[u8]]| -> Vec<u8> {
        let header = [0x5555, flags].into_iter().chain(counts).flat_map(u16::to_be_bytes);
        header.chain(body.concat()).collect()
    };
    let question =
        |rtype: u16, class: u16| [b"\x01a\x04test\0", &rtype.to_be_bytes()[..], &class.to_be_bytes()].concat();
    let opt = |size: u16, extended: &[u8; 4], options: &[u8]| {
        let length = (options.len() as u16).to_be_bytes();
        [&[0, 0, 41][..], &size.to_be_bytes(), extended, &length, options].concat()
    };
    let (a, one) = (question(1, 1), [1, 0, 0, 0]);
    let with_opt = [1, 0, 0, 1];
    let tsig =
        b"\x03key\0\0\xfa\0\xff\0\0\0\0\0\x1f\x03alg\0\0\0\x60\0\0\0\x01\x2c\0\x04\x01\x02\x03\x04\x55\x55\0\0\0\0";
    vec![
        message(0, [0; 4], &[]),
        message(0, one, &[]),
        message(0, [2, 0, 0, 0], &[&a, &a]),
        message(0, [65_535; 4], &[&a]),
        message(0, one, &[&a, b"trailing"]),
        message(0, one, &[b"\x01a\xc0\x0c\0\x01\0\x01"]),
        message(0, one, &[b"\xc0\x0c\0\x01\0\x01"]),
        message(0, one, &[b"\x40aaaa\0\0\x01\0\x01"]),
        message(0x8000, one, &[&a]),
        message(0x8400, [1, 1, 0, 0], &[&a, b"\xc0\x0c\0\x01\0\x01\0\0\0\x09\0\x04\x01\x02\x03\x04"]),
        message(0x0800, one, &[&a]),
        message(0x2000, one, &[&question(6, 1)]),
        message(0x2800, [1, 0, 1, 0], &[&question(6, 1), b"\x01b\xc0\x0e\0\x01\0\xff\0\0\0\0\0\0"]),
        message(0x7800, one, &[&a]),
        message(0x0200, one, &[&a]),
        message(0, one, &[&question(251, 1)]),
        message(0, one, &[&question(252, 1)]),
        message(0, one, &[&question(255, 255)]),
        message(0, one, &[&question(41, 1)]),
        message(0, one, &[&question(249, 1)]),
        message(0, one, &[&question(0, 0)]),
        message(0, one, &[b"\x07version\x04bind\0\0\x10\0\x03"]),
        message(0, one, &[b"\0\0\x02\0\x01"]),
        message(0, with_opt, &[&a, &opt(1_232, &[0, 0, 0x80, 0], &[])]),
        message(0, with_opt, &[&a, &opt(4_096, &[0, 1, 0, 0], &[])]),
        message(0, with_opt, &[&a, &opt(0, &[0xff; 4], &[])]),
        message(0, with_opt, &[&a, &opt(1_232, &[0; 4], b"\0\x0a\0\x08\x01\x02\x03\x04\x05\x06\x07\x08")]),
        message(0, with_opt, &[&a, &opt(1_232, &[0; 4], b"\0\x0c\0\x20\0\0")]),
        message(0, [1, 0, 0, 2], &[&a, &opt(512, &[0; 4], &[]), &opt(512, &[0; 4], &[])]),
        message(0, with_opt, &[&opt(512, &[0; 4], &[]), &a]),
        message(0, with_opt, &[&a, tsig]),
        message(0, [1, 0, 0, 2], &[&a, &opt(512, &[0; 4], &[]), tsig]),
        message(0, [1, 0, 0, 2], &[&a, tsig, &opt(512, &[0; 4], &[])]),
        message(0, one, &[&b"\x01a".repeat(126), b"\0\0\x01\0\x01"]),
        message(0, one, &[&b"\x01a".repeat(130), b"\0\0\x01\0\x01"]),
    ]
}

/// Octets of any kind and length.
pub fn noise(random: &mut Random) -> Vec<u8> {
    let length = match random.below(3) {
        0 => random.below(HEADER_OCTETS + 1),
        1 => random.below(100),
        _ => random.below(DATAGRAM_OCTETS),
    };
    random.octets(length)
}

/// A message with one to four things broken.
pub fn broken(random: &mut Random, message: &[u8]) -> Vec<u8> {
    let mut message = message.to_vec();
    for _ in 0..1 + random.below(4) {
        break_something(random, &mut message);
    }
    message.truncate(DATAGRAM_OCTETS);
    message
}

fn break_something(random: &mut Random, message: &mut Vec<u8>) {
    if message.is_empty() {
        message.push(random.draw() as u8);
    }
    let at = random.below(message.len());
    match random.below(9) {
        0 => message[at] ^= 1 << random.below(8),
        1 => message[at] = random.draw() as u8,
        2 => message.truncate(at),
        3 => message.insert(at, random.draw() as u8),
        4 => drop(message.remove(at)),
        5 => {
            let count = random.below(40);
            message.extend(random.octets(count));
        }
        // A piece of it once more, in its middle or at its end.
        6 => {
            let piece = message[at..].to_vec();
            let to = random.below(message.len() + 1);
            message.splice(to..to, piece);
        }
        // A count, or an octet of the flags.
        7 => {
            let field = 2 + random.below(HEADER_OCTETS - 2);
            if let Some(octet) = message.get_mut(field) {
                *octet = random.pick(&[0, 1, 2, 0x80, 0xff]);
            }
        }
        // A compression pointer or an impossible label.
        _ => {
            let low = random.draw() as u8;
            message[at] = random.pick(&[0xc0, 0xff, 0x40, 0x80, 63]);
            if let Some(next) = message.get_mut(at + 1) {
                *next = low;
            }
        }
    }
}
