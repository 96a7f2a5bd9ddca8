use std::fs;

use super::*;
use crate::wire::NameBuf;
use crate::zonefile::write_record;

const TEXT: &str = "@ 60 NS a\n@ 60 NS b\n";

fn origin() -> NameBuf {
    "example.".parse().expect("a name")
}

/// The records of a reader, or its first error.
fn lines(reader: io::Result<Reader<'_>>) -> Result<Vec<String>, String> {
    let (mut reader, mut lines) = (reader.map_err(|error| error.to_string())?, Vec::new());
    while let Some(next) = reader.next() {
        let (record, position) = next.map_err(|error| error.to_string())?;
        let mut line = format!("{}:{} ", position.file.display(), position.line);
        write_record(&record, &mut line).expect("a string takes everything");
        lines.push(line);
    }
    Ok(lines)
}

/// A new file of this text; the caller removes it.
fn file(test: &str, text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("gannet-source-{test}-{}", std::process::id()));
    fs::write(&path, text).expect("a new file");
    path
}

#[test]
fn a_regular_file_is_read_twice_unless_it_changes() {
    let path = file("regular", TEXT);
    let mut source = Source::open(&path).expect("a file");
    assert!(source.is_regular() && source.name() == path);
    let first = lines(source.read(origin().as_name())).expect("good records");
    assert_eq!(first.len(), 2);
    assert_eq!(lines(source.reread(origin().as_name())).expect("good records"), first);
    fs::write(&path, TEXT.repeat(2)).expect("a longer file");
    let changed = "the file has changed while it was read";
    assert_eq!(lines(source.reread(origin().as_name())), Err(changed.into()));
    // Another file of the same length in its place is another file.
    let mut source = Source::open(&path).expect("a file");
    let other = file("other", &TEXT.repeat(2));
    fs::rename(&other, &path).expect("another file in its place");
    assert_eq!(lines(source.read(origin().as_name())), Err(changed.into()));
    fs::remove_file(&path).expect("the file");
}

#[test]
fn a_pipe_is_copied_and_read_again() {
    let (reader, mut writer) = io::pipe().expect("a pipe");
    let path = PathBuf::from(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader)));
    let mut source = Source::open(&path).expect("a pipe");
    assert!(!source.is_regular());
    let text = TEXT.repeat(5000);
    let feed = std::thread::spawn(move || writer.write_all(text.as_bytes()));
    drop(reader);
    let first = lines(source.read(origin().as_name())).expect("good records");
    feed.join().expect("no panic").expect("a reader");
    assert_eq!(first.len(), 10_000);
    for _ in 0..2 {
        assert_eq!(lines(source.reread(origin().as_name())).expect("good records"), first);
    }
}

#[test]
fn what_cannot_be_opened_is_said() {
    let error = |path: &Path| Source::open(path).expect_err("no zone").kind();
    assert_eq!(error(&std::env::temp_dir()), io::ErrorKind::IsADirectory);
    assert_eq!(error(Path::new("/nowhere/at/all")), io::ErrorKind::NotFound);
}

#[test]
fn no_room_for_a_copy_is_an_error_of_reading() {
    let path = file("stream", TEXT);
    let full = OpenOptions::new().write(true).open("/dev/full").expect("a device that is always full");
    let kind = Kind::Stream { stream: Some(File::open(&path).expect("a file")), copy: full };
    let mut source = Source { name: "pipe".into(), kind };
    let error = lines(source.read(origin().as_name())).expect_err("no room");
    fs::remove_file(&path).expect("the file");
    assert!(error.starts_with("pipe:1:1: cannot read on: no copy of it can be kept in "), "{error}");
    assert!(error.ends_with("No space left on device (os error 28)"), "{error}");
    assert!(unnamed_file(Path::new("/nowhere")).is_err());
}

#[test]
fn an_unnamed_file_leaves_no_trace() {
    let mut file = unnamed_file(&std::env::temp_dir()).expect("a file");
    file.write_all(b"text").expect("room");
    assert_eq!(file.metadata().expect("metadata").nlink(), 0);
}
