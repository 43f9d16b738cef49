//! From the settings to everything that connecting needs.

use std::{path::PathBuf, time::Duration};

use tokio_postgres::{Config, config::Host};

use super::{
    dsn::{self, Dsn},
    settings::{PostgresSettings, SslMode},
    sqlstate::Peer,
    tls::Tls,
};
use crate::{
    settings::{HumanDuration, SettingsError},
    source::connection::{durations::check_durations, password::Password, tls::Identity},
};

/// Everything that connecting needs, validated.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) peer: Peer,
    pub(super) config: Config,
    /// None if there is none, or if it is in `config`.
    pub(super) password: Password,
    pub(super) hosts: u32,
    pub(super) tls: Tls,
    pub(super) connect_timeout: Duration,
    pub(super) protocol: Protocol,
}

/// How queries are sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// As prepared statements, in a session of our own.
    Session,
    /// Each in a separate transaction, which this SQL begins; for PgBouncer in transaction mode.
    Transaction(String),
    /// As plain text, the only form that PgBouncer's console understands.
    Simple,
}

impl PostgresSettings {
    /// Validates the settings. `console`: they are of PgBouncer's own console.
    pub(super) fn endpoint(&self, console: bool) -> Result<Endpoint, SettingsError> {
        let dsn = self.dsn()?;
        let mut config = dsn.config.clone();
        check_durations(&[
            ("connect_timeout", self.connect_timeout.unwrap_or(HumanDuration::seconds(3))),
            ("statement_timeout", self.statement_timeout),
            ("lock_timeout", self.lock_timeout),
            ("idle_timeout", self.idle_timeout),
            ("max_lifetime", self.max_lifetime),
        ])?;
        if self.row_limit == 0 {
            return Err(SettingsError::at("row_limit", "must be at least 1"));
        }

        let pgbouncer = console || self.pgbouncer || dsn.pgbouncer == Some(true);
        let guards = self.guards();
        if pgbouncer {
            if config.get_options().is_some() {
                let problem = "holds `options`, which PgBouncer does not pass on: remove them, or \
                    set `pgbouncer = false` and connect to the server";
                return Err(SettingsError::at("url", problem));
            }
        } else {
            // Of two options the server takes the later one, so the guards come last.
            let ours = guards.iter().map(|(name, value)| format!("-c {name}={value}"));
            let options = config.get_options().map(str::to_owned).into_iter().chain(ours);
            config.options(options.collect::<Vec<_>>().join(" "));
        }

        let name = self.application_name.as_deref().or(dsn.config.get_application_name());
        config.application_name(name.unwrap_or("pulso"));
        let connect_timeout = self
            .connect_timeout
            .map(HumanDuration::get)
            .or(dsn.config.get_connect_timeout().copied())
            .unwrap_or(Duration::from_secs(3));
        config
            .connect_timeout(connect_timeout)
            .keepalives_idle(Duration::from_secs(30))
            .keepalives_interval(Duration::from_secs(10))
            .keepalives_retries(3);
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(Duration::from_secs(30));
        }

        let tls = self.tls(&dsn)?;
        config.ssl_mode(tls.mode.of_driver());
        Ok(Endpoint {
            peer: Peer {
                address: address(&config),
                user: config.get_user().unwrap_or("the operating system's user").to_owned(),
                pgbouncer,
            },
            password: self.password(&config)?,
            hosts: u32::try_from(config.get_hosts().len().max(1)).unwrap_or(u32::MAX),
            config,
            tls,
            connect_timeout,
            protocol: match (console, pgbouncer) {
                (true, _) => Protocol::Simple,
                (_, true) => Protocol::Transaction(begin(&guards)),
                (_, false) => Protocol::Session,
            },
        })
    }

    /// The parameters that keep the session from hurting the server; [`begin`] relies on the first.
    fn guards(&self) -> Vec<(&'static str, String)> {
        vec![
            ("default_transaction_read_only", "on".to_owned()),
            ("statement_timeout", milliseconds(self.statement_timeout)),
            ("lock_timeout", milliseconds(self.lock_timeout)),
            ("idle_in_transaction_session_timeout", milliseconds(self.statement_timeout)),
            ("max_parallel_workers_per_gather", "0".to_owned()),
            ("jit", "off".to_owned()),
            ("timezone", "UTC".to_owned()),
        ]
    }

    fn dsn(&self) -> Result<Dsn, SettingsError> {
        if let Some(url) = &self.url {
            let parts = [
                ("host", self.host.is_some()),
                ("port", self.port.is_some()),
                ("user", self.user.is_some()),
                ("dbname", self.dbname.is_some()),
            ];
            if let Some((key, _)) = parts.iter().find(|(_, given)| *given) {
                return Err(SettingsError::at(
                    *key,
                    "is given together with `url`: keep one of the two",
                ));
            }
            let mut dsn =
                dsn::parse(url.expose()).map_err(|problem| SettingsError::at("url", problem))?;
            if dsn.config.get_hosts().is_empty() && dsn.config.get_hostaddrs().is_empty() {
                return Err(SettingsError::at("url", "names no host"));
            }
            // TLS needs a name for the server, even if it is only the address.
            if dsn.config.get_hosts().is_empty() {
                for address in dsn.config.get_hostaddrs().to_vec() {
                    dsn.config.host(address.to_string());
                }
            }
            return Ok(dsn);
        }
        let Some(host) = self.host.as_deref().filter(|it| !it.is_empty()) else {
            let problem = "is missing: give `url`, or `host` with `user` and `dbname`";
            return Err(SettingsError::at("url", problem));
        };
        let mut dsn = Dsn::default();
        dsn.config.host(host).port(self.port.unwrap_or(5432));
        if let Some(user) = &self.user {
            dsn.config.user(user);
        }
        if let Some(dbname) = &self.dbname {
            dsn.config.dbname(dbname);
        }
        Ok(dsn)
    }

    fn password(&self, config: &Config) -> Result<Password, SettingsError> {
        if config.get_password().is_some() {
            let twice = |key| Err(SettingsError::at(key, "is given in `url` as well: keep one"));
            match (&self.password, &self.password_file) {
                (None, None) => {}
                (Some(_), None) => return twice("password"),
                (_, Some(_)) => return twice("password_file"),
            }
        }
        Password::new(self.password.clone(), self.password_file.clone())
    }

    fn tls(&self, dsn: &Dsn) -> Result<Tls, SettingsError> {
        let first = |ours: &Option<PathBuf>, theirs: &Option<PathBuf>| {
            ours.clone().or_else(|| theirs.clone())
        };
        let identity = Identity::new(
            ("ssl_cert", first(&self.ssl_cert, &dsn.ssl_cert)),
            ("ssl_key", first(&self.ssl_key, &dsn.ssl_key)),
        )?;
        // As in libpq, a Unix socket has no TLS, whatever `sslmode` says.
        let local = dsn.config.get_hosts().iter().all(|it| matches!(it, Host::Unix(_)));
        let mode = self.sslmode.or(dsn.sslmode).unwrap_or(SslMode::Prefer);
        Ok(Tls {
            mode: if local { SslMode::Disable } else { mode },
            root_cert: first(&self.ssl_root_cert, &dsn.ssl_root_cert),
            identity,
        })
    }
}

/// SQL that begins a transaction with the guards of a session. `READ ONLY` replaces the first one.
fn begin(guards: &[(&'static str, String)]) -> String {
    let set = guards.iter().skip(1);
    let set = set.map(|(name, value)| format!("; SET LOCAL {name} = '{value}'"));
    format!("BEGIN READ ONLY{}", set.collect::<String>())
}

fn milliseconds(duration: HumanDuration) -> String {
    duration.get().as_millis().to_string()
}

/// Hosts with their ports, and the database.
fn address(config: &Config) -> String {
    let ports = config.get_ports();
    let hosts = config.get_hosts().iter().enumerate().map(|(i, host)| {
        let port = ports.get(i).or(ports.first()).copied().unwrap_or(5432);
        match host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]:{port}"),
            Host::Tcp(name) => format!("{name}:{port}"),
            Host::Unix(folder) => format!("{}:{port}", folder.display()),
        }
    });
    let hosts = hosts.collect::<Vec<_>>().join(",");
    match config.get_dbname().or(config.get_user()) {
        Some(dbname) => format!("{hosts}/{dbname}"),
        None => hosts,
    }
}

#[cfg(test)]
mod tests;
