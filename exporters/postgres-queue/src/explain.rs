//! Query plans of statements, by `EXPLAIN`.

use common::{
    scrape::CollectError,
    source::postgres::{Session, column},
};
use serde_json::Value;
use tokio_postgres::types::{ToSql, Type};

/// Tables with more rows than this are not scanned at each scrape.
pub(crate) const LARGE_TABLE: f64 = 100_000.0;

/// A query plan in short.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Explained {
    /// The first node that reads a table, and how it does.
    pub(crate) summary: String,
    /// Schema and name of the tables that are scanned sequentially.
    pub(crate) scanned_tables: Vec<(String, String)>,
}

/// Explains a statement without parameters; it does not run.
pub(crate) async fn explain(session: &Session, statement: &str) -> Result<Explained, CollectError> {
    let sql = format!("EXPLAIN (FORMAT JSON, VERBOSE) {statement}");
    let rows = session.query("explaining a statement", &sql, &[]).await?;
    let mut plan = Explained::default();
    if let Some(row) = rows.first() {
        let value: Value = column(row, "QUERY PLAN")?;
        read(&value[0]["Plan"], &mut plan);
    }
    Ok(plan)
}

/// The tables' number of rows by the statistics, or estimated from their size before the first ANALYZE.
pub(crate) async fn rows(
    session: &Session,
    tables: &[(String, String)],
) -> Result<f64, CollectError> {
    const SQL: &str = "SELECT coalesce(sum(CASE WHEN c.reltuples >= 0 AND c.relpages > 0 \
         THEN c.reltuples ELSE pg_relation_size(c.oid) / 128.0 END), 0)::float8 AS rows \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         JOIN unnest($1::text[], $2::text[]) AS scanned(schema, name) \
         ON scanned.schema = n.nspname AND scanned.name = c.relname";
    let (schemas, names): (Vec<_>, Vec<_>) = tables.iter().map(|(a, b)| (a, b)).unzip();
    let params: [(&(dyn ToSql + Sync), Type); 2] =
        [(&schemas, Type::TEXT_ARRAY), (&names, Type::TEXT_ARRAY)];
    let rows = session.query("reading the size of a table", SQL, &params).await?;
    rows.first().map_or(Ok(0.0), |row| column(row, "rows"))
}

fn read(node: &Value, plan: &mut Explained) {
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
        plan.scanned_tables.push((text("Schema"), table));
    }
    // A bitmap scan names its index in a child node.
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

    fn plan(value: &Value) -> Explained {
        let mut plan = Explained::default();
        read(value, &mut plan);
        plan
    }

    #[test]
    fn a_sequential_scan_is_found_in_child_nodes() {
        let scan = json!({"Node Type": "Seq Scan", "Relation Name": "jobs", "Schema": "app"});
        let tree =
            json!({"Node Type": "Aggregate", "Plans": [{"Node Type": "Sort", "Plans": [scan]}]});
        let scanned_tables = vec![("app".to_owned(), "jobs".to_owned())];
        assert_eq!(plan(&tree), Explained { summary: "Seq Scan on jobs".into(), scanned_tables });
    }

    #[test]
    fn the_summary_names_the_index() {
        let scan = json!({"Node Type": "Bitmap Heap Scan", "Relation Name": "jobs", "Schema": "app",
            "Plans": [{"Node Type": "Bitmap Index Scan", "Index Name": "jobs_ready"}]});
        assert_eq!(plan(&scan).summary, "Bitmap Heap Scan using jobs_ready on jobs");
        assert_eq!(plan(&scan).scanned_tables, []);
    }
}
