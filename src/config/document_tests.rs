use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::base::limits::ERRORS_SHOWN_MAX;
use crate::config::LogLevel;
use crate::zone::{AnyAnswer, MinimalResponses};

fn parse(text: &str) -> Result<Config, ConfigErrors> {
    Config::parse(text, Path::new("etc/gannet.toml"))
}

fn good(text: &str) -> Config {
    parse(text).unwrap_or_else(|errors| panic!("{errors}"))
}

/// Line and column of each mistake with its message, label and help: what a user sees, without the drawing.
fn mistakes(text: &str) -> Vec<String> {
    let errors = parse(text).expect_err("the configuration is wrong");
    let shown = |error: &ConfigError| {
        let place = errors.position(error).map_or("-".to_owned(), |(line, column)| format!("{line}:{column}"));
        let help = error.help.as_ref().map_or(String::new(), |help| format!(" ({help})"));
        let label = if error.label.is_empty() { String::new() } else { format!(": {}", error.label) };
        format!("{place} {}{label}{help}", error.message)
    };
    errors.errors().iter().map(shown).collect()
}

fn only_mistake(text: &str) -> String {
    let mut all = mistakes(text);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[test]
fn an_empty_file_is_the_defaults() {
    let config = good("");
    assert_eq!(config.server, Server::default());
    assert_eq!(config.server.listen, ["0.0.0.0:53", "[::]:53"].map(|addr| addr.parse().expect("an address")));
    assert_eq!((config.udp.payload_v6, config.tcp.idle_timeout), (1232, Duration::from_secs(30)));
    assert_eq!((config.limits.client_qps, config.limits.server_qps), (0, 0));
    assert_eq!((config.rrl.responses_per_second, config.rrl.slip, config.rrl.dry_run), (0, 2, false));
    assert!(config.zones.is_empty() && config.zone_directories.is_empty());
    assert_eq!((config.transfers.at_once, config.transfers.per_client), (64, 16));
}

#[test]
fn every_option_is_read() {
    let config = good(
        r#"
[server]
listen = ["127.0.0.1:5300", "::1", "[2001:db8::1]", "192.0.2.1"]
workers = 3
version = ""
identity = "ams1"
[udp]
payload-v4 = 1_400
[tcp]
idle-timeout = "1m30s"
message-timeout = "500ms"
connections = 0x100
connections-per-client = 7
[limits]
client-qps = 200
client-burst = 400
client-prefix-v4 = 24
client-prefix-v6 = 48
client-exempt = ["192.0.2.0/24", "2001:db8::1"]
slip = 1
server-qps = 1000000
[rrl]
responses-per-second = 20
denials-per-second = 100
errors-per-second = 10
prefix-v4 = 32
prefix-v6 = 48
slip = 1
exempt = ["192.0.2.0/24", "2001:db8::1"]
dry-run = true
[transfers]
at-once = 3
per-client = 1
time = "10m"
[cache]
packets = 16
answers = 0
[log]
level = "debug"
[[zone]]
name = "Example.com."
file = "example.com.zone"
[[zone]]
name = "."
file = "/zones/root"
allow-transfer = ["192.0.2.53", "2001:db8::/32"]
[[zone-directory]]
path = "zones"
allow-transfer = ["::/0"]
"#,
    );
    let listen = config.server.listen.iter().map(SocketAddr::to_string).collect::<Vec<_>>();
    assert_eq!(listen, ["127.0.0.1:5300", "[::1]:53", "[2001:db8::1]:53", "192.0.2.1:53"]);
    assert_eq!((config.server.workers, config.server.version.as_str()), (3, ""));
    assert_eq!((config.server.identity.as_str(), config.udp.payload_v4), ("ams1", 1400));
    assert_eq!(config.tcp.idle_timeout, Duration::from_secs(90));
    assert_eq!(config.tcp.message_timeout, Duration::from_millis(500));
    assert_eq!((config.tcp.connections, config.tcp.connections_per_client), (256, 7));
    let exempt = ["192.0.2.0/24", "2001:db8::1"].map(|prefix| prefix.parse().expect("a prefix"));
    assert_eq!(
        config.limits,
        Limits {
            client_qps: 200,
            client_burst: 400,
            client_prefix_v4: 24,
            client_prefix_v6: 48,
            client_exempt: exempt.to_vec(),
            slip: 1,
            server_qps: 1_000_000
        }
    );
    assert_eq!(
        config.rrl,
        Rrl {
            responses_per_second: 20,
            denials_per_second: 100,
            errors_per_second: 10,
            prefix_v4: 32,
            prefix_v6: 48,
            slip: 1,
            exempt: exempt.to_vec(),
            dry_run: true
        }
    );
    assert_eq!((config.cache.packets, config.cache.answers), (16, 0));
    assert_eq!(config.log.level, LogLevel::Debug);
    let zones =
        config.zones.iter().map(|zone| (zone.name.to_string(), zone.file.clone(), zone.line)).collect::<Vec<_>>();
    assert_eq!(
        zones,
        [
            ("example.com".to_owned(), "etc/example.com.zone".into(), Some(41)),
            (".".to_owned(), "/zones/root".into(), Some(44))
        ]
    );
    let prefixes = |texts: &[&str]| texts.iter().map(|text| text.parse().expect("a prefix")).collect::<Vec<_>>();
    assert_eq!(config.zones[0].allow_transfer, []);
    assert_eq!(config.zones[1].allow_transfer, prefixes(&["192.0.2.53", "2001:db8::/32"]));
    let directory =
        DirectoryEntry { path: "etc/zones".into(), allow_transfer: prefixes(&["::/0"]), choices: Choices::default() };
    assert_eq!(config.zone_directories, [directory]);
    assert_eq!((config.transfers.at_once, config.transfers.per_client), (3, 1));
    assert_eq!(config.transfers.time, Duration::from_secs(600));
}

#[test]
fn a_zone_is_answered_from_as_the_server_says_unless_it_says_otherwise() {
    let text = |answers: &str, zone: &str| {
        format!(
            "[answers]\n{answers}\n[[zone]]\nname = \"a\"\nfile = \"a\"\n{zone}\n[[zone-directory]]\npath = \"z\"\n{zone}\n"
        )
    };
    let choices = |answers: &str, zone: &str| {
        let mut config = good(&text(answers, zone));
        config.add_zone("b".parse().expect("a name"), "b".into()).expect("a new zone");
        assert_eq!(config.zones[0].choices, config.zone_directories[0].choices);
        assert_eq!(config.zones[1].choices, config.answers.choices());
        [config.zones[0].choices, config.zones[1].choices]
    };
    let default = Choices::default();
    assert_eq!(choices("", ""), [default; 2]);
    let (minimal, any) = (MinimalResponses::No, AnyAnswer::Full);
    let others = Choices { minimal, any, rotate_rrsets: true, cname_across_zones: false, negative_ttl_max: 900 };
    let all = "minimal-responses = \"no\"\nany = \"full\"\nrotate-rrsets = true\ncname-across-zones = false\nnegative-ttl-max = \"15m\"";
    assert_eq!(choices(all, ""), [others; 2]);
    assert_eq!(choices("", all), [others, default]);
    let defaults = "minimal-responses = \"no-auth\"\nany = \"minimal\"\nrotate-rrsets = false\ncname-across-zones = true\nnegative-ttl-max = \"\"";
    assert_eq!(choices(all, defaults), [default, others]);
    let errors = parse(&text("any = \"all\"", "any = true")).expect_err("no such words").to_string();
    assert!(errors.contains("`any` takes one of \"minimal\", \"refuse\", \"full\""), "{errors}");
    assert!(errors.contains("none of them") && errors.contains("a boolean, not a string"), "{errors}");
}

#[test]
fn prefixes_with_bad_bits_or_lengths_are_shown() {
    let text = "\
[[zone]]
name = \"example.com\"
file = \"f\"
allow-transfer = [\"192.0.2.1/24\", \"192.0.2.0/33\", \"2001:db8::1/64\", \"ns2\", \"192.0.2.1\"]
[[zone-directory]]
path = \"p\"
allow-transfer = \"::/0\"
";
    let takes = "`allow-transfer` takes an array of address prefixes, such as [\"192.0.2.0/24\", \"2001:db8::1\"]";
    assert_eq!(
        mistakes(text),
        [
            format!("4:19 {takes}: bits are set behind the prefix, which is 192.0.2.0/24"),
            format!("4:35 {takes}: not a prefix length from 0 to 32"),
            format!("4:51 {takes}: bits are set behind the prefix, which is 2001:db8::/64"),
            format!("4:69 {takes}: not an IP address, alone or with a prefix length"),
            format!("7:18 {takes}: a string, not an array (an array of one: [\"::/0\"])"),
        ]
    );
}

#[test]
fn a_misspelt_key_is_shown_with_its_line_and_a_suggestion() {
    let errors = parse("# tcp\n[tcp]\nidle-timout = \"30s\"\n").expect_err("a misspelt key");
    let expected = "\
error: unknown key `idle-timout` in [tcp]
 --> etc/gannet.toml:3:1
  |
3 | idle-timout = \"30s\"
  | ^^^^^^^^^^^
  |
  = help: did you mean `idle-timeout`?";
    assert_eq!(errors.to_string(), expected);
    assert!(errors.render(true).contains("\u{1b}["), "colours where they are wanted");
}

#[test]
fn all_mistakes_are_told_at_once_and_in_file_order() {
    let text = "\
[[zone]]
name = \"a..b\"
[tpc]
[cache]
answers = -1
entries = 3
[server]
listen = [\"127.0.0.1:53\", \"localhost\", 5]
workers = \"two\"
idle-timeout = \"3s\"
";
    assert_eq!(
        mistakes(text),
        [
            "1:1 [[zone]] without `file` (add `file = \"zones/example.com.zone\"`)",
            "2:8 `name` takes the name of a zone, such as \"example.com\": an empty label",
            "3:2 unknown section `tpc` (did you mean `[tcp]`?)",
            "5:11 `answers` takes an integer from 0 to 16777216: too small",
            "6:1 unknown key `entries` in [cache] (there are `packets`, `answers`)",
            "8:27 `listen` takes an array of addresses, such as [\"192.0.2.1\", \"[2001:db8::1]:53\"]: \
             not an IP address, alone or with a port",
            "8:40 `listen` takes an array of addresses, such as [\"192.0.2.1\", \"[2001:db8::1]:53\"]: \
             an integer, not a string",
            "9:11 `workers` takes an integer from 0 to 1024: a string, not an integer",
            "10:1 unknown key `idle-timeout` in [server] (it belongs below [tcp])",
        ]
    );
}

#[test]
fn other_habits_of_spelling_are_understood() {
    assert_eq!(
        only_mistake("[tcp]\nidle_timeout = 3"),
        "2:1 unknown key `idle_timeout` in [tcp] (did you mean `idle-timeout`?)"
    );
    assert_eq!(only_mistake("[SERVER]"), "1:2 unknown section `SERVER` (did you mean `[server]`?)");
}

#[test]
fn a_section_in_the_wrong_form_is_explained() {
    assert_eq!(
        only_mistake("[zone]\nname = \"a\"\nfile = \"b\""),
        "1:2 `zone` may come many times: write [[zone]] before each: single brackets make a section"
    );
    assert_eq!(only_mistake("[[tcp]]"), "1:3 `tcp` is a section: write [tcp]: it may come only once");
    assert_eq!(only_mistake("tcp = 3"), "1:1 `tcp` is a section: write [tcp]: not a section");
    assert_eq!(only_mistake("zone = [3]"), "1:9 `zone` may come many times: write [[zone]] before each: not a table");
    assert_eq!(only_mistake("workers = 3"), "1:1 `workers` is outside of any section (it belongs below [server])");
    assert_eq!(
        only_mistake("[zones]"),
        "1:2 unknown section `zones` (did you mean `[[zone]]`?)",
        "the suggestion has the brackets that are needed"
    );
}

#[test]
fn a_zone_or_directory_named_twice_shows_both_places() {
    let zone = |name: &str| format!("[[zone]]\nfile = \"f\"\nname = \"{name}\"\n");
    let text = zone("example.com") + &zone("example.net") + &zone("EXAMPLE.com.");
    let errors = parse(&text).expect_err("a duplicate");
    let expected = "\
error: a zone is named twice
 --> etc/gannet.toml:9:8
  |
9 | name = \"EXAMPLE.com.\"
  |        ^^^^^^^^^^^^^^ again
  |
 ::: etc/gannet.toml:3:8
  |
3 | name = \"example.com\"
  |        ------------- first";
    assert_eq!(errors.to_string(), expected);
    let text = "[[zone-directory]]\npath = \"a\"\n[[zone-directory]]\npath = \"a\"";
    assert_eq!(only_mistake(text), "4:8 a directory is named twice: again");
}

#[test]
fn broken_syntax_is_told_without_what_only_follows_from_it() {
    assert_eq!(mistakes("[server\nworkers = 1"), ["1:8 unclosed table, expected `]`"]);
    let text = "[tcp]\nconections = 3\n[cache]\nanswers = \n[[zone]]\nname = \"a\"\nfile = a.zone\n";
    let all = mistakes(text);
    assert_eq!(all[0], "2:1 unknown key `conections` in [tcp] (did you mean `connections`?)");
    assert!(all[1].starts_with("4:"), "{all:?}");
    assert!(all.iter().all(|mistake| !mistake.contains("without")), "{all:?}");
    let broken_key = only_mistake("[[zone]]\nname = \"a\"\nfile \"b\"\n");
    assert!(broken_key.starts_with("3:"), "not that `file` is missing: {broken_key}");
    assert_eq!(only_mistake("[tcp]\nconnections = 1\nconnections = 2"), "3:1 duplicate key");
    assert_eq!(only_mistake("[tcp]\n[log]\n[tcp]"), "3:2 duplicate key");
}

#[test]
fn a_long_list_of_mistakes_is_cut_and_counted() {
    let text = (0..25).map(|n| format!("key{n} = 0\n")).collect::<String>();
    let errors = parse(&text).expect_err("mistakes");
    assert_eq!((errors.errors().len(), errors.to_string().matches("error:").count()), (25, ERRORS_SHOWN_MAX));
    assert!(errors.to_string().ends_with("\n\n... and 5 more"));
}

#[test]
fn a_file_that_cannot_be_read_is_one_clear_line() {
    let errors = Config::load(Path::new("/nonexistent/gannet.toml")).expect_err("no such file");
    let expected = "\
error: cannot read /nonexistent/gannet.toml: No such file or directory (os error 2)
 |
 = help: `-c FILE` names another; with `--zone NAME=FILE` none is needed";
    assert_eq!(errors.to_string(), expected);
    let directory = Config::load(Path::new("/")).expect_err("a directory");
    assert!(directory.to_string().contains("cannot read /: Is a directory"), "{directory}");
    let endless = Config::load(Path::new("/dev/zero")).expect_err("no end");
    assert!(endless.to_string().contains("has more than 67108864 octets"), "{endless}");
}

#[test]
fn a_file_that_is_not_utf8_is_shown_at_the_octet() {
    let file = std::env::temp_dir().join(format!("gannet-config-{}.toml", std::process::id()));
    std::fs::write(&file, b"[log]\nlevel = \"\xe4\"\n").expect("a temporary file");
    let errors = Config::load(&file).expect_err("Latin-1");
    std::fs::remove_file(&file).expect("it was there");
    assert_eq!(errors.position(&errors.errors()[0]), Some((2, 10)));
}

#[test]
fn the_example_zones_have_a_configuration() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("zones/gannet.toml");
    let config = Config::load(&path).unwrap_or_else(|errors| panic!("{errors}"));
    let names = config.zones.iter().map(|zone| zone.name.to_string()).collect::<Vec<_>>();
    assert_eq!(names, ["example.com", "delegations.example", "types.example"]);
    assert!(config.zones.iter().all(|zone| zone.file == path.with_file_name(format!("{}.zone", zone.name))));
}

/// Pieces of configuration files, so that random texts get past the first token.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("[server]\n".to_owned()),
        Just("[[zone]]\n".to_owned()),
        Just("[[zone.x]]\n".to_owned()),
        Just("[zone]\n".to_owned()),
        Just("tcp.".to_owned()),
        Just("listen = ".to_owned()),
        Just("name = ".to_owned()),
        Just("idle-timeout = ".to_owned()),
        Just("[\"127.0.0.1\", ".to_owned()),
        Just("{ name = \"ä\" }".to_owned()),
        "[0-9smhd]{0,4}",
        "\"[a-z0-9.:/]{0,6}\"",
        "[\\[\\]{}=,.\"'#\n\r\\\\ äx-]{1,3}",
        Just("\n".to_owned()),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_a_configuration_or_errors_that_can_be_shown(text in prop_oneof![pieces(), any::<String>()]) {
        if let Err(errors) = parse(&text) {
            prop_assert!(!errors.render(false).is_empty() && !errors.render(true).is_empty());
            for error in errors.errors() {
                if let Some((line, column)) = errors.position(error) {
                    prop_assert!(line >= 1 && column >= 1);
                }
            }
        }
    }
}
