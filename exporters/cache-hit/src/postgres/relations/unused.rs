//! Unused indexes, and invalid ones.

use common::{
    scrape::CollectError,
    source::postgres::{NO_PARAMS, Session, column},
};

/// An index of a constraint or a replica identity is useful without being read. Sizes are estimates
/// from the catalog, because measuring takes a lock.
const SQL: &str = "SELECT * FROM (SELECT c.oid, \
         c.relpages * current_setting('block_size')::float8 AS size, \
         NOT i.indisvalid AS invalid, \
         i.indisvalid AND NOT i.indisunique AND NOT i.indisexclusion AND NOT i.indisreplident \
             AND pg_stat_get_numscans(c.oid) = 0 AS unused \
     FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
     WHERE c.relkind = 'i' AND c.oid >= 16384 AND c.relpersistence <> 't') x \
     WHERE invalid OR unused";

/// All unused indexes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Unused {
    pub(super) count: u32,
    pub(super) size: f64,
}

/// The unused indexes, the largest first, and the number of invalid ones. The unused ones are
/// `None` if the statistics are not old enough.
pub(super) async fn read(
    session: &Session,
    old_enough: bool,
) -> Result<(Option<Unused>, Vec<u32>, u32), CollectError> {
    let (mut unused, mut invalid) = (Unused::default(), 0);
    let mut sizes = Vec::new();
    let each = |row: &tokio_postgres::Row| {
        if column(row, "unused")? {
            let size: f64 = column(row, "size")?;
            unused = Unused { count: unused.count + 1, size: unused.size + size };
            sizes.push((size, column::<u32>(row, "oid")?));
        }
        invalid += u32::from(column::<bool>(row, "invalid")?);
        Ok(())
    };
    session.query_each("looking for unused indexes", SQL, NO_PARAMS, each).await?;
    if !old_enough {
        return Ok((None, Vec::new(), invalid));
    }
    sizes.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then(other.1.cmp(&one.1)));
    Ok((Some(unused), sizes.into_iter().map(|(_, oid)| oid).collect(), invalid))
}
