//! DKIM key records (RFC 6376 section 3.6.1): their tags, and whether their keys are whole.

use data_encoding::BASE64;

use super::finding::Remark;
use super::lint::Lint;
use super::survey::Survey;
use super::tags::{repeated, tags, value};
use super::texts::Text;

/// Bits that an RSA key has at least: verifiers refuse shorter ones (RFC 8301 section 3.2).
const RSA_BITS_MIN: usize = 1024;

/// Octets of an Ed25519 key (RFC 8463 section 4.2).
const ED25519_OCTETS: usize = 32;

/// Checks a text below `_domainkey`. Returns whether it is a key record.
pub(super) fn check(text: Text<'_>, joined: &[u8], survey: &mut Survey<'_>) -> bool {
    if let Some(wrong) = judge(joined) {
        survey.report.add(Lint::DkimSyntax, || {
            Remark::new(text.subject(), wrong).help("such as `v=DKIM1; k=rsa; p=...`, the key in base64")
        });
        return false;
    }
    let is_rsa = value(joined, b"k").is_none_or(|kind| kind == b"rsa");
    let key = value(joined, b"p").unwrap_or_default();
    // An empty key is one that was taken back.
    if key.is_empty() {
        return true;
    }
    // Space may stand anywhere in it.
    let mut key: Vec<u8> = key.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
    while key.last() == Some(&b'=') {
        key.pop();
    }
    key.resize(key.len().next_multiple_of(4), b'=');
    let octets = BASE64.decode(&key).ok();
    let wrong = match octets {
        None => Some("the key is not base64: something is missing or came in between".to_owned()),
        Some(octets) if is_rsa => rsa(&octets),
        Some(octets) if octets.len() != ED25519_OCTETS => {
            Some(format!("the key has {} octets, of Ed25519 it has {ED25519_OCTETS}", octets.len()))
        }
        Some(_) => None,
    };
    if let Some(wrong) = wrong {
        survey.report.add(Lint::DkimKey, || {
            Remark::new(text.subject(), wrong)
                .note("a string has at most 255 octets: longer keys take several strings in one record")
                .help("copy the whole key once more, or make a new one of 2048 bits")
        });
    }
    true
}

/// What is wrong with the tags.
fn judge(text: &[u8]) -> Option<String> {
    if let Some(at) = tags(text).position(|tag| tag.0.eq_ignore_ascii_case(b"v")) {
        let (tag, version) = tags(text).nth(at)?;
        if (tag, version) != (b"v", Some(b"DKIM1")) {
            return Some("the version must be `v=DKIM1`, in these letters".into());
        }
        if at > 0 {
            return Some("`v=DKIM1` must be the first tag".into());
        }
    }
    if let Some((tag, _)) = tags(text).find(|tag| tag.1.is_none()) {
        return Some(format!("`{}` is no `tag=value`", shown(tag)));
    }
    if let Some(tag) = repeated(text) {
        return Some(format!("the tag `{}` is there twice", shown(tag)));
    }
    if let Some(kind) = value(text, b"k").filter(|kind| !matches!(*kind, b"rsa" | b"ed25519")) {
        return Some(format!("`k={}`: expected rsa or ed25519", shown(kind)));
    }
    let key = value(text, b"p");
    let key = match key {
        None => return Some("it has no `p` tag, so no key".into()),
        Some(key) => key,
    };
    let is_foreign = |octet: &u8| !octet.is_ascii_alphanumeric() && !b"+/= \t\r\n".contains(octet);
    key.iter().copied().find(is_foreign).map(|octet| format!("the key has `{}`: it is not base64", shown(&[octet])))
}

/// The beginning of what somebody wrote, for a message.
fn shown(octets: &[u8]) -> String {
    octets[..octets.len().min(40)].escape_ascii().to_string()
}

/// What is wrong with an RSA key in DER: a SubjectPublicKeyInfo, or an RSAPublicKey as RFC 6376 has it.
fn rsa(octets: &[u8]) -> Option<String> {
    const SEQUENCE: u8 = 0x30;
    const INTEGER: u8 = 0x02;
    const BIT_STRING: u8 = 0x03;
    let whole = Der::first(octets);
    let Some(whole) = whole.filter(|whole| whole.kind == SEQUENCE) else {
        return Some("the key is no RSA key in DER: its beginning is missing".into());
    };
    if whole.length != whole.there.len() || !whole.rest.is_empty() {
        let (length, there) = (whole.length, whole.there.len() + whole.rest.len());
        return Some(format!("the key is cut off or has too much: it has {there} octets and says {length}"));
    }
    let mut key = whole.there;
    if let Some(algorithm) = Der::first(key).filter(|first| first.kind == SEQUENCE) {
        let bits = Der::first(algorithm.rest).filter(|bits| bits.kind == BIT_STRING && bits.there.first() == Some(&0));
        key = Der::first(&bits?.there[1..]).filter(|inner| inner.kind == SEQUENCE)?.there;
    }
    let modulus = Der::first(key).filter(|modulus| modulus.kind == INTEGER)?.there;
    let zeros = modulus.iter().take_while(|&&octet| octet == 0).count();
    let modulus = &modulus[zeros..];
    let bits = modulus.len() * 8 - modulus.first().map_or(0, |octet| octet.leading_zeros() as usize);
    (bits < RSA_BITS_MIN).then(|| format!("the key has {bits} bits: verifiers refuse less than {RSA_BITS_MIN}"))
}

/// One element of DER.
struct Der<'d> {
    kind: u8,
    /// How many octets it says that it has.
    length: usize,
    /// Those that are there.
    there: &'d [u8],
    /// What follows it.
    rest: &'d [u8],
}

impl<'d> Der<'d> {
    fn first(octets: &'d [u8]) -> Option<Self> {
        let (&[kind, first], mut rest) = octets.split_first_chunk()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            let (digits, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
            if digits.len() > 2 {
                return None;
            }
            length = digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit));
            rest = after;
        }
        let (there, rest) = rest.split_at(length.min(rest.len()));
        Some(Self { kind, length, there, rest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_whole_or_told() {
        let integer =
            |octets: usize| [&[0x02, 0x82, (octets >> 8) as u8, octets as u8], &vec![0x81; octets][..]].concat();
        let sequence = |inner: &[u8]| [&[0x30, 0x82, (inner.len() >> 8) as u8, inner.len() as u8], inner].concat();
        let key = |octets| sequence(&[integer(octets), vec![2, 1, 3]].concat());
        let info = |key: &[u8]| {
            let bits = [&[0x03, 0x82, ((key.len() + 1) >> 8) as u8, (key.len() + 1) as u8, 0], key].concat();
            sequence(&[&[0x30, 2, 5, 0][..], &bits].concat())
        };
        assert_eq!(rsa(&key(256)), None);
        assert_eq!(rsa(&info(&key(256))), None);
        assert_eq!(rsa(&info(&key(128))), None);
        assert!(rsa(&info(&key(64))).is_some_and(|wrong| wrong.contains("512 bits")));
        let whole = info(&key(256));
        for end in 0..whole.len() {
            assert!(rsa(&whole[..end]).is_some(), "cut off at {end}");
        }
        assert!(rsa(&[&whole[..], &[0]].concat()).is_some());
    }
}
