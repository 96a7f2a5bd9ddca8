//! Which replies of a batch can leave as one: to one client, of one length, and a shorter one behind them.
//!
//! Forwarders, load balancers and busy resolvers send many queries from one address and port. The kernel takes the
//! replies to them as one piece of memory and a length to cut it at (`UDP_SEGMENT`, Linux 4.18), and then walks its way
//! from socket to network card once for all of them. What arrives are the same datagrams.
//!
//! Does not know sockets: it is told who is the same client.

use crate::base::limits::BATCH;

/// Octets that leave as one at most: what an IP packet holds (65,535) less the longest headers it has here.
const TRAIN_OCTETS_MAX: usize = 65_000;

/// Replies that leave as one at most, for any kernel (its `UDP_MAX_SEGMENTS`).
const TRAIN_REPLIES_MAX: usize = 64;

/// Bits of a key for a reply's place in its batch, and above them for its length.
const INDEX_BITS: u32 = 8;
const OCTETS_BITS: u32 = 16;

const _: () = assert!(BATCH <= 1 << INDEX_BITS);

/// The replies of one batch, those to one client beside each other, the longest first.
#[derive(Debug)]
pub(super) struct Trains {
    /// For each reply: upper bits of its client's hash, its length turned upside down, its place in the batch.
    keys: [u64; BATCH],
    len: usize,
}

impl Trains {
    pub(super) fn new() -> Self {
        Self { keys: [0; BATCH], len: 0 }
    }

    /// Forgets all replies.
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// Adds reply `index` of `octets` to a client with this hash. Each reply of a batch is added once at most.
    #[inline]
    pub(super) fn add(&mut self, index: usize, client: u64, octets: usize) {
        // The upper bits of a product depend on all bits of its factors.
        let client = client.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (INDEX_BITS + OCTETS_BITS);
        let short_last = usize::from(u16::MAX) - octets;
        self.keys[self.len] = (client << OCTETS_BITS | short_last as u64) << INDEX_BITS | index as u64;
        self.len += 1;
    }

    /// Puts the replies in the order in which they leave. To be called once all are added.
    pub(super) fn sort(&mut self) {
        self.keys[..self.len].sort_unstable();
    }

    /// How many replies there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The place in the batch, and the octets, of the reply that leaves at `position`.
    #[inline]
    pub(super) fn reply(&self, position: usize) -> (usize, usize) {
        let key = self.keys[position];
        let octets = usize::from(u16::MAX) - usize::from((key >> INDEX_BITS) as u16);
        ((key & ((1 << INDEX_BITS) - 1)) as usize, octets)
    }

    /// Where the train ends whose first reply leaves at `start`.
    ///
    /// `is_same` is asked whether a reply goes the same way as the first one; both are places in the batch.
    #[inline]
    pub(super) fn end(&self, start: usize, is_same: impl Fn(usize, usize) -> bool) -> usize {
        let (first, octets) = self.reply(start);
        let replies_max = (TRAIN_OCTETS_MAX / octets.max(1)).clamp(1, TRAIN_REPLIES_MAX);
        let mut end = start + 1;
        while end < self.len && end - start < replies_max {
            let (index, its_octets) = self.reply(end);
            // An empty datagram cannot be cut off.
            if its_octets == 0 || its_octets > octets || !is_same(first, index) {
                break;
            }
            end += 1;
            if its_octets < octets {
                // The kernel cuts at one length: only what is left over at the end may be shorter.
                break;
            }
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The trains of replies, each given as (client, octets), by their places.
    fn trains(replies: &[(u64, usize)], hash: impl Fn(u64) -> u64) -> Vec<Vec<usize>> {
        let mut trains = Trains::new();
        trains.add(7, 7, 7); // whatever was there before
        trains.clear();
        for (index, &(client, octets)) in replies.iter().enumerate() {
            trains.add(index, hash(client), octets);
        }
        trains.sort();
        let (mut start, mut found) = (0, Vec::new());
        while start < trains.len() {
            let end = trains.end(start, |first, index| replies[first].0 == replies[index].0);
            found.push((start..end).map(|position| trains.reply(position).0).collect());
            start = end;
        }
        found.sort();
        found
    }

    #[test]
    fn what_goes_to_one_client_leaves_together_with_one_shorter_at_the_end() {
        let none: [Vec<usize>; 0] = [];
        assert_eq!(trains(&[], |_| 0), none);
        assert_eq!(trains(&[(1, 50)], |client| client), [[0]]);
        let replies = [(1, 50), (1, 60), (2, 50), (1, 50), (1, 60), (1, 40), (2, 50)];
        assert_eq!(trains(&replies, |client| client), [vec![1, 4, 0], vec![2, 6], vec![3, 5]]);
        let different: Vec<(u64, usize)> = (0..BATCH as u64).map(|client| (client, 50)).collect();
        assert_eq!(trains(&different, |client| client).len(), BATCH);
        assert_eq!(trains(&[(1, 50); BATCH], |client| client), [(0..BATCH).collect::<Vec<_>>()]);
    }

    #[test]
    fn clients_whose_hashes_collide_are_kept_apart() {
        let replies = [(1, 50), (2, 50), (1, 50), (2, 40)];
        for train in trains(&replies, |_| 0) {
            assert!(train.iter().all(|&index| replies[index].0 == replies[train[0]].0), "{train:?}");
        }
    }

    #[test]
    fn a_train_fits_one_packet_and_nothing_empty_is_in_it() {
        assert!(trains(&[(1, 1232); BATCH], |_| 0).iter().all(|train| train.len() * 1232 <= TRAIN_OCTETS_MAX));
        assert_eq!(trains(&[(1, 9), (1, 0), (1, 0)], |_| 0), [[0], [1], [2]]);
    }
}
