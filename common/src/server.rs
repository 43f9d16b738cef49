//! The exporter over HTTP: metrics, probes, health, the landing page.
//!
//! | Path | Method | Answer |
//! |---|---|---|
//! | `/` | GET | the landing page: what is collected, how it went, what to fix |
//! | `/metrics` (or the telemetry path) | GET | the exporter's own metrics and the target `default` |
//! | `/probe?target=NAME` | GET | one configured target; 404 lists the names |
//! | `/-/healthy` | GET | 200 while the process runs |
//! | `/-/ready` | GET | 200 while it serves, 503 while it stops |
//! | `/-/reload` | POST | reads the settings anew, where that is enabled |
//!
//! HEAD is answered like GET. Users of a [`WebConfig`] are asked for their password on every path,
//! `/-/healthy` included, as in every exporter of Prometheus' toolkit.
//!
//! Speaks HTTP/1.1, with TLS where the web configuration says so. A collector that fails leaves a
//! partial answer with status 200: its siblings' figures and its own failure are worth more than
//! an error page. The answer is due before the scraper gives up: within
//! `X-Prometheus-Scrape-Timeout-Seconds` less a tenth of it, at most half a second.

pub mod listen;

mod accept;
mod auth;
mod client_cert;
mod connection;
mod landing;
mod metrics;
mod query;
mod rate;
mod reply;
mod route;
mod scrape;
mod tls;
mod web_config;
mod web_file;

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

use self::{accept::Acceptor, auth::Gate, connection::Seats, metrics::Requests};
use crate::scrape::runner::Runner;
pub use metrics::{ALL, HTTP_REQUESTS, HttpLabels, SETTINGS_VALID, WEB_CONFIG_VALID};
pub use web_config::{WebConfig, WebConfigError};

/// Reads the settings anew; the error is for the person who asked.
pub type Reload = Box<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// What is served.
pub struct App {
    /// The exporter's name, which is its binary's.
    pub exporter: &'static str,
    /// What it is for, in one sentence.
    pub about: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Where the metrics are; begins with `/`. At `/` they take the landing page's place.
    pub telemetry_path: String,
    /// How long a scrape may take that does not say.
    pub timeout: Duration,
    /// What reads the targets.
    pub runner: Arc<Runner>,
    /// Whether the settings in force are those that were last read.
    pub settings_valid: Arc<AtomicBool>,
    /// What `POST /-/reload` does; without it the path does not exist.
    pub reload: Option<Reload>,
    /// What protects the process from its callers.
    pub limits: Limits,
}

impl App {
    /// Metrics at `/metrics`, ten seconds for a scrape that does not say, no reload.
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
            settings_valid: Arc::new(AtomicBool::new(true)),
            reload: None,
            limits: Limits::default(),
        }
    }
}

/// What protects the process from its callers.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Requests answered at once (`--web.max-requests`), health apart; 0 for no limit. One more
    /// gets 503 and `Retry-After`.
    pub requests: usize,
    /// Connections open at once. One more closes the one that has waited longest for a request.
    pub connections: usize,
    /// From the first byte of a request, or of a connection, to the end of the request's headers
    /// or of the TLS handshake.
    pub head: Duration,
    /// From an answer to the next request on the connection.
    pub idle: Duration,
    /// For the client to take an answer.
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
            // Prometheus gives up an idle connection after five minutes. It must be the one to do
            // it, or a scrape now and then would meet a connection that is just being closed.
            idle: Duration::from_secs(330),
            write: Duration::from_secs(30),
            // Docker kills after ten.
            stop: Duration::from_secs(8),
        }
    }
}

/// What the connections share.
struct Server {
    app: Arc<App>,
    web: WebConfig,
    gate: Gate,
    seats: Arc<Seats>,
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
            seats: Arc::new(Seats::new(limits.connections)),
            in_flight: Semaphore::new(most),
            requests: Requests::default(),
            gate: Gate::default(),
            stopping: AtomicBool::new(false),
            web,
            app,
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// Serves until `shutdown` resolves, then lets what is in flight finish, within the limits.
///
/// While it stops it still answers, so that `/-/ready` can say so; nothing new is read.
///
/// # Errors
/// When a listener has no address, which means that it is none.
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
                if let Some(connection) = connection::admit(&server, stream, watcher) {
                    connections.spawn(connection);
                }
            }
            Some(ended) = connections.join_next() => report(ended),
        }
    }

    server.stopping.store(true, Ordering::Relaxed);
    server.seats.dismiss_waiting();
    let finish = async {
        graceful.shutdown().await;
        app.runner.close().await;
    };
    let mut finish = pin!(timeout(app.limits.stop, finish));
    loop {
        tokio::select! {
            finished = &mut finish => {
                if finished.is_err() {
                    tracing::warn!("stopped before every scrape in flight had its answer");
                }
                return Ok(());
            }
            stream = acceptor.next() => {
                if let Some(connection) = connection::admit(&server, stream, None) {
                    connections.spawn(connection);
                }
            }
            Some(ended) = connections.join_next() => report(ended),
        }
    }
}

/// A panic ends its connection and nothing else, but it is a defect to be told.
fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a defect ended a connection; please report it");
    }
}
