//! Small number fields: those with mnemonics, and identifiers in groups of hex digits.

use std::fmt;

use super::token::number;

/// A number that people write as a mnemonic too; it is always written back as the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::wire) struct Codes {
    /// Octets on the wire: 1 or 2.
    pub(super) octets: usize,
    pub(super) expected: &'static str,
    mnemonics: &'static [(&'static str, u16)],
}

/// DNSSEC algorithms (RFC 4034 appendix A.1 and IANA's registry; three of them have a shorter name in BIND's files too).
pub(in crate::wire) static ALGORITHMS: Codes = Codes {
    octets: 1,
    expected: "a number from 0 to 255, or an algorithm such as ECDSAP256SHA256",
    mnemonics: &[
        ("RSAMD5", 1),
        ("DH", 2),
        ("DSA", 3),
        ("ECC", 4),
        ("RSASHA1", 5),
        ("DSA-NSEC3-SHA1", 6),
        ("NSEC3DSA", 6),
        ("RSASHA1-NSEC3-SHA1", 7),
        ("NSEC3RSASHA1", 7),
        ("RSASHA256", 8),
        ("RSASHA512", 10),
        ("ECC-GOST", 12),
        ("ECCGOST", 12),
        ("ECDSAP256SHA256", 13),
        ("ECDSAP384SHA384", 14),
        ("ED25519", 15),
        ("ED448", 16),
        ("SM2SM3", 17),
        ("ECC-GOST12", 23),
        ("INDIRECT", 252),
        ("PRIVATEDNS", 253),
        ("PRIVATEOID", 254),
    ],
};

/// What kind of certificate CERT holds (RFC 4398 section 2.1).
pub(in crate::wire) static CERTIFICATES: Codes = Codes {
    octets: 2,
    expected: "a number from 0 to 65535, or a certificate type such as PKIX",
    mnemonics: &[
        ("PKIX", 1),
        ("SPKI", 2),
        ("PGP", 3),
        ("IPKIX", 4),
        ("ISPKI", 5),
        ("IPGP", 6),
        ("ACPKIX", 7),
        ("IACPKIX", 8),
        ("URI", 253),
        ("OID", 254),
    ],
};

/// How a child tells its parent of changes (RFC 9859 section 2.1).
pub(in crate::wire) static SCHEMES: Codes =
    Codes { octets: 1, expected: "a number from 0 to 255, or the scheme NOTIFY", mnemonics: &[("NOTIFY", 1)] };

/// The protocols that KEY is for (RFC 2535 section 7.1).
pub(in crate::wire) static KEY_PROTOCOLS: Codes = Codes {
    octets: 1,
    expected: "a number from 0 to 255, or a protocol such as DNSSEC",
    mnemonics: &[("NONE", 0), ("TLS", 1), ("EMAIL", 2), ("DNSSEC", 3), ("IPSEC", 4), ("ALL", 255)],
};

/// The protocols whose services WKS lists (RFC 1035 section 3.4.2; the numbers are those of RFC 1700).
pub(in crate::wire) static PROTOCOLS: Codes = Codes {
    octets: 1,
    expected: "a number from 0 to 255, or a protocol such as TCP",
    mnemonics: &[
        ("ICMP", 1),
        ("IGMP", 2),
        ("GGP", 3),
        ("ST", 5),
        ("TCP", 6),
        ("UCL", 7),
        ("EGP", 8),
        ("IGP", 9),
        ("BBN-RCC-MON", 10),
        ("NVP-II", 11),
        ("PUP", 12),
        ("ARGUS", 13),
        ("EMCON", 14),
        ("XNET", 15),
        ("CHAOS", 16),
        ("UDP", 17),
        ("MUX", 18),
        ("DCN-MEAS", 19),
        ("HMP", 20),
        ("PRM", 21),
        ("XNS-IDP", 22),
        ("TRUNK-1", 23),
        ("TRUNK-2", 24),
        ("LEAF-1", 25),
        ("LEAF-2", 26),
        ("RDP", 27),
        ("IRTP", 28),
        ("ISO-TP4", 29),
        ("NETBLT", 30),
    ],
};

/// The mnemonic of a DNSSEC algorithm.
pub fn algorithm_name(algorithm: u8) -> Option<&'static str> {
    ALGORITHMS.mnemonics.iter().find(|row| row.1 == u16::from(algorithm)).map(|row| row.0)
}

impl Codes {
    /// Reads the number or the mnemonic, in any case.
    pub(super) fn read(&self, text: &[u8]) -> Option<u16> {
        let max = (1u64 << (8 * self.octets)) - 1;
        let mnemonic = || self.mnemonics.iter().find(|row| row.0.as_bytes().eq_ignore_ascii_case(text));
        number(text, max).map(|code| code as u16).or_else(|| mnemonic().map(|row| row.1))
    }
}

/// Octets written in hex, `octets` of them in each group, groups parted by `separator`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::wire) struct Groups {
    pub(super) groups: usize,
    /// Octets in each group: 1 or 2.
    octets: usize,
    separator: u8,
    /// Whether a group may leave out its leading zeros.
    short: bool,
    pub(super) expected: &'static str,
}

/// The addresses of EUI48 (RFC 7043 section 3.2).
pub(in crate::wire) static EUI48: Groups =
    Groups { groups: 6, octets: 1, separator: b'-', short: false, expected: "an EUI-48 such as 00-00-5e-00-53-2a" };

/// The addresses of EUI64 (RFC 7043 section 4.2).
pub(in crate::wire) static EUI64: Groups = Groups {
    groups: 8,
    octets: 1,
    separator: b'-',
    short: false,
    expected: "an EUI-64 such as 00-00-5e-ef-10-00-00-2a",
};

/// The identifiers of NID and the locators of L64 (RFC 6742 sections 2.1.2 and 2.3.2).
pub(in crate::wire) static LOCATOR: Groups = Groups {
    groups: 4,
    octets: 2,
    separator: b':',
    short: true,
    expected: "four groups of hex digits such as 2001:db8:1140:1000",
};

impl Groups {
    /// Octets on the wire.
    pub(super) const fn length(&self) -> usize {
        self.groups * self.octets
    }

    /// Appends the octets; none where the text has another shape.
    pub(super) fn append(&self, text: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let mut count = 0;
        for group in text.split(|&octet| octet == self.separator) {
            let digits = 2 * self.octets;
            count += 1;
            if count > self.groups || group.is_empty() || group.len() > digits || (group.len() < digits && !self.short)
            {
                return None;
            }
            let digit = |value: u16, &octet: &u8| Some(value << 4 | char::from(octet).to_digit(16)? as u16);
            let value = group.iter().try_fold(0, digit)?;
            out.extend_from_slice(&value.to_be_bytes()[2 - self.octets..]);
        }
        (count == self.groups).then_some(())
    }

    /// Writes octets of the right number.
    pub(super) fn write(&self, octets: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
        for (index, group) in octets.chunks(self.octets).enumerate() {
            if index > 0 {
                out.write_char(char::from(self.separator))?;
            }
            group.iter().try_for_each(|octet| write!(out, "{octet:02x}"))?;
        }
        Ok(())
    }
}
