//! What the driver and the server report, as a reason, a cause and a hint.

use std::{error::Error, fmt, io, sync::Arc};

use tokio_postgres::error::DbError;

use crate::collector::{CollectError, Reason};

/// A failure before it is known what was being done. It can be shared, for all who wait for one
/// connection learn of the same failure.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) reason: Reason,
    hint: Option<Arc<str>>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// When the driver reported an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum During {
    Connecting,
    Asking,
}

/// Who talks to what, for the hints.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) address: String,
    pub(super) user: String,
    pub(super) pgbouncer: bool,
}

impl Failure {
    pub(super) fn new(reason: Reason) -> Self {
        Self { reason, hint: None, source: None }
    }

    pub(super) fn with_source(self, source: impl Error + Send + Sync + 'static) -> Self {
        Self { source: Some(Arc::new(source)), ..self }
    }

    pub(super) fn with_hint(self, hint: impl Into<Arc<str>>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The error of whoever was doing that.
    pub(super) fn doing(&self, doing: impl Into<String>) -> CollectError {
        let mut error = CollectError::new(self.reason, doing.into());
        if let Some(source) = &self.source {
            error = error.with_source(Shared(Arc::clone(source)));
        }
        if let Some(hint) = &self.hint {
            error = error.with_hint(hint.to_string());
        }
        error
    }

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

impl Peer {
    /// What would mend it, where that is known.
    fn hint(&self, code: &str, reason: Reason, message: &str) -> Option<String> {
        let Self { user, address, .. } = self;
        Some(match code {
            "08P01" if message.contains("startup parameter") => {
                "this is PgBouncer: set `pgbouncer = true`".to_owned()
            }
            "26000" | "42P05" if self.pgbouncer => {
                "through PgBouncer a query's columns must have built-in types: cast others, such \
                 as enums, to text"
                    .to_owned()
            }
            "26000" | "42P05" => {
                "a pooler stands before the server: set `pgbouncer = true`".to_owned()
            }
            "25006" => "an exporter only reads: take what writes out of the query".to_owned(),
            "3D000" => format!("create the database or correct `dbname`; asked at {address}"),
            "42P01" | "3F000" => {
                "check the name and its schema; what is not on the search_path needs its schema \
                 before it"
                    .to_owned()
            }
            "40001" => "a standby cancelled the query in favour of what it replays: raise its \
                 max_standby_streaming_delay or switch hot_standby_feedback on"
                .to_owned(),
            "57014" => {
                "the statement ran longer than `statement_timeout`: see its plan with `check`"
                    .to_owned()
            }
            _ => match reason {
                Reason::Auth => self.password_hint(),
                Reason::Slots => format!(
                    "the server has no connection free for \"{user}\": raise max_connections, the \
                     role's or the pool's limit, or close what is idle"
                ),
                Reason::Permission => grant(message, user),
                Reason::Lock => "another transaction holds the lock; it is tried again at the \
                     next scrape"
                    .to_owned(),
                _ => return None,
            },
        })
    }

    fn password_hint(&self) -> String {
        format!(
            "check the password of \"{}\" (`password`, `password_file` or `url`) and the server's \
             pg_hba.conf",
            self.user
        )
    }
}

/// The class of what the server reported.
fn reason(code: &str, message: &str) -> Reason {
    match code {
        // PgBouncer has this one code for most of what it says.
        "08P01" => match message {
            it if it.contains("no more connections allowed") => Reason::Slots,
            it if it.contains("query_wait_timeout") => Reason::Slots,
            it if it.contains("no such database") || it.contains("does not exist") => {
                Reason::Missing
            }
            it if it.contains("no such user") || it.contains("auth") => Reason::Auth,
            it if it.contains("query_timeout") => Reason::Timeout,
            it if it.contains("cannot connect") || it.contains("server") => Reason::Unavailable,
            _ => Reason::Connect,
        },
        "53300" => Reason::Slots,
        "57014" | "25P03" => Reason::Timeout,
        "55P03" | "40P01" => Reason::Lock,
        "42501" => Reason::Permission,
        // 55000: "must be loaded via shared_preload_libraries" and the like.
        "57P04" | "42P01" | "42703" | "42704" | "42883" | "3F000" | "3D000" | "55000" => {
            Reason::Missing
        }
        // A standby cancelled the query in favour of what it replays.
        "40001" => Reason::Unavailable,
        _ => match code.get(..2).unwrap_or_default() {
            "08" => Reason::Connect,
            "28" => Reason::Auth,
            "53" | "57" | "58" => Reason::Unavailable,
            _ => Reason::Query,
        },
    }
}

/// The statement that gives what was missing, as far as the server's words tell.
fn grant(message: &str, user: &str) -> String {
    let denied = message.strip_prefix("permission denied for ").unwrap_or_default();
    let Some((kind, name)) = denied.split_once(' ') else {
        return format!(
            "grant \"{user}\" what the statement reads; `check --grants` prints the whole role"
        );
    };
    let user = user.replace('"', "\"\"");
    let grant = match kind {
        "schema" => format!("GRANT USAGE ON SCHEMA {name} TO \"{user}\""),
        "function" => format!("GRANT EXECUTE ON FUNCTION {name} TO \"{user}\""),
        "sequence" => format!("GRANT SELECT ON SEQUENCE {name} TO \"{user}\""),
        "database" => format!("GRANT CONNECT ON DATABASE {name} TO \"{user}\""),
        _ => format!("GRANT SELECT ON {name} TO \"{user}\""),
    };
    format!("{grant}; `check --grants` prints the whole role")
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

/// A cause that several errors have.
#[derive(Debug)]
struct Shared(Arc<dyn Error + Send + Sync>);

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Shared {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_postgres::{Config, NoTls, config::SslMode};

    use super::*;
    use crate::chain::Chain;

    fn peer() -> Peer {
        Peer { address: "db:5432/shop".into(), user: "pulso".into(), pgbouncer: false }
    }

    #[test]
    fn each_state_has_its_reason() {
        let cases = [
            ("28P01", Reason::Auth),
            ("28000", Reason::Auth),
            ("53300", Reason::Slots),
            ("53200", Reason::Unavailable),
            ("57P01", Reason::Unavailable),
            ("57P02", Reason::Unavailable),
            ("57P03", Reason::Unavailable),
            ("57P04", Reason::Missing),
            ("57014", Reason::Timeout),
            ("55P03", Reason::Lock),
            ("42501", Reason::Permission),
            ("42P01", Reason::Missing),
            ("42703", Reason::Missing),
            ("42883", Reason::Missing),
            ("3F000", Reason::Missing),
            ("3D000", Reason::Missing),
            ("08006", Reason::Connect),
            ("42601", Reason::Query),
            ("22012", Reason::Query),
            ("XX000", Reason::Query),
            ("", Reason::Query),
        ];
        for (code, expected) in cases {
            assert_eq!(reason(code, ""), expected, "{code}");
        }
    }

    #[test]
    fn pgbouncer_is_told_by_its_words() {
        let cases = [
            ("no more connections allowed (max_client_conn)", Reason::Slots),
            ("query_wait_timeout", Reason::Slots),
            ("no such database: shop", Reason::Missing),
            ("no such user: pulso", Reason::Auth),
            ("password authentication failed", Reason::Auth),
            ("pgbouncer cannot connect to server", Reason::Unavailable),
            ("something else", Reason::Connect),
        ];
        for (message, expected) in cases {
            assert_eq!(reason("08P01", message), expected, "{message}");
        }
    }

    #[test]
    fn a_missing_privilege_hints_its_grant() {
        let hint = |message| peer().hint("42501", Reason::Permission, message).unwrap();
        assert!(
            hint("permission denied for table jobs")
                .starts_with("GRANT SELECT ON jobs TO \"pulso\"; ")
        );
        assert!(
            hint("permission denied for schema app")
                .starts_with("GRANT USAGE ON SCHEMA app TO \"pulso\"; ")
        );
        assert!(hint("must be superuser").starts_with("grant \"pulso\" what"));
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
        assert_eq!(Chain(&error).to_string(), "connecting to db: server does not support TLS");

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
