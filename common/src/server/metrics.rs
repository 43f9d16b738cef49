//! The server's own metrics.

use std::sync::atomic::{AtomicU64, Ordering};

use hyper::StatusCode;

use crate::{
    metric::{Counter, Gauge},
    scrape::Snapshot,
};

crate::labels! {
    /// Requests with one status.
    pub struct HttpLabels {
        code: &'static str,
    }
}

crate::catalog! {
    /// HTTP requests that the exporter answered, by status code
    pub static HTTP_REQUESTS: Counter<HttpLabels> = "pulso_http_requests_total";
    /// Whether the web configuration file on disk is valid and in effect (1), or an older version
    /// of it is in effect (0)
    pub static WEB_CONFIG_VALID: Gauge = "pulso_web_config_valid";
}

/// Every status of a response, so that each series exists from the start.
const CODES: [(StatusCode, &str); 8] = [
    (StatusCode::OK, "200"),
    (StatusCode::BAD_REQUEST, "400"),
    (StatusCode::UNAUTHORIZED, "401"),
    (StatusCode::NOT_FOUND, "404"),
    (StatusCode::METHOD_NOT_ALLOWED, "405"),
    (StatusCode::TOO_MANY_REQUESTS, "429"),
    (StatusCode::INTERNAL_SERVER_ERROR, "500"),
    (StatusCode::SERVICE_UNAVAILABLE, "503"),
];

/// Requests by status so far.
#[derive(Debug, Default)]
pub(super) struct Requests([AtomicU64; CODES.len()]);

impl Requests {
    pub(super) fn count(&self, status: StatusCode) {
        let index = CODES.iter().position(|(code, _)| *code == status);
        debug_assert!(index.is_some(), "{status} is not counted");
        if let Some(index) = index {
            self.0[index].fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn write(&self, out: &mut Snapshot) {
        for ((_, code), count) in CODES.iter().zip(&self.0) {
            let count = count.load(Ordering::Relaxed) as f64;
            out.counter(&HTTP_REQUESTS, HttpLabels { code }, count);
        }
    }
}
