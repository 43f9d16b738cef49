//! Runbooks of connections, locks, statements and replication.

use profiles::Pools;
use promql::Expr;

use crate::runbook::{Runbook, Step};

const WHO: &str = "SELECT datname, usename, application_name, state, count(*),\n\
    \x20      max(now() - state_change) AS longest_in_state\n\
    FROM pg_stat_activity WHERE backend_type = 'client backend'\n\
    GROUP BY 1, 2, 3, 4 ORDER BY count(*) DESC LIMIT 20";
const IDLE: &str = "SELECT pid, usename, application_name, client_addr, now() - state_change AS idle\n\
    FROM pg_stat_activity\n\
    WHERE state = 'idle' AND state_change < now() - interval '10 minutes'\n\
    ORDER BY state_change LIMIT 50";
const OPEN: &str = "SELECT pid, usename, application_name, state, now() - xact_start AS open_for,\n\
    \x20      left(query, 100) AS last_query\n\
    FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 20";
const BLOCKING: &str = "SELECT waiting.pid, waiting.usename, left(waiting.query, 80) AS waiting_query,\n\
    \x20      blocker.pid AS blocked_by, blocker.state, now() - blocker.xact_start AS open_for,\n\
    \x20      left(blocker.query, 80) AS blocking_query\n\
    FROM pg_stat_activity waiting\n\
    JOIN pg_stat_activity blocker ON blocker.pid = ANY(pg_blocking_pids(waiting.pid))\n\
    WHERE waiting.wait_event_type = 'Lock' ORDER BY blocker.xact_start LIMIT 50";
const LIMITS: &str = "SELECT name, setting FROM pg_settings\n\
    WHERE name IN ('max_connections', 'superuser_reserved_connections',\n\
    \x20              'idle_in_transaction_session_timeout', 'idle_session_timeout')";
const SLOW_NOW: &str = "SELECT pid, usename, now() - query_start AS runs_for, wait_event_type, wait_event,\n\
    \x20      left(query, 100) AS query\n\
    FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()\n\
    ORDER BY query_start LIMIT 20";
const STANDBYS: &str = "SELECT application_name, client_addr, state, sync_state, write_lag, flush_lag,\n\
    \x20      replay_lag, pg_wal_lsn_diff(sent_lsn, replay_lsn) AS bytes_to_replay\n\
    FROM pg_stat_replication";
const SLOTS: &str = "SELECT slot_name, slot_type, active, wal_status, restart_lsn\n\
    FROM pg_replication_slots ORDER BY restart_lsn";

const END: &str = "`SELECT pg_terminate_backend(PID)` ends a session and rolls back what it did not \
    commit; `pg_cancel_backend` ends only its statement.";

/// Connections run out.
pub(super) fn connections(pools: &Pools, meaning: &str, query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: meaning.to_owned(),
        impact: "When none is left, every new connection is refused: users see errors, and so do \
                 jobs and health checks."
            .to_owned(),
        diagnosis: vec![
            Step::promql("How full, and since when?", query),
            Step::sql("Who holds them, and in which state?", WHO),
            Step::sql("Which sessions have been idle for over ten minutes?", IDLE),
            Step::sql("What keeps transactions open?", OPEN),
            Step::sql("Which limits are set?", LIMITS),
        ],
        quick_fix: format!(
            "- Most are `idle`: end those that have been idle for over ten minutes.\n- Most are \
             `idle in transaction`: end the oldest; the application does not commit.\n- Most are \
             `active`: something is slow or blocked; see the runbooks on locks and on slow \
             statements.\n\n{END} {}",
            pools.relief
        ),
        investigation: "Compare with the hour before: a deployment that raised the number of \
                          processes or their pool, a slow statement that holds connections for \
                          longer, or a leak (idle connections that only grow)."
            .to_owned(),
        lasting_fix: "Let the sum of all application pools stay below `max_connections`, set \
                      `idle_session_timeout` and `idle_in_transaction_session_timeout`, and put a \
                      pooler in transaction mode in front of the server."
            .to_owned(),
        prevention: "Give each application a role with its own limit, so that one cannot take the \
                     connections of all."
            .to_owned(),
    }
}

/// A pooler's pool is exhausted.
pub(super) fn pooler(pools: &Pools, meaning: &str, query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: meaning.to_owned(),
        impact: "Requests wait before their query is even sent; after `query_wait_timeout` they \
                 fail."
            .to_owned(),
        diagnosis: vec![
            Step::promql("Which pool, and since when?", query),
            Step::shell(
                "What does the pooler report?",
                "psql -p 6432 -U pulso pgbouncer -c 'SHOW POOLS'",
            ),
            Step::sql("What do the server connections do?", WHO),
            Step::sql("Does one of them wait for a lock?", BLOCKING),
        ],
        quick_fix: format!(
            "- Server connections are `idle in transaction`: end the oldest.\n- They are `active`: \
             find the slow statement, and end it if it may be ended.\n- They are all short and \
             busy: raise `pool_size` of that database, if the server has connections left, and \
             `RELOAD`.\n\n{END} {}",
            pools.relief
        ),
        investigation: "A full pool has one of two causes: more work than before, or work that \
                        takes longer. The rate of transactions shows which."
            .to_owned(),
        lasting_fix: "Size the pool by the work (transactions per second times their mean \
                      duration), not by the number of clients."
            .to_owned(),
        prevention: "Set `query_wait_timeout` below the time that users wait, and time-outs on \
                     statements."
            .to_owned(),
    }
}

/// The pooler itself is gone.
pub(super) fn pooler_down(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "The administration console of a PgBouncer does not answer: it is down, frozen, \
                  or refuses the exporter."
            .to_owned(),
        impact: "If it is down, no client behind it reaches the database.".to_owned(),
        diagnosis: vec![
            Step::promql("Which one, and since when?", query),
            Step::shell(
                "Does its console answer?",
                "psql -p 6432 -U pulso pgbouncer -c 'SHOW VERSION'",
            ),
            Step::shell("What does the exporter report?", "curl -fsS http://127.0.0.1:9802/"),
        ],
        quick_fix: "Restart PgBouncer. If it runs and only the exporter is refused, add its user \
                    to `stats_users` and `RELOAD`."
            .to_owned(),
        investigation: "Read PgBouncer's log around the time at which the alert began; look for \
                          `no memory`, `too many open files` and failed logins to the server."
            .to_owned(),
        lasting_fix: "Run it under a supervisor that restarts it, with a limit of open files \
                      above `max_client_conn` and all pools together."
            .to_owned(),
        prevention: "Run two behind one address.".to_owned(),
    }
}

/// A transaction stays open.
pub(super) fn transaction(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "A transaction stays open for longer than any work of the application should \
                  take."
            .to_owned(),
        impact: "It holds its locks and its connection, and vacuum cannot remove any row \
                 that died since it began: tables and indexes grow."
            .to_owned(),
        diagnosis: vec![
            Step::promql("In which database, and since when?", query),
            Step::sql("Which sessions?", OPEN),
            Step::sql("Does anyone wait for them?", BLOCKING),
        ],
        quick_fix: format!("If nobody needs it any more, end it. {END}"),
        investigation: "The application's name and its last query show where in the code the \
                        transaction is opened; look for a call to another system before the commit."
            .to_owned(),
        lasting_fix: "Commit before calling anything else, and set \
                      `idle_in_transaction_session_timeout` for the application's role."
            .to_owned(),
        prevention: "Run reports and dumps on a separate standby.".to_owned(),
    }
}

/// Backends wait for locks.
pub(super) fn locks(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "Sessions wait for a lock that another one holds.".to_owned(),
        impact: "Waiting sessions do nothing and hold their connection; a waiting `ALTER \
                 TABLE` blocks every later session, readers too."
            .to_owned(),
        diagnosis: vec![
            Step::promql("In which database, and since when?", query),
            Step::sql("Who blocks whom?", BLOCKING),
            Step::sql("How long has the blocker's transaction been open?", OPEN),
        ],
        quick_fix: format!(
            "End the blocker that does not wait itself; if it is a migration, end the \
                      migration. {END}"
        ),
        investigation: "See what took the lock: a migration, a long update, or a transaction that \
                          was left open. Deadlocks are described in the server's log, with both \
                          statements."
            .to_owned(),
        lasting_fix: "Run migrations with `lock_timeout` and try again; update rows in the same \
                      order everywhere."
            .to_owned(),
        prevention: "Keep transactions short, and build indexes with `CONCURRENTLY`.".to_owned(),
    }
}

/// Statements take too long.
pub(super) fn slow(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "The slowest 5 % of the statements take longer than the threshold. The value is \
                  an estimate from the mean of each kind of statement."
            .to_owned(),
        impact: "Pages and jobs that need the database are slow.".to_owned(),
        diagnosis: vec![
            Step::promql("How slow, and since when?", query),
            Step::sql("What runs now, and what does it wait for?", SLOW_NOW),
            Step::sql("Does it wait for locks?", BLOCKING),
        ],
        quick_fix: format!(
            "If one statement does not end, cancel it. If all are slow, look at the \
                      machine: CPU, memory, disk. {END}"
        ),
        investigation: "The table of statements on the dashboard shows which one took most time; \
                          compare its mean with the day before, and look at its plan with \
                          `EXPLAIN (ANALYZE, BUFFERS)`."
            .to_owned(),
        lasting_fix: "Add the index that the plan lacks, or read less.".to_owned(),
        prevention: "Set `statement_timeout` for the application's role, and look at new \
                     statements' plans before they are deployed."
            .to_owned(),
    }
}

/// A standby is late or not connected.
pub(super) fn replication(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "A standby does not keep up with its primary, or is not connected to it."
            .to_owned(),
        impact: "Reads from the standby are old. If the primary is lost now, the data that \
                 the standby has not received is lost too. A slot makes the primary keep its \
                 log until its disk is full."
            .to_owned(),
        diagnosis: vec![
            Step::promql("Which one, and since when?", query),
            Step::sql("How far is each standby? (on the primary)", STANDBYS),
            Step::sql("Which slots retain the log? (on the primary)", SLOTS),
            Step::sql("What runs on the standby? It may block the replay.", SLOW_NOW),
        ],
        quick_fix: "- Replay is paused: `SELECT pg_wal_replay_resume()` on the standby.\n- A \
                    long query on the standby blocks the replay: end it.\n- The standby is gone \
                    for good: drop its slot, before the primary's disk is full."
            .to_owned(),
        investigation: "If the bytes to write grow, it is the network; if those to replay do, it \
                          is the standby's disk or a query there."
            .to_owned(),
        lasting_fix: "Set `max_standby_streaming_delay` and `max_slot_wal_keep_size`.".to_owned(),
        prevention: "Watch what slots retain.".to_owned(),
    }
}
