//! The address of a server, and time-outs.

use std::path::PathBuf;

use serde::Deserialize;

use crate::settings::{HumanDuration, Secret};

/// One server: `url`, `host`, `unix_socket` or `sentinel`, and the keys beside it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedisSettings {
    /// `redis://user:password@host:6379`, `rediss://…` for TLS, `unix:///path`. A
    /// database number is ignored, because the metrics are of the whole server.
    pub url: Option<Secret>,
    /// Name or address.
    pub host: Option<String>,
    /// Default: 6379.
    pub port: Option<u16>,
    /// The path of the server's Unix socket.
    pub unix_socket: Option<PathBuf>,
    /// Sentinels that know the server's address.
    pub sentinel: Option<SentinelSettings>,
    /// The ACL user. Default: the server's `default`.
    pub username: Option<String>,
    /// The user's password; better in `password_file`.
    pub password: Option<Secret>,
    /// A file with the user's password, read at each connect, so that it can change.
    pub password_file: Option<PathBuf>,
    /// Whether the connection uses TLS.
    pub tls: bool,
    /// The CA of the server's certificate (PEM). Default: the system's CAs.
    pub tls_ca_cert: Option<PathBuf>,
    /// The client certificate (PEM).
    pub tls_cert: Option<PathBuf>,
    /// The key of `tls_cert` (PEM).
    pub tls_key: Option<PathBuf>,
    /// The name that the server's certificate must have. Default: `host`.
    pub tls_server_name: Option<String>,
    /// Whether the server is not verified; the connection is still encrypted.
    pub tls_skip_verify: bool,
    /// Limit of connecting, from the name lookup to the login.
    pub connect_timeout: HumanDuration,
    /// Limit of an answer.
    pub read_timeout: HumanDuration,
    /// After how long an idle connection is closed.
    pub idle_timeout: HumanDuration,
    /// The connection's name in `CLIENT LIST`. Default: `pulso-<exporter>`.
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

/// Sentinels, and the name of the primary that they watch. `tls` is for them as well.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentinelSettings {
    /// Their addresses, each `host:port`.
    pub addresses: Vec<String>,
    /// Their name for the primary.
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
    /// Names the connection after the exporter, unless the settings name it.
    pub fn for_exporter(mut self, exporter: &str) -> Self {
        self.client_name.get_or_insert_with(|| format!("pulso-{exporter}"));
        self
    }
}
