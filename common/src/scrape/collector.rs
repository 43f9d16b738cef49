//! The traits and types that an exporter implements: collectors, grouped by target.

use std::{borrow::Cow, error::Error, fmt};

use futures::future::BoxFuture;
use tokio::time::Instant;

use crate::{metric::Gauge, scrape::Snapshot};

/// Reads one subject of one target. The runner measures it, ends it at the deadline and reports
/// its outcome.
///
/// A collector of PostgreSQL or Redis implements `SessionCollector`, which gets a session.
pub trait Collector: Send + Sync + 'static {
    /// The value of its `collector` label: lower snake case, unique within the target.
    fn name(&self) -> &str;

    /// Reads the source and writes samples into `out`.
    ///
    /// The future is dropped at the deadline, so change state that outlives a scrape only after
    /// the last `await`. The samples written before an error are still served, so that one
    /// failing part does not hide the others.
    fn collect(
        &self,
        deadline: Instant,
        out: &mut Snapshot,
    ) -> impl Future<Output = Result<(), CollectError>> + Send;

    /// Problems that do not fail the collector, such as a missing index or privilege. The landing
    /// page and `check` show them.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// [`Collector`] as a trait object: every collector is one.
pub trait DynCollector: Send + Sync + 'static {
    /// As [`Collector::name`].
    fn name(&self) -> &str;

    /// As [`Collector::collect`].
    fn collect<'a>(
        &'a self,
        deadline: Instant,
        out: &'a mut Snapshot,
    ) -> BoxFuture<'a, Result<(), CollectError>>;

    /// As [`Collector::notes`].
    fn notes(&self) -> Vec<String>;
}

impl<C: Collector> DynCollector for C {
    fn name(&self) -> &str {
        Collector::name(self)
    }

    fn collect<'a>(
        &'a self,
        deadline: Instant,
        out: &'a mut Snapshot,
    ) -> BoxFuture<'a, Result<(), CollectError>> {
        Box::pin(Collector::collect(self, deadline, out))
    }

    fn notes(&self) -> Vec<String> {
        Collector::notes(self)
    }
}

/// A collector of any type.
pub type BoxedCollector = Box<dyn DynCollector>;

/// The name of the target that `/metrics` serves.
pub const DEFAULT_TARGET: &str = "default";

/// One database, server or API, with the collectors that read it.
pub struct Target {
    /// The name in `/probe?target=NAME`. [`DEFAULT_TARGET`] is served by `/metrics`.
    pub name: String,
    /// Host, port and database, for messages; never a secret.
    pub address: String,
    /// The metric that says whether the target is up, and the collector whose success decides it.
    pub up: Option<(&'static Gauge, &'static str)>,
    /// The collectors, which run side by side.
    pub collectors: Vec<BoxedCollector>,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("name", &self.name).finish_non_exhaustive()
    }
}

crate::label_values! {
    /// Why a collector failed: a closed set, so that rules can match it.
    pub enum Reason {
        /// The source cannot be reached.
        Connect = "connect",
        /// The TLS handshake failed.
        Tls = "tls",
        /// The source refused the credentials.
        Auth = "auth",
        /// The source has no free connection slot.
        Slots = "slots",
        /// No answer before the deadline, or a statement exceeded its time-out.
        Timeout = "timeout",
        /// A lock was not granted in time.
        Lock = "lock",
        /// A privilege is missing.
        Permission = "permission",
        /// A table, column, extension or command is missing.
        Missing = "missing",
        /// The source refused the query for another reason.
        Query = "query",
        /// The answer cannot be parsed.
        Parse = "parse",
        /// The connection broke, or the source is starting or shutting down.
        Unavailable = "unavailable",
        /// A bug of the exporter.
        Internal = "internal",
    }
}

/// Why a collector could not read its source.
///
/// `Display` says what was being done; `source()` is the cause.
#[derive(Debug)]
pub struct CollectError {
    /// The class of the failure, a label of `pulso_collector_failures_total`.
    pub reason: Reason,
    /// How to fix it, for the log, the landing page and `check`.
    pub hint: Option<String>,
    doing: Cow<'static, str>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl CollectError {
    /// `doing` says what was being done, and to what: "reading the depth of queue `mail`".
    pub fn new(reason: Reason, doing: impl Into<Cow<'static, str>>) -> Self {
        Self { reason, hint: None, doing: doing.into(), source: None }
    }

    /// Adds the cause.
    pub fn with_source(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// Adds how to fix it.
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
