//! The current web configuration: read at the start, and again whenever one of its files changes.

pub(super) mod parse;

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use hyper::header::{HeaderName, HeaderValue};

use self::parse::WebFile;
use super::{auth::Users, pem::TlsError, rate::RateLimit, tls};
use crate::error_chain::ErrorChain;

/// TLS, passwords, headers and rate limit, as the file of `--web.config.file` currently has them.
///
/// Every request checks whether the file, or a certificate or key that it names, has changed, with
/// a few `stat` calls. An invalid change is logged and shown on the landing page and in
/// `pulso_web_config_valid`; the configuration before it remains in effect.
#[derive(Debug, Default)]
pub struct WebConfig {
    file: Option<File>,
    /// The configuration without a file.
    open: Arc<Active>,
}

/// Why a web configuration cannot be used. It names the file and, where there is one, the key.
#[derive(Debug, thiserror::Error)]
#[error("web configuration `{}`", path.display())]
pub struct WebConfigError {
    path: PathBuf,
    source: Problem,
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("cannot read it")]
    Read(#[source] io::Error),
    #[error("it is empty")]
    Empty,
    #[error("it is invalid")]
    Parse(#[source] serde_norway::Error),
    #[error("`rate_limit.burst`: it is 0, which allows no request; write 1 or more")]
    Burst,
    #[error("it cannot be used")]
    Tls(#[source] TlsError),
}

/// One reading of the file, ready for use.
#[derive(Debug, Default)]
pub(super) struct Active {
    pub(super) tls: Option<Arc<rustls::ServerConfig>>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) users: Users,
    pub(super) rate: Option<RateLimit>,
}

#[derive(Debug)]
struct File {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    active: Arc<Active>,
    /// Every file that was read, with its fingerprint just before.
    seen: Vec<Seen>,
    /// The error of the file on disk, if it is not in effect.
    problem: Option<Arc<str>>,
}

/// A file and its fingerprint; `None` when it did not exist.
type Seen = (PathBuf, Option<Fingerprint>);

/// Changes when a file is written or replaced.
#[derive(Debug, PartialEq, Eq)]
struct Fingerprint {
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Fingerprint {
    fn of(path: &Path) -> Option<Self> {
        let it = fs::metadata(path).ok()?;
        Some(Self {
            inode: it.ino(),
            size: it.size(),
            modified: (it.mtime(), it.mtime_nsec()),
            changed: (it.ctime(), it.ctime_nsec()),
        })
    }
}

impl WebConfig {
    /// Plain HTTP without authentication: what applies without a file.
    pub fn open() -> Self {
        Self::default()
    }

    /// Reads and checks the file and the certificates that it names.
    pub fn load(path: impl Into<PathBuf>) -> Result<Self, WebConfigError> {
        let path = path.into();
        let (seen, read) = read(&path, true);
        let active =
            Arc::new(read.map_err(|source| WebConfigError { path: path.clone(), source })?);
        let state = Mutex::new(State { active, seen, problem: None });
        Ok(Self { file: Some(File { path, state }), open: Arc::default() })
    }

    /// The current configuration.
    pub(super) fn current(&self) -> Arc<Active> {
        let Some(file) = &self.file else { return Arc::clone(&self.open) };
        let mut state = file.state();
        let fresh = state.seen.iter().all(|(path, seen)| Fingerprint::of(path) == *seen);
        if !fresh {
            state.reload(&file.path);
        }
        Arc::clone(&state.active)
    }

    /// Whether the file on disk is in effect, or its error. `None` without a file.
    pub(super) fn health(&self) -> Option<Result<(), Arc<str>>> {
        let state = self.file.as_ref()?.state();
        Some(state.problem.clone().map_or(Ok(()), Err))
    }
}

impl File {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while reloading leaves the configuration unchanged.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn reload(&mut self, path: &Path) {
        let (seen, read) = read(path, false);
        self.seen = seen;
        match read {
            Ok(active) => {
                self.active = Arc::new(active);
                self.problem = None;
                tracing::info!(file = %path.display(), "reloaded the web configuration");
            }
            Err(source) => {
                let error = WebConfigError { path: path.to_owned(), source };
                let problem = ErrorChain(&error).to_string();
                tracing::error!(
                    error = problem,
                    "the new web configuration is invalid; the old one remains in effect"
                );
                self.problem = Some(problem.into());
            }
        }
    }
}

/// Reads the file. An empty one is valid at the start and configures nothing. On a reload it is more
/// likely a file that is being written, and must not open an exporter that was protected.
fn read(path: &Path, may_be_empty: bool) -> (Vec<Seen>, Result<Active, Problem>) {
    // Fingerprints are taken before reading, so that a change in between is noticed next time.
    let mut seen = vec![(path.to_owned(), Fingerprint::of(path))];
    let active = (|| {
        let text = fs::read_to_string(path).map_err(Problem::Read)?;
        let mut file: Option<WebFile> = None;
        if !text.trim().is_empty() {
            file = serde_norway::from_str(&text).map_err(Problem::Parse)?;
        }
        if file.is_none() && !may_be_empty {
            return Err(Problem::Empty);
        }
        let mut file = file.unwrap_or_default();
        file.tls_server_config.resolve(path.parent().unwrap_or(Path::new("")));
        let named = file.tls_server_config.files();
        seen.extend(named.map(|it| (it.to_owned(), Fingerprint::of(it))));
        let limit = &file.rate_limit;
        let limited = !limit.interval.is_zero();
        if limited && limit.burst == 0 {
            return Err(Problem::Burst);
        }
        Ok(Active {
            tls: tls::server_config(&file.tls_server_config).map_err(Problem::Tls)?,
            headers: file.http_server_config.headers.0,
            users: Users::new(file.basic_auth_users.0),
            rate: limited.then(|| RateLimit::new(limit.interval, limit.burst, Instant::now())),
        })
    })();
    (seen, active)
}
