//! What a message gets that is over a limit.
//!
//! Does not know what the limits are: the keeper at the gate does.

use super::super::body::counted;
use super::super::options::ReplyOptions;
use super::{Desk, Visitor};
use crate::gate::{Admission, CookieState, Cookies};
use crate::net::{Peer, Transport, Verdict};
use crate::wire::{Flags, HashedName, Query, Rcode, Writer};

impl Desk {
    /// What a message gets in place of its reply, if it is over a limit of queries.
    #[cold]
    pub(super) fn hold_query_back(
        &mut self,
        query: Option<&Query<'_>>,
        visitor: &Visitor,
        peer: &Peer,
        reply: &mut [u8],
    ) -> Option<Verdict> {
        // Over TCP the client's address is proven, and connections have limits of their own.
        if peer.transport == Transport::Tcp {
            return None;
        }
        let admission = self.keeper.admit(peer.addr.ip(), visitor.is_proven(), self.now);
        self.hold_back(admission, query, visitor, peer, reply)
    }

    /// What a query over a limit gets in place of its reply from the packet cache.
    #[inline]
    pub(super) fn hold_packet_back(
        &mut self,
        message: &[u8],
        name: &mut HashedName,
        peer: &Peer,
        reply: &mut [u8],
    ) -> Option<Verdict> {
        // What is in that cache has no cookie.
        match self.keeper.admit(peer.addr.ip(), false, self.now) {
            Admission::Pass => None,
            admission => {
                // What is dropped is not read.
                let is_dropped = matches!(admission, Admission::Drop(_));
                let query = if is_dropped { None } else { Query::parse(message, name).ok() };
                self.hold_back(admission, query.as_ref(), &Visitor::UNKNOWN, peer, reply)
            }
        }
    }

    /// What a message gets in place of its reply, if it is over a limit. One that is no query gets nothing then.
    #[cold]
    pub(super) fn hold_back(
        &self,
        admission: Admission,
        query: Option<&Query<'_>>,
        visitor: &Visitor,
        peer: &Peer,
        reply: &mut [u8],
    ) -> Option<Verdict> {
        let (counted, instead) = match (admission, query) {
            (Admission::Pass, _) => return None,
            (Admission::Spare(_), _) => (admission, None),
            (Admission::Slip(_), Some(query)) => (admission, Some(self.turn_away(query, visitor, peer, reply))),
            (Admission::Slip(limit), None) | (Admission::Drop(limit), _) => {
                (Admission::Drop(limit), Some(Verdict::Drop))
            }
        };
        counted.count(&self.counters);
        instead
    }

    /// What a query over a limit gets that is not dropped: the question with TC set, so that a real client comes back
    /// over TCP; or with BADCOOKIE, so that it comes back with the cookie it gets, if it knows of cookies and that is
    /// wanted.
    fn turn_away(&self, query: &Query<'_>, visitor: &Visitor, peer: &Peer, reply: &mut [u8]) -> Verdict {
        let refuses = self.cookies.as_ref().as_ref().is_some_and(Cookies::refuses_over_limit);
        // A valid cookie that is over the server's limit would be over it again.
        let (flag, rcode) = match visitor.state {
            Some(CookieState::ClientOnly | CookieState::Bad) if refuses => (Flags(0), Rcode::BADCOOKIE),
            _ => (Flags::TC, Rcode::NOERROR),
        };
        let mut writer = Writer::new(reply);
        if writer.question(query.question()).is_err() {
            return Verdict::Drop;
        }
        let flags = Flags::QR.with(flag).with(query.flags().only(Flags::RD));
        let mut length = writer.finish(query.id(), flags, rcode);
        if let Some(edns) = &query.edns {
            let (settings, message, cookie) = (&self.settings, query.message(), visitor.cookie.as_ref());
            let options = ReplyOptions { settings, message, edns, cookie, peer };
            length = options.append_least(reply, length, rcode);
        }
        Verdict::Reply(counted(&self.counters, length, rcode))
    }
}
