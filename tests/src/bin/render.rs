//! Draws a dashboard as a PNG from its JSON and a Prometheus: for reviews without a Grafana.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use e2e::render::{self, Options, RenderError, Rendered, prometheus::Prometheus};

/// Draws a dashboard as a PNG, with the data of a Prometheus, as Grafana lays it out.
#[derive(Debug, Parser)]
struct Arguments {
    /// The dashboard's JSON.
    #[arg(long)]
    dashboard: PathBuf,
    /// The Prometheus to query, as http://host:port.
    #[arg(long)]
    prometheus: String,
    /// The picture.
    #[arg(long)]
    out: PathBuf,
    /// How many minutes to show; the dashboard's own span without it.
    #[arg(long)]
    minutes: Option<f64>,
    /// The last moment to show, in seconds since the epoch; now without it.
    #[arg(long)]
    to: Option<f64>,
    /// Seconds between scrapes; decides `$__rate_interval`.
    #[arg(long, default_value_t = 15.0)]
    scrape_interval: f64,
    /// Width of the picture in pixels.
    #[arg(long, default_value_t = 1600)]
    width: u32,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match picture(&arguments).await {
        Ok(page) => report(&page),
        Err(error) => {
            say(&common::error_chain::ErrorChain(&error).to_string());
            ExitCode::FAILURE
        }
    }
}

async fn picture(arguments: &Arguments) -> Result<Rendered, RenderError> {
    let path = &arguments.dashboard;
    let dashboard = std::fs::read_to_string(path)
        .map_err(|it| RenderError::File(format!("reading {}", path.display()), it))?;
    let options = Options {
        width: arguments.width,
        to: arguments.to,
        range: arguments.minutes.map(|it| Duration::from_secs_f64(it * 60.0)),
        scrape_interval: Duration::from_secs_f64(arguments.scrape_interval),
    };
    let prometheus = Prometheus::new(&arguments.prometheus);
    let page = render::render(&dashboard, &prometheus, &options).await?;
    render::rasterise(&page, options.width, &arguments.out).await?;
    Ok(page)
}

/// Names the panels whose queries Prometheus refused.
fn report(page: &Rendered) -> ExitCode {
    let mut refused = false;
    for panel in &page.panels {
        for error in panel.errors() {
            refused = true;
            say(&format!("{}: {error}", panel.title));
        }
    }
    if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn say(line: &str) {
    use std::io::Write;
    // If standard error is closed, the message is lost.
    let _ = writeln!(std::io::stderr(), "{line}");
}
