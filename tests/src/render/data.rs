//! The results of a panel's queries.

use std::collections::BTreeMap;

use super::{
    Options, RenderError,
    model::{Dashboard, Panel, Target},
    prometheus::{Prometheus, Series},
    variables::{Window, substituted},
};

/// The results of one panel's queries.
#[derive(Debug)]
pub struct PanelData {
    pub id: u32,
    pub title: String,
    /// One for each query.
    pub answers: Vec<Answer>,
}

/// The result of one query.
#[derive(Debug)]
pub struct Answer {
    /// Which of the panel's queries.
    pub ref_id: String,
    pub query: String,
    /// Seconds between points.
    pub step: f64,
    /// The series, or Prometheus' error.
    pub result: Result<Vec<Named>, String>,
}

/// A series under the name that the legend gives it.
#[derive(Clone, Debug)]
pub struct Named {
    /// As the legend says.
    pub name: String,
    pub labels: BTreeMap<String, String>,
    /// In order of time.
    pub points: Vec<(f64, f64)>,
}

impl Named {
    pub fn last(&self) -> Option<f64> {
        self.points.last().map(|(_, value)| *value)
    }
}

impl PanelData {
    /// Every series of every query, with the query's name.
    pub fn series(&self) -> impl Iterator<Item = (&str, &Named)> {
        self.answers.iter().flat_map(|answer| {
            answer.result.iter().flatten().map(|it| (answer.ref_id.as_str(), it))
        })
    }

    /// Prometheus' errors.
    pub fn errors(&self) -> impl Iterator<Item = &str> {
        self.answers.iter().filter_map(|it| it.result.as_ref().err()).map(String::as_str)
    }
}

/// Asks all of a panel's queries.
pub(super) async fn ask(
    panel: &Panel,
    dashboard: &Dashboard,
    prometheus: &Prometheus,
    window: &Window,
    options: &Options,
) -> Result<PanelData, RenderError> {
    let pixels = f64::from(panel.grid_pos.w) / 24.0 * f64::from(options.width);
    let step = step(window, pixels, options);
    let mut answers = Vec::new();
    for target in &panel.targets {
        let query = substituted(&target.expr, dashboard, window, step, options);
        let result = if target.instant {
            prometheus.instant(&query, window.to).await
        } else {
            prometheus.range(&query, aligned(window.from, step), window.to, step).await
        };
        let result = match result {
            Ok(series) => Ok(series.into_iter().map(|it| named(it, target)).collect()),
            // An error of Prometheus is shown in the panel; no answer is an error of the run.
            Err(RenderError::Prometheus(message, None)) => Err(message),
            Err(error) => return Err(error),
        };
        answers.push(Answer { ref_id: target.ref_id.clone(), query, step, result });
    }
    Ok(PanelData { id: panel.id, title: panel.title.clone(), answers })
}

/// A span in which an annotation's query had an answer.
#[derive(Debug)]
pub(super) struct Event {
    pub color: String,
    pub from: f64,
    pub to: f64,
}

/// Asks the annotations' queries.
pub(super) async fn events(
    dashboard: &Dashboard,
    prometheus: &Prometheus,
    window: &Window,
    options: &Options,
) -> Result<Vec<Event>, RenderError> {
    let step = step(window, 800.0, options);
    let mut events = Vec::new();
    for annotation in &dashboard.annotations.list {
        let Some(expr) = &annotation.expr else { continue };
        let query = substituted(expr, dashboard, window, step, options);
        let series = prometheus.range(&query, aligned(window.from, step), window.to, step).await?;
        for Series { points, .. } in series {
            let mut times = points.into_iter().map(|(time, _)| time);
            let Some(first) = times.next() else { continue };
            let mut event = Event { color: annotation.icon_color.clone(), from: first, to: first };
            for time in times {
                if time - event.to > 1.5 * step {
                    let next = Event { color: event.color.clone(), from: time, to: time };
                    events.push(std::mem::replace(&mut event, next));
                }
                event.to = time;
            }
            events.push(event);
        }
    }
    Ok(events)
}

/// One point for each pixel, but none between two scrapes.
fn step(window: &Window, pixels: f64, options: &Options) -> f64 {
    let nice =
        [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0];
    let fine = (window.length() / pixels).max(options.scrape_interval.as_secs_f64());
    nice.into_iter().find(|it| *it >= fine).unwrap_or(1800.0)
}

fn aligned(time: f64, step: f64) -> f64 {
    (time / step).ceil() * step
}

fn named(series: Series, target: &Target) -> Named {
    let name = match target.legend_format.as_str() {
        "" | "__auto" => {
            let labels = series.labels.iter().filter(|(name, _)| *name != "__name__");
            let labels: Vec<_> = labels.map(|(name, value)| format!("{name}={value:?}")).collect();
            format!("{{{}}}", labels.join(", "))
        }
        format => series.labels.iter().fold(format.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{{{name}}}}}"), value)
        }),
    };
    Named { name, labels: series.labels, points: series.points }
}
