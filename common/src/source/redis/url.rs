//! Addresses as URLs. No error quotes any part of one, for where it is malformed a password may
//! be anywhere.

use std::path::PathBuf;

use super::endpoint::Place;

/// What a URL says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) place: Place,
    pub(super) tls: bool,
    pub(super) username: Option<String>,
    pub(super) password: Option<String>,
}

const FORM: &str = "is not the address of a Redis: write redis://USER:PASSWORD@HOST:PORT, with \
    rediss:// for TLS, %XX for special characters, or unix:///PATH";

/// Reads a URL; the error says what is wrong with it and quotes none of it.
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
            let place = Place::Unix(PathBuf::from(decoded(path)?));
            return Ok(Url { place, tls: false, username: None, password: None });
        }
        _ => return Err(FORM),
    };
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if tail.contains('@') {
        return Err("holds a password with an unescaped `/`, `?`, `#` or `@`: write %XX for it");
    }
    if tail.split_once('?').is_some_and(|(_, it)| !it.is_empty()) || tail.contains('#') {
        return Err("takes no options behind `?` or `#`: they are settings of their own");
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
                return Err("holds an unescaped `@`: write %40 for it");
            }
            let user = Some(decoded(user)?).filter(|it| !it.is_empty());
            (user, Some(decoded(password)?).filter(|it| !it.is_empty()))
        }
    };
    Ok(Url { place: host_and_port(host)?, tls, username, password })
}

/// Reads `host`, `host:port`, `[::1]:port`.
pub(super) fn host_and_port(text: &str) -> Result<Place, &'static str> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']').ok_or(FORM)?,
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let port = match port.strip_prefix(':') {
        Some(port) => port.parse().map_err(|_| "has a port that is no port")?,
        None if port.is_empty() => 6379,
        None => return Err(FORM),
    };
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_' | ':' | '%');
    if host.is_empty() || !host.chars().all(plain) {
        return Err(FORM);
    }
    Ok(Place::Tcp(host.to_owned(), port))
}

/// Takes `%XX` back.
fn decoded(text: &str) -> Result<String, &'static str> {
    const BROKEN: &str = "holds a `%` that is not %XX, or bytes that are no UTF-8";
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || rest.next().and_then(|it| char::from(it).to_digit(16));
                let (high, low) = (digit().ok_or(BROKEN)?, digit().ok_or(BROKEN)?);
                u8::try_from(high * 16 + low).map_err(|_| BROKEN)?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).map_err(|_| BROKEN)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn urls_as_people_write_them() {
        let tcp = |host: &str, port| Place::Tcp(host.into(), port);
        let cases = [
            ("redis://cache", tcp("cache", 6379), false, None, None),
            ("redis://cache:7000/3", tcp("cache", 7000), false, None, None),
            ("rediss://:a%40b@cache:1/", tcp("cache", 1), true, None, Some("a@b")),
            ("valkeys://u:p@[::1]:7000", tcp("::1", 7000), true, Some("u"), Some("p")),
            ("redis://u:p:q@cache", tcp("cache", 6379), false, Some("u"), Some("p:q")),
            (
                "unix:///run/redis.sock?db=1",
                Place::Unix("/run/redis.sock".into()),
                false,
                None,
                None,
            ),
        ];
        for (text, place, tls, username, password) in cases {
            let (username, password) = (username.map(Into::into), password.map(Into::into));
            assert_eq!(parse(text), Ok(Url { place, tls, username, password }), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
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
