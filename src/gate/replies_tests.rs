use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Instant;

use super::*;
use crate::gate::{Admission, Gate, GateConfig, Keeper, Limit};

const KINDS: [ReplyKind; 5] =
    [ReplyKind::Answer, ReplyKind::Referral, ReplyKind::NoData, ReplyKind::NxDomain, ReplyKind::Error];

fn gate_of(replies: ReplyConfig) -> (Arc<Gate>, Instant) {
    let start = Instant::now();
    (Arc::new(Gate::new(&GateConfig { replies, ..GateConfig::default() }, start)), start)
}

fn keeper_of(replies: ReplyConfig) -> (Keeper, Instant) {
    let (gate, start) = gate_of(replies);
    (Keeper::new(gate), start)
}

/// All three rates alike.
fn each(per_second: u32) -> ReplyConfig {
    ReplyConfig {
        answers_per_second: per_second,
        denials_per_second: per_second,
        errors_per_second: per_second,
        ..ReplyConfig::default()
    }
}

fn answer(origin: u64) -> Subject {
    Subject { kind: ReplyKind::Answer, origin }
}

fn client(last: u8) -> IpAddr {
    Ipv4Addr::new(192, 0, 2, last).into()
}

/// How many of so many replies pass that are made at once.
fn at_once(keeper: &mut Keeper, client: IpAddr, subject: Subject, now: Instant, replies: usize) -> usize {
    let passes = |_: &usize| keeper.admit_reply(client, false, || subject, now) == Admission::Pass;
    (0..replies).filter(passes).count()
}

#[test]
fn without_rates_everything_passes_and_no_subject_is_asked_for() {
    let (mut keeper, now) = keeper_of(ReplyConfig::default());
    for _ in 0..1_000 {
        let subject = || panic!("nobody wants to know");
        assert_eq!(keeper.admit_reply(client(1), false, subject, now), Admission::Pass);
    }
}

#[test]
fn the_same_reply_goes_out_at_its_rate_and_others_are_not_affected() {
    let (mut keeper, start) = keeper_of(each(10));
    assert_eq!(at_once(&mut keeper, client(1), answer(1), start, 100), 10);
    let later = start + Duration::from_millis(510);
    assert_eq!(at_once(&mut keeper, client(1), answer(1), later, 100), 5);
    let hour = start + Duration::from_secs(3_600);
    assert_eq!(at_once(&mut keeper, client(1), answer(1), hour, 100), 10, "no more than a second's worth");
    let many = (2..10_000).filter(|&origin| at_once(&mut keeper, client(1), answer(origin), hour, 1) == 1);
    assert_eq!(many.count(), 9_998, "made from something else");
}

#[test]
fn networks_do_not_disturb_each_other() {
    let v6 = |text: &str| text.parse::<Ipv6Addr>().expect(text).into();
    let (mut keeper, now) = keeper_of(each(5));
    assert_eq!(at_once(&mut keeper, client(1), answer(1), now, 10), 5);
    assert_eq!(at_once(&mut keeper, client(200), answer(1), now, 10), 0, "in the same /24");
    assert_eq!(at_once(&mut keeper, Ipv4Addr::new(192, 0, 3, 1).into(), answer(1), now, 10), 5);
    assert_eq!(at_once(&mut keeper, v6("2001:db8:0:aa00::1"), answer(1), now, 10), 5);
    assert_eq!(at_once(&mut keeper, v6("2001:db8:0:aaff::2"), answer(1), now, 10), 0, "in the same /56");
    assert_eq!(at_once(&mut keeper, v6("2001:db8:0:ab00::1"), answer(1), now, 10), 5);
    let (mut keeper, now) = keeper_of(ReplyConfig { ipv4_prefix: 32, ipv6_prefix: 48, ..each(5) });
    assert_eq!(at_once(&mut keeper, client(1), answer(1), now, 10), 5);
    assert_eq!(at_once(&mut keeper, client(200), answer(1), now, 10), 5);
    assert_eq!(at_once(&mut keeper, v6("2001:db8:0:aa00::1"), answer(1), now, 10), 5);
    assert_eq!(at_once(&mut keeper, v6("2001:db8:0:ab00::1"), answer(1), now, 10), 0);
}

#[test]
fn each_kind_has_its_own_budget_of_its_rate() {
    let config =
        ReplyConfig { answers_per_second: 7, denials_per_second: 5, errors_per_second: 3, ..ReplyConfig::default() };
    for origin in [0, 1, 0x7fff_ffff_fff8] {
        let (mut keeper, now) = keeper_of(config.clone());
        let passed = KINDS.map(|kind| at_once(&mut keeper, client(1), Subject { kind, origin }, now, 20));
        assert_eq!(passed, [7, 7, 5, 5, 3]);
    }
    // A rate of 0 is none, and takes no memory.
    let (mut keeper, now) = keeper_of(ReplyConfig { denials_per_second: 5, ..ReplyConfig::default() });
    let passed = KINDS.map(|kind| at_once(&mut keeper, client(1), Subject::of(kind), now, 20));
    assert_eq!(passed, [20, 20, 5, 5, 20]);
    let replies = Replies::new(&ReplyConfig { denials_per_second: 5, ..ReplyConfig::default() }).expect("a rate");
    assert!(replies.answers.is_none() && replies.denials.is_some() && replies.errors.is_none());
    assert!(Replies::new(&ReplyConfig::default()).is_none());
}

#[test]
fn one_in_slip_is_answered_and_the_counters_tell_of_the_kind() {
    // By chance, but 10,000 times: five standard deviations are less than 250.
    for (slip, slipped) in [(0, 0), (1, 10_000), (2, 5_000), (3, 3_333), (100, 100_u64)] {
        for kind in KINDS {
            let (mut keeper, now) = keeper_of(ReplyConfig { slip, ..each(10) });
            let counters = Counters::default();
            let limit = Limit::Replies(kind);
            let mut seen = [0_u64; 3];
            for _ in 0..10_010 {
                let admission = keeper.admit_reply(client(1), false, || Subject::of(kind), now);
                admission.count(&counters);
                let at = [Admission::Pass, Admission::Slip(limit), Admission::Drop(limit)];
                seen[at.iter().position(|&one| one == admission).expect("one of these")] += 1;
            }
            let spread = if slip < 2 { 0 } else { 250.min(slipped - slipped / 2) };
            assert!(seen[1].abs_diff(slipped) <= spread, "slip {slip}: {seen:?}");
            assert_eq!((seen[0], seen[1] + seen[2]), (10, 10_000));
            let over = [
                &counters.rrl_answers,
                &counters.rrl_referrals,
                &counters.rrl_nodata,
                &counters.rrl_nxdomain,
                &counters.rrl_errors,
            ];
            let expected = KINDS.map(|other| if other == kind { 10_000 } else { 0 });
            assert_eq!(over.map(|counter| counter.value()), expected, "slip {slip}");
            assert_eq!(counters.rrl_slipped.value(), seen[1]);
            // Nothing else was counted.
            assert_eq!(counters.rows().map(|row| row.2).sum::<u64>(), 10_000 + seen[1]);
        }
    }
}

#[test]
fn a_dry_run_spares_what_is_over_and_counts_it() {
    let (mut keeper, now) = keeper_of(ReplyConfig { dry_run: true, slip: 1, ..each(10) });
    let counters = Counters::default();
    for number in 0..100 {
        let admission = keeper.admit_reply(client(1), false, || Subject::of(ReplyKind::NxDomain), now);
        admission.count(&counters);
        let spared = Admission::Spare(Limit::Replies(ReplyKind::NxDomain));
        assert_eq!(admission, if number < 10 { Admission::Pass } else { spared });
    }
    let counted = (counters.rrl_nxdomain.value(), counters.rrl_dry_run.value(), counters.rrl_slipped.value());
    assert_eq!(counted, (90, 90, 0));
}

#[test]
fn proven_and_exempt_clients_have_no_rate() {
    let exempt = vec!["198.51.100.0/24".parse().expect("a prefix")];
    let (mut keeper, now) = keeper_of(ReplyConfig { exempt, ..each(5) });
    let exempt: IpAddr = Ipv4Addr::new(198, 51, 100, 9).into();
    assert_eq!(at_once(&mut keeper, exempt, answer(1), now, 1_000), 1_000);
    for _ in 0..1_000 {
        assert_eq!(keeper.admit_reply(client(1), true, || answer(1), now), Admission::Pass);
    }
    assert_eq!(at_once(&mut keeper, client(1), answer(1), now, 10), 5, "nothing was taken from it");
    // Nor does an exempt client take from others of its prefix.
    let (mut keeper, now) =
        keeper_of(ReplyConfig { exempt: vec!["192.0.2.9".parse().expect("an address")], ..each(5) });
    assert_eq!(at_once(&mut keeper, client(9), answer(1), now, 1_000), 1_000);
    assert_eq!(at_once(&mut keeper, client(7), answer(1), now, 10), 5);
}

/// Whoever sends messages of his own between those of another has no say in what that one gets.
#[test]
fn nobody_steers_what_slips_for_another() {
    let (mut keeper, now) = keeper_of(ReplyConfig { slip: 2, ..each(1) });
    let mut slips = [0_i32; 2];
    for _ in 0..10_000 {
        for (slips, client) in slips.iter_mut().zip([client(1), Ipv4Addr::new(198, 51, 100, 1).into()]) {
            let admission = keeper.admit_reply(client, false, || answer(1), now);
            *slips += i32::from(matches!(admission, Admission::Slip(_)));
        }
    }
    assert!(slips.iter().all(|slips| slips.abs_diff(5_000) < 250), "{slips:?}");
}

/// Memory is what was taken at the start, however many clients and names there are: who is new passes, and who is far over
/// a rate is not forgotten for the crowd.
#[test]
fn a_crowd_neither_turns_away_who_is_new_nor_hides_a_flood() {
    let (mut keeper, now) = keeper_of(each(10));
    assert_eq!(at_once(&mut keeper, client(1), answer(1), now, 100), 10);
    let crowd = (GATE_REPLIES * 4) as u64;
    let turned_away = (0..crowd)
        .filter(|&origin| {
            let other = Ipv4Addr::from_bits((origin as u32) << 8).into();
            keeper.admit_reply(other, false, || answer(origin + 2), now) != Admission::Pass
        })
        .count();
    assert_eq!(turned_away, 0);
    assert_eq!(at_once(&mut keeper, client(1), answer(1), now, 100), 0);
}

#[test]
fn threads_share_the_rates() {
    let (gate, now) = gate_of(each(100_000));
    let passed: usize = std::thread::scope(|scope| {
        let ask = || at_once(&mut Keeper::new(Arc::clone(&gate)), client(1), answer(1), now, 80_000);
        let threads = [scope.spawn(ask), scope.spawn(ask), scope.spawn(ask)];
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
    });
    assert_eq!(passed, 100_000);
}
