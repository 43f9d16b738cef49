//! The targets that an exporter's settings name: a default one, and further ones by their names.

use crate::{scrape::DEFAULT_TARGET, settings::SettingsError};

/// Makes what each target is read by, the default one first.
///
/// `default` is what the exporter's section says itself, where it names something, `further` what
/// stands in `targets.NAME`. What is wrong with a further one is found within its table.
pub fn named<Name: AsRef<str>, Settings, Made>(
    default: Option<Settings>,
    further: impl IntoIterator<Item = (Name, Settings)>,
    make: impl Fn(&str, Settings) -> Result<Made, SettingsError>,
) -> Result<Vec<Made>, SettingsError> {
    let mut targets = Vec::new();
    if let Some(settings) = default {
        targets.push(make(DEFAULT_TARGET, settings)?);
    }
    for (name, settings) in further {
        let name = name.as_ref();
        let key = format!("targets.{name}");
        if !may_be_named(name) {
            let problem = "a target's name has letters, digits, `.`, `-` and `_`, and is not \
                           `default`, which is the one above";
            return Err(SettingsError::at(key, problem));
        }
        targets.push(make(name, settings).map_err(|it| it.in_table(&key))?);
    }
    Ok(targets)
}

/// Whether a further target may have this name: it stands in URLs and in names of files.
pub fn may_be_named(name: &str) -> bool {
    let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '_');
    name != DEFAULT_TARGET && !name.is_empty() && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(name: &str, port: u16) -> Result<String, SettingsError> {
        match port {
            0 => Err(SettingsError::at("port", "is zero")),
            port => Ok(format!("{name}:{port}")),
        }
    }

    #[test]
    fn the_default_target_is_the_first() {
        assert_eq!(
            named(Some(1), [("a", 2), ("b.c-d_1", 3)], make).unwrap(),
            ["default:1", "a:2", "b.c-d_1:3"]
        );
        assert_eq!(named(None, [("a", 2)], make).unwrap(), ["a:2"]);
    }

    #[test]
    fn an_error_stands_in_the_table_of_its_target() {
        let key = |default, further: [(&str, u16); 1]| {
            named(default, further, make).unwrap_err().key().to_owned()
        };
        assert_eq!(key(Some(0), [("a", 1)]), "port");
        assert_eq!(key(Some(1), [("a", 0)]), "targets.a.port");
        for name in ["", "default", "a b", "a/b", "ä"] {
            assert_eq!(key(None, [(name, 1)]), format!("targets.{name}"));
        }
    }
}
