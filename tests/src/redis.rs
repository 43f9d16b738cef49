//! A Redis, or a server that speaks its protocol.

use std::{
    fmt::Write as _,
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use redis::{AsyncConnectionConfig, Client, RedisResult, aio::MultiplexedConnection};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    Certificates, Server, StackError,
    folder::Folder,
    port::Port,
    postgres::servers,
    process::{self, Process, ServerCommand, output},
    user::User,
};

#[derive(Debug)]
pub struct Redis {
    process: Process,
    password: Option<String>,
    tls: Option<(Port, Certificates)>,
    port: Port,
    /// Where the nodes of a cluster speak to each other.
    _bus: Option<Port>,
    folder: Folder,
}

/// The program.
#[derive(Debug, Default, Clone)]
pub enum Flavor {
    /// Debian's Redis 7.0.
    #[default]
    Debian,
    /// Redis 6.2, from `scripts/fetch-redis`.
    Redis62,
    /// Valkey 9, from `scripts/fetch-redis`.
    Valkey9,
    Program(PathBuf),
}

impl Flavor {
    fn program(&self) -> Result<PathBuf, StackError> {
        let fetched = |name: &str| {
            let path = servers().join(name);
            if path.is_file() {
                return Ok(path);
            }
            Err(StackError::Missing {
                what: path.display().to_string(),
                remedy: "run scripts/fetch-redis".into(),
            })
        };
        match self {
            Self::Debian => process::find("redis-server"),
            Self::Redis62 => fetched("redis-6.2/redis-server"),
            Self::Valkey9 => fetched("valkey-9/valkey-server"),
            Self::Program(path) => Ok(path.clone()),
        }
    }
}

/// The options of a server.
#[derive(Debug, Default)]
pub struct Builder {
    flavor: Flavor,
    lines: String,
    password: Option<String>,
    tls: bool,
    cluster: bool,
    sentinel: bool,
}

impl Builder {
    /// Another program than Debian's.
    pub fn flavor(mut self, flavor: Flavor) -> Self {
        self.flavor = flavor;
        self
    }

    /// A line of `redis.conf`, such as `maxmemory 10mb`.
    pub fn line(mut self, line: &str) -> Self {
        let _ = writeln!(self.lines, "{line}");
        self
    }

    /// The password that clients need (`requirepass`).
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.into());
        self.line(&format!("requirepass {password}"))
    }

    /// A TLS port beside the plain one.
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Makes it a node of a cluster, which `redis-cli --cluster create` makes of several. From 7.0.
    pub fn cluster(mut self) -> Self {
        self.cluster = true;
        self.line("cluster-enabled yes").line("cluster-node-timeout 2000")
    }

    /// Makes it a Sentinel that watches `primary` under that name, with a quorum of one.
    pub fn sentinel_of(mut self, primary: &Redis, name: &str) -> Self {
        self.sentinel = true;
        self.line(&format!("sentinel monitor {name} 127.0.0.1 {} 1", primary.port()))
            .line(&format!("sentinel down-after-milliseconds {name} 1000"))
            .line(&format!("sentinel failover-timeout {name} 4000"))
    }

    /// Makes it a replica.
    pub fn replica_of(self, primary: &Redis) -> Self {
        let replica = self.line(&format!("replicaof 127.0.0.1 {}", primary.port()));
        match &primary.password {
            Some(password) => replica.line(&format!("masterauth {password}")),
            None => replica,
        }
    }

    /// Starts it and waits until it answers.
    pub async fn start(self) -> Result<Redis, StackError> {
        let program = self.flavor.program()?;
        let user = user_for(&program)?;
        let folder = Folder::new("redis", user)?;
        let port = Port::claim()?;
        let claim_tls = || Ok::<_, StackError>((Port::claim()?, Certificates::new("client")?));
        let tls = self.tls.then(claim_tls).transpose()?;
        let mut config = format!(
            "bind 127.0.0.1\nport {}\ndir {}\ndaemonize no\nsave \"\"\nrepl-diskless-sync-delay 0\n",
            port.number(),
            folder.path().display()
        );
        if let Some((port, certificates)) = &tls {
            let _ = writeln!(config, "tls-port {}\ntls-auth-clients optional", port.number());
            let _ = writeln!(config, "tls-ca-cert-file {}", certificates.ca().display());
            let _ = writeln!(config, "tls-cert-file {}", certificates.server_cert().display());
            let _ = writeln!(config, "tls-key-file {}", certificates.server_key().display());
        }
        config += &self.lines;
        let bus = self.cluster.then(Port::claim).transpose()?;
        if let Some(bus) = &bus {
            let _ = writeln!(config, "cluster-port {}", bus.number());
        }
        let config = folder.write("redis.conf", config)?;
        let mut command = ServerCommand::new("redis", program, folder.path()).args([config]);
        if self.sentinel {
            command = command.args(["--sentinel"]);
        }
        command.user = user;
        let process = Process::start(command)?;
        let server = Redis { process, password: self.password, tls, port, _bus: bus, folder };
        server.ready().await?;
        Ok(server)
    }
}

impl Redis {
    /// Debian's version with nothing special.
    pub async fn start() -> Result<Self, StackError> {
        Self::builder().start().await
    }

    /// A server to configure.
    pub fn builder() -> Builder {
        Builder::default()
    }

    async fn ready(&self) -> Result<(), StackError> {
        self.process.ready(async || answers(self.port()).await).await
    }

    /// Restarts it, empty, on the same port; it may be running or killed.
    pub async fn restart(&self) -> Result<(), StackError> {
        self.process.start_again()?;
        self.ready().await
    }

    /// The plain TCP port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// The folder it runs in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The TLS port, when it was started with one.
    pub fn tls_port(&self) -> Option<u16> {
        self.tls.as_ref().map(|(port, _)| port.number())
    }

    /// The certificates, when it was started with TLS.
    pub fn certificates(&self) -> Option<&Certificates> {
        self.tls.as_ref().map(|(_, certificates)| certificates)
    }

    /// A connection URL, with the password if there is one.
    pub fn url(&self) -> String {
        let auth = self.password.as_ref().map(|it| format!(":{it}@")).unwrap_or_default();
        format!("redis://{auth}127.0.0.1:{}/", self.port())
    }

    /// A connection that waits as long as the server takes. A test opens it before it makes the server
    /// slow or full.
    pub async fn connect(&self) -> Result<MultiplexedConnection, StackError> {
        let doing = || format!("connecting to Redis on port {}", self.port());
        connect(&self.url())
            .await
            .map_err(|error| StackError::Answer { doing: doing(), answer: error.to_string() })
    }

    /// Runs a command through `redis-cli` and gives what it prints.
    pub fn cli(&self, args: &[&str]) -> Result<String, StackError> {
        let mut command = Command::new("redis-cli");
        command.args(["-e", "-h", "127.0.0.1", "-p", &self.port().to_string()]);
        if let Some(password) = &self.password {
            command.env("REDISCLI_AUTH", password);
        }
        output(command.args(args)).map(|text| text.trim_end().to_owned())
    }

    /// Gives `redis-cli` a command a line. Errors are ignored.
    pub fn commands(&self, lines: &[String]) -> Result<(), StackError> {
        let script = self.folder.write("commands", lines.join("\n"))?;
        let script = fs::File::open(&script).map_err(StackError::io("opening the commands"))?;
        let mut command = Command::new("redis-cli");
        command.args(["-h", "127.0.0.1", "-p", &self.port().to_string()]).stdin(script);
        if let Some(password) = &self.password {
            command.env("REDISCLI_AUTH", password);
        }
        let done = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        done.map(drop).map_err(StackError::io("running redis-cli; scripts/install brings it"))
    }
}

/// Connects without the client's own timeouts, half a second an answer: a server that is slow on purpose,
/// or on a busy machine, is not an error.
pub async fn connect(url: &str) -> RedisResult<MultiplexedConnection> {
    let patient =
        AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
    Client::open(url)?.get_multiplexed_async_connection_with_config(&patient).await
}

/// Any reply but "still loading" will do; one that asks for the password, too.
async fn answers(port: u16) -> Option<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?;
    stream.write_all(b"PING\r\n").await.ok()?;
    let mut reply = [0; 64];
    let length = stream.read(&mut reply).await.ok()?;
    (length > 0 && !reply.starts_with(b"-LOADING")).then_some(())
}

/// A program in a folder that the unprivileged user cannot enter runs as this process does.
fn user_for(program: &Path) -> Result<Option<User>, StackError> {
    let user = User::unprivileged()?;
    Ok(user.filter(|_| process::open_to_all(program)))
}

impl Server for Redis {
    fn process(&self) -> &Process {
        &self.process
    }
}
