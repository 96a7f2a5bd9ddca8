//! What the kernel has something for: `epoll`, level-triggered, behind a face that knows who is meant.
//!
//! Does not know what is read or written. A socket that is closed is no longer told of.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::event::{EventfdFlags, Timespec, eventfd};
use rustix::io::Errno;

use super::places::Token;
use crate::base::limits::TCP_EVENTS;

/// Whom the kernel tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// A connection.
    Connection(Token),
    /// The listening socket with this number: a connection to accept.
    Listener(u32),
    /// The bell was rung.
    Bell,
}

/// What a socket waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interest {
    /// Octets to read, or a connection to accept.
    Read,
    /// Room for octets.
    Write,
    /// Nothing for now.
    Nothing,
}

/// The sockets that one thread waits for.
#[derive(Debug)]
pub(super) struct Readiness(OwnedFd);

/// Tells all threads that wait for it, once and for good.
#[derive(Debug)]
pub(super) struct Bell(OwnedFd);

impl Readiness {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(epoll::create(CreateFlags::CLOEXEC)?))
    }

    /// Waits for a socket, too.
    pub(super) fn add(&self, socket: impl AsFd, source: Source, interest: Interest) -> io::Result<()> {
        Ok(epoll::add(&self.0, socket, source.into(), interest.into())?)
    }

    /// Waits for a bell, too.
    pub(super) fn add_bell(&self, bell: &Bell) -> io::Result<()> {
        self.add(&bell.0, Source::Bell, Interest::Read)
    }

    /// Waits for something else of a socket.
    pub(super) fn change(&self, socket: impl AsFd, source: Source, interest: Interest) -> io::Result<()> {
        Ok(epoll::modify(&self.0, socket, source.into(), interest.into())?)
    }

    /// Waits no longer for a socket that stays open.
    pub(super) fn remove(&self, socket: impl AsFd) -> io::Result<()> {
        Ok(epoll::delete(&self.0, socket)?)
    }

    /// Waits no longer for a bell, which once rung would be told of for ever.
    pub(super) fn remove_bell(&self, bell: &Bell) -> io::Result<()> {
        self.remove(&bell.0)
    }

    /// Waits until the kernel tells of somebody, for at most `patience`, rounded up to whole milliseconds; puts whom it
    /// tells of in `sources`, and whether there is something to be read: octets, the end of a stream, or an error.
    pub(super) fn wait(&self, patience: Duration, sources: &mut Vec<(Source, bool)>) -> io::Result<()> {
        sources.clear();
        let patience = Timespec::try_from(patience).map_err(io::Error::other)?;
        let mut room = [const { MaybeUninit::<Event>::uninit() }; TCP_EVENTS];
        match epoll::wait(&self.0, &mut room, Some(&patience)) {
            Ok((told, _)) => sources.extend(told.iter().filter_map(|event| {
                // All that is told of but room for octets: errors and broken connections are, unasked.
                let flags = event.flags;
                Source::of(event.data).map(|source| (source, flags != EventFlags::OUT))
            })),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

impl Bell {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?))
    }

    /// Has every thread that waits for it hear of it.
    pub(super) fn ring(&self) {
        // It cannot fail: the count is far from full.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }
}

/// What tells sources apart: the half of the number behind the one that is the source's own.
const CONNECTION: u32 = 0;
const LISTENER: u32 = 1;
const BELL: u32 = 2;

impl From<Source> for EventData {
    fn from(source: Source) -> Self {
        let (kind, number) = match source {
            Source::Connection(token) => (CONNECTION, token.0),
            Source::Listener(number) => (LISTENER, number),
            Source::Bell => (BELL, 0),
        };
        Self::new_u64(u64::from(kind) << 32 | u64::from(number))
    }
}

impl Source {
    fn of(data: EventData) -> Option<Self> {
        let number = data.u64() as u32;
        match (data.u64() >> 32) as u32 {
            CONNECTION => Some(Self::Connection(Token(number))),
            LISTENER => Some(Self::Listener(number)),
            BELL => Some(Self::Bell),
            _ => None,
        }
    }
}

impl From<Interest> for EventFlags {
    fn from(interest: Interest) -> Self {
        match interest {
            Interest::Read => Self::IN,
            Interest::Write => Self::OUT,
            Interest::Nothing => Self::empty(),
        }
    }
}
