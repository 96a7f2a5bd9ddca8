//! The kinds of mistakes in zone files: one row of one table each, from which names, docs and man page come.

macro_rules! kinds {
    ($($(#[doc = $description:literal])+ $variant:ident $name:literal,)+) => {
        /// What kind of mistake an error in a zone file is.
        ///
        /// Its name is what users write and scripts look for, so it stays the same from release to release.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[doc = $description])+ $variant,)+
        }

        impl Kind {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in messages and on the command line, such as `bad-ttl`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// What it means, in a line for the manual.
            pub fn description(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($description),+).trim_ascii(),)+
                }
            }
        }
    };
}

kinds! {
    /// A file that is no text: compressed, UTF-16, or binary.
    NotText "not-text",
    /// A file, or the rest of one, that cannot be read.
    ReadFailure "read-failure",
    /// A parenthesis that is not closed, not opened, or inside others.
    UnbalancedParenthesis "unbalanced-parenthesis",
    /// A quoted string without its second quote.
    UnclosedQuote "unclosed-quote",
    /// A quote in the middle of a word.
    StrayQuote "stray-quote",
    /// A carriage return that does not end a line.
    BareCarriageReturn "bare-carriage-return",
    /// A NUL octet, which no text has: most often a hole that a crash or a full disk left in the file.
    NulOctet "nul-octet",
    /// A record longer than any record can be.
    EntryTooLong "entry-too-long",
    /// A line without an owner where no owner stands before it.
    NoOwner "no-owner",
    /// A word that is not a domain name.
    BadName "bad-name",
    /// A label of more than 63 octets.
    LabelTooLong "label-too-long",
    /// A name of more than 255 octets.
    NameTooLong "name-too-long",
    /// A backslash without three digits up to 255 or one other character behind it.
    BadEscape "bad-escape",
    /// A TTL that is no number of seconds, or too large.
    BadTtl "bad-ttl",
    /// A record without a TTL where nothing gives it one.
    NoTtl "no-ttl",
    /// A class other than IN.
    BadClass "bad-class",
    /// A record that ends before its type.
    MissingType "missing-type",
    /// A word that is not a record type where one belongs.
    UnknownType "unknown-type",
    /// A type that exists in queries and messages alone.
    MetaType "meta-type",
    /// A record that ends before its last field.
    MissingRdata "missing-rdata",
    /// More fields than the type of the record has.
    ExtraRdata "extra-rdata",
    /// A field that is not what the type of the record asks for.
    BadRdata "bad-rdata",
    /// A string of more than 255 octets.
    StringTooLong "string-too-long",
    /// A directive that does not exist.
    UnknownDirective "unknown-directive",
    /// A directive with too few or too many arguments.
    BadDirective "bad-directive",
    /// An included file that cannot be opened.
    BadInclude "bad-include",
    /// A file that includes itself, directly or through others.
    IncludeCycle "include-cycle",
    /// Files that include each other too deeply.
    IncludeDepth "include-depth",
    /// A $GENERATE with a bad range or template.
    BadGenerate "bad-generate",
    /// A $GENERATE that makes too many records.
    GenerateTooMany "generate-too-many",
    /// A record whose owner is not at or below the apex.
    OutOfZone "out-of-zone",
    /// An SOA record that is not at the apex.
    SoaBelowApex "soa-below-apex",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_differ() {
        let mut names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        assert!(names.iter().all(|name| name.bytes().all(|octet| octet.is_ascii_lowercase() || octet == b'-')));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Kind::ALL.len());
    }

    #[test]
    fn descriptions_are_one_sentence() {
        assert_eq!(Kind::BadTtl.description(), "A TTL that is no number of seconds, or too large.");
        for kind in Kind::ALL {
            let text = kind.description();
            assert!(text.ends_with('.') && !text.starts_with(' ') && !text.contains("  "), "{text:?}");
        }
    }
}
