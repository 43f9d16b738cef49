//! The collector of the server itself: its version, its start, whether it is a standby.

use super::{NO_PARAMS, Session, SessionCollector, column};
use crate::{
    metric::{Gauge, LabelText, Unit},
    scrape::{CollectError, Snapshot},
};

crate::labels! {
    /// The server's version.
    pub struct StaticLabels {
        /// The server's build, as `version()` gives it: "PostgreSQL 15.18 on x86_64-pc-linux-gnu,
        /// …".
        version: LabelText,
        /// The version alone: "15.18.0".
        short_version: LabelText,
    }
}

crate::catalog! {
    // Written by the runner.
    /// Whether the PostgreSQL server answered
    pub static PG_UP: Gauge = "pg_up";
    /// The PostgreSQL server's version, value 1
    pub static PG_STATIC: Gauge<StaticLabels> = "pg_static";
    /// When the PostgreSQL server started
    pub static PG_POSTMASTER_START_TIME: Gauge =
        de_facto("pg_postmaster_start_time_seconds", Unit::Timestamp);
    /// Whether the PostgreSQL server is a standby in recovery
    pub static PG_REPLICATION_IS_REPLICA: Gauge = "pg_replication_is_replica";
}

const SQL: &str = "SELECT pg_catalog.version() AS version, \
     extract(epoch FROM pg_catalog.pg_postmaster_start_time())::float8 AS started, \
     pg_catalog.pg_is_in_recovery() AS replica";

/// The collector whose success is the target's [`PG_UP`].
#[derive(Debug)]
pub struct Server;

impl Server {
    /// The name of the collector, for [`Target::up`](crate::scrape::Target::up).
    pub const NAME: &'static str = "server";
}

impl SessionCollector<Session> for Server {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    async fn collect(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        let doing = "reading the server's version";
        let row = &session.query_one(doing, SQL, NO_PARAMS).await?;
        let labels = StaticLabels {
            version: column::<String>(row, "version")?.into(),
            short_version: short_version(session.server_version()).into(),
        };
        out.gauge(&PG_STATIC, labels, 1.0);
        out.gauge(&PG_POSTMASTER_START_TIME, (), column::<Option<f64>>(row, "started")?);
        let replica: bool = column(row, "replica")?;
        out.gauge(&PG_REPLICATION_IS_REPLICA, (), f64::from(u8::from(replica)));
        Ok(())
    }
}

/// Three numbers, as `postgres_exporter` writes it.
fn short_version(number: u32) -> String {
    if number >= 100_000 {
        format!("{}.{}.0", number / 10_000, number % 10_000)
    } else {
        format!("{}.{}.{}", number / 10_000, number / 100 % 100, number % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_versions_have_three_numbers() {
        assert_eq!(short_version(150_018), "15.18.0");
        assert_eq!(short_version(90_624), "9.6.24");
    }
}
