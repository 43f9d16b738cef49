//! The exporters that measure an alert's condition.

use profiles::suite::SuiteExporter;
use promql::{JOB, TargetMatcher};

/// The exporters that measure an alert's condition: the `component` label.
#[derive(Clone, Debug)]
pub enum Component {
    One(&'static str),
    /// Each of these exporters; the label is the job of the series.
    Each(Vec<SuiteExporter>),
}

impl Component {
    /// The `component` label; a template if it depends on the series.
    pub fn label(&self) -> &'static str {
        match self {
            Self::One(name) => name,
            Self::Each(_) => "{{ $labels.job }}",
        }
    }

    /// The name of its group of rules, without the profile's.
    pub fn group(&self) -> &'static str {
        match self {
            Self::One(name) => name,
            Self::Each(_) => "exporters",
        }
    }

    /// The jobs whose series it reads.
    pub fn jobs(&self) -> Vec<&'static str> {
        match self {
            Self::One(name) => vec![name],
            Self::Each(exporters) => exporters.iter().map(|it| it.name).collect(),
        }
    }
}

/// The targets of these exporters.
pub(crate) fn targets(exporters: &[SuiteExporter]) -> TargetMatcher {
    let names: Vec<_> = exporters.iter().map(|it| it.name).collect();
    match names[..] {
        [name] => JOB.eq(name),
        _ => JOB.matches(names.join("|")),
    }
}
