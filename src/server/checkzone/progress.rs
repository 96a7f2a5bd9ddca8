//! How far a long work is, in one line of a terminal that is drawn over and over.
//!
//! Does not know the work: whoever does it counts here.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Work that takes less than this shows nothing; then the line is drawn as often.
const PERIOD: Duration = Duration::from_millis(200);

/// Characters of the bar.
const BAR_WIDTH: u64 = 30;

/// What a line is drawn on.
pub(super) type Terminal = Box<dyn Write + Send>;

/// A line that shows how much is done, until this is dropped.
pub(super) struct Progress {
    shared: Arc<Shared>,
    drawer: Option<JoinHandle<()>>,
}

struct Shared {
    what: String,
    done: AtomicU64,
    total: u64,
    screen: Mutex<Screen>,
    over: Condvar,
}

/// What is being drawn on.
struct Screen {
    terminal: Option<Terminal>,
    is_drawn: bool,
    is_over: bool,
}

impl Progress {
    /// Begins to show on `terminal` how much of `total` is done; without a terminal it only counts.
    pub(super) fn start(what: &str, total: u64, terminal: Option<Terminal>) -> Self {
        let draws = terminal.is_some();
        let screen = Mutex::new(Screen { terminal, is_drawn: false, is_over: false });
        let (done, over) = (AtomicU64::new(0), Condvar::new());
        let shared = Arc::new(Shared { what: what.to_owned(), done, total, screen, over });
        let drawer = draws.then(|| {
            let shared = Arc::clone(&shared);
            // Without a thread for it nothing is shown; the work goes on.
            thread::Builder::new().name("progress".to_owned()).spawn(move || shared.draw()).ok()
        });
        Self { shared, drawer: drawer.flatten() }
    }

    /// Counts work that is done.
    pub(super) fn add(&self, count: u64) {
        self.shared.done.fetch_add(count, Ordering::Relaxed);
    }

    /// Says how much is done by now.
    pub(super) fn reach(&self, done: u64) {
        self.shared.done.fetch_max(done, Ordering::Relaxed);
    }

    /// Does something while the line is not there, such as to write to the same terminal.
    pub(super) fn hide<T>(&self, during: impl FnOnce() -> T) -> T {
        let mut screen = self.shared.screen();
        screen.wipe();
        during()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.shared.screen().is_over = true;
        self.shared.over.notify_all();
        if let Some(drawer) = self.drawer.take() {
            let _ = drawer.join();
        }
    }
}

impl Shared {
    fn screen(&self) -> MutexGuard<'_, Screen> {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws until the work is over, and wipes the line then.
    fn draw(&self) {
        let mut screen = self.screen();
        while !screen.is_over {
            let (guard, timeout) = self.over.wait_timeout(screen, PERIOD).unwrap_or_else(PoisonError::into_inner);
            screen = guard;
            if timeout.timed_out() && !screen.is_over {
                screen.show(&line(&self.what, self.done.load(Ordering::Relaxed), self.total));
            }
        }
        screen.wipe();
    }
}

impl Screen {
    fn show(&mut self, line: &str) {
        self.write(&format!("{WIPE}{line}"));
        self.is_drawn = true;
    }

    fn wipe(&mut self) {
        if self.is_drawn {
            self.write(WIPE);
            self.is_drawn = false;
        }
    }

    /// A terminal that takes no more is left alone.
    fn write(&mut self, text: &str) {
        let done =
            self.terminal.as_mut().map(|terminal| terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush()));
        if done.is_some_and(|done| done.is_err()) {
            self.terminal = None;
        }
    }
}

/// To the first column, and away with what is there.
const WIPE: &str = "\r\x1b[K";

/// The line for this much done.
fn line(what: &str, done: u64, total: u64) -> String {
    let done = done.min(total);
    let parts = |of: u64| u64::try_from(u128::from(done) * u128::from(of) / u128::from(total.max(1))).unwrap_or(of);
    let (filled, percent) = (parts(BAR_WIDTH) as usize, parts(100));
    let empty = BAR_WIDTH as usize - filled;
    format!("{what} [{}{}] {percent:3} % of {total}", "=".repeat(filled), " ".repeat(empty))
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn the_bar_fills() {
        assert_eq!(line("zones", 0, 8), format!("zones [{}]   0 % of 8", " ".repeat(30)));
        assert_eq!(line("zones", 4, 8), format!("zones [{}{}]  50 % of 8", "=".repeat(15), " ".repeat(15)));
        assert_eq!(line("zones", 9, 8), format!("zones [{}] 100 % of 8", "=".repeat(30)));
        assert_eq!(line("zones", 0, 0), format!("zones [{}]   0 % of 0", " ".repeat(30)));
        assert!(line("zones", u64::MAX, u64::MAX).contains("100 %"));
    }

    /// A terminal that remembers, and says when it was drawn on.
    #[derive(Clone, Default)]
    struct Paper(Arc<(Mutex<Vec<u8>>, Condvar)>);

    impl Write for Paper {
        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            self.0.0.lock().expect("no panic").extend_from_slice(octets);
            self.0.1.notify_all();
            Ok(octets.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_long_work_is_drawn_and_wiped() {
        let screen = Paper::default();
        let progress = Progress::start("zones", 2, Some(Box::new(screen.clone())));
        progress.add(1);
        let seen = screen.0.0.lock().expect("no panic");
        let (seen, wait) = screen.0.1.wait_timeout_while(seen, PERIOD * 100, |seen| seen.is_empty()).expect("no panic");
        assert!(!wait.timed_out());
        assert!(String::from_utf8_lossy(&seen).contains(" 50 % of 2"));
        drop(seen);
        drop(progress);
        assert!(screen.0.0.lock().expect("no panic").ends_with(b"\r\x1b[K"));
    }

    #[test]
    fn a_short_work_is_not_drawn() {
        let screen = Paper::default();
        drop(Progress::start("zones", 2, Some(Box::new(screen.clone()))));
        assert!(screen.0.0.lock().expect("no panic").is_empty());
    }
}
