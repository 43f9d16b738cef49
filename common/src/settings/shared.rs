//! The sections that every exporter has: `[web]`, `[log]`, `[scrape]`.

use std::path::PathBuf;

use serde::Deserialize;

use super::{HumanDuration, SettingsError};

/// How the exporter is reached.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Web {
    /// Where it listens; without a port, on the exporter's own.
    pub listen_address: Vec<String>,
    /// Where the metrics are.
    pub telemetry_path: String,
    /// TLS and users, in the file format of Prometheus exporters.
    pub config_file: Option<PathBuf>,
    /// Takes the sockets that systemd hands over in place of listening.
    pub systemd_socket: bool,
    /// How many requests are answered at once; 0: any number.
    pub max_requests: usize,
    /// Allows `POST /-/reload`.
    pub enable_lifecycle: bool,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen_address: vec!["127.0.0.1".to_owned()],
            telemetry_path: "/metrics".to_owned(),
            config_file: None,
            systemd_socket: false,
            max_requests: 40,
            enable_lifecycle: false,
        }
    }
}

impl Web {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let path = &self.telemetry_path;
        let taken = path == "/probe" || path.starts_with("/-/");
        let plain = path.starts_with('/') && path.chars().all(|it| it.is_ascii_graphic());
        if taken || !plain || path.contains(['?', '#']) {
            let problem = "expected a path such as \"/metrics\"; \
                           `/probe` and what begins with `/-/` are taken";
            return Err(SettingsError::at("telemetry_path", problem));
        }
        Ok(())
    }
}

/// What is logged, and how.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// The least grave event that is logged.
    pub level: LogLevel,
    /// How a line is written.
    pub format: LogFormat,
}

/// How grave an event is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What stops the exporter, or a part of it.
    Error,
    /// What somebody should mend.
    Warn,
    /// What happens once.
    #[default]
    Info,
    /// What happens at each scrape.
    Debug,
}

/// How a log line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// `key=value` pairs.
    #[default]
    Logfmt,
    /// One JSON object.
    Json,
}

/// How a scrape goes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scrape {
    /// How long it may take when the scraper does not say.
    pub timeout: HumanDuration,
}

impl Default for Scrape {
    fn default() -> Self {
        Self { timeout: HumanDuration::seconds(10) }
    }
}

impl Scrape {
    pub(super) fn check(self) -> Result<(), SettingsError> {
        if self.timeout < HumanDuration::millis(100) || self.timeout > HumanDuration::seconds(120) {
            return Err(SettingsError::at("timeout", "out of range; expected \"100ms\" to \"2m\""));
        }
        Ok(())
    }
}

/// The sections as `init` writes them: every setting at its default.
pub const EXAMPLE: &str = r#"# Settings of Pulso's exporters. One file may serve them all: each reads `[web]`, `[log]`,
# `[scrape]`, `[host]` and the section with its own name.
# A variable wins over this file, a flag over both: `[web] telemetry_path` is also
# PULSO_WEB__TELEMETRY_PATH and --web.telemetry-path.

[web]
# Where to listen. Without a port, on the exporter's own, so that one file serves them all.
#listen_address = ["127.0.0.1"]
#telemetry_path = "/metrics"
# TLS and users, in the file format of Prometheus exporters.
#config_file = "web.yml"
#systemd_socket = false
# How many requests are answered at once; 0 for any number.
#max_requests = 40
# Allows POST /-/reload. SIGHUP reloads in any case.
#enable_lifecycle = false

[log]
# error, warn, info or debug
#level = "info"
# logfmt or json
#format = "logfmt"

[scrape]
# How long a scrape may take when the scraper does not say.
#timeout = "10s"

[host]
# Adds the machine's own figures to `/metrics`. One exporter on a machine is enough.
#enabled = false
# Where the machine's root, /proc and /sys are; in a container, where they are mounted.
#rootfs = "/"
#procfs = "/proc"
#sysfs = "/sys"
# Processes to watch, by a regular expression on their name and command line.
#processes = [{ name = "postgres", pattern = "^postgres" }]
# Files of which the newest is watched, such as backups.
#files = [{ name = "backup", glob = "/var/backups/*.dump" }]
# Which mounts are read, by regular expressions on their mount points.
#mounts = { include = [], exclude = ["^/(dev|proc|sys|snap)($|/)", "^/run/."] }
"#;
