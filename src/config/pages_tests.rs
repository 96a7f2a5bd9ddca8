use std::fs;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use super::*;
use crate::config::{CheckzoneArgs, Config, GannetdArgs, checkzone_sections};

/// Compares a generated file with the committed one; `GANNET_BLESS=1 cargo test --lib config::pages` writes it anew.
fn assert_committed(path: &str, generated: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("GANNET_BLESS").is_some() {
        fs::create_dir_all(file.parent().expect("a directory")).expect("its directory can be made");
        fs::write(&file, generated).expect("the file can be written");
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == generated,
        "{path} is not what the table gives: run GANNET_BLESS=1 cargo test --lib config::pages"
    );
}

#[test]
fn the_sample_file_is_committed_and_gives_the_defaults() {
    assert_committed("packaging/gannet.toml", &sample_file());
    let config = Config::parse(&sample_file(), Path::new("gannet.toml")).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(config, Config::default());
}

/// What the sample shows in comments is right too: every line that looks like a setting is one.
#[test]
fn the_sample_file_with_every_option_taken_in_is_a_configuration() {
    let is_setting = |line: &str| {
        let key = line.split(" = ").next().filter(|key| line.len() > key.len());
        line.starts_with('[') || key.is_some_and(|key| SECTIONS.iter().any(|s| s.rows.iter().any(|row| row.key == key)))
    };
    let taken_in = |line: &str| match line.strip_prefix("# ") {
        Some(setting) if is_setting(setting) => format!("{setting}\n"),
        _ => format!("{line}\n"),
    };
    let text = sample_file().lines().map(taken_in).collect::<String>();
    let config = Config::parse(&text, Path::new("gannet.toml")).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!((config.zones.len(), config.zone_directories.len()), (1, 1));
    assert_eq!(Config { zones: Vec::new(), zone_directories: Vec::new(), ..config }, Config::default());
    assert_eq!(text.matches(" = ").count() - 2, SECTIONS.iter().map(|section| section.rows.len()).sum::<usize>());
}

#[test]
fn every_example_is_a_value_of_its_row() {
    for section in &SECTIONS {
        let rows = section.rows.iter().map(|row| format!("{} = {}\n", row.key, row.example)).collect::<String>();
        let text = format!("{}\n{rows}", section.header());
        Config::parse(&text, Path::new("gannet.toml")).unwrap_or_else(|errors| panic!("{errors}"));
    }
}

#[test]
fn the_pages_about_the_file_are_committed() {
    assert_committed("packaging/man/gannet.toml.5", &manual_page());
    assert_committed("packaging/doc/gannet.toml.md", &markdown());
}

const GANNETD_SECTIONS: &str = "\
.SH SIGNALS
.TP
SIGHUP
Reads the configuration again, and the zones whose files have changed. What is broken leaves its old version serving.
.TP
SIGUSR1
Logs all counters that are not 0, a line each, if the level of the log is info or more.
.TP
SIGTERM, SIGINT
Answers what has come in and stops.
.SH EXIT STATUS
.TP
0
Stopped cleanly, or the configuration is fine.
.TP
1
Failed at run time: a port is in use, or may not be bound. With \\-\\-check: a zone would not be served.
.TP
2
Bad usage or configuration.
.SH FILES
.TP
/etc/gannet/gannet.toml
The configuration, unless \\-c names another.
.TP
/var/lib/gannet
The place for zone files and for what the server keeps.
.SH SEE ALSO
.BR gannet.toml (5),
.BR gannet\\-checkzone (1)
";

#[test]
fn the_pages_about_the_commands_are_committed() {
    assert_committed("packaging/man/gannetd.8", &command_page(GannetdArgs::command(), "8", GANNETD_SECTIONS));
    assert_committed(
        "packaging/man/gannet-checkzone.1",
        &command_page(CheckzoneArgs::command(), "1", &checkzone_sections()),
    );
}

#[test]
fn the_completions_are_committed() {
    for mut command in [GannetdArgs::command(), CheckzoneArgs::command()] {
        let name = command.get_name().to_owned();
        for (shell, file) in [
            (Shell::Bash, format!("{name}.bash")),
            (Shell::Fish, format!("{name}.fish")),
            (Shell::Zsh, format!("_{name}")),
        ] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, &name, &mut script);
            let script = String::from_utf8(script).expect("a script is text");
            assert_committed(&format!("packaging/completions/{file}"), &script);
        }
    }
}

fn command_page(command: clap::Command, section: &str, more: &str) -> String {
    // Without a version in it the page does not change with each release.
    let man = Man::new(command).section(section).source("Gannet").manual("Gannet");
    let mut page = Vec::new();
    for render in [
        Man::render_title,
        Man::render_name_section,
        Man::render_synopsis_section,
        Man::render_description_section,
        Man::render_options_section,
    ] {
        render(&man, &mut page).expect("memory takes all that is written");
    }
    String::from_utf8(page).expect("a page is text") + more
}

#[test]
fn roff_escapes_what_roff_would_read() {
    assert_eq!(roff(r"`a-b` \047 .x"), r"\fBa\-b\fR \e047 .x");
    assert_eq!(roff(".x 'y"), r"\&.x 'y");
}
