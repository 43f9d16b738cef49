//! Application pools: their size in the settings, and their connections in the database.

use common::scrape::Snapshot;

use super::activity::Sessions;
use crate::{
    metrics::connections::{POOL_AVAILABLE, POOL_BUSY, POOL_CONNECTIONS, POOL_SIZE, PoolLabels},
    settings::Pool,
};

/// Whether a connection is busy is known only if `sees_all`.
pub(super) fn render(pools: &[Pool], sessions: &[Sessions], sees_all: bool, out: &mut Snapshot) {
    for pool in pools {
        let (mut open, mut busy) = (0, 0);
        for row in sessions.iter().filter(|it| it.are_clients()) {
            if pool.owns(&row.application_name, &row.usename, &row.datname) {
                open += row.count;
                busy += row.busy;
            }
        }
        let size = f64::from(pool.size);
        let busy = sees_all.then_some(busy as f64);
        let labels = PoolLabels { pool: pool.name.clone().into() };
        out.gauge(&POOL_SIZE, labels.clone(), size);
        out.gauge(&POOL_CONNECTIONS, labels.clone(), open as f64);
        out.gauge(&POOL_BUSY, labels.clone(), busy);
        out.gauge(&POOL_AVAILABLE, labels, busy.map(|it| (size - it).max(0.0)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::PoolSettings;

    fn sessions(application_name: &str, count: i64, busy: i64) -> Sessions {
        Sessions {
            datname: "shop".into(),
            usename: "app".into(),
            application_name: application_name.into(),
            backend_type: Some("client backend".into()),
            count,
            busy,
            ..Sessions::default()
        }
    }

    fn web() -> Pool {
        let settings = PoolSettings {
            size: 5,
            application_name: Some("web-.*".into()),
            user: Some("app".into()),
            datname: None,
        };
        Pool::new("web", &settings).unwrap()
    }

    #[test]
    fn a_pool_counts_its_own_connections_and_no_others() {
        let mut worker = sessions("web-3", 9, 9);
        worker.backend_type = Some("parallel worker".into());
        let rows =
            [sessions("web-1", 2, 1), sessions("web-2", 1, 1), sessions("my-web-1", 7, 7), worker];
        let mut out = Snapshot::default();
        render(&[web()], &rows, true, &mut out);

        assert_eq!(out.value("pool_application_connections", &["web"]), Some(3.0));
        assert_eq!(out.value("pool_application_busy_connections", &["web"]), Some(2.0));
        assert_eq!(out.value("pool_application_available_connections", &["web"]), Some(3.0));
    }

    #[test]
    fn busy_connections_are_absent_when_states_are_hidden() {
        let mut out = Snapshot::default();
        render(&[web()], &[sessions("web-1", 4, 4)], false, &mut out);

        assert_eq!(out.value("pool_application_connections", &["web"]), Some(4.0));
        assert_eq!(out.value("pool_application_busy_connections", &["web"]), None);
        assert_eq!(out.value("pool_application_available_connections", &["web"]), None);
    }
}
