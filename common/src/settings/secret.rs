//! Values that are never printed.

use std::{
    collections::BTreeSet,
    fmt, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::settings::SettingsError;

/// The text that `Debug` prints instead of the value.
const REDACTED: &str = "[redacted]";

/// A password, a token, or an address that may contain one. It has no `Display`, its `Debug` is redacted,
/// and no error quotes it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps the value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, for the code that uses it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Reads the value from a file, without one newline at its end. `key` is the setting that names the
    /// file, for the error.
    pub fn from_file(key: &str, path: &Path) -> Result<Self, SettingsError> {
        let failed = |source| {
            SettingsError::at(key, format!("cannot read the file `{}`", path.display()))
                .with_source(source)
        };
        let text = fs::read(path).map_err(failed)?;
        // The conversion's error quotes the bytes, so it is dropped.
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

/// Accepts text only. The methods for other types are here because serde's own quote the value in their
/// error.
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
    // A password file is read at each connect, and one warning is enough.
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

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
}
