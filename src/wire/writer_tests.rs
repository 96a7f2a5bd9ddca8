use hickory_proto::op::Message;

use super::*;
use crate::wire::NameBuf;

fn name(text: &str) -> NameBuf {
    text.parse().expect("a name")
}

/// A message that asks for `question` A.
fn asked<'b>(buffer: &'b mut [u8], question: &str) -> Writer<'b> {
    let mut writer = Writer::new(buffer);
    writer.question(&[name(question).as_name().wire(), b"\0\x01\0\x01"].concat()).expect("room");
    writer
}

fn ns(writer: &mut Writer<'_>, owner: Place, target: &str) -> Result<Place, Full> {
    let record = writer.open(Section::Authority, owner, Rtype::NS, Class::IN, 60)?;
    let place = writer.name(name(target).as_name())?;
    writer.close(record);
    Ok(place)
}

/// What an independent decoder reads in the first `length` octets.
fn decoded(buffer: &[u8], length: usize) -> Message {
    Message::from_vec(&buffer[..length]).expect("a message that others can read")
}

fn finished(writer: Writer<'_>) -> usize {
    writer.finish([0, 1], Flags::QR, Rcode::NOERROR)
}

#[test]
fn names_are_compressed_against_each_other_and_the_question() {
    let mut buffer = [0; 512];
    let mut writer = asked(&mut buffer, "www.example.com.");
    let example = writer.skip_labels(Place::QUESTION, 1);
    assert_eq!(example, Place::QUESTION.after(4));
    ns(&mut writer, example, "ns1.Other.net.").expect("room");
    let before = writer.length();
    let place = ns(&mut writer, example, "ns2.other.NET.").expect("room");
    assert_eq!(writer.length() - before, 12 + 4 + 2, "one label and a pointer");
    assert_eq!(ns(&mut writer, example, "NS2.other.net."), Ok(place), "a pointer alone");
    let glue = writer.open(Section::Additional, place, Rtype::A, Class::IN, 60).expect("room");
    writer.octets(&[192, 0, 2, 1]).expect("room");
    writer.close(glue);
    let length = finished(writer);
    let message = decoded(&buffer, length);
    let owners: Vec<String> = message.all_sections().map(|record| record.name.to_string()).collect();
    assert_eq!(owners, ["example.com.", "example.com.", "example.com.", "ns2.Other.net."]);
    let targets: Vec<String> = message.authorities.iter().map(|record| record.data.to_string()).collect();
    assert_eq!(targets, ["ns1.Other.net.", "ns2.Other.net.", "ns2.Other.net."]);
}

#[test]
fn a_step_back_forgets_records_and_suffixes() {
    let mut buffer = [0; 512];
    let mut writer = asked(&mut buffer, "example.com.");
    let mark = writer.mark();
    ns(&mut writer, Place::QUESTION, "ns.other.net.").expect("room");
    writer.step_back(mark);
    ns(&mut writer, Place::QUESTION, "ns.other.net.").expect("room");
    let length = finished(writer);
    let message = decoded(&buffer, length);
    assert_eq!(message.authorities.len(), 1);
    assert_eq!(message.authorities[0].data.to_string(), "ns.other.net.");
}

#[test]
fn no_room_is_told_at_every_length() {
    let mut whole = [0; 512];
    let mut writer = asked(&mut whole, "example.com.");
    ns(&mut writer, Place::QUESTION, "ns.other.net.").expect("room");
    let needed = writer.length();
    for size in 29..needed {
        let mut buffer = vec![0; size];
        let mut writer = asked(&mut buffer, "example.com.");
        assert_eq!(ns(&mut writer, Place::QUESTION, "ns.other.net."), Err(Full), "{size}");
    }
    let mut writer = asked(&mut whole[..needed + 11], "example.com.");
    assert_eq!(writer.reserve(needed), Err(Full));
    writer.reserve(11).expect("room");
    ns(&mut writer, Place::QUESTION, "ns.other.net.").expect("room");
    assert_eq!(writer.octets(b"x"), Err(Full));
    writer.release(11);
    writer.octets(&[0; 11]).expect("what was reserved");
}

#[test]
fn nothing_points_to_the_root() {
    let mut buffer = [0; 512];
    let mut writer = asked(&mut buffer, ".");
    let place = writer.labels_then(b"\x02ns", Place::QUESTION).expect("room");
    assert_eq!(place, Place(17));
    ns(&mut writer, Place::QUESTION, "ns.").expect("room");
    writer.record(Section::Answer, Place::QUESTION, Rtype::A, Class::IN, 9, [&[1, 2, 3, 4]]).expect("room");
    let length = finished(writer);
    assert!(!buffer[..length].windows(2).any(|pair| pair == [0xc0, 12]), "{:x?}", &buffer[..length]);
}

#[test]
fn names_too_far_for_a_pointer_are_spelled_out() {
    let mut buffer = vec![0; 65_535];
    let mut writer = asked(&mut buffer, "example.com.");
    while writer.length() <= 0x3fff {
        let record = writer.open(Section::Answer, Place::QUESTION, Rtype::TXT, Class::IN, 0).expect("room");
        writer.octets(&[&[200][..], &[b'x'; 200]].concat()).expect("room");
        writer.close(record);
    }
    let far = ns(&mut writer, Place::QUESTION, "far.away.net.").expect("room");
    let again = ns(&mut writer, far, "far.away.net.").expect("room");
    assert_ne!(far, again);
    let length = finished(writer);
    let message = decoded(&buffer, length);
    assert_eq!(message.authorities[1].name.to_string(), "far.away.net.");
    assert_eq!(message.authorities[1].data.to_string(), "far.away.net.");
}
