//! What holds of every reply, whatever the message was.
//!
//! Does not know what is asked or what is right.

use gannet::base::limits::HEADER_OCTETS;
use gannet::net::Verdict;

use super::message::Reply;

/// Octets by which FORMERR may be longer than its query.
const FORMERR_GAIN_MAX: usize = 60;

/// What holds of every reply to any bytes at all.
pub fn sane(query: &[u8], verdict: Verdict, buffer: &[u8]) -> Result<(), String> {
    let is_query = query.len() >= HEADER_OCTETS && query[2] & 0x80 == 0;
    let octets = match verdict {
        Verdict::Drop => return Ok(()),
        _ if !is_query => return Err("what is no query is to be dropped".to_owned()),
        Verdict::Handoff => return Ok(()),
        Verdict::Reply(octets) => octets,
    };
    let wire = buffer.get(..octets).ok_or("the reply is longer than its buffer")?;
    let reply = Reply::read(wire)?;
    if reply.id.to_be_bytes() != query[..2] {
        return Err("the id is not the query's".to_owned());
    }
    // QR, and opcode and, for queries, RD as they came (RFC 1035 section 4.1.1).
    let kept = if query[2] & 0x78 == 0 { 0x79 } else { 0x78 };
    if wire[2] & 0xf9 != 0x80 | (query[2] & kept) {
        return Err(format!("the flags are {:#06x}", reply.flags));
    }
    if !reply.question.is_empty() && !query[HEADER_OCTETS..].starts_with(&reply.question) {
        return Err("the question is not the query's".to_owned());
    }
    // An error reflects no more than the question and an OPT record of its own, with a cookie (28 octets) and a few words
    // at most: no gain for an amplifier.
    if reply.rcode() == 1 && octets > query.len() + FORMERR_GAIN_MAX {
        return Err(format!("FORMERR of {octets} octets"));
    }
    Ok(())
}
