use std::cmp::Ordering;

use proptest::prelude::*;

use super::*;

fn name(text: &str) -> NameBuf {
    text.parse().expect("a name")
}

#[test]
fn text_forms_and_their_wire() {
    for (text, wire) in [
        (".", &b"\0"[..]),
        ("com.", b"\x03com\0"),
        ("a.B.", b"\x01a\x01B\0"),
        ("a\\.b.c.", b"\x03a.b\x01c\0"),
        ("\\000\\255.", b"\x02\x00\xff\0"),
        ("\\\"\\;\\\\.", b"\x03\";\\\0"),
    ] {
        assert_eq!(name(text).as_name().wire(), wire, "{text}");
        assert_eq!(name(text).to_string(), text);
    }
}

#[test]
fn text_that_is_no_name() {
    let label64 = "a".repeat(64);
    let long = format!("{0}.{0}.{0}.{1}.", "a".repeat(63), "b".repeat(62));
    for (text, error) in [
        ("..", NameError::EmptyLabel),
        (".a.", NameError::EmptyLabel),
        ("a..b.", NameError::EmptyLabel),
        ("", NameError::EmptyLabel),
        ("a\\", NameError::BadEscape),
        ("a\\25", NameError::BadEscape),
        ("a\\256.", NameError::BadEscape),
        (label64.as_str(), NameError::LabelTooLong),
        (long.as_str(), NameError::TooLong),
        ("a", NameError::Relative),
        ("@", NameError::Relative),
    ] {
        assert_eq!(NameBuf::from_text(text.as_bytes(), None).err(), Some(error), "{text}");
    }
}

#[test]
fn the_longest_name_fits_and_one_more_does_not() {
    let longest = format!("{0}.{0}.{0}.{1}.", "a".repeat(63), "b".repeat(61));
    assert_eq!(name(&longest).as_name().wire().len(), 255);
    let relative = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(57));
    assert_eq!(
        NameBuf::from_text(relative.as_bytes(), Some(name("com.").as_name())).map(|n| n.as_name().wire().len()),
        Ok(255)
    );
    let over = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(58));
    assert_eq!(NameBuf::from_text(over.as_bytes(), Some(name("com.").as_name())).err(), Some(NameError::TooLong));
}

#[test]
fn below_means_at_a_label() {
    let below = |a: &str, b: &str| name(a).as_name().is_at_or_below(name(b).as_name());
    assert!(below("www.Example.com.", "example.COM.") && below("example.com.", ".") && below("a.", "a."));
    assert!(!below("com.", "example.com.") && !below("wwwexample.com.", "example.com."));
    // The octets of `a.` are a tail of `\001a.`, but no label starts there.
    assert!(!below("x\\001a.", "a."));
}

#[test]
fn the_order_of_rfc_4034_section_6_1() {
    let order = [
        "example.",
        "a.example.",
        "yljkjljk.a.example.",
        "Z.a.example.",
        "zABC.a.EXAMPLE.",
        "z.example.",
        "\\001.z.example.",
        "*.z.example.",
        "\\200.z.example.",
    ];
    for (i, a) in order.iter().enumerate() {
        for (j, b) in order.iter().enumerate() {
            assert_eq!(name(a).as_name().canonical_cmp(name(b).as_name()), i.cmp(&j), "{a} {b}");
        }
    }
    assert_eq!(name("A.b.").as_name().canonical_cmp(name("a.B.").as_name()), Ordering::Equal);
}

proptest! {
    #[test]
    fn any_octets_are_a_name_or_an_error(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok((name, rest)) = Name::split_from(&octets) {
            prop_assert_eq!(name.wire().len() + rest.len(), octets.len());
            let text = name.to_string();
            let back = NameBuf::from_text(text.as_bytes(), None).expect("the text of a name is a name");
            prop_assert_eq!(back.as_name().wire(), name.wire());
        }
    }

    #[test]
    fn any_text_is_a_name_or_an_error(text in proptest::collection::vec(any::<u8>(), 0..300)) {
        let origin = name("example.");
        if let Ok(buf) = NameBuf::from_text(&text, Some(origin.as_name())) {
            prop_assert!(Name::from_wire(buf.as_name().wire()).is_ok());
        }
    }
}
