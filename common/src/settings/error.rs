//! The error of a setting: where it is, its key, and what is allowed.

use std::{error::Error, fmt, path::Path};

use serde::de;

/// A setting that cannot be used. It never quotes a value, for any value may be a secret.
#[derive(Debug)]
pub struct SettingsError {
    /// The file and line, the variable, or the flag.
    origin: Option<String>,
    key: String,
    problem: String,
    /// The problem's text is from other code, which may have quoted the value.
    foreign: bool,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl SettingsError {
    /// `key` is the setting's path within the caller's own settings ("postgres.port"), `problem`
    /// says what is wrong and what is allowed, without the value.
    pub fn at(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            origin: None,
            key: key.into(),
            problem: problem.into(),
            foreign: false,
            source: None,
        }
    }

    /// Adds the cause.
    pub fn with_source(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// Prefixes the key with `table`, for an error of a key inside that table.
    pub fn in_table(self, table: &str) -> Self {
        let key = match self.key.as_str() {
            "" => table.to_owned(),
            key if key.starts_with('[') => format!("{table}{key}"),
            key => format!("{table}.{key}"),
        };
        Self { key, ..self }
    }

    /// The setting's path.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Adds where the setting is, unless that is already known.
    pub(super) fn with_origin(self, origin: impl FnOnce() -> Option<String>) -> Self {
        Self { origin: self.origin.or_else(origin), ..self }
    }

    pub(super) fn unreadable(path: &Path, source: std::io::Error) -> Self {
        let problem = "cannot read the settings file";
        Self { origin: Some(path.display().to_string()), ..Self::at("", problem) }
            .with_source(source)
    }

    /// An unknown key, with the known ones.
    pub(super) fn unknown_key(key: &str, known: &[&str]) -> Self {
        let known = if known.is_empty() {
            "this table has no keys".to_owned()
        } else {
            format!("{}known: {}", suggestion(key, known), list(known))
        };
        Self::at(key, format!("unknown key; {known}"))
    }

    /// Removes the values from a problem whose text is from other code.
    pub(super) fn scrubbed<'a>(mut self, values: impl IntoIterator<Item = &'a str>) -> Self {
        if self.foreign {
            for value in values {
                self.problem = scrub(&self.problem, value);
            }
        }
        self
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(f, "{origin}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.problem)
    }
}

impl Error for SettingsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|it| it as _)
    }
}

/// The errors of `Deserialize` implementations, without the values that serde would quote.
impl de::Error for SettingsError {
    fn custom<T: fmt::Display>(problem: T) -> Self {
        Self { foreign: true, ..Self::at("", problem.to_string()) }
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::at("", format!("expected {expected}, found {}", kind(found)))
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::at("", format!("not allowed; expected {expected}"))
    }

    fn invalid_length(length: usize, expected: &dyn de::Expected) -> Self {
        Self::at("", format!("expected {expected}, found {length} items"))
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Self {
        Self::at("", format!("not allowed; {}allowed: {}", suggestion(found, known), list(known)))
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        Self::unknown_key(key, known)
    }

    fn missing_field(key: &'static str) -> Self {
        Self::at(key, "missing; it has no default")
    }

    fn duplicate_field(key: &'static str) -> Self {
        Self::at(key, "given twice")
    }
}

fn kind(found: de::Unexpected<'_>) -> &'static str {
    use de::Unexpected;
    match found {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
        Unexpected::Float(_) => "a number with a fraction",
        Unexpected::Char(_) | Unexpected::Str(_) => "text",
        Unexpected::Seq => "a list",
        Unexpected::Map => "a table",
        _ => "something else",
    }
}

/// The known word nearest to a mistyped one.
fn suggestion(word: &str, known: &[&str]) -> String {
    // Names are compared without regard to case and hyphens: `Listen-Address` is `listen_address`.
    let word = word.to_lowercase().replace('-', "_");
    let near = known.iter().map(|it| (strsim::jaro_winkler(&word, &it.replace('-', "_")), it));
    let best = near.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, it)| format!("did you mean `{it}`? ")).unwrap_or_default()
}

fn list(words: &[&str]) -> String {
    words.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
}

/// Replaces `value` where the text quotes it. A short value may be part of any word by chance; it is
/// replaced only as a separate word.
fn scrub(text: &str, value: &str) -> String {
    const SHORT: usize = 4;
    let (mut rest, mut clean) = (text, String::new());
    while let Some(start) = rest.find(value).filter(|_| !value.is_empty()) {
        let (before, after) = (&rest[..start], &rest[start + value.len()..]);
        let joined =
            before.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric);
        let quoted = value.chars().count() >= SHORT || !joined;
        clean.push_str(before);
        clean.push_str(if quoted { "…" } else { value });
        rest = after;
    }
    clean + rest
}
