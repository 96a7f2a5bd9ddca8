use crate::wire::NameBuf;
use crate::zonefile::Reader;

/// The errors of a text, as they are shown.
fn rendered(text: &[u8]) -> String {
    let origin: NameBuf = "example.com".parse().expect("a name");
    let mut reader = Reader::new(text, "example.com.zone", origin.as_name());
    let mut shown = String::new();
    while let Some(next) = reader.next() {
        if let Err(error) = next {
            shown = shown + &error.render(false) + "\n\n";
        }
    }
    shown
}

const BAD: &str = r#"$TTL 1h
@ SOA ns hostmaster 2024010101 1d 2h 4w
@ NS ns..example.net.
A 192.0.2.1
www A 192.0.2.256
   www AAAA 2001:db8::g
$ORIGN sub
mail MX mail
txt TXT "v=spf1 -all
	TXT Grüße "bäh
big 99999999999 TXT "x"
big 2147483648 TXT x
ch CH TXT x
any ANY x
host AAA 192.0.2.1
$GENERATE 1-300 h$ A 192.0.2.$
two A 192.0.2.1 192.0.2.2
$INCLUDE other.zone
) A 192.0.2.1
a..b NS x
word TXT a"b"
long MX (
    10 mail
next A (
    192.0.2.1 192.0.2.2
)
tail MX (
    10
    mail
"#;

#[test]
fn a_bad_file_shows_its_mistakes() {
    insta::assert_snapshot!(rendered(BAD.as_bytes()));
}

#[test]
fn lines_that_are_long_or_not_text_are_cut_and_escaped() {
    let mut text = format!("a 1 TXT {} bäd \\  {}\n", "\"0123456789\" ".repeat(100), "x".repeat(300)).into_bytes();
    text.extend_from_slice(b"a\t1\tA\t\xff\x1b[31m\xc3\xa4 x\n\ta\0b A 192.0.2.1\r\n");
    text.extend_from_slice("é".repeat(2000).as_bytes());
    insta::assert_snapshot!(rendered(&text));
}

#[test]
fn color_is_the_same_text_with_escape_sequences() {
    let origin: NameBuf = "example.com".parse().expect("a name");
    let error = Reader::new(&b"a FOO"[..], "-", origin.as_name()).next().expect("an end").expect_err("no type");
    let (plain, color) = (error.render(false), error.render(true));
    assert!(!plain.contains('\x1b') && color.contains('\x1b'));
    assert_eq!(without_color(&color), plain);
}

/// Text without the escape sequences that set colors: `ESC [ … m`.
fn without_color(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or("", |(_, rest)| rest))
}
