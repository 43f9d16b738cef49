//! An exporter of this workspace, as the process that users run.

mod scrape;

pub use scrape::check;

use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};

use tokio::net::TcpStream;

use crate::{
    Server, StackError,
    folder::Folder,
    port::Port,
    process::{Process, ServerCommand, output},
};

#[derive(Debug)]
pub struct Exporter {
    process: Process,
    port: Port,
    _folder: Folder,
}

/// The options of an exporter.
#[derive(Debug)]
pub struct Builder {
    name: String,
    settings: String,
    args: Vec<String>,
    env: Vec<(String, String)>,
    binary: Option<PathBuf>,
    files: Vec<(String, String)>,
}

impl Builder {
    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    /// A variable of its environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A file in the folder it runs in, so that settings can name it by its bare name.
    pub fn file(mut self, name: &str, text: &str) -> Self {
        self.files.push((name.to_owned(), text.to_owned()));
        self
    }

    /// The path of another binary, such as a release build.
    pub fn binary(mut self, path: PathBuf) -> Self {
        self.binary = Some(path);
        self
    }

    /// Runs one of its commands (`check`, `init`) to its end and gives what it wrote; a failure is an
    /// error that shows it.
    pub fn run(&self, args: &[&str]) -> Result<String, StackError> {
        let (program, folder, settings) = self.prepare()?;
        let mut command = Command::new(program);
        command.args(args).arg("--config.file").arg(settings).args(&self.args);
        command.current_dir(folder.path()).env_clear();
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        output(&mut command)
    }

    /// Starts it and waits until it listens.
    pub async fn start(self) -> Result<Exporter, StackError> {
        let (program, folder, settings) = self.prepare()?;
        let port = Port::claim()?;
        let mut command = ServerCommand::new("exporter", program, folder.path())
            .args(["--config.file".as_ref(), settings.as_os_str()])
            .args(["--web.listen-address", &port.address()])
            .args(self.args);
        command.env = self.env;
        let process = Process::start(command)?;
        let server = Exporter { process, port, _folder: folder };
        server.ready().await?;
        Ok(server)
    }

    /// The program, its folder and its settings file.
    fn prepare(&self) -> Result<(PathBuf, Folder, PathBuf), StackError> {
        let program = match &self.binary {
            Some(path) => path.clone(),
            None => build(&self.name)?,
        };
        // It runs as this process does: it needs no more than its own binary and its folder.
        let folder = Folder::new(&self.name, None)?;
        for (name, text) in &self.files {
            folder.write(name, text)?;
        }
        let settings = folder.write("settings.toml", &self.settings)?;
        Ok((program, folder, settings))
    }
}

impl Exporter {
    /// Starts the exporter `name` with these settings (TOML).
    pub async fn start(name: &str, settings: &str) -> Result<Self, StackError> {
        Self::builder(name, settings).start().await
    }

    /// An exporter to configure.
    pub fn builder(name: &str, settings: &str) -> Builder {
        Builder {
            name: name.to_owned(),
            settings: settings.to_owned(),
            args: Vec::new(),
            env: Vec::new(),
            binary: None,
            files: Vec::new(),
        }
    }

    async fn ready(&self) -> Result<(), StackError> {
        let address = self.address();
        self.process.ready(async || TcpStream::connect(&address).await.ok().map(drop)).await
    }

    /// Restarts it on the same port; it may be running or killed.
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

    /// The memory it holds now, in bytes.
    pub fn resident(&self) -> Result<u64, StackError> {
        self.memory("VmRSS:")
    }

    /// The most memory it ever held, in bytes.
    pub fn peak_resident(&self) -> Result<u64, StackError> {
        self.memory("VmHWM:")
    }

    fn memory(&self, key: &str) -> Result<u64, StackError> {
        let text = self.proc("status")?;
        let kib = text.lines().find_map(|line| {
            line.strip_prefix(key)?.trim().strip_suffix(" kB")?.parse::<u64>().ok()
        });
        kib.map(|kib| kib * 1024).ok_or_else(|| StackError::Answer {
            doing: format!("reading {key} of the exporter"),
            answer: text,
        })
    }

    /// The processor time that its threads have used, as the scheduler accounts it: in nanoseconds,
    /// where `/proc/PID/stat` counts in hundredths of a second. Threads that have ended are missing.
    pub fn cpu(&self) -> Result<Duration, StackError> {
        let path = format!("/proc/{}/task", self.process.pid());
        let tasks = fs::read_dir(&path).map_err(StackError::io(format!("reading {path}")))?;
        let spent = |task: PathBuf| {
            let text = fs::read_to_string(task.join("schedstat")).ok()?;
            text.split_ascii_whitespace().next()?.parse::<u64>().ok()
        };
        let nanos: u64 = tasks.flatten().filter_map(|entry| spent(entry.path())).sum();
        Ok(Duration::from_nanos(nanos))
    }

    fn proc(&self, name: &str) -> Result<String, StackError> {
        let path = format!("/proc/{}/{name}", self.process.pid());
        fs::read_to_string(&path).map_err(StackError::io(format!("reading {path}")))
    }
}

/// Builds the exporter's binary once, in the profile that this test was built in, and says where it is.
pub fn build(name: &str) -> Result<PathBuf, StackError> {
    static BUILT: LazyLock<Mutex<HashMap<String, PathBuf>>> = LazyLock::new(Mutex::default);
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(path) = built.get(name) {
        return Ok(path.clone());
    }
    let folder = profile_folder()?;
    let mut cargo = cargo();
    cargo.args(["build", "--quiet", "--locked"]);
    cargo.args(["--package", name, "--bin", name]);
    if let Some(target) = folder.parent() {
        cargo.arg("--target-dir").arg(target);
    }
    if folder.ends_with("release") {
        cargo.arg("--release");
    }
    output(&mut cargo)?;
    let path = folder.join(name);
    built.insert(name.to_owned(), path.clone());
    Ok(path)
}

/// Cargo without the variables that it sets for this test: they would change the fingerprints of
/// build scripts and rebuild half of the dependencies.
pub fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    let set_by_cargo = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_CRATE_", "CARGO_BIN_"];
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if set_by_cargo.iter().any(|it| text.starts_with(it)) || text == "CARGO_PRIMARY_PACKAGE" {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// `target/debug` or `target/release`: where this very program was built.
fn profile_folder() -> Result<PathBuf, StackError> {
    let exe = env::current_exe().map_err(StackError::io("asking where this program is"))?;
    let folder = exe.parent().unwrap_or(Path::new("."));
    let folder = if folder.ends_with("deps") { folder.parent() } else { Some(folder) };
    Ok(folder.unwrap_or(Path::new(".")).to_owned())
}

impl Server for Exporter {
    fn process(&self) -> &Process {
        &self.process
    }
}
