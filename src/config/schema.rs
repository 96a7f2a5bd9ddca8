//! What a row of the configuration is, and the macros that make structs, checks and documents of one table.
//!
//! Does not know which options there are: [`options`](super::options) lists them.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::read::Reader;

/// A kind of value: what it is called, and how it is checked.
pub(super) trait Kind {
    type Value;

    /// What a value of this kind is, to complete "`key` takes ...".
    fn expects(&self) -> String;

    /// The value, or everything that is wrong with it, each at its place.
    fn read(&self, value: &Spanned<DeValue<'_>>) -> Result<Self::Value, Vec<Wrong>>;
}

/// A kind of which there are defaults, to be shown on the pages.
pub(super) trait WrittenKind: Kind {
    /// The value as TOML; reading it gives the same value.
    fn write(&self, value: &Self::Value) -> String;
}

/// Why a value does not do.
pub(super) struct Wrong {
    pub(super) span: Range<usize>,
    /// What was found, to stand under the place.
    pub(super) found: String,
    pub(super) help: Option<String>,
}

/// One option, as the checker of keys and the pages need it.
pub(super) struct Row {
    pub(super) key: &'static str,
    /// The lines of its doc comment.
    pub(super) doc: &'static [&'static str],
    pub(super) expects: fn() -> String,
    pub(super) default: RowDefault,
    /// A value worth showing, as TOML.
    pub(super) example: &'static str,
}

/// What holds where a key is not given.
#[derive(Clone, Copy)]
pub(super) enum RowDefault {
    /// It must be given.
    Required,
    /// This value, as TOML.
    Value(fn() -> String),
    /// What the key of the same name in this section says.
    Inherited(&'static str),
}

/// One `[section]`, or one kind of `[[entry]]`.
pub(super) struct Section {
    pub(super) name: &'static str,
    pub(super) doc: &'static [&'static str],
    pub(super) rows: &'static [Row],
    /// Whether it is an `[[entry]]` and may come many times.
    pub(super) repeated: bool,
}

impl Section {
    /// The header as it stands in a file.
    pub(super) fn header(&self) -> String {
        if self.repeated { format!("[[{}]]", self.name) } else { format!("[{}]", self.name) }
    }
}

/// A struct that is read from a `[section]`.
pub(super) trait FromSection: Default {
    const SECTION: Section;

    /// The options given in `table`, and the defaults of the others.
    fn read(reader: &mut Reader, table: &DeTable<'_>) -> Self;
}

/// A struct that is read from an `[[entry]]`, of which every key without a default must be given.
pub(super) trait FromEntry: Sized {
    const SECTION: Section;

    /// The entry whose header or braces are at `span`; none where something is wrong with it.
    fn read(reader: &mut Reader, span: Range<usize>, table: &DeTable<'_>) -> Option<Self>;
}

/// Makes a section: its struct, its defaults, its rows and its reader.
///
/// A row reads `field "key": Kind = kind, default; example;`.
macro_rules! section {
    ($(#[doc = $about:literal])+ $name:literal $Section:ident {
        $($(#[doc = $doc:literal])+ $field:ident $key:literal: $Value:ty = $kind:expr, $default:expr, $example:literal;)+
    }) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $Section {
            $($(#[doc = $doc])+ pub $field: $Value,)+
        }

        impl Default for $Section {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl FromSection for $Section {
            const SECTION: Section = Section {
                name: $name,
                doc: &[$($about),+],
                rows: &[$(Row {
                    key: $key,
                    doc: &[$($doc),+],
                    expects: || $kind.expects(),
                    default: RowDefault::Value(|| $kind.write(&$default)),
                    example: $example,
                }),+],
                repeated: false,
            };

            fn read(reader: &mut Reader, table: &DeTable<'_>) -> Self {
                reader.check_keys(&Self::SECTION, table);
                Self { $($field: reader.value(table, $key, &$kind).unwrap_or_else(|| $default),)+ }
            }
        }
    };
}

/// Makes an entry: its struct, its rows and its reader. A row reads `field "key": Kind = kind, example;`, and where the
/// key may be left out `field "key": Kind = kind => default, example;`; a key for which a section speaks where it is left out is
/// an option: `field "key": Option<Kind> = kind, from "section", example;`.
macro_rules! entry {
    ($(#[doc = $about:literal])+ $name:literal $Entry:ident {
        $($(#[doc = $doc:literal])+ $field:ident $key:literal: $Value:ty =
            $kind:expr $(=> $default:expr)? $(, from $home:literal)?, $example:literal;)+
    }) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone)]
        pub(super) struct $Entry {
            $($(#[doc = $doc])+ pub(super) $field: $Value,)+
        }

        impl FromEntry for $Entry {
            const SECTION: Section = Section {
                name: $name,
                doc: &[$($about),+],
                rows: &[$(Row {
                    key: $key,
                    doc: &[$($doc),+],
                    expects: || $kind.expects(),
                    default: entry!(@default $kind $(, $default)? $(, from $home)?),
                    example: $example,
                }),+],
                repeated: true,
            };

            fn read(reader: &mut Reader, span: Range<usize>, table: &DeTable<'_>) -> Option<Self> {
                reader.check_keys(&Self::SECTION, table);
                // All of them before the first `?`: what is wrong with one key does not hide the next.
                $(let $field = entry!(@read reader, &span, table, $key, $kind $(, $default)? $(, from $home)?);)+
                Some(Self { $($field: $field?,)+ })
            }
        }
    };
    (@default $kind:expr) => { RowDefault::Required };
    (@default $kind:expr, from $home:literal) => { RowDefault::Inherited($home) };
    (@default $kind:expr, $default:expr) => { RowDefault::Value(|| $kind.write(&$default)) };
    (@read $reader:expr, $span:expr, $table:expr, $key:literal, $kind:expr) => {
        $reader.required(&Self::SECTION, $span, $table, $key, &$kind)
    };
    (@read $reader:expr, $span:expr, $table:expr, $key:literal, $kind:expr, from $home:literal) => {
        Some($reader.value($table, $key, &$kind))
    };
    (@read $reader:expr, $span:expr, $table:expr, $key:literal, $kind:expr, $default:expr) => {
        Some($reader.value($table, $key, &$kind).unwrap_or_else(|| $default))
    };
}

pub(super) use {entry, section};

impl Wrong {
    /// The complaint about the value of `key`, which takes what `kind` expects.
    pub(super) fn into_error(self, key: &str, expects: &str) -> ConfigError {
        let error = ConfigError::at(self.span, format!("`{key}` takes {expects}")).label(self.found);
        ConfigError { help: self.help, ..error }
    }
}
