//! The smallest exporter: one metric, one collector, no source. It listens on port 9899.
//!
//! `cargo run --package common --example smallest -- --help`

use std::{io::Write, process::ExitCode};

use common::{
    metric::{Definition, Gauge},
    process::exporter::{CheckOptions, Exporter},
    scrape::{CollectError, Collector, Snapshot, Target},
    settings::SettingsError,
};
use serde::Deserialize;
use tokio::time::Instant;

common::catalog! {
    /// The number that the settings name
    pub static ANSWER: Gauge = "smallest_answer";
}

struct Smallest;

/// `[smallest]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    answer: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { answer: 42.0 }
    }
}

impl Exporter for Smallest {
    const NAME: &'static str = "smallest";
    const ABOUT: &'static str = "Shows one number";
    const PORT: u16 = 9899;
    const EXAMPLE: &'static str = "\
[smallest]
# The number to show, not negative.
#answer = 42
";
    type Settings = Settings;

    fn catalog() -> Vec<&'static Definition> {
        ALL.to_vec()
    }

    fn targets(settings: Settings) -> Result<Vec<Target>, SettingsError> {
        if settings.answer < 0.0 {
            return Err(SettingsError::at("answer", "expected a number that is not negative"));
        }
        Ok(vec![Target {
            name: "default".to_owned(),
            address: "nowhere".to_owned(),
            up: None,
            collectors: vec![Box::new(Answer(settings.answer))],
        }])
    }

    async fn check(
        settings: Settings,
        options: CheckOptions,
        out: &mut (dyn Write + Send),
    ) -> Result<bool, SettingsError> {
        let text =
            if options.grants { "it needs none".to_owned() } else { settings.answer.to_string() };
        // Whoever closed the pipe has read enough.
        let _ = writeln!(out, "{text}");
        Ok(settings.answer > 0.0)
    }
}

struct Answer(f64);

impl Collector for Answer {
    fn name(&self) -> &'static str {
        "answer"
    }

    async fn collect(&self, _: Instant, out: &mut Snapshot) -> Result<(), CollectError> {
        out.gauge(&ANSWER, (), self.0);
        Ok(())
    }
}

fn main() -> ExitCode {
    common::process::run::<Smallest>()
}
