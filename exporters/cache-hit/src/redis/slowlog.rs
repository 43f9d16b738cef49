//! The slow log: its length, and the number of its latest entry.

use std::sync::atomic::{AtomicBool, Ordering};

use common::{
    scrape::{CollectError, Reason, Snapshot},
    source::redis::{Mode, Session, SessionCollector, Value},
};
use futures::join;

use crate::metrics::redis::server::{SLOWLOG_LAST_ID, SLOWLOG_LENGTH};

/// Reads the slow log; a Sentinel has none.
#[derive(Debug)]
pub(super) struct SlowLog {
    /// Whether the user is not permitted to read the entries.
    hidden: AtomicBool,
}

impl SlowLog {
    pub(super) fn new() -> Self {
        Self { hidden: AtomicBool::new(false) }
    }
}

impl SessionCollector<Session> for SlowLog {
    fn name(&self) -> &'static str {
        "redis_slowlog"
    }

    async fn collect(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        if session.mode() == Mode::Sentinel {
            return Ok(());
        }
        let doing = "reading the slow log";
        let (length, latest) = join!(
            session.command(doing, &["SLOWLOG", "LEN"]),
            session.command(doing, &["SLOWLOG", "GET", "1"])
        );
        match length? {
            Value::Int(length) => out.gauge(&SLOWLOG_LENGTH, (), length as f64),
            _ => return Err(CollectError::new(Reason::Parse, doing)),
        }
        match latest {
            Ok(entries) => out.gauge(&SLOWLOG_LAST_ID, (), last_id(&entries)),
            // Entries contain parts of commands, so it is right that the user is not permitted.
            Err(error) if error.reason == Reason::Permission => {
                self.hidden.store(true, Ordering::Relaxed);
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        self.hidden.store(false, Ordering::Relaxed);
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        let note = "redis_slowlog_last_id is absent: the user is not permitted SLOWLOG GET, whose \
                    answer contains parts of commands";
        if self.hidden.load(Ordering::Relaxed) { vec![note.to_owned()] } else { Vec::new() }
    }
}

/// The number of the first entry.
fn last_id(entries: &Value) -> Option<f64> {
    let Value::Array(entries) = entries else { return None };
    let Value::Array(entry) = entries.first()? else { return None };
    match entry.first()? {
        Value::Int(id) => Some(*id as f64),
        _ => None,
    }
}
