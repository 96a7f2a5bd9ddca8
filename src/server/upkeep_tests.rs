use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::zone::{AnyAnswer, Bookmark, Choices, Zone};

/// A folder with zones that goes when it is dropped, and the upkeep of them.
struct Zones {
    folder: PathBuf,
    sources: Vec<ZoneSource>,
    upkeep: Upkeep,
}

impl Zones {
    /// So many zones, named by numbers.
    fn new(test: &str, count: usize) -> Self {
        let folder = std::env::temp_dir().join(format!("gannet-upkeep-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a new folder");
        let source = |number: usize| ZoneSource {
            name: format!("zone{number}.example").parse().expect("a name"),
            file: folder.join(number.to_string()),
            allow_transfer: [].into(),
            choices: Choices::default(),
        };
        let sources = (0..count).map(source).collect();
        let zones = Self { folder, sources, upkeep: Upkeep::new(SuffixHasher::new(1)) };
        (0..count).for_each(|number| zones.write(number, 1));
        zones
    }

    fn write(&self, number: usize, serial: u32) {
        let text = format!("@ 60 SOA ns h {serial} 60 60 60 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n");
        fs::write(&self.sources[number].file, text).expect("a file");
    }

    /// Loads at a time at which all files are old.
    fn load(&self) -> Counts {
        let hour = Duration::from_secs(3600);
        let (report, _) = self.upkeep.load_at(self.sources.clone(), Policy::default(), SystemTime::now() + hour);
        let UpkeepReport { loaded, unchanged, compared, failed, .. } = report;
        Counts { loaded, unchanged, compared, failed }
    }

    /// Loads twice, so that what was just written is known as old.
    fn settle(&self) {
        self.load();
        self.load();
    }

    fn zone(&self, number: usize) -> Option<Arc<Zone>> {
        match &self.upkeep.publisher.current().zones()[number] {
            ZoneState::Loaded(zone, _) => Some(Arc::clone(zone)),
            ZoneState::Failed(_) => None,
        }
    }
}

impl Drop for Zones {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Counts {
    loaded: usize,
    unchanged: usize,
    compared: usize,
    failed: usize,
}

fn counts(loaded: usize, unchanged: usize, compared: usize, failed: usize) -> Counts {
    Counts { loaded, unchanged, compared, failed }
}

#[test]
fn of_many_zones_only_the_changed_one_is_loaded() {
    let zones = Zones::new("one", 50);
    assert_eq!(zones.load(), counts(50, 0, 0, 0));
    assert_eq!(zones.load(), counts(0, 50, 50, 0), "they were written just before they were read");
    assert_eq!(zones.load(), counts(0, 50, 0, 0));
    let before: Vec<_> = (0..50).map(|number| zones.zone(number).expect("loaded")).collect();
    zones.write(7, 2);
    zones.write(8, 1);
    assert_eq!(zones.load(), counts(1, 49, 1, 0));
    for (number, before) in before.iter().enumerate() {
        let now = zones.zone(number).expect("loaded");
        assert_eq!(Arc::ptr_eq(&now, before), number != 7, "zone {number}");
    }
    assert_eq!(zones.zone(7).map(|zone| zone.serial()), Some(2));
}

#[test]
fn zones_are_told_by_their_names_wherever_they_stand_in_the_list() {
    let mut zones = Zones::new("order", 4);
    zones.settle();
    let kept = zones.zone(3).expect("loaded");
    zones.sources.remove(1);
    zones.sources.reverse();
    assert_eq!(zones.load(), counts(0, 3, 0, 0));
    assert!(Arc::ptr_eq(&zones.zone(0).expect("loaded"), &kept));
    // Another zone's file is another file, and a new zone has none of before.
    let file = zones.sources[1].file.clone();
    zones.sources[0].file = file;
    zones.sources[2].name = "new.example".parse().expect("a name");
    assert_eq!(zones.load(), counts(1, 2, 1, 0), "the file of zone 3 holds, octet by octet, what that of zone 2 does");
}

#[test]
fn choices_change_without_their_zone() {
    let mut zones = Zones::new("choices", 2);
    zones.settle();
    zones.sources[1].choices.any = AnyAnswer::Refuse;
    assert_eq!(zones.load(), counts(0, 2, 0, 0));
    let set = zones.upkeep.publisher.current();
    let chosen = |number: usize| match &set.zones()[number] {
        ZoneState::Loaded(_, choices) => choices.any,
        ZoneState::Failed(_) => panic!("loaded"),
    };
    assert_eq!((chosen(0), chosen(1)), (AnyAnswer::Minimal, AnyAnswer::Refuse));
}

#[test]
fn what_fails_fails_again_until_it_is_mended() {
    let zones = Zones::new("fails", 3);
    fs::write(&zones.sources[0].file, "broken").expect("a file");
    assert_eq!(zones.load(), counts(2, 0, 0, 1));
    zones.load();
    assert_eq!(zones.load(), counts(0, 2, 0, 1));
    // One that was good before.
    fs::write(&zones.sources[1].file, "broken").expect("a file");
    fs::remove_file(&zones.sources[2].file).expect("the file");
    assert_eq!(zones.load(), counts(0, 0, 0, 3));
    assert_eq!(zones.load(), counts(0, 0, 0, 3));
    assert!(zones.zone(0).is_none() && zones.zone(1).is_some() && zones.zone(2).is_some());
    zones.write(0, 3);
    // As it was when it was good: what is served is of it.
    zones.write(1, 1);
    zones.write(2, 4);
    assert_eq!(zones.load(), counts(2, 1, 1, 0));
}

#[test]
fn included_files_are_watched_too() {
    let zones = Zones::new("included", 2);
    let text = "$INCLUDE more\n@ 60 SOA ns h 1 60 60 60 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n";
    fs::write(&zones.sources[0].file, text).expect("a file");
    let more = |text: &str| fs::write(zones.folder.join("more"), text).expect("a file");
    more("a 60 A 192.0.2.1\n");
    zones.settle();
    assert_eq!(zones.load(), counts(0, 2, 0, 0));
    more("a 60 A 192.0.2.2\n");
    assert_eq!(zones.load(), counts(1, 1, 0, 0));
    fs::remove_file(zones.folder.join("more")).expect("the file");
    assert_eq!(zones.load(), counts(0, 1, 0, 1));
    more("a 60 A 192.0.2.2\n");
    assert_eq!(zones.load(), counts(0, 2, 1, 0));
}

#[test]
fn a_permission_that_is_lost_is_noticed() {
    // SAFETY: a plain system call. Whoever is root may read everything.
    if unsafe { libc::geteuid() } == 0 {
        // Then something else that keeps a file from being opened: it is none any more.
        let zones = Zones::new("permission", 2);
        zones.settle();
        let file: &Path = &zones.sources[0].file;
        fs::remove_file(file).and_then(|()| fs::create_dir(file)).expect("a folder");
        assert_eq!(zones.load(), counts(0, 1, 0, 1));
        return;
    }
    use std::os::unix::fs::PermissionsExt;
    let zones = Zones::new("permission", 2);
    zones.settle();
    let set =
        |mode| fs::set_permissions(&zones.sources[0].file, fs::Permissions::from_mode(mode)).expect("its owner may");
    set(0o000);
    assert_eq!(zones.load(), counts(0, 1, 0, 1));
    set(0o644);
    assert_eq!(zones.load(), counts(0, 2, 1, 0));
}

/// A large zone whose file has changed little is changed: what of it is the same is not made again.
#[test]
fn a_large_zone_that_has_changed_little_is_compared() {
    let zones = Zones::new("large", 1);
    let write = |serial: u32, changed: usize, more: &str| {
        let mut text = format!("$TTL 60\n@ SOA ns h {serial} 60 60 60 60\n@ NS ns\nns A 192.0.2.1\n");
        for number in 0..200_000 {
            let octet = if number < changed { serial } else { 0 };
            text += &format!("host{number} A 192.0.2.{octet}\n");
        }
        fs::write(&zones.sources[0].file, text + more).expect("a file");
    };
    write(1, 0, "");
    zones.settle();
    let first = zones.zone(0).expect("loaded");
    write(1, 0, "; nothing else\n");
    assert_eq!(zones.load(), counts(0, 1, 1, 0));
    assert!(Arc::ptr_eq(&first, &zones.zone(0).expect("loaded")));
    assert_eq!(zones.load(), counts(0, 1, 1, 0));
    assert_eq!(zones.load(), counts(0, 1, 0, 0));
    let pieces = |zone: &Zone| zone.image_body().map(<[u8]>::as_ptr).collect::<HashSet<_>>();
    let mut before = pieces(&first);
    for (serial, changed) in [(2, 10), (3, 100_000)] {
        write(serial, changed, "more A 192.0.2.1\n");
        assert_eq!(zones.load(), counts(1, 0, 0, 0));
        let zone = zones.zone(0).expect("loaded");
        assert_eq!((zone.serial(), zone.records()), (serial, 200_004));
        // What has changed little shares all but the blocks that have.
        let all = pieces(&zone);
        let shared = all.intersection(&before).count();
        assert!(if serial == 2 { shared + 12 >= all.len() } else { shared == 0 }, "{shared} of {}", all.len());
        before = all;
        let mut changed = 0;
        let read = zone.read_on(&mut Bookmark::default(), |record| {
            changed += usize::from(record.rdata == [192, 0, 2, serial as u8]);
            Ok::<(), ()>(())
        });
        assert_eq!((read, changed), (Ok(()), if serial == 2 { 10 } else { 100_000 }));
    }
    write(4, 0, "more A 192.0.2\n");
    assert_eq!(zones.load(), counts(0, 0, 0, 1));
    assert_eq!(zones.zone(0).map(|zone| zone.serial()), Some(3));
}

/// What was in the way once is tried again with the next reload, though no file has changed.
#[test]
fn an_image_that_could_not_be_written_is_written_after_the_next_reload() {
    let mut zones = Zones::new("hindered", 1);
    let mut text = "$TTL 60\n@ SOA ns h 1 60 60 60 60\n@ NS ns\nns A 192.0.2.1\n".to_owned();
    for number in 0..5_000 {
        text += &format!("host{number} TXT \"something that makes the zone large enough for an image of its own\"\n");
    }
    fs::write(&zones.sources[0].file, text).expect("a file");
    let state = zones.folder.join("state");
    zones.upkeep = Upkeep::with_images(Images::open(&state).expect("a state directory"));
    let image = state.join(format!("{:016x}.image", images::number(zones.sources[0].name.as_name())));
    fs::create_dir(&image).expect("a directory where the image should be");
    zones.settle();
    zones.upkeep.write_images();
    assert!(image.is_dir());
    fs::remove_dir(&image).expect("it is empty");
    assert_eq!(zones.load(), counts(0, 1, 0, 0));
    zones.upkeep.write_images();
    assert!(image.is_file());
}
