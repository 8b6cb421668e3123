//! Whether a JPEG goes on to its end.
//!
//! The decoder paints what is missing grey and says nothing, which is right for a
//! viewer and wrong for a shop: an upload that broke off must be sent again.

/// Start of scan (ITU T.81, table B.1): after its header come coded pixels.
const SOS: u8 = 0xDA;
/// End of image.
const EOI: u8 = 0xD9;

/// Whether the marker "end of image" is reached. What stands behind it, as phones
/// like to append, is not looked at; nor is an end inside a segment, such as that of
/// an embedded thumbnail.
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let Some((marker, after)) = next_marker(rest) {
        match marker {
            EOI => return true,
            // Restart markers and TEM stand alone (section B.1.1.3).
            0x01 | 0xD0..=0xD7 => rest = after,
            _ => {
                let Some(length) = after.first_chunk().map(|length| usize::from(u16::from_be_bytes(*length))) else {
                    return false;
                };
                let Some(behind) = after.get(length..) else { return false };
                rest = if marker == SOS { behind_scan(behind) } else { behind };
            }
        }
    }
    false
}

/// The next marker and what follows it; any number of FF may precede its code.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let start = bytes.iter().position(|byte| *byte == 0xFF)?;
    let code = start + bytes[start..].iter().position(|byte| *byte != 0xFF)?;
    Some((bytes[code], &bytes[code + 1..]))
}

/// Behind the coded pixels of a scan, in which FF is always followed by 00 or a
/// restart (section B.1.1.5).
fn behind_scan(bytes: &[u8]) -> &[u8] {
    let ends = |pair: &[u8]| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xFF | 0xD0..=0xD7);
    let end = bytes.windows(2).position(ends);
    end.map_or(&[], |end| &bytes[end..])
}
