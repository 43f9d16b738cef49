//! Series for the unit tests of rules, in promtool's notation.

use common::metric::{Histogram, LabelSet, LabelText, Metric};
use profiles::Profile;

/// One series, with a sample every [`Group::sample_interval`](crate::rules::Group::sample_interval).
#[derive(Clone, Debug)]
pub struct Series {
    name: String,
    labels: Vec<(String, LabelText)>,
    values: String,
}

impl Series {
    /// A series of `metric`: `101x40` is constant, `0+5x40` grows by five a sample.
    pub fn of<K, L: LabelSet>(metric: &Metric<K, L>, labels: L, values: impl Into<String>) -> Self {
        Self::part(metric, "", labels, values)
    }

    /// A part of a histogram: `_sum` or `_count`.
    pub fn part<K, L: LabelSet>(
        metric: &Metric<K, L>,
        suffix: &str,
        labels: L,
        values: impl Into<String>,
    ) -> Self {
        let names = L::NAMES.iter().map(|name| (*name).to_owned());
        Self {
            name: format!("{}{suffix}", metric.name()),
            labels: names.zip(labels.into_values()).collect(),
            values: values.into(),
        }
    }

    /// A bucket of a histogram.
    pub fn bucket<K, L: LabelSet>(
        metric: &Metric<K, L>,
        le: &str,
        labels: L,
        values: impl Into<String>,
    ) -> Self {
        let mut series = Self::part(metric, "_bucket", labels, values);
        series.labels.push(("le".to_owned(), le.to_owned().into()));
        series
    }

    /// The series as Prometheus stores it for a target of `job`, and its values.
    pub fn text(&self, job: &str, profile: &Profile) -> (String, &str) {
        let mut labels = vec![
            ("instance".to_owned(), LabelText::of("127.0.0.1:9801")),
            ("job".to_owned(), job.to_owned().into()),
        ];
        if !profile.is_generic() {
            labels.push(("system".to_owned(), LabelText::of(profile.slug)));
        }
        labels.extend(self.labels.iter().cloned());
        labels.sort();
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        (format!("{}{{{}}}", self.name, labels.join(",")), &self.values)
    }
}

/// A gauge that is constant.
pub(crate) fn steady(value: f64) -> String {
    format!("{value}x400")
}

/// A counter that grows by `step` a sample.
pub(crate) fn growing(step: f64) -> String {
    format!("0+{step}x400")
}

/// A timestamp that is `age` seconds old at every sample; promtool's clock begins at zero, and
/// samples are 15 s apart.
pub(crate) fn aged(age: f64) -> String {
    format!("{}+15x400", -age)
}

/// A histogram that grows by a hundred a sample, all of them between two of its bounds.
pub(crate) fn between<L: LabelSet>(
    metric: &Histogram<L>,
    labels: impl Fn() -> L,
    (below, up_to): (f64, f64),
) -> Vec<Series> {
    let bucket = |le: &str, step| Series::bucket(metric, le, labels(), growing(step));
    vec![bucket(&below.to_string(), 0.0), bucket(&up_to.to_string(), 100.0), bucket("+Inf", 100.0)]
}
