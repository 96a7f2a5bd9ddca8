use std::fs;
use std::path::{Path, PathBuf};

use crate::base::limits::INCLUDE_DEPTH_MAX;
use crate::wire::NameBuf;
use crate::zonefile::{Errors, Reader, write_record};

/// A folder of zone files that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str, files: &[(&str, &str)]) -> Self {
        let folder = Self(std::env::temp_dir().join(format!("gannet-{test}-{}", std::process::id())));
        for (name, text) in files {
            let path = folder.0.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a new folder");
            fs::write(path, text).expect("a new file");
        }
        folder
    }

    /// What the file gives: records as `file:line owner TTL class type rdata`, errors as they are, paths shortened.
    fn read(&self, name: &str) -> Vec<String> {
        let origin: NameBuf = "example.com".parse().expect("a name");
        let reader = Reader::open(self.0.join(name), origin.as_name()).expect("a file");
        self.read_from(reader)
    }

    fn read_from(&self, mut reader: Reader<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(next) = reader.next() {
            let line = match next {
                Ok((record, position)) => {
                    let mut text = format!("{}:{} ", position.file.display(), position.line);
                    write_record(&record, &mut text).expect("a string takes everything");
                    text
                }
                Err(error) => match &error.note {
                    Some(note) => format!("{error} [{note}]"),
                    None => error.to_string(),
                },
            };
            lines.push(line.replace(&format!("{}/", self.0.display()), ""));
        }
        lines
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_include_is_relative_to_its_file_and_gives_origin_and_owner_back() {
    let folder = Folder::new(
        "include",
        &[
            (
                "a",
                "$TTL 1\n$ORIGIN x\nb A 192.0.2.1\n$INCLUDE sub/b\n A 192.0.2.2\n$include \"sub/c\" y\n@ A 192.0.2.3\n",
            ),
            ("sub/b", "b A 192.0.2.4\n$INCLUDE c z\n$ORIGIN net.\n$TTL 2\nb A 192.0.2.5"),
            ("sub/c", "b 7 A 192.0.2.6\n"),
        ],
    );
    assert_eq!(
        folder.read("a"),
        [
            "a:3 b.x.example.com. 1 IN A 192.0.2.1",
            "sub/b:1 b.x.example.com. 1 IN A 192.0.2.4",
            "sub/c:1 b.z.x.example.com. 7 IN A 192.0.2.6",
            "sub/b:5 b.net. 2 IN A 192.0.2.5",
            "a:5 b.x.example.com. 2 IN A 192.0.2.2",
            "sub/c:1 b.y.x.example.com. 7 IN A 192.0.2.6",
            "a:7 x.example.com. 2 IN A 192.0.2.3",
        ]
    );
}

#[test]
fn an_included_file_goes_on_with_the_owner_and_its_errors_say_who_included_it() {
    let folder = Folder::new(
        "include-errors",
        &[
            (
                "a",
                "$TTL 1\nb A 192.0.2.1\n$INCLUDE b\n$INCLUDE none\n$INCLUDE .\n$INCLUDE b c d\n$INCLUDE \"\"\nb A 192.0.2.2\n",
            ),
            ("b", " A 192.0.2.4\nb A (\n"),
        ],
    );
    assert_eq!(
        folder.read("a"),
        [
            "a:2 b.example.com. 1 IN A 192.0.2.1",
            "b:1 b.example.com. 1 IN A 192.0.2.4",
            "b:2:5: a parenthesis is not closed [included from a:3]",
            "a:4:10: cannot open none: No such file or directory (os error 2)",
            "a:5:10: cannot open .: not a regular file",
            "a:6:14: expected the end of the entry, found `d`",
            "a:7:10: expected a file name, found the quoted string `\"\"`",
            "a:8 b.example.com. 1 IN A 192.0.2.2",
        ]
    );
}

#[test]
fn files_that_include_each_other_are_refused() {
    let folder = Folder::new(
        "include-cycle",
        &[("a", "$INCLUDE sub/b\na 1 A 192.0.2.1\n"), ("sub/b", "$INCLUDE ../sub/../a\n$INCLUDE b\nb 1 A 192.0.2.2\n")],
    );
    assert_eq!(
        folder.read("a"),
        [
            "sub/b:1:10: a includes itself [a:1 includes sub/b, sub/b:1 includes a]",
            "sub/b:2:10: sub/b includes itself [sub/b:2 includes sub/b]",
            "sub/b:3 b.example.com. 1 IN A 192.0.2.2",
            "a:2 a.example.com. 1 IN A 192.0.2.1",
        ]
    );
}

#[test]
fn includes_nest_so_deep_and_no_deeper() {
    let files: Vec<_> = (1..=INCLUDE_DEPTH_MAX + 1)
        .map(|n| (n.to_string(), format!("$INCLUDE {}\na{n} 1 A 192.0.2.1\n", n + 1)))
        .collect();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let lines = Folder::new("include-depth", &files).read("1");
    let places: Vec<_> = (1..INCLUDE_DEPTH_MAX).rev().map(|n| format!("from {n}:1")).collect();
    let chain = places.join(", ");
    assert_eq!(lines[0], format!("16:1:10: more than 16 files include each other [included {chain}]"));
    assert_eq!(lines.len(), 1 + INCLUDE_DEPTH_MAX);
    assert_eq!(lines.last().map(String::as_str), Some("1:2 a1.example.com. 1 IN A 192.0.2.1"));
}

#[test]
fn a_stream_includes_from_where_it_is_told() {
    let folder = Folder::new("include-stream", &[("b", "b 1 A 192.0.2.1\n")]);
    let origin: NameBuf = "example.com".parse().expect("a name");
    let reader = || Reader::new(&b"$INCLUDE b\n"[..], Path::new("-"), origin.as_name());
    assert_eq!(folder.read_from(reader().include_from(&folder.0)), ["b:1 b.example.com. 1 IN A 192.0.2.1"]);
    assert_eq!(folder.read_from(reader()), ["-:1:1: `$INCLUDE` in input that is not a file"]);
}

#[test]
fn a_file_that_is_none_is_an_error_of_its_own() {
    let folder = Folder::new("include-folder", &[("a", "")]);
    let origin: NameBuf = "example.com".parse().expect("a name");
    assert!(Reader::open(folder.0.join("b"), origin.as_name()).is_err());
    assert_eq!(folder.read_from(Reader::open(&folder.0, origin.as_name()).expect("a folder can be opened")).len(), 1);
}

#[test]
fn twenty_errors_are_kept_and_all_are_counted() {
    let origin: NameBuf = "example.com".parse().expect("a name");
    let text = "a FOO\n".repeat(45);
    let (mut reader, mut errors) = (Reader::new(text.as_bytes(), "-", origin.as_name()), Errors::default());
    assert!(errors.is_empty() && errors.summary().is_empty());
    while let Some(next) = reader.next() {
        errors.push(next.expect_err("no line is right"));
        if errors.count() == 20 {
            assert_eq!((errors.summary().as_str(), errors.to_string().lines().count()), ("20 errors", 20));
        }
    }
    assert_eq!((errors.count(), errors.shown().len()), (45, 20));
    let report = errors.to_string();
    assert_eq!(report.lines().next(), Some("-:1:3: expected a record type, found `FOO`"));
    assert_eq!(report.lines().last(), Some("45 errors, the first 20 shown"));
}

#[test]
fn included_files_may_be_compressed() {
    let gzip = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\x73\x50\x30\x33\x50\xf0\x0b\x56\x48\xe4\x72\x80\xb2\x92\xb8\0\xa2\xe4\x37\x90\x14\0\0\0";
    let folder = Folder::new("compressed", &[("a", "$INCLUDE b.zone\n$INCLUDE c.zone\n")]);
    fs::write(folder.0.join("b.zone"), gzip).expect("a new file");
    fs::write(folder.0.join("c.zone"), &gzip[..gzip.len() - 1]).expect("a new file");
    let lines = folder.read("a");
    assert_eq!(
        lines[..2],
        ["b.zone:1 example.com. 60 IN NS a.example.com.", "b.zone:2 example.com. 60 IN NS b.example.com."]
    );
    let error = lines.last().expect("an error");
    assert!(error.starts_with("c.zone:") && error.contains("the gzip data is cut off"), "{error}");
    assert!(error.ends_with("[included from a:2]"), "{error}");
}
