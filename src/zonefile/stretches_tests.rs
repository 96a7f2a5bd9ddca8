use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use flate2::{Compression, GzBuilder};
use proptest::prelude::*;

use super::*;
use crate::zonefile::write_record;

/// A file that is gone when the test ends.
struct TestFile(PathBuf);

impl TestFile {
    fn new(test: &str, octets: &[u8]) -> Self {
        let file = Self(std::env::temp_dir().join(format!("gannet-stretches-{test}-{}", std::process::id())));
        fs::write(&file.0, octets).expect("a new file");
        file
    }

    fn reader(&self) -> Reader<'static> {
        let origin: NameBuf = "example.com".parse().expect("a name");
        Reader::open(&self.0, origin.as_name()).expect("a file")
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// The records of a reader; none where one of them is an error.
fn records(reader: &mut Reader<'_>) -> Option<Vec<String>> {
    let mut records = Vec::new();
    while let Some(next) = reader.next() {
        let mut text = String::new();
        write_record(&next.ok()?.0, &mut text).expect("a string takes everything");
        records.push(text);
    }
    Some(records)
}

/// The records of each stretch, of so many octets at least; none where they are not to be read one by one.
fn by_stretch(reader: &Reader<'_>, count: usize, least: u64) -> Option<Vec<Vec<String>>> {
    let read = |stretch: &Stretch| {
        let mut reader = stretch.reader();
        records(&mut reader).filter(|_| stretch.is_joined(&reader))
    };
    reader.stretches_of(count, least)?.iter().map(read).collect()
}

const SOA: &str = "@ SOA ns hostmaster 1 7200 900 1209600 300\n";

#[test]
fn what_is_usual_is_read_in_stretches() {
    let relative = (0..50).map(|number| format!("host{number} A 192.0.2.{number}\n  TXT b\n")).collect::<String>();
    let with_ttls = relative.replace(" A ", " 60 A ").replace("  TXT", "  60 TXT");
    let dump = (0..50)
        .map(|number| format!("$ORIGIN d{number}.example.com.\n$TTL {number}\na NS ns.a\n$ORIGIN a.d{number}.example.com.\nns A 192.0.2.1\n"))
        .collect::<String>();
    let steps = (0..50).map(|number| format!("$origin a{}\nb A 192.0.2.1\n$ORIGIN example.com.; back\n", number % 7));
    let steps = steps.collect::<String>();
    let long = (0..50).map(|number| format!("h{number} ( MX 1 ; a (\n\t\tmx ) ; $TTL\n * TXT \"$ORIGIN a\"\n"));
    let long = long.collect::<String>().replace(" * ", " ");
    for (name, text) in [
        ("relative", format!("$TTL 1h\n{SOA}{relative}")),
        ("mark", format!("\u{feff}; a comment\n$TTL 1h\n{SOA}{relative}")),
        ("minimum", format!("{SOA}{relative}")),
        ("ttls", format!("{}{with_ttls}", SOA.replace("SOA", "60 SOA"))),
        ("dump", format!("$ORIGIN .\n$TTL 7\nexample.com {}{dump}", &SOA[2..])),
        ("steps", format!("$TTL 7\n{SOA}{steps}")),
        (
            "generate",
            format!("$TTL 7\n$ORIGIN a\n$GENERATE 1-3 h$ A 192.0.2.$\n{relative}$GENERATE 1-3 i$ A 192.0.2.$\n"),
        ),
        ("long", format!("$TTL 7\n{SOA}{long}")),
        ("windows", format!("$TTL 7\n{SOA}{dump}{long}").replace('\n', "\r\n")),
    ] {
        let file = TestFile::new(name, text.as_bytes());
        let whole = records(&mut file.reader()).expect("good records");
        for count in 2..9 {
            let stretches =
                by_stretch(&file.reader(), count, 64).unwrap_or_else(|| panic!("{name}: not read by {count}"));
            assert_eq!(stretches.len(), count, "{name}");
            assert!(stretches.iter().all(|records| records.len() > 3), "{name}: they are about as long");
            assert_eq!(stretches.concat(), whole, "{name} by {count}");
        }
    }
}

#[test]
fn what_may_mean_something_else_amid_is_not() {
    let hosts = "a A 192.0.2.1\n".repeat(30);
    let relative = |directive: &str| format!("$TTL 7\n{SOA}{hosts}{directive}{hosts}{hosts}{hosts}");
    let included = TestFile::new("included", b"$TTL 9\nb A 192.0.2.1\n");
    let included = included.0.display();
    for (name, text) in [
        // The TTL of a record is the last one written, somewhere before.
        ("last-ttl", format!("{}{hosts}{hosts}", SOA.replace("SOA", "60 SOA"))),
        ("indented", relative(" $ORIGIN a\n")),
        ("joined-lines", relative("$TTL (\n8 )\n")),
        ("ttl-in-include", relative(&format!("$INCLUDE {included}\n"))),
        ("in-string", relative("a TXT ( \"\n$TTL 8\n\" )\n")),
        ("open", format!("$TTL 7\n{SOA}a TXT (\n{})\n{hosts}", "b\n".repeat(500))),
        ("error", relative("a A 192.0.2.256\n")),
        ("unknown", relative("$TTL 7 8\n")),
        ("first", format!("a\n{SOA}{hosts}{hosts}")),
    ] {
        let file = TestFile::new(name, text.as_bytes());
        assert_eq!(by_stretch(&file.reader(), 4, 64), None, "{name}");
    }
    let text = relative("");
    let mut packed = GzBuilder::new().write(Vec::new(), Compression::none());
    packed.write_all(text.as_bytes()).expect("memory takes everything");
    let file = TestFile::new("packed", &packed.finish().expect("memory takes everything"));
    assert!(file.reader().stretches_of(4, 64).is_none());
    let origin: NameBuf = "example.com".parse().expect("a name");
    assert!(Reader::new(text.as_bytes(), "stream", origin.as_name()).stretches_of(4, 64).is_none());
    let file = TestFile::new("short", text.as_bytes());
    assert!(file.reader().stretches(4).is_none(), "no threads for so little");
    assert!(file.reader().stretches_of(1, 64).is_none());
}

/// A thousand `$ORIGIN`s, each void by the next one, cost no memory; as many steps down are not kept.
#[test]
fn of_directives_only_those_that_count_are_kept() {
    let absolute =
        "$ORIGIN a.example.com.\n".repeat(1000) + "$ORIGIN b\n$ttl 5\n$TTL 6\n$GENERATE 1-2 a$ A 192.0.2.$\n";
    let file = TestFile::new("absolute", absolute.as_bytes());
    let opened = File::open(&file.0).expect("a file");
    let found = Directives::find(&opened, 0..u64::MAX).expect("a file that can be read").expect("few directives");
    assert_eq!(
        found,
        Directives { origins: b"$ORIGIN a.example.com.\n$ORIGIN b\n".to_vec(), ttl: b"$TTL 6\n".to_vec() }
    );
    let file = TestFile::new("steps-down", "$ORIGIN a\n".repeat(1000).as_bytes());
    let opened = File::open(&file.0).expect("a file");
    assert_eq!(Directives::find(&opened, 0..u64::MAX).expect("a file that can be read"), None);
}

/// A buffer may end anywhere: between a line end and its directive, and inside the directive.
#[test]
fn directives_are_found_wherever_buffers_end() {
    let buffer = ZONE_READ_OCTETS;
    for shift in 0..12 {
        let text = ";".repeat(buffer - shift) + "\n$TTL 77\n" + &";".repeat(buffer) + "\n";
        let file = TestFile::new("buffers", text.as_bytes());
        let opened = File::open(&file.0).expect("a file");
        let found = Directives::find(&opened, 0..u64::MAX).expect("a file that can be read").expect("few directives");
        assert_eq!(found.ttl, b"$TTL 77\n", "{shift}");
    }
}

fn line() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "$ORIGIN a\n",
        "$ORIGIN b.example.com.\n",
        "$ORIGIN .\n",
        "$TTL 5\n",
        "$TTL 6 ; six\n",
        " $TTL 7\n",
        "(\n",
        ")\n",
        "\"\n",
        "\n",
        "; a ( \"\n",
        "@ SOA a b 1 2 3 4 5\n",
        "\tA 192.0.2.2\n",
        "c TXT ( \"a\nb\" c\n d )\n",
        "$GENERATE 1-2 a$ A 192.0.2.$\n",
        "d TXT \"$TTL 9\"\n",
        "e TXT (\n$TTL 9\n)\n",
        "a 60 A 192.0.2.1\n",
        "\\$TTL 8 A 192.0.2.1\n",
        "bad\n",
    ]);
    let host = (0..5u8, 0..3u8)
        .prop_map(|(owner, octet)| format!("{} A 192.0.2.{octet}\n", ["a", "b.c", "@", "d.", "*"][usize::from(owner)]));
    prop_oneof![1 => fixed.prop_map(str::to_owned), 3 => host]
}

proptest! {
    #[test]
    fn stretches_that_join_are_the_whole(lines in proptest::collection::vec(line(), 1..60), count in 2..9usize, head in 0..3usize) {
        let text = ["", "$TTL 1\n", "$TTL 1\n@ SOA a b 1 2 3 4 5\n"][head].to_owned() + &lines.concat();
        let file = TestFile::new("any", text.as_bytes());
        if let Some(stretches) = by_stretch(&file.reader(), count, 8) {
            prop_assert_eq!(Some(stretches.concat()), records(&mut file.reader()));
        }
    }
}
