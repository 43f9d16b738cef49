//! Replication: standbys and slots on the primary, and the lag on a standby.

use std::{collections::BTreeMap, sync::Arc};

use common::{
    metric::LabelText,
    scrape::{CollectError, Snapshot},
    source::postgres::{NO_PARAMS, Session, SessionCollector, column},
};
use futures::future::try_join3;
use tokio_postgres::Row;

use crate::{
    caps::Caps,
    metrics::{
        aliases::{ReplicationLabels, WAL_LSN_DIFF},
        replication::{
            RECEIVER_UP, REPLAY_PAUSED, REPLAY_PENDING, REPLICAS, REPLICATION_LAG, ReplicaLabels,
            SLOT_ACTIVE, SLOT_RETAINED, SLOT_SAFE, STANDBY_LAG_BYTES, STANDBY_LAG_SECONDS,
            SlotLabels, Stage, StandbyLabels,
        },
    },
};

/// The end of the server's log: written by a primary, received by a standby.
macro_rules! end_of_log {
    () => {
        "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() \
         ELSE pg_current_wal_lsn() END"
    };
}

/// The columns of `pg_stat_replication`, whose own query goes through every session. Without
/// `pg_read_all_stats` the server returns NULL for standbys of other roles.
const STANDBYS: &str = concat!(
    "SELECT coalesce(a.application_name, '') AS application_name, \
         coalesce(host(a.client_addr), '') AS client_addr, w.state, \
         extract(epoch FROM write_lag)::float8 AS write_lag, \
         extract(epoch FROM flush_lag)::float8 AS flush_lag, \
         extract(epoch FROM replay_lag)::float8 AS replay_lag, \
         pg_wal_lsn_diff(here, write_lsn)::float8 AS write_bytes, \
         pg_wal_lsn_diff(here, flush_lsn)::float8 AS flush_bytes, \
         pg_wal_lsn_diff(here, replay_lsn)::float8 AS replay_bytes \
     FROM pg_catalog.pg_stat_get_wal_senders() w \
         CROSS JOIN LATERAL pg_catalog.pg_stat_get_activity(w.pid) a, (SELECT ",
    end_of_log!(),
    " AS here) log"
);

const SLOTS: &str = concat!(
    "SELECT slot_name, slot_type, active, safe_wal_size::float8 AS safe, \
         pg_wal_lsn_diff(here, restart_lsn)::float8 AS retained \
     FROM pg_catalog.pg_replication_slots, (SELECT ",
    end_of_log!(),
    " AS here) log ORDER BY slot_name LIMIT 200"
);

/// A standby that has replayed everything it received has no lag, however old the last commit is.
/// The lag is unknown before the first replayed commit (`greatest` would return 0 for NULL).
const STANDBY: &str = "SELECT pg_is_in_recovery() AS standby, \
     CASE WHEN NOT pg_is_in_recovery() THEN 0 \
         WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 \
         WHEN pg_last_xact_replay_timestamp() IS NULL THEN NULL \
         ELSE greatest(0, extract(epoch FROM \
             clock_timestamp() - pg_last_xact_replay_timestamp())) END::float8 AS lag, \
     pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::float8 AS pending, \
     CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() END AS paused, \
     EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver WHERE pid IS NOT NULL) AS receiving";

#[derive(Debug)]
pub(crate) struct Replication {
    caps: Arc<Caps>,
    aliases: bool,
}

impl Replication {
    pub(crate) fn new(caps: &Arc<Caps>, aliases: bool) -> Self {
        Self { caps: Arc::clone(caps), aliases }
    }
}

impl SessionCollector<Session> for Replication {
    fn name(&self) -> &'static str {
        "replication"
    }

    async fn collect(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        let (standbys, slots, standby) = try_join3(
            session.query("reading pg_stat_replication", STANDBYS, NO_PARAMS),
            session.query("reading the replication slots", SLOTS, NO_PARAMS),
            session.query_one("reading the standby's own position", STANDBY, NO_PARAMS),
        )
        .await?;
        render_standby(&standby, out)?;
        for row in &slots {
            render_slot(row, out)?;
        }
        self.render_standbys(&standbys, out)
    }
}

impl Replication {
    fn render_standbys(&self, rows: &[Row], out: &mut Snapshot) -> Result<(), CollectError> {
        let mut counts = BTreeMap::<ReplicaLabels, f64>::new();
        for row in rows {
            let application_name = self.caps.applications.fold(column(row, "application_name")?);
            let client_addr: LabelText = column::<String>(row, "client_addr")?.into();
            let state: Option<String> = column(row, "state")?;
            let state: LabelText =
                state.map_or(crate::connections::UNKNOWN.into(), LabelText::from);
            let replica = ReplicaLabels { application_name, client_addr, state };
            for stage in Stage::ALL {
                let (lag, bytes) = stage_columns(stage);
                let (lag, bytes): (Option<f64>, Option<f64>) =
                    (column(row, lag)?, column(row, bytes)?);
                // The server returns no lag for a standby that is up to date.
                let lag = lag.or_else(|| bytes.filter(|it| *it <= 0.0).map(|_| 0.0));
                let labels = StandbyLabels {
                    application_name: replica.application_name.clone(),
                    client_addr: replica.client_addr.clone(),
                    stage,
                };
                out.gauge(&STANDBY_LAG_SECONDS, labels.clone(), lag);
                out.gauge(&STANDBY_LAG_BYTES, labels, bytes.map(|it| it.max(0.0)));
            }
            if self.aliases {
                let ReplicaLabels { application_name, client_addr, state } = replica.clone();
                let labels = ReplicationLabels { application_name, client_addr, state };
                out.gauge(&WAL_LSN_DIFF, labels, column::<Option<f64>>(row, "replay_bytes")?);
            }
            *counts.entry(replica).or_default() += 1.0;
        }
        for (labels, count) in counts {
            out.gauge(&REPLICAS, labels, count);
        }
        Ok(())
    }
}

fn stage_columns(stage: Stage) -> (&'static str, &'static str) {
    match stage {
        Stage::Write => ("write_lag", "write_bytes"),
        Stage::Flush => ("flush_lag", "flush_bytes"),
        Stage::Replay => ("replay_lag", "replay_bytes"),
    }
}

fn render_standby(row: &Row, out: &mut Snapshot) -> Result<(), CollectError> {
    out.gauge(&REPLICATION_LAG, (), column::<Option<f64>>(row, "lag")?);
    if column(row, "standby")? {
        out.gauge(&REPLAY_PENDING, (), column::<Option<f64>>(row, "pending")?);
        out.gauge(&RECEIVER_UP, (), f64::from(column::<bool>(row, "receiving")?));
        out.gauge(&REPLAY_PAUSED, (), column::<Option<bool>>(row, "paused")?.map(f64::from));
    }
    Ok(())
}

fn render_slot(row: &Row, out: &mut Snapshot) -> Result<(), CollectError> {
    let labels = SlotLabels {
        slot_name: column::<String>(row, "slot_name")?.into(),
        slot_type: column::<String>(row, "slot_type")?.into(),
    };
    out.gauge(&SLOT_ACTIVE, labels.clone(), f64::from(column::<bool>(row, "active")?));
    let retained: Option<f64> = column(row, "retained")?;
    out.gauge(&SLOT_RETAINED, labels.clone(), retained.map(|it| it.max(0.0)));
    out.gauge(&SLOT_SAFE, labels, column::<Option<f64>>(row, "safe")?);
    Ok(())
}
