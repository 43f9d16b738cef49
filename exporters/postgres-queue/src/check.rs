//! `check` beyond the collectors: the role's privileges, and the cost of each query of a queue,
//! with the SQL that fixes problems.

mod grants;

use std::collections::BTreeMap;

use common::{
    process::{Report, check::TIMEOUT},
    source::postgres::{Postgres, Session, ident},
};
use tokio::time::Instant;
use tokio_postgres::types::{ToSql, Type};

use crate::{
    collector::plan::Plan,
    mapping::{Clock, Mapping},
};

pub(crate) use self::grants::grants;

const NO_PARAMETERS: [(&(dyn ToSql + Sync), Type); 0] = [];

/// Reports the role's privileges and each queue's queries.
pub(crate) async fn inspect(
    report: &mut Report,
    postgres: &Postgres,
    queues: &BTreeMap<String, Mapping>,
) {
    let Some((role, privileges)) = report.role(postgres).await else { return };
    let by_clock = |it: &Mapping| it.clock == Clock::Database;
    if !privileges.read_all_stats && queues.values().any(by_clock) {
        report.problem(
            "other roles' transactions are hidden, so counting is not exact",
            &format!("GRANT pg_read_all_stats TO {}", ident(&role)),
        );
    }
    for (name, mapping) in queues {
        match postgres.session(Instant::now() + TIMEOUT).await {
            Ok(session) => queue(report, &session, name, mapping).await,
            Err(error) => report.failure(name, &error),
        }
    }
}

async fn queue(report: &mut Report, session: &Session, name: &str, mapping: &Mapping) {
    report.line(&format!("  queue {name}: table {}", mapping.table));
    let plan = match Box::pin(Plan::make(session, mapping)).await {
        Ok(plan) => plan,
        Err(error) => return report.failure(name, &error),
    };
    for (key, columns) in mapping.columns() {
        if plan.resolved.present.contains(&(key, false)) {
            let names = columns.0.join(", ");
            report.note(&format!("{key}: the table has no {names}; its metrics are left out"));
        }
    }
    for note in &plan.resolved.notes {
        report.problem(&format!("{name}: the table does not fit the whole mapping"), note);
    }
    for (query, statement) in &plan.statements {
        let started = Instant::now();
        let mut rows = 0_u64;
        let doing = format!("reading `{}` of `{name}`", query.as_str());
        let count = |_: &tokio_postgres::Row| {
            rows += 1;
            Ok(())
        };
        let read = session.query_each(&doing, &statement.sample, &NO_PARAMETERS, count).await;
        if let Err(error) = read {
            report.failure(query.as_str(), &error);
        } else {
            let took = started.elapsed().as_secs_f64() * 1e3;
            let summary = plan.summaries.get(query).map_or("", String::as_str);
            let query = query.as_str();
            report.line(&format!("    {query:<14} {took:>8.1} ms {rows:>6} rows    {summary}"));
        }
        if let Some(fix) = plan.unindexed.get(query) {
            let problem = format!(
                "{}: it scans a large table, so it runs less often than every scrape",
                query.as_str()
            );
            report.problem(&problem, fix);
        }
    }
}
