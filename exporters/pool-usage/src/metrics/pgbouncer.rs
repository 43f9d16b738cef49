//! Metrics of PgBouncer from its console: a module per command.

mod databases;
mod pools;
mod process;
mod traffic;

use common::metric::{Definition, Gauge, Info, LabelText};

pub use self::{databases::*, pools::*, process::*, traffic::*};

common::labels! {
    /// Which pooler it is.
    pub struct VersionLabels {
        /// The text of `SHOW VERSION`: "PgBouncer 1.18.0".
        version: LabelText,
    }
}

common::catalog! {
    /// Whether PgBouncer's console answered
    pub static PGBOUNCER_UP: Gauge = "pgbouncer_up";
    /// PgBouncer's version
    pub static PGBOUNCER_VERSION: Info<VersionLabels> = "pgbouncer_version_info";
}

/// Every metric of a PgBouncer.
pub fn all() -> impl Iterator<Item = &'static Definition> {
    [ALL, pools::ALL, databases::ALL, traffic::ALL, process::ALL].into_iter().flatten().copied()
}
