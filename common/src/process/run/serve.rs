//! From settings to a served exporter, and to new settings without a restart.

use std::{
    convert::Infallible,
    marker::PhantomData,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
};

use crate::{
    error_chain::ErrorChain,
    process::{
        exporter::{Exporter, targets},
        shutdown, telemetry,
    },
    scrape::runner::Runner,
    server::{
        self, App, Limits,
        listen::{self, ListenAddress},
    },
    settings::{Settings, SettingsError, Web},
};

use super::{SettingsSources, StartError, cli::VERSION, web_config};

/// Serves until a signal says to stop.
pub(super) async fn serve<E: Exporter>(given: SettingsSources) -> Result<ExitCode, StartError> {
    let mut settings = given.settings::<E>()?;
    let web = settings.web()?;
    let scrape = settings.scrape()?;
    telemetry::init(settings.log()?, E::NAME);
    let targets = targets::<E>(&mut settings)?;
    let web_config = web_config(&web)?;
    let addresses = addresses::<E>(&web).map_err(|it| settings.locate("web", it))?;

    // The handlers stand before the port does: who can connect can also signal.
    let stop = shutdown::signalled().map_err(StartError::start)?;
    let hangup = signal(SignalKind::hangup()).map_err(StartError::start)?;
    let listeners = listeners(&web, &addresses).await?;

    let file = given.file.as_ref().map(|it| it.display().to_string());
    tracing::info!(version = VERSION, settings = file, targets = targets.len(), "starting");
    let reloader = Arc::new(Reloader::<E> {
        given,
        fixed: fixed(&settings),
        runner: Arc::new(Runner::new(targets)),
        valid: Arc::new(AtomicBool::new(true)),
        marker: PhantomData,
    });
    let app = App {
        telemetry_path: web.telemetry_path.clone(),
        settings_valid: Arc::clone(&reloader.valid),
        timeout: scrape.timeout.get(),
        limits: Limits { requests: web.max_requests, ..Limits::default() },
        reload: web.enable_lifecycle.then(|| Arc::clone(&reloader).on_request()),
        ..App::new(E::NAME, E::ABOUT, VERSION, Arc::clone(&reloader.runner))
    };
    tokio::select! {
        served = server::serve(listeners, Arc::new(app), web_config, stop) => {
            served.map_err(StartError::start)?;
        }
        never = reloader.on_signals(hangup) => match never {},
    }
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// The addresses to listen on. One without a port gets the exporter's own, so that one settings
/// file can serve several exporters.
pub(super) fn addresses<E: Exporter>(web: &Web) -> Result<Vec<ListenAddress>, SettingsError> {
    let address = |(index, text): (usize, &String)| {
        let has_port = text.rsplit_once(':').is_some_and(|(_, port)| !port.contains(']'));
        let whole = if has_port { text.clone() } else { format!("{text}:{}", E::PORT) };
        whole.parse().map_err(|source| {
            SettingsError::at(format!("listen_address[{index}]"), "not an address to listen on")
                .with_source(source)
        })
    };
    let addresses: Vec<_> =
        web.listen_address.iter().enumerate().map(address).collect::<Result<_, _>>()?;
    if addresses.is_empty() {
        return Err(SettingsError::at("listen_address", "the list is empty"));
    }
    Ok(addresses)
}

async fn listeners(web: &Web, addresses: &[ListenAddress]) -> Result<Vec<TcpListener>, StartError> {
    let listeners =
        if web.systemd_socket { listen::from_systemd() } else { listen::bind(addresses).await };
    listeners.map_err(StartError::Listen)
}

/// Reads the settings anew and swaps the targets.
struct Reloader<E> {
    given: SettingsSources,
    /// What the start made of the settings that a reload cannot change.
    fixed: String,
    runner: Arc<Runner>,
    /// Whether the last reload was taken.
    valid: Arc<AtomicBool>,
    marker: PhantomData<fn() -> E>,
}

impl<E: Exporter> Reloader<E> {
    /// Does what SIGHUP asks for, for as long as it is polled.
    async fn on_signals(&self, mut hangup: Signal) -> Infallible {
        loop {
            if hangup.recv().await.is_none() {
                // The runtime delivers no more signals, which is not for this part to tell.
                std::future::pending::<()>().await;
            }
            // The outcome is in the log.
            let _ = self.reload();
        }
    }

    fn on_request(self: Arc<Self>) -> server::Reload {
        Box::new(move || {
            let outcome = self.reload();
            Box::pin(std::future::ready(outcome))
        })
    }

    /// Puts new settings in force, or keeps the old when the new are broken.
    fn reload(&self) -> Result<(), String> {
        let read = || {
            let mut settings = self.given.settings::<E>()?;
            // Read for their errors: a file that could not be started with shall not be taken.
            settings.web()?;
            settings.log()?;
            settings.scrape()?;
            let targets = targets::<E>(&mut settings)?;
            Ok::<_, SettingsError>((fixed(&settings), targets))
        };
        let read = read();
        self.valid.store(read.is_ok(), Ordering::Relaxed);
        let (fixed, targets) = read.map_err(|error| {
            let error = ErrorChain(&error).to_string();
            tracing::error!(error, "the new settings are broken; the old ones stay in force");
            error
        })?;
        if fixed != self.fixed {
            tracing::warn!("changes of [web], [log] and [scrape] take effect at the next start");
        }
        tracing::info!(targets = targets.len(), "reloaded the settings");
        self.runner.replace(targets);
        Ok(())
    }
}

/// The sections that hold for the life of the process, as text to compare.
fn fixed(settings: &Settings) -> String {
    format!("{:?} {:?} {:?}", settings.web().ok(), settings.log().ok(), settings.scrape().ok())
}
