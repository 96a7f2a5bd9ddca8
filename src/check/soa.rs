//! The names of the SOA, and serials that are slips. Timers and steps of the serial are `timers`' matter.

use super::finding::Remark;
use super::lint::Lint;
use super::survey::{Survey, is_root, whole};
use super::targets;
use crate::wire::Rtype;
use crate::zone::{Rrset, StoredName};

const DAY: u64 = 86_400;

/// A serial that is this many days ahead of the calendar is none that grew there: a hundred changes take one day.
const DAYS_AHEAD: u64 = 31;

/// Checks the SOA. `now` is in seconds since 1970.
pub(super) fn check(now: Option<u64>, survey: &mut Survey<'_>) {
    let Some(rrset) = survey.zone.apex_node().rrset(Rtype::SOA) else { return };
    let Some(rdata) = rrset.records().next() else { return };
    let (mname, rest) = StoredName::split_from(rdata);
    let rname = StoredName::split_from(rest).0;
    if !is_root(mname, survey.zone) {
        targets::check_spelling(rrset, rdata, mname, survey);
    }
    check_rname(rrset, rdata, rname, survey);
    let serial = survey.zone.serial();
    if let Some(odd) = odd_serial(serial, now) {
        survey
            .report
            .add(Lint::SerialOdd, || Remark::new(whole(rrset), format!("the serial {serial} {}", odd.0)).help(odd.1));
    }
}

fn check_rname(rrset: Rrset<'_>, rdata: &[u8], rname: StoredName<'_>, survey: &mut Survey<'_>) {
    if targets::check_dot(rrset, rdata, rname, survey) {
        return;
    }
    let spelled = survey.zone.spell(rname, rrset.node());
    let wrong = match () {
        () if spelled.as_name().labels().any(|label| label.contains(&b'@')) => "has an `@`",
        // The root alone says that nobody is meant, as `invalid.` does in catalogs (RFC 9432 section 4.1).
        () if spelled.as_name().wire().eq_ignore_ascii_case(b"\x07invalid\0") => return,
        () if spelled.as_name().label_count() == 1 && survey.zone.apex_labels() > 0 => "has no domain",
        () => return,
    };
    survey.report.add(Lint::SoaRname, || {
        Remark::new(whole(rrset), format!("the RNAME {spelled} {wrong}: it is no mailbox"))
            .help("hostmaster@example.com is written `hostmaster.example.com.`, a dot in front of the @ as `\\.`")
    });
}

/// What is odd about a serial, and what may be done.
fn odd_serial(serial: u32, now: Option<u64>) -> Option<(String, String)> {
    if serial == 0 {
        return Some(("means \"none yet\" to some software".into(), "begin with 1, or with a date".into()));
    }
    // YYYYMMDDnn, the form of RFC 1912 section 2.2.
    let (year, month, day) = (serial / 1_000_000, serial / 10_000 % 100, serial / 100 % 100);
    if !(1990..2100).contains(&year) {
        return None;
    }
    if month > 12 && (1..=12).contains(&day) && month <= 31 {
        let meant = format!("{year}{day:02}{month:02}{:02} would be the date: month, then day", serial % 100);
        return Some(("has day and month the wrong way round".into(), meant));
    }
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None; // a plain number, or a day with a hundred changes
    }
    let ahead = days_since_1970(year, month, day).saturating_sub(now? / DAY);
    (ahead > DAYS_AHEAD).then(|| {
        let help = "secondaries take only what is greater: RFC 1982 section 7 says how to get back";
        (format!("is a date {ahead} days ahead"), help.into())
    })
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days_since_1970(year: u32, month: u32, day: u32) -> u64 {
    // Years that begin in March have their leap day at the end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day;
    u64::from(days) - 719_469
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_by_the_calendar() {
        for (date, days) in [
            ((1970, 1, 1), 0),
            ((1970, 12, 31), 364),
            ((2000, 2, 29), 11_016),
            ((2000, 3, 1), 11_017),
            ((2026, 11, 21), 20_778),
        ] {
            assert_eq!(days_since_1970(date.0, date.1, date.2), days, "{date:?}");
        }
    }

    #[test]
    fn serials_are_odd_only_where_no_change_could_have_made_them() {
        let now = Some(20_778 * DAY); // 2026-11-21
        for (serial, odd) in [
            (0, true),
            (1, false),
            (2_026_112_101, false),
            (2_026_122_201, false),
            (2_026_122_301, true),
            (2_062_112_101, true),
            (2_026_211_101, true),
            (2_026_113_200, false),
            (1_795_000_000, false),
            (4_294_967_295, false),
        ] {
            assert_eq!(odd_serial(serial, now).is_some(), odd, "{serial}");
        }
        assert!(odd_serial(2_062_112_101, None).is_none());
    }
}
