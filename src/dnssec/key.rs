//! Keys: DNSKEY rdata, key tags, and keys ready to verify with.
//!
//! Does not know which zone a key belongs to.

use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};

use super::algorithm::{Algorithm, Verification};
use crate::base::limits::{RSA_EXPONENT_BITS_MAX, RSA_MODULUS_BITS_MAX, RSA_MODULUS_BITS_MIN};

/// The rdata of a DNSKEY, KEY or CDNSKEY in its parts (RFC 4034 section 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dnskey<'r> {
    /// The flags; [`is_zone_key`](Self::is_zone_key) and others name the bits.
    pub flags: u16,
    /// Always 3.
    pub protocol: u8,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The public key, in the form of its algorithm.
    pub public_key: &'r [u8],
    /// All of the rdata.
    pub rdata: &'r [u8],
}

impl<'r> Dnskey<'r> {
    /// Takes rdata apart; none where it is too short.
    pub fn read(rdata: &'r [u8]) -> Option<Self> {
        let (&[high, low, protocol, algorithm], public_key) = rdata.split_first_chunk()?;
        let flags = u16::from_be_bytes([high, low]);
        Some(Self { flags, protocol, algorithm: Algorithm(algorithm), public_key, rdata })
    }

    /// Whether it may sign zone data (RFC 4034 section 2.1.1, bit 7).
    pub fn is_zone_key(self) -> bool {
        self.flags & 0x0100 != 0
    }

    /// Whether it is meant as a secure entry point (RFC 4034 section 2.1.1, bit 15).
    pub fn is_secure_entry_point(self) -> bool {
        self.flags & 0x0001 != 0
    }

    /// Whether its owner has revoked it (RFC 5011 section 2.1, bit 8).
    pub fn is_revoked(self) -> bool {
        self.flags & 0x0080 != 0
    }

    /// The key tag (RFC 4034 appendix B).
    pub fn tag(self) -> u16 {
        if self.algorithm == Algorithm::RSAMD5 {
            // Appendix B.1: the most significant 16 of the least significant 24 bits of the modulus.
            return match *self.rdata {
                [.., high, low, _] if self.public_key.len() >= 3 => u16::from_be_bytes([high, low]),
                _ => 0,
            };
        }
        let octet = |(index, &octet): (usize, &u8)| u32::from(octet) << if index % 2 == 0 { 8 } else { 0 };
        let sum: u32 = self.rdata.iter().enumerate().map(octet).sum();
        (sum + (sum >> 16)) as u16
    }

    /// The bits of the modulus, of an RSA key that can be read.
    pub fn rsa_bits(self) -> Option<u32> {
        match self.algorithm {
            Algorithm::RSAMD5
            | Algorithm::RSASHA1
            | Algorithm::RSASHA1_NSEC3_SHA1
            | Algorithm::RSASHA256
            | Algorithm::RSASHA512 => RsaKey::read(self.public_key).map(|key| bits(key.modulus)),
            _ => None,
        }
    }
}

/// A key that signatures can be verified with.
///
/// Having one tells you: its algorithm is supported, and its octets are a key of that algorithm.
#[derive(Clone)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    key: ParsedPublicKey,
}

/// Why a key cannot be used to verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFault {
    /// Nothing here verifies signatures of its algorithm.
    UnsupportedAlgorithm,
    /// An RSA modulus of this many bits: fewer or more than are supported.
    UnsupportedModulus(u32),
    /// An RSA exponent of this many bits: more than are supported.
    UnsupportedExponent(u32),
    /// The octets are no key of the algorithm.
    Malformed,
}

impl VerifyingKey {
    /// Makes a key ready: its octets are checked, a curve's point is on the curve.
    pub fn new(dnskey: &Dnskey<'_>) -> Result<Self, KeyFault> {
        let octets = dnskey.public_key;
        let key = match dnskey.algorithm.verification().ok_or(KeyFault::UnsupportedAlgorithm)? {
            Verification::Rsa(parameters) => {
                let RsaKey { exponent, modulus } = RsaKey::read(octets).ok_or(KeyFault::Malformed)?;
                if !(RSA_MODULUS_BITS_MIN..=RSA_MODULUS_BITS_MAX).contains(&bits(modulus)) {
                    return Err(KeyFault::UnsupportedModulus(bits(modulus)));
                }
                if bits(exponent) > RSA_EXPONENT_BITS_MAX {
                    return Err(KeyFault::UnsupportedExponent(bits(exponent)));
                }
                // The library would find these only when it verifies, and blame the signature.
                let is_odd = |octets: &[u8]| octets.last().is_some_and(|last| last % 2 == 1);
                if !is_odd(modulus) || !is_odd(exponent) || exponent == [1] {
                    return Err(KeyFault::Malformed);
                }
                RsaPublicKeyComponents { n: modulus, e: exponent }.to_parsed_public_key(parameters)
            }
            Verification::Curve { octets: expected, .. } if octets.len() != expected => {
                return Err(KeyFault::Malformed);
            }
            Verification::Curve { algorithm, prefix, .. } => ParsedPublicKey::new(algorithm, [prefix, octets].concat()),
        };
        let key = key.map_err(|_| KeyFault::Malformed)?;
        Ok(Self { algorithm: dnskey.algorithm, key })
    }

    /// The algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether `signature` is one of this key over `message`.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }
}

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VerifyingKey({})", self.algorithm)
    }
}

/// An RSA key in its parts, big-endian and without leading zeros.
struct RsaKey<'r> {
    exponent: &'r [u8],
    modulus: &'r [u8],
}

impl<'r> RsaKey<'r> {
    /// RFC 3110 section 2: the exponent's length in one octet, or in three the first of which is zero; the exponent;
    /// the modulus.
    fn read(octets: &'r [u8]) -> Option<Self> {
        let (length, rest) = match octets {
            [0, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
            [length, rest @ ..] => (usize::from(*length), rest),
            [] => return None,
        };
        let (exponent, modulus) = rest.split_at_checked(length)?;
        let (exponent, modulus) = (without_zeros(exponent), without_zeros(modulus));
        (!exponent.is_empty() && !modulus.is_empty()).then_some(Self { exponent, modulus })
    }
}

/// The octets of a big-endian number without its leading zeros.
fn without_zeros(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|&&octet| octet == 0).count();
    &octets[zeros..]
}

/// How many bits a number without leading zero octets has.
fn bits(octets: &[u8]) -> u32 {
    octets.first().map_or(0, |first| octets.len() as u32 * 8 - first.leading_zeros())
}

#[cfg(test)]
#[path = "key_tests.rs"]
mod tests;
