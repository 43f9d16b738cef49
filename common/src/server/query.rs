//! The query string of `/probe`.

use crate::percent;

/// The decoded value of the parameter `target`. The error is for the client.
pub(super) fn target(query: Option<&str>) -> Result<String, &'static str> {
    let pairs =
        query.unwrap_or_default().split('&').map(|it| it.split_once('=').unwrap_or((it, "")));
    let mut targets = pairs.filter(|(name, _)| decode(name).as_deref() == Some("target"));
    let (_, value) = targets.next().ok_or("`target` is missing: /probe?target=NAME")?;
    if targets.next().is_some() {
        return Err("`target` is given more than once");
    }
    match decode(value) {
        Some(target) if target.is_empty() => Err("`target` is empty: /probe?target=NAME"),
        Some(target) => Ok(target),
        None => Err("`target` is not properly percent-encoded UTF-8"),
    }
}

/// A name or value, in which `+` is a space.
fn decode(text: &str) -> Option<String> {
    percent::decode(&text.replace('+', " "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_target_is_found_and_decoded() {
        let cases = [
            ("target=db", "db"),
            ("module=x&target=a%20b%2Fc&y", "a b/c"),
            ("target=a+b", "a b"),
            ("t%61rget=caf%C3%A9", "café"),
            ("target=a=b", "a=b"),
        ];
        for (query, expected) in cases {
            assert_eq!(target(Some(query)).as_deref(), Ok(expected), "{query}");
        }
    }

    #[test]
    fn an_invalid_query_is_explained() {
        let cases = [
            (None, "missing"),
            (Some(""), "missing"),
            (Some("Target=a"), "missing"),
            (Some("target"), "empty"),
            (Some("target="), "empty"),
            (Some("target=a&target=a"), "more than once"),
            (Some("target=%"), "percent-encoded"),
            (Some("target=%2"), "percent-encoded"),
            (Some("target=%zz"), "percent-encoded"),
            (Some("target=%+1"), "percent-encoded"),
            (Some("target=%FF"), "percent-encoded"),
        ];
        for (query, expected) in cases {
            let error = target(query).expect_err(expected);
            assert!(error.contains(expected), "{query:?}: {error}");
        }
    }

    proptest! {
        #[test]
        fn an_encoded_name_is_decoded(name in "\\PC{1,20}") {
            let encoded: Vec<String> = name.bytes().map(|it| format!("%{it:02x}")).collect();
            prop_assert_eq!(target(Some(&format!("target={}", encoded.concat()))), Ok(name));
        }
    }
}
