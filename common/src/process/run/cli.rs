//! The command line, with the usual flags of Prometheus exporters.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{
    process::Exporter,
    settings::{Flag, FlagValue},
};

/// The version of the whole suite.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The version, with the commit where the build knows it.
fn long_version() -> String {
    match option_env!("PULSO_COMMIT") {
        Some(commit) => format!("{VERSION} (commit {commit})"),
        None => VERSION.to_owned(),
    }
}

#[derive(Debug, Parser)]
#[command(
    disable_help_subcommand = true,
    after_help = "Without a command it serves metrics. Each flag but --config.* has a setting of \
                  its name in the file\n(`[web] telemetry_path`) and a variable \
                  (PULSO_WEB__TELEMETRY_PATH); the flag wins."
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) flags: Flags,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Clone, Debug, Subcommand)]
pub(super) enum Command {
    /// Connect, run every query once, print what it costs and what is missing.
    Check {
        /// Print the SQL that makes a role with no more than the privileges needed, and stop.
        #[arg(long)]
        grants: bool,
    },
    /// Write a settings file with every setting, commented.
    Init {
        /// The file to create; it must not exist. Standard output without it.
        path: Option<PathBuf>,
    },
    /// Ask the exporter that runs with these settings whether it is ready.
    Health,
}

#[derive(Debug, Default, Args)]
pub(super) struct Flags {
    /// Settings file (TOML); without it the one that `PULSO_CONFIG__FILE` names.
    #[arg(long = "config.file", value_name = "FILE", global = true)]
    pub(super) config_file: Option<PathBuf>,

    /// Check the settings and exit.
    #[arg(long = "config.check")]
    pub(super) config_check: bool,

    // The help of this one names the exporter's port; see `Cli::read`.
    #[arg(long = "web.listen-address", value_name = "ADDRESS", global = true)]
    listen_address: Vec<String>,

    /// Path of the metrics [default: /metrics].
    #[arg(long = "web.telemetry-path", value_name = "PATH", global = true)]
    telemetry_path: Option<String>,

    /// File with TLS and users, in the format of Prometheus' exporters.
    #[arg(long = "web.config.file", value_name = "FILE", global = true)]
    web_config_file: Option<String>,

    /// Use the sockets that systemd passes instead of binding addresses.
    #[arg(long = "web.systemd-socket")]
    systemd_socket: bool,

    /// Maximum number of concurrent requests; 0 for no limit [default: 40].
    #[arg(long = "web.max-requests", value_name = "NUMBER")]
    max_requests: Option<String>,

    /// Allow POST /-/reload.
    #[arg(long = "web.enable-lifecycle")]
    enable_lifecycle: bool,

    /// error, warn, info or debug [default: info].
    #[arg(long = "log.level", value_name = "LEVEL", global = true)]
    log_level: Option<String>,

    /// logfmt or json [default: logfmt].
    #[arg(long = "log.format", value_name = "FORMAT", global = true)]
    log_format: Option<String>,

    /// Time limit of a scrape whose request has none [default: 10s].
    #[arg(long = "scrape.timeout", value_name = "DURATION")]
    scrape_timeout: Option<String>,
}

impl Cli {
    /// Parses the command line; the error may also be the requested help or version.
    pub(super) fn read<E: Exporter>(
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self, clap::Error> {
        let listen = format!(
            "Where to listen, repeatable; without a port, on {} [default: 127.0.0.1:{0}]",
            E::PORT
        );
        let command = Self::command()
            .name(E::NAME)
            .bin_name(E::NAME)
            .version(long_version())
            .about(E::ABOUT)
            .mut_arg("listen_address", |it| it.help(listen));
        Self::from_arg_matches(&command.try_get_matches_from(arguments)?)
    }
}

impl Flags {
    /// The flags as the settings' last layer.
    pub(super) fn layer(&self) -> Vec<Flag> {
        let text = |name, key, value: &Option<String>| {
            value.clone().map(|it| Flag { name, key, value: FlagValue::One(it) })
        };
        let switch = |name, key, on: bool| {
            on.then(|| Flag { name, key, value: FlagValue::One("true".to_owned()) })
        };
        let addresses = (!self.listen_address.is_empty()).then(|| Flag {
            name: "web.listen-address",
            key: "web.listen_address",
            value: FlagValue::Many(self.listen_address.clone()),
        });
        [
            addresses,
            text("web.telemetry-path", "web.telemetry_path", &self.telemetry_path),
            text("web.config.file", "web.config_file", &self.web_config_file),
            switch("web.systemd-socket", "web.systemd_socket", self.systemd_socket),
            text("web.max-requests", "web.max_requests", &self.max_requests),
            switch("web.enable-lifecycle", "web.enable_lifecycle", self.enable_lifecycle),
            text("log.level", "log.level", &self.log_level),
            text("log.format", "log.format", &self.log_format),
            text("scrape.timeout", "scrape.timeout", &self.scrape_timeout),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
