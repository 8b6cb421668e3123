//! `application/x-www-form-urlencoded`, strictly: what is not UTF-8 is refused.
//!
//! Form bodies and query strings share it. It owns the limits of their shape.

/// The most fields a body or query may have, as Django's default.
pub const FIELDS_MAX: usize = 1000;

/// Why an encoded text was refused. All of them are a 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// The decoded bytes are not UTF-8.
    NotUtf8,
    /// More than [`FIELDS_MAX`] fields.
    TooManyFields,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::NotUtf8 => "the form is not UTF-8",
            Self::TooManyFields => "the form has too many fields",
        })
    }
}

/// The pairs of an encoded text, in its order. A `%` that begins no byte stands for
/// itself, as browsers' own parsers have it.
///
/// # Errors
/// [`Malformed`].
pub fn parse(encoded: &[u8]) -> Result<Vec<(String, String)>, Malformed> {
    let mut pairs = Vec::new();
    for part in encoded.split(|&byte| byte == b'&').filter(|part| !part.is_empty()) {
        if pairs.len() == FIELDS_MAX {
            return Err(Malformed::TooManyFields);
        }
        let (name, value) = match part.iter().position(|&byte| byte == b'=') {
            Some(at) => (&part[..at], &part[at + 1..]),
            None => (part, &[][..]),
        };
        pairs.push((decode(name)?, decode(value)?));
    }
    Ok(pairs)
}

fn decode(encoded: &[u8]) -> Result<String, Malformed> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut at = 0;
    while at < encoded.len() {
        let pair = encoded.get(at + 1).copied().and_then(hex).zip(encoded.get(at + 2).copied().and_then(hex));
        match (encoded[at], pair) {
            (b'+', _) => bytes.push(b' '),
            (b'%', Some((high, low))) => {
                bytes.push(high * 16 + low);
                at += 2;
            }
            (byte, _) => bytes.push(byte),
        }
        at += 1;
    }
    String::from_utf8(bytes).map_err(|_| Malformed::NotUtf8)
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Encodes one value for a query: unreserved characters stay (RFC 3986, section 2.3).
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => {
                const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
                out.push('%');
                out.push(char::from(DIGITS[usize::from(byte >> 4)]));
                out.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_in_their_order() {
        let table: [(&str, &[(&str, &str)]); 6] = [
            ("a=1&b=2&a=3", &[("a", "1"), ("b", "2"), ("a", "3")]),
            ("nombre=Leche+Alquer%C3%ADa+1%25", &[("nombre", "Leche Alquería 1%")]),
            ("a&=b&&", &[("a", ""), ("", "b")]),
            ("a=1=2", &[("a", "1=2")]),
            ("a=100%&b=%zz%4", &[("a", "100%"), ("b", "%zz%4")]),
            ("", &[]),
        ];
        for (encoded, expected) in table {
            let pairs = parse(encoded.as_bytes()).unwrap();
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(pairs, expected, "{encoded}");
        }
    }

    #[test]
    fn what_is_not_utf8_or_too_much_is_refused() {
        assert_eq!(parse(b"a=%FF"), Err(Malformed::NotUtf8));
        assert_eq!(parse(b"%C3=1"), Err(Malformed::NotUtf8));
        assert_eq!(parse("a&".repeat(FIELDS_MAX).as_bytes()).map(|pairs| pairs.len()), Ok(FIELDS_MAX));
        assert_eq!(parse("a&".repeat(FIELDS_MAX + 1).as_bytes()), Err(Malformed::TooManyFields));
    }

    #[test]
    fn what_is_encoded_comes_back() {
        let text = "Señora & «Gloria» = 100 % + ~";
        assert_eq!(parse(format!("q={}", encode(text)).as_bytes()).unwrap(), [("q".to_owned(), text.to_owned())]);
    }
}
