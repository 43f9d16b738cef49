//! What an exporter is to the edge that runs it.

use std::{future::Future, io::Write};

use serde::de::DeserializeOwned;

use crate::{
    host::Host,
    metric::Definition,
    scrape::{DEFAULT_TARGET, Target},
    settings::{Settings, SettingsError, UrlSource},
};

/// A program that reads a source and shows it as metrics. [`run`](crate::process::run) does the rest.
pub trait Exporter: 'static {
    /// Its name: the binary's, and the section of the settings (`[postgres-queue]`).
    const NAME: &'static str;
    /// One line that says what it shows.
    const ABOUT: &'static str;
    /// The port it listens on unless told otherwise.
    const PORT: u16;
    /// Its section as `init` writes it. Prose stands behind `# `, a setting at its default right
    /// behind `#`; [`check_example`] proves that both readings hold.
    const EXAMPLE: &'static str;
    /// The platform's variables that stand for the default target's addresses.
    const URLS: &'static [UrlSource] = &[];

    /// Its section of the settings; it denies unknown keys.
    type Settings: DeserializeOwned + Send + Sync;

    /// Every metric that it can show.
    fn catalog() -> Vec<&'static Definition>;

    /// Validates the settings and builds what reads the targets, without any I/O but reading
    /// files that the settings name.
    fn targets(settings: Self::Settings) -> Result<Vec<Target>, SettingsError>;

    /// Connects, runs each query once and writes what was found to `out`. False when there is
    /// trouble.
    fn check(
        settings: Self::Settings,
        options: CheckOptions,
        out: &mut (dyn Write + Send),
    ) -> impl Future<Output = Result<bool, SettingsError>>;
}

/// What the `check` subcommand was told.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckOptions {
    /// Print the statements that make the role with the fewest privileges, and do nothing else.
    pub grants: bool,
}

/// Builds what the settings ask for: the exporter's targets and, where `[host]` enables it, the
/// machine beside the default one.
pub(crate) fn targets<E: Exporter>(settings: &mut Settings) -> Result<Vec<Target>, SettingsError> {
    let own = settings.exporter(E::NAME, E::URLS)?;
    let mut targets = E::targets(own).map_err(|it| settings.locate(E::NAME, it))?;
    let host = Host::new(&settings.section("host")?).map_err(|it| settings.locate("host", it))?;
    if let Some(host) = host {
        match targets.iter_mut().find(|it| it.name == DEFAULT_TARGET) {
            Some(target) => target.collectors.push(Box::new(host)),
            None => targets.push(Target {
                name: DEFAULT_TARGET.to_owned(),
                address: "this machine".to_owned(),
                up: None,
                collectors: vec![Box::new(host)],
            }),
        }
    }
    Ok(targets)
}

/// Proves that an exporter's example settings are accepted, as they stand and with each setting
/// that stands there at its default. For the exporter's tests.
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

/// The whole settings file that `init` writes.
pub fn example<E: Exporter>() -> String {
    format!("{}\n{}", crate::settings::EXAMPLE, E::EXAMPLE)
}

/// The example with every setting in force that stands there at its default.
pub(crate) fn uncommented(example: &str) -> String {
    let line = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|it: char| it.is_ascii_lowercase() || it == '[') => {
            format!("{rest}\n")
        }
        _ => format!("{line}\n"),
    };
    example.lines().map(line).collect()
}
