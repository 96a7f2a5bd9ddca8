use super::*;
use crate::wire::{Class, NameBuf};
use crate::zonefile::Reader;

/// The rdata of the first record of `text`, laid out from column 20 on.
fn laid_out(text: &str) -> String {
    let origin: NameBuf = "example.".parse().expect("a name");
    let mut reader = Reader::new(text.as_bytes(), "test", origin.as_name());
    let (record, _) = reader.next().expect("a record").expect("a good record");
    let mut out = String::new();
    append(&record, origin.as_name(), 20, &mut out);
    out
}

#[test]
fn names_are_relative_and_other_words_stay() {
    for (text, expected) in [
        ("MX 10 mail.example.", "10 mail"),
        ("MX 10 @", "10 @"),
        ("MX 10 mail.test.", "10 mail.test."),
        ("SRV 1 2 3 .", "1 2 3 ."),
        (r#"NAPTR 1 2 "s" "example." "" example."#, r#"1 2 "s" "example." "" @"#),
        ("RP a b.test.", "a b.test."),
        ("NSEC b.example. A TYPE65280", "b A TYPE65280"),
        (r#"TXT "a b" example. "\"""#, r#""a b" "example." "\"""#),
        (r"CNAME a\.\032b.example.", r"a\.\032b"),
        ("TYPE65280 \\# 2 0102", "\\# 2 0102"),
    ] {
        assert_eq!(laid_out(&format!("@ 1 IN {text}\n")), expected, "{text}");
    }
}

#[test]
fn an_soa_tells_its_periods_in_words() {
    insta::assert_snapshot!(laid_out("@ 1 SOA ns.example. host.test. 2026010101 4h 5400 2w 0\n"), @r"
    ns host.test. (
                        2026010101 ; serial
                        14400      ; refresh: 4 hours
                        5400       ; retry: 1 hour 30 minutes
                        1209600    ; expire: 2 weeks
                        0          ; minimum: 0 seconds
                        )
    ");
}

#[test]
fn what_is_long_takes_several_lines() {
    let long = "x".repeat(70);
    let key = "QUJD".repeat(30);
    let zeros = "00".repeat(60);
    let types = "A NS CNAME SOA PTR HINFO MX TXT AAAA SRV NAPTR DNAME DS SSHFP RRSIG NSEC DNSKEY TLSA";
    insta::assert_snapshot!(
        [
            laid_out(&format!("@ 1 TXT \"v=1 {long}\" a \"{long}\"\n")),
            laid_out(&format!("@ 1 DNSKEY 257 3 8 {key}\n")),
            laid_out("@ 1 DNSKEY 256 3 5 AQPSKmynfzW4kyBv015MUG2DeIQ3\n"),
            laid_out(&format!("@ 1 TYPE65280 \\# 60 {zeros}\n")),
            laid_out(&format!("@ 1 NSEC a.example. {types}\n")),
            laid_out(&format!("@ 1 CAA 0 issue \"{long}{long}\"\n")),
        ]
        .join("\n\n"),
        @r#"
    (
                        "v=1 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                        "a"
                        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" )

    257 3 8 (
                        QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD
                        QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD ) ; key-signing key, tag 43438

    256 3 5 AQPSKmynfzW4kyBv015MUG2DeIQ3 ; zone-signing key, tag 55497

    \# 60 (
                        0000000000000000000000000000000000000000000000000000000000000000
                        00000000000000000000000000000000000000000000000000000000 )

    a A NS CNAME SOA PTR HINFO MX TXT AAAA SRV NAPTR DNAME DS SSHFP RRSIG NSEC (
                        DNSKEY TLSA )

    0 issue (
                        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" )
    "#);
}

#[test]
fn the_key_tag_is_that_of_the_rfc() {
    // RFC 4034 section 5.4: the DS of this key has the tag 60485.
    let text = "@ 1 DNSKEY 256 3 5 ( AQOeiiR0GOMYkDshWoSKz9Xz fwJr1AYtsmx3TGkJaNXVbfi/ \
        2pHm822aJ5iI9BMzNXxeYCmZ DRD99WYwYqUSdjMmmAphXdvx egXd/M5+X7OrzKBaMbCVdFLU \
        Uh6DhweJBjEVv5f2wwjM9Xzc nOf+EPbtG9DMBmADjFDc2w/r ljwvFw== )\n";
    assert!(laid_out(text).ends_with("; zone-signing key, tag 60485"), "{}", laid_out(text));
}

#[test]
fn rdata_that_does_not_fit_its_type_is_generic() {
    let owner: NameBuf = "example.".parse().expect("a name");
    for rtype in [Rtype::SOA, Rtype::MX, Rtype::DNSKEY] {
        let record = Record { owner: owner.as_name(), class: Class::IN, ttl: 1, rtype, rdata: b"\x00" };
        let mut out = String::new();
        append(&record, owner.as_name(), 20, &mut out);
        assert_eq!(out, "\\# 1 00", "{rtype}");
    }
}
