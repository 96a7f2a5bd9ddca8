//! The parameters of NSEC3, and the hash of names that they make (RFC 5155).
//!
//! Does not know zones, nor what is proved with a hash.

use data_encoding::BASE32_DNSSEC;
use sha1::{Digest, Sha1};

use super::Name;

/// Octets of the only hash that NSEC3 has: SHA-1 (RFC 5155 section 11).
pub const NSEC3_HASH_OCTETS: usize = 20;

/// Octets of a hash in base32hex, as a label of an owner has it.
const HASH_TEXT_OCTETS: usize = 32;

/// The hash of a name.
pub type Nsec3Hash = [u8; NSEC3_HASH_OCTETS];

/// What hashing a name for NSEC3 takes (RFC 5155 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nsec3Parameters<'r> {
    /// 1 is SHA-1; there is no other.
    pub algorithm: u8,
    /// How many more times the hash is hashed.
    pub iterations: u16,
    /// At most 255 octets.
    pub salt: &'r [u8],
}

impl<'r> Nsec3Parameters<'r> {
    /// Reads the parameters and the flags at the start of NSEC3 or NSEC3PARAM rdata, and what follows them.
    pub fn split_from(rdata: &'r [u8]) -> Option<(Self, u8, &'r [u8])> {
        let (&[algorithm, flags, high, low, salt_octets], rest) = rdata.split_first_chunk()?;
        let (salt, rest) = rest.split_at_checked(usize::from(salt_octets))?;
        Some((Self { algorithm, iterations: u16::from_be_bytes([high, low]), salt }, flags, rest))
    }

    /// The hash of a name, in any case (RFC 5155 section 5). Takes the algorithm for SHA-1.
    pub fn hash(&self, name: Name<'_>) -> Nsec3Hash {
        self.hash_lower(&[name.to_lower().as_name().wire()])
    }

    /// The hash of a name in lower case, given as pieces of its wire form.
    pub fn hash_lower(&self, pieces: &[&[u8]]) -> Nsec3Hash {
        let mut hasher = Sha1::new();
        pieces.iter().for_each(|piece| hasher.update(piece));
        hasher.update(self.salt);
        let mut hash = hasher.finalize();
        for _ in 0..self.iterations {
            let mut hasher = Sha1::new();
            hasher.update(hash);
            hasher.update(self.salt);
            hash = hasher.finalize();
        }
        hash.into()
    }
}

/// The hash that the first label of an NSEC3's owner is; none where it is no hash.
pub fn nsec3_hash_of_label(label: &[u8]) -> Option<Nsec3Hash> {
    let mut hash = [0; NSEC3_HASH_OCTETS];
    let text = label.first_chunk::<HASH_TEXT_OCTETS>().filter(|text| text.len() == label.len())?;
    BASE32_DNSSEC.decode_mut(text, &mut hash).ok()?;
    Some(hash)
}

/// The label of a hash, with its length in front.
pub fn nsec3_label(hash: &Nsec3Hash) -> [u8; 1 + HASH_TEXT_OCTETS] {
    let mut label = [HASH_TEXT_OCTETS as u8; 1 + HASH_TEXT_OCTETS];
    BASE32_DNSSEC.encode_mut(hash, &mut label[1..]);
    label
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::NameBuf;

    fn name(text: &str) -> NameBuf {
        text.parse().expect("a name")
    }

    /// RFC 5155 appendix A.
    #[test]
    fn names_hash_as_the_rfc_has_it() {
        let parameters = Nsec3Parameters { algorithm: 1, iterations: 12, salt: &[0xaa, 0xbb, 0xcc, 0xdd] };
        for (owner, text) in [
            ("example.", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"),
            ("A.example.", "35mthgpgcu1qg68fab165klnsnk3dpvl"),
            ("ai.example.", "gjeqe526plbf1g8mklp59enfd789njgi"),
            ("ns1.example.", "2t7b4g4vsa5smi47k61mv5bv1a22bojr"),
            ("y.w.example.", "ji6neoaepv8b5o6k4ev33abha8ht9fgc"),
            ("*.w.example.", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"),
            ("xx.example.", "t644ebqk9bibcna874givr6joj62mlhv"),
        ] {
            let hash = parameters.hash(name(owner).as_name());
            assert_eq!(nsec3_label(&hash)[1..], *text.as_bytes(), "{owner}");
            assert_eq!(nsec3_hash_of_label(text.as_bytes()), Some(hash), "{owner}");
            assert_eq!(nsec3_hash_of_label(text.to_uppercase().as_bytes()), Some(hash), "{owner}");
        }
        let pieces: [&[u8]; 3] = [b"\x01y", b"\x01w", b"\x07example\0"];
        assert_eq!(parameters.hash_lower(&pieces), parameters.hash(name("Y.W.example.").as_name()));
        for text in [
            "",
            "0p9mhaveqvm6t7vbl5lop2u3t2rp3to",
            "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom0",
            "zp9mhaveqvm6t7vbl5lop2u3t2rp3tom",
        ] {
            assert_eq!(nsec3_hash_of_label(text.as_bytes()), None, "{text}");
        }
        let long = [b"\x3f".as_slice(), &[b'x'; 63]].concat();
        let longest = [&long[..], &long, &long, b"\x3d", &[b'x'; 61], b"\0"].concat();
        let parameters = Nsec3Parameters { salt: &[7; 255], ..parameters };
        assert_eq!(parameters.hash(Name::from_wire(&longest).expect("255 octets")).len(), 20);
    }

    #[test]
    fn parameters_are_read_or_not_there() {
        let rdata = [1, 1, 0, 12, 2, 0xaa, 0xbb, 20, 9];
        let (parameters, flags, rest) = Nsec3Parameters::split_from(&rdata).expect("whole");
        assert_eq!(parameters, Nsec3Parameters { algorithm: 1, iterations: 12, salt: &[0xaa, 0xbb] });
        assert_eq!((flags, rest), (1, &[20, 9][..]));
        (0..7).for_each(|octets| assert!(Nsec3Parameters::split_from(&rdata[..octets]).is_none()));
    }
}
