//! What is on the wire: names, header, query, record types, rdata, and the message writer.
//!
//! Does not know zones, sockets or keys.

mod class;
mod name;
pub mod rdata;
mod record;
mod rtype;

pub use class::Class;
pub use name::{Name, NameBuf, NameError, unescape};
pub use record::Record;
pub use rtype::{NameLayout, Rtype};
