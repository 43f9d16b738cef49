//! A server's processes, which end with this process and are signalled together.

mod command;
mod program;
mod spawner;
mod tree;

use std::{
    fs,
    process::{Child, ExitStatus},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rustix::process::Signal;

pub(crate) use command::ServerCommand;
pub(crate) use program::{find, open_to_all, output, unprivileged};

use crate::{SOON, StackError, http};

/// How long a server may take to end.
const END: Duration = Duration::from_secs(10);

/// The operations of every server of the stack.
pub trait Server {
    fn process(&self) -> &Process;

    /// Stops every process of the server: connections stay open, nothing answers.
    fn freeze(&self) {
        self.process().freeze();
    }

    /// Resumes a frozen server.
    fn thaw(&self) {
        self.process().thaw();
    }

    /// Ends every process of the server at once, as the kernel would when memory is out.
    fn kill(&self) {
        self.process().kill();
    }

    /// The server's output so far.
    fn log(&self) -> String {
        self.process().log()
    }
}

/// A running (or killed, or frozen) server with all its processes.
#[derive(Debug)]
pub struct Process {
    command: ServerCommand,
    child: Mutex<Child>,
}

impl Process {
    pub(crate) fn start(command: ServerCommand) -> Result<Self, StackError> {
        let child = Mutex::new(command.start()?);
        Ok(Self { command, child })
    }

    /// Starts the program again as it was started first; one that still runs is killed.
    pub(crate) fn start_again(&self) -> Result<(), StackError> {
        self.kill();
        *self.child() = self.command.start()?;
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
        let bytes = fs::read(self.command.log()).unwrap_or_default();
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
                    doing: format!("waiting {within:?} for {} to end", self.command.name),
                    answer: format!("it runs on; the end of its log:\n{}", self.log_end()),
                });
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn freeze(&self) {
        // The first process before the others, so that it starts no new ones.
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

    /// Waits until `probe` gives a value; if the server ends first, the error shows its log.
    pub(crate) async fn ready<T>(
        &self,
        mut probe: impl AsyncFnMut() -> Option<T>,
    ) -> Result<T, StackError> {
        let started = Instant::now();
        loop {
            // A probe that hangs (a port that is open before its server answers) is asked again.
            let answer = tokio::time::timeout(Duration::from_secs(2), probe()).await;
            if let Ok(Some(value)) = answer {
                return Ok(value);
            }
            let server = self.command.name.to_owned();
            if let Some(status) = self.exited() {
                return Err(StackError::Died { server, status, log: self.log_end() });
            }
            if started.elapsed() > SOON {
                let waited = started.elapsed();
                return Err(StackError::NotReady { server, waited, log: self.log_end() });
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until `url` answers 200.
    pub(crate) async fn ready_at(&self, url: &str) -> Result<(), StackError> {
        self.ready(async || http::get(url).await.ok().filter(|it| it.status == 200).map(drop)).await
    }

    /// Ends the server in its own orderly but immediate way, by force when that takes too long.
    fn end(&self) {
        if self.command.end != Signal::KILL {
            let pids = self.pids();
            self.thaw();
            self.signal(self.command.end);
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
