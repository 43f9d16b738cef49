//! What is wrong with a setting: where it stands, which it is, what is allowed.

use std::{error::Error, fmt, path::Path};

use serde::de;

/// A setting that cannot be used. It never quotes a value, for any value may be a secret.
#[derive(Debug)]
pub struct SettingsError {
    /// The file and line, the variable, or the flag.
    origin: Option<String>,
    key: String,
    problem: String,
    /// The problem was worded by code that may have quoted the value.
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

    /// Puts `table` before the key: what a table's owner does with an error from inside it.
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

    /// Says where the setting stands, unless that is known already.
    pub(super) fn with_origin(self, origin: impl FnOnce() -> Option<String>) -> Self {
        Self { origin: self.origin.or_else(origin), ..self }
    }

    pub(super) fn unreadable(path: &Path, source: std::io::Error) -> Self {
        let problem = "cannot read the settings file";
        Self { origin: Some(path.display().to_string()), ..Self::at("", problem) }
            .with_source(source)
    }

    /// A key that nobody knows, with those that somebody does.
    pub(super) fn unknown_key(key: &str, known: &[&str]) -> Self {
        let known = if known.is_empty() {
            "none is taken here".to_owned()
        } else {
            format!("{}known: {}", suggestion(key, known), list(known))
        };
        Self::at(key, format!("unknown key; {known}"))
    }

    /// Takes the values out of a problem that other code worded.
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

/// What `Deserialize` implementations report, without the values that serde would quote.
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
    // Names compare as they are meant: `Listen-Address` is `listen_address`.
    let word = word.to_lowercase().replace('-', "_");
    let near = known.iter().map(|it| (strsim::jaro_winkler(&word, &it.replace('-', "_")), it));
    let best = near.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, it)| format!("did you mean `{it}`? ")).unwrap_or_default()
}

fn list(words: &[&str]) -> String {
    words.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
}

/// Replaces `value` where the text quotes it. A short value can stand in any word by chance, where
/// it tells nothing; it counts only as a word of its own.
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
