//! How a server is started.

use std::{
    ffi::OsString,
    fs::File,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

use rustix::process::Signal;

use super::{program::unprivileged, spawner};
use crate::{StackError, user::User};

/// The command of a server, kept for restarts.
#[derive(Debug)]
pub(crate) struct ServerCommand {
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) user: Option<User>,
    pub(crate) folder: PathBuf,
    /// The signal on which the server ends at once and leaves nothing behind.
    pub(crate) end: Signal,
}

impl ServerCommand {
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

    pub(super) fn log(&self) -> PathBuf {
        self.folder.join(format!("{}.log", self.name))
    }

    pub(super) fn start(&self) -> Result<Child, StackError> {
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
            // Variables of the tests (`PULSO_…`, `PG…`, a time zone) must not reach servers.
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LANG", "C.UTF-8")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors);
        spawner::spawn(command)
            .map_err(StackError::io(format!("starting {}", self.program.display())))
    }
}
