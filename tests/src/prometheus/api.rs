//! Queries to Prometheus' HTTP API.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::Prometheus;
use crate::{StackError, http};

/// The labels of a series, an alert or a target.
pub type Labels = BTreeMap<String, String>;

/// One series at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Its labels, the name as `__name__`.
    pub labels: Labels,
    pub value: f64,
}

impl Sample {
    /// A label's value; empty when it is not there, as Prometheus sees it.
    pub fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

/// One series over a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// Its labels, the name as `__name__`.
    pub labels: Labels,
    /// Seconds since 1970, and the value then.
    pub points: Vec<(f64, f64)>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Its labels, `job` and `instance` among them.
    pub labels: Labels,
    /// `up`, `down` or `unknown` (not scraped yet).
    pub health: String,
    /// The error of the last scrape; empty if it succeeded.
    pub last_error: String,
    /// Where it is scraped.
    pub scrape_url: String,
    /// How long the last scrape took, in seconds.
    pub last_scrape_duration: f64,
}

/// An alert that is pending or firing.
#[derive(Debug, Clone, Deserialize)]
pub struct ActiveAlert {
    /// Its labels, `alertname` among them.
    pub labels: Labels,
    pub annotations: Labels,
    /// `pending` or `firing`.
    pub state: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// The alert's or the recorded series' name.
    pub name: String,
    /// Its expression as Prometheus prints it.
    pub query: String,
    /// `ok`, `err` or `unknown` (not evaluated yet).
    pub health: String,
    /// The error of the last evaluation.
    pub last_error: Option<String>,
    /// `alerting` or `recording`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `inactive`, `pending` or `firing`, for an alert.
    pub state: Option<String>,
}

/// The metadata of a metric.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
pub struct Metadata {
    /// `counter`, `gauge`, `histogram`, …
    #[serde(rename = "type")]
    pub kind: String,
    pub help: String,
    /// Its unit, where the format has one.
    pub unit: String,
}

impl Prometheus {
    /// The series that an expression gives now.
    pub async fn query(&self, expr: &str) -> Result<Vec<Sample>, StackError> {
        let answer: Answer = self.ask("query", &[("query", expr)]).await?;
        Ok(answer.samples())
    }

    /// The series that an expression gives at a time.
    pub async fn query_at(&self, expr: &str, at: SystemTime) -> Result<Vec<Sample>, StackError> {
        let at = seconds(at);
        let answer: Answer = self.ask("query", &[("query", expr), ("time", &at)]).await?;
        Ok(answer.samples())
    }

    /// The value of an expression with one series; none when there is no series, an error when
    /// there are more.
    pub async fn value(&self, expr: &str) -> Result<Option<f64>, StackError> {
        let samples = self.query(expr).await?;
        match samples.as_slice() {
            [] => Ok(None),
            [sample] => Ok(Some(sample.value)),
            _ => Err(StackError::Answer {
                doing: format!("asking for the value of {expr}"),
                answer: format!("{samples:?}"),
            }),
        }
    }

    /// The series of an expression over a time that ends now.
    pub async fn query_range(
        &self,
        expr: &str,
        last: Duration,
        step: Duration,
    ) -> Result<Vec<Range>, StackError> {
        let end = SystemTime::now();
        let (start, end) = (seconds(end - last), seconds(end));
        let step = step.as_secs_f64().to_string();
        let pairs = [("query", expr), ("start", &start), ("end", &end), ("step", &step)];
        let answer: Matrix = self.ask("query_range", &pairs).await?;
        Ok(answer.result.into_iter().map(Matrices::range).collect())
    }

    /// The targets that are scraped.
    pub async fn targets(&self) -> Result<Vec<Target>, StackError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Answer {
            active_targets: Vec<Target>,
        }
        Ok(self.ask::<Answer>("targets", &[("state", "active")]).await?.active_targets)
    }

    /// Alerts that are pending or firing.
    pub async fn alerts(&self) -> Result<Vec<ActiveAlert>, StackError> {
        #[derive(Deserialize)]
        struct Answer {
            alerts: Vec<ActiveAlert>,
        }
        Ok(self.ask::<Answer>("alerts", &[]).await?.alerts)
    }

    /// Every loaded rule, in the order of the files.
    pub async fn rules(&self) -> Result<Vec<Rule>, StackError> {
        #[derive(Deserialize)]
        struct Answer {
            groups: Vec<Group>,
        }
        #[derive(Deserialize)]
        struct Group {
            rules: Vec<Rule>,
        }
        let answer: Answer = self.ask("rules", &[]).await?;
        Ok(answer.groups.into_iter().flat_map(|group| group.rules).collect())
    }

    /// The targets' metadata of every metric, by the metric's name.
    pub async fn metadata(&self) -> Result<BTreeMap<String, Vec<Metadata>>, StackError> {
        self.ask("metadata", &[]).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        what: &str,
        pairs: &[(&str, &str)],
    ) -> Result<T, StackError> {
        #[derive(Deserialize)]
        struct Envelope<T> {
            data: T,
        }
        let url = format!("{}/api/v1/{what}{}", self.url(), http::query(pairs));
        let doing = format!("asking Prometheus for {what} {pairs:?}");
        Ok(http::get(&url).await?.json::<Envelope<T>>(&doing)?.data)
    }
}

fn seconds(time: SystemTime) -> String {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64().to_string()
}

/// The answer to an instant query: series, or a bare number. Other types have no one value now.
#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Answer {
    Vector(Vec<Instant>),
    Scalar(Point),
}

impl Answer {
    fn samples(self) -> Vec<Sample> {
        match self {
            Self::Vector(series) => series
                .into_iter()
                .map(|Instant { metric, value: Point(_, value) }| Sample { labels: metric, value })
                .collect(),
            Self::Scalar(Point(_, value)) => vec![Sample { labels: Labels::new(), value }],
        }
    }
}

#[derive(Deserialize)]
struct Instant {
    metric: Labels,
    value: Point,
}

#[derive(Deserialize)]
struct Matrix {
    result: Vec<Matrices>,
}

#[derive(Deserialize)]
struct Matrices {
    metric: Labels,
    values: Vec<Point>,
}

impl Matrices {
    fn range(self) -> Range {
        let points = self.values.into_iter().map(|Point(at, value)| (at, value)).collect();
        Range { labels: self.metric, points }
    }
}

/// A time, and a value that JSON carries as text because it may be `NaN` or `+Inf`.
#[derive(Deserialize)]
struct Point(f64, #[serde(deserialize_with = "number")] f64);

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_query_answers() {
        let text =
            r#"{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1.5,"+Inf"]}]}"#;
        let samples = serde_json::from_str::<Answer>(text).unwrap().samples();
        assert!(samples[0].value.is_infinite());
        assert_eq!(samples[0].label("a"), "b");
        let text = r#"{"resultType":"scalar","result":[1.5,"3"]}"#;
        let samples = serde_json::from_str::<Answer>(text).unwrap().samples();
        assert_eq!(samples, [Sample { labels: Labels::new(), value: 3.0 }]);
    }
}
