//! Publishing an immutable value to many threads: one publisher, readers that refresh when it suits them.
//!
//! Knows nothing of what is published.

use std::sync::Arc;

use arc_swap::{ArcSwap, Cache};

/// The publishing side: holds the current value and swaps in the next one.
#[derive(Debug)]
pub struct Publisher<T> {
    current: Arc<ArcSwap<T>>,
}

impl<T> Publisher<T> {
    /// A publisher whose readers see `first` until [`publish`](Self::publish) is called.
    pub fn new(first: T) -> Self {
        Self { current: Arc::new(ArcSwap::from_pointee(first)) }
    }

    /// Makes `next` the value that readers see from their next refresh on.
    pub fn publish(&self, next: T) {
        self.current.store(Arc::new(next));
    }

    /// The value published last.
    pub fn current(&self) -> Arc<T> {
        self.current.load_full()
    }

    /// A reader for one thread.
    pub fn reader(&self) -> Reader<T> {
        Reader { cache: Cache::new(Arc::clone(&self.current)) }
    }
}

/// The reading side, one per thread. Keeps the value of its last refresh alive.
#[derive(Debug, Clone)]
pub struct Reader<T> {
    cache: Cache<Arc<ArcSwap<T>>, Arc<T>>,
}

impl<T> Reader<T> {
    /// The newest value; costs one relaxed load where nothing new was published.
    #[inline]
    pub fn refresh(&mut self) -> &Arc<T> {
        self.cache.load()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_what_was_published_at_its_next_refresh() {
        let publisher = Publisher::new(1);
        let mut reader = publisher.reader();
        let old = Arc::clone(reader.refresh());
        publisher.publish(2);
        assert_eq!((*old, **reader.refresh(), *publisher.current()), (1, 2, 2));
    }
}
