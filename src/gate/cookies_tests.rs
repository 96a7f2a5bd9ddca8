use std::time::Duration;

use super::*;

fn octets(hex: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(hex.as_bytes()).expect("hexadecimal digits")
}

/// Cookies of these secrets with the clock at `seconds`, and the moment of that.
fn cookies(secrets: &str, seconds: u32) -> (Cookies, Instant) {
    let now = Instant::now();
    let secrets = CookieSecret::list(secrets).expect("secrets");
    (Cookies::new(&secrets, false, now, seconds).expect("a secret"), now)
}

/// What a cookie of the wire gets: its state, and the cookie of the reply in hexadecimal digits.
fn judged(secrets: &str, seconds: u32, client: &str, cookie: &str) -> (CookieState, String) {
    let (cookies, now) = cookies(secrets, seconds);
    let cookie = octets(cookie);
    let (half, server) = cookie.split_first_chunk().expect("a client cookie");
    let (state, server) = cookies.judge(Cookie { client: *half, server }, client.parse().expect("an address"), now);
    (state, data_encoding::HEXLOWER.encode(&[&half[..], &server].concat()))
}

const SECRET: &str = "e5e973e5a6b2a43f48e7dc849e37bfcf";
const CLIENT: &str = "198.51.100.100";
const HALF: &str = "2464c4abcf10c957";
const FIRST: &str = "2464c4abcf10c957010000005cf79f111f8130c3eee29480";
const MADE: u32 = 1_559_731_985;

/// RFC 9018 appendix A.1: learning a new server cookie.
#[test]
fn the_first_vector_of_the_rfc() {
    assert_eq!(judged(SECRET, MADE, CLIENT, HALF), (CookieState::ClientOnly, FIRST.to_owned()));
}

/// RFC 9018 appendix A.2: 40 minutes later the same client gets a new one.
#[test]
fn the_second_vector_of_the_rfc() {
    let renewed = "2464c4abcf10c957010000005cf7a871d4a564a1442aca77";
    assert_eq!(judged(SECRET, 1_559_734_385, CLIENT, FIRST), (CookieState::Valid, renewed.to_owned()));
}

/// RFC 9018 appendix A.3: a cookie of another server, whose reserved octets are not 0, counts with them. When it comes it is
/// 112 minutes old; an hour after it was made it is good.
#[test]
fn the_third_vector_of_the_rfc() {
    let (client, sent) = ("203.0.113.203", "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5");
    let renewed = "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e";
    assert_eq!(judged(SECRET, 1_559_734_700, client, sent), (CookieState::Bad, renewed.to_owned()));
    let (state, other) = judged(SECRET, 0x5cf7_8f71, client, sent);
    assert_eq!(state, CookieState::Valid);
    assert_eq!(other[16..24], *"01000000", "a server's own reserved octets are 0");
}

/// RFC 9018 appendix A.4: an IPv6 client, and a secret that was rolled over.
#[test]
fn the_fourth_vector_of_the_rfc() {
    let secrets = "445536bcd2513298075a5d379663c962\ndd3bdf9344b678b185a6f5cb60fca715\n";
    let (client, sent) = ("2001:db8:220:1:59de:d0f4:8769:82b8", "22681ab97d52c298010000005cf7c57926556bd0934c72f8");
    let renewed = "22681ab97d52c298010000005cf7c609a6bb79d16625507a";
    assert_eq!(judged(secrets, 1_559_741_961, client, sent), (CookieState::Valid, renewed.to_owned()));
    let new_alone = secrets.lines().next().expect("a line");
    assert_eq!(judged(new_alone, 1_559_741_961, client, sent), (CookieState::Bad, renewed.to_owned()));
}

#[test]
fn a_cookie_is_good_for_an_hour_and_from_five_minutes_before() {
    for (after, state, same) in [
        (0_i64, CookieState::Valid, true),
        (1_799, CookieState::Valid, true),
        (1_800, CookieState::Valid, false),
        (3_600, CookieState::Valid, false),
        (3_601, CookieState::Bad, false),
        (-300, CookieState::Valid, true),
        (-301, CookieState::Bad, false),
        (i64::from(i32::MAX), CookieState::Bad, false),
        (i64::from(i32::MIN), CookieState::Bad, false),
    ] {
        let (judged, reply) = judged(SECRET, (i64::from(MADE) + after) as u32, CLIENT, FIRST);
        assert_eq!((judged, reply == FIRST), (state, same), "{after} s");
    }
}

#[test]
fn time_wraps_and_goes_on_by_itself() {
    let (cookies, now) = cookies(SECRET, u32::MAX - 10);
    let (client, half) = (CLIENT.parse().expect("an address"), *b"12345678");
    let (_, server) = cookies.judge(Cookie { client: half, server: b"" }, client, now);
    let state_after = |cookies: &Cookies, seconds| {
        cookies.judge(Cookie { client: half, server: &server }, client, now + Duration::from_secs(seconds)).0
    };
    assert_eq!((state_after(&cookies, 3_600), state_after(&cookies, 3_601)), (CookieState::Valid, CookieState::Bad));
    // Wound to a clock that was put an hour ahead.
    let ahead = cookies.wind(now, (u32::MAX - 10).wrapping_add(3_600));
    assert_eq!((state_after(&ahead, 0), state_after(&ahead, 1)), (CookieState::Valid, CookieState::Bad));
}

#[test]
fn what_was_changed_is_bad() {
    for at in 0..24 {
        let mut cookie = octets(FIRST);
        cookie[at] ^= 1;
        let (state, _) = judged(SECRET, MADE, CLIENT, &data_encoding::HEXLOWER.encode(&cookie));
        assert_eq!(state, CookieState::Bad, "octet {at}");
    }
    for (client, cookie) in
        [("198.51.100.101", FIRST), ("::ffff:198.51.100.100", FIRST), (CLIENT, &FIRST[..46]), (CLIENT, &FIRST[..32])]
    {
        assert_eq!(judged(SECRET, MADE, client, cookie).0, CookieState::Bad, "{client} {cookie}");
    }
    assert_eq!(judged(SECRET, MADE, CLIENT, &format!("{FIRST}00")).0, CookieState::Bad);
}

#[test]
fn lists_of_secrets() {
    let two = format!("# of the fleet\n\n  {}\r\n{}", SECRET.to_uppercase(), "0".repeat(32));
    assert_eq!(CookieSecret::list(&two).map(|secrets| secrets.len()), Ok(2));
    for (text, error) in [
        (String::new(), SecretsError::Empty),
        ("# none\n".to_owned(), SecretsError::Empty),
        (format!("{SECRET}\n{}", &SECRET[1..]), SecretsError::Line(2)),
        (format!("{SECRET}{SECRET}"), SecretsError::Line(1)),
        ("x".repeat(32), SecretsError::Line(1)),
        (format!("{SECRET}\n").repeat(COOKIE_SECRETS_MAX + 1), SecretsError::TooMany),
    ] {
        assert_eq!(CookieSecret::list(&text), Err(error), "{text:?}");
    }
    assert_eq!(format!("{:?}", CookieSecret([7; 16])), "CookieSecret");
    assert!(Cookies::new(&[], false, Instant::now(), 0).is_none());
}
