//! DMARC records (RFC 7489 section 6.3).

use super::finding::Remark;
use super::lint::Lint;
use super::survey::Survey;
use super::tags::{repeated, tags, value};
use super::texts::Text;

/// Whether text says that it is a DMARC record, in whatever case.
pub(super) fn is_record(text: &[u8]) -> bool {
    text.get(..8).is_some_and(|front| front.eq_ignore_ascii_case(b"v=dmarc1"))
}

/// Checks a text at `_dmarc`. Returns whether it is a record that receivers would read.
pub(super) fn check(text: Text<'_>, joined: &[u8], survey: &mut Survey<'_>) -> bool {
    let version = tags(joined).next();
    let is_read = version == Some((b"v", Some(b"DMARC1")));
    let wrong = match () {
        () if is_read => judge(joined),
        () if !looks_like(joined) => return false,
        () => Some("it must begin with `v=DMARC1;`, in these letters".to_owned()),
    };
    if let Some(wrong) = wrong {
        survey.report.add(Lint::DmarcSyntax, || {
            Remark::new(text.subject(), wrong).help("such as `v=DMARC1; p=none; rua=mailto:dmarc@example.com`")
        });
    }
    is_read
}

/// Whether a text at `_dmarc` is meant to be a record: others stand there too, to prove something to somebody.
fn looks_like(text: &[u8]) -> bool {
    let has_policy = value(text, b"p").is_some();
    has_policy || text.windows(5).any(|five| five.eq_ignore_ascii_case(b"dmarc"))
}

/// What is wrong with a record behind its version.
fn judge(text: &[u8]) -> Option<String> {
    if let Some(tag) = repeated(text) {
        return Some(format!("the tag `{}` is there twice", tag.escape_ascii()));
    }
    if value(text, b"p").is_none() {
        return Some("it has no `p` tag, so no policy".into());
    }
    tags(text).skip(1).find_map(|(tag, value)| {
        let Some(value) = value else {
            return Some(format!("`{}` is no `tag=value`", tag.escape_ascii()));
        };
        let expected = expected(tag, value)?;
        Some(format!("`{}={}`: expected {expected}", tag.escape_ascii(), value.escape_ascii()))
    })
}

/// What a tag takes, where its value is none of that.
fn expected(tag: &[u8], value: &[u8]) -> Option<&'static str> {
    let is = |words: &[&str]| words.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()));
    let number = || std::str::from_utf8(value).ok()?.parse::<u32>().ok();
    let (is_good, expected) = match tag {
        b"p" | b"sp" | b"np" => (is(&["none", "quarantine", "reject"]), "none, quarantine or reject"),
        b"adkim" | b"aspf" => (is(&["r", "s"]), "r or s"),
        b"pct" => (number().is_some_and(|percent| percent <= 100), "a number from 0 to 100"),
        b"ri" => (number().is_some(), "a number of seconds"),
        b"rua" | b"ruf" => (value.split(|&octet| octet == b',').all(is_uri), "URIs such as mailto:dmarc@example.com"),
        b"fo" => {
            let is_option = |option: &[u8]| matches!(option.trim_ascii(), [b'0' | b'1' | b'd' | b's' | b'D' | b'S']);
            (value.split(|&octet| octet == b':').all(is_option), "0, 1, d, s, or several with colons")
        }
        b"psd" => (is(&["y", "n", "u"]), "y, n or u"),
        b"t" => (is(&["y", "n"]), "y or n"),
        _ => return None,
    };
    (!is_good).then_some(expected)
}

/// Whether this is a URI that reports can be sent to; of mail it must be a mailbox.
fn is_uri(uri: &[u8]) -> bool {
    let uri = uri.trim_ascii();
    let Some(colon) = uri.iter().position(|&octet| octet == b':') else { return false };
    let (scheme, rest) = (&uri[..colon], &uri[colon + 1..]);
    let is_scheme = scheme.first().is_some_and(u8::is_ascii_alphabetic) && scheme.iter().all(u8::is_ascii_alphanumeric);
    let is_mail = scheme.eq_ignore_ascii_case(b"mailto");
    is_scheme
        && rest.iter().all(u8::is_ascii_graphic)
        && (!is_mail || rest.iter().filter(|&&octet| octet == b'@').count() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_judged_tag_by_tag() {
        for good in [
            "v=DMARC1; p=none",
            "v=DMARC1;p=reject;",
            "v=DMARC1; p=quarantine; sp=none; pct=50; adkim=s; aspf=r; fo=1:d:s; ri=86400; rf=afrf",
            "v=DMARC1; p=none; rua=mailto:a@example.com!10m, mailto:b@example.com; ruf=https://example.com/x; unknown=1",
        ] {
            assert_eq!(judge(good.as_bytes()), None, "{good}");
        }
        for bad in [
            "v=DMARC1",
            "v=DMARC1; p=",
            "v=DMARC1; p=nothing",
            "v=DMARC1; p=none, rua=mailto:a@example.com",
            "v=DMARC1; p=none; p=reject",
            "v=DMARC1; p=none; rua=a@example.com",
            "v=DMARC1; p=none; rua=mailto:example.com",
            "v=DMARC1; p=none; pct=101",
            "v=DMARC1; p=none rua=mailto:a@example.com",
            "v=DMARC1; p=none; adkim=strict",
            "v=DMARC1; p=none; fo=2",
            "v=DMARC1; p=none; quarantine",
        ] {
            assert!(judge(bad.as_bytes()).is_some(), "{bad}");
        }
        assert!(
            looks_like(b"v=DMARC 1; p=none") && looks_like(b"p=none") && !looks_like(b"google-site-verification=x")
        );
    }
}
