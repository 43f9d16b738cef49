//! The smallest exporter: one metric, one collector, no source. It listens on port 9899.
//!
//! `cargo run --package common --example smallest -- --help`

use std::process::ExitCode;

use common::{
    metric::{Definition, Gauge},
    process::{ConfiguredTarget, Exporter, Report, SectionOf, Up},
    scrape::{BoxedCollector, CollectError, Collector, Snapshot},
    settings::{NoSettings, SettingsError},
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
    type TargetSettings = Settings;
    type Settings = NoSettings;
    type Target = Answer;

    fn catalog() -> Vec<&'static Definition> {
        ALL.to_vec()
    }

    fn target(
        _: &str,
        settings: &Settings,
        _: &SectionOf<Self>,
    ) -> Result<Option<Answer>, SettingsError> {
        if settings.answer < 0.0 {
            return Err(SettingsError::at("answer", "expected a number that is not negative"));
        }
        Ok(Some(Answer(settings.answer)))
    }
}

impl ConfiguredTarget for Answer {
    fn address(&self) -> String {
        "nowhere".to_owned()
    }

    fn up(&self) -> Option<Up> {
        None
    }

    fn collectors(&self) -> Result<Vec<BoxedCollector>, SettingsError> {
        Ok(vec![Box::new(*self)])
    }

    fn summarize(&self, report: &mut Report, snapshot: &Snapshot) {
        if snapshot.value(ANSWER.definition().name, &[]) == Some(0.0) {
            report.problem("the number is zero", "set `answer` to another one");
        }
    }
}

/// Both the target and its collector.
#[derive(Clone, Copy)]
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
