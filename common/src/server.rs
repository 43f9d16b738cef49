//! The exporter over HTTP: metrics, probes, health, the landing page.
//!
//! | Path | Method | Answer |
//! |---|---|---|
//! | `/` | GET | the landing page: targets, collectors, their last outcome, and what to fix |
//! | `/metrics` (or the telemetry path) | GET | the exporter's own metrics and the target `default` |
//! | `/probe?target=NAME` | GET | one configured target; 404 lists the names |
//! | `/-/healthy` | GET | 200 while the process runs |
//! | `/-/ready` | GET | 200 while it serves, 503 while it stops |
//! | `/-/reload` | POST | reloads the settings, where that is enabled |
//!
//! HEAD is answered like GET. Where a [`WebConfig`] has users, every path requires a password,
//! `/-/healthy` included, as in every exporter of Prometheus' toolkit.
//!
//! The protocol is HTTP/1.1, with TLS where the web configuration enables it. When a collector
//! fails, the response has status 200 and the other collectors' metrics, because those and the
//! failure are more useful than an error page. The response is sent before the scraper times out:
//! within `X-Prometheus-Scrape-Timeout-Seconds` less a tenth of it, at most half a second.

pub mod listen;

mod accept;
mod auth;
mod client_cert;
mod connection;
mod landing;
mod metrics;
mod pem;
mod query;
mod rate;
mod reply;
mod route;
mod timeout;
mod tls;
mod web_config;

use std::{
    io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::{
    net::TcpListener,
    sync::Semaphore,
    task::{JoinError, JoinSet},
    time::timeout,
};

use self::{accept::Acceptor, auth::Authenticator, connection::ConnectionLimit, metrics::Requests};
use crate::scrape::{Snapshot, runner::Runner};
pub use metrics::{ALL, HTTP_REQUESTS, HttpLabels, WEB_CONFIG_VALID};
pub use web_config::{WebConfig, WebConfigError};

/// Writes metrics of the process itself.
pub type OwnMetrics = Box<dyn Fn(&mut Snapshot) + Send + Sync>;

/// Reloads the settings; the error is the response to the request.
pub type Reload = Box<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// The exporter that the server serves.
pub struct App {
    /// The exporter's name, which is its binary's.
    pub exporter: &'static str,
    /// What it measures, in one line.
    pub about: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The path of the metrics; begins with `/`. At `/` they replace the landing page.
    pub telemetry_path: String,
    /// How long a scrape without its own timeout may take.
    pub timeout: Duration,
    /// The runner, which reads the targets.
    pub runner: Arc<Runner>,
    /// Metrics of the process itself, served at the telemetry path together with the default target's.
    pub own_metrics: Arc<[OwnMetrics]>,
    /// The action of `POST /-/reload`; without it the path does not exist.
    pub reload: Option<Reload>,
    /// Limits that protect the process from its clients.
    pub limits: Limits,
}

impl App {
    /// Metrics at `/metrics`, a scrape timeout of ten seconds, no own metrics, no reload.
    pub fn new(
        exporter: &'static str,
        about: &'static str,
        version: &'static str,
        runner: impl Into<Arc<Runner>>,
    ) -> Self {
        Self {
            exporter,
            about,
            version,
            telemetry_path: "/metrics".to_owned(),
            timeout: Duration::from_secs(10),
            runner: runner.into(),
            own_metrics: Arc::new([]),
            reload: None,
            limits: Limits::default(),
        }
    }
}

/// Limits that protect the process from its clients.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Concurrent requests (`--web.max-requests`), health apart; 0 for no limit. One more gets 503 and
    /// `Retry-After`.
    pub requests: usize,
    /// Open connections. One more closes the one that has been idle longest.
    pub connections: usize,
    /// From the first byte of a request, or of a connection, to the end of the request's headers
    /// or of the TLS handshake.
    pub head: Duration,
    /// From a response to the next request on the connection.
    pub idle: Duration,
    /// For the client to receive a response.
    pub write: Duration,
    /// For the scrapes in flight to finish when the exporter stops.
    pub stop: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: 40,
            connections: 256,
            head: Duration::from_secs(10),
            // Prometheus closes an idle connection after five minutes. It must be the first to do so:
            // otherwise a scrape could be sent on a connection that is just being closed.
            idle: Duration::from_secs(330),
            write: Duration::from_secs(30),
            // Docker kills a container after ten.
            stop: Duration::from_secs(8),
        }
    }
}

/// The state that all connections share.
struct Server {
    app: Arc<App>,
    web: WebConfig,
    authenticator: Authenticator,
    connections: Arc<ConnectionLimit>,
    in_flight: Semaphore,
    requests: Requests,
    stopping: AtomicBool,
}

impl Server {
    fn new(app: Arc<App>, web: WebConfig) -> Self {
        let limits = &app.limits;
        let most = match limits.requests {
            0 => Semaphore::MAX_PERMITS,
            requests => requests.min(Semaphore::MAX_PERMITS),
        };
        Self {
            connections: Arc::new(ConnectionLimit::new(limits.connections)),
            in_flight: Semaphore::new(most),
            requests: Requests::default(),
            authenticator: Authenticator::default(),
            stopping: AtomicBool::new(false),
            web,
            app,
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// Serves until `shutdown` resolves, then lets requests in flight finish, within the limits.
///
/// While it stops it still answers, so that `/-/ready` can report it, but reads no target.
///
/// # Errors
/// When a listener has no local address.
pub async fn serve(
    listeners: Vec<TcpListener>,
    app: Arc<App>,
    web: WebConfig,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let scheme = if web.current().tls.is_some() { "https" } else { "http" };
    for listener in &listeners {
        let address = listener.local_addr()?;
        tracing::info!(%address, scheme, path = app.telemetry_path, "listening");
    }
    let server = Arc::new(Server::new(Arc::clone(&app), web));
    let mut acceptor = Acceptor::new(listeners);
    // Owned here, so that none outlives the server.
    let mut connections = JoinSet::new();
    let graceful = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            stream = acceptor.next() => {
                let watcher = Some(graceful.watcher());
                if let Some(connection) = connection::accept(&server, stream, watcher) {
                    connections.spawn(connection);
                }
            }
            Some(ended) = connections.join_next() => report(ended),
        }
    }

    server.stopping.store(true, Ordering::Relaxed);
    server.connections.close_idle();
    let finish = async {
        graceful.shutdown().await;
        app.runner.close().await;
    };
    let mut finish = pin!(timeout(app.limits.stop, finish));
    loop {
        tokio::select! {
            finished = &mut finish => {
                if finished.is_err() {
                    tracing::warn!("stopped before every scrape in flight was answered");
                }
                return Ok(());
            }
            stream = acceptor.next() => {
                if let Some(connection) = connection::accept(&server, stream, None) {
                    connections.spawn(connection);
                }
            }
            Some(ended) = connections.join_next() => report(ended),
        }
    }
}

/// A panic ends its connection and nothing else, but it is a bug to report.
fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a bug ended a connection; please report it");
    }
}
