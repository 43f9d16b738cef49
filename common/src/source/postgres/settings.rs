//! The address of a database, and the limits of the session.

use std::path::PathBuf;

use serde::Deserialize;

use crate::settings::{HumanDuration, Secret};

/// One PostgreSQL database: either `url`, or `host` and the keys beside it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PostgresSettings {
    /// `postgres://user@host:5432/dbname?sslmode=verify-full`, or `host=… user=… dbname=…`.
    pub url: Option<Secret>,
    /// Name, address, or the folder of the server's Unix socket.
    pub host: Option<String>,
    /// Default: 5432.
    pub port: Option<u16>,
    /// The role. Default: the operating system's user.
    pub user: Option<String>,
    /// The database. Default: the role's name.
    pub dbname: Option<String>,
    /// The role's password; better in `password_file`.
    pub password: Option<Secret>,
    /// A file with the role's password, read at each connect, so that it can change.
    pub password_file: Option<PathBuf>,
    /// As in libpq. Default: `prefer`.
    pub sslmode: Option<SslMode>,
    /// The CA of the server's certificate (PEM). Default: the system's CAs.
    pub ssl_root_cert: Option<PathBuf>,
    /// The client certificate (PEM).
    pub ssl_cert: Option<PathBuf>,
    /// The key of `ssl_cert` (PEM).
    pub ssl_key: Option<PathBuf>,
    /// Limit of connecting, from the name lookup to the session. Default: 3 seconds.
    pub connect_timeout: Option<HumanDuration>,
    /// After how long the server cancels a statement.
    pub statement_timeout: HumanDuration,
    /// How long the server waits for a lock.
    pub lock_timeout: HumanDuration,
    /// After how long an idle connection is closed.
    pub idle_timeout: HumanDuration,
    /// After how long a connection is replaced, because a server process grows with its age.
    pub max_lifetime: HumanDuration,
    /// The session's name in `pg_stat_activity`. Default: `pulso-<exporter>`.
    pub application_name: Option<String>,
    /// Whether the address is that of a PgBouncer in transaction mode.
    pub pgbouncer: bool,
    /// The most rows that a query may return; more are an error.
    pub row_limit: usize,
}

impl Default for PostgresSettings {
    fn default() -> Self {
        Self {
            url: None,
            host: None,
            port: None,
            user: None,
            dbname: None,
            password: None,
            password_file: None,
            sslmode: None,
            ssl_root_cert: None,
            ssl_cert: None,
            ssl_key: None,
            connect_timeout: None,
            statement_timeout: HumanDuration::seconds(5),
            lock_timeout: HumanDuration::millis(500),
            idle_timeout: HumanDuration::seconds(600),
            max_lifetime: HumanDuration::seconds(1800),
            application_name: None,
            pgbouncer: false,
            row_limit: 10_000,
        }
    }
}

/// The TLS mode, with libpq's names and meanings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SslMode {
    /// No TLS.
    Disable,
    /// TLS if the server offers it, without verification.
    Prefer,
    /// TLS; the server is verified only if `ssl_root_cert` is set.
    Require,
    /// TLS with a server whose certificate the CA signed.
    VerifyCa,
    /// TLS with a server whose certificate the CA signed for this host.
    VerifyFull,
}

impl SslMode {
    pub(super) const ALL: [Self; 5] =
        [Self::Disable, Self::Prefer, Self::Require, Self::VerifyCa, Self::VerifyFull];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }

    pub(super) const fn of_driver(self) -> tokio_postgres::config::SslMode {
        match self {
            Self::Disable => tokio_postgres::config::SslMode::Disable,
            Self::Prefer => tokio_postgres::config::SslMode::Prefer,
            Self::Require | Self::VerifyCa | Self::VerifyFull => {
                tokio_postgres::config::SslMode::Require
            }
        }
    }
}

impl PostgresSettings {
    /// Names the session after the exporter, unless the settings name it.
    pub fn for_exporter(mut self, exporter: &str) -> Self {
        self.application_name.get_or_insert_with(|| format!("pulso-{exporter}"));
        self
    }
}
