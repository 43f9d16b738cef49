//! Prepared statements of one connection, by their text.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use tokio_postgres::{Statement, types::Type};

/// An exporter has tens of statements. More are a bug, which must not use up the server's memory.
const LIMIT: usize = 200;

#[derive(Default)]
pub(super) struct Statements(Mutex<Known>);

#[derive(Default)]
struct Known {
    by_text: HashMap<Arc<str>, (Vec<Type>, Statement)>,
    in_order: VecDeque<Arc<str>>,
}

impl Statements {
    /// The statement that was prepared for this text and these parameter types.
    pub(super) fn get<'a>(
        &self,
        sql: &str,
        mut types: impl Iterator<Item = &'a Type>,
    ) -> Option<Statement> {
        self.with(|known| {
            let (of, statement) = known.by_text.get(sql)?;
            let same = of.iter().all(|it| types.next() == Some(it)) && types.next().is_none();
            same.then(|| statement.clone())
        })
    }

    /// Adds a statement, and drops the oldest beyond the limit. A dropped statement is closed on the
    /// server once no query runs it.
    pub(super) fn put(&self, sql: &str, types: Vec<Type>, statement: Statement) {
        let sql: Arc<str> = sql.into();
        let dropped = self.with(|known| {
            let before = known.by_text.insert(Arc::clone(&sql), (types, statement));
            if before.is_some() {
                return before;
            }
            known.in_order.push_back(sql);
            let oldest = (known.in_order.len() > LIMIT).then(|| known.in_order.pop_front())??;
            known.by_text.remove(&oldest)
        });
        drop(dropped);
    }

    pub(super) fn forget(&self, sql: &str) {
        let dropped = self.with(|known| {
            known.in_order.retain(|it| **it != *sql);
            known.by_text.remove(sql)
        });
        drop(dropped);
    }

    fn with<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Texts of the queries whose column types the driver knows.
#[derive(Default)]
pub(super) struct Described(Mutex<HashSet<String>>);

impl Described {
    pub(super) fn holds(&self, sql: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(sql)
    }

    pub(super) fn put(&self, sql: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= LIMIT {
            known.clear();
        }
        known.insert(sql.to_owned());
    }
}
