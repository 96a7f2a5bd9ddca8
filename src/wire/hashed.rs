//! A name in lower case with a hash for each of its suffixes: one pass, then every ancestor is one table probe.
//!
//! Does not know tables: zones and zone sets bring their own.

use std::fmt;
use std::hash::Hasher;

use foldhash::SharedSeed;
use foldhash::fast::FoldHasher;

use super::{Name, NameError};
use crate::base::limits::{LABEL_OCTETS_MAX, NAME_LABELS_MAX, NAME_OCTETS_MAX};
use crate::base::words::copy_lower;

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

    /// Becomes the name that `labels` (wire form, no root label) in front of a suffix of `other` are: of what is left of it when
    /// `skip` labels are taken off. Only `labels` are hashed: `other` must have been hashed alike. Where that is no name it is
    /// the root.
    #[inline]
    pub fn fill_in_front(&mut self, labels: &[u8], other: &Self, skip: usize) {
        let (suffix, count) = (other.suffix(skip), other.label_count() - skip);
        let length = labels.len() + suffix.len();
        let Some(front) = self.lay_out(labels).filter(|_| length <= NAME_OCTETS_MAX) else {
            self.become_root();
            return;
        };
        copy_lower(&mut self.octets, labels, labels.len());
        self.octets[labels.len()..length].copy_from_slice(suffix);
        for index in 0..=count {
            // Below 255, as the whole name is no longer than that.
            self.starts[front + index] = (labels.len() + other.start(skip + index) - other.start(skip)) as u8;
            self.hashes[front + index] = other.hashes[skip + index];
        }
        (self.length, self.labels) = (length as u8, (front + count) as u8);
        self.hash_in_front_of(front);
    }

    /// Notes where labels start that are followed by others, and returns how many they are; none where they are no labels.
    #[inline]
    fn lay_out(&mut self, labels: &[u8]) -> Option<usize> {
        let (mut at, mut count) = (0, 0);
        while let Some(&length) = labels.get(at) {
            *self.starts.get_mut(count)? = at as u8;
            at += 1 + usize::from(length);
            count += 1;
        }
        (at == labels.len()).then_some(count)
    }

    /// Becomes the uncompressed name at the start of `octets` and returns its length. After an error it is the root.
    #[inline]
    pub fn read(&mut self, octets: &[u8]) -> Result<usize, NameError> {
        let octets = octets.get(..NAME_OCTETS_MAX).unwrap_or(octets);
        let (mut at, mut labels) = (0, 0);
        let error = loop {
            let Some(&length) = octets.get(at) else {
                break if at >= NAME_OCTETS_MAX { NameError::TooLong } else { NameError::CutOff };
            };
            // Two octets a label and 255 in all: there are never more than 127 labels.
            self.starts[labels] = at as u8;
            if length == 0 {
                let end = at + 1;
                copy_lower(&mut self.octets, octets, end);
                (self.length, self.labels) = (end as u8, labels as u8);
                self.hashes[labels] = self.hasher.root();
                self.hash_in_front_of(labels);
                return Ok(end);
            }
            if usize::from(length) > LABEL_OCTETS_MAX {
                break NameError::NotALabel;
            }
            at += 1 + usize::from(length);
            labels += 1;
        };
        self.become_root();
        Err(error)
    }

    #[cold]
    fn become_root(&mut self) {
        (self.octets[0], self.length, self.labels, self.starts[0]) = (0, 1, 0, 0);
        self.hashes[0] = self.hasher.root();
    }

    /// Hashes the suffixes that begin with each of the first labels; the one behind these is hashed.
    #[inline]
    fn hash_in_front_of(&mut self, labels: usize) {
        let (mut hash, mut end) = (self.hashes[labels], usize::from(self.starts[labels]));
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
    fn labels_in_front_of_a_suffix_become_one_name_or_the_root() {
        let hasher = SuffixHasher::new(7);
        let hashed = |text: &str| {
            let mut hashed = HashedName::new(&hasher);
            hashed.fill(text.parse::<NameBuf>().expect("a name").as_name());
            hashed
        };
        let all = |name: &HashedName| {
            let suffixes = 0..=name.label_count();
            suffixes.map(|skip| (name.suffix(skip).to_vec(), name.hash(skip))).collect::<Vec<_>>()
        };
        let mut made = hashed("to.be.replaced.");
        for (labels, other, skip, whole) in [
            (&b"\x03Www"[..], "a.b.example.com.", 2, "www.example.com."),
            (b"\x02N1\x02N2", "example.com.", 0, "n1.n2.example.com."),
            (b"\x1f0123456789ABCDEF0123456789ABCDE", "example.", 0, "0123456789abcdef0123456789abcde.example."),
            (b"", "a.example.", 1, "example."),
            (b"\x01x", "a.", 1, "x."),
        ] {
            made.fill_in_front(labels, &hashed(other), skip);
            assert_eq!((made.as_name().to_string(), all(&made)), (whole.to_owned(), all(&hashed(whole))));
        }
        let long = [b"\x3f".as_slice(), &[b'x'; 63]].concat().repeat(4);
        for labels in [&long[..], &long[..192 + 63], &long[..250], &[1; 300], b"\x05abc"] {
            made.fill_in_front(labels, &hashed("example."), 0);
            assert_eq!(all(&made), [(vec![0], hasher.root())]);
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
