//! Files are replaced as a whole or not at all.

use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

/// An empty directory that goes with this.
struct Folder(PathBuf);

impl Folder {
    fn create(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("gannet-output-{name}-{}", process::id()));
        fs::create_dir(&path).expect("a new directory");
        Self(path)
    }

    /// The names in it.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("a directory");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("a text")
}

#[test]
fn the_old_file_stays_until_the_new_one_is_finished() {
    let folder = Folder::create("stays");
    let path = folder.0.join("zone");
    fs::write(&path, "old").expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("ours");
    let mut output = Output::create(&path).expect("begun");
    output.write_all(b"new").expect("written");
    output.flush().expect("written");
    assert_eq!(text(&path), "old");
    drop(output);
    assert_eq!((text(&path).as_str(), folder.names()), ("old", vec!["zone".to_owned()]));
    let mut output = Output::create(&path).expect("begun");
    output.write_all(b"new").expect("written");
    output.finish().expect("in its place");
    assert_eq!((text(&path).as_str(), folder.names()), ("new", vec!["zone".to_owned()]));
    assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o640);
}

#[test]
fn a_link_goes_on_pointing() {
    let folder = Folder::create("link");
    let (path, link) = (folder.0.join("zone"), folder.0.join("link"));
    fs::write(&path, "old").expect("written");
    symlink("zone", &link).expect("a link");
    let mut output = Output::create(&link).expect("begun");
    output.write_all(b"new").expect("written");
    output.finish().expect("in its place");
    assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
    assert_eq!(text(&path), "new");
}

#[test]
fn what_cannot_be_replaced_is_an_error_and_leaves_nothing() {
    let folder = Folder::create("errors");
    let kind = |path: &Path| Output::create(path).err().map(|error| error.kind());
    assert_eq!(kind(&folder.0), Some(io::ErrorKind::IsADirectory));
    assert_eq!(kind(&folder.0.join("absent/zone")), Some(io::ErrorKind::NotFound));
    assert!(folder.names().is_empty());
    // A device that is always full: it is written in place, and says so at the end.
    let mut output = Output::create(Path::new("/dev/full")).expect("begun");
    output.write_all(b"new").expect("buffered");
    assert_eq!(output.finish().expect_err("full").kind(), io::ErrorKind::StorageFull);
}
