//! The privileges of the exporter's role.

use super::{NO_PARAMS, Session, column};
use crate::{
    metric::Gauge,
    scrape::{CollectError, Snapshot},
};

crate::label_values! {
    /// A privilege that an exporter's role may lack.
    pub enum Privilege {
        /// It sees what other roles' sessions do.
        ReadAllStats = "pg_read_all_stats",
        /// It sees sizes, the log's files, and what the server's own processes do.
        Monitor = "pg_monitor",
    }
}

crate::labels! {
    /// The labels of an exporter's `…_privilege_missing`.
    pub struct PrivilegeLabels {
        /// The privilege.
        privilege: Privilege,
    }
}

/// The role's privileges on other roles' sessions and on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Privileges {
    /// Whether it is a superuser.
    pub superuser: bool,
    /// Whether it has the privileges of `pg_monitor`.
    pub pg_monitor: bool,
    /// Whether it has the privileges of `pg_read_all_stats`: other roles' queries and transactions.
    pub read_all_stats: bool,
}

impl Privileges {
    /// Whether the role has the privilege.
    pub fn has(self, privilege: Privilege) -> bool {
        match privilege {
            Privilege::ReadAllStats => self.read_all_stats,
            Privilege::Monitor => self.pg_monitor,
        }
    }

    /// Writes whether the role lacks the privilege (1) or has it (0).
    pub fn write_missing(
        self,
        privilege: Privilege,
        metric: &'static Gauge<PrivilegeLabels>,
        out: &mut Snapshot,
    ) {
        out.gauge(metric, PrivilegeLabels { privilege }, f64::from(!self.has(privilege)));
    }
}

impl Session {
    /// Reads the role's privileges.
    pub async fn privileges(&self) -> Result<Privileges, CollectError> {
        const SQL: &str = "SELECT rolsuper AS superuser, \
             pg_has_role('pg_monitor', 'USAGE') AS pg_monitor, \
             pg_has_role('pg_read_all_stats', 'USAGE') AS read_all_stats \
             FROM pg_catalog.pg_roles WHERE rolname = current_user";
        let doing = "reading the role's privileges";
        let row = &self.query_one(doing, SQL, NO_PARAMS).await?;
        Ok(Privileges {
            superuser: column(row, "superuser")?,
            pg_monitor: column(row, "pg_monitor")?,
            read_all_stats: column(row, "read_all_stats")?,
        })
    }
}
