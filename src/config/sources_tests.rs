use std::os::unix::fs::symlink;

use super::*;
use crate::config::{DirectoryEntry, ZoneEntry};
use crate::zone::Choices;

struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("gannet-sources-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary directory");
        Self(path)
    }

    fn touch(&self, name: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, "").expect("a temporary file");
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The directory, its zones for everyone of IPv6.
fn entry(path: &Path) -> DirectoryEntry {
    DirectoryEntry {
        path: path.to_owned(),
        allow_transfer: vec!["::/0".parse().expect("a prefix")],
        choices: Choices::default(),
    }
}

#[test]
fn a_directory_gives_its_zones_in_order() {
    let directory = Directory::new("order");
    for name in
        ["b.example.zone", "A.example.zone", r"0\0471.arpa.zone", ".hidden.zone", ".zone", "notes.txt", "c.zone~"]
    {
        directory.touch(name);
    }
    fs::create_dir(directory.0.join("sub.zone")).expect("a directory inside");
    symlink("b.example.zone", directory.0.join("link.zone")).expect("a link");
    symlink("sub.zone", directory.0.join("sublink.zone")).expect("a link");
    let config = Config { zone_directories: vec![entry(&directory.0)], ..Config::default() };
    let found = config.zone_sources();
    let names = found.zones.iter().map(|zone| zone.name.to_string()).collect::<Vec<_>>();
    assert_eq!(names, ["0/1.arpa", "a.example", "b.example", "link"]);
    assert_eq!(found.zones[1].file, directory.0.join("A.example.zone"));
    assert!(found.zones.iter().all(|zone| *zone.allow_transfer == config.zone_directories[0].allow_transfer));
    assert_eq!(found.problems, []);
}

#[test]
fn what_gives_no_zone_is_told_and_harms_no_other() {
    let directory = Directory::new("problems");
    let (named, twice, bad) =
        (directory.touch("named.zone"), directory.touch("Twice.zone"), directory.touch("a..b.zone"));
    let again = directory.touch("twice.zone");
    let missing = directory.0.join("missing");
    let config = Config {
        zones: vec![ZoneEntry {
            name: "named".parse().expect("a name"),
            file: "/elsewhere".into(),
            line: None,
            allow_transfer: vec!["192.0.2.0/24".parse().expect("a prefix")],
            choices: Choices { rotate_rrsets: true, ..Choices::default() },
        }],
        zone_directories: vec![entry(&missing), entry(&directory.0)],
        ..Config::default()
    };
    let found = config.zone_sources();
    let zones = found.zones.iter().map(|zone| (zone.name.to_string(), zone.file.clone())).collect::<Vec<_>>();
    assert_eq!(zones, [("named".to_owned(), "/elsewhere".into()), ("twice".to_owned(), twice.clone())]);
    assert_eq!(*found.zones[0].allow_transfer, config.zones[0].allow_transfer);
    assert_eq!(found.zones.iter().map(|zone| zone.choices.rotate_rrsets).collect::<Vec<_>>(), [true, false]);
    let problems =
        found.problems.iter().map(|problem| (problem.path.clone(), problem.reason.as_str())).collect::<Vec<_>>();
    assert_eq!(
        problems,
        [
            (missing, "cannot be read: No such file or directory (os error 2)"),
            (bad, "a..b is not the name of a zone: an empty label"),
            (named, "the zone named is already taken from /elsewhere"),
            (again, format!("the zone twice is already taken from {}", twice.display()).as_str()),
        ]
    );
}
