//! A value that must not be seen.

use std::{
    collections::BTreeSet,
    fmt, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::settings::SettingsError;

/// What its `Debug` shows in the value's place.
const REDACTED: &str = "[redacted]";

/// A password, a token, or an address that may hold one. It cannot be printed: it has no
/// `Display`, its `Debug` redacts, and an error about it does not quote it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the value in.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Reads the value from a file, less one newline at its end. `key` is the setting that names
    /// the file, for the error.
    pub fn from_file(key: &str, path: &Path) -> Result<Self, SettingsError> {
        let failed = |source| {
            SettingsError::at(key, format!("cannot read the file `{}`", path.display()))
                .with_source(source)
        };
        let text = fs::read(path).map_err(failed)?;
        // What is not UTF-8 is not quoted either: the conversion's own error is dropped.
        let Ok(mut text) = String::from_utf8(text) else {
            let problem = format!("the file `{}` is not UTF-8 text", path.display());
            return Err(SettingsError::at(key, problem));
        };
        if text.ends_with('\n') {
            text.pop();
            if text.ends_with('\r') {
                text.pop();
            }
        }
        if text.is_empty() {
            let problem = format!("the file `{}` is empty", path.display());
            return Err(SettingsError::at(key, problem));
        }
        warn_if_exposed(path);
        Ok(Self(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(SecretVisitor)
    }
}

/// Takes text only. The methods for other kinds stand here because serde's own quote the value
/// in their error.
struct SecretVisitor;

impl Visitor<'_> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Secret, E> {
        Ok(Secret(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Secret, E> {
        Ok(Secret(value))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Secret, E> {
        Err(not_text())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Secret, E> {
        Err(not_text())
    }

    fn visit_i128<E: de::Error>(self, _: i128) -> Result<Secret, E> {
        Err(not_text())
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Secret, E> {
        Err(not_text())
    }

    fn visit_u128<E: de::Error>(self, _: u128) -> Result<Secret, E> {
        Err(not_text())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Secret, E> {
        Err(not_text())
    }

    fn visit_bytes<E: de::Error>(self, _: &[u8]) -> Result<Secret, E> {
        Err(not_text())
    }
}

fn not_text<E: de::Error>() -> E {
    E::custom("expected text in quotes")
}

/// Where container engines put secrets: readable by all, in a file system of the container's own.
const SECRET_MOUNTS: [&str; 2] = ["/run/secrets", "/var/run/secrets"];

fn warn_if_exposed(path: &Path) {
    // A password file is read at each connect, and once is enough to say it.
    static WARNED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let mode = fs::metadata(path).map_or(0, |it| it.permissions().mode());
    let mounted = SECRET_MOUNTS.iter().any(|it| path.starts_with(it));
    if mode & 0o004 == 0 || mounted {
        return;
    }
    if WARNED.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned()) {
        tracing::warn!(file = %path.display(), "every user can read this secret: `chmod o= FILE`");
    }
}

/// The part of a connection URL that people may see: hosts, ports and database. Nothing at all
/// of what is not plainly a URL, for there a password can stand anywhere.
pub fn public_address(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    // A password with an unescaped `/`, `?`, `#` or `@` leaves an `@` behind the authority.
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let hosts = authority.split_once('@').map_or(authority, |(_, hosts)| hosts);
    if hosts.is_empty() || tail.contains('@') || !hosts.split(',').all(is_host_and_port) {
        return None;
    }
    let path = tail.split(['?', '#']).next().unwrap_or_default();
    let database = path.trim_start_matches('/');
    if database.is_empty() || !database.chars().all(is_plain) {
        return Some(hosts.to_owned());
    }
    Some(format!("{hosts}/{database}"))
}

fn is_host_and_port(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|it| it.split_once(']')) {
        Some((host, rest)) if host.chars().all(|it| it.is_ascii_hexdigit() || it == ':') => {
            (host, rest.strip_prefix(':').or(rest.is_empty().then_some("0")))
        }
        Some(_) => return false,
        None => text.split_once(':').map_or((text, Some("0")), |(host, port)| (host, Some(port))),
    };
    let port_is_number = port.is_some_and(|it| it.parse::<u16>().is_ok());
    let host_is_plain = host.chars().all(|it| is_plain(it) || matches!(it, '%' | ':'));
    port_is_number && !host.is_empty() && host_is_plain
}

fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_')
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;
    use serde::de::value::{Error, I64Deserializer, StrDeserializer};

    use super::*;

    #[test]
    fn it_is_shown_nowhere() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)).matches("hunter2").count(), 0);
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn it_is_read_from_text_and_from_nothing_else() {
        let text = StrDeserializer::<Error>::new("hunter2");
        assert_eq!(Secret::deserialize(text).unwrap().expose(), "hunter2");
        let number = I64Deserializer::<Error>::new(4711);
        let error = Secret::deserialize(number).unwrap_err().to_string();
        assert_eq!(error, "expected text in quotes");
    }

    #[test]
    fn a_file_loses_one_newline() {
        let path = std::env::temp_dir().join(format!("pulso-secret-{}", std::process::id()));
        for (content, expected) in
            [("a b\n", "a b"), ("a\r\n", "a"), ("a\n\n", "a\n"), (" a", " a")]
        {
            fs::File::create(&path).unwrap().write_all(content.as_bytes()).unwrap();
            assert_eq!(Secret::from_file("password_file", &path).unwrap().expose(), expected);
        }
        fs::write(&path, b"hunter2\xff").unwrap();
        let error = Secret::from_file("password_file", &path).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        fs::write(&path, "\n").unwrap();
        let error = Secret::from_file("password_file", &path).unwrap_err().to_string();
        assert!(error.ends_with("is empty"), "{error}");
        fs::remove_file(&path).unwrap();
        let error = Secret::from_file("password_file", &path).unwrap_err().to_string();
        assert!(error.starts_with("password_file: cannot read the file"), "{error}");
    }

    #[test]
    fn an_address_keeps_host_port_and_database() {
        let cases = [
            ("postgres://pulso:hunter2@db:5432/app?sslmode=require", Some("db:5432/app")),
            ("postgres://db/app", Some("db/app")),
            ("postgresql://u@a:1,b:2/app", Some("a:1,b:2/app")),
            ("postgres://%2Frun%2Fpostgresql/app", Some("%2Frun%2Fpostgresql/app")),
            ("redis://:hunter2@[::1]:6379/0", Some("[::1]:6379/0")),
            ("rediss://cache", Some("cache")),
            ("postgres://db/app?password=hunter2", Some("db/app")),
            ("postgres://u:hunter2", None),
            ("postgres://u:hun/ter2@db/app", None),
            ("postgres://u:1/hunter2@db/app", None),
            ("postgres://u:hun@ter2@db/app", None),
            ("postgres://u:1?hunter2@db/app", None),
            ("host=db password=hunter2", None),
            ("hunter2", None),
            ("postgres://", None),
        ];
        for (url, expected) in cases {
            assert_eq!(public_address(url).as_deref(), expected, "{url}");
        }
    }

    proptest! {
        #[test]
        fn no_password_is_in_an_address(
            before in "[ -~]{0,6}", after in "[ -~]{0,6}", user in "[a-z]{0,4}",
            tail in prop::sample::select(vec!["@db:5432/app", "@db", "@[::1]/x?y=z"]),
        ) {
            let url = format!("postgres://{user}:{before}hunter2{after}{tail}");
            if let Some(address) = public_address(&url) {
                prop_assert!(!address.contains("hunter2"), "{url} gives {address}");
            }
        }
    }
}
