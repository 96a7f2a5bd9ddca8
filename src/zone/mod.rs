//! The compiled zone: immutable, compact, built once and read by any number of threads; and the set of all zones.
//!
//! Does not know messages, transports or files: records come in one by one, outcomes of lookups go out.
//!
//! # How a zone is stored
//!
//! Names are hashed label by label from the root, so one pass over a name gives the hash of each of its ancestors
//! ([`SuffixHasher`](crate::wire::SuffixHasher)). The upper bits of a name's hash choose a *block* of some 48 KiB, the
//! lower ones a *slot* in it; the slot holds a tag and the offset of a *node*: one contiguous run of bytes with all that
//! the zone holds for one name.
//!
//! ```text
//! block   | slot u32 × n | node, padded to 4 | node … |
//! slot    | tag 8 bits | 1 + offset / 4, 24 bits |            0: empty; probed linearly
//! node    | flags u8 | owner length u8 | RRsets u16 | glue u16 | owner labels | RRset … | glue … | tail | children |
//! RRset   | type u16 | TTL u32 | records u16 | signatures u16 | octets u32 | (length u16 in network order, rdata) … |
//! glue    | target u16 | owner length u8 | owner labels, relative to the node | RRset |
//! tail    | spot of the name u32 | spot of the wildcard below it u32 |   in zones with NSEC3 alone
//! children| how many nodes are directly below u32 |    where there are any, and in the apex
//! spot    | number of an NSEC3, 31 bits | whether it is the name's own, 1 bit |
//! ```
//!
//! Owners are relative to the apex and in lower case. A name in rdata that ends in its RRset's owner or in the apex is
//! stored as its other labels and one octet for the rest; so a reply compresses it without a search. Every ancestor of a name below the apex is a
//! node (empty non-terminals too), so the deepest node found for a name is its closest encloser. What lies below a
//! zone cut is no node: addresses below a cut are part of the cut's node (they are its glue), and all else that is
//! occluded is kept aside, for whoever reads the zone as a whole. A referral is thus one contiguous read, and a name
//! below a cut finds the cut where others find their closest encloser.

mod ancestry;
mod apply;
mod block;
mod builder;
mod chain;
mod changes;
mod check;
mod children;
mod choices;
mod compile;
mod denial;
mod deny;
mod depths;
mod difference;
mod finder;
mod finding;
mod flaw;
mod image;
mod lookup;
mod node;
mod order;
mod reading;
mod renewed;
mod runs;
mod seal;
mod set;
mod stored;
mod unique;
mod walk;

pub use builder::{Builder, Rejected};
pub use changes::{Changes, Refused};
pub use choices::{AnyAnswer, Choices, MinimalResponses};
pub use deny::Show;
pub use difference::Difference;
pub use finder::Finder;
pub use finding::{Finding, Findings, Level, Problem};
pub use flaw::Flaw;
pub use image::Unusable;
pub use lookup::Outcome;
pub use node::{Glue, Node, Rdatas, Rrset};
pub use order::Order;
pub use reading::{Bookmark, StoredRecord};
pub use seal::Zone;
pub use set::{FailedZone, ZoneSet, ZoneState};
pub use stored::{StoredName, Tail};
pub use walk::{HeldRecord, HeldRrset, Holding, Standing, Walk};

#[cfg(test)]
#[path = "zone_tests.rs"]
mod tests;

#[cfg(test)]
mod parted_tests;
