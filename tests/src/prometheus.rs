//! A Prometheus.

mod api;
mod firing;

use std::{fmt::Write as _, time::Duration};

pub use api::{ActiveAlert, Labels, Metadata, Range, Rule, Sample, Target};
use hyper::Method;

use crate::{
    Alertmanager, Server, StackError,
    folder::Folder,
    http,
    port::Port,
    process::{self, Process, ServerCommand},
    user::User,
};

/// A running server; its queries are in `api`.
#[derive(Debug)]
pub struct Prometheus {
    process: Process,
    port: Port,
    folder: Folder,
}

/// The options of a server.
#[derive(Debug)]
pub struct Builder {
    scrape_interval: Duration,
    scrape_timeout: Option<Duration>,
    evaluation_interval: Duration,
    scrape_configs: String,
    alertmanagers: Vec<String>,
    rules: Vec<(String, String)>,
    args: Vec<String>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            scrape_interval: Duration::from_secs(1),
            scrape_timeout: None,
            evaluation_interval: Duration::from_secs(1),
            scrape_configs: String::new(),
            alertmanagers: Vec::new(),
            rules: Vec::new(),
            args: Vec::new(),
        }
    }
}

impl Builder {
    /// How often targets are scraped and rules are evaluated; every second by default.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.scrape_interval = interval;
        self.evaluation_interval = interval;
        self
    }

    /// When a scrape is given up; a second by default, as it may not be over the interval.
    pub fn scrape_timeout(mut self, timeout: Duration) -> Self {
        self.scrape_timeout = Some(timeout);
        self
    }

    /// Scrapes `address` (`127.0.0.1:9801`) as `job`, and gives its series these labels.
    pub fn job(self, job: &str, address: &str, labels: &[(&str, &str)]) -> Self {
        let mut text = format!("job_name: {job}\nstatic_configs:\n- targets: ['{address}']\n");
        if !labels.is_empty() {
            text += "  labels:\n";
        }
        for (name, value) in labels {
            let _ = writeln!(text, "    {name}: '{value}'");
        }
        self.scrape_config(&text)
    }

    /// An entry of `scrape_configs`, the keys at the left margin.
    pub fn scrape_config(mut self, yaml: &str) -> Self {
        for (number, line) in yaml.lines().enumerate() {
            let margin = if number == 0 { "- " } else { "  " };
            let _ = writeln!(self.scrape_configs, "{margin}{line}");
        }
        self
    }

    pub fn rules(mut self, name: &str, yaml: impl Into<String>) -> Self {
        self.rules.push((name.to_owned(), yaml.into()));
        self
    }

    /// Where alerts are sent.
    pub fn alertmanager(mut self, server: &Alertmanager) -> Self {
        self.alertmanagers.push(server.address());
        self
    }

    /// A further flag, such as `--enable-feature=exemplar-storage`.
    pub fn flag(mut self, flag: &str) -> Self {
        self.args.push(flag.to_owned());
        self
    }

    /// Starts it and waits until it answers queries.
    pub async fn start(self) -> Result<Prometheus, StackError> {
        let user = User::unprivileged()?;
        let folder = Folder::new("prometheus", user)?;
        let port = Port::claim()?;
        for (name, text) in &self.rules {
            folder.write(name, text)?;
        }
        let config = folder.write("prometheus.yml", self.config())?;
        let args = [
            format!("--config.file={}", config.display()),
            format!("--storage.tsdb.path={}", folder.join("data").display()),
            format!("--web.listen-address={}", port.address()),
            "--web.enable-lifecycle".to_owned(),
            "--web.enable-admin-api".to_owned(),
            // Targets stay while rules are reloaded; Prometheus 3 knows no other way.
            "--enable-feature=new-service-discovery-manager".to_owned(),
            // A drill takes seconds: an alert must not wait a minute before it is sent again.
            "--rules.alert.resend-delay=1s".to_owned(),
        ];
        let mut command =
            ServerCommand::new("prometheus", process::find("prometheus")?, folder.path())
                .args(args)
                .args(self.args);
        command.user = user;
        let process = Process::start(command)?;
        let server = Prometheus { process, port, folder };
        server.ready().await?;
        Ok(server)
    }

    fn config(&self) -> String {
        let timeout = self.scrape_timeout.unwrap_or(self.scrape_interval);
        let mut text = format!(
            "global:\n  scrape_interval: {}ms\n  scrape_timeout: {}ms\n  evaluation_interval: {}ms\n",
            self.scrape_interval.as_millis(),
            timeout.min(self.scrape_interval).as_millis(),
            self.evaluation_interval.as_millis(),
        );
        if !self.rules.is_empty() {
            text += "rule_files:\n";
            for (name, _) in &self.rules {
                let _ = writeln!(text, "- {name}");
            }
        }
        if !self.alertmanagers.is_empty() {
            text += "alerting:\n  alertmanagers:\n  - static_configs:\n    - targets:\n";
            for address in &self.alertmanagers {
                let _ = writeln!(text, "      - {address}");
            }
        }
        if !self.scrape_configs.is_empty() {
            text += "scrape_configs:\n";
            text += &self.scrape_configs;
        }
        text
    }
}

impl Prometheus {
    /// A server to configure.
    pub fn builder() -> Builder {
        Builder::default()
    }

    async fn ready(&self) -> Result<(), StackError> {
        self.process.ready_at(&format!("{}/-/ready", self.url())).await
    }

    /// Restarts it on the same port with the same data; it may be running or killed.
    pub async fn restart(&self) -> Result<(), StackError> {
        self.process.start_again()?;
        self.ready().await
    }

    /// Replaces a rule file and loads it.
    pub async fn reload_rules(&self, name: &str, yaml: &str) -> Result<(), StackError> {
        self.folder.write(name, yaml)?;
        let url = format!("{}/-/reload", self.url());
        let answer = http::send(Method::POST, &url, &[], "").await?;
        answer.accepted(&format!("loading {name}"))
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        self.port.address()
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.port.url()
    }
}

impl Server for Prometheus {
    fn process(&self) -> &Process {
        &self.process
    }
}
