//! The dashboard of connections and pools, locks, statements and replication.

mod connections;
mod work;

use alerts::pool::{COMPONENT, DASHBOARD};
use pool_usage::metrics::connections::{DATABASE_CONNECTIONS, DatabaseLabels};
use profiles::Profile;

use crate::{Dashboard, Scope, Variable};

/// The dashboard of the system's connections, if they are measured.
pub(crate) fn dashboard(profile: &'static Profile) -> Option<Dashboard> {
    let pools = profile.pools.as_ref()?;
    let title = if profile.is_generic() {
        "Connections and pools".to_owned()
    } else {
        format!("{}: Database Connections", profile.title)
    };
    Some(Dashboard {
        subject: DASHBOARD,
        title,
        description: "Connections of PostgreSQL and PgBouncer by role, application and state, \
                      waits and locks, the latency of statements, and the lag of standbys.",
        scope: Scope { profile, exporter: Some(COMPONENT) },
        variables: vec![Variable::new(
            DatabaseLabels::datname,
            &DATABASE_CONNECTIONS,
            "Database",
            "Databases of the chosen servers",
        )],
        summary: connections::summary(),
        rows: vec![
            connections::limits(),
            connections::holders(),
            connections::pooler(),
            work::transactions(),
            work::locks(),
            work::statements(pools),
            work::replication(),
        ],
        from: "now-6h",
    })
}
