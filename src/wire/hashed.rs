//! A name in lower case with a hash for each of its suffixes: one pass, then every ancestor is one table probe.
//!
//! Does not know tables: zones and zone sets bring their own.

use std::fmt;
use std::hash::Hasher;

use foldhash::SharedSeed;
use foldhash::fast::FoldHasher;

use super::{Name, NameError};
use crate::base::limits::{LABEL_OCTETS_MAX, NAME_LABELS_MAX, NAME_OCTETS_MAX};

/// Hashes names label by label from the root, so that a name's hash extends its parent's.
///
/// Seeded per process: whoever sends queries cannot know which names share a slot.
#[derive(Clone)]
pub struct SuffixHasher {
    seed: u64,
    shared: SharedSeed,
}

impl SuffixHasher {
    /// A hasher whose hashes depend on `seed`; hashes of different seeds have nothing in common.
    pub fn new(seed: u64) -> Self {
        Self { seed, shared: SharedSeed::from_u64(seed) }
    }

    /// A hasher with a seed that nobody outside this process knows.
    pub fn random() -> Self {
        use std::hash::{BuildHasher, RandomState};
        Self::new(RandomState::new().hash_one(0x6761_6e6e_6574u64))
    }

    /// The hash of the root.
    #[inline]
    pub fn root(&self) -> u64 {
        self.seed
    }

    /// The hash of the name that puts `label`, in lower case, in front of a name with hash `parent`.
    #[inline]
    pub fn child(&self, parent: u64, label: &[u8]) -> u64 {
        let mut hasher = FoldHasher::with_seed(parent, &self.shared);
        hasher.write(label);
        hasher.finish()
    }

    /// The hash of a whole name, in any case.
    pub fn name(&self, name: Name<'_>) -> u64 {
        let mut hashed = HashedName::new(self);
        hashed.fill(name);
        hashed.hash(0)
    }
}

impl fmt::Debug for SuffixHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SuffixHasher") // the seed is a secret
    }
}

/// A name in lower case, with the offset of each label and the hash of each suffix. Reused from query to query.
///
/// Having a `HashedName` tells you: a whole valid name (the root, until it is first filled), and the hashes that its
/// hasher gives.
#[derive(Clone)]
pub struct HashedName {
    hasher: SuffixHasher,
    /// The octets, and room to fold sixteen at a time.
    octets: [u8; NAME_OCTETS_MAX + 1],
    length: u8,
    labels: u8,
    /// Where each label starts; behind the last one, where the root label stands.
    starts: [u8; NAME_LABELS_MAX + 1],
    /// The hash of the suffix that starts at each label; behind the last one, the root's.
    hashes: [u64; NAME_LABELS_MAX + 1],
}

impl HashedName {
    /// The root, hashed by `hasher` as all names that come after it.
    pub fn new(hasher: &SuffixHasher) -> Self {
        Self {
            hasher: hasher.clone(),
            octets: [0; NAME_OCTETS_MAX + 1],
            length: 1,
            labels: 0,
            starts: [0; NAME_LABELS_MAX + 1],
            hashes: [hasher.root(); NAME_LABELS_MAX + 1],
        }
    }

    /// Becomes `name`.
    pub fn fill(&mut self, name: Name<'_>) {
        // A `Name` holds only what `read` takes, so this cannot fail.
        let _ = self.read(name.wire());
    }

    /// Becomes the name whose wire form is all of `pieces`, one behind the other. Where that is none it is the root.
    #[inline]
    pub fn fill_from(&mut self, pieces: [&[u8]; 3]) {
        let (mut octets, mut end) = ([0; NAME_OCTETS_MAX], 0);
        for piece in pieces {
            // What is too long is cut off here, and then it is no name.
            let Some(room) = octets.get_mut(end..end + piece.len()) else { break };
            room.copy_from_slice(piece);
            end += piece.len();
        }
        let _ = self.read(&octets[..end]);
    }

    /// Becomes the uncompressed name at the start of `octets` and returns its length. After an error it is the root.
    #[inline]
    pub fn read(&mut self, octets: &[u8]) -> Result<usize, NameError> {
        let result = self.copy_lower(octets);
        if result.is_err() {
            (self.octets[0], self.length, self.labels, self.starts[0]) = (0, 1, 0, 0);
        }
        self.hash_suffixes();
        result
    }

    #[inline]
    fn copy_lower(&mut self, octets: &[u8]) -> Result<usize, NameError> {
        let octets = octets.get(..NAME_OCTETS_MAX).unwrap_or(octets);
        let (mut at, mut labels) = (0, 0);
        loop {
            let Some(&length) = octets.get(at) else {
                return Err(if at >= NAME_OCTETS_MAX { NameError::TooLong } else { NameError::CutOff });
            };
            // Two octets a label and 255 in all: there are never more than 127 labels.
            self.starts[labels] = at as u8;
            if length == 0 {
                break;
            }
            if usize::from(length) > LABEL_OCTETS_MAX {
                return Err(NameError::NotALabel);
            }
            at += 1 + usize::from(length);
            labels += 1;
        }
        let end = at + 1;
        self.octets[..end].copy_from_slice(&octets[..end]);
        let (whole, _) = self.octets.as_chunks_mut::<16>();
        for sixteen in &mut whole[..end.div_ceil(16)] {
            // Length octets are below every letter, so folding them changes nothing.
            sixteen.make_ascii_lowercase();
        }
        (self.length, self.labels) = (end as u8, labels as u8);
        Ok(end)
    }

    #[inline]
    fn hash_suffixes(&mut self) {
        let labels = usize::from(self.labels);
        let mut hash = self.hasher.root();
        self.hashes[labels] = hash;
        let mut end = usize::from(self.starts[labels]);
        for index in (0..labels).rev() {
            let start = usize::from(self.starts[index]);
            hash = self.hasher.child(hash, &self.octets[start + 1..end]);
            self.hashes[index] = hash;
            end = start;
        }
    }

    /// The name in lower case.
    #[inline]
    pub fn wire(&self) -> &[u8] {
        &self.octets[..usize::from(self.length)]
    }

    /// The name in lower case.
    #[inline]
    pub fn as_name(&self) -> Name<'_> {
        Name::checked(self.wire())
    }

    /// How many labels there are, the root label not counted.
    #[inline]
    pub fn label_count(&self) -> usize {
        usize::from(self.labels)
    }

    /// The hash of the suffix that is left when `skip` labels are taken off; `skip` at most [`label_count`](Self::label_count).
    #[inline]
    pub fn hash(&self, skip: usize) -> u64 {
        self.hashes[skip]
    }

    /// The hash of the name `*` directly below the suffix that is left when `skip` labels are taken off.
    #[inline]
    pub fn wildcard_hash(&self, skip: usize) -> u64 {
        self.hasher.child(self.hashes[skip], b"*")
    }

    /// Where the suffix starts that is left when `skip` labels are taken off.
    #[inline]
    pub fn start(&self, skip: usize) -> usize {
        usize::from(self.starts[skip])
    }

    /// The wire form of the suffix that is left when `skip` labels are taken off.
    #[inline]
    pub fn suffix(&self, skip: usize) -> &[u8] {
        &self.octets[self.start(skip)..usize::from(self.length)]
    }

    /// The octets of the labels from the one after `skip` up to the one before `until` (both counted from the left).
    #[inline]
    pub fn labels_between(&self, skip: usize, until: usize) -> &[u8] {
        &self.octets[self.start(skip)..self.start(until)]
    }
}

impl fmt::Debug for HashedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_name())
    }
}

const _: () = assert!((NAME_OCTETS_MAX + 1).is_multiple_of(16));

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::NameBuf;

    #[test]
    fn a_suffix_hashes_like_the_name_it_is() {
        let hasher = SuffixHasher::new(7);
        let name: NameBuf = "Www.Example.COM.".parse().expect("a name");
        let mut hashed = HashedName::new(&hasher);
        hashed.fill(name.as_name());
        assert_eq!((hashed.label_count(), hashed.suffix(1)), (3, &b"\x07example\x03com\0"[..]));
        assert_eq!(hashed.labels_between(0, 2), b"\x03www\x07example");
        let parent: NameBuf = "example.com.".parse().expect("a name");
        assert_eq!(hashed.hash(1), hasher.name(parent.as_name()));
        assert_eq!(hashed.hash(3), hasher.root());
        assert_ne!(hashed.hash(0), SuffixHasher::new(8).name(name.as_name()));
    }

    #[test]
    fn pieces_become_one_name_or_the_root() {
        let hasher = SuffixHasher::new(7);
        let mut hashed = HashedName::new(&hasher);
        hashed.fill_from([b"\x03Www", b"\x07example", b"\x03com\0"]);
        let name: NameBuf = "www.example.com.".parse().expect("a name");
        assert_eq!((hashed.wire(), hashed.hash(0)), (name.as_name().wire(), hasher.name(name.as_name())));
        let long = [b"\x3f".as_slice(), &[b'x'; 63]].concat().repeat(3);
        for pieces in [[&b"\x03www"[..], &[], &[]], [&long, &long, b"\0"], [&[], &[], &[]]] {
            hashed.fill_from(pieces);
            assert_eq!((hashed.wire(), hashed.label_count()), (&b"\0"[..], 0));
        }
    }

    proptest! {
        #[test]
        fn reads_what_name_reads(octets in proptest::collection::vec(prop_oneof![0u8..5, any::<u8>()], 0..300)) {
            let hasher = SuffixHasher::new(1);
            let mut hashed = HashedName::new(&hasher);
            match Name::split_from(&octets) {
                Ok((name, _)) => {
                    prop_assert_eq!(hashed.read(&octets), Ok(name.wire().len()));
                    let lower = name.to_lower();
                    prop_assert_eq!(hashed.wire(), lower.as_name().wire());
                }
                Err(error) => {
                    prop_assert_eq!(hashed.read(&octets), Err(error));
                    prop_assert_eq!(hashed.wire(), &[0]);
                }
            }
        }
    }
}
