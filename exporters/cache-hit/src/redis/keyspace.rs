//! The keys of each numbered database.

use std::collections::BTreeMap;

use common::scrape::Snapshot;

use super::{caps::Caps, info::Info};
use crate::metrics::redis::keyspace::{DB_AVG_TTL, DB_KEYS, DB_KEYS_EXPIRING, DbLabels};

pub(super) fn write(info: &Info<'_>, caps: &Caps, out: &mut Snapshot) {
    if !info.has_section("Keyspace") {
        return;
    }
    let mut sums: BTreeMap<_, (f64, f64)> = BTreeMap::new();
    // The server does not list empty databases; `db0` is always shown.
    sums.insert(caps.databases.fold("db0"), (0.0, 0.0));
    for (number, parts) in info.numbered("db") {
        let name = format!("db{number}");
        let db = caps.databases.fold(&name);
        if db == name.as_str() {
            let ttl = parts.number("avg_ttl").filter(|it| *it > 0.0).map(|it| it / 1e3);
            out.gauge(&DB_AVG_TTL, DbLabels { db: db.clone() }, ttl);
        }
        let sum = sums.entry(db).or_default();
        sum.0 += parts.number("keys").unwrap_or(f64::NAN);
        sum.1 += parts.number("expires").unwrap_or(f64::NAN);
    }
    for (db, (keys, expiring)) in sums {
        out.gauge(&DB_KEYS, DbLabels { db: db.clone() }, keys);
        out.gauge(&DB_KEYS_EXPIRING, DbLabels { db }, expiring);
    }
}
