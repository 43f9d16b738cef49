//! Blocks found in the cache and read, of each relation, and their sums.

use std::collections::{BTreeMap, BTreeSet};

use common::{
    scrape::{CollectError, Reason},
    source::postgres::{NO_PARAMS, Session, column},
};

/// The most relations that are read.
const LIMIT: usize = 200_000;

/// Blocks found and read, by [`Part`](crate::metrics::postgres_relations::Part), in its order.
pub(super) type Parts = [(u64, u64); 4];

/// The number of the part that indexes are.
const INDEX: usize = 1;

/// OIDs from 16384 on belong to users' relations. Relations without any access are left out, and so
/// are temporary ones. The table of a TOAST relation is not read here: the catalog refers only from
/// the table to its TOAST relation.
const SQL: &str = "SELECT c.oid, i.indrelid AS indexed, pg_stat_get_blocks_fetched(c.oid) AS fetched, pg_stat_get_blocks_hit(c.oid) AS hit \
     FROM pg_catalog.pg_class c \
     LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid \
     WHERE c.relkind IN ('r', 'm', 'i', 't') AND c.oid >= 16384 AND c.relpersistence <> 't' \
         AND pg_stat_get_blocks_fetched(c.oid) > 0";

/// One relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Relation {
    oid: u32,
    /// Its table, or itself if it is a table.
    owner: u32,
    part: usize,
    hit: u64,
    read: u64,
}

/// All relations with accesses, sorted by OID.
#[derive(Debug, Default)]
pub(super) struct Blocks(Vec<Relation>);

impl Blocks {
    /// `toast` is the table of each TOAST relation; `about` is the expected number of relations.
    pub(super) async fn read(
        session: &Session,
        toast: &BTreeMap<u32, u32>,
        about: usize,
    ) -> Result<Self, CollectError> {
        let doing = "reading the blocks of tables and indexes";
        let mut relations = Vec::with_capacity(about);
        let each = |row: &tokio_postgres::Row| {
            if relations.len() == LIMIT {
                return Err(CollectError::new(Reason::Query, doing).with_hint(format!(
                    "the database has more than {LIMIT} tables and indexes: set \
                     `relations.enabled = false`"
                )));
            }
            let count = |name| Ok(u64::try_from(column::<i64>(row, name)?).unwrap_or(0));
            let (fetched, hit) = (count("fetched")?, count("hit")?);
            let (oid, indexed): (u32, Option<u32>) = (column(row, "oid")?, column(row, "indexed")?);
            let (owner, part) = owner_and_part(oid, indexed, toast);
            relations.push(Relation { oid, owner, part, hit, read: fetched.saturating_sub(hit) });
            Ok(())
        };
        session.query_each(doing, SQL, NO_PARAMS, each).await?;
        relations.sort_unstable_by_key(|it| it.oid);
        Ok(Self(relations))
    }

    /// At most `most` tables, most reads first. A table's indexes and TOAST relation count for it.
    pub(super) fn tables_by_reads(&self, most: usize) -> Vec<u32> {
        let mut tables = BTreeMap::<u32, (u64, u64)>::new();
        for it in &self.0 {
            let sum = tables.entry(it.owner).or_default();
            *sum = (sum.0 + it.read, sum.1 + it.hit);
        }
        first(tables.into_iter().map(|(oid, (read, hit))| (read, hit, oid)), most)
    }

    /// At most `most` indexes, most reads first.
    pub(super) fn indexes_by_reads(&self, most: usize) -> Vec<u32> {
        let indexes = self.0.iter().filter(|it| it.part == INDEX);
        first(indexes.map(|it| (it.read, it.hit, it.oid)), most)
    }

    pub(super) fn of_table(&self, oid: u32) -> Parts {
        let mut parts = Parts::default();
        for it in self.0.iter().filter(|it| it.owner == oid) {
            let (hit, read) = &mut parts[it.part];
            (*hit, *read) = (*hit + it.hit, *read + it.read);
        }
        parts
    }

    pub(super) fn of_relation(&self, oid: u32) -> Option<(u64, u64)> {
        let found = self.0.binary_search_by_key(&oid, |it| it.oid).ok()?;
        Some((self.0[found].hit, self.0[found].read))
    }
}

/// The table of a relation, and the index of its part.
fn owner_and_part(oid: u32, indexed: Option<u32>, toast: &BTreeMap<u32, u32>) -> (u32, usize) {
    match (indexed, toast.get(&indexed.unwrap_or(oid))) {
        (None, None) => (oid, 0),
        (Some(table), None) => (table, INDEX),
        (None, Some(table)) => (*table, 2),
        (Some(_), Some(table)) => (*table, 3),
    }
}

/// The first by reads, blocks found and OID. It holds no more than `most` of them at a time.
fn first(relations: impl Iterator<Item = (u64, u64, u32)>, most: usize) -> Vec<u32> {
    let mut first = BTreeSet::new();
    for relation in relations {
        first.insert(relation);
        if first.len() > most {
            first.pop_first();
        }
    }
    first.into_iter().rev().map(|(.., oid)| oid).collect()
}

/// Sums that do not decrease when a table is dropped or statistics are reset.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    seen: Vec<(u32, u64, u64)>,
    totals: Parts,
}

impl Ledger {
    /// Adds the increase since the last reading. A relation that is new, or whose counts have
    /// decreased because they were reset, adds its whole counts.
    pub(super) fn take(&mut self, blocks: &Blocks) {
        let mut seen = self.seen.iter().copied().peekable();
        for it in &blocks.0 {
            while seen.next_if(|(oid, ..)| *oid < it.oid).is_some() {}
            let before = seen.next_if(|(oid, ..)| *oid == it.oid);
            let since = before.filter(|(_, hit, read)| *hit <= it.hit && *read <= it.read);
            let (_, hit, read) = since.unwrap_or_default();
            let total = &mut self.totals[it.part];
            *total = (total.0 + it.hit - hit, total.1 + it.read - read);
        }
        self.seen.clear();
        self.seen.extend(blocks.0.iter().map(|it| (it.oid, it.hit, it.read)));
    }

    pub(super) fn totals(&self) -> Parts {
        self.totals
    }

    /// The number of relations in the last reading.
    pub(super) fn len(&self) -> usize {
        self.seen.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Number, table, part, found, read.
    fn blocks(relations: &[(u32, u32, usize, u64, u64)]) -> Blocks {
        let relation = |&(oid, owner, part, hit, read)| Relation { oid, owner, part, hit, read };
        Blocks(relations.iter().map(relation).collect())
    }

    #[test]
    fn a_table_includes_its_indexes_and_toast() {
        let blocks = blocks(&[(1, 1, 0, 9, 1), (2, 1, 1, 8, 2), (3, 3, 0, 0, 2), (4, 1, 1, 1, 1)]);
        assert_eq!(blocks.of_table(1), [(9, 1), (9, 3), (0, 0), (0, 0)]);
        assert_eq!(blocks.tables_by_reads(9), [1, 3]);
        assert_eq!(blocks.indexes_by_reads(9), [2, 4]);
        assert_eq!((blocks.tables_by_reads(1), blocks.indexes_by_reads(1)), (vec![1], vec![2]));
        assert_eq!(blocks.of_relation(3), Some((0, 2)));
        assert_eq!(blocks.of_relation(5), None);
    }

    #[test]
    fn each_relation_finds_its_table() {
        let toast = BTreeMap::from([(2, 1)]);
        let owners = [(1, None), (5, Some(1)), (2, None), (3, Some(2))];
        let owners = owners.map(|(oid, indexed)| owner_and_part(oid, indexed, &toast));
        assert_eq!(owners, [(1, 0), (1, 1), (1, 2), (1, 3)]);
    }

    #[test]
    fn sums_never_decrease() {
        let mut ledger = Ledger::default();
        ledger.take(&blocks(&[(1, 1, 0, 10, 5), (2, 2, 0, 1, 1), (3, 2, 1, 4, 4)]));
        assert_eq!(ledger.totals(), [(11, 6), (4, 4), (0, 0), (0, 0)]);
        // The first grew, the second was dropped, the third reset, the fourth is new.
        ledger.take(&blocks(&[(1, 1, 0, 12, 5), (3, 2, 1, 2, 1), (4, 4, 0, 3, 3)]));
        assert_eq!(ledger.totals(), [(16, 9), (6, 5), (0, 0), (0, 0)]);
        // A reset leaves nothing to be seen until the relation is used again.
        ledger.take(&blocks(&[]));
        ledger.take(&blocks(&[(1, 1, 0, 2, 0)]));
        assert_eq!(ledger.totals(), [(18, 9), (6, 5), (0, 0), (0, 0)]);
    }
}
