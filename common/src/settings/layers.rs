//! The sources of settings; each value keeps its origin.

use std::{collections::BTreeMap, path::Path};

use config::{ConfigError, Map, Source, Value, ValueKind};
use toml::de::{DeTable, DeValue};

use super::SettingsError;

/// The prefix of every variable.
const PREFIX: &str = "PULSO_";
/// Separates the levels of a variable's name.
const SEPARATOR: &str = "__";
/// The prefix of the origin of a variable's value.
const VARIABLE: &str = "environment variable ";
/// The prefix of the origin of a flag's value.
const FLAG: &str = "flag ";

type Table = Map<String, Value>;

/// One source of settings, read.
#[derive(Clone, Debug, Default)]
pub(super) struct Layer(Table);

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Table, ConfigError> {
        Ok(self.0.clone())
    }
}

impl Layer {
    /// Reads TOML; `path` is for the errors.
    pub(super) fn toml(path: &Path, text: &str) -> Result<Self, SettingsError> {
        let at = |offset: usize| {
            let before = text.as_bytes().iter().take(offset);
            format!("{}:{}", path.display(), before.filter(|it| **it == b'\n').count() + 1)
        };
        let root = DeTable::parse(text).map_err(|error| {
            // The error's own `Display` shows the line, which may hold a secret.
            let problem = format!("this is not TOML: {}", error.message());
            SettingsError::at("", problem)
                .with_origin(|| Some(at(error.span().map_or(0, |it| it.start))))
        })?;
        table(root.get_ref(), &at).map(Self)
    }

    /// Reads the variables that begin with `PULSO_`. A section's name is written with `_` for `-`.
    pub(super) fn variables(env: &BTreeMap<String, String>) -> Result<Self, SettingsError> {
        let mut root = Table::new();
        for (name, value) in env {
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            // An empty variable is how a compose file says "not set".
            if value.is_empty() || is_service_link(rest) {
                continue;
            }
            let mut path: Vec<String> = rest.split(SEPARATOR).map(str::to_lowercase).collect();
            if path.len() < 2 || path.iter().any(String::is_empty) {
                let problem = "names no setting; two underscores separate sections and keys, as in \
                               `PULSO_WEB__LISTEN_ADDRESS`";
                return Err(SettingsError::at("", problem).with_origin(|| Some(variable(name))));
            }
            // No section has an underscore in its name.
            path[0] = path[0].replace('_', "-");
            if !put(&mut root, &path, Value::new(Some(&variable(name)), value.as_str())) {
                let problem = "another variable sets this key or one inside it";
                return Err(
                    SettingsError::at(path.join("."), problem).with_origin(|| Some(variable(name)))
                );
            }
        }
        Ok(Self(root))
    }

    /// Reads the flags.
    pub(super) fn flags(flags: &[Flag]) -> Self {
        let mut root = Table::new();
        for flag in flags {
            let origin = format!("{FLAG}--{}", flag.name);
            let path: Vec<String> = flag.key.split('.').map(str::to_owned).collect();
            let one = |text: &String| Value::new(Some(&origin), text.as_str());
            let value = match &flag.value {
                FlagValue::One(text) => one(text),
                FlagValue::Many(texts) => {
                    Value::new(Some(&origin), ValueKind::Array(texts.iter().map(one).collect()))
                }
            };
            put(&mut root, &path, value);
        }
        Self(root)
    }
}

/// A flag of the command line that sets a setting.
#[derive(Clone, Debug)]
pub struct Flag {
    /// Its name without the dashes.
    pub name: &'static str,
    /// The setting's path.
    pub key: &'static str,
    /// Its value.
    pub value: FlagValue,
}

/// The value of a flag.
#[derive(Clone, Debug)]
pub enum FlagValue {
    /// One text.
    One(String),
    /// The texts of a flag that may be repeated.
    Many(Vec<String>),
}

/// The origin of a value from the variable `name`.
pub(super) fn variable(name: &str) -> String {
    format!("{VARIABLE}{name}")
}

/// Whether values of this origin are always text, so that "9801" may be a number.
pub(super) fn is_text(origin: Option<&str>) -> bool {
    origin.is_some_and(|it| it.starts_with(VARIABLE) || it.starts_with(FLAG))
}

/// Kubernetes sets such variables in every pod for a service that is named `pulso-…`.
fn is_service_link(rest: &str) -> bool {
    let ends = ["_SERVICE_HOST", "_SERVICE_PORT", "_PORT", "_TCP", "_UDP", "_PROTO", "_ADDR"];
    !rest.contains(SEPARATOR)
        && (ends.iter().any(|it| rest.ends_with(it)) || rest.contains("_SERVICE_PORT_"))
}

/// Sets the value at `path`; false when another value is at the path or on the way to it.
fn put(table: &mut Table, path: &[String], value: Value) -> bool {
    let Some((key, rest)) = path.split_first() else { return false };
    if rest.is_empty() {
        return table.insert(key.clone(), value).is_none();
    }
    let entry = table.entry(key.clone()).or_insert_with(|| Value::new(None, Table::new()));
    match &mut entry.kind {
        ValueKind::Table(inner) => put(inner, rest, value),
        _ => false,
    }
}

fn table(from: &DeTable<'_>, at: &impl Fn(usize) -> String) -> Result<Table, SettingsError> {
    let mut to = Table::new();
    for (key, value) in from {
        let origin = at(key.span().start);
        let value = self::value(value.get_ref(), &origin, at)
            .map_err(|it| it.in_table(key.get_ref()).with_origin(|| Some(origin)))?;
        to.insert(key.get_ref().to_string(), value);
    }
    Ok(to)
}

fn value(
    from: &DeValue<'_>,
    origin: &String,
    at: &impl Fn(usize) -> String,
) -> Result<Value, SettingsError> {
    let kind = match from {
        DeValue::String(text) => ValueKind::String(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map(ValueKind::I64)
            .map_err(|_| SettingsError::at("", "a whole number has at most 64 bits"))?,
        DeValue::Float(number) => number
            .as_str()
            .parse()
            .map(ValueKind::Float)
            .map_err(|_| SettingsError::at("", "this number cannot be read"))?,
        DeValue::Boolean(value) => ValueKind::Boolean(*value),
        DeValue::Datetime(time) => ValueKind::String(time.to_string()),
        DeValue::Table(inner) => ValueKind::Table(table(inner, at)?),
        DeValue::Array(items) => {
            let items = items.iter().enumerate().map(|(index, item)| {
                let origin = at(item.span().start);
                value(item.get_ref(), &origin, at).map_err(|it| it.in_table(&format!("[{index}]")))
            });
            ValueKind::Array(items.collect::<Result<_, _>>()?)
        }
    };
    Ok(Value::new(Some(origin), kind))
}
