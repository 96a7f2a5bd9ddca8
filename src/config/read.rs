//! Reads a parsed TOML document against the rows: unknown keys, values, missing keys.
//!
//! Does not know the options, nor files.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::options::SECTIONS;
use super::schema::{FromEntry, FromSection, Kind, Section};

/// What is wrong so far.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) errors: Vec<ConfigError>,
}

impl Reader {
    /// Reports everything at the top level that is no section.
    pub(super) fn check_sections(&mut self, document: &DeTable<'_>) {
        for (key, value) in document {
            let name: &str = key.get_ref();
            if SECTIONS.iter().any(|section| section.name == name) {
                continue;
            }
            let is_table =
                value.get_ref().is_table() || value.get_ref().as_array().is_some_and(|a| has_tables(a.iter()));
            let error = ConfigError::at(
                key.span(),
                if is_table {
                    format!("unknown section `{name}`")
                } else {
                    format!("`{name}` is outside of any section")
                },
            );
            self.errors.push(match homes_of(name).as_slice() {
                homes @ [_, ..] if !is_table => error.help(format!("it belongs below {}", homes.join(" or "))),
                _ => suggest(error, name, SECTIONS.iter().map(|section| section.name), &|name| {
                    SECTIONS.iter().find(|section| section.name == name).map(Section::header).unwrap_or_default()
                }),
            });
        }
    }

    /// The section of type `S`, or its defaults where it is not there.
    pub(super) fn section<S: FromSection>(&mut self, document: &DeTable<'_>) -> S {
        let Some((key, value)) = document.get_key_value(S::SECTION.name) else { return S::default() };
        if let DeValue::Table(table) = value.get_ref() {
            return S::read(self, table);
        }
        let is_entries = value.get_ref().as_array().is_some_and(|array| has_tables(array.iter()));
        let message = format!("`{}` is a section: write {}", S::SECTION.name, S::SECTION.header());
        let found = if is_entries { "it may come only once" } else { "not a section" };
        self.errors.push(ConfigError::at(key.span(), message).label(found));
        S::default()
    }

    /// The entries of type `E`, each with the place of its first key's value: what it is known by.
    pub(super) fn entries<E: FromEntry>(&mut self, document: &DeTable<'_>) -> Vec<(Range<usize>, E)> {
        let Some((key, value)) = document.get_key_value(E::SECTION.name) else { return Vec::new() };
        let misplaced = |span| {
            let (name, header) = (E::SECTION.name, E::SECTION.header());
            ConfigError::at(span, format!("`{name}` may come many times: write {header} before each"))
        };
        let DeValue::Array(array) = value.get_ref() else {
            self.errors.push(misplaced(key.span()).label("single brackets make a section"));
            return Vec::new();
        };
        let mut entries = Vec::new();
        for element in array.iter() {
            match element.get_ref() {
                DeValue::Table(table) => {
                    let named = E::SECTION.rows.first().and_then(|row| table.get(row.key));
                    let span = named.map_or(element.span(), Spanned::span);
                    entries.extend(E::read(self, element.span(), table).map(|entry| (span, entry)));
                }
                _ => self.errors.push(misplaced(element.span()).label("not a table")),
            }
        }
        entries
    }

    /// Reports the keys of `table` that `section` does not have.
    pub(super) fn check_keys(&mut self, section: &Section, table: &DeTable<'_>) {
        for key in table.keys() {
            let name: &str = key.get_ref();
            if section.rows.iter().any(|row| row.key == name) {
                continue;
            }
            let error = ConfigError::at(key.span(), format!("unknown key `{name}` in {}", section.header()));
            self.errors.push(match homes_of(name).as_slice() {
                homes @ [_, ..] => error.help(format!("it belongs below {}", homes.join(" or "))),
                [] => suggest(error, name, section.rows.iter().map(|row| row.key), &str::to_owned),
            });
        }
    }

    /// The value of a key; none where it is not there, or where it is wrong, which is reported.
    pub(super) fn value<K: Kind>(&mut self, table: &DeTable<'_>, key: &str, kind: &K) -> Option<K::Value> {
        match kind.read(table.get(key)?) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.errors.extend(wrong.into_iter().map(|wrong| wrong.into_error(key, &kind.expects())));
                None
            }
        }
    }

    /// The value of a key that must be there.
    pub(super) fn required<K: Kind>(
        &mut self,
        section: &Section,
        span: &Range<usize>,
        table: &DeTable<'_>,
        key: &str,
        kind: &K,
    ) -> Option<K::Value> {
        if table.get(key).is_none() {
            let message = format!("{} without `{key}`", section.header());
            let example = section.rows.iter().find(|row| row.key == key).map_or("", |row| row.example);
            self.errors.push(ConfigError::missing(span.clone(), message).help(format!("add `{key} = {example}`")));
        }
        self.value(table, key, kind)
    }
}

fn has_tables<'a, 'i: 'a>(mut elements: impl Iterator<Item = &'a Spanned<DeValue<'i>>>) -> bool {
    elements.next().is_some_and(|first| first.get_ref().is_table())
}

/// The headers of the sections that have a key of this name.
fn homes_of(key: &str) -> Vec<String> {
    SECTIONS.iter().filter(|section| section.rows.iter().any(|row| row.key == key)).map(Section::header).collect()
}

/// Adds the likeliest of `known` as a suggestion, or all of them where none is near.
fn suggest<'k>(
    error: ConfigError,
    given: &str,
    known: impl Iterator<Item = &'k str> + Clone,
    written: &dyn Fn(&str) -> String,
) -> ConfigError {
    let folded = given.to_lowercase();
    let near = known.clone().map(|name| (strsim::osa_distance(&folded, name), name)).min();
    match near {
        // A third of the letters may differ: past that a suggestion is more of a riddle than a help.
        Some((distance, name)) if distance * 3 <= name.len().max(3) => {
            error.help(format!("did you mean `{}`?", written(name)))
        }
        _ => error.help(format!(
            "there are {}",
            known.map(|name| format!("`{}`", written(name))).collect::<Vec<_>>().join(", ")
        )),
    }
}
