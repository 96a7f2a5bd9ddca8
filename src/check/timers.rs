//! The numbers of the SOA: its timers and its serial.

use super::finding::{Remark, Report, Subject};
use super::lint::Lint;
use crate::wire::Rtype;
use crate::wire::rdata::Period;
use crate::zone::{StoredName, Zone};

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

/// The numbers of an SOA, in seconds but for the serial (RFC 1035 section 3.3.13).
#[derive(Debug, Clone, Copy)]
struct Numbers {
    serial: u32,
    refresh: u32,
    retry: u32,
    expire: u32,
    minimum: u32,
}

/// Checks them. `is_for_nobody` says that no name server is known by whom anybody could ask: then timers bother nobody.
pub(super) fn check(zone: &Zone, is_for_nobody: bool, previous_serial: Option<u32>, report: &mut Report) {
    let Some(numbers) = read(zone) else { return };
    let subject = || Subject::rrset(zone.apex(), Rtype::SOA);
    let timers = timers(numbers).into_iter().filter(|_| !is_for_nobody);
    for (is_odd, message, help) in timers {
        if is_odd {
            report.add(Lint::SoaTimers, || Remark::new(subject(), message).help(help));
        }
    }
    if let Some(previous) = previous_serial
        && !is_greater(numbers.serial, previous)
    {
        let message = match numbers.serial == previous {
            true => format!("the serial is {previous}, as in the previous version"),
            false => {
                format!("the serial {} is not greater than {previous}, that of the previous version", numbers.serial)
            }
        };
        report.add(Lint::SerialBackwards, || {
            let help = format!("secondaries take what is greater by RFC 1982: {} or so", previous.wrapping_add(1));
            Remark::new(subject(), message).help(help)
        });
    }
}

/// The judgements on the timers: whether something is odd, what, and what would not be.
fn timers(numbers: Numbers) -> [(bool, String, &'static str); 5] {
    let Numbers { refresh, retry, expire, minimum, .. } = numbers;
    [
        (
            !(5 * MINUTE..=2 * DAY).contains(&refresh),
            format!("REFRESH is {refresh} s"),
            "20 minutes to 12 hours are usual, a day where NOTIFY works (RFC 1912 section 2.2, RIPE-203)",
        ),
        (
            retry < MINUTE || retry > refresh,
            format!("RETRY is {retry} s, REFRESH {refresh} s"),
            "it is usually a fraction of REFRESH, and some minutes at least (RFC 1912 section 2.2)",
        ),
        (
            !(7 * DAY..=60 * DAY).contains(&expire),
            format!("EXPIRE is {expire} s, {}", Period(expire)),
            "2 to 6 weeks are usual: so long secondaries serve while the primary is away (RFC 1912 section 2.2, RIPE-203)",
        ),
        (
            expire <= refresh.saturating_add(retry),
            format!("EXPIRE is {expire} s: not more than REFRESH and RETRY together"),
            "a secondary that misses one refresh would stop serving the zone",
        ),
        (
            minimum == 0 || minimum > DAY,
            format!("MINIMUM is {minimum} s: negative answers are cached that long"),
            "an hour is usual; it is the TTL of negative answers, not that of records (RFC 2308 sections 4 and 5)",
        ),
    ]
}

fn read(zone: &Zone) -> Option<Numbers> {
    let rdata = zone.apex_node().rrset(Rtype::SOA)?.records().next()?;
    let (_, rest) = StoredName::split_from(rdata);
    let (_, rest) = StoredName::split_from(rest);
    let numbers: &[u8; 20] = rest.first_chunk()?;
    let number = |at: usize| u32::from_be_bytes([numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]]);
    let [serial, refresh, retry, expire, minimum] = [0, 4, 8, 12, 16].map(number);
    Some(Numbers { serial, refresh, retry, expire, minimum })
}

/// Whether serial `a` is greater than `b` (RFC 1982 section 3.2).
fn is_greater(a: u32, b: u32) -> bool {
    let ahead = a.wrapping_sub(b);
    ahead != 0 && ahead < 1 << 31
}
