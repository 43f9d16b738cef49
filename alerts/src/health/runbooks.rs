//! Runbooks of the exporters themselves.

use crate::runbook::{Runbook, Step};
use profiles::suite::SuiteExporter;
use promql::{AlertLabels, Expr, MatchLabel as _, Select as _, alerts};

/// One command for each exporter, each on its line.
fn each(exporters: &[SuiteExporter], command: impl Fn(&SuiteExporter) -> String) -> String {
    exporters.iter().map(command).collect::<Vec<_>>().join("\n")
}

/// The exporter's landing page.
fn landing_page(it: &SuiteExporter) -> String {
    format!("curl -fsS http://127.0.0.1:{}/  # {}", it.port, it.name)
}

/// Every query once, with its cost and what is missing.
fn check(it: &SuiteExporter) -> String {
    format!("{} check --config.file /etc/pulso/pulso.toml", it.name)
}

pub(super) fn exporter_down(exporters: &[SuiteExporter], query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "Prometheus cannot scrape an exporter, or has no target of it any more.".into(),
        impact: "Nothing that this exporter measures is known; its other alerts cannot fire."
            .into(),
        diagnosis: vec![
            Step::promql("Which targets, and since when?", query),
            Step::shell(
                "Is it alive?",
                each(exporters, |it| {
                    format!("systemctl status {0} || docker ps --filter name={0}", it.name)
                }),
            ),
            Step::shell(
                "Does it answer on its own machine?",
                each(exporters, |it| {
                    format!("curl -fsS http://127.0.0.1:{}/-/healthy  # {}", it.port, it.name)
                }),
            ),
        ],
        quick_fix: "Restart it. It keeps no state that a restart could damage; its counters begin \
                    at zero, which Prometheus handles as a counter reset."
            .into(),
        investigation: "Read the last lines of its log: wrong settings end it with exit code 64 \
                        and a line that names the file and the key. If it runs, check the path \
                        from Prometheus to it: address, firewall, TLS, credentials."
            .into(),
        lasting_fix:
            "Let its supervisor restart it, and check settings with `--config.check` before \
                      they are rolled out."
                .into(),
        prevention: "Roll out exporters one at a time, and watch `up` while you do.".into(),
    }
}

pub(super) fn postgres_down(exporters: &[SuiteExporter], query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "The exporter runs and cannot get an answer from its database in time.".into(),
        impact: "Very likely the product is down as well. Alerts on what is read from this database \
                 are held back while this one fires."
            .into(),
        diagnosis: vec![
            Step::promql("Why? The reason is a label.", query),
            Step::shell(
                "What does the exporter report? Its page shows the whole error and the fix.",
                each(exporters, landing_page),
            ),
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
        investigation: "Read the server's log from before the alert began: the reason is there, or \
                        in the kernel's log if memory ran out."
            .into(),
        lasting_fix: "Remove what took the server down; let its supervisor start it again.".into(),
        prevention: "Alert on connections, disk and memory before they run out.".into(),
    }
}

pub(super) fn collector_failing(exporters: &[SuiteExporter], query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "A collector of an exporter fails while the others work.".into(),
        impact: "The metrics of this collector are absent, and alerts on them cannot fire.".into(),
        diagnosis: vec![
            Step::promql("Which collector, and why? The reason is a label.", query),
            Step::shell("The whole error, and its fix", each(exporters, landing_page)),
            Step::shell(
                "Every query once, with its cost and what is missing",
                each(exporters, check),
            ),
        ],
        quick_fix: "- `permission`: run the SQL that `check --grants` prints.\n\
                    - `missing`: a table or column was renamed; correct the mapping.\n\
                    - `lock`: a session holds a lock on the table; see `pg_locks`.\n\
                    - `timeout`: a query is too slow; `check` says which index would help."
            .into(),
        investigation: "See what changed when the failure began: a migration, a role, a setting."
            .into(),
        lasting_fix: "Run `check` in the pipeline that migrates the database.".into(),
        prevention: "Grant the exporter's role its privileges in the migration that creates the \
                     table."
            .into(),
    }
}

pub(super) fn series_dropped(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "A family has more series than an exporter serves; the rest are dropped.".into(),
        impact: "Some queues or objects are not visible, and alerts on them cannot fire.".into(),
        diagnosis: vec![Step::promql("Which family?", query)],
        quick_fix: "Find the label that grew, and narrow the mapping that fills it.".into(),
        investigation: "A label that holds an id, an address or an error text grows without end."
            .into(),
        lasting_fix: "Map the label to a few values.".into(),
        prevention: "Look at the number of series after every change of the settings.".into(),
    }
}

pub(super) fn labels_folded(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "A label has more values than its limit; the latest ones are counted together as \
                  `other`."
            .into(),
        impact: "Sums are right. The values in `other` are not visible one by one, and \
                 alerts on one of them cannot fire."
            .into(),
        diagnosis: vec![Step::promql("Which label?", query)],
        quick_fix: "If all values are needed, raise the label's limit in the settings.".into(),
        investigation: "See whether the values are names that somebody chose, or ids, addresses \
                          and texts that grow without end."
            .into(),
        lasting_fix: "Let applications and users have few and stable names.".into(),
        prevention: "Look at the number of values after every change of the settings.".into(),
    }
}

pub(super) fn watchdog() -> Runbook {
    Runbook {
        meaning: "This alert always fires. It shows that rules are evaluated and pages delivered."
            .into(),
        impact: "None. When it stops, nobody is paged any more, and the dead man's switch \
                 calls."
            .into(),
        diagnosis: vec![Step::promql(
            "Does it fire?",
            alerts().filter(AlertLabels::alertname.eq("Watchdog")),
        )],
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
