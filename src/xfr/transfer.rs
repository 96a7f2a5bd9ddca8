//! One transfer: a version of a zone becomes a row of messages (RFC 5936 section 2.2).
//!
//! ```text
//!           SOA                all records            SOA
//! Beginning ───▶ Records ────────────────▶ End ──────────▶ Over
//! ```
//! Each message is as full as it gets and may stop at any of these. Does not know who asked, nor when messages leave.

use std::sync::Arc;

use super::page::Page;
use crate::answer::{OptPart, OptRecord};
use crate::base::limits::TRANSFER_OCTETS;
use crate::net::Next;
use crate::wire::{Flags, Full, Query, Rtype};
use crate::zone::{Bookmark, Zone};

/// What the messages of a transfer repeat of its query.
#[derive(Debug, Clone)]
pub struct Request {
    id: [u8; 2],
    flags: Flags,
    question: Box<[u8]>,
    /// Our OPT record.
    opt: Option<OptRecord>,
}

/// A transfer of one version of a zone.
#[derive(Debug)]
pub struct Transfer {
    zone: Arc<Zone>,
    request: Request,
    stage: Stage,
    bookmark: Bookmark,
    messages: u64,
    records: u64,
    octets: u64,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The question and the SOA.
    Beginning,
    /// The records behind the bookmark.
    Records,
    /// The SOA again.
    End,
    /// Nothing.
    Over,
}

impl Request {
    /// What is repeated of `query`; `opt` is our OPT record, where there is to be one.
    pub fn of(query: &Query<'_>, opt: Option<OptRecord>) -> Self {
        Self { id: query.id(), flags: query.flags().only(Flags::RD), question: query.question().into(), opt }
    }
}

impl Transfer {
    /// A transfer of `zone`, whose apex `request` asks for.
    pub fn new(zone: Arc<Zone>, request: Request) -> Self {
        let (stage, bookmark) = (Stage::Beginning, Bookmark::default());
        Self { zone, request, stage, bookmark, messages: 0, records: 0, octets: 0 }
    }

    /// The zone.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Messages made, and the records and octets in them.
    pub fn made(&self) -> (u64, u64, u64) {
        (self.messages, self.records, self.octets)
    }

    /// Makes the next message, of at most [`TRANSFER_OCTETS`] unless a single record takes more. Broken where a record fits
    /// no message with its owner, or when called behind the end.
    pub fn next(&mut self, message: &mut [u8]) -> Next {
        let few = message.len().min(TRANSFER_OCTETS);
        let octets = match self.fill(&mut message[..few], u64::MAX) {
            None => self.fill(message, 1),
            octets => octets,
        };
        let Some(octets) = octets else { return Next::Broken };
        self.messages += 1;
        self.octets += octets as u64;
        if self.stage == Stage::Over { Next::Last(octets) } else { Next::Message(octets) }
    }

    /// The next message, of so many records at most; none where not one record fits.
    fn fill(&mut self, message: &mut [u8], most: u64) -> Option<usize> {
        let (zone, request) = (&*self.zone, &self.request);
        let soa = zone.soa()?;
        let mut page = Page::new(message, zone);
        // RFC 5936 section 2.2.5: an OPT record should be in the first message and may be in the others, where dig looks for it;
        // there it has the cookie alone, without which a client would take them for forged (RFC 7873 section 5.3).
        let opt = request.opt.as_ref().map(|opt| match self.stage {
            Stage::Beginning => opt.whole(),
            _ => opt.least(),
        });
        // A record that is by itself may need the room.
        let kept = opt.filter(|_| most > 1).map_or(0, OptPart::octets);
        if self.stage == Stage::Beginning {
            // RFC 5936 section 2.2.1: the question is in the first message.
            page.question(&request.question).ok()?;
            page.reserve(kept).ok()?;
            page.record(soa).ok()?;
            self.stage = Stage::Records;
        } else {
            page.reserve(kept).ok()?;
        }
        if self.stage == Stage::Records {
            let read = zone.read_on(&mut self.bookmark, |record| match record.rtype {
                Rtype::SOA => Ok(()), // it stands at the apex alone, and goes first and last
                _ if page.records() == most => Err(Full),
                _ => page.record(record),
            });
            if read.is_ok() {
                self.stage = Stage::End;
            }
        }
        if self.stage == Stage::End && page.records() < most && page.record(soa).is_ok() {
            self.stage = Stage::Over;
        }
        let records = page.records();
        self.records += records;
        // RFC 5936 section 2.2.1: every message is authoritative.
        let flags = Flags::QR.with(Flags::AA).with(request.flags);
        let length = page.finish(request.id, flags);
        (records > 0).then(|| opt.map_or(length, |opt| opt.append(message, length)))
    }
}
