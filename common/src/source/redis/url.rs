//! URLs of servers. No error quotes any part of one, because in a malformed URL a password may be
//! anywhere.

use std::path::PathBuf;

use super::address::{Address, FORM};
use crate::percent;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) address: Address,
    pub(super) tls: bool,
    pub(super) username: Option<String>,
    pub(super) password: Option<String>,
}

/// Parses a URL. The error describes the problem without quoting the URL.
pub(super) fn parse(text: &str) -> Result<Url, &'static str> {
    let (scheme, rest) = text.trim().split_once("://").ok_or(FORM)?;
    let tls = match scheme {
        "redis" | "valkey" => false,
        "rediss" | "valkeys" => true,
        "unix" | "redis+unix" => {
            let path = rest.split(['?', '#']).next().unwrap_or_default();
            if !path.starts_with('/') {
                return Err(FORM);
            }
            let address = Address::Unix(PathBuf::from(decoded(path)?));
            return Ok(Url { address, tls: false, username: None, password: None });
        }
        _ => return Err(FORM),
    };
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if tail.contains('@') {
        return Err("has a password with an unescaped `/`, `?`, `#` or `@`: write %XX for it");
    }
    if tail.split_once('?').is_some_and(|(_, it)| !it.is_empty()) || tail.contains('#') {
        return Err("may have no `?` or `#`: options are separate settings");
    }
    let (credentials, host) = match authority.rsplit_once('@') {
        Some((credentials, host)) => (Some(credentials), host),
        None => (None, authority),
    };
    let (username, password) = match credentials {
        None => (None, None),
        Some(both) => {
            let (user, password) = both
                .split_once(':')
                .ok_or("names a user without a password: write USER:PASSWORD@ or :PASSWORD@")?;
            if both.contains('@') {
                return Err("has an unescaped `@`: write %40 for it");
            }
            let user = Some(decoded(user)?).filter(|it| !it.is_empty());
            (user, Some(decoded(password)?).filter(|it| !it.is_empty()))
        }
    };
    Ok(Url { address: Address::parse(host)?, tls, username, password })
}

fn decoded(text: &str) -> Result<String, &'static str> {
    percent::decode(text).ok_or("holds a `%` that is not %XX, or bytes that are not UTF-8")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn urls_are_parsed() {
        let tcp = |host: &str, port| Address::Tcp(host.into(), port);
        let cases = [
            ("redis://cache", tcp("cache", 6379), false, None, None),
            ("redis://cache:7000/3", tcp("cache", 7000), false, None, None),
            ("rediss://:a%40b@cache:1/", tcp("cache", 1), true, None, Some("a@b")),
            ("valkeys://u:p@[::1]:7000", tcp("::1", 7000), true, Some("u"), Some("p")),
            ("redis://u:p:q@cache", tcp("cache", 6379), false, Some("u"), Some("p:q")),
            (
                "unix:///run/redis.sock?db=1",
                Address::Unix("/run/redis.sock".into()),
                false,
                None,
                None,
            ),
        ];
        for (text, address, tls, username, password) in cases {
            let (username, password) = (username.map(Into::into), password.map(Into::into));
            assert_eq!(parse(text), Ok(Url { address, tls, username, password }), "{text}");
        }
    }

    #[test]
    fn malformed_urls_are_refused() {
        let texts = [
            "",
            "cache:6379",
            "http://cache",
            "redis://",
            "redis://secret@cache",
            "redis://a:b@c@d",
            "redis://:hun/ter2@cache",
            "redis://cache:port",
            "redis://cache?x=1",
            "redis://:%zz@c",
            "unix://relative",
            "redis://[::1",
            "redis://cache:6379#insecure",
        ];
        for text in texts {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_nor_is_quoted(text in "\\PC{0,40}") {
            let whole = format!("redis://:hunter2{text}");
            if let Err(problem) = parse(&whole) {
                prop_assert!(!problem.contains("hunter2"));
            }
        }
    }
}
