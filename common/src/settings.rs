//! Settings in layers: defaults, TOML file, environment, flags.
//!
//! The later layer wins. One file may hold sections of several exporters: a table whose name has a
//! hyphen is another exporter's and is ignored, unless its name is almost the running exporter's.
//! Any other unknown key is an error. An error names the setting's origin (file and line, variable
//! or flag), its path and the allowed values; never its value, since any value may be a secret.

mod bounds;
mod de;
mod duration;
mod error;
mod layers;
mod secret;
mod section;
mod shared;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use config::{Config, Map, Value, ValueKind};
use serde::de::DeserializeOwned;

use self::layers::{Layer, is_text, variable};
pub use self::{
    bounds::check_counts,
    duration::HumanDuration,
    error::SettingsError,
    layers::{Flag, FlagValue},
    secret::Secret,
    section::{NoSettings, Section},
    shared::{EXAMPLE, Log, LogFormat, LogLevel, Scrape, Web},
};

/// The sections that every exporter reads.
const SHARED: [&str; 4] = ["web", "log", "scrape", "host"];
/// The variable that names the settings file.
const FILE_VARIABLE: &str = "PULSO_CONFIG__FILE";

/// The process's environment. The only place that reads it.
#[allow(
    clippy::disallowed_methods,
    reason = "this is the one module that may read the environment"
)]
pub fn environment() -> BTreeMap<String, String> {
    // A name that is not Unicode is no setting's; such a value is refused where it is read.
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
        .collect()
}

/// The settings file that the environment names.
pub fn file_variable(env: &BTreeMap<String, String>) -> Option<PathBuf> {
    env.get(FILE_VARIABLE).filter(|it| !it.is_empty()).map(PathBuf::from)
}

/// A variable that platforms set to an application's address, which becomes the default target's.
#[derive(Clone, Copy, Debug)]
pub struct UrlSource {
    /// The variable: `DATABASE_URL`. With the suffix `_FILE` it names a file with the address.
    pub variable: &'static str,
    /// The key that it sets in the exporter's section: `postgres.url`.
    pub key: &'static str,
}

/// The layers, merged but not yet read into types.
#[derive(Debug)]
pub struct Settings {
    root: Value,
    file: Option<PathBuf>,
    env: BTreeMap<String, String>,
}

impl Settings {
    /// Merges the layers. `own` is the section of the exporter that runs.
    pub fn load(
        own: &'static str,
        file: Option<&Path>,
        env: &BTreeMap<String, String>,
        flags: &[Flag],
    ) -> Result<Self, SettingsError> {
        let read =
            |path| fs::read_to_string(path).map_err(|it| SettingsError::unreadable(path, it));
        let text = file.map(read).transpose()?;
        Self::merge(own, file.zip(text.as_deref()), env, flags)
    }

    /// Reads the text of a settings file without other layers, for tests; `name` is for the errors.
    pub fn parse(own: &'static str, name: &str, text: &str) -> Result<Self, SettingsError> {
        Self::merge(own, Some((Path::new(name), text)), &BTreeMap::new(), &[])
    }

    fn merge(
        own: &'static str,
        file: Option<(&Path, &str)>,
        env: &BTreeMap<String, String>,
        flags: &[Flag],
    ) -> Result<Self, SettingsError> {
        let sections: Vec<&str> = SHARED.into_iter().chain([own]).collect();
        let mut env = env.clone();
        env.remove(FILE_VARIABLE);

        let mut builder = Config::builder();
        if let Some((path, text)) = file {
            builder = builder.add_source(Layer::toml(path, text)?);
        }
        let file = file.map(|(path, _)| path.to_owned());
        let merged = builder
            .add_source(Layer::variables(&env)?)
            .add_source(Layer::flags(flags))
            .build()
            // The layers are parsed already, so this cannot fail. The cause is dropped nevertheless: it
            // may quote a value.
            .map_err(|_| SettingsError::at("", "the layers cannot be merged"))?;

        for (key, value) in de::entries(&merged.cache) {
            if !sections.contains(&key.as_str()) && !is_of_another_exporter(key, value, own) {
                return Err(SettingsError::unknown_key(key, &sections).with_origin(|| {
                    de::origin(value).or_else(|| file.as_ref().map(|it| it.display().to_string()))
                }));
            }
        }
        Ok(Self { root: merged.cache, file, env })
    }

    /// The section `[web]`.
    pub fn web(&self) -> Result<Web, SettingsError> {
        let web: Web = self.section("web")?;
        web.check().map_err(|it| self.locate("web", it))?;
        Ok(web)
    }

    /// The section `[log]`.
    pub fn log(&self) -> Result<Log, SettingsError> {
        self.section("log")
    }

    /// The section `[scrape]`.
    pub fn scrape(&self) -> Result<Scrape, SettingsError> {
        let scrape: Scrape = self.section("scrape")?;
        scrape.check().map_err(|it| self.locate("scrape", it))?;
        Ok(scrape)
    }

    /// Reads a section that every exporter has.
    pub(crate) fn section<T: DeserializeOwned>(&self, name: &str) -> Result<T, SettingsError> {
        de::read(name, &self.table(name)).map_err(|it| it.with_origin(|| self.file_name()))
    }

    /// Reads the exporter's section. The variables of `urls` win over the file, and a `PULSO_…`
    /// variable wins over them.
    pub(crate) fn exporter<T: DeserializeOwned, S: DeserializeOwned>(
        &mut self,
        name: &str,
        urls: &[UrlSource],
    ) -> Result<Section<T, S>, SettingsError> {
        for url in urls {
            if let Some(value) = self.url(url)? {
                set_below_the_environment(&mut self.root, &format!("{name}.{}", url.key), value);
            }
        }
        Section::read(name, &self.table(name)).map_err(|it| it.with_origin(|| self.file_name()))
    }

    /// Adds to an error, whose key is within `section`, where its setting is.
    pub fn locate(&self, section: &str, error: SettingsError) -> SettingsError {
        let value = self.table(section);
        let origin = de::origin(de::nearest(&value, error.key()));
        error.in_table(section).with_origin(|| origin.or_else(|| self.file_name()))
    }

    fn table(&self, section: &str) -> Value {
        let found = match &self.root.kind {
            ValueKind::Table(table) => table.get(section).cloned(),
            _ => None,
        };
        found.unwrap_or_else(|| Value::new(None, Map::<String, Value>::new()))
    }

    fn file_name(&self) -> Option<String> {
        self.file.as_ref().map(|it| it.display().to_string())
    }

    fn url(&self, source: &UrlSource) -> Result<Option<Value>, SettingsError> {
        let set = |name: &str| self.env.get(name).filter(|it| !it.is_empty());
        let by_file = format!("{}_FILE", source.variable);
        let value = |name: &str, url: &str| Value::new(Some(&variable(name)), url);
        match (set(source.variable), set(&by_file)) {
            (None, None) => Ok(None),
            (Some(url), None) => Ok(Some(value(source.variable, url))),
            (None, Some(path)) => {
                let url = Secret::from_file("", Path::new(path))
                    .map_err(|it| it.with_origin(|| Some(variable(&by_file))))?;
                Ok(Some(value(&by_file, url.expose())))
            }
            (Some(_), Some(_)) => {
                let problem = format!("`{}` is set as well; set one of them", source.variable);
                Err(SettingsError::at("", problem).with_origin(|| Some(variable(&by_file))))
            }
        }
    }
}

/// Whether a top-level key is another exporter's section. Exporters' names have a hyphen and the
/// shared sections' have none; a name that is almost `own` is a misspelt `own`.
fn is_of_another_exporter(key: &str, value: &Value, own: &str) -> bool {
    const MISSPELT: usize = 2;
    let is_table = matches!(value.kind, ValueKind::Table(_));
    is_table && key.contains('-') && strsim::osa_distance(&key.to_lowercase(), own) > MISSPELT
}

/// Sets `key` unless a variable or a flag has set it.
fn set_below_the_environment(root: &mut Value, key: &str, new: Value) {
    let mut value = root;
    for segment in key.split('.') {
        let ValueKind::Table(table) = &mut value.kind else { return };
        value = table
            .entry(segment.to_owned())
            .or_insert_with(|| Value::new(None, Map::<String, Value>::new()));
    }
    if !is_text(value.origin()) {
        *value = new;
    }
}
