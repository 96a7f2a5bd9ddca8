//! Work on many things at once, its results one after the other.
//!
//! Does not know the work.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::base::limits::ZONES_AHEAD_MAX;

/// Does `work` for each number below `total` on `jobs` threads, and hands the results to `take` in their order.
///
/// Of results that wait for an earlier one there are never more than [`ZONES_AHEAD_MAX`]. Ends early where `take` fails.
pub(super) fn in_order<T: Send, E>(
    total: usize,
    jobs: usize,
    work: impl Fn(usize) -> T + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let (give, orders) = channel::<usize>();
    let orders = Mutex::new(orders);
    let (report, results) = channel::<(usize, Option<T>)>();
    thread::scope(|scope| {
        // Moved in, so that the threads end with this closure.
        let give = give;
        for _ in 0..jobs.clamp(1, total.max(1)) {
            let (orders, work, report) = (&orders, &work, report.clone());
            scope.spawn(move || serve(orders, work, &report));
        }
        drop(report);
        let (mut given, mut taken) = (0, 0);
        let mut waiting = BTreeMap::new();
        while taken < total {
            while given < total && given < taken + ZONES_AHEAD_MAX {
                let _ = give.send(given); // no thread is left: then there is no result either
                given += 1;
            }
            // None where a thread fell: its panic goes on when the threads are joined.
            let Ok((number, Some(result))) = results.recv() else { break };
            waiting.insert(number, result);
            while let Some(result) = waiting.remove(&taken) {
                take(result)?;
                taken += 1;
            }
        }
        Ok(())
    })
}

/// Works until there are no more orders.
fn serve<T>(orders: &Mutex<Receiver<usize>>, work: impl Fn(usize) -> T, report: &Sender<(usize, Option<T>)>) {
    loop {
        let order = orders.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(number) = order else { return };
        let mut reply = Reply { number, result: None, report };
        reply.result = Some(work(number));
    }
}

/// Reports when it is dropped, after a panic too: whoever waits for the result would wait for ever.
struct Reply<'s, T> {
    number: usize,
    result: Option<T>,
    report: &'s Sender<(usize, Option<T>)>,
}

impl<T> Drop for Reply<'_, T> {
    fn drop(&mut self) {
        // Nobody listens any more where the output failed.
        let _ = self.report.send((self.number, self.result.take()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn results_come_in_order_and_none_runs_far_ahead() {
        let (total, furthest, taken) = (4 * ZONES_AHEAD_MAX, AtomicUsize::new(0), AtomicUsize::new(0));
        let mut seen = Vec::new();
        let work = |number: usize| {
            furthest.fetch_max(number, Ordering::SeqCst);
            assert!(number < taken.load(Ordering::SeqCst) + ZONES_AHEAD_MAX + 1);
            number * 2
        };
        let take = |result| {
            seen.push(result);
            taken.store(seen.len(), Ordering::SeqCst);
            Ok::<(), ()>(())
        };
        in_order(total, 4, work, take).expect("nothing fails");
        assert!(seen.into_iter().eq((0..total).map(|number| number * 2)));
        assert_eq!(furthest.into_inner(), total - 1);
    }

    #[test]
    fn it_ends_where_nobody_takes_results() {
        for jobs in [1, 3] {
            let mut left = 5;
            let result = in_order(
                1_000_000,
                jobs,
                |number| number,
                |_| {
                    left -= 1;
                    if left > 0 { Ok(()) } else { Err("full") }
                },
            );
            assert_eq!(result, Err("full"));
        }
        assert_eq!(in_order(0, 4, |number| number, |_| Err("something came")), Ok(()));
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_is_passed_on() {
        let _ = in_order(100, 2, |number| assert_ne!(number, 50), |()| Ok::<(), ()>(()));
    }
}
