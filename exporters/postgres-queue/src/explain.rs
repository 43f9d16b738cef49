//! What a statement would cost, by the database's own plan.

use common::{
    scrape::CollectError,
    source::postgres::{Session, column},
};
use serde_json::Value;
use tokio_postgres::types::{ToSql, Type};

/// From how many rows on a table is not read whole at each scrape.
pub const LARGE: f64 = 100_000.0;

/// A plan in short.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Its first line: the node that gives the answer's rows, and what it reads.
    pub summary: String,
    /// The tables that are read whole, with their schema.
    pub whole: Vec<(String, String)>,
}

/// Asks for the plan of a statement without parameters; it is not run.
pub async fn explain(session: &Session, statement: &str) -> Result<Plan, CollectError> {
    let sql = format!("EXPLAIN (FORMAT JSON, VERBOSE) {statement}");
    let rows = session.query("asking for a statement's plan", &sql, &[]).await?;
    let mut plan = Plan::default();
    if let Some(row) = rows.first() {
        let value: Value = column(row, "QUERY PLAN")?;
        read(&value[0]["Plan"], &mut plan);
    }
    Ok(plan)
}

/// How many rows the tables have by the statistics, or by their size where there are none yet.
pub async fn rows(session: &Session, tables: &[(String, String)]) -> Result<f64, CollectError> {
    const SQL: &str = "SELECT coalesce(sum(CASE WHEN c.reltuples >= 0 AND c.relpages > 0 \
         THEN c.reltuples ELSE pg_relation_size(c.oid) / 128.0 END), 0)::float8 AS rows \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         JOIN unnest($1::text[], $2::text[]) AS asked(schema, name) \
         ON asked.schema = n.nspname AND asked.name = c.relname";
    let (schemas, names): (Vec<_>, Vec<_>) = tables.iter().map(|(a, b)| (a, b)).unzip();
    let params: [(&(dyn ToSql + Sync), Type); 2] =
        [(&schemas, Type::TEXT_ARRAY), (&names, Type::TEXT_ARRAY)];
    let rows = session.query("asking how large a table is", SQL, &params).await?;
    rows.first().map_or(Ok(0.0), |row| column(row, "rows"))
}

fn read(node: &Value, plan: &mut Plan) {
    let text = |key: &str| node[key].as_str().unwrap_or_default().to_owned();
    let (kind, table) = (text("Node Type"), text("Relation Name"));
    if !table.is_empty() && plan.summary.is_empty() {
        let index = text("Index Name");
        plan.summary = match index.as_str() {
            "" => format!("{kind} on {table}"),
            index => format!("{kind} using {index} on {table}"),
        };
    }
    if kind == "Seq Scan" {
        plan.whole.push((text("Schema"), table));
    }
    // The index of a bitmap scan stands one level below.
    if kind == "Bitmap Index Scan" && !plan.summary.contains(" using ") {
        plan.summary = plan.summary.replace(" on ", &format!(" using {} on ", text("Index Name")));
    }
    for child in node["Plans"].as_array().into_iter().flatten() {
        read(child, plan);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(value: &Value) -> Plan {
        let mut plan = Plan::default();
        read(value, &mut plan);
        plan
    }

    #[test]
    fn a_table_that_is_read_whole_is_found_below() {
        let scan = json!({"Node Type": "Seq Scan", "Relation Name": "jobs", "Schema": "app"});
        let tree =
            json!({"Node Type": "Aggregate", "Plans": [{"Node Type": "Sort", "Plans": [scan]}]});
        let whole = vec![("app".to_owned(), "jobs".to_owned())];
        assert_eq!(plan(&tree), Plan { summary: "Seq Scan on jobs".into(), whole });
    }

    #[test]
    fn an_index_is_named() {
        let scan = json!({"Node Type": "Bitmap Heap Scan", "Relation Name": "jobs", "Schema": "app",
            "Plans": [{"Node Type": "Bitmap Index Scan", "Index Name": "jobs_ready"}]});
        assert_eq!(plan(&scan).summary, "Bitmap Heap Scan using jobs_ready on jobs");
        assert_eq!(plan(&scan).whole, []);
    }
}
