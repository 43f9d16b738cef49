//! The commented settings file that `init` writes, and checks of settings for exporters' tests.

use super::exporter::{Exporter, targets};
use crate::{
    scrape::Target,
    settings::{Settings, SettingsError},
};

/// The whole file: the shared sections and the exporter's own.
pub(crate) fn example<E: Exporter>() -> String {
    format!("{}\n{}", crate::settings::EXAMPLE, E::EXAMPLE)
}

/// The example with its commented settings enabled.
pub(crate) fn uncommented(example: &str) -> String {
    let line = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|it: char| it.is_ascii_lowercase() || it == '[') => {
            format!("{rest}\n")
        }
        _ => format!("{line}\n"),
    };
    example.lines().map(line).collect()
}

/// Checks that the exporter's example settings are valid, as written and with the commented
/// settings enabled. For the exporter's tests.
pub fn check_example<E: Exporter>() -> Result<(), SettingsError> {
    let whole = example::<E>();
    for text in [whole.clone(), uncommented(&whole)] {
        let mut settings = Settings::parse(E::NAME, "example.toml", &text)?;
        settings.web()?;
        settings.log()?;
        settings.scrape()?;
        targets::<E>(&mut settings)?;
    }
    Ok(())
}

/// The targets of the settings in `toml`, each as `NAME: COLLECTOR COLLECTOR …`. For the exporter's
/// tests.
pub fn list_targets<E: Exporter>(toml: &str) -> Result<Vec<String>, SettingsError> {
    let mut settings = Settings::parse(E::NAME, "test.toml", toml)?;
    let line = |target: Target| {
        let collectors: Vec<_> = target.collectors.iter().map(|it| it.name()).collect();
        format!("{}: {}", target.name, collectors.join(" "))
    };
    Ok(targets::<E>(&mut settings)?.into_iter().map(line).collect())
}
