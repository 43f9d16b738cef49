//! The process: flags, settings, log, listener, server, exit code.
//!
//! Every error of the settings is found before a port is bound. Exit codes: 64 for wrong flags or settings,
//! 1 for a failure at the start or a problem that a command finds.

mod cli;
mod health;
mod serve;

use std::{
    collections::BTreeMap,
    error::Error,
    ffi::OsString,
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use tokio::runtime;

use crate::{
    error_chain::ErrorChain,
    process::{
        check::{self, CheckError},
        example,
        exporter::{Exporter, targets},
        telemetry,
    },
    server::{WebConfig, WebConfigError, listen::ListenError},
    settings::{self, Flag, Settings, SettingsError, Web},
};
use cli::{Cli, Command};

/// `EX_USAGE`: the flags or settings have to be changed.
const USAGE: u8 = 64;

/// Runs the exporter. It is all that an exporter's `main` does.
pub fn run<E: Exporter>() -> ExitCode {
    let outcome = run_with::<E>(std::env::args_os(), settings::environment(), &mut io::stdout());
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            // The log may not be set up yet, and this is for the person at the terminal.
            let _ = match &failure {
                StartError::Flags(error) => write!(io::stderr(), "{error}"),
                _ => writeln!(io::stderr(), "{}: {}", E::NAME, ErrorChain(failure.error())),
            };
            failure.code()
        }
    }
}

fn run_with<E: Exporter>(
    arguments: impl IntoIterator<Item = OsString>,
    env: BTreeMap<String, String>,
    out: &mut (dyn Write + Send),
) -> Result<ExitCode, StartError> {
    let cli = match Cli::read::<E>(arguments) {
        Ok(cli) => cli,
        // The help or the version.
        Err(message) if !message.use_stderr() => {
            write!(out, "{message}").map_err(StartError::start)?;
            return Ok(ExitCode::SUCCESS);
        }
        Err(error) => return Err(StartError::Flags(error)),
    };
    let file = cli.flags.config_file.clone().or_else(|| settings::file_variable(&env));
    let sources = SettingsSources { file, env, flags: cli.flags.layer() };
    match cli.command {
        Some(Command::Init { path }) => init::<E>(path.as_deref(), out),
        Some(Command::Check { grants }) => check::<E>(&sources, grants, out),
        Some(Command::Health) => health::<E>(&sources, out),
        None if cli.flags.config_check => config_check::<E>(&sources, out),
        None => {
            let runtime = runtime()?;
            let outcome = runtime.block_on(serve::serve::<E>(sources));
            // A call to a disk that is gone may never return, so the stop does not wait for it.
            runtime.shutdown_background();
            outcome
        }
    }
}

/// The sources of the settings, kept to reload them.
#[derive(Debug)]
struct SettingsSources {
    file: Option<PathBuf>,
    env: BTreeMap<String, String>,
    flags: Vec<Flag>,
}

impl SettingsSources {
    fn settings<E: Exporter>(&self) -> Result<Settings, SettingsError> {
        Settings::load(E::NAME, self.file.as_deref(), &self.env, &self.flags)
    }
}

/// Why the process ends early.
#[derive(Debug)]
enum StartError {
    /// The command line is wrong.
    Flags(clap::Error),
    /// The settings are wrong.
    Settings(SettingsError),
    /// The file of `--web.config.file` is wrong.
    Web(WebConfigError),
    /// A listen address cannot be bound.
    Listen(ListenError),
    /// Another error of the operating system.
    Start(Box<dyn Error + Send + Sync>),
}

impl StartError {
    fn start(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Start(error.into())
    }

    fn error(&self) -> &dyn Error {
        match self {
            Self::Flags(error) => error,
            Self::Settings(error) => error,
            Self::Web(error) => error,
            Self::Listen(error) => error,
            Self::Start(error) => error.as_ref(),
        }
    }

    fn code(&self) -> ExitCode {
        match self {
            Self::Flags(_) | Self::Settings(_) | Self::Web(_) => ExitCode::from(USAGE),
            Self::Listen(_) | Self::Start(_) => ExitCode::FAILURE,
        }
    }
}

impl From<SettingsError> for StartError {
    fn from(error: SettingsError) -> Self {
        Self::Settings(error)
    }
}

impl From<CheckError> for StartError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Settings(error) => Self::Settings(error),
            CheckError::Write(_) => Self::start(error),
        }
    }
}

/// One thread: an exporter mostly waits for its source, and a second thread would only cost memory.
fn runtime() -> Result<runtime::Runtime, StartError> {
    runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::start)
}

fn web_config(web: &Web) -> Result<WebConfig, StartError> {
    let Some(path) = &web.config_file else { return Ok(WebConfig::open()) };
    WebConfig::load(path).map_err(StartError::Web)
}

fn config_check<E: Exporter>(
    sources: &SettingsSources,
    out: &mut dyn Write,
) -> Result<ExitCode, StartError> {
    let mut settings = sources.settings::<E>()?;
    let web = settings.web()?;
    settings.log()?;
    settings.scrape()?;
    serve::addresses::<E>(&web).map_err(|it| settings.locate("web", it))?;
    let targets = targets::<E>(&mut settings)?;
    web_config(&web)?;
    let names: Vec<_> = targets.iter().map(|it| format!("{} ({})", it.name, it.address)).collect();
    writeln!(out, "the settings are valid; targets: {}", names.join(", "))
        .map_err(StartError::start)?;
    Ok(ExitCode::SUCCESS)
}

fn check<E: Exporter>(
    sources: &SettingsSources,
    grants: bool,
    out: &mut (dyn Write + Send),
) -> Result<ExitCode, StartError> {
    let mut settings = sources.settings::<E>()?;
    telemetry::init(settings.log()?, E::NAME);
    let ok = runtime()?.block_on(async {
        if grants {
            check::grants::<E>(&mut settings, out).await.map(|()| true)
        } else {
            check::check::<E>(&mut settings, out).await
        }
    })?;
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn init<E: Exporter>(path: Option<&Path>, out: &mut dyn Write) -> Result<ExitCode, StartError> {
    let text = example::example::<E>();
    let Some(path) = path else {
        write!(out, "{text}").map_err(StartError::start)?;
        return Ok(ExitCode::SUCCESS);
    };
    // Readable by its owner only, since people write passwords into it.
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|source| {
        let problem = format!("cannot create the settings file `{}`", path.display());
        StartError::Settings(SettingsError::at("", problem).with_source(source))
    })?;
    Ok(ExitCode::SUCCESS)
}

fn health<E: Exporter>(
    sources: &SettingsSources,
    out: &mut dyn Write,
) -> Result<ExitCode, StartError> {
    let settings = sources.settings::<E>()?;
    let web = settings.web()?;
    let addresses = serve::addresses::<E>(&web).map_err(|it| settings.locate("web", it))?;
    let answer = runtime()?.block_on(health::ask(&addresses)).map_err(StartError::start)?;
    writeln!(out, "{answer}").map_err(StartError::start)?;
    Ok(if answer.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
