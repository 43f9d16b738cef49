//! Serving, and reloading the settings without a restart.

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
        self_metrics::{self, SETTINGS_VALID},
        shutdown, telemetry,
    },
    scrape::{Snapshot, runner::Runner},
    server::{
        self, App, Limits, OwnMetrics,
        listen::{self, ListenAddress},
    },
    settings::{Settings, SettingsError, Web},
};

use super::{SettingsSources, StartError, cli::VERSION, web_config};

/// Serves until a signal stops it.
pub(super) async fn serve<E: Exporter>(sources: SettingsSources) -> Result<ExitCode, StartError> {
    let mut settings = sources.settings::<E>()?;
    let web = settings.web()?;
    let scrape = settings.scrape()?;
    telemetry::init(settings.log()?, E::NAME);
    let targets = targets::<E>(&mut settings)?;
    let web_config = web_config(&web)?;
    let addresses = addresses::<E>(&web).map_err(|it| settings.locate("web", it))?;

    // The signal handlers are installed before the port is bound, so that no signal is lost once it listens.
    let stop = shutdown::signalled().map_err(StartError::start)?;
    let hangup = signal(SignalKind::hangup()).map_err(StartError::start)?;
    let listeners = listeners(&web, &addresses).await?;

    let file = sources.file.as_ref().map(|it| it.display().to_string());
    tracing::info!(version = VERSION, settings = file, targets = targets.len(), "starting");
    let reloader = Arc::new(Reloader::<E> {
        sources,
        fixed: fixed(&settings),
        runner: Arc::new(Runner::new(targets)),
        valid: Arc::new(AtomicBool::new(true)),
        marker: PhantomData,
    });
    let app = App {
        telemetry_path: web.telemetry_path.clone(),
        own_metrics: own_metrics::<E>(&reloader.valid),
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

/// The metrics of the process itself.
fn own_metrics<E: Exporter>(settings_valid: &Arc<AtomicBool>) -> Arc<[OwnMetrics]> {
    let valid = Arc::clone(settings_valid);
    Arc::new([
        Box::new(|out: &mut Snapshot| self_metrics::write(E::NAME, out)),
        Box::new(move |out: &mut Snapshot| {
            out.gauge(&SETTINGS_VALID, (), f64::from(valid.load(Ordering::Relaxed)));
        }),
    ])
}

/// The addresses to listen on. One without a port gets the exporter's default, so that several
/// exporters can share a settings file.
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

/// Reloads the settings and replaces the targets.
struct Reloader<E> {
    sources: SettingsSources,
    /// The settings that a reload cannot change, as text to compare.
    fixed: String,
    runner: Arc<Runner>,
    /// Whether the last reload succeeded.
    valid: Arc<AtomicBool>,
    marker: PhantomData<fn() -> E>,
}

impl<E: Exporter> Reloader<E> {
    /// Reloads on every SIGHUP, for as long as it is polled.
    async fn on_signals(&self, mut hangup: Signal) -> Infallible {
        loop {
            if hangup.recv().await.is_none() {
                // The runtime delivers no more signals.
                std::future::pending::<()>().await;
            }
            // The outcome is logged.
            let _ = self.reload();
        }
    }

    fn on_request(self: Arc<Self>) -> server::Reload {
        Box::new(move || {
            let outcome = self.reload();
            Box::pin(std::future::ready(outcome))
        })
    }

    /// Applies new settings, or keeps the old ones when the new ones are invalid.
    fn reload(&self) -> Result<(), String> {
        let read = || {
            let mut settings = self.sources.settings::<E>()?;
            // Read for their errors: a file that the exporter could not start with is refused.
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
            tracing::error!(error, "the new settings are invalid; the old ones remain in effect");
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

/// The sections that apply for the life of the process, as text to compare.
fn fixed(settings: &Settings) -> String {
    format!("{:?} {:?} {:?}", settings.web().ok(), settings.log().ok(), settings.scrape().ok())
}
