//! The part of Prometheus' HTTP API that a panel needs.

use std::collections::BTreeMap;

use hyper::Method;
use serde::Deserialize;

use super::RenderError;
use crate::http;

#[derive(Clone, Debug)]
pub struct Prometheus {
    address: String,
}

/// One series with its points: seconds since the epoch, and value.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its labels, the name included where it has one.
    pub labels: BTreeMap<String, String>,
    /// In order of time.
    pub points: Vec<(f64, f64)>,
}

#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    error: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    result_type: String,
    result: serde_json::Value,
}

#[derive(Deserialize)]
struct Row {
    metric: BTreeMap<String, String>,
    #[serde(default)]
    value: Option<(f64, String)>,
    #[serde(default)]
    values: Vec<(f64, String)>,
}

impl Prometheus {
    /// `address` is `http://host:port`, with a path prefix where there is one.
    pub fn new(address: &str) -> Self {
        Self { address: address.trim_end_matches('/').to_owned() }
    }

    /// The value of each series at one moment.
    pub async fn instant(&self, query: &str, time: f64) -> Result<Vec<Series>, RenderError> {
        self.ask("query", &[("query", query), ("time", &format!("{time:.3}"))]).await
    }

    /// The values of each series over a span, one every `step` seconds.
    pub async fn range(
        &self,
        query: &str,
        start: f64,
        end: f64,
        step: f64,
    ) -> Result<Vec<Series>, RenderError> {
        let (start, end, step) = (format!("{start:.3}"), format!("{end:.3}"), format!("{step:.3}"));
        let form = [("query", query), ("start", &start), ("end", &end), ("step", &step)];
        self.ask("query_range", &form).await
    }

    async fn ask(&self, what: &str, form: &[(&str, &str)]) -> Result<Vec<Series>, RenderError> {
        let body: Vec<_> =
            form.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let url = format!("{}/api/v1/{what}", self.address);
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let answer = http::send(Method::POST, &url, &headers, &body.join("&"))
            .await
            .map_err(|it| RenderError::Prometheus(self.address.clone(), Some(it.into())))?;
        // A refusal is JSON as well, with another status.
        let answer: Response = serde_json::from_slice(&answer.body).map_err(|it| {
            RenderError::Prometheus("it speaks no JSON".to_owned(), Some(it.into()))
        })?;
        match answer {
            Response { data: Some(data), .. } => data.series(),
            Response { error, .. } => {
                let error = error.unwrap_or_else(|| "it gave neither data nor error".to_owned());
                Err(RenderError::Prometheus(error, None))
            }
        }
    }
}

impl Data {
    fn series(self) -> Result<Vec<Series>, RenderError> {
        let unreadable = |it: serde_json::Error| {
            RenderError::Prometheus("its answer is not understood".to_owned(), Some(it.into()))
        };
        if self.result_type == "scalar" {
            let (time, value): (f64, String) =
                serde_json::from_value(self.result).map_err(unreadable)?;
            return Ok(vec![Series { labels: BTreeMap::new(), points: points([(time, value)]) }]);
        }
        let rows: Vec<Row> = serde_json::from_value(self.result).map_err(unreadable)?;
        let series = |row: Row| Series {
            labels: row.metric,
            points: points(row.value.into_iter().chain(row.values)),
        };
        Ok(rows.into_iter().map(series).filter(|it| !it.points.is_empty()).collect())
    }
}

/// Points that are numbers; a panel draws nothing for the others.
fn points(values: impl IntoIterator<Item = (f64, String)>) -> Vec<(f64, f64)> {
    let parsed = values.into_iter().filter_map(|(time, text)| Some((time, text.parse().ok()?)));
    parsed.filter(|(_, value): &(f64, f64)| value.is_finite()).collect()
}

const HEX: [&str; 16] =
    ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "A", "B", "C", "D", "E", "F"];

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            escaped.push(char::from(byte));
        } else {
            escaped.extend(["%", HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
    escaped
}
