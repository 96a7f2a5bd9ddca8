//! Every zone that the tests have, and those of this repository, as servers are given them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use gannet::wire::{NameBuf, SuffixHasher};
use gannet::zone::Builder;
use gannet::zonefile::Reader;

use crate::process::Directory;
use crate::server::{Server, config};
use crate::zones::{OCCLUDED, large};

/// A zone that is served for others to read.
#[derive(Clone)]
pub struct Listed {
    pub name: String,
    pub file: PathBuf,
}

/// Zones on shelves: a server has one zone of a name, and many of these have the same.
pub struct Library {
    /// Where those are that no file of the repository has.
    pub own: Directory,
    pub shelves: Vec<Vec<Listed>>,
}

impl Library {
    pub fn open() -> Self {
        let mut library = Self { own: Directory::create(), shelves: Vec::new() };
        for file in zone_files("zones") {
            library.shelve(file.file_stem().unwrap().to_str().unwrap(), &file);
        }
        let occluded = library.own.write("occluded.test.zone", OCCLUDED);
        library.shelve("occluded.test", &occluded);
        let large = library.own.write("large.test.zone", &large(1, 20_000));
        library.shelve("large.test", &large);
        for folder in ["tests/dnssec", "tests/lints", "tests/zonefile/good"] {
            zone_files(folder).iter().for_each(|file| library.take(file));
        }
        library
    }

    /// Takes a zone of the tests: under a name of its own where its records allow it; and with an SOA and an NS where it
    /// has records alone. What is no zone all the same stays out.
    fn take(&mut self, file: &Path) {
        let stem = file.file_stem().unwrap().to_str().unwrap();
        let (named, own) = (origin(file), format!("{stem}.test"));
        let text = format!("$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n$INCLUDE \"{}\"\n", file.display());
        let framed = self.own.write(&format!("{stem}.zone"), &text);
        for file in [file, &framed] {
            for name in [&own, &named] {
                if is_zone(name, file) {
                    return self.shelve(name, file);
                }
            }
        }
    }

    /// Puts a zone on the first shelf that has none of its name.
    fn shelve(&mut self, name: &str, file: &Path) {
        let is_free = |shelf: &&mut Vec<Listed>| shelf.iter().all(|listed| listed.name != name);
        let listed = Listed { name: name.to_owned(), file: file.to_owned() };
        match self.shelves.iter_mut().find(is_free) {
            Some(shelf) => shelf.push(listed),
            None => self.shelves.push(vec![listed]),
        }
    }
}

/// The zone files of a folder of this repository, in the order of their names.
fn zone_files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "zone"));
    files.sort();
    files
}

/// The apex that a file of the tests names, or that its folder is known by.
fn origin(file: &Path) -> String {
    let text = String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned();
    let named = text.lines().find_map(|line| line.strip_prefix("; origin: ").or(line.strip_prefix("; origin ")));
    let is_signed = file.parent().is_some_and(|folder| folder.ends_with("dnssec"));
    let usual = match file.file_stem().and_then(|stem| stem.to_str()) {
        Some("uri.arpa") => "uri.arpa",
        _ if is_signed => "example",
        _ => "example.com",
    };
    named.unwrap_or(usual).trim().to_owned()
}

/// Whether the file is a zone of this name.
fn is_zone(name: &str, file: &Path) -> bool {
    let Ok(apex) = name.parse::<NameBuf>() else { return false };
    let mut builder = Builder::new(apex.as_name(), &SuffixHasher::new(0));
    let mut reader = Reader::open(file, apex.as_name()).unwrap();
    while let Some(next) = reader.next() {
        match next {
            Ok((record, _)) if builder.add(&record).is_ok() => {}
            _ => return false,
        }
    }
    builder.seal().is_ok()
}

/// A server of one shelf, which lets 127.0.0.1 have it.
pub fn serve(shelf: &[Listed]) -> Server {
    let directory = Directory::create();
    // NSD asks for all that it has at once.
    let mut text = config("[tcp]\nconnections-per-client = 1000\n[transfers]\nper-client = 1000\nat-once = 1000\n");
    for Listed { name, file } in shelf {
        let file = file.display();
        write!(text, "[[zone]]\nname = \"{name}\"\nfile = \"{file}\"\nallow-transfer = [\"127.0.0.1\"]\n").unwrap();
    }
    directory.write("gannet.toml", &text);
    Server::start_in(directory)
}
