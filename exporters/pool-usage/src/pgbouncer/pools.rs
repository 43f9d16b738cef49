//! The pools of PgBouncer, one for each pair of database and user.

use std::collections::BTreeMap;

use common::{
    metric::Gauge,
    scrape::{Snapshot, label_limit::OTHER},
};

use super::{Answers, CONSOLE, table::Line};
use crate::{
    caps::Caps,
    metrics::pgbouncer::{self as metrics, ModeLabels, PairLabels},
};

/// Columns of `POOLS`. 1.17 has one kind of cancel requests, 1.18 several.
const COLUMNS: [(&[&str], &Gauge<PairLabels>); 11] = [
    (&["cl_active"], &metrics::CLIENT_ACTIVE),
    (&["cl_waiting"], &metrics::CLIENT_WAITING),
    (&["cl_active_cancel_req"], &metrics::CLIENT_ACTIVE_CANCEL),
    (&["cl_waiting_cancel_req", "cl_cancel_req"], &metrics::CLIENT_WAITING_CANCEL),
    (&["sv_active"], &metrics::SERVER_ACTIVE),
    (&["sv_active_cancel"], &metrics::SERVER_ACTIVE_CANCEL),
    (&["sv_being_canceled"], &metrics::SERVER_BEING_CANCELED),
    (&["sv_idle"], &metrics::SERVER_IDLE),
    (&["sv_used"], &metrics::SERVER_USED),
    (&["sv_tested"], &metrics::SERVER_TESTING),
    (&["sv_login"], &metrics::SERVER_LOGIN),
];

/// Server connections that are not available to a waiting client.
const BUSY: [&str; 5] =
    ["sv_active", "sv_active_cancel", "sv_being_canceled", "sv_tested", "sv_login"];

pub(super) fn render(answers: &Answers, caps: &Caps, out: &mut Snapshot) {
    // Folding may give several pools the same labels: counts are summed, of waits the longest counts.
    let mut sums = BTreeMap::<(usize, PairLabels), f64>::new();
    let mut longest = BTreeMap::<PairLabels, f64>::new();
    for line in answers.pools.lines() {
        let text = |column| line.text(column).unwrap_or_default();
        let labels = PairLabels {
            database: caps.databases.fold(text("database")),
            user: caps.users.fold(text("user")),
        };
        for (index, (columns, _)) in COLUMNS.iter().enumerate() {
            if let Some(value) = line.number(columns) {
                *sums.entry((index, labels.clone())).or_default() += value;
            }
        }
        if let Some(wait) = maxwait(line) {
            let entry = longest.entry(labels.clone()).or_default();
            *entry = entry.max(wait);
        }
        if labels.database != OTHER && labels.user != OTHER {
            one_pool(answers, line, labels, out);
        }
    }
    for ((index, labels), sum) in sums {
        out.gauge(COLUMNS[index].1, labels, sum);
    }
    for (labels, wait) in longest {
        out.gauge(&metrics::CLIENT_MAXWAIT, labels, wait);
    }
}

fn one_pool(answers: &Answers, line: Line<'_>, labels: PairLabels, out: &mut Snapshot) {
    let mode = line.text("pool_mode").unwrap_or_default().to_owned();
    let PairLabels { database, user } = labels.clone();
    out.gauge(&metrics::PAIR_MODE, ModeLabels { database, user, pool_mode: mode.into() }, 1.0);
    // The console's own pool has no server connections.
    if labels.database == CONSOLE {
        return;
    }
    let size = size(answers, &labels.database, &labels.user);
    let busy: f64 = BUSY.iter().filter_map(|it| line.number(&[it])).sum();
    out.gauge(&metrics::PAIR_SIZE, labels.clone(), size);
    // A size of 0 means no limit.
    out.gauge(&metrics::PAIR_SATURATION, labels, size.filter(|it| *it > 0.0).map(|it| busy / it));
}

/// From the columns for seconds and microseconds.
fn maxwait(line: Line<'_>) -> Option<f64> {
    let micros = line.number(&["maxwait_us"]).unwrap_or(0.0);
    Some(line.number(&["maxwait"])? + micros / 1e6)
}

/// The user's size, else the database's, else the default.
fn size(answers: &Answers, database: &str, user: &str) -> Option<f64> {
    let of_user = answers.users.entry("name", user, "pool_size");
    // Empty if it is not set; in some versions below zero.
    let of_user = of_user.and_then(|it| it.parse().ok()).filter(|it: &f64| *it > 0.0);
    let of_database = || answers.databases.entry("name", database, "pool_size");
    let default = || answers.config.entry("key", "default_pool_size", "value");
    of_user.or_else(|| of_database().or_else(default)?.parse().ok())
}
