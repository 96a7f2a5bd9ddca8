//! Rdata: from text to wire form and back, field by field as the type's row in the table says.
//!
//! Does not know files, directives or positions: it is handed the tokens of one record.

mod a6;
mod address;
mod atma;
mod bitmap;
mod blob;
mod codes;
mod decimals;
mod field;
mod flags;
mod forms;
mod gateway;
mod hip;
mod location;
mod names;
mod prefixes;
mod services;
mod strings;
mod svcparams;
mod time;
mod token;

pub use codes::algorithm_name;
pub(super) use codes::{ALGORITHMS, CERTIFICATES, EUI48, EUI64, KEY_PROTOCOLS, LOCATOR, PROTOCOLS, SCHEMES};
pub(super) use decimals::{DEGREES, METRES};
pub(super) use field::Field;
pub use field::WireError;
pub use forms::{check, from_text, to_text, write_generic};
pub use names::{NameForm, NameInRdata, Names, canonical, names};
pub use time::{Moment, Period, moment, period};
pub use token::{Mistake, Span, TextError};

#[cfg(test)]
#[path = "rdata_tests.rs"]
mod tests;

#[cfg(test)]
mod error_tests;
#[cfg(test)]
mod names_tests;
#[cfg(test)]
mod property_tests;
