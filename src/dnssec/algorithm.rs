//! The algorithms of signatures and digests: their numbers, names and standing.
//!
//! Does not know keys: what a number stands for is all that is here.

use std::fmt;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RsaParameters,
    VerificationAlgorithm,
};

/// The number of a signature algorithm (IANA's registry of DNS security algorithm numbers).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Algorithm(pub u8);

/// Whether an algorithm should still sign zones (RFC 9904 section 2, RFC 9905, RFC 9906).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Zones may be signed with it.
    Current,
    /// It must not be used to sign: resolvers take such zones for unsigned, or will.
    Deprecated,
    /// No such algorithm is known here.
    Unknown,
}

/// How signatures of an algorithm are verified.
pub(super) enum Verification {
    /// RSA with PKCS #1 padding; the key is an exponent and a modulus (RFC 3110).
    Rsa(&'static RsaParameters),
    /// A point on a curve, this many octets, with `prefix` in front as the library wants it.
    Curve { algorithm: &'static dyn VerificationAlgorithm, octets: usize, prefix: &'static [u8] },
}

/// What is known of an algorithm.
struct Row {
    algorithm: Algorithm,
    mnemonic: &'static str,
    standing: Standing,
}

macro_rules! algorithms {
    ($($name:ident $mnemonic:literal = $code:literal $standing:ident,)+) => {
        #[allow(missing_docs)] // the mnemonic is the documentation: IANA's registry
        impl Algorithm {
            $(pub const $name: Self = Self($code);)+
        }

        static ROWS: [Row; [$($code),+].len()] = [
            $(Row { algorithm: Algorithm($code), mnemonic: $mnemonic, standing: Standing::$standing },)+
        ];
    };
}

algorithms! {
    RSAMD5 "RSAMD5" = 1 Deprecated,
    DSA "DSA" = 3 Deprecated,
    RSASHA1 "RSASHA1" = 5 Deprecated,
    DSA_NSEC3_SHA1 "DSA-NSEC3-SHA1" = 6 Deprecated,
    RSASHA1_NSEC3_SHA1 "RSASHA1-NSEC3-SHA1" = 7 Deprecated,
    RSASHA256 "RSASHA256" = 8 Current,
    RSASHA512 "RSASHA512" = 10 Current,
    ECC_GOST "ECC-GOST" = 12 Deprecated,
    ECDSAP256SHA256 "ECDSAP256SHA256" = 13 Current,
    ECDSAP384SHA384 "ECDSAP384SHA384" = 14 Current,
    ED25519 "ED25519" = 15 Current,
    ED448 "ED448" = 16 Current,
    SM2SM3 "SM2SM3" = 17 Current,
    ECC_GOST12 "ECC-GOST12" = 23 Current,
}

impl Algorithm {
    fn row(self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.algorithm == self)
    }

    /// Whether it should still be used.
    pub fn standing(self) -> Standing {
        self.row().map_or(Standing::Unknown, |row| row.standing)
    }

    /// Whether signatures of it can be verified here.
    pub fn is_supported(self) -> bool {
        self.verification().is_some()
    }

    /// How signatures of it are verified; none where they cannot be.
    pub(super) fn verification(self) -> Option<Verification> {
        // SEC 1 section 2.3.3: 4 says that both coordinates follow. RFC 6605 section 4 leaves it out.
        const BOTH: &[u8] = &[4];
        let curve = |algorithm, octets, prefix| Verification::Curve { algorithm, octets, prefix };
        Some(match self {
            Self::RSASHA1 | Self::RSASHA1_NSEC3_SHA1 => {
                Verification::Rsa(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY)
            }
            Self::RSASHA256 => Verification::Rsa(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
            Self::RSASHA512 => Verification::Rsa(&RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
            Self::ECDSAP256SHA256 => curve(&ECDSA_P256_SHA256_FIXED, 64, BOTH),
            Self::ECDSAP384SHA384 => curve(&ECDSA_P384_SHA384_FIXED, 96, BOTH),
            Self::ED25519 => curve(&ED25519, 32, &[]),
            _ => return None,
        })
    }
}

impl fmt::Display for Algorithm {
    /// The mnemonic, or the number of an algorithm without one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row() {
            Some(row) => f.write_str(row.mnemonic),
            None => write!(f, "algorithm {}", self.0),
        }
    }
}

/// The number of a digest of a key, as DS and CDS have it (IANA's registry of DS digest algorithms).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DigestType(pub u8);

#[allow(missing_docs)] // the mnemonic is the documentation
impl DigestType {
    pub const SHA1: Self = Self(1);
    pub const SHA256: Self = Self(2);
    pub const GOST: Self = Self(3);
    pub const SHA384: Self = Self(4);
}

impl DigestType {
    /// Whether a parent must no longer be given such digests (RFC 9904 section 3).
    pub fn is_deprecated(self) -> bool {
        matches!(self, Self::SHA1 | Self::GOST)
    }

    pub(super) fn function(self) -> Option<&'static digest::Algorithm> {
        Some(match self {
            Self::SHA1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::SHA256 => &digest::SHA256,
            Self::SHA384 => &digest::SHA384,
            _ => return None,
        })
    }
}

impl fmt::Display for DigestType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::SHA1 => f.write_str("SHA-1"),
            Self::SHA256 => f.write_str("SHA-256"),
            Self::GOST => f.write_str("GOST R 34.11-94"),
            Self::SHA384 => f.write_str("SHA-384"),
            Self(code) => write!(f, "digest type {code}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_ascend_and_say_what_is_known() {
        assert!(ROWS.is_sorted_by_key(|row| row.algorithm));
        assert_eq!(Algorithm(13).to_string(), "ECDSAP256SHA256");
        assert_eq!(Algorithm(99).to_string(), "algorithm 99");
        assert_eq!(Algorithm(99).standing(), Standing::Unknown);
        assert_eq!(Algorithm::RSASHA1.standing(), Standing::Deprecated);
        assert_eq!(Algorithm::RSASHA256.standing(), Standing::Current);
        let supported: Vec<u8> = (0..=255).filter(|&code| Algorithm(code).is_supported()).collect();
        assert_eq!(supported, [5, 7, 8, 10, 13, 14, 15]);
    }

    #[test]
    fn digests() {
        assert_eq!(DigestType::SHA384.to_string(), "SHA-384");
        assert_eq!(DigestType(9).to_string(), "digest type 9");
        assert!(DigestType::GOST.function().is_none());
    }
}
