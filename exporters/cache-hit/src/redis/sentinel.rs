//! The primaries that a Sentinel watches.

use common::scrape::Snapshot;

use super::{caps::Caps, fields, info::Info};
use crate::metrics::redis::sentinel::{
    MASTER_OK, MASTER_SENTINELS, MASTER_SLAVES, MASTER_STATUS, StatusLabels, WatchedLabels,
};

pub(super) fn write(info: &Info<'_>, caps: &Caps, out: &mut Snapshot) {
    fields::SENTINEL.write(info, out);
    for (_, parts) in info.numbered("master") {
        let Some(name) = parts.get("name") else { continue };
        if caps.masters.fold(name) != name {
            continue;
        }
        let text = |part| parts.get(part).unwrap_or_default().to_owned().into();
        let watched = || WatchedLabels { master_name: name.to_owned().into() };
        let status = StatusLabels {
            master_name: name.to_owned().into(),
            master_address: text("address"),
            master_status: text("status"),
        };
        out.gauge(&MASTER_STATUS, status, 1.0);
        let ok = parts.get("status").map(|it| f64::from(u8::from(it == "ok")));
        out.gauge(&MASTER_OK, watched(), ok);
        out.gauge(&MASTER_SLAVES, watched(), parts.number("slaves"));
        out.gauge(&MASTER_SENTINELS, watched(), parts.number("sentinels"));
    }
}
