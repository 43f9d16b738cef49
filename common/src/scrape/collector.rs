//! What an exporter gives to the runner: collectors, grouped by the target they read.

use std::{borrow::Cow, error::Error, fmt};

use futures::future::BoxFuture;
use tokio::time::Instant;

use crate::{
    metric::{Gauge, Metric},
    scrape::Snapshot,
};

/// Reads one subject of one target. The runner times it, bounds it and reports how it went.
pub trait Collector: Send + Sync + 'static {
    /// The value of its `collector` label: lower snake case, unique within the target.
    fn name(&self) -> &'static str;

    /// Reads the source and writes what was seen into `out`.
    ///
    /// The future is dropped when the deadline passes, so state that outlives a scrape is changed
    /// only after the last `await`. What stands in `out` when an error is returned is still
    /// served, so that one failing part does not hide the others.
    fn collect<'a>(
        &'a self,
        deadline: Instant,
        out: &'a mut Snapshot,
    ) -> BoxFuture<'a, Result<(), CollectError>>;

    /// What people should mend although the source is read: a missing index, a privilege without
    /// which figures are left out. The landing page shows it.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The name of the target that the telemetry path serves.
pub const DEFAULT_TARGET: &str = "default";

/// One database, server or API that is read, with the collectors that read it.
pub struct Target {
    /// The name that `/probe?target=NAME` takes; [`DEFAULT_TARGET`] needs no such path.
    pub name: String,
    /// Where it is, for people: host, port and database, never a secret.
    pub address: String,
    /// Whether it answered: the metric, and the collector whose success tells.
    pub up: Option<(&'static Metric<Gauge, ()>, &'static str)>,
    /// What reads it.
    pub collectors: Vec<Box<dyn Collector>>,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("name", &self.name).finish_non_exhaustive()
    }
}

crate::label_values! {
    /// Why a collector failed: a closed set, so that a rule can tell one from the other.
    pub enum Reason {
        /// The source could not be reached.
        Connect = "connect",
        /// TLS could not be agreed upon.
        Tls = "tls",
        /// The source refused the credentials.
        Auth = "auth",
        /// The source has no connection slot left.
        Slots = "slots",
        /// No answer before the deadline, or a statement over its time-out.
        Timeout = "timeout",
        /// A lock was not granted in time.
        Lock = "lock",
        /// A privilege is missing.
        Permission = "permission",
        /// A table, column, extension or command is missing.
        Missing = "missing",
        /// The source refused the question for another reason.
        Query = "query",
        /// The answer could not be understood.
        Parse = "parse",
        /// The connection broke, or the source is starting or shutting down.
        Unavailable = "unavailable",
        /// A defect of the exporter.
        Internal = "internal",
    }
}

/// Why a collector could not read its source.
///
/// Its `Display` says what was being done; the cause is in `source()`.
#[derive(Debug)]
pub struct CollectError {
    /// The class of the failure.
    pub reason: Reason,
    /// What would mend it, for the log, the landing page and `check`.
    pub hint: Option<String>,
    doing: Cow<'static, str>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl CollectError {
    /// `doing` says what was being done and to what: "reading the depth of queue `mail`".
    pub fn new(reason: Reason, doing: impl Into<Cow<'static, str>>) -> Self {
        Self { reason, hint: None, doing: doing.into(), source: None }
    }

    /// Adds the cause.
    pub fn with_source(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// Adds what would mend it.
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl fmt::Display for CollectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.doing)
    }
}

impl Error for CollectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|it| it as _)
    }
}
