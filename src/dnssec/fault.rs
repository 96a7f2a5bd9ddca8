//! What can be wrong with a signed zone: one row of one table for each kind, and what is kept of what was found.
//!
//! Does not know how a fault is found, and not what an operator makes of its level.

use std::fmt;

use super::algorithm::Algorithm;
use crate::base::limits::ERRORS_SHOWN_MAX;
use crate::wire::rdata::{Moment, Period};
use crate::wire::{Name, NameBuf, Rtype};

/// How bad a kind of fault is, where nobody says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Resolvers get along with it.
    Warning,
    /// Resolvers that validate do not get an answer, or not the right one; or what should show it cannot.
    Error,
}

macro_rules! problems {
    ($($(#[doc = $doc:literal])+ $variant:ident $({ $($field:ident: $type:ty),+ })? = $name:literal $level:ident, $message:literal;)+) => {
        /// One problem with the numbers that belong to it. Its kind is [`kind`](Self::kind).
        #[derive(Debug, Clone)]
        #[allow(missing_docs)] // the fields are what their types say: tags, algorithms, TTLs in seconds
        pub enum Problem {
            $($(#[doc = $doc])+ $variant $({ $($field: $type),+ })?,)+
        }

        /// A kind of problem, with a name that stays.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Kind {
            /// All of them, in the order of the manual.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name that findings, options and the manual use.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Its level where nobody set another.
            pub fn level(self) -> Level {
                match self { $(Self::$variant => Level::$level,)+ }
            }

            /// What it means, in a sentence or two: for the manual.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }

        impl Problem {
            /// Which kind it is.
            pub fn kind(&self) -> Kind {
                match self { $(Self::$variant $({ $($field: _),+ })? => Kind::$variant,)+ }
            }
        }

        impl fmt::Display for Problem {
            /// What is wrong and what to do, in one line without the owner.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$variant $({ $($field),+ })? => write!(f, $message),)+ }
            }
        }
    };
}

problems! {
    /// The zone has signatures or proofs of denial, and no DNSKEY: nobody can verify them.
    NoDnskey = "no-dnskey" Error,
        "signed, but without a DNSKEY at the apex: publish the keys, or take the signatures out";
    /// No DNSKEY may sign the zone: each is revoked or has no zone flag (RFC 4034 section 2.1.1).
    NoZoneKey = "no-zone-key" Error,
        "no key may sign the zone: each is revoked, or its flags lack 256";
    /// A DNSKEY is no key of its algorithm, or its protocol is not 3 (RFC 4034 section 2.1.2).
    MalformedKey { tag: u16, algorithm: Algorithm } = "malformed-key" Error,
        "key {tag} is no {algorithm} key: resolvers will not use it; publish it anew";
    /// Signatures of the key's algorithm, such as Ed448, cannot be verified here: they are taken for good.
    UnsupportedAlgorithm { tag: u16, algorithm: Algorithm } = "unsupported-algorithm" Warning,
        "signatures by key {tag} cannot be verified here: {algorithm} is not supported";
    /// The RSA key has too many or too few bits to be used here: its signatures are taken for good.
    UnsupportedKey { tag: u16, bits: u32 } = "unsupported-key" Warning,
        "signatures by key {tag} cannot be verified here: its modulus or exponent has {bits} bits";
    /// The algorithm must not be used any more (RFC 9904, RFC 9905): some resolvers take the zone for unsigned.
    DeprecatedAlgorithm { tag: u16, algorithm: Algorithm } = "deprecated-algorithm" Warning,
        "key {tag} is of {algorithm}, which must not sign zones any more: roll over to ECDSAP256SHA256";
    /// An RSA key of less than 2048 bits.
    ShortKey { tag: u16, bits: u32 } = "short-rsa-key" Warning,
        "key {tag} has {bits} bits only: roll over to 2048, or to ECDSAP256SHA256";
    /// A DNSKEY without the zone flag: it cannot sign the zone (RFC 4034 section 2.1.1).
    NotZoneKey { tag: u16, algorithm: Algorithm } = "not-zone-key" Warning,
        "key {tag} of {algorithm} is no zone key: its flags lack 256";
    /// A DNSKEY is revoked (RFC 5011): it signs nothing but the keys.
    RevokedKey { tag: u16, algorithm: Algorithm } = "revoked-key" Warning,
        "key {tag} of {algorithm} is revoked: remove it once every trust anchor is gone";
    /// Several keys have one tag and algorithm: resolvers must try each, and some give up (KeyTrap).
    KeyTagCollision { tag: u16, algorithm: Algorithm } = "key-tag-collision" Warning,
        "more than one {algorithm} key has the tag {tag}: make a new one";
    /// No key that may sign the zone has the secure entry point flag: nothing says which one the parent's DS should name.
    NoSecureEntryPoint = "no-secure-entry-point" Warning,
        "no key has the SEP flag (257): nothing says which one the parent's DS should name";
    /// None of the keys with the secure entry point flag, which the parent's DS should name, signs the keys.
    EntryPointUnsigned = "entry-point-unsigned" Error,
        "none of the keys with the SEP flag (257) signs the DNSKEY records: sign them with one that the parent's DS names";
    /// An RRset has no signature of an algorithm that the keys have (RFC 4035 section 2.2, RFC 6840 section 5.11).
    MissingSignature { algorithm: Algorithm } = "missing-signature" Error,
        "no signature of {algorithm}: sign the zone again";
    /// A signature does not match the records and the key.
    BadSignature { tag: u16, algorithm: Algorithm } = "bad-signature" Error,
        "the signature by key {tag} of {algorithm} does not match the records: sign them again";
    /// A signature has expired.
    ExpiredSignature { covered: Rtype, tag: u16, ago: Period, at: Moment } = "expired-signature" Error,
        "the signature of {covered} by key {tag} expired {ago} ago, at {at}: sign the records again";
    /// A signature expires within the time that was asked for.
    SignatureExpiresSoon { covered: Rtype, tag: u16, left: Period, at: Moment } = "signature-expires-soon" Warning,
        "the signature of {covered} by key {tag} expires in {left}, at {at}: see that the signer runs";
    /// A signature is not valid yet.
    SignatureNotYetValid { covered: Rtype, tag: u16, until: Period, at: Moment } = "signature-not-yet-valid" Error,
        "the signature of {covered} by key {tag} is not valid yet, it begins in {until}, at {at}: look at the signer's clock";
    /// A signature expires before it begins to be valid.
    BackwardsValidity { covered: Rtype, tag: u16 } = "backwards-validity" Error,
        "the signature of {covered} by key {tag} expires before it is valid: sign the records again";
    /// A signature names a key that is not among the keys of the zone.
    UnknownKey { tag: u16, algorithm: Algorithm } = "unknown-key" Error,
        "signed by key {tag} of {algorithm}, which the zone does not have: publish it, or sign again";
    /// A signature was made by a key that must not sign zone data: it is revoked, or no zone key.
    UnfitKey { tag: u16, algorithm: Algorithm } = "unfit-key" Error,
        "signed by key {tag} of {algorithm}, which is revoked or no zone key: sign with another";
    /// A signature's signer is not the apex (RFC 4035 section 2.2).
    WrongSigner { tag: u16 } = "wrong-signer" Error,
        "the signature by key {tag} names a signer other than the apex: sign the records again";
    /// A signature counts other labels than its owner has: resolvers take the records for a wildcard's, or for bad.
    WrongLabels { tag: u16, labels: u8, expected: u8 } = "wrong-labels" Error,
        "the signature by key {tag} counts {labels} labels where the owner has {expected}: sign the records again";
    /// A signature's original TTL is not the TTL of its records (RFC 4035 section 2.2).
    OriginalTtl { original: u32, ttl: u32 } = "original-ttl" Warning,
        "signed with the TTL {original}, published with {ttl}: set the TTL before signing";
    /// A signature over what the zone does not answer for: a delegation's NS, glue, or what is below a zone cut.
    StraySignature = "stray-signature" Warning,
        "signed, though the zone does not answer for it: leave glue, and NS at zone cuts, unsigned";
    /// An RRset has more signatures than are verified here; resolvers stop sooner.
    TooManySignatures { count: u32 } = "too-many-signatures" Warning,
        "{count} signatures: more than are verified here, and more than resolvers will try";
    /// A signed zone has neither NSEC nor NSEC3: it cannot prove that a name does not exist.
    NoDenial = "no-denial" Error,
        "signed, but with neither an NSEC nor an NSEC3 chain: sign the zone again";
    /// A name that must have an NSEC has none (RFC 4035 section 2.3).
    NsecMissing = "nsec-missing" Error,
        "no NSEC: sign the zone again";
    /// An NSEC does not name the next name of the zone, or the last one does not name the apex.
    NsecChainBroken { expected: Box<NameBuf> } = "nsec-chain-broken" Error,
        "NSEC must name {expected} as the next name: sign the zone again";
    /// The types that an NSEC lists are not those of its owner.
    NsecBitmap { wrong: Rtype, is_listed: bool } = "nsec-bitmap" Error,
        "NSEC is wrong about {wrong} (listed: {is_listed}): sign the zone again";
    /// An NSEC where none belongs: below a zone cut, or more than one at a name.
    StrayNsec = "stray-nsec" Error,
        "an NSEC that no chain has: remove it, or sign the zone again";
    /// NSEC3 records without an NSEC3PARAM at the apex (RFC 5155 section 4): servers will not use them.
    NoNsec3param = "no-nsec3param" Error,
        "NSEC3 records, but no NSEC3PARAM with flags 0 at the apex: sign the zone again";
    /// A name that must have an NSEC3 has none (RFC 5155 section 7.1).
    Nsec3Missing = "nsec3-missing" Error,
        "no NSEC3: sign the zone again";
    /// A name was left out under opt-out that is no insecure delegation (RFC 5155 section 6).
    Nsec3OptOut = "nsec3-opt-out" Error,
        "no NSEC3, and opt-out leaves out insecure delegations only: sign the zone again";
    /// An NSEC3 does not name the next hash of the chain.
    Nsec3ChainBroken = "nsec3-chain-broken" Error,
        "NSEC3 does not name the next hash of the chain: sign the zone again";
    /// The types that an NSEC3 lists are not those of its name.
    Nsec3Bitmap { wrong: Rtype, is_listed: bool } = "nsec3-bitmap" Error,
        "NSEC3 is wrong about {wrong} (listed: {is_listed}): sign the zone again";
    /// An NSEC3 that is the hash of no name in the zone: that the name it was made for does not exist cannot be proved.
    Nsec3Surplus = "nsec3-surplus" Error,
        "NSEC3 for the hash of no name: sign the zone again";
    /// An NSEC3 whose parameters no NSEC3PARAM has, or that has unknown flags: servers and resolvers ignore it.
    Nsec3Parameters = "nsec3-parameters" Warning,
        "NSEC3 whose parameters no NSEC3PARAM has: remove it, or sign the zone again";
    /// A hash other than SHA-1, or more chains than are checked: this chain was not.
    Nsec3Unchecked = "nsec3-unchecked" Warning,
        "the NSEC3 chain was not checked: its hash is unknown, or there are too many chains";
    /// So many iterations that resolvers take the zone for unsigned or for bad (RFC 9276 section 3.2): the chain is not checked.
    Nsec3IterationsExcessive { iterations: u16 } = "nsec3-iterations-excessive" Error,
        "{iterations} iterations of NSEC3's hash: resolvers refuse so many; set 0";
    /// NSEC or NSEC3 with a TTL above the SOA's and its MINIMUM (RFC 9077): denials are believed for too long.
    DenialTtl { ttl: u32, most: u32 } = "denial-ttl" Warning,
        "a TTL of {ttl}: at most {most}, the lower of the SOA's TTL and MINIMUM";
    /// A ZONEMD digest is not that of the zone (RFC 8976 section 4).
    ZonemdMismatch { scheme: u8, hash: u8 } = "zonemd-mismatch" Error,
        "ZONEMD {scheme} {hash} is not the digest of this zone: make it anew after the last change";
    /// A ZONEMD was made for another serial.
    ZonemdSerial { serial: u32, soa: u32 } = "zonemd-serial" Error,
        "ZONEMD is for serial {serial}, the SOA has {soa}: make it anew after the last change";
    /// Two ZONEMD with one scheme and hash algorithm: neither may be used (RFC 8976 section 2.2.3).
    ZonemdDuplicate { scheme: u8, hash: u8 } = "zonemd-duplicate" Error,
        "more than one ZONEMD {scheme} {hash}: resolvers use neither; remove the wrong one";
    /// A ZONEMD with a scheme or hash that is unknown here: it is not checked.
    ZonemdUnsupported { scheme: u8, hash: u8 } = "zonemd-unsupported" Warning,
        "ZONEMD {scheme} {hash} was not checked: the scheme or the hash is unknown here";
    /// A CDS or CDNSKEY does not match the key that it means, or none of them matches any key: the parent would break the
    /// delegation (RFC 7344 section 4.1).
    CdsMismatch = "cds-mismatch" Error,
        "does not match the zone's keys: a parent that follows it breaks the delegation";
    /// A CDS or CDNSKEY means a key that the zone does not have, beside others that it has.
    CdsUnknownKey { tag: u16, algorithm: Algorithm } = "cds-unknown-key" Warning,
        "key {tag} of {algorithm} is not in the zone: good only for a key that is still to come";
    /// No key that the CDS or CDNSKEY name signs the keys: the parent would break the delegation.
    CdsUnsigned = "cds-unsigned" Error,
        "none of the keys named signs the DNSKEY records: a parent that follows it breaks the delegation";
    /// CDS and CDNSKEY do not mean the same keys (RFC 7344 section 4).
    CdsInconsistent = "cds-inconsistent" Error,
        "CDS and CDNSKEY do not mean the same keys: publish both for each key, or one type only";
    /// The request to delete the DS stands beside others, or is not as RFC 8078 section 4 has it.
    CdsDelete = "cds-delete" Error,
        "a request to delete the DS stands alone, as CDS 0 0 0 00 and CDNSKEY 0 3 0 AA==";
}

/// One problem and where it is.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The name it is found at.
    pub owner: NameBuf,
    /// The type of the records that are meant, those that are signed where it is about a signature.
    pub rtype: Rtype,
    /// The one record that it is about, where there is one: its type and its rdata in canonical form.
    pub record: Option<(Rtype, Box<[u8]>)>,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.owner, self.rtype, self.problem)
    }
}

/// Faults: the first few of each kind, and how many there were.
#[derive(Debug, Clone)]
pub struct Faults {
    kept: Vec<Fault>,
    counts: Vec<u64>,
}

impl Default for Faults {
    fn default() -> Self {
        Self { kept: Vec::new(), counts: vec![0; Kind::ALL.len()] }
    }
}

impl Faults {
    /// Counts a problem, and keeps it if there are few of its kind.
    pub fn add(&mut self, owner: Name<'_>, rtype: Rtype, problem: Problem) {
        self.add_of(owner, rtype, None, problem);
    }

    /// As [`add`](Self::add), of one record: its type and its rdata in canonical form.
    pub fn add_of(&mut self, owner: Name<'_>, rtype: Rtype, record: Option<(Rtype, &[u8])>, problem: Problem) {
        let count = &mut self.counts[problem.kind() as usize];
        *count += 1;
        if *count <= ERRORS_SHOWN_MAX as u64 {
            let record = record.map(|(rtype, rdata)| (rtype, rdata.into()));
            self.kept.push(Fault { owner: owner.to_buf(), rtype, record, problem });
        }
    }

    /// Takes those of another part behind its own.
    pub fn absorb(&mut self, other: Self) {
        let mut room: Vec<u64> =
            self.counts.iter().map(|&count| (ERRORS_SHOWN_MAX as u64).saturating_sub(count)).collect();
        self.kept.extend(other.kept.into_iter().filter(|fault| {
            let room = &mut room[fault.problem.kind() as usize];
            let fits = *room > 0;
            *room = room.saturating_sub(1);
            fits
        }));
        self.counts.iter_mut().zip(other.counts).for_each(|(count, more)| *count += more);
    }

    /// Those that were kept, in the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.kept.iter()
    }

    /// How many of a kind there were, kept or not.
    pub fn count_of(&self, kind: Kind) -> u64 {
        self.counts[kind as usize]
    }

    /// How many of a level there were, kept or not.
    pub fn count(&self, level: Level) -> u64 {
        Kind::ALL.iter().filter(|kind| kind.level() == level).map(|&kind| self.count_of(kind)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_kebab_case() {
        let mut names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        for kind in Kind::ALL {
            let plain = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-';
            assert!(kind.name().bytes().all(plain), "{}", kind.name());
            assert!(kind.description().ends_with('.'), "{}", kind.name());
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Kind::ALL.len());
    }

    #[test]
    fn few_of_a_kind_are_kept_and_all_are_counted() {
        let mut all = Faults::default();
        for _ in 0..3 {
            let mut part = Faults::default();
            (0..15).for_each(|_| part.add(Name::ROOT, Rtype::NSEC, Problem::NsecMissing));
            part.add(Name::ROOT, Rtype::DNSKEY, Problem::ShortKey { tag: 7, bits: 1_024 });
            all.absorb(part);
        }
        let kept = |kind| all.iter().filter(|fault| fault.problem.kind() == kind).count();
        assert_eq!((kept(Kind::NsecMissing), all.count_of(Kind::NsecMissing)), (ERRORS_SHOWN_MAX, 45));
        assert_eq!((kept(Kind::ShortKey), all.count(Level::Warning), all.count(Level::Error)), (3, 3, 45));
        let fault = all.iter().find(|fault| fault.rtype == Rtype::DNSKEY).expect("kept");
        assert_eq!(fault.to_string(), ". DNSKEY: key 7 has 1024 bits only: roll over to 2048, or to ECDSAP256SHA256");
    }
}
