use super::*;
use crate::zonefile::write_record;

/// Records as `owner TTL class type rdata`, errors as `line:column: message [note]`.
fn read(text: &str) -> Vec<String> {
    let origin: NameBuf = "example.com".parse().expect("a name");
    let mut reader = Reader::new(text.as_bytes(), "test", origin.as_name());
    let mut lines = Vec::new();
    while let Some(next) = reader.next() {
        lines.push(match next {
            Ok((record, _)) => {
                let mut text = String::new();
                write_record(&record, &mut text).expect("a string takes everything");
                text
            }
            Err(error) => {
                let note = error.note.map(|note| format!(" [{note}]")).unwrap_or_default();
                format!("{}:{}: {}{note}", error.line, error.column, error.message)
            }
        });
    }
    lines
}

#[test]
fn numbers_count_from_start_to_stop_by_step() {
    assert_eq!(
        read(
            "$GENERATE 1-2 $ 60 IN A 192.0.2.$\n$generate 0-5/2 a$.b$ CLASS1 1m NS c$\n$GENERATE 7-7/9 @ 1 A 192.0.2.$\n"
        ),
        [
            "1.example.com. 60 IN A 192.0.2.1",
            "2.example.com. 60 IN A 192.0.2.2",
            "a0.b0.example.com. 60 IN NS c0.example.com.",
            "a2.b2.example.com. 60 IN NS c2.example.com.",
            "a4.b4.example.com. 60 IN NS c4.example.com.",
            "example.com. 1 IN A 192.0.2.7",
        ]
    );
}

#[test]
fn modifiers_change_the_number() {
    for (template, owner) in [
        ("a${0}", "a26"),
        ("a${-26}", "a0"),
        ("a${+4}", "a30"),
        ("a${10,5}", "a00036"),
        ("a${0,3,d}b", "a026b"),
        ("a${0,0,o}", "a32"),
        ("a${0,0,x}", "a1a"),
        ("a${0,4,X}", "a001A"),
        ("${0,0,n}", "a.1"),
        ("${0,0,N}", "A.1"),
        ("${0,3,n}", "a.1"),
        ("${0,8,n}a", "a.1.0.0.a"),
        ("${-25,4,n}a", "1.0.a"),
        ("a$$b", "a\\$b"),
        ("a\\$b", "a\\$b"),
        ("a\\\\$b", "a\\\\26b"),
        ("\\036$$$", "\\$\\$26"),
        ("$-$-${1}", "26-26-27"),
    ] {
        let lines = read(&format!("$GENERATE 26-26 {template} 1 A 192.0.2.1\n"));
        assert_eq!(lines, [format!("{owner}.example.com. 1 IN A 192.0.2.1")], "{template}");
    }
}

#[test]
fn rdata_may_be_several_words_or_one_in_quotes() {
    let mx = ["a1.example.com. 1 IN MX 10 b1.example.com."];
    assert_eq!(read("$GENERATE 1-1 a$ 1 MX \"10 b$\" ; comment\n"), mx);
    assert_eq!(read("$GENERATE 1-1 a$ 1 MX 10 b$ ; comment\n"), mx);
    assert_eq!(read("$GENERATE 1-1 a$ 1 MX ( 10\n b$ )\n"), mx);
    assert_eq!(read("$GENERATE 1-1 a 1 TXT \"b $\" c\n"), ["a.example.com. 1 IN TXT \"b 1\" \"c\""]);
    assert_eq!(read("$GENERATE 1-1 a 1 TXT \"\\\"b $\\\" c\\\\d\"\n"), ["a.example.com. 1 IN TXT \"b 1\" \"c\\\\d\""]);
    assert_eq!(read("$GENERATE 1-1 a 1 TXT \"b $\"\n"), ["a.example.com. 1 IN TXT \"b\" \"1\""]);
}

#[test]
fn owner_and_ttl_go_on_as_if_the_records_were_written() {
    assert_eq!(
        read("a 5 A 192.0.2.1\n$GENERATE 1-1 b$ A 192.0.2.2\n A 192.0.2.3\n"),
        ["a.example.com. 5 IN A 192.0.2.1", "b1.example.com. 5 IN A 192.0.2.2", "a.example.com. 5 IN A 192.0.2.3"]
    );
}

#[test]
fn every_error_has_its_place() {
    let range = "expected a range such as 1-100 or 0-254/2, found";
    let upwards = "[ranges count upwards, without blanks, from 0 to 2147483647 at most]";
    for (text, error) in [
        ("", "1:10: expected a range such as 1-100 or 0-254/2, found the end of the entry".to_owned()),
        (" 1", format!("1:11: {range} `1` {upwards}")),
        (" 1-", format!("1:11: {range} `1-` {upwards}")),
        (" -1-1", format!("1:11: {range} `-1-1` {upwards}")),
        (" 1-2147483648", format!("1:11: {range} `1-2147483648` {upwards}")),
        (" 1-2/", format!("1:11: {range} `1-2/` {upwards}")),
        (" \"1-2\"", format!("1:11: {range} the quoted string `\"1-2\"` {upwards}")),
        (" 2-1 a 1 A 192.0.2.1", "1:11: the range `2-1` ends before it begins".to_owned()),
        (" 1-2/0 a 1 A 192.0.2.1", "1:11: the range `1-2/0` has a step of 0".to_owned()),
        (
            " 0-16777216 a 1 A 192.0.2.1",
            format!(
                "1:11: the range makes {} records, where {GENERATE_RECORDS_MAX} are the most",
                GENERATE_RECORDS_MAX + 1
            ),
        ),
        (" 1-2", "1:14: expected an owner with `$` in it, found the end of the entry".to_owned()),
        (" 1-2 \"a\"", "1:15: expected an owner with `$` in it, found the quoted string `\"a\"`".to_owned()),
        (" 1-2 a", "1:16: expected a record type, found the end of the entry".to_owned()),
        (" 1-2 a 1 CH", "1:19: class CH is not served".to_owned()),
        (" 1-2 a 1 ANY x", "1:19: no zone can hold records of type `ANY`".to_owned()),
        (" 1-2 a 1 A", "1:20: expected rdata with `$` in it, found the end of the entry".to_owned()),
        (" 1-2 a${ 1 A x", "1:15: a `${` without a `}`".to_owned()),
        (" 1-2 a${} 1 A x", "1:15: `${}` does not say how to change a number".to_owned()),
        (" 1-2 a${1,2,q} 1 A x", "1:15: `${1,2,q}` does not say how to change a number".to_owned()),
        (" 1-2 a${1,-2} 1 A x", "1:15: `${1,-2}` does not say how to change a number".to_owned()),
        (" 1-2 a${1,256} 1 A x", "1:15: a width of 256, where 255 is the most".to_owned()),
        (" 1-2 a${-+1} 1 A x", "1:15: `${-+1}` does not say how to change a number".to_owned()),
        (" 3-9 a${-4} 1 A 192.0.2.1", "1:15: the offset -4 makes 3 a negative number".to_owned()),
        (
            " 1-2 a$..b 1 A x",
            "1:15: `a1..b` is not a domain name: an empty label [for 1 the template makes `a1..b`]".to_owned(),
        ),
        (
            " 1-2 a 1 A 192.0.2.$$",
            "1:21: expected an IPv4 address such as 192.0.2.1, found `192.0.2.\\$` \
             [for 1 the template makes `192.0.2.\\$`]"
                .to_owned(),
        ),
        (" 1-2 a 1 TXT \"(\"", "1:23: a parenthesis is not closed [for 1 the template makes `(`]".to_owned()),
        (
            " 1-2 a 1 TXT (\"x\ny\")",
            "1:24: the rdata has more than one line [for 1 the template makes `x\\010y`]".to_owned(),
        ),
    ] {
        assert_eq!(
            read(&format!("$GENERATE{text}\nb 1 A 192.0.2.1\n")),
            [&error, "b.example.com. 1 IN A 192.0.2.1"],
            "{text}"
        );
    }
}

#[test]
fn an_error_ends_the_run() {
    let lines = read("$GENERATE 254-300 a$ 1 A 192.0.2.$\n");
    assert_eq!(lines.len(), 3);
    assert!(lines[2].ends_with("[for 256 the template makes `192.0.2.256`]"), "{}", lines[2]);
}

#[test]
fn the_longest_run_is_made_one_record_at_a_time() {
    // Only begun: a run of 16 million records costs no memory for those that nobody asks for.
    let origin: NameBuf = "example.com".parse().expect("a name");
    let text = "$GENERATE 1-16777216 a$ 1 A 192.0.2.1\n";
    let mut reader = Reader::new(text.as_bytes(), "test", origin.as_name());
    for number in 1..=1000 {
        let (record, position) = reader.next().expect("a record").expect("no error");
        assert_eq!((record.owner.to_string(), position.line), (format!("a{number}.example.com."), 1));
    }
}
