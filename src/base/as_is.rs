//! A hasher for keys that are hashes already: it gives them as they are.
//!
//! Knows nothing of how the keys were made. They must be uniform, and where a client chooses what is hashed, seeded.

use std::hash::{BuildHasherDefault, Hasher};

/// Makes the hasher of a map whose keys are `u64`, and hashes.
pub type BuildAsIs = BuildHasherDefault<AsIs>;

/// Hands on the one `u64` it is given.
#[derive(Debug, Default)]
pub struct AsIs(u64);

impl Hasher for AsIs {
    fn write(&mut self, _: &[u8]) {
        unreachable!("only a u64 is a hash already");
    }

    #[inline]
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
