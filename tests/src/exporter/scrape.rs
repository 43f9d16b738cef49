//! Requests to an exporter: one scrape, one with a deadline, many at the same time, and `check`.

use std::{process::Command, time::Duration};

use super::{Exporter, build};
use crate::{
    Samples, Server, StackError, Stopwatch,
    http::{self, Response},
};

/// How many scrapes are a storm.
const STORM: usize = 200;

impl Exporter {
    /// Fetches a path with headers.
    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Result<Response, StackError> {
        http::get_with(&format!("{}{path}", self.url()), headers).await
    }

    /// One scrape, in the classic text format.
    pub async fn metrics(&self) -> Result<String, StackError> {
        let answer = self.get("/metrics", &[("accept", "text/plain")]).await?;
        answer.accepted("scraping the exporter").map(|()| answer.text())
    }

    /// A scrape of `path` by a Prometheus that waits for two seconds, and has its answer by then.
    ///
    /// # Panics
    /// When it has not, or the answer is none.
    pub async fn in_two_seconds(&self, path: &str) -> Samples {
        let headers = [("accept", "text/plain"), ("x-prometheus-scrape-timeout-seconds", "2")];
        let watch = Stopwatch::start(&[self.process().pid()]);
        let answer = self.get(path, &headers).await;
        let answer = answer.unwrap_or_else(|error| panic!("{path}: {error:?}"));
        let took = watch.elapsed();
        assert!(took < Duration::from_secs(2), "{path} took {took:?}");
        assert_eq!(answer.status, 200, "{path}");
        Samples::parse(&answer.text())
    }

    /// Scrapes it two hundred times at the same time, and returns the highest value of
    /// `connections` during that time.
    ///
    /// # Panics
    /// When a scrape is neither answered nor refused, or hardly one is answered.
    pub async fn storm(&self, mut connections: impl AsyncFnMut() -> i64) -> i64 {
        let url = format!("{}/metrics", self.url());
        let scrape = |_| {
            let url = url.clone();
            tokio::spawn(async move { http::get(&url).await.map(|it| it.status) })
        };
        let scrapes: Vec<_> = (0..STORM).map(scrape).collect();
        let mut most = 0;
        for _ in 0..50 {
            most = most.max(connections().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut answered = 0;
        for scrape in scrapes {
            let status = scrape.await.unwrap_or_else(|error| panic!("a scrape: {error}"));
            let status = status.unwrap_or_else(|error| panic!("a scrape: {error:?}"));
            assert!(matches!(status, 200 | 503), "{status}");
            answered += usize::from(status == 200);
        }
        assert!(answered >= STORM / 5, "only {answered} of {STORM} were answered");
        most
    }
}

/// Runs `check` of the exporter `name` on the database at `url`: whether it succeeded, and its output.
///
/// # Panics
/// When it does not run.
pub fn check(name: &str, url: &str, arguments: &[&str]) -> (bool, String) {
    let program = build(name).unwrap_or_else(|error| panic!("{name}: {error:?}"));
    let done = Command::new(program).arg("check").args(arguments).env("DATABASE_URL", url).output();
    let done = done.unwrap_or_else(|error| panic!("{name}: {error}"));
    let output = [done.stdout, done.stderr].concat();
    (done.status.success(), String::from_utf8_lossy(&output).into_owned())
}
