//! Independent work on several threads, its results in order.
//!
//! Does not know the work.

use std::sync::{Mutex, PoisonError};
use std::thread;

/// Does `work` with each of `items` on up to `threads` threads, this one among them; the results are in the order of the
/// items. An item is handed out as soon as a thread is free, the first ones first. A panic of `work` goes on here.
pub fn spread<T: Send, R: Send>(threads: usize, items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = threads.min(items.len());
    if threads <= 1 {
        return items.into_iter().map(work).collect();
    }
    let items = Mutex::new(items.into_iter().enumerate());
    let serve = || {
        let mut done = Vec::new();
        loop {
            let next = items.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((number, item)) = next else { return done };
            done.push((number, work(item)));
        }
    };
    let mut results = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(serve)).collect();
        let mut results = serve();
        for other in others {
            match other.join() {
                Ok(more) => results.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    results.sort_unstable_by_key(|result| result.0);
    results.into_iter().map(|result| result.1).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn results_are_in_order_however_many_threads_there_are() {
        for threads in [0, 1, 2, 7] {
            let doubled = spread(threads, (0..100).collect(), |number: u32| number * 2);
            assert!(doubled.into_iter().eq((0..100).map(|number| number * 2)), "{threads} threads");
            assert_eq!(spread(threads, Vec::new(), |(): ()| ()), []);
        }
    }

    #[test]
    fn so_many_threads_work_at_once() {
        // Three that wait for each other end only where they are three.
        let barrier = Barrier::new(3);
        spread(3, vec![(); 3], |()| barrier.wait());
    }

    #[test]
    #[should_panic(expected = "fifty")]
    fn a_panic_goes_on() {
        spread(2, (0..100).collect(), |number: u32| assert_ne!(number, 50, "fifty"));
    }
}
