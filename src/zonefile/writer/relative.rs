//! Names as people write them: relative to the origin.

use std::fmt::Write as _;

use crate::wire::Name;

/// A name as it is written where `origin` is in force: `@` for the origin, without its end where it is below it.
///
/// A name whose end is the origin in another case is written whole: there may be signatures over its case.
pub fn relative(name: Name<'_>, origin: Name<'_>) -> String {
    let mut text = name.to_string();
    match name.relative_to(origin) {
        Some([]) if name.wire() == origin.wire() => "@".into(),
        Some(front) if &name.wire()[front.len()..] == origin.wire() => {
            // The end and, but for the root, the dot in front of it.
            let mut end = String::new();
            let _ = write!(end, "{origin}");
            text.truncate(text.len() - end.len() - usize::from(!origin.is_root()));
            text
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::NameBuf;

    #[test]
    fn names_lose_the_origin_and_nothing_else() {
        let name = |text: &str| text.parse::<NameBuf>().expect("a name");
        for (text, origin, expected) in [
            ("example.", "example.", "@"),
            ("a.b.example.", "example.", "a.b"),
            (r"a\.example.example.", "example.", r"a\.example"),
            ("aexample.", "example.", "aexample."),
            ("ns.EXAMPLE.", "example.", "ns.EXAMPLE."),
            ("EXAMPLE.", "example.", "EXAMPLE."),
            ("example.", "a.example.", "example."),
            ("com.", ".", "com"),
            (".", ".", "@"),
            (".", "example.", "."),
        ] {
            assert_eq!(relative(name(text).as_name(), name(origin).as_name()), expected, "{text} {origin}");
            let back = NameBuf::from_text(expected.as_bytes(), Some(name(origin).as_name())).expect("a name");
            assert_eq!(back.as_name().wire(), name(text).as_name().wire());
        }
    }
}
