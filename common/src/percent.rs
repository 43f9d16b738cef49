//! Percent-encoding in URLs.

/// Decodes `%XX`. `None` where a `%` has no two hexadecimal digits, or the bytes are not UTF-8.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => (hex(bytes.next()?)? << 4) | hex(bytes.next()?)?,
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decodes_two_hexadecimal_digits_and_nothing_else() {
        assert_eq!(decode("a%20b%2Fc+%c3%A9").as_deref(), Some("a b/c+é"));
        for malformed in ["%", "%2", "%zz", "%+1", "%FF"] {
            assert_eq!(decode(malformed), None, "{malformed}");
        }
    }

    proptest! {
        #[test]
        fn decodes_any_encoded_text(text in "\\PC{0,20}") {
            let encoded: Vec<String> = text.bytes().map(|it| format!("%{it:02x}")).collect();
            prop_assert_eq!(decode(&encoded.concat()), Some(text));
        }
    }
}
