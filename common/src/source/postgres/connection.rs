//! One connection to the server, with the task that drives it.

use std::{
    pin::pin,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};
use tokio_postgres::{Client, NoTls, Socket, tls::TlsStream};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    error::{Phase, from_driver},
    sqlstate::Peer,
    statements::{Described, Statements},
};
use crate::source::connection::{self, error::SharedError, lifetime::Lifetime};

/// How long a cancel request may take. Without it, `statement_timeout` ends the statement.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a cancelled statement may take to end before its connection is closed anyway.
const END_TIMEOUT: Duration = Duration::from_millis(250);

pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) statements: Statements,
    pub(super) described: Described,
    pub(super) server_version: u32,
    pub(super) lifetime: Lifetime,
    /// Held while the requests of one transaction are sent, so that they stay together.
    pub(super) sending: Mutex<()>,
    peer: Peer,
    tls: Option<MakeRustlsConnect>,
    aborting: AtomicBool,
    stop_driver: Arc<Notify>,
    /// Why the driver ended, if with an error.
    close_reason: Arc<OnceLock<SharedError>>,
}

impl Connection {
    pub(super) fn new<S>(
        client: Client,
        transport: tokio_postgres::Connection<Socket, S>,
        tls: Option<MakeRustlsConnect>,
        peer: Peer,
    ) -> Self
    where
        S: TlsStream + Unpin + Send + 'static,
    {
        let server_version = transport.parameter("server_version").map_or(0, version_number);
        let stop_driver = Arc::new(Notify::new());
        let close_reason = Arc::new(OnceLock::new());
        let (lifetime, alive) = Lifetime::start();
        tokio::spawn({
            let (stop, close_reason) = (Arc::clone(&stop_driver), Arc::clone(&close_reason));
            let peer = peer.clone();
            async move {
                let _alive = alive;
                let transport = pin!(transport);
                tokio::select! {
                    outcome = transport => if let Err(error) = outcome {
                        let error = from_driver(error, Phase::Query, &peer);
                        tracing::debug!(
                            address = peer.address,
                            reason = error.reason.as_str(),
                            "the connection ended"
                        );
                        // Only this task sets it.
                        let _ = close_reason.set(error);
                    },
                    // The socket is closed without a goodbye: the server may not be listening.
                    () = stop.notified() => {}
                }
            }
        });
        Self {
            client,
            statements: Statements::default(),
            described: Described::default(),
            server_version,
            lifetime,
            sending: Mutex::new(()),
            peer,
            tls,
            aborting: AtomicBool::new(false),
            stop_driver,
            close_reason,
        }
    }

    /// Classifies the driver's error. When the connection was closed, the error is the server's
    /// last message.
    pub(super) async fn query_error(&self, error: tokio_postgres::Error) -> SharedError {
        if error.is_closed() {
            // The driver's task sets the reason when it ends, which may be a moment later.
            let _ = timeout(END_TIMEOUT, self.lifetime.closed()).await;
            if let Some(reason) = self.close_reason.get() {
                return reason.clone();
            }
        }
        from_driver(error, Phase::Query, &self.peer)
    }
}

impl connection::Connection for Connection {
    fn lifetime(&self) -> &Lifetime {
        &self.lifetime
    }

    fn is_open(&self) -> bool {
        !self.client.is_closed()
    }

    async fn close(self) {
        let closed = self.lifetime.closed();
        drop(self);
        closed.await;
    }

    /// Through PgBouncer no cancel request is sent: one that arrives while its connection ends
    /// crashes PgBouncer 1.18. PgBouncer closes its server connection together with ours, and
    /// `statement_timeout` ends the statement.
    async fn abort(&self) {
        self.lifetime.mark_broken();
        if self.aborting.swap(true, Ordering::Relaxed) {
            return self.lifetime.closed().await;
        }
        if !self.client.is_closed() && !self.peer.pgbouncer {
            let token = self.client.cancel_token();
            let cancelled = match self.tls.clone() {
                None => timeout(CANCEL_TIMEOUT, token.cancel_query(NoTls)).await,
                Some(tls) => timeout(CANCEL_TIMEOUT, token.cancel_query(tls)).await,
            };
            if matches!(cancelled, Ok(Ok(()))) {
                // Answers come in order, so after this one nothing runs on the server any more.
                let _ = timeout(END_TIMEOUT, self.client.check_connection()).await;
            }
        }
        self.stop_driver.notify_one();
        let _ = timeout(END_TIMEOUT, self.lifetime.closed()).await;
    }
}

/// `15.18 (Debian 15.18-0+deb12u1)`, `9.6.24` or `18beta2` in the form of `server_version_num`.
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
    fn versions_become_numbers() {
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
