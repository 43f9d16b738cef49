//! A table as the database has it: its columns, their types, and what may be read.

use std::collections::BTreeMap;

use common::{
    scrape::{CollectError, Reason},
    source::postgres::{Session, column},
};
use tokio_postgres::types::Type;

use crate::quote;

/// A table or view.
#[derive(Clone, Debug)]
pub struct Relation {
    /// What tells it from one that takes its name later: the database and the object's number.
    pub identity: String,
    /// Its number.
    pub oid: u32,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Whether it has a size and statistics of its own.
    pub is_table: bool,
    /// Whether row-level security may hide rows from this role.
    pub row_security: bool,
    /// Its columns by name.
    pub columns: BTreeMap<String, Column>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What can be done with it.
    pub kind: ColumnKind,
    /// Whether this role may read it.
    pub readable: bool,
}

/// What can be done with a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// `timestamp with time zone`.
    Instant,
    /// `timestamp without time zone`.
    LocalTime,
    /// An enum with these values.
    Enum(Vec<String>),
    /// Anything else, by the name of its type.
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
    /// Looks the table up under a name as [`quote::table`] gives it.
    pub async fn read(session: &Session, name: &str) -> Result<Self, CollectError> {
        let doing = format!("looking for the table {name}");
        let params = [(&name as &(dyn tokio_postgres::types::ToSql + Sync), Type::TEXT)];
        let (relation, columns) = futures::join!(
            session.query(&doing, RELATION, &params),
            session.query(&doing, COLUMNS, &params),
        );
        let (relation, columns) = (relation?, columns?);
        let Some(row) = relation.first() else {
            let hint = format!(
                "there is no {name} in the database, or not on the search_path: correct `table`, \
                 with its schema before it"
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

    /// The table as it stands in a statement.
    pub fn quoted(&self) -> String {
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
