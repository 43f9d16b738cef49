//! Replication: the role, the link to the primary, and the replicas.

use common::scrape::Snapshot;

use super::{caps::Caps, info::Info};
use crate::metrics::redis::replication::{
    MASTER_LAST_IO, MASTER_LINK_DOWN, MASTER_LINK_UP, MASTER_SYNC, MasterLabels, REPLICA_LAG,
    REPLICA_LAG_BYTES, REPLICA_OFFSET, REPLICA_ONLINE, ROLE, ReplicaLabels, Role, RoleLabels,
    SLAVE_REPL_OFFSET,
};

/// The role of the server. The answer of a Sentinel has no `role`.
pub(super) fn role(info: &Info<'_>) -> Option<Role> {
    let said = info.get("role").or(info.get("sentinel_masters").map(|_| "sentinel"))?;
    Role::ALL.into_iter().find(|it| it.as_str() == said)
}

pub(super) fn write(info: &Info<'_>, caps: &Caps, out: &mut Snapshot) {
    let Some(role) = role(info) else { return };
    for it in Role::ALL {
        out.gauge(&ROLE, RoleLabels { role: it }, f64::from(u8::from(it == role)));
    }
    match role {
        Role::Slave => link(info, out),
        Role::Master | Role::Sentinel => {}
    }
    replicas(info, caps, out);
}

fn link(info: &Info<'_>, out: &mut Snapshot) {
    let text = |name| info.get(name).unwrap_or_default().to_owned();
    let labels = MasterLabels {
        master_host: text("master_host").into(),
        master_port: text("master_port").into(),
    };
    let known = |name| info.number(name).filter(|it| *it >= 0.0);
    let up = info.get("master_link_status").map(|it| f64::from(u8::from(it == "up")));
    out.gauge(&MASTER_LINK_UP, labels.clone(), up);
    out.gauge(&MASTER_LINK_DOWN, (), known("master_link_down_since_seconds"));
    out.gauge(&MASTER_LAST_IO, labels.clone(), known("master_last_io_seconds_ago"));
    out.gauge(&MASTER_SYNC, labels.clone(), info.number("master_sync_in_progress"));
    out.gauge(&SLAVE_REPL_OFFSET, labels, known("slave_repl_offset"));
}

fn replicas(info: &Info<'_>, caps: &Caps, out: &mut Snapshot) {
    let written = info.number("master_repl_offset");
    for (_, parts) in info.numbered("slave") {
        let (Some(ip), Some(port)) = (parts.get("ip"), parts.get("port")) else { continue };
        let name = format!("{ip}:{port}");
        if caps.replicas.fold(&name) != name.as_str() {
            continue;
        }
        let labels =
            ReplicaLabels { slave_ip: ip.to_owned().into(), slave_port: port.to_owned().into() };
        let online = parts.get("state").map(|it| it == "online");
        let online_value = online.map(|it| f64::from(u8::from(it)));
        out.gauge(&REPLICA_ONLINE, labels.clone(), online_value);
        // Before it is online the server reports 0 for both.
        if online != Some(true) {
            continue;
        }
        let confirmed = parts.number("offset");
        let behind = written.zip(confirmed).map(|(all, confirmed)| (all - confirmed).max(0.0));
        out.gauge(&REPLICA_OFFSET, labels.clone(), confirmed);
        out.gauge(&REPLICA_LAG_BYTES, labels.clone(), behind);
        out.gauge(&REPLICA_LAG, labels, parts.number("lag").filter(|it| *it >= 0.0));
    }
}
