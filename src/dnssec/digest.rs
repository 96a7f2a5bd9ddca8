//! Digests: of a key for its parent (DS, CDS), of a name for NSEC3.
//!
//! Does not know records, but for what goes into a digest.

use aws_lc_rs::digest::{self, Context};

use super::algorithm::DigestType;
use crate::wire::Name;

/// Octets of the only hash that NSEC3 has: SHA-1 (RFC 5155 section 11).
pub const NSEC3_HASH_OCTETS: usize = 20;

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
    pub fn hash(&self, name: Name<'_>) -> [u8; NSEC3_HASH_OCTETS] {
        let mut input = [0; 512];
        let lower = name.to_lower();
        let mut octets = lower.as_name().wire();
        let mut hash = [0; NSEC3_HASH_OCTETS];
        for _ in 0..=self.iterations {
            // A name and a salt have at most 255 octets each.
            let (front, rest) = input.split_at_mut(octets.len());
            front.copy_from_slice(octets);
            rest[..self.salt.len()].copy_from_slice(self.salt);
            let length = octets.len() + self.salt.len();
            let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &input[..length]);
            hash.copy_from_slice(digest.as_ref());
            octets = &hash;
        }
        hash
    }
}

/// The digest of a key for its parent (RFC 4034 section 5.1.4): over the owner in lower case and the DNSKEY rdata. None
/// where the digest is unknown here.
pub fn of_key(kind: DigestType, owner: Name<'_>, dnskey: &[u8]) -> Option<digest::Digest> {
    let mut context = Context::new(kind.function()?);
    context.update(owner.to_lower().as_name().wire());
    context.update(dnskey);
    Some(context.finish())
}

#[cfg(test)]
mod tests {
    use data_encoding::{BASE32_DNSSEC, BASE64, HEXUPPER};

    use super::*;
    use crate::wire::NameBuf;

    fn name(text: &str) -> NameBuf {
        text.parse().expect("a name")
    }

    /// RFC 5155 appendix A.
    #[test]
    fn names_hash_as_the_rfc_has_it() {
        let parameters = Nsec3Parameters { algorithm: 1, iterations: 12, salt: &[0xaa, 0xbb, 0xcc, 0xdd] };
        for (owner, hash) in [
            ("example.", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"),
            ("A.example.", "35mthgpgcu1qg68fab165klnsnk3dpvl"),
            ("ai.example.", "gjeqe526plbf1g8mklp59enfd789njgi"),
            ("ns1.example.", "2t7b4g4vsa5smi47k61mv5bv1a22bojr"),
            ("y.w.example.", "ji6neoaepv8b5o6k4ev33abha8ht9fgc"),
            ("*.w.example.", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"),
            ("xx.example.", "t644ebqk9bibcna874givr6joj62mlhv"),
        ] {
            assert_eq!(BASE32_DNSSEC.encode(&parameters.hash(name(owner).as_name())), hash, "{owner}");
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

    /// RFC 4034 section 5.4, RFC 4509 section 2.3, RFC 6605 section 6.2.
    #[test]
    fn keys_have_the_digests_of_the_rfcs() {
        let key = "AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvx\
                   egXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==";
        let dnskey = [&[1, 0, 3, 5], &BASE64.decode(key.as_bytes()).expect("base64")[..]].concat();
        let owner = name("dskey.Example.com.");
        for (kind, expected) in [
            (DigestType::SHA1, "2BB183AF5F22588179A53B0A98631FAD1A292118"),
            (DigestType::SHA256, "D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A"),
        ] {
            let digest = of_key(kind, owner.as_name(), &dnskey).expect("a known digest");
            assert_eq!(HEXUPPER.encode(digest.as_ref()), expected, "{kind}");
        }
        let key = "xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBw\
                   Y8rp65F6Glur8I/mlVNgF6W/qTI37m40";
        let dnskey = [&[1, 1, 3, 14], &BASE64.decode(key.as_bytes()).expect("base64")[..]].concat();
        let digest = of_key(DigestType::SHA384, name("example.net.").as_name(), &dnskey).expect("a known digest");
        let expected =
            "72D7B62976CE06438E9C0BF319013CF801F09ECC84B8D7E9495F27E305C6A9B0563A9B5F4D288405C3008A946DF983D6";
        assert_eq!(HEXUPPER.encode(digest.as_ref()), expected);
        assert!(of_key(DigestType::GOST, owner.as_name(), &dnskey).is_none());
    }
}
