//! A table in the database's catalog: its columns, their types, and which the role may read.

use std::collections::BTreeMap;

use common::{
    scrape::{CollectError, Reason},
    source::postgres::{Session, column},
};
use tokio_postgres::types::Type;

use crate::quote;

/// A table or view.
#[derive(Clone, Debug)]
pub(crate) struct Relation {
    /// Database and OID: a table that is dropped and created again has another identity.
    pub(crate) identity: String,
    pub(crate) oid: u32,
    pub(crate) schema: String,
    pub(crate) name: String,
    /// Whether it is a table, with a size and statistics, and not a view.
    pub(crate) is_table: bool,
    /// Whether row-level security may hide rows from this role.
    pub(crate) row_security: bool,
    pub(crate) columns: BTreeMap<String, Column>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Its type, as far as statements depend on it.
    pub(crate) kind: ColumnKind,
    /// Whether this role may read it.
    pub(crate) readable: bool,
}

/// The type of a column, as far as statements depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    /// `timestamp with time zone`.
    Instant,
    /// `timestamp without time zone`.
    LocalTime,
    /// An enum with its values.
    Enum(Vec<String>),
    /// Any other type, by name.
    Other(String),
}

const RELATION: &str = "SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, \
     current_database()::text || '/' || c.oid AS identity, \
     c.relkind IN ('r', 'p', 'm') AS is_table, row_security_active(c.oid) AS row_security \
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.oid = to_regclass($1)";

const COLUMNS: &str = "SELECT a.attname::text AS name, t.typname::text AS type, \
     has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS readable, \
     CASE WHEN t.typtype = 'e' THEN ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e \
       WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) END AS labels \
     FROM pg_catalog.pg_attribute a \
     JOIN pg_catalog.pg_type declared ON declared.oid = a.atttypid \
     JOIN pg_catalog.pg_type t \
       ON t.oid = CASE declared.typtype WHEN 'd' THEN declared.typbasetype ELSE declared.oid END \
     WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped";

impl Relation {
    /// Looks up a table by the name in the settings.
    pub(crate) async fn read(session: &Session, name: &str) -> Result<Self, CollectError> {
        // The settings were checked, so the name parses.
        let name = quote::table(name).unwrap_or_else(|| quote::ident(name));
        let doing = format!("looking up the table {name}");
        let params = [(&name as &(dyn tokio_postgres::types::ToSql + Sync), Type::TEXT)];
        let (relation, columns) = futures::join!(
            session.query(&doing, RELATION, &params),
            session.query(&doing, COLUMNS, &params),
        );
        let (relation, columns) = (relation?, columns?);
        let Some(row) = relation.first() else {
            let hint = format!(
                "{name} does not exist in the database or is not on the search_path: correct \
                 `table`, with its schema in front"
            );
            return Err(CollectError::new(Reason::Missing, doing).with_hint(hint));
        };
        Ok(Self {
            identity: column(row, "identity")?,
            oid: column(row, "oid")?,
            schema: column(row, "schema")?,
            name: column(row, "name")?,
            is_table: column(row, "is_table")?,
            row_security: column(row, "row_security")?,
            columns: columns.iter().map(read_column).collect::<Result<_, _>>()?,
        })
    }

    /// The qualified name, quoted for a statement.
    pub(crate) fn quoted(&self) -> String {
        format!("{}.{}", quote::ident(&self.schema), quote::ident(&self.name))
    }
}

fn read_column(row: &tokio_postgres::Row) -> Result<(String, Column), CollectError> {
    let name: String = column(row, "name")?;
    let type_name: String = column(row, "type")?;
    let labels: Option<Vec<String>> = column(row, "labels")?;
    let kind = match (type_name.as_str(), labels) {
        (_, Some(labels)) => ColumnKind::Enum(labels),
        ("timestamptz", _) => ColumnKind::Instant,
        ("timestamp", _) => ColumnKind::LocalTime,
        _ => ColumnKind::Other(type_name),
    };
    Ok((name.clone(), Column { name, kind, readable: column(row, "readable")? }))
}
