//! What the driver and the server report, as a reason, a cause and a hint.

use std::{error::Error, fmt, io, sync::Arc};

use tokio_postgres::error::DbError;

use super::sqlstate::{Peer, reason};
use crate::{scrape::Reason, source::connection::error::Failure};

/// When the driver reported an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum During {
    Connecting,
    Asking,
}

impl Failure {
    /// Sorts an error of the driver.
    pub(super) fn of(error: tokio_postgres::Error, during: During, peer: &Peer) -> Self {
        if let Some(error) = error.as_db_error() {
            return Self::of_server(error, peer);
        }
        let broken = match during {
            During::Connecting => Reason::Connect,
            During::Asking => Reason::Unavailable,
        };
        // The driver hides its kinds; their texts are pinned by a test below.
        let kind = error.to_string();
        let cause = || error.source();
        let reason = match kind.as_str() {
            "error performing TLS handshake" => Reason::Tls,
            _ if is_tls(cause()) => Reason::Tls,
            "authentication error" => Reason::Auth,
            "invalid configuration" if during == During::Connecting => Reason::Auth,
            "timeout waiting for server" => Reason::Timeout,
            "error connecting to server" | "error communicating with the server" => {
                timed_out(cause()).unwrap_or(broken)
            }
            "connection closed" => broken,
            _ if during == During::Connecting => Reason::Connect,
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
        let mut failure = Self::new(reason);
        // Where the driver's own text says less than ours and its cause says all, only the cause
        // is kept.
        let wrapper = matches!(
            kind.as_str(),
            "error performing TLS handshake"
                | "error connecting to server"
                | "error communicating with the server"
        );
        failure.source = Some(match (wrapper, error.source().is_some()) {
            (true, true) => match error.into_source() {
                Some(source) => source.into(),
                None => return failure,
            },
            _ => Arc::new(error),
        });
        match hint {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }

    fn of_server(error: &DbError, peer: &Peer) -> Self {
        let (code, message) = (error.code().code(), error.message());
        let reason = reason(code, message);
        let failure = Self::new(reason)
            .with_source(ServerError { code: code.to_owned(), message: one_line(message) });
        match peer.hint(code, reason, message).or_else(|| error.hint().map(one_line)) {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}

/// rustls reports through `io::Error`, also after the handshake (a refused client certificate).
fn is_tls(error: Option<&(dyn Error + 'static)>) -> bool {
    let io = error.and_then(|it| it.downcast_ref::<io::Error>());
    let inner = io.and_then(io::Error::get_ref);
    inner.and_then(|it| it.downcast_ref::<rustls::Error>()).is_some()
}

fn timed_out(error: Option<&(dyn Error + 'static)>) -> Option<Reason> {
    let io = error?.downcast_ref::<io::Error>()?;
    (io.kind() == io::ErrorKind::TimedOut).then_some(Reason::Timeout)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the server said, on one line, with its SQLSTATE.
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

    /// The driver connecting to a server that the closure plays.
    async fn connecting<F: Future<Output = ()>>(
        config: &Config,
        serve: impl FnOnce(tokio::io::DuplexStream) -> F,
    ) -> Failure {
        let (near, far) = tokio::io::duplex(1024);
        let (outcome, ()) = tokio::join!(config.connect_raw(near, NoTls), serve(far));
        let error = outcome.map(|_| ()).unwrap_err();
        Failure::of(error, During::Connecting, &peer())
    }

    #[tokio::test]
    async fn the_texts_of_the_driver_are_known() {
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
