use super::*;
use crate::zonefile::Reader;

/// TTL, type and rdata.
type Held = (u32, Rtype, Vec<u8>);

/// What the writer makes of the records of `text`: each run of one owner is a name, those that begin with `d` begin
/// delegations, and those that begin with `g` are below one.
fn pretty(text: &str, owner_width: usize, ttl_width: usize) -> String {
    let origin: NameBuf = "example.".parse().expect("a name");
    let mut names: Vec<(NameBuf, Vec<Held>)> = Vec::new();
    let mut reader = Reader::new(text.as_bytes(), "test", origin.as_name());
    while let Some(next) = reader.next() {
        let (record, _) = next.expect("a good record");
        if names.last().is_none_or(|last| last.0.as_name().wire() != record.owner.wire()) {
            names.push((record.owner.to_buf(), Vec::new()));
        }
        names.last_mut().expect("a name").1.push((record.ttl, record.rtype, record.rdata.to_vec()));
    }
    let mut out = Vec::new();
    let mut writer = PrettyWriter::new(&mut out, Layout { origin, ttl: 60, owner_width, ttl_width });
    for (owner, records) in &names {
        let group = match owner.as_name().wire()[1] {
            b'd' => Group::Delegation,
            b'g' => Group::Below,
            _ => Group::Own,
        };
        let class = crate::wire::Class::IN;
        let records = records.iter().map(|(ttl, rtype, rdata)| Record {
            owner: owner.as_name(),
            class,
            ttl: *ttl,
            rtype: *rtype,
            rdata,
        });
        writer.name(owner.as_name(), group, records).expect("memory takes everything");
    }
    writer.finish().expect("memory takes everything");
    String::from_utf8(out).expect("text")
}

const ZONE: &str = "$TTL 60
@ NS ns
a A 192.0.2.1
b A 192.0.2.2
c A 192.0.2.3
c A 192.0.2.4
d1 NS a
d2 NS a
d3 NS g.d3
g.d3 A 192.0.2.5
g2.d3 A 192.0.2.6
d4 NS a
x.some-long-name 30 A 192.0.2.7
y TXT \"only\"
";

#[test]
fn groups_are_parted_where_one_has_several_lines_or_is_of_another_kind() {
    insta::assert_snapshot!(pretty(ZONE, 8, 4), @r#"
    $ORIGIN example.
    $TTL 60

    @           NS      ns
    a           A       192.0.2.1
    b           A       192.0.2.2

    c           A       192.0.2.3
                A       192.0.2.4

    d1          NS      a
    d2          NS      a

    d3          NS      g.d3
    g.d3        A       192.0.2.5
    g2.d3       A       192.0.2.6

    d4          NS      a

    x.some-long-name 30  A       192.0.2.7
    y           TXT     "only"
    "#);
}

#[test]
fn signatures_stand_behind_what_they_cover() {
    let sign = |covered: &str| format!("@ RRSIG {covered} 8 1 60 20300101000000 20200101000000 1 @ AAAA\n");
    let text = format!(
        "$TTL 60\n@ NS ns\n@ A 192.0.2.1\n{}{}{}@ TXT a\n{}",
        sign("A"),
        sign("A").replace(" 1 @", " 2 @"),
        sign("NS"),
        sign("MX")
    );
    insta::assert_snapshot!(pretty(&text, 4, 0), @r#"
    $ORIGIN example.
    $TTL 60

    @   NS      ns
        RRSIG   NS 8 1 60 20300101000000 20200101000000 1 @ AAAA
        A       192.0.2.1
        RRSIG   A 8 1 60 20300101000000 20200101000000 1 @ AAAA
        RRSIG   A 8 1 60 20300101000000 20200101000000 2 @ AAAA
        TXT     "a"
        RRSIG   MX 8 1 60 20300101000000 20200101000000 1 @ AAAA
    "#);
}

/// A stream with room for so many octets.
struct Room(usize);

impl Write for Room {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let count = octets.len().min(self.0);
        self.0 -= count;
        if count > 0 { Ok(count) } else { Err(io::ErrorKind::StorageFull.into()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_stream_is_an_error_at_once_for_much_text_and_in_the_end_for_little() {
    let origin: NameBuf = "example.".parse().expect("a name");
    let (layout, mut room) = (Layout { origin, ttl: 60, owner_width: 8, ttl_width: 0 }, Room(100));
    let record =
        Record { owner: origin.as_name(), class: crate::wire::Class::IN, ttl: 60, rtype: Rtype::A, rdata: &[0; 4] };
    let mut writer = PrettyWriter::new(&mut room, layout);
    let failed =
        (0..20_000).find(|_| writer.name(origin.as_name(), Group::Own, std::iter::repeat_n(record, 2)).is_err());
    assert!(failed.is_some_and(|failed| failed > 1000), "{failed:?}");
    let mut room = Room(10);
    let writer = PrettyWriter::new(&mut room, layout);
    assert_eq!(writer.finish().map_err(|error| error.kind()), Err(io::ErrorKind::StorageFull));
}
