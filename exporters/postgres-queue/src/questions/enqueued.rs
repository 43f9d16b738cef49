//! Jobs that were created. Their rows are events: each is counted once.

use std::time::Duration;

use super::Question;
use crate::{
    mapping::Mapping,
    sql::{SqlBuilder, Statement},
};

/// The rows created since the watermark.
pub(super) struct Enqueued;

/// Counts by minute, to find the rows that [`Enqueued`] read too early to see.
pub(super) struct LateEnqueued;

impl Question for Enqueued {
    fn statement(&self, sql: &SqlBuilder<'_>) -> Option<Statement> {
        let created_at = sql.resolved.created_at.as_ref()?;
        Some(sql.stamped_since(created_at, "NULL::text AS state", None))
    }
}

impl Question for LateEnqueued {
    fn statement(&self, sql: &SqlBuilder<'_>) -> Option<Statement> {
        Some(sql.by_minute(sql.resolved.created_at.as_ref()?, "NULL::text", None))
    }

    fn interval(&self, mapping: &Mapping) -> Option<Duration> {
        Some(mapping.late_every.get())
    }
}
