//! Makes the body of a reply, or takes it from the answer cache, and ends it with an OPT record that has options.
//!
//! Does not know who may ask, nor where a query came from.

use super::cache::{AnswerCache, Origin, Shape};
use super::options::ReplyOptions;
use super::responder::Settings;
use super::solve::{Scratch, Solution};
use super::task::{Task, make};
use crate::base::counters::Counters;
use crate::net::Verdict;
use crate::wire::{Query, Rcode};
use crate::zone::ZoneSet;

/// What makes the body of a reply: all of it but its OPT record.
pub(super) struct BodyDesk<'d> {
    pub(super) zones: &'d ZoneSet,
    pub(super) settings: &'d Settings,
    pub(super) cache: &'d mut Option<AnswerCache>,
    pub(super) scratch: &'d mut Scratch,
    pub(super) counters: &'d Counters,
}

/// The body of a reply.
pub(super) struct Body {
    pub(super) length: usize,
    pub(super) rcode: Rcode,
    pub(super) truncated: bool,
}

impl Body {
    fn of((length, solution): (usize, Solution)) -> Self {
        Self { length, rcode: solution.rcode, truncated: solution.truncated }
    }

    /// Its length, once its reply is counted.
    #[inline]
    pub(super) fn counted(&self, counters: &Counters) -> usize {
        if self.truncated {
            counters.truncated.add(1);
        }
        counted(counters, self.length, self.rcode)
    }
}

impl BodyDesk<'_> {
    /// Makes a reply whose OPT record may have options.
    #[inline(never)]
    pub(super) fn answer_with_options(
        &mut self,
        query: &Query<'_>,
        task: &Task<'_>,
        options: &ReplyOptions<'_>,
        reply: &mut [u8],
    ) -> Verdict {
        let (most, mut about) = (reply.len() - options.least_octets(), task.about(query, self.settings));
        // However long the options are, the question must fit.
        let room = most.saturating_sub(options.further_octets(&about)).max(query.question_end());
        let mut body = self.body(query, task, &mut reply[..most], room);
        if body.truncated && room < most {
            // No option is worth a record that must be in the reply.
            body = self.body(query, task, &mut reply[..most], most);
        }
        about.error = task.error(body.rcode);
        let length = if body.truncated {
            // A truncated reply is to be as small as can be: it may go to a victim, and will be asked for again.
            options.append_least(reply, body.length, body.rcode)
        } else {
            options.append(reply, body.length, body.rcode, &about)
        };
        Verdict::Reply(Body { length, ..body }.counted(self.counters))
    }

    /// Makes the body in the first `room` octets of `reply`, or takes one that was made for as much room from the cache.
    #[inline(always)] // called for nearly every query at one of two places
    pub(super) fn body(&mut self, query: &Query<'_>, task: &Task<'_>, reply: &mut [u8], room: usize) -> Body {
        if self.cache.is_some() && task.is_dear(query) {
            return self.dear_body(query, task, &mut reply[..room]);
        }
        Body::of(make(self.zones, query, task, self.settings, self.scratch, &mut reply[..room]))
    }

    /// The same for a body that is dear to make, in all of `reply`. It is kept when it is asked for again.
    #[inline(never)]
    fn dear_body(&mut self, query: &Query<'_>, task: &Task<'_>, reply: &mut [u8]) -> Body {
        let Self { zones, settings, cache, scratch, counters } = self;
        let shape = Shape { room: reply.len() as u16, dnssec_ok: query.dnssec_ok() };
        let key = AnswerCache::key(query, shape);
        let is_current =
            |origin: Origin| origin.set == zones.shape() && zones.version(origin.zone) == Some(origin.version);
        // What is asked for but once costs no more than this look.
        let again = cache.as_mut().is_some_and(|cache| cache.was_asked(key));
        if let Some(cache) = cache.as_mut().filter(|_| again)
            && let Some((length, rcode)) = cache.serve(key, query, shape, is_current, reply)
        {
            counters.cache_hits.add(1);
            return Body { length, rcode, truncated: false };
        }
        counters.cache_misses.add(1);
        let (length, solution) = make(zones, query, task, settings, scratch, reply);
        if let (Some(cache), Some(zone)) = (cache, solution.zone.filter(|_| again && !solution.truncated))
            && let Some(version) = zones.version(zone)
        {
            cache.keep(key, shape, Origin { set: zones.shape(), zone, version }, &reply[..length]);
        }
        Body::of((length, solution))
    }
}

/// The length of a reply, once it is counted.
#[inline]
pub(super) fn counted(counters: &Counters, length: usize, rcode: Rcode) -> usize {
    let counter = match rcode {
        Rcode::NOERROR => &counters.rcode_noerror,
        Rcode::FORMERR => &counters.rcode_formerr,
        Rcode::SERVFAIL => &counters.rcode_servfail,
        Rcode::NXDOMAIN => &counters.rcode_nxdomain,
        Rcode::NOTIMP => &counters.rcode_notimp,
        Rcode::REFUSED => &counters.rcode_refused,
        _ => &counters.rcode_other,
    };
    counter.add(1);
    length
}
