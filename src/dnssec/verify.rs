//! Whether a signature over an RRset is good: the canonical form is made, and the key asked (RFC 4034 sections 3.1.8.1
//! and 6, RFC 4035 section 5.3).
//!
//! Does not know the time, and not whether a key may sign for the owner: those who call it do.

use std::fmt;

use super::key::VerifyingKey;
use super::signature::Rrsig;
use crate::wire::{Class, Name, NameBuf, Rtype, rdata};

/// An RRset in canonical form. Reused from RRset to RRset, it allocates only where one is larger than those before.
///
/// Having been filled it tells you: its owner is in lower case, its rdata are in canonical form and order, each once.
#[derive(Debug, Clone)]
pub struct CanonicalRrset {
    owner: NameBuf,
    rtype: Rtype,
    /// All rdata behind each other.
    octets: Vec<u8>,
    /// Where each begins and ends.
    records: Vec<(u32, u32)>,
    /// One rdata as it came.
    wire: Vec<u8>,
}

/// Why a signature is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureFault {
    /// It signs another type.
    OtherType,
    /// It counts more labels than the owner has.
    TooManyLabels,
    /// Its signer is not at or above the owner.
    SignerNotAbove,
    /// The key is of another algorithm.
    OtherAlgorithm,
    /// The key says that it is not its signature over these records.
    Bad,
}

impl fmt::Display for SignatureFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherType => "the signature covers another type",
            Self::TooManyLabels => "the signature counts more labels than the owner has",
            Self::SignerNotAbove => "the signer is not at or above the owner",
            Self::OtherAlgorithm => "the key is of another algorithm",
            Self::Bad => "the signature does not match the records",
        })
    }
}

impl std::error::Error for SignatureFault {}

impl Default for CanonicalRrset {
    fn default() -> Self {
        let owner = Name::ROOT.to_buf();
        Self { owner, rtype: Rtype(0), octets: Vec::new(), records: Vec::new(), wire: Vec::new() }
    }
}

impl CanonicalRrset {
    /// Takes an RRset. `write` appends the rdata of one record in wire form, its names uncompressed; there are at most
    /// 65,535 octets in each.
    pub fn fill<R>(
        &mut self,
        owner: Name<'_>,
        rtype: Rtype,
        records: impl Iterator<Item = R>,
        mut write: impl FnMut(R, &mut Vec<u8>),
    ) {
        (self.owner, self.rtype) = (owner.to_lower(), rtype);
        self.octets.clear();
        self.records.clear();
        for record in records {
            self.wire.clear();
            write(record, &mut self.wire);
            let start = self.octets.len() as u32;
            rdata::canonical(rtype, &self.wire, &mut self.octets);
            self.records.push((start, self.octets.len() as u32));
        }
        let octets = &self.octets;
        let rdata = |&(start, end): &(u32, u32)| &octets[start as usize..end as usize];
        // RFC 4034 section 6.3: as strings of octets, and of those that are alike one.
        self.records.sort_unstable_by(|a, b| rdata(a).cmp(rdata(b)));
        self.records.dedup_by(|a, b| rdata(a) == rdata(b));
    }

    /// The owner, in lower case.
    pub fn owner(&self) -> Name<'_> {
        self.owner.as_name()
    }

    /// The rdata in canonical form and order.
    pub fn rdatas(&self) -> impl Iterator<Item = &[u8]> {
        self.records.iter().map(|&(start, end)| &self.octets[start as usize..end as usize])
    }

    /// Verifies a signature with a key. The time and the signer's right to sign are not looked at.
    ///
    /// `message` is room that is reused.
    ///
    /// # Errors
    /// Where the signature is not good.
    pub fn verify(&self, rrsig: &Rrsig<'_>, key: &VerifyingKey, message: &mut Vec<u8>) -> Result<(), SignatureFault> {
        if rrsig.algorithm != key.algorithm() {
            return Err(SignatureFault::OtherAlgorithm);
        }
        signed_message(self.owner(), self.rtype, self.rdatas(), rrsig, message)?;
        if key.verifies(message, rrsig.signature) { Ok(()) } else { Err(SignatureFault::Bad) }
    }
}

/// What a signature with the fields of `rrsig` is made over, in place of what `message` held. `rdatas` are in canonical
/// form and order, each once.
///
/// # Errors
/// Where the fields do not fit the RRset.
pub fn signed_message<'r>(
    owner: Name<'_>,
    rtype: Rtype,
    rdatas: impl Iterator<Item = &'r [u8]>,
    rrsig: &Rrsig<'_>,
    message: &mut Vec<u8>,
) -> Result<(), SignatureFault> {
    if rrsig.covered != rtype {
        return Err(SignatureFault::OtherType);
    }
    if !owner.is_at_or_below(rrsig.signer) {
        return Err(SignatureFault::SignerNotAbove);
    }
    let signed = signed_owner(owner, rrsig.labels).ok_or(SignatureFault::TooManyLabels)?;
    message.clear();
    message.extend_from_slice(rrsig.head);
    message.extend_from_slice(rrsig.signer.to_lower().as_name().wire());
    for rdata in rdatas {
        message.extend_from_slice(signed.as_name().wire());
        message.extend_from_slice(&rtype.0.to_be_bytes());
        message.extend_from_slice(&Class::IN.0.to_be_bytes());
        message.extend_from_slice(&rrsig.original_ttl.to_be_bytes());
        message.extend_from_slice(&(rdata.len() as u16).to_be_bytes());
        message.extend_from_slice(rdata);
    }
    Ok(())
}

/// The owner that was signed, in lower case (RFC 4035 section 5.3.2): the owner, or the wildcard that it was made from.
fn signed_owner(owner: Name<'_>, labels: u8) -> Option<NameBuf> {
    let mut surplus = label_count(owner).checked_sub(usize::from(labels))?;
    if surplus == 0 {
        return Some(owner.to_lower());
    }
    // A leftmost asterisk is no label that counts, but one to be taken away.
    surplus += usize::from(is_wildcard(owner));
    let mut name = owner;
    for _ in 0..surplus {
        name = name.parent()?;
    }
    // No longer than the owner: at least one label was taken away for the asterisk.
    NameBuf::join(b"\x01*", name.to_lower().as_name()).ok()
}

/// Whether the leftmost label is an asterisk alone.
pub(super) fn is_wildcard(name: Name<'_>) -> bool {
    name.wire().starts_with(b"\x01*")
}

/// The labels of a name as RRSIG counts them (RFC 4034 section 3.1.3): neither the root nor a leftmost asterisk.
pub(super) fn label_count(name: Name<'_>) -> usize {
    name.label_count() - usize::from(is_wildcard(name))
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
