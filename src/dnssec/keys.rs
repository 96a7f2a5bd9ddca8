//! The keys of a zone: which of them may sign what, and what is wrong with them.
//!
//! Does not verify signatures.

use super::algorithm::{Algorithm, Standing};
use super::fault::{Faults, Problem};
use super::key::{Dnskey, KeyFault, VerifyingKey};
use super::signature::Rrsig;
use crate::base::limits::KEYS_PER_TAG_MAX;
use crate::wire::{Name, Rtype};
use crate::zone::Holding;

/// Fewest bits of an RSA key that nobody warns of.
const RSA_BITS_COMMON: u32 = 2_048;

/// One key of a zone.
#[derive(Debug)]
pub(super) struct ZoneKey {
    pub(super) tag: u16,
    pub(super) algorithm: Algorithm,
    /// The rdata of its DNSKEY.
    pub(super) rdata: Box<[u8]>,
    /// What it is verified with; none where that cannot be done here.
    pub(super) verifying: Option<VerifyingKey>,
    /// Whether it may sign zone data.
    pub(super) is_fit: bool,
    pub(super) is_revoked: bool,
    is_secure_entry_point: bool,
}

/// The keys of a zone, by tag and algorithm.
#[derive(Debug, Default)]
pub(super) struct ZoneKeys {
    keys: Vec<ZoneKey>,
    /// The algorithms that every RRset must be signed with, each once.
    algorithms: Vec<Algorithm>,
}

impl ZoneKeys {
    /// Reads the DNSKEY records of the apex, and says what is wrong with them.
    pub(super) fn read(apex: &Holding<'_>, faults: &mut Faults) -> Self {
        let mut zone_keys = Self::default();
        let records = apex.rrset(Rtype::DNSKEY).into_iter().flat_map(|rrset| rrset.records());
        for dnskey in records.filter_map(|record| Dnskey::read(record.record.rdata)) {
            zone_keys.keys.push(ZoneKey::judge(&dnskey, apex.owner, faults));
        }
        zone_keys.keys.sort_by_key(|key| (key.tag, key.algorithm));
        zone_keys.algorithms = zone_keys.keys.iter().filter(|key| key.is_fit).map(|key| key.algorithm).collect();
        zone_keys.algorithms.sort_unstable();
        zone_keys.algorithms.dedup();
        zone_keys.judge_set(apex, faults);
        zone_keys
    }

    fn judge_set(&self, apex: &Holding<'_>, faults: &mut Faults) {
        let mut add = |problem| faults.add(apex.owner, Rtype::DNSKEY, problem);
        for alike in self.keys.chunk_by(|a, b| (a.tag, a.algorithm) == (b.tag, b.algorithm)) {
            if alike.len() > 1 {
                add(Problem::KeyTagCollision { tag: alike[0].tag, algorithm: alike[0].algorithm });
            }
        }
        if self.keys.is_empty() {
            return;
        }
        if self.algorithms.is_empty() {
            return add(Problem::NoZoneKey);
        }
        let signers = signers_of_keys(apex);
        let mut entries = self.keys.iter().filter(|key| key.is_fit && key.is_secure_entry_point).peekable();
        if entries.peek().is_none() {
            add(Problem::NoSecureEntryPoint);
        } else if !signers.is_empty() && !entries.any(|key| signers.binary_search(&(key.tag, key.algorithm)).is_ok()) {
            // Without any signature over the keys that is said elsewhere.
            add(Problem::EntryPointUnsigned);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys that a signature may mean; no more of them than are tried.
    pub(super) fn with(&self, tag: u16, algorithm: Algorithm) -> &[ZoneKey] {
        let start = self.keys.partition_point(|key| (key.tag, key.algorithm) < (tag, algorithm));
        let alike = self.keys[start..].iter().take_while(|key| (key.tag, key.algorithm) == (tag, algorithm));
        let count = alike.take(KEYS_PER_TAG_MAX).count();
        &self.keys[start..start + count]
    }

    /// The algorithms that every RRset must be signed with, each once.
    pub(super) fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }
}

impl ZoneKey {
    fn judge(dnskey: &Dnskey<'_>, owner: Name<'_>, faults: &mut Faults) -> Self {
        let (tag, algorithm) = (dnskey.tag(), dnskey.algorithm);
        let mut add = |problem| faults.add(owner, Rtype::DNSKEY, problem);
        let verifying = VerifyingKey::new(dnskey);
        match verifying {
            _ if dnskey.protocol != 3 => add(Problem::MalformedKey { tag, algorithm }),
            Err(KeyFault::Malformed) => add(Problem::MalformedKey { tag, algorithm }),
            Err(KeyFault::UnsupportedAlgorithm) => add(Problem::UnsupportedAlgorithm { tag, algorithm }),
            Err(KeyFault::UnsupportedModulus(bits) | KeyFault::UnsupportedExponent(bits)) => {
                add(Problem::UnsupportedKey { tag, bits });
            }
            Ok(_) => {}
        }
        if algorithm.standing() == Standing::Deprecated {
            add(Problem::DeprecatedAlgorithm { tag, algorithm });
        }
        if let Some(bits) = dnskey.rsa_bits().filter(|&bits| bits < RSA_BITS_COMMON) {
            add(Problem::ShortKey { tag, bits });
        }
        if !dnskey.is_zone_key() {
            add(Problem::NotZoneKey { tag, algorithm });
        }
        if dnskey.is_revoked() {
            add(Problem::RevokedKey { tag, algorithm });
        }
        Self {
            tag,
            algorithm,
            rdata: dnskey.rdata.into(),
            verifying: verifying.ok(),
            is_fit: dnskey.is_zone_key() && !dnskey.is_revoked() && dnskey.protocol == 3,
            is_revoked: dnskey.is_revoked(),
            is_secure_entry_point: dnskey.is_secure_entry_point(),
        }
    }
}

/// Tag and algorithm of the keys that the signatures over the DNSKEY records name.
pub(super) fn signers_of_keys(apex: &Holding<'_>) -> Vec<(u16, Algorithm)> {
    let signatures = apex.rrset(Rtype::RRSIG).into_iter().flat_map(|rrset| rrset.records());
    let mut signers: Vec<(u16, Algorithm)> = signatures
        .filter_map(|record| Rrsig::read(record.canonical))
        .filter(|rrsig| rrsig.covered == Rtype::DNSKEY)
        .map(|rrsig| (rrsig.key_tag, rrsig.algorithm))
        .collect();
    signers.sort_unstable();
    signers.dedup();
    signers
}
