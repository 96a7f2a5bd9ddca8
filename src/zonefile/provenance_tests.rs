use std::io::Write;
use std::path::PathBuf;

use super::*;
use crate::wire::NameBuf;
use crate::zonefile::Reader;

const ZONE: &str = "@ 60 SOA ns h 1 60 60 60 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n";

/// A folder that goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = Self(std::env::temp_dir().join(format!("gannet-provenance-{test}-{}", std::process::id())));
        let _ = fs::remove_dir_all(&folder.0);
        fs::create_dir_all(&folder.0).expect("a new folder");
        folder
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).expect("a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a file was read from, to its end.
fn read(path: &Path) -> Provenance {
    let apex: NameBuf = "example.com".parse().expect("a name");
    let mut reader = Reader::open(path, apex.as_name()).expect("a file");
    while let Some(next) = reader.next() {
        next.map_err(|error| error.render(false)).expect("a good zone");
    }
    reader.footprint().and_then(Footprint::finish).expect("regular files")
}

/// The same, once its files are so old that their status counts.
fn read_settled(path: &Path) -> Provenance {
    match read(path).compare(path, later()) {
        Comparison::Alike(settled) => settled,
        other => panic!("they were written just now: {other:?}"),
    }
}

fn later() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}

fn is_changed(provenance: &Provenance, path: &Path) -> bool {
    provenance.compare(path, later()) == Comparison::Changed
}

#[test]
fn a_file_that_nobody_touched_is_not_opened() {
    // In a checkout they are older than a clock ticks.
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zonefile/good/many-records-across-buffers.zone");
    assert_eq!(read(&old).compare(&old, SystemTime::now()), Comparison::Untouched);
    let folder = Folder::new("untouched");
    let path = folder.write("a", ZONE);
    let settled = read_settled(&path);
    assert_eq!(settled.compare(&path, later()), Comparison::Untouched);
    // That the digest is not looked at shows with a wrong one.
    let content = settled.main.content ^ 1;
    let wrong = Provenance { main: Stamp { content, ..settled.main }, ..settled };
    assert_eq!(wrong.compare(&path, later()), Comparison::Untouched);
}

#[test]
fn a_file_that_was_just_written_is_compared_and_then_kept() {
    let folder = Folder::new("racy");
    let path = folder.write("a", ZONE);
    let racy = read(&path);
    assert_eq!(racy.main.status, Status::UNSURE);
    // A tick later it is still no surer; the same after a change that shows in nothing but the contents.
    assert_eq!(racy.compare(&path, SystemTime::now()), Comparison::Untouched, "alike, and as unsure");
    let mut file = File::options().write(true).open(&path).expect("the file");
    file.write_all(&ZONE.replace("192.0.2.1", "192.0.2.2").into_bytes()).expect("room");
    assert_eq!(racy.compare(&path, SystemTime::now()), Comparison::Changed);
    let settled = read_settled(&path);
    assert_ne!(settled.main.status, Status::UNSURE);
    assert_eq!(settled.compare(&path, later()), Comparison::Untouched);
}

#[test]
fn a_clock_that_runs_behind_makes_nothing_sure() {
    let folder = Folder::new("clock");
    let metadata = fs::metadata(folder.write("a", ZONE)).expect("the file");
    let (now, tick) = (SystemTime::now(), FILE_TICK_MAX);
    for now in [UNIX_EPOCH, now - Duration::from_secs(100), now, now + tick / 2] {
        assert_eq!(Status::of(&metadata, now), Status::UNSURE, "{now:?}");
    }
    assert_eq!(Status::of(&metadata, now + 2 * tick), Status::as_told(&metadata));
}

#[test]
fn whatever_else_happened_to_a_file_its_contents_decide() {
    let folder = Folder::new("touched");
    let path = folder.write("a", ZONE);
    let mut held = read_settled(&path);
    let mut alike = |what: &str| match held.compare(&path, later()) {
        Comparison::Alike(renewed) => held = renewed,
        other => panic!("{what}: {other:?}"),
    };
    let rename_over = |text: &str| fs::rename(folder.write("new", text), &path).expect("one folder");
    File::options().write(true).open(&path).and_then(|file| file.set_modified(UNIX_EPOCH)).expect("its owner may");
    alike("touched");
    rename_over(ZONE);
    alike("replaced");
    fs::write(&path, ZONE).expect("a file");
    alike("written anew");
    // As long as before, and with the time of before: only the kernel's own time of change tells.
    let modified = fs::metadata(&path).and_then(|metadata| metadata.modified()).expect("a time");
    fs::write(&path, ZONE.replace("192.0.2.1", "192.0.2.9")).expect("a file");
    File::options().write(true).open(&path).and_then(|file| file.set_modified(modified)).expect("its owner may");
    assert!(is_changed(&held, &path));
    rename_over(&ZONE.replace("192.0.2.1", "192.0.2.8"));
    assert!(is_changed(&held, &path));
    rename_over(&format!("{ZONE}\n"));
    assert!(is_changed(&held, &path));
    fs::remove_file(&path).expect("the file");
    assert!(is_changed(&held, &path));
    fs::create_dir(&path).expect("room for a folder");
    assert!(is_changed(&held, &path));
}

#[test]
fn included_files_count_wherever_they_are() {
    let folder = Folder::new("included");
    fs::create_dir(folder.0.join("deep")).expect("a folder");
    let path = folder.write("a", format!("$INCLUDE deep/b\n{ZONE}$INCLUDE deep/b\n$INCLUDE d\n"));
    folder.write("deep/b", "$TTL 60\n$INCLUDE c\n");
    let text = "c 60 A 192.0.2.3\n";
    let (c, d) = (folder.write("deep/c", text), folder.write("d", "d 60 A 192.0.2.4\n"));
    let settled = read_settled(&path);
    assert_eq!(settled.compare(&path, later()), Comparison::Untouched);
    fs::write(&c, "c 60 A 192.0.2.9\n").expect("a file");
    assert!(is_changed(&settled, &path), "changed");
    fs::write(&c, text).expect("a file");
    let Comparison::Alike(again) = settled.compare(&path, later()) else { panic!("as it was") };
    fs::remove_file(&d).expect("the file");
    assert!(is_changed(&again, &path), "gone");
    folder.write("d", "d 60 A 192.0.2.4\n");
    assert!(matches!(again.compare(&path, later()), Comparison::Alike(_)), "back");
    // The same file by another name has its neighbours elsewhere.
    let link = folder.0.join("deep/a");
    fs::hard_link(&path, &link).expect("one file system");
    assert!(is_changed(&again, &link));
}

#[test]
fn all_octets_of_a_file_count_even_behind_what_is_compressed_in_it() {
    let folder = Folder::new("compressed");
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x20, ZONE.len() as u8];
    // One block, raw and the last (RFC 8878 section 3.1.1.2).
    frame.extend_from_slice(&((ZONE.len() as u32) << 3 | 1).to_le_bytes()[..3]);
    frame.extend_from_slice(ZONE.as_bytes());
    let path = folder.write("a", &frame);
    let settled = read_settled(&path);
    assert_eq!(settled.main.octets, frame.len() as u64);
    *frame.last_mut().expect("octets") = b' ';
    fs::write(&path, &frame).expect("a file");
    assert!(is_changed(&settled, &path));
}

#[test]
fn streams_have_none() {
    let apex: NameBuf = "example.com".parse().expect("a name");
    let mut reader = Reader::new(ZONE.as_bytes(), "-", apex.as_name());
    while reader.next().is_some() {}
    assert!(reader.footprint().is_none());
    let mut device = Reader::open("/dev/null", apex.as_name()).expect("a device");
    assert!(device.next().is_none() && device.footprint().is_none());
}
