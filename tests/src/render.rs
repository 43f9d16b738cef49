//! Dashboards as pictures, without Grafana: the panels are laid out from a dashboard's JSON as
//! Grafana does it, each query is answered by a Prometheus, and Chromium makes the PNG.

pub mod model;
pub mod prometheus;

mod charts;
mod chromium;
mod data;
mod format;
mod markup;
mod page;
mod scale;
mod table;
mod text;
mod tiles;
mod variables;

use std::{path::Path, time::Duration};

use model::Dashboard;
use prometheus::Prometheus;

pub use data::{Answer, PanelData};
pub use variables::Window;

/// Errors of drawing.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The file is no dashboard.
    #[error("reading {0} as a dashboard")]
    Dashboard(String, #[source] serde_json::Error),
    /// A file could not be read or written.
    #[error("{0}")]
    File(String, #[source] std::io::Error),
    /// Prometheus did not answer, or refused.
    #[error("asking Prometheus: {0}")]
    Prometheus(String, #[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// Chromium made no picture.
    #[error("making the picture with Chromium: {0}")]
    Chromium(String, #[source] Option<std::io::Error>),
}

#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Of the page, in pixels.
    pub width: u32,
    /// The time that is shown, in seconds since the epoch; `None`: the dashboard's own, up to now.
    pub to: Option<f64>,
    pub range: Option<Duration>,
    /// How often the targets are scraped; decides `$__rate_interval`.
    pub scrape_interval: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { width: 1600, to: None, range: None, scrape_interval: Duration::from_secs(15) }
    }
}

#[derive(Debug)]
pub struct Rendered {
    /// The page, and its height in pixels.
    pub html: String,
    /// In pixels.
    pub height: u32,
    /// The results of each panel's queries.
    pub panels: Vec<PanelData>,
}

/// Room for a panel or a chart, in pixels.
#[derive(Clone, Copy, Debug)]
struct Size {
    width: f64,
    height: f64,
}

/// Reads the dashboard, asks Prometheus, and draws the page.
pub async fn render(
    dashboard: &str,
    prometheus: &Prometheus,
    options: &Options,
) -> Result<Rendered, RenderError> {
    let dashboard: Dashboard = serde_json::from_str(dashboard)
        .map_err(|source| RenderError::Dashboard("the file".to_owned(), source))?;
    let window = Window::of(&dashboard, options);
    let mut panels = Vec::new();
    for panel in &dashboard.panels {
        panels.push(data::ask(panel, &dashboard, prometheus, &window, options).await?);
    }
    let events = data::events(&dashboard, prometheus, &window, options).await?;
    let (html, height) = page::draw(&dashboard, &panels, &events, &window, options.width);
    Ok(Rendered { html, height, panels })
}

/// Makes the PNG.
pub async fn rasterise(page: &Rendered, width: u32, out: &Path) -> Result<(), RenderError> {
    chromium::screenshot(&page.html, width, page.height, out).await
}
