use proptest::prelude::*;

use super::*;
use crate::wire::SuffixHasher;

/// id 0x1234, RD, one question `Ab.c. A IN`, and `tail` with the given counts of authority and additional records.
fn message(authority: u8, additional: u8, tail: &[u8]) -> Vec<u8> {
    let mut message = vec![0x12, 0x34, 0x01, 0, 0, 1, 0, 0, 0, authority, 0, additional];
    message.extend_from_slice(b"\x02Ab\x01c\0\0\x01\0\x01");
    message.extend_from_slice(tail);
    message
}

fn parse<T>(message: &[u8], see: impl FnOnce(Result<Query<'_>, NotAQuery>) -> T) -> T {
    let hasher = SuffixHasher::new(1);
    see(Query::parse(message, &mut HashedName::new(&hasher)))
}

fn refusal(message: &[u8]) -> Option<NotAQuery> {
    parse(message, |result| result.err())
}

const OPT: &[u8] = b"\0\0\x29\x04\xd0\0\0\x80\0\0\0";

#[test]
fn a_plain_question() {
    parse(&message(0, 0, b""), |query| {
        let query = query.expect("a query");
        assert_eq!((query.id(), query.qtype, query.qclass), ([0x12, 0x34], Rtype::A, Class::IN));
        assert_eq!(query.name.wire(), b"\x02ab\x01c\0");
        assert_eq!(query.question(), b"\x02Ab\x01c\0\0\x01\0\x01");
        assert!(query.flags().has(Flags::RD) && !query.dnssec_ok() && query.edns.is_none());
    });
}

#[test]
fn edns_and_tsig() {
    let options = b"\0\0\x29\x04\xd0\0\x01\x80\0\0\x09\0\x0a\0\x01x\0\x03\0\0";
    let tsig = b"\x03key\0\0\xfa\0\xff\0\0\0\0\0\x02xx";
    parse(&message(0, 2, &[&options[..], tsig].concat()), |query| {
        let query = query.expect("a query");
        let edns = query.edns.clone().expect("an OPT record");
        assert_eq!((edns.payload, edns.version, edns.dnssec_ok), (1232, 1, true));
        assert_eq!(query.tsig_at, Some(query.question_end() + options.len()));
    });
    assert_eq!(refusal(&message(0, 2, &[&tsig[..], options].concat())), Some(NotAQuery::Malformed));
}

#[test]
fn what_gets_no_reply() {
    assert_eq!(refusal(b""), Some(NotAQuery::Silent));
    assert_eq!(refusal(&[0; 11]), Some(NotAQuery::Silent));
    let mut response = message(0, 0, b"");
    response[2] |= 0x80;
    assert_eq!(refusal(&response), Some(NotAQuery::Silent));
}

#[test]
fn other_opcodes_are_told_before_anything_else() {
    let mut update = message(0, 0, b"garbage");
    update[2] = 5 << 3;
    assert_eq!(refusal(&update), Some(NotAQuery::Opcode(Opcode::UPDATE)));
}

#[test]
fn broken_queries() {
    let soa = b"\xc0\x0c\0\x06\0\x01\0\0\0\0\0\0";
    let mut no_question = message(0, 0, b"");
    no_question[5] = 0;
    assert_eq!(refusal(&no_question), Some(NotAQuery::NoQuestion));
    no_question[7] = 1;
    let mut two_questions = message(0, 0, b"\xc0\x0c\0\x01\0\x01");
    two_questions[5] = 2;
    let mut an_answer = message(0, 0, soa);
    an_answer[7] = 1;
    let mut pointer = message(0, 0, b"");
    pointer[12] = 0xc0;
    let truncated = &message(0, 0, b"")[..20];
    for (what, broken) in [
        ("an answer without a question", &no_question[..]),
        ("two questions", &two_questions),
        ("an answer", &an_answer),
        ("a compressed question", &pointer),
        ("a question cut off", truncated),
        ("trailing octets", &message(0, 0, b"x")),
        ("an SOA without IXFR", &message(1, 0, soa)),
        ("two OPTs", &message(0, 2, &[OPT, OPT].concat())),
        ("an OPT with a name", &message(0, 1, &[b"\x01a", OPT].concat())),
        ("an option that lies", &message(0, 1, b"\0\0\x29\x04\xd0\0\0\0\0\0\x05\0\x0a\0\x02x")),
        ("half an option", &message(0, 1, b"\0\0\x29\x04\xd0\0\0\0\0\0\x02\0\x0a")),
        ("rdata past the end", &message(0, 1, b"\0\0\x29\x04\xd0\0\0\0\0\0\x01")),
        ("a count too high", &message(0, 2, OPT)),
        ("a reserved label type", &message(0, 1, b"\x80\0\0\x01\0\x01\0\0\0\0\0\0")),
    ] {
        assert_eq!(refusal(broken), Some(NotAQuery::Malformed), "{what}");
    }
}

#[test]
fn an_opt_is_found_where_the_rest_is_no_query() {
    let payload = |message: &[u8]| Edns::find(message).map(|edns| edns.payload);
    let mut update =
        message(1, 2, &[b"\xc0\x0c\0\x06\0\x01\0\0\0\0\0\0", OPT, b"\xc0\x0c\0\x01\0\x01\0\0\0\0\0\0"].concat());
    update[2] = 5 << 3;
    assert_eq!(payload(&update), Some(1_232));
    for good in [message(0, 1, &[OPT, b"trailing"].concat()), message(0, 2, OPT)] {
        let edns = Edns::find(&good).expect("an OPT record");
        assert_eq!((edns.payload, edns.dnssec_ok, edns.options.is_malformed()), (1_232, true, false), "{good:?}");
    }
    // One that is broken itself is one all the same, of version 0: whoever sent it knows of EDNS.
    let version_1 = b"\0\0\x29\x04\xd0\0\x01\x80\0\0\0";
    for broken in [
        message(0, 2, &[OPT, version_1].concat()),
        message(0, 1, &[b"\x01a", OPT].concat()),
        message(0, 1, b"\0\0\x29\x04\xd0\0\0\x80\0\0\x05\0\x0a\0\x02x"),
        message(0, 1, b"\0\0\x29\x04\xd0\0\0\x80\0\0\x03\0\x0a\0"),
    ] {
        let edns = Edns::find(&broken).expect("an OPT record");
        assert_eq!((edns.payload, edns.version, edns.dnssec_ok), (1_232, 0, true), "{broken:?}");
        assert!(edns.options.is_malformed(), "{broken:?}");
    }
    for none in [
        &message(0, 0, b"")[..],
        &message(1, 0, OPT),
        &message(0, 1, &OPT[..10]),
        &message(0, 1, b"\0\0\x29\x04\xd0\0\0\0\0\0\x06\0\x0a\0\x02x"),
        &[0xff; 12],
        &[],
    ] {
        assert_eq!(payload(none), None, "{none:?}");
    }
}

#[test]
fn ixfr_brings_its_soa() {
    let mut ixfr = message(1, 0, b"\xc0\x0c\0\x06\0\x01\0\0\0\0\0\0");
    ixfr[19] = 251;
    parse(&ixfr, |query| assert_eq!(query.map(|query| query.qtype).ok(), Some(Rtype::IXFR)));
}

proptest! {
    #[test]
    fn any_bytes_are_a_query_or_not(mut bytes in proptest::collection::vec(any::<u8>(), 0..100), tame: bool) {
        if tame && bytes.len() > 12 {
            bytes[2] = 0;
            bytes[4..12].copy_from_slice(&[0, 1, 0, 0, 0, 0, 0, 1]);
        }
        parse(&bytes, |query| if let Ok(query) = query { assert!(query.question_end() <= bytes.len()) });
        Edns::find(&bytes);
    }
}
