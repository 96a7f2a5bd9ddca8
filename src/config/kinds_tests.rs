use proptest::prelude::*;

use super::*;

fn read<K: Kind>(kind: &K, toml: &str) -> Result<K::Value, String> {
    let value = DeValue::parse(toml).expect("TOML");
    kind.read(&value).map_err(|wrong| {
        let told = |wrong: Wrong| wrong.help.map_or(wrong.found.clone(), |help| format!("{} ({help})", wrong.found));
        wrong.into_iter().map(told).collect::<Vec<_>>().join("; ")
    })
}

const TIME: TimeSpan = TimeSpan { min: Duration::from_millis(100), max: Duration::from_secs(3600) };

#[test]
fn times_have_units() {
    let millis = |toml: &str| read(&TIME, toml).map(|time| time.as_millis());
    assert_eq!(millis(r#""30s""#), Ok(30_000));
    assert_eq!(millis(r#""1m30s""#), Ok(90_000));
    assert_eq!(millis(r#""500ms""#), Ok(500));
    assert_eq!(millis(r#""1h""#), Ok(3_600_000));
    assert_eq!(millis("30"), Err("an integer has no unit (write the unit: \"30s\")".to_owned()));
    for (text, why) in [
        ("", "empty"),
        ("30", "a unit is missing: d, h, m, s or ms"),
        ("30 s", "a unit is missing: d, h, m, s or ms"),
        ("s", "a number is missing"),
        ("-3s", "a number is missing"),
        ("3y", "not a unit: d, h, m, s or ms"),
        ("30s1m", "the larger unit goes first, each once"),
        ("1s1s", "the larger unit goes first, each once"),
        ("99ms", "too short"),
        ("3600001ms", "too long"),
        ("99999999999999999999s", "too long"),
        ("18446744073709551615d", "too long"),
    ] {
        assert_eq!(millis(&quoted(text)), Err(why.to_owned()), "{text}");
    }
}

#[test]
fn counts_have_bounds() {
    let payload = |toml: &str| read(&Count::<u16> { min: 512, max: 4096 }, toml);
    assert_eq!((payload("512"), payload("4_096"), payload("0x200")), (Ok(512), Ok(4096), Ok(512)));
    for (toml, why) in [
        ("511", "too small"),
        ("4097", "too large"),
        ("-1", "too small"),
        ("70000", "too large"),
        ("99999999999999999999999", "too large"),
        ("-99999999999999999999999", "too small"),
        ("1.5", "a float, not an integer"),
        ("true", "a boolean, not an integer"),
        ("2020-02-02", "a date or time, not an integer"),
        ("{}", "a table, not an integer"),
    ] {
        assert_eq!(payload(toml), Err(why.to_owned()), "{toml}");
    }
}

#[test]
fn addresses_are_named_once_and_at_least_one() {
    let listen =
        |toml: &str| read(&Addresses, toml).map(|addrs| addrs.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(
        listen(r#"["0.0.0.0", "::1", "[::1]:5300", "[::]:5301"]"#),
        Ok(["0.0.0.0:53", "[::1]:53", "[::1]:5300", "[::]:5301"].map(str::to_owned).to_vec())
    );
    assert_eq!(listen(r#"["127.0.0.1:0", "127.0.0.1:0"]"#).map(|addrs| addrs.len()), Ok(2), "two free ports");
    for (toml, why) in [
        ("[]", "at least one is needed"),
        (r#"["1.2.3.4", "1.2.3.4:53"]"#, "named twice"),
        (
            r#"["0.0.0.0", "1.2.3.4", "1.2.3.4:5300"]"#,
            "0.0.0.0:53, which is named before, is all addresses and this one too",
        ),
        (
            r#"["[::]:54", "[::1]:53", "::"]"#,
            "this is all addresses, and [::1]:53, which is named before, is one of them",
        ),
        (r#""1.2.3.4""#, "a string, not an array (an array of one: [\"1.2.3.4\"])"),
        (
            r#"["53", ":53"]"#,
            "an address is missing: 0.0.0.0 and [::] are all of this machine; \
                              an address is missing: 0.0.0.0 and [::] are all of this machine",
        ),
        (r#"["1.2.3.4:99999"]"#, "not an IP address, alone or with a port"),
        (r#"["1.2.3"]"#, "not an IP address, alone or with a port"),
    ] {
        assert_eq!(listen(toml), Err(why.to_owned()), "{toml}");
    }
}

#[test]
fn prefixes_have_no_bits_behind_them() {
    let exempt =
        |toml: &str| read(&Prefixes, toml).map(|prefixes| prefixes.iter().map(Prefix::to_string).collect::<Vec<_>>());
    assert_eq!(
        exempt(r#"["0.0.0.0/0", "::/0", "10.0.0.0/8", "10.1.2.3", "2001:db8::/32"]"#),
        Ok(["0.0.0.0/0", "::/0", "10.0.0.0/8", "10.1.2.3/32", "2001:db8::/32"].map(str::to_owned).to_vec())
    );
    assert_eq!(exempt("[]"), Ok(Vec::new()));
    for (toml, why) in [
        (r#"["10.0.0.1/8"]"#, "bits are set behind the prefix, which is 10.0.0.0/8"),
        (r#"["2001:db8::1/64"]"#, "bits are set behind the prefix, which is 2001:db8::/64"),
        (r#"["10.0.0.0/33"]"#, "not a prefix length from 0 to 32"),
        (r#"["::/129", "::/"]"#, "not a prefix length from 0 to 128; not a prefix length from 0 to 128"),
        (r#"["example.com/8"]"#, "not an IP address, alone or with a prefix length"),
    ] {
        assert_eq!(exempt(toml), Err(why.to_owned()), "{toml}");
    }
}

#[test]
fn texts_levels_and_paths_are_checked() {
    assert_eq!(read(&TxtString, &quoted(&"x".repeat(255))).map(|text| text.len()), Ok(255));
    assert_eq!(read(&TxtString, &quoted(&"x".repeat(256))), Err("256 octets".to_owned()));
    assert_eq!(read(&Level, r#""warn""#), Ok(LogLevel::Warn));
    assert_eq!(read(&Level, r#""Warn""#), Err("not a level".to_owned()));
    assert_eq!(Level.expects(), r#"one of "error", "warn", "info", "debug", "trace""#);
    assert_eq!(read(&FilePath, r#""""#), Err("empty".to_owned()));
    assert_eq!(read(&FilePath, r#""a\u0000b""#), Err("a NUL octet".to_owned()));
}

proptest! {
    #[test]
    fn a_time_that_is_written_reads_the_same(millis in 100u64..=3_600_000) {
        let time = Duration::from_millis(millis);
        prop_assert_eq!(read(&TIME, &TIME.write(&time)), Ok(time));
    }

    #[test]
    fn a_text_that_is_written_reads_the_same(text in "\\PC{0,60}|[\"\\\\\n\r\t\u{0}\u{7f}]{0,9}") {
        prop_assert_eq!(read(&TxtString, &TxtString.write(&text)), Ok(text));
    }

    #[test]
    fn any_text_is_a_value_or_wrong(text: String) {
        let _ = (parse_time(&text), parse_address(&text));
    }
}
