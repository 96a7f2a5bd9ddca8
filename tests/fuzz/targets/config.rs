//! Configuration files of any octets.
//!
//! Promises: there is a configuration, or a list of mistakes that can all be shown.

use std::path::Path;

use gannet::config::{Config, sample_file};

use crate::{Target, samples};

pub const TARGET: Target = Target { name: "config", run, seeds, words, octets_max: 2048 };

fn run(octets: &[u8]) {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    match Config::parse(text, Path::new("folder/gannet.toml")) {
        Ok(config) => assert_eq!(config, config.clone()),
        Err(errors) => {
            assert!(!errors.errors().is_empty());
            for error in errors.errors() {
                let place = errors.position(error);
                assert!(place.is_none_or(|(line, column)| line > 0 && column > 0), "{place:?}");
            }
            assert!(errors.render(true).len() >= errors.render(false).len());
        }
    }
}

/// The sample file with all of its options switched on, in parts, and the configuration of the sample zones.
fn seeds() -> Vec<Vec<u8>> {
    let sample = sample_file();
    let switch_on = |line: &str| match line.strip_prefix("# ") {
        Some(option) if option.contains(" = ") || option.starts_with('[') => format!("{option}\n"),
        _ => format!("{line}\n"),
    };
    let on: String = sample.lines().map(switch_on).collect();
    let parts = on.split("\n\n").chain(sample.split("\n\n")).map(|part| part.as_bytes().to_vec());
    parts.chain([samples::file("zones/gannet.toml")]).collect()
}

fn words() -> Vec<Vec<u8>> {
    let sample = sample_file();
    let plain = |text: &str| text.trim_matches(|sign: char| !sign.is_ascii_alphanumeric() && sign != '[').to_owned();
    let mut words: Vec<String> = sample.split_whitespace().map(plain).filter(|word| word.len() > 2).collect();
    words.extend(
        ["[[zone]]\n", "\"\"\"", "'''", "= [", "]\n", "\\u00e9", "é", "1e9", "0x7f", "\"[::1]:53\""].map(Into::into),
    );
    words.sort();
    words.dedup();
    words.into_iter().map(String::into_bytes).collect()
}
