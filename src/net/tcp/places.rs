//! The connections of one thread: who is to have a turn, who has waited too long, and who makes room when all places are taken.
//!
//! Each stands in a queue with those that wait for the same. A queue is in the order in which its waits began, and how long
//! one may take depends on what is waited for alone; so who is first in a queue is the first of it whose time is over.
//!
//! Does not know what happens on a connection.

use std::time::{Duration, Instant};

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// A message, of which nothing has come yet.
    Message,
    /// The rest of a message.
    Rest,
    /// The client, to take the replies.
    Taken,
}

/// How long each wait may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) message: Duration,
    pub(super) rest: Duration,
    pub(super) taken: Duration,
}

/// The number of a place. It may be another's by now, if the connection that had it has ended: to give that one a turn does
/// no harm, for a turn does what can be done without waiting, and may find nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token(pub(super) u32);

/// The connections of one thread, in the order of their last progress for each kind of wait: a message begun or read whole,
/// or replies taken.
///
/// When all places are taken, a new connection takes the place of the one that is longest without progress. To refuse
/// the new one instead would let whoever holds idle connections open shut everyone else out, while clients have to
/// cope with a closed idle connection anyway (RFC 7766 section 6.2.4). A client that gets its query through in one
/// round trip loses its place only if all places change hands in that time.
#[derive(Debug)]
pub(super) struct Places<C> {
    places: Vec<Place<C>>,
    /// Numbers of places that nobody holds: the one that was left last is taken first, for it is in the cache.
    vacant: Vec<u32>,
    /// Places that are to have a turn, each once.
    called: Vec<Token>,
    queues: [Queue; 3],
    patience: Patience,
    limit: usize,
}

/// A place, and where in its queue the connection stands that holds it.
#[derive(Debug)]
struct Place<C> {
    holder: Option<C>,
    since: Instant,
    wait: Wait,
    before: u32,
    behind: u32,
    /// It is among those that are to have a turn. This is the place's and not the holder's, who may change meanwhile.
    call: Option<Call>,
}

/// Why a connection is to have a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// The kernel has told that there is something to be read.
    Readable,
    /// It has told of something else, or there is more to do.
    Other,
}

/// The ends of a queue.
#[derive(Debug, Clone, Copy)]
struct Queue {
    first: u32,
    last: u32,
}

/// Stands where there is no place.
const NOBODY: u32 = u32::MAX;

impl<C> Places<C> {
    pub(super) fn new(limit: usize, patience: Patience) -> Self {
        let queues = [Queue { first: NOBODY, last: NOBODY }; 3];
        let (places, vacant, called) = (Vec::new(), Vec::new(), Vec::new());
        Self { places, vacant, called, queues, patience, limit: limit.max(1) }
    }

    /// How many connections may have a place.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Gives a connection a place, where it waits for its first message.
    pub(super) fn take(&mut self, holder: C, now: Instant) -> Token {
        let number = self.vacant.pop().unwrap_or_else(|| {
            let (wait, before, behind) = (Wait::Message, NOBODY, NOBODY);
            self.places.push(Place { holder: None, since: now, wait, before, behind, call: None });
            self.places.len() as u32 - 1
        });
        self.places[number as usize].holder = Some(holder);
        self.enqueue(number, Wait::Message, now);
        Token(number)
    }

    /// The connection at a place.
    pub(super) fn holder(&mut self, token: Token) -> Option<&mut C> {
        self.places.get_mut(token.0 as usize)?.holder.as_mut()
    }

    /// Has the connection at a place have a turn, one however often it is called.
    pub(super) fn call(&mut self, token: Token, call: Call) {
        let Some(place) = self.places.get_mut(token.0 as usize) else { return };
        if place.call.is_none() {
            self.called.push(token);
        }
        if place.call != Some(Call::Readable) {
            place.call = Some(call);
        }
    }

    /// Has all connections have a turn.
    pub(super) fn call_all(&mut self) {
        for number in 0..self.places.len() as u32 {
            self.call(Token(number), Call::Other);
        }
    }

    /// Whether somebody is to have a turn.
    pub(super) fn has_called(&self) -> bool {
        !self.called.is_empty()
    }

    /// Exchanges those that are to have a turn for `none`, where they are found then; [`answer`](Self::answer) tells more of
    /// each.
    pub(super) fn swap_called(&mut self, none: &mut Vec<Token>) {
        std::mem::swap(&mut self.called, none);
    }

    /// Why a place was called. From now on it may be called again.
    pub(super) fn answer(&mut self, token: Token) -> Option<Call> {
        self.places.get_mut(token.0 as usize)?.call.take()
    }

    /// What the connection at a place waits for; of use only where there is one.
    pub(super) fn wait(&self, token: Token) -> Wait {
        self.places[token.0 as usize].wait
    }

    /// Has the connection at a place wait from now on.
    pub(super) fn begin(&mut self, token: Token, wait: Wait, now: Instant) {
        self.dequeue(token.0);
        self.enqueue(token.0, wait, now);
    }

    /// Takes the connection away from its place.
    pub(super) fn leave(&mut self, token: Token) -> Option<C> {
        let holder = self.places.get_mut(token.0 as usize)?.holder.take()?;
        self.dequeue(token.0);
        self.vacant.push(token.0);
        Some(holder)
    }

    /// Whether more connections have a place than may.
    pub(super) fn is_overfull(&self) -> bool {
        self.places.len() - self.vacant.len() > self.limit
    }

    /// Whether no connection has a place.
    pub(super) fn is_empty(&self) -> bool {
        self.places.len() == self.vacant.len()
    }

    /// The connection that is longest without progress.
    pub(super) fn longest(&self) -> Option<Token> {
        self.firsts().min_by_key(|(_, place)| place.since).map(|(token, _)| token)
    }

    /// A connection whose time is over.
    pub(super) fn overdue(&self, now: Instant) -> Option<Token> {
        self.firsts().find(|(_, place)| self.left(place, now).is_zero()).map(|(token, _)| token)
    }

    /// Whether there is a connection at a place whose time is over.
    pub(super) fn is_overdue(&self, token: Token, now: Instant) -> bool {
        let place = self.places.get(token.0 as usize).filter(|place| place.holder.is_some());
        place.is_some_and(|place| self.left(place, now).is_zero())
    }

    /// How long it is until the next connection's time is over.
    pub(super) fn next_overdue(&self, now: Instant) -> Option<Duration> {
        self.firsts().map(|(_, place)| self.left(place, now)).min()
    }

    fn firsts(&self) -> impl Iterator<Item = (Token, &Place<C>)> {
        let place = |queue: &Queue| Some((Token(queue.first), self.places.get(queue.first as usize)?));
        self.queues.iter().filter_map(place)
    }

    fn left(&self, place: &Place<C>, now: Instant) -> Duration {
        let patience = match place.wait {
            Wait::Message => self.patience.message,
            Wait::Rest => self.patience.rest,
            Wait::Taken => self.patience.taken,
        };
        patience.saturating_sub(now.saturating_duration_since(place.since))
    }

    /// Puts a place at the end of a queue.
    fn enqueue(&mut self, number: u32, wait: Wait, since: Instant) {
        let queue = &mut self.queues[wait as usize];
        let before = std::mem::replace(&mut queue.last, number);
        match self.places.get_mut(before as usize) {
            Some(place) => place.behind = number,
            None => queue.first = number,
        }
        let place = &mut self.places[number as usize];
        (place.wait, place.since, place.before, place.behind) = (wait, since, before, NOBODY);
    }

    /// Takes a place out of its queue.
    fn dequeue(&mut self, number: u32) {
        let &Place { wait, before, behind, .. } = &self.places[number as usize];
        let queue = &mut self.queues[wait as usize];
        match self.places.get_mut(before as usize) {
            Some(place) => place.behind = behind,
            None => queue.first = behind,
        }
        match self.places.get_mut(behind as usize) {
            Some(place) => place.before = before,
            None => queue.last = before,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::Random;

    const PATIENCE: Patience =
        Patience { message: Duration::from_secs(30), rest: Duration::from_secs(10), taken: Duration::from_secs(5) };

    /// What a plain list knows of a connection.
    #[derive(Debug, Clone, Copy)]
    struct Row {
        token: Token,
        holder: u32,
        wait: Wait,
        since: Instant,
    }

    impl Row {
        fn left(&self, now: Instant) -> Duration {
            let patience = match self.wait {
                Wait::Message => PATIENCE.message,
                Wait::Rest => PATIENCE.rest,
                Wait::Taken => PATIENCE.taken,
            };
            patience.saturating_sub(now - self.since)
        }
    }

    #[test]
    fn places_do_as_a_plain_list_does() {
        for seed in 0..8 {
            let mut random = Random(seed);
            let (mut places, mut list, mut now) = (Places::new(8, PATIENCE), Vec::<Row>::new(), Instant::now());
            for holder in 0..3_000 {
                now += Duration::from_millis(1 + random.below(900) as u64);
                let at = random.below(list.len().max(1));
                match random.below(4) {
                    0 if list.len() < 40 => {
                        let token = places.take(holder, now);
                        list.push(Row { token, holder, wait: Wait::Message, since: now });
                    }
                    1 if !list.is_empty() => {
                        let row = list.remove(at);
                        assert_eq!(places.leave(row.token), Some(row.holder), "seed {seed}");
                        assert_eq!((places.leave(row.token), places.holder(row.token)), (None, None), "seed {seed}");
                        assert!(!places.is_overdue(row.token, now + PATIENCE.message), "seed {seed}");
                    }
                    _ if !list.is_empty() => {
                        (list[at].wait, list[at].since) =
                            ([Wait::Message, Wait::Rest, Wait::Taken][random.below(3)], now);
                        places.begin(list[at].token, list[at].wait, now);
                    }
                    _ => {}
                }
                check(&mut places, &list, now, seed);
            }
        }
    }

    fn check(places: &mut Places<u32>, list: &[Row], now: Instant, seed: u64) {
        for row in list {
            assert_eq!(places.holder(row.token).copied(), Some(row.holder), "seed {seed}");
            assert_eq!(places.wait(row.token), row.wait, "seed {seed}");
            assert_eq!(places.is_overdue(row.token, now), row.left(now).is_zero(), "seed {seed}");
        }
        assert_eq!((places.is_empty(), places.is_overfull()), (list.is_empty(), list.len() > 8), "seed {seed}");
        assert_eq!(places.longest(), list.iter().min_by_key(|row| row.since).map(|row| row.token), "seed {seed}");
        let next = list.iter().map(|row| row.left(now)).min();
        assert_eq!(places.next_overdue(now), next, "seed {seed}");
        let overdue = places.overdue(now);
        assert_eq!(overdue.is_some(), next.is_some_and(|next| next.is_zero()), "seed {seed}");
        assert!(overdue.is_none_or(|token| places.is_overdue(token, now)), "seed {seed}");
    }

    #[test]
    fn who_is_called_has_one_turn_however_often_and_whoever_holds_the_place() {
        let (mut places, now, mut called) = (Places::new(8, PATIENCE), Instant::now(), Vec::new());
        let [first, second, third] = [1, 2, 3].map(|holder| places.take(holder, now));
        for call in [Call::Other, Call::Readable, Call::Other] {
            places.call(second, call);
        }
        assert_eq!(places.leave(second), Some(2));
        assert_eq!(places.take(4, now), second);
        places.call(second, Call::Other);
        places.call(first, Call::Other);
        places.swap_called(&mut called);
        assert_eq!((&called[..], places.has_called()), (&[second, first][..], false));
        assert_eq!((places.answer(second), places.answer(second)), (Some(Call::Readable), None));
        // In its turn it may be called for the next round; who has not had it yet is not called twice.
        places.call(second, Call::Other);
        places.call(first, Call::Readable);
        assert_eq!(places.answer(first), Some(Call::Readable));
        places.call_all();
        places.swap_called(&mut called);
        assert_eq!(called, [second, first, third]);
    }
}
