//! The server, from `INFO`: the collector whose success is `redis_up`.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use common::{
    metric::Gauge,
    scrape::{CollectError, Reason, Snapshot},
    source::redis::{Mode, REDIS_UP, Redis, Session, SessionCollector},
};

use super::{
    caps::Caps,
    fields,
    info::{self, Info},
    keyspace, replication, sentinel,
};
use crate::metrics::redis::{
    memory::{MAXMEMORY_POLICY, Policy, PolicyLabels},
    replication::Role,
    server::{INSTANCE, InstanceLabels, START_TIME},
};

/// The sections that are read. Redis from 7.0 takes several; the other sections cost more.
const SECTIONS: &[&str] = &[
    "INFO",
    "server",
    "clients",
    "memory",
    "persistence",
    "stats",
    "replication",
    "cpu",
    "cluster",
    "keyspace",
];
/// The sections of a Sentinel.
const SENTINEL_SECTIONS: &[&str] = &["INFO", "server", "clients", "stats", "cpu", "sentinel"];

/// How much two readings of one start time may differ, in seconds: the server rounds both clocks.
const ROUNDING: f64 = 2.0;

#[derive(Debug)]
pub(super) struct Server {
    caps: Arc<Caps>,
    aliases: bool,
    /// Whether Sentinels find the server.
    follows_sentinels: bool,
    /// The `run_id`, and the first reading of its start time.
    started: Mutex<Option<(String, f64)>>,
}

impl Server {
    pub(super) const NAME: &'static str = "redis";

    pub(super) fn new(redis: &Redis, caps: &Arc<Caps>, aliases: bool) -> Self {
        Self {
            caps: Arc::clone(caps),
            aliases,
            follows_sentinels: redis.follows_sentinels(),
            started: Mutex::default(),
        }
    }
}

impl SessionCollector<Session> for Server {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn up(&self) -> Option<&'static Gauge> {
        Some(&REDIS_UP)
    }

    async fn collect(&self, session: &Session, out: &mut Snapshot) -> Result<(), CollectError> {
        let command = match (session.mode(), session.version()) {
            (Mode::Sentinel, Some(version)) if version >= (7, 0) => SENTINEL_SECTIONS,
            (_, Some(version)) if version >= (7, 0) => SECTIONS,
            _ => &["INFO"],
        };
        let doing = "reading INFO";
        let answer = session.text(doing, command).await?;
        let text = info::text(&answer);
        let info = Info::parse(&text);
        if info.get("uptime_in_seconds").is_none() {
            return Err(CollectError::new(Reason::Parse, doing)
                .with_hint("the answer has no `uptime_in_seconds`: check that the server is a Redis or a Valkey"));
        }
        self.write(&info, out);
        // After a failover the old primary comes back as a replica.
        if self.follows_sentinels && replication::role(&info) == Some(Role::Slave) {
            session.discard_connection();
        }
        Ok(())
    }
}

impl Server {
    /// Writes the samples of an answer.
    pub(super) fn write(&self, info: &Info<'_>, out: &mut Snapshot) {
        fields::INFO.write(info, out);
        if self.aliases {
            fields::ALIASES.write(info, out);
        }
        instance(info, out);
        policy(info, out);
        out.gauge(&START_TIME, (), self.start(info));
        keyspace::write(info, &self.caps, out);
        replication::write(info, &self.caps, out);
        sentinel::write(info, &self.caps, out);
        self.caps.write_info(out);
    }

    /// When the server started, in Unix seconds. It is the difference of two rounded clocks and may
    /// vary by a second or two, so the first reading of a run is kept.
    fn start(&self, info: &Info<'_>) -> Option<f64> {
        let now = match info.number("server_time_usec") {
            Some(micros) => (micros / 1e6).floor(),
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or(Duration::ZERO)
                .as_secs_f64()
                .floor(),
        };
        let read = now - info.number("uptime_in_seconds")?;
        let run = info.get("run_id").unwrap_or_default();
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        match &*started {
            Some((known, first)) if known == run && (read - first).abs() <= ROUNDING => {
                Some(*first)
            }
            _ => {
                *started = Some((run.to_owned(), read));
                Some(read)
            }
        }
    }
}

fn instance(info: &Info<'_>, out: &mut Snapshot) {
    let text = |name: &str| info.get(name).unwrap_or_default().to_owned().into();
    let mode = info.get("redis_mode").or(info.get("server_mode")).unwrap_or_default();
    let labels = InstanceLabels {
        redis_version: text("redis_version"),
        valkey_version: text("valkey_version"),
        redis_mode: mode.to_owned().into(),
        os: text("os"),
    };
    out.info(&INSTANCE, labels);
}

fn policy(info: &Info<'_>, out: &mut Snapshot) {
    let Some(said) = info.get("maxmemory_policy") else { return };
    let policy = Policy::ALL.into_iter().find(|it| it.as_str() == said).unwrap_or(Policy::Other);
    for it in Policy::ALL {
        out.gauge(
            &MAXMEMORY_POLICY,
            PolicyLabels { policy: it },
            f64::from(u8::from(it == policy)),
        );
    }
}

#[cfg(test)]
mod tests;
