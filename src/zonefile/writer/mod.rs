//! Records as text that the reader takes back: one to a line for tools, or laid out for people.
//!
//! Does not know zones: it writes the records it is handed, in the order in which they come.

mod lines;
mod output;
mod pretty;
mod rdata_layout;
mod relative;

pub use lines::{LineWriter, RdataForm, write_record};
pub use pretty::{Group, Layout, PrettyWriter};
pub use relative::relative;
