use std::io;

use super::*;
use crate::base::limits::ZONE_ENTRY_OCTETS_MAX;
use crate::wire::NameBuf;
use crate::zonefile::write_record;

fn origin() -> NameBuf {
    "example.com".parse().expect("a name")
}

/// Records as `line owner TTL class type rdata`, errors as `line:column: message`.
fn read_all(mut reader: Reader<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    while let Some(next) = reader.next() {
        lines.push(match next {
            Ok((record, position)) => {
                let mut text = format!("{} ", position.line);
                write_record(&record, &mut text).expect("a string takes everything");
                text
            }
            Err(error) => format!("{}:{}: {}", error.line, error.column, error.message),
        });
    }
    lines
}

fn read(text: impl AsRef<[u8]>) -> Vec<String> {
    read_all(Reader::new(text.as_ref(), "test", origin().as_name()))
}

/// What is read after a `$TTL 60` on the same line as the text begins on.
fn read_with_ttl(text: &str) -> Vec<String> {
    read(["$TTL 60\n", text].concat()).into_iter().map(|line| line.replace(" 60 IN ", " ")).collect()
}

#[test]
fn ttl_and_class_come_in_any_order_and_case() {
    for head in ["300 IN A", "IN 300 A", "300 A", "5m in a", "CLASS1 300 TYPE1", "class1 0h5M type1"] {
        assert_eq!(read(format!("www {head} 192.0.2.1\n")), ["1 www.example.com. 300 IN A 192.0.2.1"], "{head}");
    }
}

#[test]
fn owners_are_repeated_completed_and_may_look_like_anything() {
    let text = "www A 192.0.2.1\n A 192.0.2.2\n\t  AAAA 2001:db8::1\n@ A 192.0.2.3\nwww.example.net. A 192.0.2.4\n\
                a A 192.0.2.5\n  60 A 192.0.2.6\n300 A 192.0.2.7\n\\$x A 192.0.2.8\n*.a\\.b A 192.0.2.9\n";
    assert_eq!(
        read_with_ttl(text),
        [
            "2 www.example.com. A 192.0.2.1",
            "3 www.example.com. A 192.0.2.2",
            "4 www.example.com. AAAA 2001:db8::1",
            "5 example.com. A 192.0.2.3",
            "6 www.example.net. A 192.0.2.4",
            "7 a.example.com. A 192.0.2.5",
            "8 a.example.com. A 192.0.2.6",
            "9 300.example.com. A 192.0.2.7",
            "10 \\$x.example.com. A 192.0.2.8",
            "11 *.a\\.b.example.com. A 192.0.2.9",
        ]
    );
}

#[test]
fn origin_changes_names_and_the_same_word_means_another_owner() {
    let text = "a NS b\n$ORIGIN sub\na NS b\n$origin net.\na NS @\n$ORIGIN .\na NS b\n";
    assert_eq!(
        read_with_ttl(text),
        [
            "2 a.example.com. NS b.example.com.",
            "4 a.sub.example.com. NS b.sub.example.com.",
            "6 a.net. NS net.",
            "8 a. NS b."
        ]
    );
}

#[test]
fn parentheses_quotes_and_comments() {
    let text = "a TXT ( \"one ; two\" ; a comment with ) and \"\n three\n\"fo\\\"ur\" ) ; done\n\
                b ( ; owner, then the rest\n TXT\n\n x )\n(c TXT y)\nd TXT \"a\"\"b\" \"\"\ne TXT (\"1\n2\")\n\
                f TXT a\\ b \\\"c \\065;comment\n  ; only a comment\n()\n ( )\n";
    assert_eq!(
        read_with_ttl(text),
        [
            "2 a.example.com. TXT \"one ; two\" \"three\" \"fo\\\"ur\"",
            "5 b.example.com. TXT \"x\"",
            "9 c.example.com. TXT \"y\"",
            "10 d.example.com. TXT \"a\" \"b\" \"\"",
            "11 e.example.com. TXT \"1\\0102\"",
            "13 f.example.com. TXT \"a b\" \"\\\"c\" \"A\"",
        ]
    );
}

#[test]
fn quoted_values_of_parameters_stay_in_their_word() {
    assert_eq!(
        read_with_ttl("a HTTPS 1 . alpn=\"h2,h3\" port=443\n"),
        ["2 a.example.com. HTTPS 1 . alpn=h2,h3 port=443"]
    );
}

#[test]
fn line_ends_blanks_marks_and_missing_ends() {
    let expected = ["2 a.example.com. TXT \"x\"", "3 b.example.com. TXT \"y\""];
    for text in [
        "$TTL 60\na TXT x\nb TXT y",
        "\u{feff}$TTL 60\r\na TXT x\r\nb TXT y\r\n",
        "$TTL 60\na\tTXT\x0cx\r\r\nb TXT y\r",
        "$TTL 60\na TXT x ; c\r\nb TXT y ;",
        "$TTL 60\na TXT x\nb TXT y (\n)",
        "  $TTL 60\na TXT x\nb TXT \"y\"",
    ] {
        assert_eq!(read_with_ttl("").len(), 0);
        let lines: Vec<_> = read(text).iter().map(|line| line.replace(" 60 IN ", " ")).collect();
        assert_eq!(lines, expected, "{text:?}");
    }
    assert_eq!(read(""), [""; 0]);
    assert_eq!(read("\u{feff}"), [""; 0]);
    assert_eq!(read("\n\r\n  \n;\n"), [""; 0]);
    let positions = read("\u{feff}x\n");
    assert_eq!(positions, ["1:2: expected a record type, found the end of the entry"]);
}

#[test]
fn generic_types_and_rdata() {
    assert_eq!(
        read_with_ttl("a TYPE65534 \\# 4 0a000001\na A \\# 4 0a 00 00 01\na CLASS1 TYPE15 10 b\n"),
        [
            "2 a.example.com. TYPE65534 \\# 4 0a000001",
            "3 a.example.com. A 10.0.0.1",
            "4 a.example.com. MX 10 b.example.com."
        ]
    );
}

#[test]
fn ttls_are_inherited_as_the_rfcs_say() {
    let ttls = |text: &str| -> Vec<String> {
        read(text).iter().map(|line| line.split(' ').nth(2).unwrap_or_default().to_owned()).collect()
    };
    // RFC 2308 section 4: `$TTL` is for the records behind it that have none.
    assert_eq!(
        ttls("$TTL 1\na A 192.0.2.1\na 2 A 192.0.2.1\na A 192.0.2.1\n$TTL 3\na A 192.0.2.1\n"),
        ["1", "2", "1", "3"]
    );
    // RFC 1035 section 5.1: else the last one written.
    assert_eq!(ttls("a 2 A 192.0.2.1\na A 192.0.2.1\na 4 A 192.0.2.1\na A 192.0.2.1\n"), ["2", "2", "4", "4"]);
    // Else the SOA's MINIMUM, for the SOA and those behind it.
    assert_eq!(ttls("@ SOA a b 1 2 3 4 5\na A 192.0.2.1\na 7 A 192.0.2.1\na A 192.0.2.1\n"), ["5", "5", "7", "5"]);
    assert_eq!(ttls("@ 9 SOA a b 1 2 3 4 5\na A 192.0.2.1\n"), ["9", "9"]);
    let help = "a record without a TTL, and nothing before it to take one from";
    assert_eq!(read("@ SOA a b 1 2 3 4 2147483648\n"), [format!("1:3: {help}")]);
    // The first error says it for all behind it.
    assert_eq!(ttls("a A 192.0.2.1\na A 192.0.2.1\na 5 A 192.0.2.1\na A 192.0.2.1\n")[1..], ["0", "5", "5"]);
}

#[test]
fn every_error_has_its_place() {
    let long = "x".repeat(60);
    let cases: Vec<(String, Vec<&str>)> = [
        (" A 192.0.2.1", vec!["2:2: a line without an owner, and no owner before it"]),
        ("a", vec!["2:2: expected a record type, found the end of the entry"]),
        ("a 60 IN ; c", vec!["2:8: expected a record type, found the end of the entry"]),
        ("a FOO x", vec!["2:3: expected a record type, found `FOO`"]),
        ("a IN IN A 192.0.2.1", vec!["2:6: expected a record type, found `IN`"]),
        ("a 1 2 A 192.0.2.1", vec!["2:5: expected a record type, found `2`"]),
        ("a \"A\" 192.0.2.1", vec!["2:3: expected a record type, found the quoted string `\"A\"`"]),
        ("\"a\" A 192.0.2.1", vec!["2:1: expected a domain name, found the quoted string `\"a\"`"]),
        ("a..b A 192.0.2.1", vec!["2:1: `a..b` is not a domain name: an empty label"]),
        ("a\\", vec!["2:1: `a\\` is not a domain name: a bad escape: `\\` takes three digits up to 255, or one other character"]),
        ("a CH A 192.0.2.1", vec!["2:3: class CH is not served"]),
        ("a CLASS7 A 192.0.2.1", vec!["2:3: class CLASS7 is not served"]),
        ("a AXFR x", vec!["2:3: no zone can hold records of type `AXFR`"]),
        ("a TYPE41 \\# 0", vec!["2:3: no zone can hold records of type `TYPE41`"]),
        ("a 1h30 A 192.0.2.1", vec!["2:3: expected a TTL such as 3600 or 1h30m, found `1h30`"]),
        ("a 2147483648 A 192.0.2.1", vec!["2:3: a TTL of 2147483648 seconds, where 2147483647 are the most"]),
        ("$TTL 3551w", vec!["2:6: a TTL of 2147644800 seconds, where 2147483647 are the most"]),
        ("$TTL", vec!["2:5: expected a TTL such as 3600 or 1h30m, found the end of the entry"]),
        ("$TTL \"60\"", vec!["2:6: expected a TTL such as 3600 or 1h30m, found the quoted string `\"60\"`"]),
        ("$TTL 60 60", vec!["2:9: expected the end of the entry, found `60`"]),
        ("$ORIGIN", vec!["2:8: expected a domain name, found the end of the entry"]),
        ("$ORIGIN a b", vec!["2:11: expected the end of the entry, found `b`"]),
        ("$ORIGIN .a", vec!["2:9: `.a` is not a domain name: an empty label"]),
        ("$TLL 60", vec!["2:1: unknown directive `$TLL`"]),
        ("$", vec!["2:1: unknown directive `$`"]),
        ("$INCLUDE", vec!["2:9: expected a file name, found the end of the entry"]),
        ("$INCLUDE x", vec!["2:1: `$INCLUDE` in input that is not a file"]),
        ("a A 192.0.2.256", vec!["2:5: expected an IPv4 address such as 192.0.2.1, found `192.0.2.256`"]),
        ("a A", vec!["2:4: expected an IPv4 address such as 192.0.2.1, found the end of the entry"]),
        ("a A 192.0.2.1 x", vec!["2:15: expected the end of the record, found `x`"]),
        ("a A (\n ; c\n  192.0.2.1\n  x )", vec!["5:3: expected the end of the record, found `x`"]),
        ("a A )", vec!["2:5: a closing parenthesis without an opening one"]),
        ("a TXT x\"y\"", vec!["2:8: a quote in the middle of a word"]),
        ("a TXT \"x\n", vec!["2:7: a quoted string is not closed"]),
        ("a TXT \"x", vec!["2:7: a quoted string is not closed"]),
        ("a TXT (\n \"x", vec!["3:2: a quoted string is not closed"]),
        ("a TXT x=\"y", vec!["2:9: a quoted string is not closed"]),
        ("a TXT (x\n y", vec!["2:7: a parenthesis is not closed"]),
        ("a TXT x\ry", vec!["2:8: a carriage return that does not end the line"]),
        ("ä A é", vec!["2:5: expected an IPv4 address such as 192.0.2.1, found `é`"]),
        ("a 192.0.2.1", vec!["2:3: expected a record type, found `192.0.2.1`"]),
        ("a 192.0.2", vec!["2:3: expected a TTL such as 3600 or 1h30m, found `192.0.2`"]),
        ("a ANY A 192.0.2.1", vec!["2:3: class ANY is not served"]),
        ("a any 192.0.2.1", vec!["2:3: no zone can hold records of type `any`"]),
        ("a NONE A 192.0.2.1", vec!["2:3: class NONE is not served"]),
        ("a TXT x\0y", vec!["2:8: a NUL octet"]),
        ("a TXT \"x\\\0\"", vec!["2:10: a NUL octet"]),
        ("a TXT ( x\n \0 y )", vec!["3:2: a NUL octet"]),
        ("\u{7} A x\u{1b}[1m", vec!["2:5: expected an IPv4 address such as 192.0.2.1, found `x\\027[1m`"]),
    ]
    .into_iter()
    .map(|(text, errors)| (text.to_owned(), errors))
    .collect();
    for (text, errors) in cases {
        assert_eq!(read_with_ttl(&text), errors, "{text:?}");
    }
    let shown = format!("2:3: expected a record type, found `{}…`", &long[..48]);
    assert_eq!(read_with_ttl(&format!("a {long}")), [shown]);
}

#[test]
fn octets_that_are_not_utf_8_are_shown_escaped_and_counted() {
    assert_eq!(read(b"\xff\xff A \xc3\xa4\xff\n"), ["1:6: expected an IPv4 address such as 192.0.2.1, found `ä\\255`"]);
}

#[test]
fn reading_goes_on_behind_each_error() {
    let good = "good A 192.0.2.1";
    let after = |line: u32| format!("{line} good.example.com. A 192.0.2.1");
    for (text, message, line) in [
        ("a FOO\n", "2:3: expected a record type, found `FOO`", 3),
        ("a A )\n", "2:5: a closing parenthesis without an opening one", 3),
        // The rest of a record with a broken structure is left out: it is indented.
        ("@ SOA a b ( 1 2\n 3 4\n\n; c\n 5\n", "2:11: a parenthesis is not closed", 7),
        ("a TXT ( x\n y\nb TXT ( y )\n", "4:7: an opening parenthesis inside parentheses", 4),
        ("a TXT ( ( x\n y ) )\n", "2:9: an opening parenthesis inside parentheses", 4),
        ("a TXT ( \"x\n y\n", "2:9: a quoted string is not closed", 4),
        ("a TXT ( x\"y\"\n)\n", "2:10: a quote in the middle of a word", 4),
        ("a TXT \"x\n", "2:7: a quoted string is not closed", 3),
        ("a TXT x\ry\n", "2:8: a carriage return that does not end the line", 3),
    ] {
        let mut expected = vec![message.to_owned(), after(line)];
        if text.contains("\nb TXT") {
            expected.insert(1, "4 b.example.com. TXT \"y\"".to_owned());
            expected[2] = after(5);
        }
        assert_eq!(read_with_ttl(&format!("{text}{good}\n")), expected, "{text:?}");
    }
}

#[test]
fn one_mistake_brings_no_others() {
    for (text, error) in [
        ("@ SOA ns h 1 2 3 4\n@ NS ns\n NS ns2\n", "1:19: expected a period"),
        ("@ SOA ns h ( 1 2\n 3 4\n 5\n@ NS ns\n NS ns2\n", "1:12: a parenthesis is not closed"),
        ("@ SOA ns h 1 2 3 4 \"5\n NS ns\n NS ns2\n", "1:20: a quoted string is not closed"),
        ("$TTL 1y\n@ NS ns\n NS ns2\n", "1:6: expected a TTL"),
        ("a..b 1 NS ns\n NS ns\n NS ns2\n", "1:1: `a..b` is not a domain name"),
        (" NS ns\n NS ns\n 1 NS ns2\n", "1:2: a line without an owner"),
        ("\u{1f}\u{8b}", ""),
    ] {
        let lines = read(text);
        let (errors, records): (Vec<_>, Vec<_>) = lines.iter().partition(|line| !line.contains(" IN "));
        let expected = if error.is_empty() { 1 } else { 2 };
        assert!(errors.len() == 1 && errors[0].starts_with(error), "{text:?}: {lines:?}");
        assert!(error.is_empty() || records.len() == expected, "{text:?}: {lines:?}");
        assert!(records.iter().all(|line| line.contains(" example.com. ")), "{text:?}: {lines:?}");
    }
}

#[test]
fn what_was_meant_is_looked_up_for_errors_that_are_shown() {
    let text = "web AAA ::1\n".repeat(ERRORS_SHOWN_MAX + 3);
    let (mut reader, mut helps) = (Reader::new(text.as_bytes(), "zone", origin().as_name()), Vec::new());
    while let Some(next) = reader.next() {
        let error = next.expect_err("an error");
        assert_eq!((error.name, error.column), ("unknown-type", 5));
        helps.push(error.help.is_some());
    }
    assert_eq!(helps, [vec![true; ERRORS_SHOWN_MAX], vec![false; 3]].concat());
}

#[test]
fn what_is_no_text_is_one_error() {
    let bzip2 = [&b"BZh91AY&SY"[..], &b"\0junk\n".repeat(50_000)].concat();
    assert_eq!(read(bzip2), ["1:1: this file is compressed with bzip2, not a zone file"]);
    let wide: Vec<u8> = "\u{feff}@ SOA a b 1 2 3 4 5\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(wide), ["1:1: this file is text in UTF-16, not a zone file"]);
}

#[test]
fn entries_are_bounded_and_skipped_without_being_kept() {
    let filler = "x".repeat(ZONE_ENTRY_OCTETS_MAX);
    let too_long = format!("an entry of more than {ZONE_ENTRY_OCTETS_MAX} octets");
    let lines = read(format!("$TTL 1\na A 192.0.2.1\n  b{filler}{filler}{filler}\nc A 192.0.2.3\n"));
    assert_eq!(
        lines,
        ["2 a.example.com. 1 IN A 192.0.2.1", &format!("3:3: {too_long}"), "4 c.example.com. 1 IN A 192.0.2.3"]
    );
    let many = "  \"0123456789\"\n".repeat(ZONE_ENTRY_OCTETS_MAX / 10);
    let lines = read(format!("$TTL 1\na TXT (\n{many}c A 192.0.2.3\n"));
    let last = format!("{} c.example.com. 1 IN A 192.0.2.3", 3 + ZONE_ENTRY_OCTETS_MAX / 10);
    assert_eq!(lines, [format!("2:1: {too_long}"), last]);
    // The longest entry that may be.
    let longest = format!("a 1 A 192.0.2.1{}\n", " ".repeat(ZONE_ENTRY_OCTETS_MAX - 16));
    assert_eq!(read(&longest), ["1 a.example.com. 1 IN A 192.0.2.1"]);
    assert_eq!(read(format!(" {longest}")), [format!("1:2: {too_long}")]);
}

#[test]
fn a_failing_stream_gives_what_came_and_one_error() {
    struct Failing(&'static [u8]);
    impl Read for Failing {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() { Err(io::Error::other("no more today")) } else { self.0.read(out) }
        }
    }
    // What may be half a record is not taken for one.
    let reader = Reader::new(Failing(b"a 1 A 192.0.2.1\nb 1 A 192.0.2.1"), "test", origin().as_name());
    assert_eq!(read_all(reader), ["1 a.example.com. 1 IN A 192.0.2.1", "2:16: cannot read on: no more today"]);
}

#[test]
fn the_sample_zones_hold_no_errors() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("zones");
    for (name, records) in [("example.com", 69), ("delegations.example", 220), ("types.example", 89)] {
        let origin: NameBuf = name.parse().expect("a name");
        let path = folder.join(format!("{name}.zone"));
        let mut reader = Reader::open(&path, origin.as_name()).expect("a sample zone");
        let mut count = 0;
        while let Some(next) = reader.next() {
            let (record, _) = next.unwrap_or_else(|error| panic!("{}", error.render(false)));
            assert!(record.owner.is_at_or_below(origin.as_name()));
            count += 1;
        }
        assert_eq!(count, records, "{name}");
    }
}
