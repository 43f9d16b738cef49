//! What to do when the measuring itself is in trouble.

use crate::runbook::{Runbook, Step};

pub(super) fn exporter_down(component: &str, query: String) -> Runbook {
    Runbook {
        meaning: format!("Prometheus cannot scrape `{component}`, or has no such target any more."),
        impact: "Nothing that this exporter measures is known; its other alerts cannot fire.".into(),
        diagnosis: vec![
            Step::promql("Which targets, and since when?", query),
            Step::shell("Is it alive?", format!("systemctl status {component} || docker ps --filter name={component}")),
            Step::shell("Does it answer on its own machine?", "curl -fsS http://127.0.0.1:9801/-/healthy"),
        ],
        quick_fix: "Start it again. It keeps no state that a restart could spoil; its counters begin \
                    at zero, which Prometheus understands."
            .into(),
        investigation: "Read the last lines of its log: wrong settings end it with exit code 64 and a \
                        line that names the file and the key. If it runs, look for what lies between \
                        it and Prometheus: address, firewall, TLS, credentials."
            .into(),
        lasting_fix: "Let its supervisor restart it, and check settings with `--config.check` before \
                      they are rolled out."
            .into(),
        prevention: "Roll out exporters one at a time, and watch `up` while you do.".into(),
    }
}

pub(super) fn postgres_down(query: String) -> Runbook {
    Runbook {
        meaning: "The exporter runs and cannot get an answer from its database in time.".into(),
        impact: "Very likely the product is down as well. Alerts on what is read from this database \
                 are held back while this one fires."
            .into(),
        diagnosis: vec![
            Step::promql("Why? The reason is a label.", query),
            Step::shell("Does it accept connections?", "pg_isready -h \"$PGHOST\" -p \"$PGPORT\""),
            Step::shell(
                "Is it alive, and is its disk full?",
                "systemctl status postgresql; df -h /var/lib/postgresql",
            ),
            Step::shell("What does its log say?", "journalctl -u postgresql --since '-15 min' | tail -n 50"),
        ],
        quick_fix: "- `connect`, `unavailable`: start the server; see the log for why it stopped.\n\
                    - `slots`: every connection is taken; end idle ones, or raise `max_connections`.\n\
                    - `auth`: the password or `pg_hba.conf` changed; correct the exporter's password \
                    file, which is read again at the next try.\n\
                    - `timeout`: the server is frozen or the network drops packets; look at the host."
            .into(),
        investigation: "The exporter's landing page shows the whole error and what would mend it."
            .into(),
        lasting_fix: "Remove what took the server down; let its supervisor start it again.".into(),
        prevention: "Alert on connections, disk and memory before they run out.".into(),
    }
}

pub(super) fn collector_failing(query: String) -> Runbook {
    Runbook {
        meaning: "One part of an exporter fails while the others work.".into(),
        impact: "The figures of this part are absent, and alerts on them cannot fire.".into(),
        diagnosis: vec![
            Step::promql("Which part, and why? The reason is a label.", query),
            Step::shell(
                "The whole error, and what would mend it",
                "curl -fsS http://127.0.0.1:9801/",
            ),
            Step::shell(
                "Every query once, with its cost and what is missing",
                "postgres-queue check --config.file /etc/pulso/pulso.toml",
            ),
        ],
        quick_fix: "- `permission`: run the SQL that `check --grants` prints.\n\
                    - `missing`: a table or column was renamed; correct the mapping.\n\
                    - `lock`: something holds the table; see who in `pg_locks`.\n\
                    - `timeout`: a query is too slow; `check` says which index would help."
            .into(),
        investigation: "See what changed when the failure began: a migration, a role, a setting."
            .into(),
        lasting_fix: "Run `check` in the pipeline that migrates the database.".into(),
        prevention: "Grant the exporter's role its rights in the migration that makes the table."
            .into(),
    }
}

pub(super) fn reading_too_old(query: String) -> Runbook {
    Runbook {
        meaning: "A query that is too costly to run at each scrape has had no answer for long."
            .into(),
        impact: "The figures that it gives are old.".into(),
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

pub(super) fn series_dropped(query: String) -> Runbook {
    Runbook {
        meaning: "A family has more series than an exporter gives out; the rest are dropped."
            .into(),
        impact: "Some queues or objects are not seen, and alerts on them cannot fire.".into(),
        diagnosis: vec![Step::promql("Which family?", query)],
        quick_fix: "Find the label that grew, and narrow the mapping that fills it.".into(),
        investigation: "A label that holds an id, an address or an error text grows without end."
            .into(),
        lasting_fix: "Map the label to a few values.".into(),
        prevention: "Look at the number of series after every change of the settings.".into(),
    }
}

pub(super) fn counting_late(query: String) -> Runbook {
    Runbook {
        meaning: "Rows were committed later than the exporter's look-back and were counted by the \
                  longer look."
            .into(),
        impact: "Rates of the last hour were too low for a while; the totals are right again."
            .into(),
        diagnosis: vec![
            Step::promql("Which mapping?", query),
            Step::sql(
                "Which transactions are open for long?",
                "SELECT pid, usename, application_name, state, now() - xact_start AS open_for\n\
                 FROM pg_stat_activity\n\
                 WHERE xact_start < now() - interval '10 minutes'\n\
                 ORDER BY xact_start;",
            ),
        ],
        quick_fix: "None is needed. End transactions that were forgotten.".into(),
        investigation: "Find who keeps transactions open for longer than the look-back.".into(),
        lasting_fix: "Raise `lookback` above the longest transaction, or shorten the transaction."
            .into(),
        prevention:
            "Grant the exporter's role `pg_read_all_stats`, so that it sees open transactions."
                .into(),
    }
}

pub(super) fn watchdog() -> Runbook {
    Runbook {
        meaning: "This alert always fires. It shows that rules are evaluated and pages delivered."
            .into(),
        impact:
            "None. When it stops, nobody is paged any more; the dead man's switch that hears it \
                 then calls."
                .into(),
        diagnosis: vec![Step::promql("Does it fire?", "ALERTS{alertname=\"Watchdog\"}")],
        quick_fix: "If the dead man's switch called: see whether Prometheus and Alertmanager run."
            .into(),
        investigation:
            "Read the logs of both; `promtool check config` and `amtool check-config` name \
                        what is wrong in a file."
                .into(),
        lasting_fix: "Run two of each.".into(),
        prevention: "Check both configurations before they are rolled out.".into(),
    }
}
