//! One connection to the server: how it opens, who drives it, how it ends.

use std::{
    path::PathBuf,
    pin::pin,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, timeout},
};
use tokio_postgres::{Client, Config, NoTls, Socket, tls::TlsStream};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    error::During,
    pooled::take_back_type_lookup,
    sqlstate::Peer,
    statements::{Described, Statements},
    tls::Tls,
};
use crate::{
    scrape::Reason,
    settings::Secret,
    source::connection::{Dial, Line, error::Failure},
};

/// How long a request to cancel may take; the statement's own time-out ends it otherwise.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a cancelled statement may take to end before its connection is cut all the same.
const END_TIMEOUT: Duration = Duration::from_millis(250);

/// Everything that connecting needs, validated.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) peer: Peer,
    pub(super) config: Config,
    pub(super) password: Password,
    pub(super) hosts: u32,
    pub(super) tls: Tls,
    pub(super) connect_timeout: Duration,
    pub(super) speaks: Speaks,
}

/// How questions are put.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Speaks {
    /// As prepared statements in a session that is ours.
    Sessions,
    /// As transactions that hold nothing beyond themselves; this opens each of them.
    Transactions(String),
    /// As plain text, the only thing that PgBouncer's console understands.
    Text,
}

/// Where the password stands.
#[derive(Debug)]
pub(super) enum Password {
    /// In the driver's configuration, or nowhere.
    InConfig,
    Given(Secret),
    File(PathBuf),
}

impl Dial for Endpoint {
    type Line = Connection;

    fn address(&self) -> String {
        self.peer.address.clone()
    }

    async fn dial(&self) -> Result<Connection, Failure> {
        // Each host of several gets its turn.
        match timeout(self.connect_timeout * self.hosts, self.open()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::new(Reason::Timeout).with_hint(format!(
                "{} did not answer within `connect_timeout`: it may be frozen, overloaded or \
                 behind a firewall that drops packets",
                self.peer.address
            ))),
        }
    }
}

impl Endpoint {
    async fn open(&self) -> Result<Connection, Failure> {
        let mut config = self.config.clone();
        match &self.password {
            Password::InConfig => {}
            Password::Given(password) => {
                config.password(password.expose());
            }
            Password::File(path) => {
                config.password(read_password(path.clone()).await?.expose());
            }
        }
        let failed = |error| Failure::of(error, During::Connecting, &self.peer);
        let connection = match self.tls.connector().await? {
            None => {
                let (client, wire) = config.connect(NoTls).await.map_err(failed)?;
                Connection::new(client, wire, None, self.peer.clone())
            }
            Some(tls) => {
                let (client, wire) = config.connect(tls.clone()).await.map_err(failed)?;
                Connection::new(client, wire, Some(tls), self.peer.clone())
            }
        };
        match self.speaks {
            Speaks::Sessions => connection.check_guards().await?,
            Speaks::Transactions(_) => take_back_type_lookup(&connection.client).await,
            Speaks::Text => {}
        }
        Ok(connection)
    }
}

/// The file may lie on a disk that hangs, so the runtime's only thread does not read it.
async fn read_password(path: PathBuf) -> Result<Secret, Failure> {
    let hint = format!("`password_file` must be readable by the exporter: {}", path.display());
    tokio::task::spawn_blocking(move || Secret::from_file("password_file", &path))
        .await
        .map_err(|panic| Failure::new(Reason::Internal).with_source(panic))?
        .map_err(|error| Failure::new(Reason::Auth).with_source(error).with_hint(hint))
}

/// A connection with the task that drives it.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) statements: Statements,
    pub(super) described: Described,
    pub(super) server_version: u32,
    /// Held while the parts of one transaction are sent, so that they stay together.
    pub(super) sending: Mutex<()>,
    peer: Peer,
    tls: Option<MakeRustlsConnect>,
    opened: Instant,
    /// Milliseconds from `opened` to the last use.
    used: AtomicU64,
    broken: AtomicBool,
    cutting: AtomicBool,
    cut: Arc<Notify>,
    /// Its sender lives as long as the driver's task.
    driven: watch::Receiver<()>,
    last_words: Arc<OnceLock<Failure>>,
}

impl Connection {
    fn new<S>(
        client: Client,
        wire: tokio_postgres::Connection<Socket, S>,
        tls: Option<MakeRustlsConnect>,
        peer: Peer,
    ) -> Self
    where
        S: TlsStream + Unpin + Send + 'static,
    {
        let server_version = wire.parameter("server_version").map_or(0, version_number);
        let cut = Arc::new(Notify::new());
        let last_words = Arc::new(OnceLock::new());
        let (alive, driven) = watch::channel(());
        tokio::spawn({
            let (cut, last_words, peer) = (Arc::clone(&cut), Arc::clone(&last_words), peer.clone());
            async move {
                let _alive = alive;
                let wire = pin!(wire);
                tokio::select! {
                    outcome = wire => if let Err(error) = outcome {
                        let failure = Failure::of(error, During::Asking, &peer);
                        tracing::debug!(
                            address = peer.address,
                            reason = failure.reason.as_str(),
                            "the connection ended"
                        );
                        // Nobody else sets it.
                        let _ = last_words.set(failure);
                    },
                    // The socket is closed without a word, for the server may not be listening.
                    () = cut.notified() => {}
                }
            }
        });
        Self {
            client,
            statements: Statements::default(),
            described: Described::default(),
            server_version,
            sending: Mutex::new(()),
            peer,
            tls,
            opened: Instant::now(),
            used: AtomicU64::new(0),
            broken: AtomicBool::new(false),
            cutting: AtomicBool::new(false),
            cut,
            driven,
            last_words,
        }
    }

    /// A pooler may have swallowed what protects the server.
    async fn check_guards(&self) -> Result<(), Failure> {
        const SQL: &str = "SELECT current_setting('default_transaction_read_only') = 'on'";
        let guarded = match self.client.query_typed_one(SQL, &[]).await {
            Ok(row) => row.try_get(0),
            Err(error) => Err(error),
        };
        match guarded {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::new(Reason::Query).with_hint(
                "the session is not read-only, for a pooler did not pass on its options: set \
                 `pgbouncer = true`, or connect to the server itself",
            )),
            Err(error) => Err(Failure::of(error, During::Connecting, &self.peer)),
        }
    }

    /// Sorts the driver's error; of a closed connection, what the server said at the end.
    pub(super) async fn failure(&self, error: tokio_postgres::Error) -> Failure {
        if error.is_closed() {
            // Where both ends of the driver's channel are gone, its task is about to end.
            let _ = timeout(END_TIMEOUT, self.ended()).await;
            if let Some(failure) = self.last_words.get() {
                return failure.clone();
            }
        }
        Failure::of(error, During::Asking, &self.peer)
    }

    /// No one uses it from now on.
    pub(super) fn mark_broken(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }
}

impl Line for Connection {
    fn is_usable(&self) -> bool {
        !self.broken.load(Ordering::Relaxed) && !self.client.is_closed()
    }

    fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    fn mark_used(&self) {
        let now = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.used.store(now, Ordering::Relaxed);
    }

    fn last_use(&self) -> Instant {
        self.opened + Duration::from_millis(self.used.load(Ordering::Relaxed))
    }

    fn ended(&self) -> BoxFuture<'static, ()> {
        let mut driven = self.driven.clone();
        async move { while driven.changed().await.is_ok() {} }.boxed()
    }

    async fn close(self) {
        let ended = self.ended();
        drop(self);
        ended.await;
    }

    /// Through PgBouncer nothing is cancelled: a request to cancel that races with the end of its
    /// own connection makes PgBouncer 1.18 exit. It closes the server's side of the connection
    /// with ours, and the statement's time-out does the rest.
    async fn cut(&self) {
        self.mark_broken();
        if self.cutting.swap(true, Ordering::Relaxed) {
            return self.ended().await;
        }
        if !self.client.is_closed() && !self.peer.pgbouncer {
            let token = self.client.cancel_token();
            let cancelled = match self.tls.clone() {
                None => timeout(CANCEL_TIMEOUT, token.cancel_query(NoTls)).await,
                Some(tls) => timeout(CANCEL_TIMEOUT, token.cancel_query(tls)).await,
            };
            if matches!(cancelled, Ok(Ok(()))) {
                // What was asked before is answered before this: then nothing runs any more.
                let _ = timeout(END_TIMEOUT, self.client.check_connection()).await;
            }
        }
        self.cut.notify_one();
        let _ = timeout(END_TIMEOUT, self.ended()).await;
    }
}

/// `15.18 (Debian 15.18-0+deb12u1)`, `9.6.24`, `18beta2` as `server_version_num` has them.
fn version_number(text: &str) -> u32 {
    let digits = text.split(|it: char| !it.is_ascii_digit() && it != '.').next().unwrap_or("");
    let mut parts = digits.split('.').map(|it| it.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    let (first, second, third): (u32, u32, u32) = (next(), next(), next());
    if first >= 10 { first * 10_000 + second } else { first * 10_000 + second * 100 + third }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_the_server_numbers_them() {
        let cases = [
            ("15.18 (Debian 15.18-0+deb12u1)", 150_018),
            ("13.23", 130_023),
            ("9.6.24", 90_624),
            ("18beta2", 180_000),
            ("17devel", 170_000),
            ("", 0),
        ];
        for (text, expected) in cases {
            assert_eq!(version_number(text), expected, "{text}");
        }
    }
}
