//! Runbooks of queues, with SQL for the system's own table.

use profiles::{QueueOperations, QueueTable, Queues};
use promql::Expr;

use crate::runbook::{Runbook, Step};

/// Jobs arrive faster than they finish, or none finishes.
pub(super) fn waiting(queues: &Queues, meaning: &str, query: impl Into<Expr>) -> Runbook {
    let Queues { table, operations, .. } = queues;
    Runbook {
        meaning: meaning.to_owned(),
        impact: "Users get results late: mails, messages, reports and calls to other systems \
                 wait in the queue. Nothing is lost as long as the rows exist."
            .to_owned(),
        diagnosis: vec![
            Step::promql("Does it still grow, and in which queue?", query),
            Step::sql("How many jobs wait?", count_waiting(table)),
            Step::sql("Which types accumulate, and since when?", waiting_by_queue(table)),
            Step::sql("Does anything run at all, and are jobs stuck?", running(table)),
            Step::sql("Which errors occurred recently?", recent_errors(table)),
            Step::sql("Does somebody hold a lock on the table?", locks(table)),
        ],
        quick_fix: format!(
            "- Nothing runs: {}\n- Jobs run, but too few: {}\n- One type accumulates: \
                      the service that it calls is slow or down; look at its errors before you \
                      add workers.",
            operations.restart, operations.scale_up
        ),
        investigation: format!(
            "Compare arrivals with completions: if arrivals rose, find what enqueues; if \
             completions fell, find what the workers wait for. {}",
            operations.logs
        ),
        lasting_fix:
            "Size the workers for the busiest hour of the week, give slow types separate workers, \
             and set a time-out on every call that a job makes."
                .to_owned(),
        prevention: "When workers stop, the age of the oldest ready job rises before the depth \
                     does. Watch demand against capacity week by week."
            .to_owned(),
    }
}

/// Jobs end in failure.
pub(super) fn failing(queues: &Queues, what: &str, query: impl Into<Expr>) -> Runbook {
    let Queues { table, operations, .. } = queues;
    Runbook {
        meaning: format!("More {what} fail than the threshold allows."),
        impact: "Jobs that failed for good are not delivered until somebody enqueues them \
                 again."
            .to_owned(),
        diagnosis: vec![
            Step::promql("Which queue, and which class of error?", query),
            Step::sql("Which errors occurred recently?", recent_errors(table)),
            Step::sql("Which types accumulate, and since when?", waiting_by_queue(table)),
        ],
        quick_fix: "- One class of error: fix what it names (credentials, an address, a limit \
                    of the other service).\n- The other service is down: let the jobs wait \
                    rather than fail, and enqueue the failed ones again when it answers."
            .to_owned(),
        investigation: format!(
            "Find the first failure and what changed then: a deployment, an expired key, \
                      a change of the other service. {}",
            operations.logs
        ),
        lasting_fix: "Retry transient failures with growing delays; fail at once what can never \
                      succeed."
            .to_owned(),
        prevention: "Give every known cause a class in the exporter's settings, so that the \
                     panel names it the next time."
            .to_owned(),
    }
}

/// A job is marked as running and nobody works on it.
pub(super) fn stuck(queues: &Queues, query: impl Into<Expr>) -> Runbook {
    let Queues { table, operations, .. } = queues;
    Runbook {
        meaning: "Jobs are marked as running for longer than a job may take. Most likely their \
                  worker died, or waits for something without a time-out."
            .to_owned(),
        impact: "These jobs never finish unless somebody acts, and each may block a worker."
            .to_owned(),
        diagnosis: vec![
            Step::promql("How many, and in which queue?", query),
            Step::sql("Which jobs?", stuck_jobs(table)),
            Step::sql("Does a worker still hold a transaction open?", open_transactions()),
        ],
        quick_fix: format!(
            "{} Then set the jobs back to `{}`, if running them twice does no harm.",
            operations.restart, table.pending
        ),
        investigation: format!("Find the worker that took the job. {}", operations.logs),
        lasting_fix: "Let workers renew a lease, and return jobs to the queue when their lease \
                      expires."
            .to_owned(),
        prevention:
            "Set a time-out on every call that a job makes, shorter than the limit for stuck \
                     jobs."
                .to_owned(),
    }
}

/// Arrivals are near the workers' capacity.
pub(super) fn demand(queues: &Queues, query: impl Into<Expr>) -> Runbook {
    let Queues { table, operations, .. } = queues;
    Runbook {
        meaning: "Jobs arrive at nearly the workers' capacity.".to_owned(),
        impact: "None yet; with a few more jobs the queue begins to grow.".to_owned(),
        diagnosis: vec![
            Step::promql("Which queue grows, and since when?", query),
            Step::sql("Which types accumulate, and since when?", waiting_by_queue(table)),
        ],
        quick_fix: operations.scale_up.to_owned(),
        investigation:
            "See whether the growth is a peak, a mistake (a loop that enqueues), or the \
                        trend of the last weeks."
                .to_owned(),
        lasting_fix: "Add capacity before the trend needs it, or enqueue less.".to_owned(),
        prevention: "Look at demand against capacity in the weekly review.".to_owned(),
    }
}

/// A scheduled job of `pg_cron` fails.
pub(super) fn cron(operations: &QueueOperations, query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "The last run of a job that pg_cron schedules has failed.".to_owned(),
        impact: "The job's work (clean-up, refresh, hand-over) is not done.".to_owned(),
        diagnosis: vec![
            Step::promql("Which job?", query),
            Step::shell(
                "What did its last runs report?",
                "psql -c \"SELECT jobid, status, left(return_message, 200), start_time \
                 FROM cron.job_run_details ORDER BY start_time DESC LIMIT 20\"",
            ),
        ],
        quick_fix: "Run the job's command by hand, as the role that owns it.".to_owned(),
        investigation: format!("Find what changed since its last good run. {}", operations.logs),
        lasting_fix: "Fix the command, or the privileges of its role.".to_owned(),
        prevention: "Keep the messages of `cron.job_run_details` for a week at least.".to_owned(),
    }
}

fn count_waiting(table: &QueueTable) -> String {
    let QueueTable { table, state, pending, .. } = table;
    format!("SELECT count(*) FROM {table} WHERE {state} = '{pending}';")
}

fn waiting_by_queue(table: &QueueTable) -> String {
    let QueueTable { table, queue, state, pending, created_at, .. } = table;
    format!(
        "SELECT {queue}, count(*), min({created_at}) AS oldest\nFROM {table}\n\
         WHERE {state} = '{pending}'\nGROUP BY {queue}\nORDER BY count(*) DESC"
    )
}

fn running(table: &QueueTable) -> String {
    let QueueTable { table, queue, state, running, created_at, .. } = table;
    format!(
        "SELECT {queue}, count(*),\n       \
         count(*) FILTER (WHERE {created_at} < now() - interval '1 hour') AS over_an_hour\n\
         FROM {table}\nWHERE {state} = '{running}'\nGROUP BY {queue}\nORDER BY count(*) DESC"
    )
}

fn stuck_jobs(table: &QueueTable) -> String {
    let QueueTable { table, queue, state, running, created_at, .. } = table;
    format!(
        "SELECT id, {queue}, {created_at}\nFROM {table}\n\
         WHERE {state} = '{running}' AND {created_at} < now() - interval '1 hour'\n\
         ORDER BY {created_at}\nLIMIT 20"
    )
}

fn recent_errors(table: &QueueTable) -> String {
    let QueueTable { table, queue, state, failed, created_at, error, .. } = table;
    format!(
        "SELECT {queue}, left({error}, 120) AS error, count(*), max({created_at}) AS newest\n\
         FROM {table}\nWHERE {state} = '{failed}' AND {created_at} > now() - interval '1 hour'\n\
         GROUP BY 1, 2\nORDER BY count(*) DESC\nLIMIT 20"
    )
}

fn locks(table: &QueueTable) -> String {
    format!(
        "SELECT a.pid, a.usename, a.application_name, l.mode, l.granted, a.state,\n       \
         now() - a.xact_start AS open_for\n\
         FROM pg_locks l JOIN pg_stat_activity a USING (pid)\n\
         WHERE l.relation = '{}'::regclass AND a.pid <> pg_backend_pid()\n\
         ORDER BY a.xact_start\nLIMIT 20;",
        table.table
    )
}

fn open_transactions() -> String {
    "SELECT pid, usename, application_name, state, now() - xact_start AS open_for,\n       \
     left(query, 80) AS query\n\
     FROM pg_stat_activity\n\
     WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid()\n\
     ORDER BY xact_start\nLIMIT 10"
        .to_owned()
}

/// Rows came later than the exporter looks back.
pub(super) fn counting_late(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "Rows were committed after the exporter's look-back had passed; the longer \
                  look-back counted them later."
            .into(),
        impact: "Rates of the last hour were too low for a while; the totals are right again."
            .into(),
        diagnosis: vec![
            Step::promql("Which mapping?", query),
            Step::sql(
                "Which transactions have been open for long?",
                "SELECT pid, usename, application_name, state, now() - xact_start AS open_for\n\
                 FROM pg_stat_activity\n\
                 WHERE xact_start < now() - interval '10 minutes'\n\
                 ORDER BY xact_start;",
            ),
        ],
        quick_fix: "None is needed. End transactions that were forgotten.".into(),
        investigation: "Find what keeps transactions open for longer than the look-back.".into(),
        lasting_fix: "Raise `lookback` above the longest transaction, or shorten the transaction."
            .into(),
        prevention:
            "Grant the exporter's role `pg_read_all_stats`, so that it sees open transactions."
                .into(),
    }
}

/// A background query has not succeeded for a long time.
pub(super) fn reading_too_old(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "A background query has not succeeded for a long time. It is too expensive for \
                  each scrape."
            .into(),
        impact: "Its metrics are old.".into(),
        diagnosis: vec![
            Step::promql("Which query?", query),
            Step::shell(
                "Which index would make it cheap?",
                "postgres-queue check --config.file /etc/pulso/pulso.toml",
            ),
        ],
        quick_fix: "Create the index that the landing page shows, with `CONCURRENTLY`.".into(),
        investigation: "See in the exporter's log why the last attempts failed.".into(),
        lasting_fix: "Keep the index, or archive the table's history.".into(),
        prevention: "Run `check` after every change of the table.".into(),
    }
}
