//! How to reach a database, and what the session may cost it.

use std::path::PathBuf;

use serde::Deserialize;

use crate::settings::{HumanDuration, Secret};

/// The table that names one PostgreSQL database: either `url`, or `host` and what goes with it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PostgresSettings {
    /// `postgres://user@host:5432/dbname?sslmode=verify-full`, or `host=… user=… dbname=…`.
    pub url: Option<Secret>,
    /// Name, address, or the folder of the server's Unix socket.
    pub host: Option<String>,
    /// 5432 when nothing is said.
    pub port: Option<u16>,
    /// The role; the operating system's user when nothing is said.
    pub user: Option<String>,
    /// The database; the one named like the role when nothing is said.
    pub dbname: Option<String>,
    /// The role's password; better in `password_file`.
    pub password: Option<Secret>,
    /// A file with the role's password, read at each connect, so that it may change.
    pub password_file: Option<PathBuf>,
    /// How much TLS: as in libpq, `prefer` when nothing is said.
    pub sslmode: Option<SslMode>,
    /// The CA that vouches for the server (PEM); the system's CAs when nothing is said.
    pub ssl_root_cert: Option<PathBuf>,
    /// The certificate that the exporter shows (PEM).
    pub ssl_cert: Option<PathBuf>,
    /// The key of `ssl_cert` (PEM).
    pub ssl_key: Option<PathBuf>,
    /// How long connecting may take, from name to session; 3 seconds when nothing is said.
    pub connect_timeout: Option<HumanDuration>,
    /// When the server ends a statement.
    pub statement_timeout: HumanDuration,
    /// When the server gives up waiting for a lock.
    pub lock_timeout: HumanDuration,
    /// When a connection that nobody used is closed.
    pub idle_timeout: HumanDuration,
    /// When a connection is replaced, for a server process grows with its age.
    pub max_lifetime: HumanDuration,
    /// How the session is called in `pg_stat_activity`; `pulso-<exporter>` when nothing is said.
    pub application_name: Option<String>,
    /// Whether a PgBouncer in transaction pooling stands before the server.
    pub pgbouncer: bool,
    /// How many rows one query may give before it is an error.
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

/// How much TLS is asked for; the words and meanings are libpq's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SslMode {
    /// None.
    Disable,
    /// TLS if the server offers it, whoever it is.
    Prefer,
    /// TLS; the server is verified only when `ssl_root_cert` is given.
    Require,
    /// TLS with a server that the CA vouches for.
    VerifyCa,
    /// TLS with a server that the CA vouches for, under the name that was asked for.
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
    /// Names the session after the exporter, unless the user has named it.
    pub fn for_exporter(mut self, exporter: &str) -> Self {
        self.application_name.get_or_insert_with(|| format!("pulso-{exporter}"));
        self
    }
}
