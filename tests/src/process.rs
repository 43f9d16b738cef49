//! A server's processes: started so that they end with us, signalled all at once.

mod nursery;
mod tree;

use std::{
    ffi::OsString,
    fs::{self, File},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::{StackError, user::User};

/// How long a server may take to become ready; many start at once on a small machine.
const READY: Duration = Duration::from_mins(1);

/// How long a server may take to end.
const END: Duration = Duration::from_secs(10);

/// What every server of the stack can do.
pub trait Server {
    /// Its processes.
    fn process(&self) -> &Process;

    /// Stops every process of the server where it stands: connections stay open, nothing answers.
    fn freeze(&self) {
        self.process().freeze();
    }

    /// Lets a frozen server go on.
    fn thaw(&self) {
        self.process().thaw();
    }

    /// Ends every process of the server at once, as the kernel would when memory is out.
    fn kill(&self) {
        self.process().kill();
    }

    /// What the server has written so far.
    fn log(&self) -> String {
        self.process().log()
    }
}

/// What to run: kept, so that a server can be started again as it was.
#[derive(Debug)]
pub(crate) struct Recipe {
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) user: Option<User>,
    pub(crate) folder: PathBuf,
    /// The signal on which the server ends at once and leaves nothing behind.
    pub(crate) end: Signal,
}

impl Recipe {
    pub(crate) fn new(name: &'static str, program: impl Into<PathBuf>, folder: &Path) -> Self {
        Self {
            name,
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
            user: None,
            folder: folder.to_owned(),
            end: Signal::KILL,
        }
    }

    pub(crate) fn args<T: Into<OsString>>(mut self, args: impl IntoIterator<Item = T>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    fn log(&self) -> PathBuf {
        self.folder.join(format!("{}.log", self.name))
    }

    fn start(&self) -> Result<Child, StackError> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log())
            .map_err(StackError::io(format!("opening the log {}", self.log().display())))?;
        let errors = log
            .try_clone()
            .map_err(StackError::io(format!("opening the log {}", self.log().display())))?;
        let mut command = unprivileged(self.user);
        command
            .arg(&self.program)
            .args(&self.args)
            // What is set for the tests (`PULSO_…`, `PG…`, a time zone) is not meant for servers.
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LANG", "C.UTF-8")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors);
        nursery::spawn(command)
            .map_err(StackError::io(format!("starting {}", self.program.display())))
    }
}

/// A command that runs the program in its arguments as `user`, and that the kernel kills when this
/// process ends without having dropped its fixtures.
pub(crate) fn unprivileged(user: Option<User>) -> Command {
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig=KILL");
    if let Some(user) = user {
        command.arg(format!("--reuid={}", user.uid));
        command.arg(format!("--regid={}", user.gid));
        command.arg("--clear-groups");
    }
    command.arg("--");
    command
}

/// Runs a helper program to its end and gives what it wrote.
pub(crate) fn output(command: &mut Command) -> Result<String, StackError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let done = command
        .stdin(Stdio::null())
        .output()
        .map_err(StackError::io(format!("running {program}; scripts/install brings it")))?;
    let stdout = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(stdout);
    }
    let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
    Err(StackError::Program {
        program: format!("{program} {}", args.join(" ")),
        status: done.status,
        output: stdout + &String::from_utf8_lossy(&done.stderr),
    })
}

/// Finds a program in the folders where Debian puts servers.
pub(crate) fn find(name: &str) -> Result<PathBuf, StackError> {
    let places = ["/usr/local/bin", "/usr/bin", "/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    places
        .iter()
        .map(|place| place.join(name))
        .find(|path| path.is_file())
        .ok_or_else(|| StackError::no_program(name, &places))
}

/// Whether an unprivileged user can get there and read it.
pub(crate) fn open_to_all(path: &Path) -> bool {
    let open = |part: &Path| {
        fs::metadata(part).is_ok_and(|entry| entry.permissions().mode() & 0o005 == 0o005)
    };
    path.canonicalize().is_ok_and(|path| path.ancestors().all(open))
}

/// A running (or killed, or frozen) server with all its processes.
#[derive(Debug)]
pub struct Process {
    recipe: Recipe,
    child: Mutex<Child>,
}

impl Process {
    pub(crate) fn start(recipe: Recipe) -> Result<Self, StackError> {
        let child = Mutex::new(recipe.start()?);
        Ok(Self { recipe, child })
    }

    /// Starts the program again as it was started first; one that still runs is killed.
    pub(crate) fn start_again(&self) -> Result<(), StackError> {
        self.kill();
        *self.child() = self.recipe.start()?;
        Ok(())
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first process, the one that was started.
    pub fn pid(&self) -> u32 {
        self.child().id()
    }

    /// Every process of the server, the first one first.
    pub fn pids(&self) -> Vec<u32> {
        match self.exited() {
            Some(_) => Vec::new(),
            None => tree::of(self.pid()),
        }
    }

    /// How the server ended, when it has.
    pub fn exited(&self) -> Option<ExitStatus> {
        // An error here would mean that the child is not ours to wait for.
        self.child().try_wait().ok().flatten()
    }

    /// What the server has written so far, over all its starts.
    pub fn log(&self) -> String {
        let bytes = fs::read(self.recipe.log()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn log_end(&self) -> String {
        let log = self.log();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// Sends a signal to the first process: `Signal::TERM` for an orderly end, `Signal::HUP` to reload.
    pub fn signal(&self, signal: Signal) {
        if self.exited().is_none() {
            tree::signal(&[self.pid()], signal);
        }
    }

    /// Waits for the end that something else brings about.
    pub async fn wait(&self, within: Duration) -> Result<ExitStatus, StackError> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.exited() {
                return Ok(status);
            }
            if started.elapsed() > within {
                return Err(StackError::Answer {
                    doing: format!("waiting {within:?} for {} to end", self.recipe.name),
                    answer: format!("it runs on; the end of its log:\n{}", self.log_end()),
                });
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn freeze(&self) {
        // The first process before the others, so that it makes no new ones meanwhile.
        self.signal(Signal::STOP);
        tree::signal(&self.pids(), Signal::STOP);
    }

    fn thaw(&self) {
        tree::signal(&self.pids(), Signal::CONT);
    }

    fn kill(&self) {
        self.freeze();
        let pids = self.pids();
        tree::signal(&pids, Signal::KILL);
        // Already reaped when it had ended before.
        let _ = self.child().wait();
        tree::wait_gone(&pids, END);
    }

    /// Waits until `probe` gives a value; a server that dies meanwhile is an error that shows its log.
    pub(crate) async fn ready<T>(
        &self,
        mut probe: impl AsyncFnMut() -> Option<T>,
    ) -> Result<T, StackError> {
        let started = Instant::now();
        loop {
            // A probe that hangs (a port that is open before its server answers) is asked anew.
            let answer = tokio::time::timeout(Duration::from_secs(2), probe()).await;
            if let Ok(Some(value)) = answer {
                return Ok(value);
            }
            let server = self.recipe.name.to_owned();
            if let Some(status) = self.exited() {
                return Err(StackError::Died { server, status, log: self.log_end() });
            }
            if started.elapsed() > READY {
                let waited = started.elapsed();
                return Err(StackError::NotReady { server, waited, log: self.log_end() });
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends the server in its own orderly but immediate way, by force when that takes too long.
    fn end(&self) {
        if self.recipe.end != Signal::KILL {
            let pids = self.pids();
            self.thaw();
            self.signal(self.recipe.end);
            tree::wait_gone(&pids, END);
        }
        self.kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}
