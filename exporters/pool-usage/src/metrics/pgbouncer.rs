//! PgBouncer, by its console: a module for each of the answers.

mod databases;
mod pools;
mod process;
mod traffic;

use common::metric::{Definition, Gauge, Info, Metric, Text, Unit};

pub use self::{databases::*, pools::*, process::*, traffic::*};

common::labels! {
    /// Which pooler it is.
    pub struct VersionLabels {
        /// What it says of itself: "PgBouncer 1.18.0".
        version: Text,
    }
}

common::catalog! {
    /// Whether the console answered.
    pub static PGBOUNCER_UP: Metric<Gauge, ()> =
        Metric::gauge("pgbouncer_up", Unit::None, "Whether PgBouncer's console answered");
    /// Which pooler it is.
    pub static PGBOUNCER_VERSION: Metric<Info, VersionLabels> =
        Metric::info("pgbouncer_version_info", "PgBouncer's version");
}

/// Every metric of a PgBouncer.
pub fn all() -> impl Iterator<Item = &'static Definition> {
    [ALL, pools::ALL, databases::ALL, traffic::ALL, process::ALL].into_iter().flatten().copied()
}
