//! A query written octet by octet, and a reply read down to its OPT record: what a library would not send, or hides.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;

use crate::client::{Connection, framed, receive, udp_socket};

/// A query, with whatever a client may set.
#[derive(Clone)]
pub struct Asked {
    /// The third and fourth octets of the header.
    pub flags: u16,
    /// Name and type; none: the header alone.
    pub question: Option<(&'static str, u16)>,
    pub edns: Option<Edns>,
    pub tcp: bool,
}

/// An OPT record.
#[derive(Clone, Default)]
pub struct Edns {
    pub size: u16,
    pub version: u8,
    pub flags: u16,
    pub options: Vec<u8>,
}

pub const SOA: u16 = 6;
pub const DNSKEY: u16 = 48;
pub const TXT: u16 = 16;

/// Numbers of options.
pub const NSID: u16 = 3;
pub const SUBNET: u16 = 8;
pub const EXPIRE: u16 = 9;
pub const COOKIE: u16 = 10;
pub const KEEPALIVE: u16 = 11;
pub const EXTENDED_ERROR: u16 = 15;
pub const ZONE_VERSION: u16 = 19;

/// An option as it stands in the record.
pub fn option(code: u16, value: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes()[..], &u16::try_from(value.len()).unwrap().to_be_bytes(), value].concat()
}

/// A name in wire form.
pub fn wire(name: &str) -> Vec<u8> {
    let labels = name.trim_end_matches('.').split('.').filter(|label| !label.is_empty());
    labels.flat_map(|label| [&[label.len() as u8][..], label.as_bytes()].concat()).chain([0]).collect()
}

impl Asked {
    /// A question without flags and EDNS.
    pub fn of(name: &'static str, rtype: u16) -> Self {
        Self { flags: 0, question: Some((name, rtype)), edns: None, tcp: false }
    }

    /// The same with EDNS and these options.
    pub fn with(mut self, options: &[u8]) -> Self {
        self.edns = Some(Edns { size: 1_232, options: options.to_vec(), ..Edns::default() });
        self
    }

    pub fn octets(&self) -> Vec<u8> {
        let counts = [u16::from(self.question.is_some()), 0, 0, u16::from(self.edns.is_some())];
        let header = [0x1e57, self.flags].into_iter().chain(counts);
        let mut octets: Vec<u8> = header.flat_map(u16::to_be_bytes).collect();
        if let Some((name, rtype)) = self.question {
            octets.extend([&wire(name)[..], &rtype.to_be_bytes(), &[0, 1]].concat());
        }
        if let Some(Edns { size, version, flags, options }) = &self.edns {
            octets.extend([0, 0, 41]);
            octets.extend(size.to_be_bytes());
            octets.extend([0, *version]);
            octets.extend(flags.to_be_bytes());
            octets.extend(u16::try_from(options.len()).unwrap().to_be_bytes());
            octets.extend(options);
        }
        octets
    }

    pub fn send(&self, to: SocketAddr) -> Got {
        let octets = self.octets();
        let reply = if self.tcp {
            let mut connection = Connection::to(to);
            connection.0.write_all(&framed(&octets)).unwrap();
            connection.read().unwrap()
        } else {
            let socket = udp_socket(to);
            socket.send(&octets).unwrap();
            receive(&socket)
        };
        assert_eq!(reply[..2], octets[..2], "the id");
        Got::read(&reply)
    }
}

/// A reply.
#[derive(Debug)]
pub struct Got {
    pub octets: usize,
    /// The third and fourth octets of the header.
    pub flags: u16,
    /// Whole, where there is an OPT record.
    pub rcode: u16,
    /// Records of each section but for OPT, by type.
    pub sections: [Vec<u16>; 3],
    pub has_question: bool,
    pub edns: Option<GotEdns>,
}

/// The OPT record of a reply.
#[derive(Debug)]
pub struct GotEdns {
    pub size: u16,
    pub version: u8,
    pub flags: u16,
    pub options: BTreeMap<u16, Vec<u8>>,
}

impl Got {
    pub fn read(reply: &[u8]) -> Self {
        let number = |at: usize| u16::from_be_bytes([reply[at], reply[at + 1]]);
        let name = |mut at: usize| loop {
            match reply[at] {
                0 => return at + 1,
                0xc0.. => return at + 2,
                label => at += 1 + usize::from(label),
            }
        };
        let mut got = Self {
            octets: reply.len(),
            flags: number(2),
            rcode: number(2) & 0xf,
            sections: [const { Vec::new() }; 3],
            has_question: number(4) == 1,
            edns: None,
        };
        let mut at = if got.has_question { name(12) + 4 } else { 12 };
        for (section, count) in [number(6), number(8), number(10)].into_iter().enumerate() {
            for _ in 0..count {
                let fixed = name(at);
                let end = fixed + 10 + usize::from(number(fixed + 8));
                if number(fixed) == 41 {
                    assert!(section == 2 && reply[at] == 0 && got.edns.is_none());
                    got.rcode |= u16::from(reply[fixed + 4]) << 4;
                    got.edns = Some(GotEdns {
                        size: number(fixed + 2),
                        version: reply[fixed + 5],
                        flags: number(fixed + 6),
                        options: options(&reply[fixed + 10..end]),
                    });
                } else {
                    got.sections[section].push(number(fixed));
                }
                at = end;
            }
        }
        assert_eq!(at, reply.len());
        got
    }

    pub fn option(&self, code: u16) -> Option<&[u8]> {
        self.edns.as_ref().and_then(|edns| edns.options.get(&code)).map(Vec::as_slice)
    }

    /// The number of the extended error.
    pub fn error(&self) -> Option<u16> {
        self.option(EXTENDED_ERROR).map(|value| u16::from_be_bytes([value[0], value[1]]))
    }

    pub fn is_truncated(&self) -> bool {
        self.flags & 0x0200 != 0
    }
}

fn options(mut rdata: &[u8]) -> BTreeMap<u16, Vec<u8>> {
    let mut options = BTreeMap::new();
    while let [a, b, c, d, rest @ ..] = rdata {
        let (value, rest) = rest.split_at(u16::from_be_bytes([*c, *d]).into());
        assert_eq!(options.insert(u16::from_be_bytes([*a, *b]), value.to_vec()), None);
        rdata = rest;
    }
    assert!(rdata.is_empty());
    options
}
