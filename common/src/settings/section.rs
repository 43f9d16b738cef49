//! An exporter's section: the default target, the keys for all targets, and further targets.

use std::collections::BTreeMap;

use config::{Map, Value};
use serde::{Deserialize, de::DeserializeOwned};

use super::{SettingsError, check_counts, de};
use crate::scrape::DEFAULT_TARGET;

/// An exporter's section. Its table holds the keys of the default target (`T`), those that hold for
/// every target (`S`), `max_concurrent_probes`, and `targets.NAME`, each with the keys of `T`.
///
/// This is not `#[serde(flatten)]`, which cannot refuse an unknown key.
#[derive(Clone, Debug)]
pub struct Section<T, S> {
    /// The default target; it need not name a source when there are further targets.
    pub default: T,
    /// The settings that apply to every target.
    pub shared: S,
    /// How many further targets are read at the same time; the rest wait.
    pub max_concurrent_probes: usize,
    /// Further targets by their names.
    pub targets: BTreeMap<String, T>,
}

/// For an exporter whose section has no keys that hold for every target.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

/// The keys that every exporter's section has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default, bound = "T: DeserializeOwned")]
struct Common<T> {
    max_concurrent_probes: usize,
    targets: BTreeMap<String, T>,
}

impl<T> Default for Common<T> {
    fn default() -> Self {
        Self { max_concurrent_probes: 32, targets: BTreeMap::new() }
    }
}

impl<T: DeserializeOwned, S: DeserializeOwned> Section<T, S> {
    /// Reads the table `value` of the section `name`: each key goes to the struct that knows it.
    pub(super) fn read(name: &str, value: &Value) -> Result<Self, SettingsError> {
        let known = [de::keys::<T>(), de::keys::<S>(), de::keys::<Common<T>>()];
        let mut parts = [Map::new(), Map::new(), Map::new()];
        for (key, inner) in de::table(name, value)? {
            let Some(part) = known.iter().position(|keys| keys.contains(&key.as_str())) else {
                let error = SettingsError::unknown_key(key, &known.concat()).in_table(name);
                return Err(error.with_origin(|| de::origin(inner)));
            };
            parts[part].insert(key.clone(), inner.clone());
        }
        let origin = value.origin().map(str::to_owned);
        let [default, shared, common] = parts.map(|part| Value::new(origin.as_ref(), part));
        let Common { max_concurrent_probes, targets } = de::read::<Common<T>>(name, &common)?;
        Ok(Self {
            default: de::read(name, &default)?,
            shared: de::read(name, &shared)?,
            max_concurrent_probes,
            targets,
        })
    }
}

impl<T, S> Section<T, S> {
    /// Builds each target, the default one first; `build` gives `None` for a target that names no
    /// source. `url` is the key of the default target's address, `sources` says what may be named.
    pub(crate) fn build<Built>(
        &self,
        url: &str,
        sources: &str,
        build: impl Fn(&str, &T) -> Result<Option<Built>, SettingsError>,
    ) -> Result<Vec<Built>, SettingsError> {
        check_counts(&[("max_concurrent_probes", self.max_concurrent_probes, 1, 1000)])?;
        let mut targets: Vec<Built> = build(DEFAULT_TARGET, &self.default)?.into_iter().collect();
        for (name, settings) in &self.targets {
            let key = format!("targets.{name}");
            if !may_be_named(name) {
                let problem = "a target's name has letters, digits, `.`, `-` and `_`, and is not \
                               `default`, which is the section's own target";
                return Err(SettingsError::at(key, problem));
            }
            let target = build(name, settings).and_then(|it| {
                it.ok_or_else(|| SettingsError::at("", format!("names no source: name {sources}")))
            });
            targets.push(target.map_err(|it| it.in_table(&key))?);
        }
        if targets.is_empty() {
            let problem = format!("is missing: name {sources}, or `targets`");
            return Err(SettingsError::at(url, problem));
        }
        Ok(targets)
    }
}

/// Whether a further target may have this name: it is part of URLs and of file names.
fn may_be_named(name: &str) -> bool {
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_');
    name != DEFAULT_TARGET && !name.is_empty() && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(default: u16, further: &[(&str, u16)]) -> Result<Vec<String>, SettingsError> {
        let targets = further.iter().map(|(name, port)| ((*name).to_owned(), *port)).collect();
        let section = Section { default, shared: (), max_concurrent_probes: 1, targets };
        section.build("port", "a port", |name, port| match port {
            0 => Ok(None),
            1 => Err(SettingsError::at("port", "is taken")),
            port => Ok(Some(format!("{name}:{port}"))),
        })
    }

    #[test]
    fn the_default_target_is_the_first() {
        assert_eq!(
            build(2, &[("a", 3), ("b.c-d_1", 4)]).unwrap(),
            ["default:2", "a:3", "b.c-d_1:4"]
        );
        assert_eq!(build(0, &[("a", 3)]).unwrap(), ["a:3"], "a default target is not required");
    }

    #[test]
    fn an_error_names_the_table_of_its_target() {
        let error =
            |default, further: &[(&str, u16)]| build(default, further).unwrap_err().to_string();
        assert_eq!(error(1, &[("a", 2)]), "port: is taken");
        assert_eq!(error(2, &[("a", 1)]), "targets.a.port: is taken");
        assert_eq!(error(2, &[("a", 0)]), "targets.a: names no source: name a port");
        assert_eq!(error(0, &[]), "port: is missing: name a port, or `targets`");
        for name in ["", "default", "a b", "a/b", "ä"] {
            assert!(
                error(2, &[(name, 2)]).starts_with(&format!("targets.{name}: a target's name"))
            );
        }
    }
}
