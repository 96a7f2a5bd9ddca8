//! What the bench is told to do.

const HELP: &str = "\
Reads zone files and checks them with every checker that is installed.

cargo bench --bench zonefile -- [OPTION]...

  --names N          delegations of the largest generated zone (1000000); the signed one has a tenth
  --rounds N         rounds, interleaved, of which medians are shown (5)
  --zone NAME=FILE   another zone; may be given again, and then nothing is generated
  --check-only       only the checkers, on zones that are given
  --help             this text
";

/// What the bench is told to do.
pub(crate) struct Options {
    pub(crate) names: usize,
    pub(crate) rounds: usize,
    pub(crate) check_only: bool,
    /// Zones that are there already: name and file.
    pub(crate) given: Vec<(String, String)>,
}

impl Options {
    /// Reads the arguments; none where help was asked for, and given.
    pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self { names: 1_000_000, rounds: 5, check_only: false, given: Vec::new() };
        let mut is_measured = false;
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument}: a value is missing"));
            let number = |text: String| text.parse().map_err(|_| format!("{argument}: {text} is no number"));
            match argument.as_str() {
                "--names" => options.names = number(value()?)?,
                "--rounds" => options.rounds = number(value()?)?,
                "--zone" => {
                    let text = value()?;
                    let (name, file) = text.split_once('=').ok_or(format!("--zone {text}: expected NAME=FILE"))?;
                    options.given.push((name.to_owned(), file.to_owned()));
                }
                "--check-only" => options.check_only = true,
                "--help" => {
                    print!("{HELP}");
                    return Ok(None);
                }
                "--bench" => is_measured = true,
                other => return Err(format!("unknown argument {other}")),
            }
        }
        if !is_measured {
            (options.names, options.rounds) = (options.names.min(1_000), 1);
        }
        Ok(Some(options))
    }
}
