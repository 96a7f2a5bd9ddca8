//! The configuration: the file, the command line, and the pages that describe them, all from one table.
//!
//! Does not know who uses the values: no lower floor imports this one, `server` hands them down. Does not read zones.
//!
//! One row of `options` is one option: its field, key, kind, default and words. `read` checks a file against the
//! rows, `pages` writes them out as sample file, man page and markdown; `error` shows a mistake where it stands.

mod checkzone;
mod cli;
mod document;
mod error;
mod kinds;
mod lines;
mod options;
mod pages;
mod read;
mod schema;
mod sources;
mod zone_name;

pub use checkzone::{
    CheckName, CheckOrder, CheckTask, CheckzoneArgs, ColorWhen, DiffIgnore, DnssecMode, Moment, Previous, PrintForm,
    check_text, checks_text, checkzone_sections,
};
pub use cli::{DEFAULT_FILE, GannetdArgs, ZoneArg};
pub use document::{Config, DirectoryEntry, ZoneEntry};
pub use error::{ConfigError, ConfigErrors};
pub use kinds::LogLevel;
pub use options::{Answers, Cache, Cookies, Limits, Log, Rrl, Server, Tcp, Transfers, Udp};
pub use pages::{manual_page, markdown, sample_file};
pub use sources::{SourceProblem, ZoneSource, ZoneSources};
pub use zone_name::ZoneName;
