use std::net::{Ipv4Addr, Ipv6Addr};

use super::*;

fn keeper_of(config: GateConfig) -> (Keeper, Instant) {
    let start = Instant::now();
    (Keeper::new(Arc::new(Gate::new(&config, start))), start)
}

fn client(last: u8) -> IpAddr {
    Ipv4Addr::new(192, 0, 2, last).into()
}

fn at_once(keeper: &mut Keeper, client: IpAddr, now: Instant, queries: usize) -> usize {
    (0..queries).filter(|_| keeper.admit(client, false, now) == Admission::Pass).count()
}

#[test]
fn without_limits_everything_passes() {
    let (mut keeper, now) = keeper_of(GateConfig::default());
    assert_eq!(at_once(&mut keeper, client(1), now, 100_000), 100_000);
}

#[test]
fn the_rate_holds_within_one_percent_on_the_long_run() {
    for (qps, burst) in [(1, 1), (7, 3), (300, 300), (12_345, 100), (300_000, 5_000), (1_000_000, 1_000_000)] {
        let (mut keeper, start) =
            keeper_of(GateConfig { client_qps: qps, client_burst: burst, ..GateConfig::default() });
        assert_eq!(at_once(&mut keeper, client(1), start, burst as usize + 10), burst as usize);
        // Five queries for each that is allowed, evenly, until some 20,000 should have passed.
        let queries = 100_000_u32;
        let step = Duration::from_secs(1) / 5;
        let passed = (1..=queries)
            .filter(|&i| {
                keeper.admit(client(1), false, start + step.mul_f64(f64::from(i) / f64::from(qps))) == Admission::Pass
            })
            .count() as f64;
        let expected = f64::from(queries) / 5.0;
        assert!((passed - expected).abs() <= expected * 0.01, "{qps} qps: {passed} of {expected}");
    }
}

#[test]
fn a_bucket_refills_at_its_rate_and_no_further_than_the_burst() {
    let (mut keeper, start) = keeper_of(GateConfig { client_qps: 10, client_burst: 20, ..GateConfig::default() });
    assert_eq!(at_once(&mut keeper, client(1), start, 100), 20);
    assert_eq!(at_once(&mut keeper, client(1), start + Duration::from_millis(510), 100), 5);
    assert_eq!(at_once(&mut keeper, client(1), start + Duration::from_secs(3_600), 100), 20);
    // Long after the clock has come round, old states are no one's burden.
    for days in [30_u64, 3_000, 36_500] {
        let later = start + Duration::from_secs(days * 86_400);
        assert_eq!(at_once(&mut keeper, client(1), later, 100), 20, "{days} days");
    }
}

#[test]
fn a_burst_of_zero_is_a_second_of_the_rate() {
    let (mut keeper, now) = keeper_of(GateConfig { client_qps: 50, ..GateConfig::default() });
    assert_eq!(at_once(&mut keeper, client(1), now, 100), 50);
}

#[test]
fn one_in_slip_is_answered_and_the_counters_tell() {
    // By chance, but 10,000 times: five standard deviations are less than 250.
    for (slip, slipped) in [(0, 0), (1, 10_000), (2, 5_000), (3, 3_333), (100, 100)] {
        let (mut keeper, now) = keeper_of(GateConfig { client_qps: 10, slip, ..GateConfig::default() });
        let counters = Counters::default();
        let (mut slips, mut drops) = (0, 0);
        for _ in 0..10_010 {
            let admission = keeper.admit(client(1), false, now);
            admission.count(&counters);
            slips += usize::from(admission == Admission::Slip(Limit::Client));
            drops += usize::from(admission == Admission::Drop(Limit::Client));
        }
        let spread = if slip < 2 { 0 } else { 250.min(slipped - slipped / 2) };
        assert!(slips.abs_diff(slipped) <= spread, "slip {slip}: {slips}");
        assert_eq!(slips + drops, 10_000);
        let counted = (counters.client_limited.value(), counters.slipped.value(), counters.server_limited.value());
        assert_eq!(counted, (10_000, slips as u64, 0));
    }
}

#[test]
fn a_client_is_a_prefix_and_others_are_not_affected() {
    let config = GateConfig { client_qps: 5, ..GateConfig::default() };
    let v6 = |text: &str| text.parse::<Ipv6Addr>().expect(text).into();
    let (mut keeper, now) = keeper_of(config.clone());
    assert_eq!(at_once(&mut keeper, client(1), now, 10), 5);
    assert_eq!(at_once(&mut keeper, client(2), now, 10), 5);
    assert_eq!(at_once(&mut keeper, v6("::ffff:192.0.2.2"), now, 10), 0, "mapped, it is the same client");
    assert_eq!(at_once(&mut keeper, v6("2001:db8:0:aa00::1"), now, 10), 5);
    assert_eq!(at_once(&mut keeper, v6("2001:db8:0:aaff::2"), now, 10), 0, "in the same /56");
    assert_eq!(at_once(&mut keeper, v6("2001:db8:0:ab00::1"), now, 10), 5);

    let wide = GateConfig { ipv4_prefix: 24, ipv6_prefix: 0, ..config };
    let (mut keeper, now) = keeper_of(wide);
    assert_eq!(at_once(&mut keeper, client(1), now, 10), 5);
    assert_eq!(at_once(&mut keeper, client(2), now, 10), 0);
    assert_eq!(at_once(&mut keeper, Ipv4Addr::new(192, 0, 3, 1).into(), now, 10), 5);
    assert_eq!(at_once(&mut keeper, v6("2001:db8::1"), now, 10), 5);
    assert_eq!(at_once(&mut keeper, v6("fe80::1"), now, 10), 0);
}

#[test]
fn exempt_clients_pass_both_limits() {
    let exempt = vec!["192.0.2.8/29".parse().expect("a prefix"), "2001:db8::/32".parse().expect("a prefix")];
    let (mut keeper, now) = keeper_of(GateConfig { client_qps: 5, server_qps: 10, exempt, ..GateConfig::default() });
    assert_eq!(at_once(&mut keeper, client(9), now, 1_000), 1_000);
    assert_eq!(at_once(&mut keeper, "2001:db8::1".parse().expect("an address"), now, 1_000), 1_000);
    assert_eq!(at_once(&mut keeper, client(7), now, 1_000), 1, "nothing was taken from the server's limit");
    // Nor from the limit of others of its prefix.
    let exempt = vec!["192.0.2.9".parse().expect("an address")];
    let (mut keeper, now) = keeper_of(GateConfig { client_qps: 5, ipv4_prefix: 24, exempt, ..GateConfig::default() });
    assert_eq!(at_once(&mut keeper, client(9), now, 1_000), 1_000);
    assert_eq!(at_once(&mut keeper, client(7), now, 1_000), 5);
}

#[test]
fn the_server_sheds_what_is_over_its_rate() {
    for qps in [5, 1_000, 200_000] {
        let (mut keeper, start) = keeper_of(GateConfig { server_qps: qps, slip: 1, ..GateConfig::default() });
        let mut passed = 0;
        // Two seconds at four times the rate, each query from another client.
        for i in 0..qps * 8 {
            let now = start + Duration::from_secs(2).mul_f64(f64::from(i) / f64::from(qps * 8));
            match keeper.admit(Ipv4Addr::from_bits(i).into(), false, now) {
                Admission::Pass => passed += 1,
                other => assert_eq!(other, Admission::Slip(Limit::Server)),
            }
        }
        let expected = qps * 2 + (qps / 10).max(1);
        assert!(passed <= expected && passed + 1 >= expected - expected / 100, "{qps}: {passed} of {expected}");
    }
}

#[test]
fn what_a_client_asks_in_excess_is_not_taken_from_the_others() {
    let (mut keeper, now) = keeper_of(GateConfig { client_qps: 10, server_qps: 1_000, ..GateConfig::default() });
    assert_eq!(at_once(&mut keeper, client(1), now, 100_000), 10);
    assert_eq!(at_once(&mut keeper, client(2), now, 100_000), 10);
}

#[test]
fn a_table_full_of_others_never_turns_a_new_client_away() {
    let (mut keeper, now) = keeper_of(GateConfig { client_qps: 2, ..GateConfig::default() });
    // All of them over their limit, many times more than there are places.
    for i in 0..GATE_CLIENTS as u32 * 4 {
        assert!(at_once(&mut keeper, Ipv4Addr::from_bits(i).into(), now, 1) <= 1);
        keeper.admit(Ipv4Addr::from_bits(i).into(), false, now);
    }
    let turned_away = (0..10_000_u32)
        .filter(|&i| keeper.admit(Ipv4Addr::from_bits(0xc000_0000 | i).into(), false, now) != Admission::Pass)
        .count();
    // 24 bits of a hash tell the eight clients of a row apart: one in two million is taken for another.
    assert!(turned_away <= 1, "{turned_away} of 10,000");
}

#[test]
fn a_steady_client_keeps_its_bucket_among_a_few_others() {
    let (mut keeper, now) = keeper_of(GateConfig { client_qps: 100, ..GateConfig::default() });
    assert_eq!(at_once(&mut keeper, client(1), now, 1_000), 100);
    for i in 0..10_000_u32 {
        keeper.admit(Ipv4Addr::from_bits(i).into(), false, now);
    }
    assert_eq!(at_once(&mut keeper, client(1), now, 1_000), 0);
}

#[test]
fn time_that_goes_backwards_neither_refills_nor_blocks() {
    let (mut keeper, start) = keeper_of(GateConfig { client_qps: 10, server_qps: 10, ..GateConfig::default() });
    let later = start + Duration::from_secs(100);
    assert_eq!(at_once(&mut keeper, client(1), later, 100), 1, "the server's burst");
    let (mut keeper, start) = keeper_of(GateConfig { client_qps: 10, ..GateConfig::default() });
    assert_eq!(at_once(&mut keeper, client(1), later, 100), 10);
    assert_eq!(at_once(&mut keeper, client(1), later - Duration::from_millis(900), 100), 0);
    assert_eq!(at_once(&mut keeper, client(1), later + Duration::from_millis(510), 100), 5);
    // A state from an impossible future is not believed, and before the gate's start it is its start.
    assert_eq!(at_once(&mut keeper, client(1), start - Duration::from_secs(5), 100), 10);
}

#[test]
fn threads_share_the_limits() {
    for config in [
        GateConfig { client_qps: 1, client_burst: 100_000, ..GateConfig::default() },
        GateConfig { server_qps: 1_000_000, ..GateConfig::default() },
    ] {
        let now = Instant::now();
        let gate = Arc::new(Gate::new(&config, now));
        let passed: usize = std::thread::scope(|scope| {
            let ask = || at_once(&mut Keeper::new(Arc::clone(&gate)), client(1), now, 80_000);
            let threads = [scope.spawn(ask), scope.spawn(ask), scope.spawn(ask)];
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        });
        assert_eq!(passed, 100_000, "{config:?}");
    }
}

#[test]
fn a_keeper_follows_to_a_new_gate() {
    let (mut keeper, now) = keeper_of(GateConfig { client_qps: 1, ..GateConfig::default() });
    assert_eq!(at_once(&mut keeper, client(1), now, 10), 1);
    let same = Arc::clone(&keeper.gate);
    keeper.follow(&same);
    assert_eq!(at_once(&mut keeper, client(1), now, 10), 0);
    keeper.follow(&Arc::new(Gate::new(&GateConfig::default(), now)));
    assert_eq!(at_once(&mut keeper, client(1), now, 10), 10);
}

#[test]
fn a_proven_address_has_no_limit_of_its_own_but_the_servers() {
    let (mut keeper, now) = keeper_of(GateConfig { client_qps: 1, ..GateConfig::default() });
    let passed = |keeper: &mut Keeper, proven| {
        (0..100).filter(|_| keeper.admit(client(1), proven, now) == Admission::Pass).count()
    };
    assert_eq!((passed(&mut keeper, true), passed(&mut keeper, false)), (100, 1));
    let (mut keeper, _) = keeper_of(GateConfig { client_qps: 1, server_qps: 100, ..GateConfig::default() });
    assert_eq!(passed(&mut keeper, true), 10);
}
