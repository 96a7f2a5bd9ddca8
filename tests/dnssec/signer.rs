//! Signs zones for tests: with a hook between the making of the chains and the signing, so that what is wrong there is
//! signed like all else.
//!
//! Does not judge: whoever calls it wants zones that are wrong.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use data_encoding::BASE32_DNSSEC;
use gannet::dnssec::{CanonicalRrset, Dnskey, Rrsig, signed_message};
use gannet::wire::{Class, Name, NameBuf, Nsec3Parameters, Record, Rtype, SuffixHasher};
use gannet::zone::{Builder, Zone};
use gannet::zonefile::Reader;

/// A record with memory of its own.
#[derive(Debug, Clone)]
pub struct Owned {
    pub owner: NameBuf,
    pub ttl: u32,
    pub rtype: Rtype,
    pub rdata: Vec<u8>,
}

/// A name that sorts.
#[derive(Debug, Clone, Copy)]
pub struct Sorted(pub NameBuf);

impl PartialEq for Sorted {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Sorted {}

impl PartialOrd for Sorted {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sorted {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.as_name().canonical_cmp(other.0.as_name())
    }
}

pub enum Pair {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
}

pub struct Key {
    pub pair: Pair,
    pub flags: u16,
}

impl Key {
    pub fn ed25519(seed: u8) -> Self {
        Self { pair: Pair::Ed25519(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()), flags: 257 }
    }

    pub fn p256() -> Self {
        let document = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { pair: Pair::P256(document), flags: 257 }
    }

    /// The rdata of its DNSKEY.
    pub fn rdata(&self) -> Vec<u8> {
        let (algorithm, public) = match &self.pair {
            Pair::Ed25519(pair) => (15, pair.public_key().as_ref()),
            Pair::P256(pair) => (13, &pair.public_key().as_ref()[1..]),
        };
        let [high, low] = self.flags.to_be_bytes();
        [&[high, low, 3, algorithm], public].concat()
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.pair {
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::P256(pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
        }
    }
}

/// How names that do not exist are denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    Nsec,
    Nsec3 { opt_out: bool, iterations: u16 },
}

pub const APEX: &str = "example.";
pub const INCEPTION: u32 = 1_793_491_200;
pub const EXPIRATION: u32 = 1_798_761_600;
const MINIMUM: u32 = 600;

pub fn name(text: &str) -> NameBuf {
    text.parse().unwrap()
}

/// The records of a zone written as text.
pub fn records(text: &str) -> Vec<Owned> {
    let apex = name(APEX);
    let mut reader = Reader::new(text.as_bytes(), "test", apex.as_name());
    let mut records = Vec::new();
    while let Some(next) = reader.next() {
        let Record { owner, ttl, rtype, rdata, .. } = next.unwrap().0;
        records.push(Owned { owner: owner.to_buf(), ttl, rtype, rdata: rdata.to_vec() });
    }
    records
}

pub fn sealed(records: &[Owned]) -> Zone {
    let mut builder = Builder::new(name(APEX).as_name(), &SuffixHasher::new(0));
    for Owned { owner, ttl, rtype, rdata } in records {
        builder.add(&Record { owner: owner.as_name(), class: Class::IN, ttl: *ttl, rtype: *rtype, rdata }).unwrap();
    }
    builder.seal().unwrap().0
}

type ByName = BTreeMap<Sorted, Vec<Rtype>>;

/// Adds keys and a chain to the records, calls `tamper`, and signs what is then there.
pub fn signed(records: &[Owned], keys: &[Key], denial: Denial, tamper: impl FnOnce(&mut Vec<Owned>)) -> Vec<Owned> {
    let mut records = records.to_vec();
    let apex = name(APEX);
    for key in keys {
        records.push(Owned { owner: apex, ttl: 3_600, rtype: Rtype::DNSKEY, rdata: key.rdata() });
    }
    match denial {
        Denial::Nsec => add_nsec(&mut records),
        Denial::Nsec3 { opt_out, iterations } => add_nsec3(&mut records, opt_out, iterations),
    }
    tamper(&mut records);
    let signatures = signatures(&records, keys);
    records.extend(signatures);
    records
}

/// Signs the records of one type at one name.
pub fn sign_rrset(records: &[Owned], owner: &NameBuf, rtype: Rtype, key: &Key) -> Owned {
    sign_with(records, owner, rtype, key, INCEPTION, EXPIRATION)
}

pub fn sign_with(
    records: &[Owned],
    owner: &NameBuf,
    rtype: Rtype,
    key: &Key,
    inception: u32,
    expiration: u32,
) -> Owned {
    let is_meant = |record: &&Owned| record.rtype == rtype && record.owner.as_name().eq_ignore_case(owner.as_name());
    let these = records.iter().filter(is_meant);
    let ttl = these.clone().next().unwrap().ttl;
    let mut rrset = CanonicalRrset::default();
    rrset.fill(owner.as_name(), rtype, these, |record, out| out.extend_from_slice(&record.rdata));
    let dnskey = key.rdata();
    let dnskey = Dnskey::read(&dnskey).unwrap();
    let labels = owner.as_name().label_count() - usize::from(owner.as_name().wire().starts_with(b"\x01*"));
    let mut rdata = rtype.0.to_be_bytes().to_vec();
    rdata.extend([dnskey.algorithm.0, labels as u8]);
    [ttl, expiration, inception].iter().for_each(|number| rdata.extend(number.to_be_bytes()));
    rdata.extend(dnskey.tag().to_be_bytes());
    rdata.extend_from_slice(name(APEX).as_name().wire());
    let mut message = Vec::new();
    signed_message(rrset.owner(), rtype, rrset.rdatas(), &Rrsig::read(&rdata).unwrap(), &mut message).unwrap();
    rdata.extend(key.sign(&message));
    Owned { owner: *owner, ttl, rtype: Rtype::RRSIG, rdata }
}

/// The types at each name that is not occluded.
fn visible(records: &[Owned]) -> ByName {
    let apex = name(APEX);
    let mut by_name = ByName::new();
    for record in records {
        by_name.entry(Sorted(record.owner)).or_default().push(record.rtype);
    }
    let occluding = |name: Name<'_>, types: &[Rtype]| {
        types.contains(&Rtype::DNAME) || (types.contains(&Rtype::NS) && !name.eq_ignore_case(apex.as_name()))
    };
    let barriers: Vec<NameBuf> =
        by_name.iter().filter(|(name, types)| occluding(name.0.as_name(), types)).map(|(name, _)| name.0).collect();
    by_name.retain(|name, _| {
        !barriers.iter().any(|barrier| {
            name.0.as_name().is_at_or_below(barrier.as_name()) && !name.0.as_name().eq_ignore_case(barrier.as_name())
        })
    });
    by_name
}

fn is_cut(name: &NameBuf, types: &[Rtype]) -> bool {
    types.contains(&Rtype::NS) && !name.as_name().eq_ignore_case(self::name(APEX).as_name())
}

fn signatures(records: &[Owned], keys: &[Key]) -> Vec<Owned> {
    let mut signatures = Vec::new();
    for (owner, mut types) in visible(records) {
        types.sort_unstable();
        types.dedup();
        let cut = is_cut(&owner.0, &types);
        types.retain(|&rtype| {
            rtype != Rtype::RRSIG && (!cut || matches!(rtype, Rtype::DS | Rtype::NSEC | Rtype::NSEC3))
        });
        for rtype in types {
            let fit = keys.iter().filter(|key| key.flags & 0x180 == 0x100 || rtype == Rtype::DNSKEY);
            signatures.extend(fit.map(|key| sign_rrset(records, &owner.0, rtype, key)));
        }
    }
    signatures
}

/// The bitmap of some types.
pub fn bitmap(types: &[Rtype]) -> Vec<u8> {
    let mut blocks: BTreeMap<u8, [u8; 32]> = BTreeMap::new();
    for rtype in types {
        let [window, bit] = rtype.0.to_be_bytes();
        blocks.entry(window).or_default()[usize::from(bit / 8)] |= 0x80 >> (bit % 8);
    }
    let mut out = Vec::new();
    for (window, bits) in blocks {
        let length = bits.iter().rposition(|&octet| octet != 0).unwrap() + 1;
        out.extend([window, length as u8]);
        out.extend_from_slice(&bits[..length]);
    }
    out
}

fn add_nsec(records: &mut Vec<Owned>) {
    let by_name = visible(records);
    let owners: Vec<NameBuf> = by_name.keys().map(|name| name.0).collect();
    for (number, (owner, mut types)) in by_name.into_iter().enumerate() {
        if is_cut(&owner.0, &types) {
            types.retain(|&rtype| matches!(rtype, Rtype::NS | Rtype::DS));
        }
        types.extend([Rtype::NSEC, Rtype::RRSIG]);
        let next = owners[(number + 1) % owners.len()];
        let rdata = [next.as_name().wire(), &bitmap(&types)].concat();
        records.push(Owned { owner: owner.0, ttl: MINIMUM, rtype: Rtype::NSEC, rdata });
    }
}

fn add_nsec3(records: &mut Vec<Owned>, opt_out: bool, iterations: u16) {
    let [high, low] = iterations.to_be_bytes();
    let apex = name(APEX);
    records.push(Owned { owner: apex, ttl: 0, rtype: Rtype::NSEC3PARAM, rdata: vec![1, 0, high, low, 1, 0xaa] });
    let mut by_name = visible(records);
    for owner in by_name.keys().map(|name| name.0).collect::<Vec<_>>() {
        let types = &by_name[&Sorted(owner)];
        if opt_out && is_cut(&owner, types) && !types.contains(&Rtype::DS) {
            by_name.remove(&Sorted(owner));
            continue;
        }
        let mut above = owner.as_name();
        while above.label_count() > apex.as_name().label_count() {
            by_name.entry(Sorted(above.to_buf())).or_default();
            above = above.parent().unwrap();
        }
    }
    let parameters = Nsec3Parameters { algorithm: 1, iterations, salt: &[0xaa] };
    let mut hashed: Vec<([u8; 20], Vec<u8>)> = Vec::new();
    for (owner, mut types) in by_name {
        let cut = is_cut(&owner.0, &types);
        if cut {
            types.retain(|&rtype| matches!(rtype, Rtype::NS | Rtype::DS));
        }
        if !types.is_empty() && (!cut || types.contains(&Rtype::DS)) {
            types.push(Rtype::RRSIG);
        }
        hashed.push((parameters.hash(owner.0.as_name()), bitmap(&types)));
    }
    hashed.sort();
    for (number, (hash, bitmap)) in hashed.iter().enumerate() {
        let next = hashed[(number + 1) % hashed.len()].0;
        let rdata = [&[1, u8::from(opt_out), high, low, 1, 0xaa, 20], &next[..], bitmap].concat();
        let owner = name(&format!("{}.{APEX}", BASE32_DNSSEC.encode(hash)));
        records.push(Owned { owner, ttl: MINIMUM, rtype: Rtype::NSEC3, rdata });
    }
}

/// The owner of the NSEC3 of a name, with the parameters used here.
pub fn nsec3_owner(text: &str) -> NameBuf {
    nsec3_owner_with(text, 0)
}

pub fn nsec3_owner_with(text: &str, iterations: u16) -> NameBuf {
    let parameters = Nsec3Parameters { algorithm: 1, iterations, salt: &[0xaa] };
    name(&format!("{}.{APEX}", BASE32_DNSSEC.encode(&parameters.hash(name(text).as_name()))))
}
