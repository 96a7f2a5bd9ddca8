//! What is on the wire: names, header, query, record types, rdata, and the message writer.
//!
//! Does not know zones, sockets or keys.

mod class;
mod edns;
mod hashed;
mod header;
mod name;
mod nsec3;
mod opt;
mod plain;
mod query;
pub mod rdata;
mod record;
mod rtype;
mod writer;

pub use class::Class;
pub use edns::{Cookie, Edns, OptionCode, Options, Wish};
pub use hashed::{HashedName, SuffixHasher};
pub use header::{Flags, Opcode, Rcode};
pub use name::{Name, NameBuf, NameError, unescape};
pub use nsec3::{NSEC3_HASH_OCTETS, Nsec3Hash, Nsec3Parameters, nsec3_hash_of_label, nsec3_label};
pub use opt::OptWriter;
pub use query::{NotAQuery, Query};
pub use record::Record;
pub use rtype::{NameLayout, Rtype};
pub use writer::{Full, Mark, OpenRecord, Place, Section, Writer};
