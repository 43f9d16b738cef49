//! How to reach a server, and how long it may take.

use std::path::PathBuf;

use serde::Deserialize;

use crate::settings::{HumanDuration, Secret};

/// The table that names one server: `url`, `host`, `unix_socket` or `sentinel`, and what goes
/// with it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedisSettings {
    /// `redis://user:password@host:6379`, `rediss://…` for TLS, `unix:///path`. A database's
    /// number behind it changes nothing, for what is read is the whole server's.
    pub url: Option<Secret>,
    /// Name or address.
    pub host: Option<String>,
    /// 6379 when nothing is said.
    pub port: Option<u16>,
    /// The path of the server's Unix socket.
    pub unix_socket: Option<PathBuf>,
    /// Sentinels that know where the server is now, in place of an address.
    pub sentinel: Option<SentinelSettings>,
    /// The ACL user; the server's `default` when nothing is said.
    pub username: Option<String>,
    /// The user's password; better in `password_file`.
    pub password: Option<Secret>,
    /// A file with the user's password, read at each connect, so that it may change.
    pub password_file: Option<PathBuf>,
    /// Whether TLS is spoken.
    pub tls: bool,
    /// The CA that vouches for the server (PEM); the system's CAs when nothing is said.
    pub tls_ca_cert: Option<PathBuf>,
    /// The certificate that the exporter shows (PEM).
    pub tls_cert: Option<PathBuf>,
    /// The key of `tls_cert` (PEM).
    pub tls_key: Option<PathBuf>,
    /// The name that the server's certificate must hold; `host` when nothing is said.
    pub tls_server_name: Option<String>,
    /// Whether the server may be anyone: encrypted, but not verified.
    pub tls_skip_verify: bool,
    /// How long connecting may take, from name to login.
    pub connect_timeout: HumanDuration,
    /// How long an answer may take.
    pub read_timeout: HumanDuration,
    /// When a connection that nobody used is closed.
    pub idle_timeout: HumanDuration,
    /// How the connection is called in `CLIENT LIST`; `pulso-<exporter>` when nothing is said.
    pub client_name: Option<String>,
}

impl Default for RedisSettings {
    fn default() -> Self {
        Self {
            url: None,
            host: None,
            port: None,
            unix_socket: None,
            sentinel: None,
            username: None,
            password: None,
            password_file: None,
            tls: false,
            tls_ca_cert: None,
            tls_cert: None,
            tls_key: None,
            tls_server_name: None,
            tls_skip_verify: false,
            connect_timeout: HumanDuration::seconds(3),
            read_timeout: HumanDuration::seconds(5),
            idle_timeout: HumanDuration::seconds(600),
            client_name: None,
        }
    }
}

/// Sentinels, and which of the servers that they watch is meant. They are spoken to with TLS when
/// the server is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentinelSettings {
    /// Where they are, each `host:port`.
    pub addresses: Vec<String>,
    /// The name that they give to the primary.
    pub master: String,
    /// Their own ACL user.
    #[serde(default)]
    pub username: Option<String>,
    /// Their own password; better in `password_file`.
    #[serde(default)]
    pub password: Option<Secret>,
    /// A file with their own password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
}

impl RedisSettings {
    /// Names the connection after the exporter, unless the user has named it.
    pub fn for_exporter(mut self, exporter: &str) -> Self {
        self.client_name.get_or_insert_with(|| format!("pulso-{exporter}"));
        self
    }
}
