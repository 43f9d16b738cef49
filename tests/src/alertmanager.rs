//! An Alertmanager.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Server, StackError,
    folder::Folder,
    http,
    port::Port,
    process::{self, Process, ServerCommand},
    user::User,
};

#[derive(Debug)]
pub struct Alertmanager {
    process: Process,
    port: Port,
    _folder: Folder,
}

/// An alert as Alertmanager holds it.
#[derive(Debug, Clone, Deserialize)]
pub struct HeldAlert {
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    /// Whether notifications are sent, and what suppresses them.
    pub status: HeldStatus,
    pub receivers: Vec<Receiver>,
}

/// Whether notifications of an alert are sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldStatus {
    /// `active`, `suppressed` or `unprocessed`.
    pub state: String,
    /// Fingerprints of the alerts that inhibit it.
    pub inhibited_by: Vec<String>,
    /// Silences that cover it.
    pub silenced_by: Vec<String>,
}

#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
pub struct Receiver {
    pub name: String,
}

impl Alertmanager {
    /// Starts it with an `alertmanager.yml`.
    pub async fn start(config: &str) -> Result<Self, StackError> {
        Self::with_files(config, &[]).await
    }

    /// Starts it with further files beside `alertmanager.yml`: templates, secrets.
    pub async fn with_files(config: &str, files: &[(&str, &str)]) -> Result<Self, StackError> {
        let user = User::unprivileged()?;
        let folder = Folder::new("alertmanager", user)?;
        let port = Port::claim()?;
        for (name, text) in files {
            folder.write(name, text)?;
        }
        let config = folder.write("alertmanager.yml", config)?;
        let program = process::find("prometheus-alertmanager")
            .or_else(|error| process::find("alertmanager").map_err(|_| error))?;
        let mut command = ServerCommand::new("alertmanager", program, folder.path()).args([
            format!("--config.file={}", config.display()),
            format!("--storage.path={}", folder.join("data").display()),
            format!("--web.listen-address={}", port.address()),
            // No cluster: it would listen beyond loopback.
            "--cluster.listen-address=".to_owned(),
        ]);
        command.user = user;
        let process = Process::start(command)?;
        let server = Self { process, port, _folder: folder };
        server.ready().await?;
        Ok(server)
    }

    async fn ready(&self) -> Result<(), StackError> {
        self.process.ready_at(&format!("{}/-/ready", self.url())).await
    }

    /// Restarts it on the same port with the same data; it may be running or killed.
    pub async fn restart(&self) -> Result<(), StackError> {
        self.process.start_again()?;
        self.ready().await
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        self.port.address()
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.port.url()
    }

    /// The alerts it holds, suppressed ones too.
    pub async fn alerts(&self) -> Result<Vec<HeldAlert>, StackError> {
        let url = format!("{}/api/v2/alerts", self.url());
        http::get(&url).await?.json("asking Alertmanager for its alerts")
    }

    /// Sends it an alert that fires now, as Prometheus would.
    pub async fn fire(&self, labels: &[(&str, &str)]) -> Result<(), StackError> {
        let labels: BTreeMap<_, _> = labels.iter().copied().collect();
        let url = format!("{}/api/v2/alerts", self.url());
        let answer = http::post(&url, &json!([{ "labels": labels }])).await?;
        answer.accepted("sending an alert to Alertmanager")
    }

    /// Silences alerts that carry these labels for some minutes.
    pub async fn silence(&self, labels: &[(&str, &str)], minutes: u64) -> Result<(), StackError> {
        let matchers: Vec<Value> = labels
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value, "isRegex": false }))
            .collect();
        // Alertmanager takes RFC 3339 only, which the standard library does not print.
        let time = |when: &str| {
            let mut date = std::process::Command::new("date");
            process::output(date.args(["-u", "+%Y-%m-%dT%H:%M:%SZ", "-d", when]))
        };
        let silence = json!({
            "matchers": matchers,
            "startsAt": time("now")?.trim(),
            "endsAt": time(&format!("{minutes} minutes"))?.trim(),
            "createdBy": "a test",
            "comment": "planned work",
        });
        let url = format!("{}/api/v2/silences", self.url());
        let answer = http::post(&url, &silence).await?;
        answer.accepted("silencing alerts in Alertmanager")
    }
}

impl Server for Alertmanager {
    fn process(&self) -> &Process {
        &self.process
    }
}
