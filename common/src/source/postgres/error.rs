//! Errors of the driver and the server, as a reason, a cause and a hint.

use std::{error::Error, fmt, io};

use tokio_postgres::error::DbError;

use super::sqlstate::{Peer, reason};
use crate::{
    scrape::Reason,
    source::connection::error::{SharedError, one_line},
};

/// When the driver reported an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Connect,
    Query,
}

/// Classifies an error of the driver.
pub(super) fn from_driver(error: tokio_postgres::Error, phase: Phase, peer: &Peer) -> SharedError {
    if let Some(error) = error.as_db_error() {
        return from_server(error, peer);
    }
    let broken = match phase {
        Phase::Connect => Reason::Connect,
        Phase::Query => Reason::Unavailable,
    };
    // The driver does not expose the kinds of its errors. A test below checks their texts.
    let kind = error.to_string();
    let cause = || error.source();
    let reason = match kind.as_str() {
        "error performing TLS handshake" => Reason::Tls,
        _ if is_tls(cause()) => Reason::Tls,
        "authentication error" => Reason::Auth,
        "invalid configuration" if phase == Phase::Connect => Reason::Auth,
        "timeout waiting for server" => Reason::Timeout,
        "error connecting to server" | "error communicating with the server" => {
            timed_out(cause()).unwrap_or(broken)
        }
        "connection closed" => broken,
        _ if phase == Phase::Connect => Reason::Connect,
        _ => Reason::Parse,
    };
    let hint = match reason {
        Reason::Tls => Some(
            "check `sslmode`, `ssl_root_cert` and, for verify-full, that the server's \
                 certificate names this host in its subjectAltName"
                .to_owned(),
        ),
        Reason::Auth => Some(peer.password_hint()),
        Reason::Connect => Some(format!("check that a server listens on {}", peer.address)),
        _ => None,
    };
    // These texts of the driver say less than our reason, so only their cause is kept.
    let wrapper = matches!(
        kind.as_str(),
        "error performing TLS handshake"
            | "error connecting to server"
            | "error communicating with the server"
    );
    let shared = SharedError::new(reason).with_known_hint(hint);
    if !wrapper || error.source().is_none() {
        return shared.with_source(error);
    }
    match error.into_source() {
        Some(source) => shared.with_shared_source(source.into()),
        None => shared,
    }
}

fn from_server(error: &DbError, peer: &Peer) -> SharedError {
    let (code, message) = (error.code(), error.message());
    let reason = reason(code, message);
    let hint = peer.hint(code, reason, message).or_else(|| error.hint().map(one_line));
    let server = ServerError { code: code.code().to_owned(), message: one_line(message) };
    SharedError::new(reason).with_source(server).with_known_hint(hint)
}

/// rustls reports as an `io::Error`, also after the handshake (a refused client certificate).
fn is_tls(error: Option<&(dyn Error + 'static)>) -> bool {
    let io = error.and_then(|it| it.downcast_ref::<io::Error>());
    let inner = io.and_then(io::Error::get_ref);
    inner.and_then(|it| it.downcast_ref::<rustls::Error>()).is_some()
}

fn timed_out(error: Option<&(dyn Error + 'static)>) -> Option<Reason> {
    let io = error?.downcast_ref::<io::Error>()?;
    (io.kind() == io::ErrorKind::TimedOut).then_some(Reason::Timeout)
}

/// The server's message on one line, with its SQLSTATE.
#[derive(Debug)]
struct ServerError {
    code: String,
    message: String,
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (SQLSTATE {})", self.message, self.code)
    }
}

impl Error for ServerError {}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_postgres::{Config, NoTls, config::SslMode};

    use super::*;
    use crate::error_chain::ErrorChain;

    fn peer() -> Peer {
        Peer { address: "db:5432/shop".into(), user: "pulso".into(), pgbouncer: false }
    }

    /// The driver's error when it connects to the server that the closure plays.
    async fn connecting<F: Future<Output = ()>>(
        config: &Config,
        serve: impl FnOnce(tokio::io::DuplexStream) -> F,
    ) -> SharedError {
        let (near, far) = tokio::io::duplex(1024);
        let (outcome, ()) = tokio::join!(config.connect_raw(near, NoTls), serve(far));
        let error = outcome.map(|_| ()).unwrap_err();
        from_driver(error, Phase::Connect, &peer())
    }

    #[tokio::test]
    async fn each_error_text_of_the_driver_has_its_reason() {
        let mut tls = Config::new();
        tls.user("pulso").ssl_mode(SslMode::Require);
        let refused = connecting(&tls, |mut far| async move {
            far.read_exact(&mut [0; 8]).await.unwrap();
            far.write_all(b"N").await.unwrap();
        });
        let error = refused.await.doing("connecting to db");
        assert_eq!(error.reason, Reason::Tls);
        assert_eq!(ErrorChain(&error).to_string(), "connecting to db: server does not support TLS");

        let mut plain = Config::new();
        plain.user("pulso").ssl_mode(SslMode::Disable);
        let gone = connecting(&plain, |far| async move { drop(far) }).await;
        assert_eq!(gone.reason, Reason::Connect);

        let cleartext_password = connecting(&plain, |mut far| async move {
            far.write_all(&[b'R', 0, 0, 0, 8, 0, 0, 0, 3]).await.unwrap();
            let mut startup = Vec::new();
            far.read_to_end(&mut startup).await.unwrap();
        });
        let error = cleartext_password.await.doing("connecting to db");
        assert_eq!(error.reason, Reason::Auth);
        assert!(error.hint.unwrap().contains("password of \"pulso\""));
    }
}
