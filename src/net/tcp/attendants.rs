//! The tasks that serve connections, one connection after the other: a task that is done waits for the next one, so that
//! for a connection of a single query none has to be made and freed.
//!
//! Does not know what it is to serve.

use std::cell::{Cell, OnceCell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use tokio::task::{AbortHandle, spawn_local};

use crate::base::limits::TCP_TASKS_WAITING;

/// The tasks of one thread that have no connection at the moment.
pub(super) struct Attendants<C> {
    waiting: RefCell<Vec<Rc<Seat<C>>>>,
}

/// Where a task gets its connections from.
struct Seat<C> {
    next: Cell<Option<C>>,
    waker: Cell<Option<Waker>>,
    task: OnceCell<AbortHandle>,
}

impl<C: 'static> Attendants<C> {
    /// None yet.
    pub(super) fn new() -> Rc<Self> {
        Rc::new(Self { waiting: RefCell::new(Vec::with_capacity(TCP_TASKS_WAITING)) })
    }

    /// Has `connection` served by a task that waits, or else by a new one; `serve` does it. Returns the task: to abort it
    /// ends the connection.
    pub(super) fn give<F: Future<Output = ()> + 'static>(
        self: &Rc<Self>,
        connection: C,
        serve: fn(C) -> F,
    ) -> AbortHandle {
        let waiting = self.waiting.borrow_mut().pop();
        let seat = waiting.unwrap_or_else(|| self.hire(serve));
        seat.next.set(Some(connection));
        if let Some(waker) = seat.waker.take() {
            waker.wake();
        }
        // It is set where a seat is made.
        seat.task.get().expect("a seat has its task").clone()
    }

    /// A new task, which waits at a place of its own.
    fn hire<F: Future<Output = ()> + 'static>(self: &Rc<Self>, serve: fn(C) -> F) -> Rc<Seat<C>> {
        let seat = Rc::new(Seat { next: Cell::new(None), waker: Cell::new(None), task: OnceCell::new() });
        let task = spawn_local(attend(Rc::clone(self), Rc::clone(&seat), serve)).abort_handle();
        seat.task.get_or_init(|| task);
        seat
    }

    /// Lets the task of `seat` wait for a connection, unless enough do. Returns whether it may.
    fn may_wait(&self, seat: &Rc<Seat<C>>) -> bool {
        let mut waiting = self.waiting.borrow_mut();
        let room = waiting.len() < TCP_TASKS_WAITING;
        if room {
            waiting.push(Rc::clone(seat));
        }
        room
    }
}

impl<C> Seat<C> {
    /// Waits for the next connection.
    async fn connection(&self) -> C {
        poll_fn(|context| match self.next.take() {
            Some(connection) => Poll::Ready(connection),
            None => {
                self.waker.set(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }
}

/// Serves the connections that come to `seat`.
async fn attend<C: 'static, F: Future<Output = ()>>(all: Rc<Attendants<C>>, seat: Rc<Seat<C>>, serve: fn(C) -> F) {
    loop {
        serve(seat.connection().await).await;
        if !all.may_wait(&seat) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Builder;
    use tokio::task::{LocalSet, yield_now};

    use super::*;

    /// Counts itself while it lives, and lasts for so many turns.
    struct Guest {
        present: Rc<Cell<i32>>,
        turns: usize,
    }

    impl Drop for Guest {
        fn drop(&mut self) {
            self.present.set(self.present.get() - 1);
        }
    }

    async fn serve(guest: Guest) {
        for _ in 0..guest.turns {
            yield_now().await;
        }
    }

    fn on_one_thread(work: impl Future<Output = ()>) {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        LocalSet::new().block_on(&runtime, work);
    }

    fn guest(present: &Rc<Cell<i32>>, turns: usize) -> Guest {
        present.set(present.get() + 1);
        Guest { present: Rc::clone(present), turns }
    }

    async fn until_nobody_is(present: &Cell<i32>) {
        for _ in 0..10_000 {
            if present.get() == 0 {
                return;
            }
            yield_now().await;
        }
        panic!("{} are still there", present.get());
    }

    #[test]
    fn a_task_serves_one_connection_after_the_other() {
        on_one_thread(async {
            let (attendants, present) = (Attendants::new(), Rc::new(Cell::new(0)));
            let first = attendants.give(guest(&present, 3), serve).id();
            until_nobody_is(&present).await;
            for _ in 0..10 {
                assert_eq!(attendants.give(guest(&present, 3), serve).id(), first);
                until_nobody_is(&present).await;
            }
            let second = attendants.give(guest(&present, 3), serve).id();
            let other = attendants.give(guest(&present, 3), serve).id();
            assert!(second == first && other != first, "each has a task of its own");
            until_nobody_is(&present).await;
        });
    }

    #[test]
    fn so_many_wait_and_no_more() {
        on_one_thread(async {
            let (attendants, present) = (Attendants::new(), Rc::new(Cell::new(0)));
            for _ in 0..TCP_TASKS_WAITING * 2 {
                attendants.give(guest(&present, 5), serve);
            }
            until_nobody_is(&present).await;
            assert_eq!(attendants.waiting.borrow().len(), TCP_TASKS_WAITING);
        });
    }

    #[test]
    fn a_task_that_is_aborted_leaves_with_its_connection_and_the_next_gets_another() {
        on_one_thread(async {
            let (attendants, present) = (Attendants::new(), Rc::new(Cell::new(0)));
            let waited = attendants.give(guest(&present, 1), serve).id();
            until_nobody_is(&present).await;
            // Before it has seen the connection, and in the middle of one.
            for turns in [0, 2] {
                let task = attendants.give(guest(&present, usize::MAX), serve);
                for _ in 0..turns {
                    yield_now().await;
                }
                task.abort();
                until_nobody_is(&present).await;
            }
            assert_ne!(attendants.give(guest(&present, 1), serve).id(), waited);
            until_nobody_is(&present).await;
        });
    }
}
