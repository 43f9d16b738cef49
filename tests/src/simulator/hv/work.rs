//! The programs: the application that enqueues, the processor's workers, the scheduler, batches.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{Kind, Load, Schema, control::Control};

/// Where the processor looks when its queue is empty.
const POLL: Duration = Duration::from_millis(100);

/// Errors of the services; those of the second list are not retried.
const PASSING: &[&str] = &[
    "ETIMEDOUT: connection timed out after 10000 ms",
    "connect ECONNREFUSED 10.0.3.7:587",
    "429 Too Many Requests: rate limit exceeded, retry after 30 s",
    "502 Bad Gateway",
    "TypeError: Cannot read properties of undefined (reading 'id')",
];
const LASTING: &[&str] =
    &["401 Unauthorized: invalid API key", "550 5.1.1 recipient not found, message bounced"];

/// Enqueues jobs of one kind at random times.
pub(super) async fn application(mut control: Control, kind: Kind) {
    loop {
        let rate = kind.per_second * control.state().demand;
        let wait = control.chance.wait(rate);
        // A command may change the rate: then the wait is computed again.
        let before = control.state().demand;
        if !control.wait_or_command(wait).await {
            return;
        }
        #[allow(clippy::float_cmp, reason = "whether it changed, not whether it is near")]
        if control.state().demand != before {
            continue;
        }
        let sql = "insert into queue_jobs (tipo) values ($1)";
        if control.run(sql, &[&kind.tipo]).await.is_none() {
            return;
        }
    }
}

/// A worker, which runs one job after another; several run concurrently.
pub(super) async fn worker(
    mut control: Control,
    schema: Schema,
    load: Arc<Load>,
    attempts: Arc<Attempts>,
) {
    let statements = Statements::new(schema);
    while !control.state().stopped {
        if control.state().stalled {
            control.wait_or_command(Duration::from_mins(1)).await;
            continue;
        }
        let taken = control.run(statements.take, &[]).await.unwrap_or_default();
        let Some(row) = taken.first() else {
            control.wait(POLL).await;
            continue;
        };
        let (id, tipo): (i64, String) = (row.get("id"), row.get("tipo"));
        let kind = load.kinds.iter().find(|kind| kind.tipo == tipo);
        let (work, failures) = kind.map_or((POLL, 0.0), |kind| (kind.work, kind.failures));
        let state = control.state();
        // Not `wait`: a started job is finished.
        tokio::time::sleep(control.chance.around(work).mul_f64(state.slowness)).await;

        let failures = state.failures.get(tipo.as_str()).copied().unwrap_or(failures);
        if !control.chance.happens(failures) {
            attempts.forget(id);
            control.run(statements.complete, &[&id]).await;
            continue;
        }
        let attempt = attempts.add(id);
        let lasting = control.chance.happens(0.2);
        let error = control.chance.pick(if lasting { LASTING } else { PASSING }).copied();
        if lasting || attempt >= load.attempts {
            attempts.forget(id);
            control.run(statements.fail, &[&id, &error]).await;
        } else {
            let backoff = load.backoff.mul_f64(2.0_f64.powf(f64::from(attempt - 1))).as_secs_f64();
            control.run(statements.retry, &[&id, &error, &backoff]).await;
        }
    }
}

/// The attempts that failed, by job, for all workers: the plain table has no column for it.
#[derive(Debug, Default)]
pub(super) struct Attempts(Mutex<HashMap<i64, u32>>);

impl Attempts {
    fn add(&self, id: i64) -> u32 {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *all.entry(id).and_modify(|it| *it += 1).or_insert(1)
    }

    fn forget(&self, id: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

/// The processor's statements; the variant of the table decides on the columns.
struct Statements {
    take: &'static str,
    complete: &'static str,
    fail: &'static str,
    retry: &'static str,
}

/// The oldest due job that no other worker has locked.
macro_rules! take {
    ($also:literal) => {
        concat!(
            "update queue_jobs set estado = 'processing'",
            $also,
            " where id = (select id from queue_jobs
                where estado = 'pending' and proxima_tentativa <= now()
                order by proxima_tentativa for update skip locked limit 1)
              returning id, tipo"
        )
    };
}

impl Statements {
    fn new(schema: Schema) -> Self {
        let retry = "update queue_jobs set estado = 'pending', error = $2,
                     proxima_tentativa = now() + $3 * interval '1s' where id = $1";
        match schema {
            Schema::Plain => Self {
                take: take!(""),
                complete: "update queue_jobs set estado = 'completed', error = null where id = $1",
                fail: "update queue_jobs set estado = 'failed', error = $2 where id = $1",
                retry,
            },
            Schema::Full => Self {
                take: take!(", iniciado_en = clock_timestamp(), intentos = intentos + 1"),
                complete: "update queue_jobs set estado = 'completed', error = null,
                           completado_en = clock_timestamp() where id = $1",
                fail: "update queue_jobs set estado = 'failed', error = $2,
                       completado_en = clock_timestamp() where id = $1",
                retry,
            },
        }
    }
}

/// Enqueues scheduled jobs when they are due.
pub(super) async fn scheduler(mut control: Control) {
    let sql = "with due as (
            update scheduled_jobs set proxima_ejecucion = proxima_ejecucion + cada
            where proxima_ejecucion <= now() returning tipo)
        insert into queue_jobs (tipo) select tipo from due";
    while control.wait(Duration::from_secs(1)).await {
        control.run(sql, &[]).await;
    }
}

/// Runs batches at intervals.
pub(super) async fn batches(mut control: Control) {
    let start = "insert into batch_jobs (estado) values ('RUNNING') returning id";
    let end = "update batch_jobs set estado = 'COMPLETED' where id = $1";
    while control.wait(control.chance.wait(1.0 / 20.0)).await {
        let rows = control.run(start, &[]).await.unwrap_or_default();
        let Some(row) = rows.first() else { return };
        control.wait(control.chance.around(Duration::from_secs(10))).await;
        let id: i64 = row.get(0);
        control.run(end, &[&id]).await;
    }
}
