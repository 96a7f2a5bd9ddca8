//! The reader of replies reads what is right and nothing else.

use super::data::*;
use super::message::Reply;

#[test]
fn the_reader_is_strict() {
    // One question, `A.b. A`, and as answer its CNAME `c` in front of the `b` of the question.
    let head = |answers: u8| [&[0, 7, 0x84, 0, 0, 1, 0, answers, 0, 0, 0, 0][..], b"\x01A\x01b\0\0\x01\0\x01"].concat();
    let record = |rtype: u16, rdata: &[u8]| {
        let fixed = [&[0xc0, 12][..], &rtype.to_be_bytes(), &[0, 1, 0, 0, 0, 9, 0, rdata.len() as u8]].concat();
        [&fixed, rdata].concat()
    };
    let alias = record(CNAME, b"\x01c\xc0\x0e");
    let read = |parts: &[&[u8]]| Reply::read(&parts.concat());
    let reply = read(&[&head(1), &alias]).expect("a reply");
    let target = Field::Name(Name::from_text("C.B."));
    assert_eq!(reply.answer, [Record { owner: Name::from_text("a.b."), rtype: CNAME, ttl: 9, rdata: vec![target] }]);
    assert!(reply.aa() && !reply.tc() && reply.id == 7 && reply.question == b"\x01A\x01b\0\0\x01\0\x01");

    let wrong: [(&str, &[&[u8]]); 8] = [
        ("cut off", &[&head(2), &alias]),
        ("1 octets trail", &[&head(1), &alias, &[0]]),
        ("octets trail", &[&head(0), &alias]),
        ("twice", &[&head(2), &alias, &alias]),
        ("not back", &[&head(1), &record(CNAME, b"\x01c\xc0\x29")]),
        ("not back", &[&head(1), &record(CNAME, b"\xc0\x30\x01c\0")]),
        ("length octet", &[&head(1), &record(DNAME, b"\x01c\xc0\x0e")]),
        ("RDLENGTH", &[&head(1), &record(CNAME, b"\x01c\xc0\x0e\x00")]),
    ];
    for (why, parts) in wrong {
        match read(parts) {
            Err(error) if error.contains(why) => {}
            other => panic!("{other:?} should be {why}"),
        }
    }
    let opt = b"\0\0\x29\x04\xd0\0\0\x80\0\0\0";
    let mut twice = [&head(0)[..], opt, opt].concat();
    twice[11] = 2;
    assert!(Reply::read(&twice).is_err_and(|error| error.contains("RFC 6891")));
}
