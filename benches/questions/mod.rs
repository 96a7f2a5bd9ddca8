//! Questions as clients send them, and whether this run measures: what several benches need.
//!
//! Does not know what is asked for, nor zones.
#![allow(dead_code, reason = "each bench takes what it needs of it")]

use gannet::wire::{NameBuf, Rtype};

/// Whether this run measures. Under `cargo test` criterion calls each bench once: then what is built for it should be small.
pub(crate) fn is_measured() -> bool {
    let given = |flag: &str| std::env::args().any(|argument| argument == flag);
    given("--bench") && !given("--test")
}

/// A name from its text.
pub(crate) fn name(text: &str) -> NameBuf {
    text.parse().expect("a name")
}

/// A query in class IN. With EDNS it says that 1,232 octets can be taken, and brings a client cookie, as dig does.
pub(crate) fn query(owner: &NameBuf, qtype: Rtype, edns: bool) -> Vec<u8> {
    let mut message = vec![0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, u8::from(edns)];
    message.extend(owner.as_name().wire());
    message.extend(qtype.0.to_be_bytes());
    message.extend([0, 1]);
    if edns {
        // RFC 6891 section 6.1.2: the root, type 41, the payload size, flags, 12 octets of options.
        message.extend([0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 12]);
        // RFC 7873 section 4: option 10 with a client cookie of 8 octets.
        message.extend([0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
    }
    message
}
