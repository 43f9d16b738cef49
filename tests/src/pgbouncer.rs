//! A PgBouncer in front of a [`Postgres`].

use std::{env, fmt::Write as _, net::Ipv4Addr, path::PathBuf};

use tokio::net::TcpStream;

use crate::{
    Postgres, Server, StackError,
    folder::Folder,
    port::Port,
    postgres::{PASSWORD, SUPERUSER, reachable, servers},
    process::{self, Process, ServerCommand},
    user::User,
};

/// The version of Debian 12.
const SYSTEM: &str = "1.18";

/// The versions that tests of version-dependent behaviour run on: those named in
/// `E2E_PGBOUNCER` (`1.18,1.24`), else Debian's.
pub fn versions() -> Vec<String> {
    #[allow(clippy::disallowed_methods, reason = "a switch of the tests, not of an exporter")]
    let asked = env::var("E2E_PGBOUNCER").unwrap_or_default();
    let asked = asked.split([',', ' ']).filter(|word| !word.is_empty()).map(str::to_owned);
    let versions: Vec<_> = asked.collect();
    if versions.is_empty() { vec![SYSTEM.to_owned()] } else { versions }
}

fn program(version: &str, user: Option<User>) -> Result<PathBuf, StackError> {
    if version == SYSTEM {
        return process::find("pgbouncer");
    }
    let home = servers().join(format!("pgbouncer-{version}"));
    if home.join("pgbouncer").is_file() {
        return Ok(reachable(&home, user)?.join("pgbouncer"));
    }
    Err(StackError::Missing {
        what: home.display().to_string(),
        remedy: format!("run scripts/fetch-pgbouncer {version}"),
    })
}

/// A running pooler; the superuser of its server is its administrator.
#[derive(Debug)]
pub struct PgBouncer {
    process: Process,
    port: Port,
    _folder: Folder,
}

/// The options of a pooler.
#[derive(Debug)]
pub struct Builder {
    version: String,
    server_port: u16,
    mode: String,
    databases: String,
    users: String,
    settings: String,
}

impl Builder {
    /// One of [`versions`] in place of Debian's.
    pub fn version(mut self, version: &str) -> Self {
        self.version = version.into();
        self
    }

    /// `transaction` (by default), `session` or `statement`.
    pub fn mode(mut self, mode: &str) -> Self {
        self.mode = mode.into();
        self
    }

    /// A role that may connect; its password is needed to log in to the server for it.
    pub fn user(mut self, name: &str, password: &str) -> Self {
        let _ = writeln!(self.users, "\"{name}\" \"{password}\"");
        self
    }

    /// An entry of `[databases]` beside `*`, such as `app = dbname=app pool_size=5 port=5432`.
    pub fn database(mut self, line: &str) -> Self {
        let _ = writeln!(self.databases, "{line}");
        self
    }

    /// A line of `[pgbouncer]`, such as `default_pool_size = 2`.
    pub fn setting(mut self, line: &str) -> Self {
        let _ = writeln!(self.settings, "{line}");
        self
    }

    /// Starts it and waits until it accepts connections.
    pub async fn start(self) -> Result<PgBouncer, StackError> {
        let user = User::unprivileged()?;
        let folder = Folder::new("pgbouncer", user)?;
        let port = Port::claim()?;
        let users = folder.write("users.txt", &self.users)?;
        let config = format!(
            "[databases]\n{databases}* = host=127.0.0.1 port={server}\n\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = scram-sha-256\nauth_file = {users}\n\
             admin_users = {SUPERUSER}\npool_mode = {mode}\n\
             ignore_startup_parameters = extra_float_digits,options\n{settings}",
            databases = self.databases,
            server = self.server_port,
            port = port.number(),
            users = users.display(),
            mode = self.mode,
            settings = self.settings,
        );
        let config = folder.write("pgbouncer.ini", config)?;
        let program = program(&self.version, user)?;
        let mut command = ServerCommand::new("pgbouncer", program, folder.path()).args([config]);
        command.user = user;
        let process = Process::start(command)?;
        let server = PgBouncer { process, port, _folder: folder };
        server.ready().await?;
        Ok(server)
    }
}

impl PgBouncer {
    /// Transaction mode, every database and the superuser of `server`.
    pub async fn start(server: &Postgres) -> Result<Self, StackError> {
        Self::builder(server).start().await
    }

    /// A pooler to configure.
    pub fn builder(server: &Postgres) -> Builder {
        let builder = Builder {
            version: SYSTEM.into(),
            server_port: server.port(),
            mode: "transaction".into(),
            databases: String::new(),
            users: String::new(),
            settings: String::new(),
        };
        builder.user(SUPERUSER, PASSWORD)
    }

    async fn ready(&self) -> Result<(), StackError> {
        let address = (Ipv4Addr::LOCALHOST, self.port());
        self.process.ready(async || TcpStream::connect(address).await.ok().map(drop)).await
    }

    /// Restarts it on the same port; it may be running or killed.
    pub async fn restart(&self) -> Result<(), StackError> {
        self.process.start_again()?;
        self.ready().await
    }

    /// The TCP port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// A connection URL for the superuser; the database `pgbouncer` is the administration console.
    pub fn url(&self, database: &str) -> String {
        self.url_as(SUPERUSER, PASSWORD, database)
    }

    /// A connection URL for another role.
    pub fn url_as(&self, user: &str, password: &str, database: &str) -> String {
        format!("postgres://{user}:{password}@127.0.0.1:{}/{database}", self.port())
    }
}

impl Server for PgBouncer {
    fn process(&self) -> &Process {
        &self.process
    }
}
