//! Zone files of many hands: each bad one with the mistakes it must show, each odd but good one with its records.
//!
//! `bad/NAME.zone` has `bad/NAME.errors` beside it, `good/NAME.zone` has `good/NAME.records`. A bad file is named after the
//! kind of its first mistake, so that a snapshot cannot hide a wrong one. Files are read below `example.com`, unless their
//! first line says `; origin NAME`. `GANNET_BLESS=1` writes the snapshots anew.
//!
//! Does not know what makes a zone: the records here are judged one by one.
#![allow(missing_docs, clippy::unwrap_used)] // no docs are made of tests

mod endings;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use gannet::wire::NameBuf;
use gannet::zonefile::{Error, Kind, Reader, write_record};

/// A folder of this test.
fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zonefile").join(name)
}

/// The names of the files with this extension, without it.
fn names(folder: &Path, extension: &str) -> BTreeSet<String> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let these = paths.filter(|path| path.extension().is_some_and(|other| other == extension));
    these.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// The origin that the first line of a file names.
fn origin(path: &Path) -> NameBuf {
    let octets = fs::read(path).unwrap();
    let first = octets.split(|&octet| octet == b'\n').next().unwrap_or_default();
    let named = std::str::from_utf8(first).ok().and_then(|line| line.strip_prefix("; origin "));
    named.unwrap_or("example.com").trim().parse().unwrap()
}

/// The records of a file as lines, and its errors.
fn read(path: &Path) -> (Vec<String>, Vec<Error>) {
    let origin = origin(path);
    let mut reader = Reader::open(path, origin.as_name()).unwrap();
    let (mut records, mut errors) = (Vec::new(), Vec::new());
    while let Some(next) = reader.next() {
        match next {
            Ok((record, _)) => {
                let mut line = String::new();
                write_record(&record, &mut line).unwrap();
                records.push(line);
            }
            Err(error) => errors.push(error),
        }
    }
    (records, errors)
}

/// An error as snapshots have it: position, name, message; and what it says beside them.
fn line_of(error: &Error) -> String {
    let file = error.file.file_name().unwrap_or_default().to_string_lossy();
    let mut line = format!("{file}:{}:{} {}: {}\n", error.line, error.column, error.name, error.message);
    for (what, text) in [("label", &error.label), ("note", &error.note), ("help", &error.help)] {
        if let Some(text) = text {
            writeln!(line, "    {what}: {text}").unwrap();
        }
    }
    let root = folder("").to_string_lossy().into_owned();
    line.replace(&format!("{root}bad/../"), "").replace(&root, "")
}

/// Compares a folder's files with their snapshots, or writes these. What `shown` refuses is wrong whatever the snapshot says.
fn compare(name: &str, extension: &str, least: usize, shown: impl Fn(&Path, &str) -> Result<String, String>) {
    let folder = folder(name);
    let (files, snapshots) = (names(&folder, "zone"), names(&folder, extension));
    let bless = std::env::var_os("GANNET_BLESS").is_some();
    let mut wrong = Vec::new();
    for file in &files {
        let (path, snapshot) = (folder.join(format!("{file}.zone")), folder.join(format!("{file}.{extension}")));
        let found = match shown(&path, file) {
            Ok(found) => found,
            Err(why) => {
                wrong.push(format!("{file}: {why}"));
                continue;
            }
        };
        if bless {
            fs::write(snapshot, found).unwrap();
        } else {
            match fs::read_to_string(snapshot) {
                Ok(expected) if expected == found => {}
                Ok(expected) => wrong.push(format!("{file}: expected\n{expected}but found\n{found}")),
                Err(_) => wrong.push(format!("{file}: no snapshot; found\n{found}")),
            }
        }
    }
    for lonely in snapshots.difference(&files) {
        wrong.push(format!("{lonely}.{extension}: a snapshot without its zone file"));
    }
    assert!(wrong.is_empty(), "{}\n{} in {name}/", wrong.join("\n"), wrong.len());
    assert!(files.len() >= least, "{} files in {name}/, where {least} are the least", files.len());
}

/// The kind that a file is named after: the longest one whose name it begins with.
fn kind_of(file: &str) -> &'static str {
    let named = |kind: &&str| file.strip_prefix(*kind).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    let kinds = Kind::ALL.iter().map(|kind| kind.name()).filter(named);
    kinds.max_by_key(|kind| kind.len()).unwrap_or_else(|| panic!("{file} is named after no kind of mistake"))
}

#[test]
fn every_bad_file_shows_its_mistakes() {
    compare("bad", "errors", 300, |path, file| {
        let (_, errors) = read(path);
        let first = errors.first().ok_or("no mistake was found")?;
        if first.name != kind_of(file) {
            return Err(format!("named after another kind than {}: {first}", first.name));
        }
        for error in &errors {
            assert!(error.render(false).contains(&format!("error[{}]", error.name)), "{file}");
        }
        Ok(errors.iter().map(line_of).collect())
    });
}

#[test]
fn every_good_file_gives_its_records() {
    compare("good", "records", 200, |path, file| {
        let (records, errors) = read(path);
        if let Some(error) = errors.first() {
            return Err(error.render(false));
        }
        let text: String = records.iter().map(|record| format!("{record}\n")).collect();
        // What is written is canonical: it is read back as it is.
        assert_eq!(rewritten(&text, &origin(path)), text, "{file}");
        Ok(text)
    });
}

/// Canonical text as it is written once it was read.
fn rewritten(text: &str, origin: &NameBuf) -> String {
    let (mut reader, mut again) = (Reader::new(text.as_bytes(), "again", origin.as_name()), String::new());
    while let Some(next) = reader.next() {
        let (record, _) = next.unwrap_or_else(|error| panic!("{}", error.render(false)));
        write_record(&record, &mut again).unwrap();
        again.push('\n');
    }
    again
}

#[test]
fn every_kind_of_mistake_that_a_file_can_show_has_a_file() {
    let files = names(&folder("bad"), "zone");
    let shown: BTreeSet<_> = files.iter().map(|file| kind_of(file)).collect();
    // These take a zone to see, or a file larger than a repository should hold.
    let elsewhere = [Kind::OutOfZone, Kind::SoaBelowApex, Kind::EntryTooLong];
    for kind in Kind::ALL.iter().filter(|kind| !elsewhere.contains(kind)) {
        assert!(shown.contains(kind.name()), "no file for {}", kind.name());
    }
}
