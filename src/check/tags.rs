//! Lists of `tag=value` between semicolons, as DKIM and DMARC have them (RFC 6376 section 3.2).

/// One tag with its value, both without the space around them; no value where there is no `=`.
pub(super) type Tag<'t> = (&'t [u8], Option<&'t [u8]>);

/// The tags of a list in their order; empty ones are left out.
pub(super) fn tags(text: &[u8]) -> impl Iterator<Item = Tag<'_>> + Clone {
    let pieces = text.split(|&octet| octet == b';').map(<[u8]>::trim_ascii).filter(|piece| !piece.is_empty());
    pieces.map(|piece| match piece.iter().position(|&octet| octet == b'=') {
        Some(equals) => (piece[..equals].trim_ascii(), Some(piece[equals + 1..].trim_ascii())),
        None => (piece, None),
    })
}

/// The value of the first tag of this name.
pub(super) fn value<'t>(text: &'t [u8], name: &[u8]) -> Option<&'t [u8]> {
    tags(text).find(|tag| tag.0 == name).and_then(|tag| tag.1)
}

/// The first tag that is there twice.
pub(super) fn repeated(text: &[u8]) -> Option<&[u8]> {
    let is_earlier = |index: usize, name: &[u8]| tags(text).take(index).any(|earlier| earlier.0 == name);
    tags(text).enumerate().find(|(index, tag)| is_earlier(*index, tag.0)).map(|(_, tag)| tag.0)
}
