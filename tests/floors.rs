//! The floors: no module imports a neighbour on its own floor or what is above it.
//!
//! Reads the sources as text, tests and all; knows paths and modules, nothing of what is in them.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Every module at the top, with its floor: the map of the crate. Tenths, for some stand between two whole floors.
const MAP: [(&str, u8); 20] = [
    ("base", 10),
    ("wire", 20),
    ("net", 20),
    ("zonefile", 30),
    ("zone", 30),
    ("gate", 30),
    ("answer", 40),
    // Protocol state machines: over `answer`, under `config`.
    ("tsig", 45),
    ("xfr", 45),
    ("update", 45),
    ("catalog", 45),
    ("journal", 45),
    ("dnssec", 45),
    // Over `dnssec`, which it asks; under `config`, which knows the names of its lints.
    ("check", 47),
    ("config", 50),
    ("server", 60),
    ("control", 70),
    ("bin", 80),
    ("main", 80),
    // A chapter without code.
    ("vulnerabilities", 90),
];

fn floor_of(module: &str) -> Option<u8> {
    MAP.iter().find(|row| row.0 == module).map(|row| row.1)
}

/// An import that breaks the rule.
#[derive(Debug, PartialEq, Eq)]
struct Breach {
    file: String,
    line: usize,
    import: String,
    why: &'static str,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "src/{}:{}: `{}` {}", self.file, self.line, self.import, self.why)
    }
}

#[test]
fn no_module_imports_a_neighbour_or_what_is_above() {
    let breaches: Vec<String> = sources()
        .iter()
        .filter(|file| file.as_str() != "lib.rs")
        .flat_map(|file| breaches(file, &read(file)))
        .map(|breach| breach.to_string())
        .collect();
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn lib_lists_every_module_from_the_ground_up() {
    let text = read("lib.rs");
    let listed: Vec<String> = declared_modules(&text);
    let mut there: Vec<String> = sources().iter().map(|file| module_path(file)[0].clone()).collect();
    there.retain(|module| !matches!(module.as_str(), "lib" | "main" | "bin"));
    there.dedup();
    let mut sorted = listed.clone();
    sorted.sort();
    there.sort();
    assert_eq!(sorted, there, "what lib.rs declares and what src/ holds");
    let floors: Vec<u8> =
        listed.iter().map(|module| floor_of(module).unwrap_or_else(|| panic!("{module} is not on the map"))).collect();
    assert!(floors.is_sorted(), "lib.rs lists its modules from the ground up: {listed:?}");
    for module in &listed {
        assert!(text.contains(&format!("[`{module}`]")), "the story at the head of lib.rs leaves out {module}");
    }
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn read(file: &str) -> String {
    fs::read_to_string(src().join(file)).expect("a source of this crate can be read")
}

/// Every source file, as a path below `src/` with forward slashes, sorted.
fn sources() -> Vec<String> {
    let (mut files, mut folders) = (Vec::new(), vec![src()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of src/ can be read") {
            let path = entry.expect("an entry of src/ can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(src()).expect("it is below src/");
                files.push(below.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    files.sort();
    files
}

/// The modules from the crate's root to what a file holds. By the habit of this house `x_tests.rs` is `x::tests`.
fn module_path(file: &str) -> Vec<String> {
    let mut path: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if path.len() > 1 && path.last().is_some_and(|last| last == "mod") {
        path.pop();
    }
    let tested = path.last().and_then(|last| last.strip_suffix("_tests")).map(str::to_owned);
    if let Some(tested) = tested {
        path.pop();
        // The tests of a whole room, `wire/wire_tests.rs` or `wire/mod_tests.rs`, belong to its `mod.rs`.
        if tested != "mod" && path.last() != Some(&tested) {
            path.push(tested);
        }
        path.push("tests".to_owned());
    }
    path
}

/// The imports of a file that break the rule.
fn breaches(file: &str, text: &str) -> Vec<Breach> {
    let own_path = module_path(file);
    let own_name = own_path[0].clone();
    let own_floor = floor_of(&own_name);
    imports(own_path, &tokens(text))
        .into_iter()
        .filter_map(|(line, import, module)| {
            let why = match (floor_of(&module), own_floor) {
                _ if module == own_name => return None,
                (_, None) => "is imported by a module that is not on the map",
                (None, _) => "is not on the map",
                (Some(other), Some(own)) if other > own => "is on a floor above",
                (Some(other), Some(own)) if other == own => "is a neighbour on the same floor",
                _ => return None,
            };
            Some(Breach { file: file.to_owned(), line, import, why })
        })
        .collect()
}

/// The modules that a root declares with `mod x;`, in order.
fn declared_modules(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let declares = |three: &[Token]| three[0].text == "mod" && three[2].text == ";";
    tokens.windows(3).filter(|three| declares(three)).map(|three| three[1].text.clone()).collect()
}

/// A word or a sign of Rust, with the line it stands on.
#[derive(Debug)]
struct Token {
    text: String,
    line: usize,
}

/// The words and signs of a source; comments and what is in quotes are left out. `::` is one sign.
fn tokens(text: &str) -> Vec<Token> {
    let octets = text.as_bytes();
    let starts =
        |at: usize, what: &str| text.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(what.as_bytes()));
    let (mut tokens, mut at, mut line) = (Vec::new(), 0, 1);
    while at < octets.len() {
        let start = at;
        let mut word = None;
        match octets[at] {
            _ if starts(at, "//") => at += text[at..].find('\n').unwrap_or(text.len() - at),
            _ if starts(at, "/*") => at = end_of_block_comment(text, at),
            b'"' => at = end_of_string(octets, at),
            b'\'' => at = end_of_quote(text, at),
            octet if octet.is_ascii_alphanumeric() || octet == b'_' => {
                let is_word = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'_';
                at += octets[at..].iter().take_while(|octet| is_word(octet)).count();
                let hashes = octets[at..].iter().take_while(|octet| **octet == b'#').count();
                // A raw string, r"…" or br#"…"#: it ends at its quote with as many hashes.
                if matches!(&text[start..at], "r" | "br" | "cr") && octets.get(at + hashes) == Some(&b'"') {
                    let end = format!("\"{}", "#".repeat(hashes));
                    let body = at + hashes + 1;
                    at = text[body..].find(&end).map_or(text.len(), |found| body + found + end.len());
                } else {
                    word = Some(&text[start..at]);
                }
            }
            _ if starts(at, "::") => (at, word) = (at + 2, Some("::")),
            octet if octet.is_ascii_whitespace() || !octet.is_ascii() => at += 1,
            _ => (at, word) = (at + 1, Some(&text[at..at + 1])),
        }
        if let Some(word) = word {
            tokens.push(Token { text: word.to_owned(), line });
        }
        line += octets[start..at].iter().filter(|octet| **octet == b'\n').count();
    }
    tokens
}

/// Block comments nest.
fn end_of_block_comment(text: &str, start: usize) -> usize {
    let (mut at, mut depth) = (start, 0);
    while at < text.len() {
        match text.as_bytes().get(at..at + 2) {
            Some(b"/*") => (at, depth) = (at + 2, depth + 1),
            Some(b"*/") => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn end_of_string(octets: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < octets.len() && octets[at] != b'"' {
        at += if octets[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(octets.len())
}

/// A character in quotes is passed over whole, of a lifetime only the quote.
fn end_of_quote(text: &str, start: usize) -> usize {
    let mut characters = text[start + 1..].char_indices();
    match characters.next() {
        Some((_, '\\')) => {
            let escaped = start + 3;
            text.get(escaped..).and_then(|rest| rest.find('\'')).map_or(text.len(), |found| escaped + found + 1)
        }
        Some(_) => match characters.next() {
            Some((at, '\'')) => start + 1 + at + 1,
            _ => start + 1,
        },
        None => start + 1,
    }
}

/// Every path of a file that comes from the crate's root: its line, how it is written and the top module it leads to.
fn imports(mut module: Vec<String>, tokens: &[Token]) -> Vec<(usize, String, String)> {
    let word = |at: usize| tokens.get(at).map_or("", |token: &Token| token.text.as_str());
    let (mut found, mut at, mut braces) = (Vec::new(), 0, 0);
    let mut inline: Vec<usize> = Vec::new();
    // A binary is a crate of its own: only by name does it reach the library.
    let is_binary = matches!(module[0].as_str(), "bin" | "main");
    while at < tokens.len() {
        match word(at) {
            "{" => braces += 1,
            "}" => {
                if inline.last() == Some(&braces) {
                    inline.pop();
                    module.pop();
                }
                braces -= 1;
            }
            "mod" if word(at + 2) == "{" => {
                module.push(word(at + 1).to_owned());
                inline.push(braces + 1);
            }
            "crate" | "super" | "gannet" if word(at + 1) == "::" && (at == 0 || word(at - 1) != "::") => {
                let start = at;
                let mut up = if word(at) == "super" { 1 } else { module.len() };
                at += 2;
                while word(at) == "super" && word(at + 1) == "::" {
                    (up, at) = (up + 1, at + 2);
                }
                // `super` past the root does not compile; fewer steps stay within the top module.
                if up >= module.len() && (!is_binary || word(start) == "gannet") {
                    let written: String = tokens[start..at].iter().map(|token| token.text.as_str()).collect();
                    let targets = first_words(tokens, at);
                    found.extend(targets.map(|name| (tokens[start].line, format!("{written}{name}"), name.to_owned())));
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The first word of a path, or of every path in its braces.
fn first_words(tokens: &[Token], at: usize) -> impl Iterator<Item = &str> {
    let grouped = tokens.get(at).is_some_and(|token| token.text == "{");
    let (mut depth, mut fresh, mut words) = (0, true, Vec::new());
    for token in &tokens[at..] {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 1 => fresh = true,
            name if fresh => {
                words.push(name);
                fresh = false;
            }
            _ => {}
        }
        if depth == 0 || !grouped {
            break;
        }
    }
    words.into_iter()
}

#[cfg(test)]
mod the_test_itself {
    use super::*;

    /// Line and import of each breach.
    fn found(file: &str, text: &str) -> Vec<(usize, String)> {
        breaches(file, text).into_iter().map(|breach| (breach.line, breach.import)).collect()
    }

    #[test]
    fn catches_planted_breaches() {
        for (file, text, import) in [
            ("wire/name.rs", "\nuse crate::answer::Responder;", "crate::answer"),
            ("wire/mod.rs", "\nuse crate::net;", "crate::net"),
            ("zone/mod.rs", "\npub use crate::{base::limits, zonefile::Error};", "crate::zonefile"),
            ("zone/seal.rs", "\nuse crate::{base::{self, limits::{A, B}}, gate};", "crate::gate"),
            ("wire/name.rs", "\nfn f() -> crate::config::Config { todo!() }", "crate::config"),
            ("wire/name.rs", "\nuse super::super::zone::Zone;", "super::super::zone"),
            ("wire/rdata/mod.rs", "\nuse super::super::zone::Zone;", "super::super::zone"),
            ("wire/mod.rs", "\nuse super::zone::Zone;", "super::zone"),
            ("zonefile/reader_tests.rs", "\nuse crate::zone::Builder;", "crate::zone"),
            ("zonefile/reader_tests.rs", "\nuse super::super::super::zone::Builder;", "super::super::super::zone"),
            ("wire/name.rs", "mod tests {\nuse crate::zone::Zone; }", "crate::zone"),
            ("wire/name.rs", "mod tests {\nuse super::super::super::zone::Zone; }", "super::super::super::zone"),
            ("wire/name.rs", "mod tests { fn f() {} }\nuse super::super::zone::Zone;", "super::super::zone"),
            ("base/mod.rs", "\nuse crate::*;", "crate::*"),
            ("base/mod.rs", "\nuse crate::somewhere::Thing;", "crate::somewhere"),
            ("config/mod.rs", "\nuse crate::server;", "crate::server"),
            ("net/udp.rs", "/* crate::base */ const Q: char = '\"';\nuse crate::wire::Name;", "crate::wire"),
            ("net/udp.rs", "fn f<'a>(_: &'a u8) {}\nuse crate::wire::Name;", "crate::wire"),
            ("nowhere/mod.rs", "\nuse crate::base;", "crate::base"),
        ] {
            assert_eq!(found(file, text), [(2, import.to_owned())], "{file}: {text}");
        }
    }

    #[test]
    fn passes_what_is_right() {
        for (file, text) in [
            ("wire/name.rs", "use crate::base::limits::A; use crate::wire::Rtype; use super::Class;"),
            ("wire/name.rs", "mod tests { use super::super::zone; }"),
            ("wire/name_tests.rs", "use super::super::zone;"),
            ("wire/wire_tests.rs", "use super::zone;"),
            ("wire/rdata/mod.rs", "use super::Name;"),
            ("wire/name.rs", "pub(crate) struct A; pub(in crate::wire) struct B;"),
            (
                "wire/name.rs",
                "//! crate::zone\n/// [`crate::zone`]\n// crate::zone\n/* a /* crate::zone */ crate::zone */",
            ),
            ("wire/name.rs", "const A: &str = \"\\\" crate::zone\"; const B: &str = r#\"\" crate::zone\"#;"),
            ("wire/name.rs", "const A: &[u8] = br\"crate::zone\\\"; const B: char = '\\''; const C: u8 = b'\"';"),
            ("answer/mod.rs", "use crate::{base, gate, net, wire::{self, Name}, zone, zonefile};"),
            ("tsig/mod.rs", "use crate::answer;"),
            ("bin/gannetd.rs", "use gannet::{config::Config, server}; use crate::arguments;"),
        ] {
            assert_eq!(found(file, text), [], "{file}: {text}");
        }
    }

    #[test]
    fn says_where_and_why() {
        let breaches = breaches("gate/mod.rs", "use crate::zone;\n\nuse crate::answer;");
        let lines: Vec<String> = breaches.iter().map(Breach::to_string).collect();
        assert_eq!(
            lines,
            [
                "src/gate/mod.rs:1: `crate::zone` is a neighbour on the same floor",
                "src/gate/mod.rs:3: `crate::answer` is on a floor above",
            ]
        );
    }

    #[test]
    fn reads_what_a_root_declares() {
        let text = "//! mod no;\npub mod base;\n\nmod wire;\n#[cfg(test)]\nmod tests { mod inner {} }";
        assert_eq!(declared_modules(text), ["base", "wire"]);
    }
}
