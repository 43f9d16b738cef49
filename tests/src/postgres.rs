//! A PostgreSQL server.

mod age;
mod install;
mod template;

use std::{fmt::Write as _, fs, path::Path, process::Command};

use rustix::process::Signal;
use tokio_postgres::{Client, NoTls};

pub use install::{Version, versions};
pub(crate) use install::{reachable, servers};

use crate::{
    Certificates, Server, StackError,
    folder::Folder,
    port::Port,
    process::{Process, ServerCommand},
    user::User,
};

pub const SUPERUSER: &str = "postgres";

/// The superuser's password; every host and socket connection needs one.
pub const PASSWORD: &str = "pulso-super";

/// Durability is off, because the data is only for a test. Commits stay synchronous: with `fsync`
/// off they cost a write, and a killed server keeps committed data.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
fsync = off
full_page_writes = off
shared_buffers = '32MB'
dynamic_shared_memory_type = mmap
log_line_prefix = '%m [%p] %a %d '
log_timezone = 'UTC'
";

/// A running server; `postgres` is its superuser and first database.
#[derive(Debug)]
pub struct Postgres {
    process: Process,
    certificates: Option<Certificates>,
    version: Version,
    port: Port,
    folder: Folder,
}

/// The options of a server.
#[derive(Debug, Default)]
pub struct Builder {
    version: Version,
    settings: String,
    preload: Vec<String>,
    hba: String,
    tls_for: Option<String>,
    follows: Option<String>,
}

impl Builder {
    /// The major version; Debian's 15 by default.
    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// A line of `postgresql.conf`, such as `max_connections = 20`.
    pub fn setting(mut self, line: &str) -> Self {
        let _ = writeln!(self.settings, "{line}");
        self
    }

    /// An extension that must be loaded at start, such as `pg_stat_statements`.
    pub fn preload(mut self, extension: &str) -> Self {
        self.preload.push(extension.into());
        self
    }

    /// `pg_cron` for a database; `create extension pg_cron` there makes it run.
    pub fn pg_cron(self, database: &str) -> Self {
        self.preload("pg_cron")
            .setting(&format!("cron.database_name = '{database}'"))
            // Otherwise it would connect like any client, and need a password.
            .setting("cron.use_background_workers = on")
    }

    /// A line of `pg_hba.conf` that comes before the others, such as `hostssl all all all cert`.
    pub fn hba(mut self, line: &str) -> Self {
        let _ = writeln!(self.hba, "{line}");
        self
    }

    /// Offers TLS; the client's certificate is made for the user `client`.
    pub fn tls(mut self, client: &str) -> Self {
        self.tls_for = Some(client.into());
        self
    }

    /// Starts it and waits until it accepts connections.
    pub async fn start(self) -> Result<Postgres, StackError> {
        let user = User::unprivileged()?;
        let install = self.version.install(user)?;
        let folder = Folder::new("postgres", user)?;
        let data = folder.join("data");
        match &self.follows {
            None => template::copy(&install, user, &data)?,
            Some(primary) => template::follow(&install, user, &data, primary)?,
        }

        let port = Port::claim()?;
        let certificates = self.tls_for.as_deref().map(Certificates::new).transpose()?;
        let mut settings = SETTINGS.to_owned();
        let _ = writeln!(settings, "unix_socket_directories = '{}'", folder.path().display());
        let _ = writeln!(settings, "port = {}", port.number());
        if let Some(certificates) = &certificates {
            let _ = writeln!(settings, "ssl = on");
            let _ = writeln!(settings, "ssl_ca_file = '{}'", certificates.ca().display());
            let _ =
                writeln!(settings, "ssl_cert_file = '{}'", certificates.server_cert().display());
            let _ = writeln!(settings, "ssl_key_file = '{}'", certificates.server_key().display());
        }
        if !self.preload.is_empty() {
            let _ = writeln!(settings, "shared_preload_libraries = '{}'", self.preload.join(","));
        }
        settings += &self.settings;
        append(&data.join("postgresql.conf"), "", &settings)?;
        append(&data.join("pg_hba.conf"), &self.hba, "")?;

        let mut command =
            ServerCommand::new("postgres", install.program("postgres"), folder.path())
                .args(["-D".as_ref(), data.as_os_str()]);
        command.user = user;
        // An immediate shutdown ends the backends too, and removes the shared memory.
        command.end = Signal::QUIT;
        let process = Process::start(command)?;
        let server = Postgres { process, certificates, version: self.version, port, folder };
        server.ready().await?;
        Ok(server)
    }
}

/// Adds text before and after a file's content; its owner stays.
fn append(path: &Path, before: &str, after: &str) -> Result<(), StackError> {
    fs::read_to_string(path)
        .and_then(|text| fs::write(path, format!("{before}{text}{after}")))
        .map_err(StackError::io(format!("editing {}", path.display())))
}

impl Postgres {
    /// Debian's version with nothing special.
    pub async fn start() -> Result<Self, StackError> {
        Self::builder().start().await
    }

    /// A server to configure.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A standby to configure, which takes a copy of this server and follows it.
    pub fn standby(&self) -> Builder {
        let follows = Some(self.url(SUPERUSER));
        Builder { version: self.version, follows, ..Builder::default() }
    }

    async fn ready(&self) -> Result<(), StackError> {
        let status = self.folder.join("data/postmaster.pid");
        let pid = self.process.pid().to_string();
        self.process
            .ready(async || {
                let text = fs::read_to_string(&status).ok()?;
                let mut lines = text.lines();
                // The file of a server that was killed says that it is ready, too.
                (lines.next()? == pid && lines.nth(6)?.trim() == "ready").then_some(())
            })
            .await
    }

    /// Restarts it on the same port with the same data; it may be running or killed.
    pub async fn restart(&self) -> Result<(), StackError> {
        self.process.start_again()?;
        self.ready().await
    }

    pub fn version(&self) -> Version {
        self.version
    }

    /// The TCP port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// The folder of the Unix socket.
    pub fn socket_folder(&self) -> &Path {
        self.folder.path()
    }

    /// The certificates, when it was started with TLS.
    pub fn certificates(&self) -> Option<&Certificates> {
        self.certificates.as_ref()
    }

    /// A connection URL for the superuser.
    pub fn url(&self, database: &str) -> String {
        self.url_as(SUPERUSER, PASSWORD, database)
    }

    /// A connection URL for another role.
    pub fn url_as(&self, user: &str, password: &str, database: &str) -> String {
        format!("postgres://{user}:{password}@127.0.0.1:{}/{database}", self.port())
    }

    /// Connects as superuser.
    pub async fn connect(&self, database: &str) -> Result<Client, StackError> {
        connect(&self.url(database)).await
    }

    /// Runs statements as superuser on a separate connection.
    pub async fn execute(&self, database: &str, sql: &str) -> Result<(), StackError> {
        let client = self.connect(database).await?;
        client.batch_execute(sql).await.map_err(StackError::sql(format!("running {sql}")))
    }

    pub async fn create_database(&self, name: &str) -> Result<(), StackError> {
        self.execute(SUPERUSER, &format!("create database \"{name}\"")).await
    }

    /// Creates a role that may log in and nothing else.
    pub async fn create_role(&self, name: &str, password: &str) -> Result<(), StackError> {
        let sql = format!("create role \"{name}\" login password '{password}'");
        self.execute(SUPERUSER, &sql).await
    }
}

/// Connects without TLS; the connection is driven in the background until the client is dropped.
pub async fn connect(url: &str) -> Result<Client, StackError> {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.map_err(StackError::sql("connecting"))?;
    // Its error is the client's too, at the next statement.
    tokio::spawn(async { drop(connection.await) });
    Ok(client)
}

impl Server for Postgres {
    fn process(&self) -> &Process {
        &self.process
    }
}

impl Drop for Postgres {
    /// A server that was killed and not started again leaves a shared memory segment.
    fn drop(&mut self) {
        if self.process.exited().is_none() {
            return;
        }
        let status = fs::read_to_string(self.folder.join("data/postmaster.pid"));
        let segment = status.ok().and_then(|text| {
            let line = text.lines().nth(6)?.split_ascii_whitespace().nth(1)?;
            line.parse::<u32>().ok()
        });
        if let Some(segment) = segment {
            let _ = Command::new("ipcrm").args(["-m", &segment.to_string()]).status();
        }
    }
}
