//! The commented settings file that `init` writes.

use super::exporter::{Exporter, targets};
use crate::settings::{Settings, SettingsError};

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
