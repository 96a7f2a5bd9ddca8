//! The secrets of DNS Cookies: read from their file or made, and published to all who serve.
//!
//! Does not know how cookies are made of them.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tracing::{error, warn};

use crate::base::limits::COOKIE_FILE_OCTETS_MAX;
use crate::base::snapshot::{Publisher, Reader};
use crate::config;
use crate::gate::{CookieSecret, Cookies};

/// The one who publishes [`Cookies`].
#[derive(Debug)]
pub(super) struct CookieJar {
    /// For when there is no file.
    own: CookieSecret,
    publisher: Publisher<Option<Cookies>>,
}

impl CookieJar {
    /// Cookies as configured. The error is one line.
    pub(super) fn open(options: &config::Cookies) -> Result<Self, String> {
        let own = random().map_err(|error| format!("cookies: there is no randomness for a secret: {error}"))?;
        let own = CookieSecret(own);
        Ok(Self { own, publisher: Publisher::new(cookies(own, options)?) })
    }

    /// A reader for one thread.
    pub(super) fn reader(&self) -> Reader<Option<Cookies>> {
        self.publisher.reader()
    }

    /// Takes up new options, and what is in the file now. Where that is no secret the cookies stay as they are.
    pub(super) fn reload(&self, options: &config::Cookies) {
        match cookies(self.own, options) {
            Ok(cookies) => self.publisher.publish(cookies),
            Err(line) => error!("{line}: the secrets that were read before stay in use"),
        }
    }

    /// Sets the clock of the cookies by that of the system.
    pub(super) fn wind(&self) {
        if let Some(cookies) = &*self.publisher.current() {
            self.publisher.publish(Some(cookies.wind(Instant::now(), unix_seconds())));
        }
    }
}

/// Octets that nobody can guess, from the kernel itself: the generator of the library for signatures gathers 70 ms of noise before it gives
/// the first ones, which is most of what a server takes that starts from an image.
fn random() -> io::Result<[u8; 16]> {
    let mut octets = [0; 16];
    // SAFETY: the kernel writes at most so many octets, to where there are as many.
    let count = unsafe { libc::getrandom(octets.as_mut_ptr().cast(), octets.len(), 0) };
    // So few come at once or not at all (getrandom(2)).
    if usize::try_from(count) == Ok(octets.len()) { Ok(octets) } else { Err(io::Error::last_os_error()) }
}

fn cookies(own: CookieSecret, options: &config::Cookies) -> Result<Option<Cookies>, String> {
    let secrets = match &options.secret_file {
        Some(file) => read(file).map_err(|why| format!("cookies: {}: {why}", file.display()))?,
        None => vec![own],
    };
    let cookies = || Cookies::new(&secrets, options.badcookie_over_limit, Instant::now(), unix_seconds());
    Ok(options.answer.then(cookies).flatten())
}

fn read(path: &Path) -> Result<Vec<CookieSecret>, String> {
    let told = |cause: io::Error| format!("cannot be read: {cause}");
    let file = File::open(path).map_err(told)?;
    if file.metadata().is_ok_and(|metadata| metadata.mode() & 0o007 != 0) {
        warn!("cookies: {}: everybody on this machine can read the secrets", path.display());
    }
    let mut text = String::new();
    file.take(COOKIE_FILE_OCTETS_MAX).read_to_string(&mut text).map_err(told)?;
    CookieSecret::list(&text).map_err(|why| why.to_string())
}

/// Seconds of the Unix clock, modulo 2³².
fn unix_seconds() -> u32 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_never_the_same() {
        let secrets = [0; 3].map(|_| random().expect("randomness"));
        assert!(secrets[0] != secrets[1] && secrets[1] != secrets[2] && secrets[0] != [0; 16]);
    }
}
