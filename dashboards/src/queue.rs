//! The dashboard of job queues in PostgreSQL: backlog, outcomes, latency, workers.

mod measuring;
mod time;
mod work;

use alerts::queue::{COMPONENT, DASHBOARD};
use postgres_queue::metrics::{JOBS, StateLabels};
use profiles::{Profile, Queues};

use crate::{Dashboard, Row, Scope, Variable};

/// The dashboard of the system's queues, if it has any.
pub(crate) fn dashboard(profile: &'static Profile) -> Option<Dashboard> {
    let queues = profile.queues.as_ref()?;
    let scope = Scope { profile, exporter: Some(COMPONENT) };
    let variables = vec![
        Variable::new(
            StateLabels::source,
            &JOBS,
            "Table",
            "Mappings of the exporter, one for each table of jobs",
        ),
        Variable::new(StateLabels::queue, &JOBS, "Queue", "Queues of the chosen tables"),
    ];
    let about = "Backlog, outcomes and latency of job queues, whether the workers keep up, and how \
                 exact the metrics are.";
    let title = if profile.is_generic() {
        "Job queues".to_owned()
    } else {
        format!("{}: Queue System Status", profile.title)
    };
    Some(Dashboard {
        subject: DASHBOARD,
        title,
        description: about,
        scope,
        variables,
        summary: work::summary(),
        rows: rows(profile, queues),
        from: "now-6h",
    })
}

fn rows(profile: &Profile, queues: &Queues) -> Vec<Row> {
    let mut rows = vec![work::backlog(), work::throughput(queues), work::outcome()];
    if !queues.deliveries.is_empty() {
        rows.push(work::deliveries(queues.deliveries));
    }
    rows.extend([time::row(), time::workers()]);
    if profile.is_generic() {
        // Only job libraries record this, not plain tables.
        rows.push(time::libraries());
    }
    rows.extend([time::scheduled(), work::each_queue(), measuring::table(), measuring::counting()]);
    rows
}
