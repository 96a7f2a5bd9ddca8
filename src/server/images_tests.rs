use std::fmt::Write as _;

use super::*;
use crate::server::load_zone;
use crate::wire::NameBuf;

/// A state directory and a zone that go when it is dropped.
struct State {
    folder: PathBuf,
    apex: NameBuf,
}

impl State {
    fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("gannet-images-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a new folder");
        let state = Self { folder, apex: "example.com".parse().expect("a name") };
        state.write_zone(1);
        state
    }

    fn write_zone(&self, serial: u32) {
        let mut text = format!("@ 60 SOA ns h {serial} 60 60 60 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n$INCLUDE more\n");
        for host in 0..3000 {
            let _ = writeln!(text, "host{host} 60 TXT \"this is host number {host}\"");
        }
        fs::write(self.folder.join("zone"), text).expect("a file");
        fs::write(self.folder.join("more"), "more 60 A 192.0.2.2\n").expect("a file");
    }

    fn open(&self) -> (Images, SuffixHasher) {
        Images::open(&self.folder.join("state")).expect("a state directory")
    }

    /// The zone from its file, as if it were the one at this apex.
    fn load_as(&self, apex: &NameBuf, hasher: &SuffixHasher) -> Imaged {
        let loaded = load_zone(apex.as_name(), &self.folder.join("zone"), hasher, 1).expect("a good zone");
        (Arc::new(loaded.zone), loaded.provenance.expect("a file"))
    }

    /// Writes the image of the zone; returns its path.
    fn write(&self) -> PathBuf {
        let (images, hasher) = self.open();
        let kept = HashSet::from([number(self.apex.as_name())]);
        let (left, cause) = images.write(vec![self.load_as(&self.apex, &hasher)], &kept);
        assert!(left.is_empty() && cause.is_none(), "{cause:?}");
        images.path_of(number(self.apex.as_name()))
    }

    fn read_as(&self, apex: &str) -> Result<Restored, Unfit> {
        let ((images, hasher), apex) = (self.open(), apex.parse::<NameBuf>().expect("a name"));
        let path = images.path(self.apex.as_name()).expect("it was written");
        let source = self.folder.join("zone");
        read(&path, apex.as_name(), &source, &hasher, 2, SystemTime::now())
    }

    fn read(&self) -> Result<Restored, Unfit> {
        self.read_as("example.com")
    }

    fn unfit(&self) -> String {
        self.read().expect_err("unfit").to_string()
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_zone_is_restored_until_its_files_change() {
    let state = State::new("restored");
    state.write();
    let restored = state.read().expect("an image");
    assert_eq!((restored.zone.serial(), restored.zone.records()), (1, 3004));
    fs::write(state.folder.join("more"), "more 60 A 192.0.2.3\n").expect("a file");
    assert_eq!(state.unfit(), "its files have changed");
    state.write_zone(1);
    let restored = state.read().expect("as they were");
    assert!(restored.provenance.compare(&state.folder.join("zone"), SystemTime::now()) == Comparison::Untouched);
    state.write_zone(2);
    assert_eq!(state.unfit(), "its files have changed");
    fs::remove_file(state.folder.join("zone")).expect("the file");
    assert_eq!(state.unfit(), "its files have changed");
}

#[test]
fn whatever_happens_to_an_image_is_noticed() {
    let state = State::new("damaged");
    let path = state.write();
    let whole = fs::read(&path).expect("the image");
    let header = Header::read(whole.first_chunk().expect("a header")).expect("its own");
    let front = HEADER_OCTETS + header.provenance as usize;
    let edges = [0, 8, 12, 16, 24, 32, 40, 48, 56, HEADER_OCTETS, front, front + header.head as usize, whole.len()];
    for edge in edges {
        for length in [edge.saturating_sub(1), edge, edge + 1] {
            let mut cut = whole.clone();
            cut.resize(length, 0);
            fs::write(&path, &cut).expect("a file");
            assert_eq!(state.read().is_ok(), length == whole.len(), "{length} octets");
        }
    }
    let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    let random =
        (0..300u64).map(|n| (hash(&[seed.to_le_bytes(), n.to_le_bytes()].concat()) % whole.len() as u64) as usize);
    for at in (0..front + 100).chain(random) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (seed.wrapping_add(at as u64) % 8);
        fs::write(&path, &flipped).expect("a file");
        assert!(state.read().is_err(), "octet {at}, seed {seed}");
    }
    fs::write(&path, &whole).expect("a file");
    state.read().expect("whole again");
}

#[test]
fn what_is_the_matter_is_said() {
    let state = State::new("said");
    let path = state.write();
    let whole = fs::read(&path).expect("the image");
    let put = |octets: &[u8]| fs::write(&path, octets).expect("a file");
    let with = |at: usize, octet: u8| {
        let mut octets = whole.clone();
        octets[at] = octet;
        octets
    };
    put(b"short");
    assert_eq!(state.unfit(), "it is not as long as it says");
    put(&with(0, b'g'));
    assert_eq!(state.unfit(), "it is no image");
    put(&with(8, 2));
    assert_eq!(state.unfit(), "it has format 2, not 1");
    put(&whole[..whole.len() - 1]);
    assert_eq!(state.unfit(), "it is not as long as it says");
    put(&with(whole.len() - 1, 0xff));
    assert_eq!(state.unfit(), "it is damaged");
    put(&whole);
    assert_eq!(state.read_as("example.net").expect_err("unfit").to_string(), "it is of another zone");
    // Another seed, or none that can be read.
    for seed in ["0123456789abcdef\n", "no seed\n"] {
        fs::write(state.folder.join("state/seed"), seed).expect("a file");
        assert_eq!(state.unfit(), "it was made with another seed");
    }
    fs::remove_file(state.folder.join("state/seed")).expect("the seed");
    assert_eq!(state.unfit(), "it was made with another seed");
}

#[test]
fn sums_that_are_right_over_octets_that_are_not_make_no_panic() {
    let state = State::new("forged");
    let path = state.write();
    let whole = fs::read(&path).expect("the image");
    let header = Header::read(whole.first_chunk().expect("a header")).expect("its own");
    let (front, body) = (HEADER_OCTETS, HEADER_OCTETS + (header.provenance + header.head) as usize);
    let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    for n in 0..300u64 {
        let random = hash(&[seed.to_le_bytes(), n.to_le_bytes()].concat());
        let at = front + (random >> 8) as usize % (body - front);
        let mut forged = whole.clone();
        forged[at] = random as u8;
        let front_digest = hash(&forged[front..body]);
        forged[..HEADER_OCTETS].copy_from_slice(&Header { front_digest, ..header }.octets());
        fs::write(&path, &forged).expect("a file");
        // Whatever comes of it: octet `at` of `seed` gives it.
        let _ = state.read();
    }
}

#[test]
fn the_directory_is_for_one_process_and_its_files_for_one_user() {
    let state = State::new("private");
    let path = state.write();
    let held = state.open();
    let refused = Images::open(&state.folder.join("state")).map(|_| ()).expect_err("locked");
    assert!(refused.contains("another process uses it"), "{refused}");
    drop(held);
    let folder = state.folder.join("state");
    for path in [&path, &folder.join("seed"), &folder.join("lock"), &folder] {
        assert_eq!(fs::metadata(path).expect("it is there").mode() & 0o077, 0, "{}", path.display());
    }
    let first = state.open().1.root();
    assert_eq!(state.open().1.root(), first);
    let missing = Images::open(Path::new("/nonexistent/state")).map(|_| ()).expect_err("no such directory");
    assert!(missing.starts_with("state directory /nonexistent/state: cannot be made"), "{missing}");
}

#[test]
fn images_of_zones_that_are_gone_go_too_and_other_files_stay() {
    let state = State::new("gone");
    let path = state.write();
    let other = state.folder.join("state/notes.txt");
    fs::write(&other, "mine").expect("a file");
    // As a process leaves it that is killed while it writes.
    fs::write(path.with_extension("new"), "half").expect("a file");
    let (images, _) = state.open();
    assert!(images.write(Vec::new(), &HashSet::new()).1.is_none());
    assert!(!path.exists() && !path.with_extension("new").exists() && other.exists());
}

#[test]
fn an_image_that_cannot_be_written_is_left_for_later_and_the_others_are_written() {
    let state = State::new("hindered");
    let (images, hasher) = state.open();
    let apexes = ["a.example", "b.example", "c.example"].map(|apex| apex.parse::<NameBuf>().expect("a name"));
    let kept = apexes.iter().map(|apex| number(apex.as_name())).collect();
    let zones = || apexes.iter().map(|apex| state.load_as(apex, &hasher)).collect::<Vec<_>>();
    let hindrance = images.path_of(number(apexes[0].as_name()));
    fs::create_dir(&hindrance).expect("a directory where the image should be");
    let (left, cause) = images.write(zones(), &kept);
    assert_eq!(left.iter().map(|(zone, _)| zone.apex().to_string()).collect::<Vec<_>>(), ["a.example."]);
    assert!(cause.is_some() && !hindrance.with_extension("new").exists());
    let is_written = |apex: &NameBuf| images.path_of(number(apex.as_name())).is_file();
    assert!(!is_written(&apexes[0]) && is_written(&apexes[1]) && is_written(&apexes[2]));
    fs::remove_dir(&hindrance).expect("it is empty");
    assert!(images.write(left, &kept).0.is_empty() && is_written(&apexes[0]));
}
