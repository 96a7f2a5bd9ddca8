//! When signatures are valid: points in time that wrap around (RFC 4034 section 3.1.5, RFC 1982).
//!
//! Does not know a clock: the time is an argument.

/// The time in which a signature is valid, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Seconds since 1970, the lower 32 bits of them.
    pub inception: u32,
    /// Seconds since 1970, the lower 32 bits of them.
    pub expiration: u32,
}

/// What a point in time is to a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// It is in the window, and not near its end.
    Good,
    /// It is in the window, whose end is this many seconds away: not more than was asked for.
    EndsSoon(u32),
    /// The window ended this many seconds before.
    Expired(u32),
    /// The window begins this many seconds later.
    NotYet(u32),
    /// The window ends before it begins: it has no time in it.
    Backwards,
}

/// How many seconds `to` is later than `from`; negative where it is earlier (RFC 1982 section 3.2). Right for points
/// that are less than 68 years from each other.
pub fn seconds_between(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from) as i32
}

impl Window {
    /// What the window is at a time, in seconds since 1970. An end not more than `soon` seconds away is near.
    pub fn at(self, time: u64, soon: u32) -> Validity {
        let time = time as u32; // modulo 2^32, as the fields are
        if seconds_between(self.inception, self.expiration) < 0 {
            return Validity::Backwards;
        }
        let (left, until_begin) = (seconds_between(time, self.expiration), seconds_between(time, self.inception));
        if left < 0 {
            Validity::Expired(left.unsigned_abs())
        } else if until_begin > 0 {
            Validity::NotYet(until_begin.unsigned_abs())
        } else if left.unsigned_abs() <= soon {
            Validity::EndsSoon(left.unsigned_abs())
        } else {
            Validity::Good
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_both_its_ends() {
        let window = Window { inception: 1_000, expiration: 2_000 };
        for (time, expected) in [
            (999, Validity::NotYet(1)),
            (1_000, Validity::Good),
            (1_899, Validity::Good),
            (1_900, Validity::EndsSoon(100)),
            (2_000, Validity::EndsSoon(0)),
            (2_001, Validity::Expired(1)),
        ] {
            assert_eq!(window.at(time, 100), expected, "{time}");
        }
        assert_eq!(Window { inception: 2, expiration: 1 }.at(1, 0), Validity::Backwards);
    }

    #[test]
    fn the_numbers_wrap_in_2106() {
        let window = Window { inception: u32::MAX - 9, expiration: 10 };
        assert_eq!(window.at(u64::from(u32::MAX) + 1, 0), Validity::Good);
        assert_eq!(window.at(u64::from(u32::MAX) + 12, 0), Validity::Expired(1));
        assert_eq!(window.at(u64::from(u32::MAX) - 10, 0), Validity::NotYet(1));
        assert_eq!(seconds_between(u32::MAX, 4), 5);
        assert_eq!(seconds_between(4, u32::MAX), -5);
    }
}
