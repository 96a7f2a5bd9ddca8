use clap::CommandFactory;

use super::*;

fn gannetd(args: &[&str]) -> Result<GannetdArgs, String> {
    GannetdArgs::try_parse_from(std::iter::once(&"gannetd").chain(args)).map_err(|error| error.to_string())
}

#[test]
fn the_command_line_is_sound() {
    GannetdArgs::command().debug_assert();
}

#[test]
fn with_zones_no_file_is_read() {
    let args =
        gannetd(&["--zone", "example.com=a=b.zone", "--listen", "127.0.0.1:5300", "--listen", "::1"]).expect("fine");
    assert_eq!(args.config_file(), None);
    let config = args.load().expect("no file is needed");
    assert_eq!(
        (config.zones[0].name.to_string(), config.zones[0].file.clone()),
        ("example.com".into(), "a=b.zone".into())
    );
    let listen = config.server.listen.iter().map(SocketAddr::to_string).collect::<Vec<_>>();
    assert_eq!(listen, ["127.0.0.1:5300", "[::1]:53"]);
}

#[test]
fn without_anything_the_packaged_file_is_read() {
    assert_eq!(gannetd(&[]).expect("fine").config_file(), Some(Path::new(DEFAULT_FILE)));
    let args = gannetd(&["--zone", "a=b", "-c", "x.toml"]).expect("fine");
    assert_eq!(args.config_file(), Some(Path::new("x.toml")));
}

#[test]
fn the_command_line_goes_over_the_file() {
    let file = std::env::temp_dir().join(format!("gannet-cli-{}.toml", std::process::id()));
    let text = "[server]\nlisten = [\"192.0.2.1\"]\nworkers = 2\n[[zone]]\nname = \"a\"\nfile = \"a.zone\"\n";
    std::fs::write(&file, text).expect("a temporary file");
    let path = file.to_str().expect("UTF-8");
    let load = |more: &[&str]| gannetd(&[&["-c", path], more].concat()).expect("fine").load();
    let plain = load(&[]).expect("fine");
    let over = load(&["--listen", "127.0.0.1", "--zone", "b=b.zone", "--log-level", "trace"]).expect("fine");
    let twice = load(&["--zone", "A.=b.zone", "--zone", "c=d", "--zone", "c=e", "--listen", "::1", "--listen", "::1"]);
    std::fs::remove_file(&file).expect("it was there");

    assert_eq!(plain.server.listen, ["192.0.2.1:53".parse().expect("an address")]);
    assert_eq!(over.server.listen, ["127.0.0.1:53".parse().expect("an address")]);
    assert_eq!((over.server.workers, over.zones.len(), over.log.level), (2, 2, LogLevel::Trace));
    let expected = "\
error: `--listen [::1]:53`: named twice

error: `--zone a=...`: the zone is already named in line 5 of the file

error: `--zone c=...`: the zone is already named on the command line";
    assert_eq!(twice.expect_err("duplicates").to_string(), expected);
}

#[test]
fn a_bad_argument_says_what_it_takes() {
    for (args, why) in [
        (["--zone", "example.com"], "it is written NAME=FILE"),
        (["--zone", "example.com="], "the file is missing"),
        (["--zone", "a..b=c"], "an empty label"),
        (["--listen", "53"], "an address is missing"),
        (["--log-level", "loud"], "error, warn, info, debug, trace"),
    ] {
        let error = gannetd(&args).expect_err("a bad argument");
        assert!(error.contains(why), "{error}");
    }
}
