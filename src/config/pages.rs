//! Writes the rows out for people: the sample file, the man page gannet.toml(5), and the same as markdown.
//!
//! Does not know the options. The files in `packaging/` are what this gives; a test tells when they differ.

use super::options::SECTIONS;
use super::schema::{Row, RowDefault};

/// A configuration file with every option at its default and explained; it serves no zone.
///
/// Options are commented out, so that what is in force is what somebody chose, and the rest follows the defaults of the
/// version that runs.
pub fn sample_file() -> String {
    let mut text = "\
# The configuration of gannetd: gannet.toml(5) explains it, `gannetd --check` checks it.
#
# Every option is shown with its default. Without a zone the server refuses every query; to serve one, add at the end:
#
#   [[zone]]
#   name = \"example.com\"
#   file = \"/var/lib/gannet/example.com.zone\"
#
# and run `systemctl reload gannetd`.
"
    .to_owned();
    for section in &SECTIONS {
        text.push('\n');
        comment(&mut text, section.doc);
        // An entry stays a comment as a whole: it has no defaults.
        let mark = if section.repeated { "# " } else { "" };
        text += &format!("{mark}{}\n", section.header());
        for row in section.rows {
            text.push('\n');
            comment(&mut text, row.doc);
            let value = match row.default {
                RowDefault::Value(default) => default(),
                RowDefault::Required | RowDefault::Inherited(_) => row.example.to_owned(),
            };
            text += &format!("# {} = {value}\n", row.key);
        }
    }
    text
}

fn comment(text: &mut String, doc: &[&str]) {
    for line in doc {
        *text += &format!("# {}\n", line.trim());
    }
}

/// The man page gannet.toml(5), as roff.
pub fn manual_page() -> String {
    let mut page = "\
.\\\" Made from the table of options in src/config/options.rs.
.TH gannet.toml 5 \"\" Gannet \"File formats\"
.SH NAME
gannet.toml \\- the configuration of gannetd
.SH DESCRIPTION
A TOML file (https://toml.io) of the sections below, each of which may be left out, as may every option that has a
default. \\fBgannetd\\fR(8) reads \\fI/etc/gannet/gannet.toml\\fR unless it is told otherwise, at its start and whenever it is
reloaded. Unknown sections and keys, values of the wrong kind and values out of their bounds are errors: all of them are
shown, each with its line, and nothing is served from such a file. \\fBgannetd \\-\\-check\\fR checks without serving.
"
    .to_owned();
    for section in &SECTIONS {
        page += &format!(".SH {}\n{}\n", roff(&section.header()), roff(&paragraph(section.doc)));
        for row in section.rows {
            page += &format!(
                ".TP\n\\fB{}\\fR\n{}\n.br\nTakes {}.\n",
                roff(row.key),
                roff(&paragraph(row.doc)),
                roff(&(row.expects)())
            );
            page += &match row.default {
                RowDefault::Value(default) => format!(".br\nDefault: {}\n", roff(&default())),
                RowDefault::Inherited(section) => format!(".br\nDefault: as in {}\n", roff(&format!("`[{section}]`"))),
                RowDefault::Required => ".br\nMust be given.\n".to_owned(),
            };
            page += &format!(".br\nExample: {} = {}\n", roff(row.key), roff(row.example));
        }
    }
    page += "\
.SH EXAMPLE
.nf
[server]
listen = [\"192.0.2.1\", \"2001:db8::1\"]

[[zone]]
name = \"example.com\"
file = \"/var/lib/gannet/example.com.zone\"

[[zone\\-directory]]
path = \"/var/lib/gannet/zones\"
.fi
.SH SEE ALSO
.BR gannetd (8),
.BR gannet\\-checkzone (1)
";
    page
}

/// The options as markdown: a heading for each section and a table of its options.
pub fn markdown() -> String {
    let mut text = "<!-- Made from the table of options in src/config/options.rs. -->\n\n# gannet.toml\n".to_owned();
    for section in &SECTIONS {
        text += &format!("\n## `{}`\n\n{}\n\n", section.header(), paragraph(section.doc));
        text += "| key | takes | default | example | |\n|---|---|---|---|---|\n";
        for row in section.rows {
            text += &markdown_row(row);
        }
    }
    text
}

fn markdown_row(row: &Row) -> String {
    let default = match row.default {
        RowDefault::Value(default) => format!("`{}`", default()),
        RowDefault::Inherited(section) => format!("as in `[{section}]`"),
        RowDefault::Required => "must be given".to_owned(),
    };
    format!("| `{}` | {} | {default} | `{}` | {} |\n", row.key, (row.expects)(), row.example, paragraph(row.doc))
}

/// The lines of a doc comment as one.
fn paragraph(doc: &[&str]) -> String {
    doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// `text` for a roff page: escaped, and what is between backticks in bold.
pub(super) fn roff(text: &str) -> String {
    let (mut page, mut bold) = (String::new(), false);
    for c in text.chars() {
        match c {
            '`' => {
                bold = !bold;
                page += if bold { "\\fB" } else { "\\fR" };
            }
            '\\' => page += "\\e",
            '-' => page += "\\-",
            // In the first column these would be requests.
            '.' | '\'' if page.is_empty() => page.extend(["\\&", c.encode_utf8(&mut [0; 4])]),
            _ => page.push(c),
        }
    }
    page
}

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;
