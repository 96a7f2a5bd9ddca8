//! The stream as messages: answers every whole message in some octets and frames the replies (RFC 7766 section 8).
//!
//! Does not know where the octets come from, nor when the replies leave.

use std::time::Instant;

use crate::base::limits::{HEADER_OCTETS, MESSAGE_OCTETS_MAX, TCP_UNSENT_OCTETS};
use crate::net::{Next, Peer, Respond, Stream, Taken, Verdict};

/// Octets of the length before each message (RFC 1035 section 4.2.2).
const LENGTH_OCTETS: usize = 2;

/// Answers the messages of one stream at a time, for all streams of a thread.
pub(super) struct Desk<R> {
    responder: R,
    /// Room for replies up to where no more are begun, and for one more of the largest kind.
    replies: Box<[u8]>,
    filled: usize,
    /// The messages among those answered last that the responder handed off.
    handed_off: Vec<Box<[u8]>>,
}

/// What became of some octets.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answered {
    /// Octets of whole messages that were answered; what follows them is for later.
    pub(super) octets: usize,
    /// Messages in them.
    pub(super) queries: usize,
    /// Replies to them.
    pub(super) replies: usize,
    /// Answering stopped because enough replies wait to be sent; there may be more whole messages.
    pub(super) full: bool,
    /// The next message is shorter than a header: nothing on this stream can be trusted any more.
    pub(super) broken: bool,
}

impl<R: Respond> Desk<R> {
    pub(super) fn new(responder: R) -> Self {
        let room = TCP_UNSENT_OCTETS + LENGTH_OCTETS + MESSAGE_OCTETS_MAX;
        Self { responder, replies: vec![0; room].into_boxed_slice(), filled: 0, handed_off: Vec::new() }
    }

    /// Lets the responder pick up new data.
    pub(super) fn refresh(&mut self, now: Instant) {
        self.responder.refresh(now);
    }

    /// Answers the whole messages at the start of `octets`, in their order.
    pub(super) fn answer(&mut self, octets: &[u8], peer: Peer, now: Instant) -> Answered {
        self.filled = 0;
        self.responder.refresh(now);
        let mut answered = Answered::default();
        let mut rest = octets;
        while let Some((length, after)) = rest.split_first_chunk::<LENGTH_OCTETS>() {
            let length = usize::from(u16::from_be_bytes(*length));
            answered.broken = length < HEADER_OCTETS;
            answered.full = self.filled >= TCP_UNSENT_OCTETS;
            if answered.broken || answered.full {
                break;
            }
            let Some((query, after)) = after.split_at_checked(length) else { break };
            answered.queries += 1;
            answered.replies += usize::from(self.answer_one(query, peer));
            rest = after;
        }
        answered.octets = octets.len() - rest.len();
        answered
    }

    /// Answers one message; returns whether there is a reply.
    fn answer_one(&mut self, query: &[u8], peer: Peer) -> bool {
        let room = &mut self.replies[self.filled..][..LENGTH_OCTETS + MESSAGE_OCTETS_MAX];
        match self.responder.respond(query, peer, &mut room[LENGTH_OCTETS..]) {
            Verdict::Reply(octets) => {
                self.filled += frame(room, octets);
                true
            }
            Verdict::Handoff => {
                self.handed_off.push(query.into());
                false
            }
            Verdict::Drop => false,
        }
    }

    /// The messages that were handed off since this was asked last.
    pub(super) fn handed_off(&mut self) -> impl Iterator<Item = Box<[u8]>> {
        self.handed_off.drain(..)
    }

    /// Has the responder take over a message that it handed off.
    pub(super) fn take_over(&mut self, query: &[u8], peer: Peer, now: Instant) -> Option<Box<dyn Stream>> {
        self.filled = 0;
        self.responder.refresh(now);
        let room = &mut self.replies[..LENGTH_OCTETS + MESSAGE_OCTETS_MAX];
        match self.responder.take_over(query, peer, &mut room[LENGTH_OCTETS..]) {
            Taken::Reply(octets) => self.filled = frame(room, octets),
            Taken::Stream(stream) => return Some(stream),
            Taken::Drop => {}
        }
        None
    }

    /// Makes the next message of a stream, to be found in [`replies`](Self::replies).
    pub(super) fn make_next(&mut self, stream: &mut dyn Stream, now: Instant) -> Next {
        self.filled = 0;
        let room = &mut self.replies[..LENGTH_OCTETS + MESSAGE_OCTETS_MAX];
        let next = stream.next(now, &mut room[LENGTH_OCTETS..]);
        if let Next::Message(octets) | Next::Last(octets) = next {
            self.filled = frame(room, octets);
        }
        next
    }

    /// The framed replies that were made last.
    pub(super) fn replies(&self) -> &[u8] {
        &self.replies[..self.filled]
    }
}

/// Writes the length in front of a message; returns the octets of both.
fn frame(room: &mut [u8], octets: usize) -> usize {
    assert!(octets <= MESSAGE_OCTETS_MAX, "a reply is a message");
    room[..LENGTH_OCTETS].copy_from_slice(&(octets as u16).to_be_bytes());
    LENGTH_OCTETS + octets
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use proptest::prelude::*;

    use super::*;
    use crate::net::Transport;

    /// Replies with the query, or with 65,535 octets if its first octet is 1; drops it if that is 0.
    struct Echo;

    impl Respond for Echo {
        fn refresh(&mut self, _now: Instant) {}

        fn respond(&mut self, query: &[u8], _peer: Peer, reply: &mut [u8]) -> Verdict {
            match query[0] {
                0 => return Verdict::Drop,
                1 => {
                    reply.fill(1);
                    return Verdict::Reply(reply.len());
                }
                _ => reply[..query.len()].copy_from_slice(query),
            }
            Verdict::Reply(query.len())
        }
    }

    fn peer() -> Peer {
        Peer { addr: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 1), transport: Transport::Tcp }
    }

    fn framed(first: u8, octets: usize) -> Vec<u8> {
        let mut message = (octets as u16).to_be_bytes().to_vec();
        message.resize(LENGTH_OCTETS + octets, first);
        message
    }

    #[test]
    fn whole_messages_are_answered_in_order_and_the_rest_is_left() {
        let mut desk = Desk::new(Echo);
        let stream = [framed(b'a', 12), framed(0, 20), framed(b'b', 300), framed(b'c', 40)].concat();
        let cut = stream.len() - 1;
        let answered = desk.answer(&stream[..cut], peer(), Instant::now());
        assert_eq!((answered.queries, answered.replies, answered.octets), (3, 2, cut - 41));
        assert_eq!(desk.replies(), [framed(b'a', 12), framed(b'b', 300)].concat());
        assert!(!answered.full && !answered.broken);
    }

    #[test]
    fn a_message_shorter_than_a_header_breaks_the_stream_after_what_came_before() {
        for short in [framed(0, 0), framed(b'x', 11), vec![0, 11]] {
            let mut desk = Desk::new(Echo);
            let answered = desk.answer(&[framed(b'a', 12), short].concat(), peer(), Instant::now());
            assert_eq!((answered.broken, answered.replies), (true, 1));
        }
    }

    #[test]
    fn answering_stops_when_enough_waits_to_be_sent() {
        let mut desk = Desk::new(Echo);
        let stream = framed(1, 12).repeat(100);
        let answered = desk.answer(&stream, peer(), Instant::now());
        assert!(answered.full);
        assert_eq!(answered.queries, TCP_UNSENT_OCTETS.div_ceil(LENGTH_OCTETS + MESSAGE_OCTETS_MAX));
        assert_eq!(desk.replies().len(), answered.queries * (LENGTH_OCTETS + MESSAGE_OCTETS_MAX));
    }

    proptest! {
        #[test]
        fn any_stream_is_taken_apart_the_same_however_it_is_cut(
            stream in prop::collection::vec(prop_oneof![Just(0), Just(14), any::<u8>()], 0..600),
            cuts in prop::collection::vec(1..50_usize, 1..40),
        ) {
            let mut desk = Desk::new(Echo);
            let whole = desk.answer(&stream, peer(), Instant::now());
            let expected = desk.replies().to_vec();
            let (mut pending, mut replies, mut fresh, mut broken) = (Vec::new(), Vec::new(), &stream[..], false);
            for cut in cuts.iter().cycle() {
                if fresh.is_empty() || broken {
                    break;
                }
                let (now, later) = fresh.split_at((*cut).min(fresh.len()));
                pending.extend_from_slice(now);
                let answered = desk.answer(&pending, peer(), Instant::now());
                replies.extend_from_slice(desk.replies());
                pending.drain(..answered.octets);
                (fresh, broken) = (later, answered.broken);
            }
            prop_assert!(whole.full || (replies == expected && broken == whole.broken));
        }
    }
}
