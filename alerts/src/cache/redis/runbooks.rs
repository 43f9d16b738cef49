//! Runbooks of Redis. `$REDIS_URL` is the server's address.

use profiles::Redis;
use promql::Expr;

use crate::runbook::{Runbook, Step};

fn ask(title: &str, command: &str) -> Step {
    Step::shell(title, format!("redis-cli -u \"$REDIS_URL\" {command}"))
}

/// It does not answer.
pub(super) fn down(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "The exporter runs and gets no answer from Redis in time.".into(),
        impact: "Nothing that Redis holds is available: sessions, queues, locks. All readers \
                 of a cache go to the database."
            .into(),
        diagnosis: vec![
            Step::promql("Which one, and since when?", query),
            ask("Does it answer?", "PING"),
            Step::shell("Is it alive?", "systemctl status redis-server; free -m"),
            Step::shell("What does the exporter report?", "curl -fsS http://127.0.0.1:9803/"),
        ],
        quick_fix: "Restart it; with persistence it loads its data first, which takes a while. If \
                    it runs and does not answer, one command blocks it: wait, or restart it."
            .into(),
        investigation: "Look in the kernel's log for `Out of memory`, and in Redis' own for the \
                          last lines before it ended."
            .into(),
        lasting_fix: "Set `maxmemory` far below the machine's memory, because a snapshot copies \
                      what changes while it is written."
            .into(),
        prevention: "Run a replica with Sentinel, and let readers work without the cache.".into(),
    }
}

/// Reads find nothing.
pub(super) fn hits(redis: &Redis, query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "Too many reads are for keys that do not exist.".into(),
        impact: "Each miss goes to the database, which is slower and gets more load.".into(),
        diagnosis: vec![
            Step::promql("Since when?", query),
            ask("Hits, misses, evicted and expired keys", "INFO stats"),
            ask("How many keys are there, and how many expire?", "INFO keyspace"),
            ask("Is memory full?", "INFO memory"),
        ],
        quick_fix: format!(
            "- Keys are evicted: memory is too small. {}\n- There are few keys: the cache was \
             flushed or restarted; it fills again with time.\n- Nothing is evicted: the \
             application reads keys that nobody stores, or their time to live is too short.",
            redis.relief
        ),
        investigation: "A step at a deployment is a new key name, or a new version in it; compare \
                        the rates of hits and misses with the day before."
            .into(),
        lasting_fix: "Store every result that is read, absence too, with a time to live that fits \
                      how often it changes."
            .into(),
        prevention: "Warm the cache before a deployment that renames keys.".into(),
    }
}

/// Memory is full.
pub(super) fn memory(redis: &Redis, meaning: &str, query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: meaning.to_owned(),
        impact: "Writes fail with `OOM command not allowed`, or readers go to the database for \
                 what was evicted."
            .into(),
        diagnosis: vec![
            Step::promql("How full, and since when?", query),
            ask("What takes the memory?", "MEMORY STATS"),
            ask("Limit and policy", "INFO memory"),
            ask("Which keys are large? (scans all keys slowly)", "--bigkeys -i 0.01"),
            ask("How many keys never expire?", "INFO keyspace"),
        ],
        quick_fix: format!(
            "Delete keys that are not needed with `UNLINK`, which frees in the \
                      background. {}",
            redis.relief
        ),
        investigation: "Growth without more keys is a list or set that nobody trims; growth with \
                          them is keys without a time to live."
            .into(),
        lasting_fix: "Give every key of a cache a time to live, and the server the policy \
                      `allkeys-lru`; keep queues and locks on a separate server."
            .into(),
        prevention: "Watch memory after every change of what is stored.".into(),
    }
}

/// More memory is held than used.
pub(super) fn fragmentation(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "The server has allocated much more memory than it uses: free pieces lie \
                  between used ones."
            .into(),
        impact: "The machine has less memory than `maxmemory` would suggest, and may run out."
            .into(),
        diagnosis: vec![
            Step::promql("Since when?", query),
            ask("Where is it lost?", "INFO memory"),
            ask("What does Redis diagnose?", "MEMORY DOCTOR"),
        ],
        quick_fix: "`MEMORY PURGE` returns free memory; `CONFIG SET activedefrag yes` \
                    defragments the rest if the allocator is jemalloc."
            .into(),
        investigation: "Fragmentation after much was deleted is normal and stays at its peak; one \
                          that grows comes from values that change their size."
            .into(),
        lasting_fix: "Keep `activedefrag` on, or restart replicas and primary in turn.".into(),
        prevention: "Delete in small steps, and store values of similar size.".into(),
    }
}

/// Clients are turned away.
pub(super) fn rejected(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "Redis has as many clients as `maxclients` allows, and rejects others.".into(),
        impact: "Those clients fail at once; often whole processes cannot start.".into(),
        diagnosis: vec![
            Step::promql("Since when?", query),
            ask("How many clients are there?", "INFO clients"),
            ask("Who are they?", "CLIENT LIST"),
        ],
        quick_fix: "End idle ones: `CLIENT KILL`, or `CONFIG SET timeout 300`. Raise `maxclients` \
                    where the limit of open files allows it."
            .into(),
        investigation: "Count the addresses in the list: one application with hundreds of \
                          connections opens one for each request."
            .into(),
        lasting_fix: "Let applications keep a pool of a few connections.".into(),
        prevention: "Sum up all pools, and keep the sum below `maxclients`.".into(),
    }
}

/// A replica is cut off or late.
pub(super) fn replication(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "A replica is not connected to its primary, is gone, or does not keep up.".into(),
        impact: "Reads from it are old. If the primary is lost now, the data that the \
                 replica lacks is lost too."
            .into(),
        diagnosis: vec![
            Step::promql("Which one, and since when?", query),
            ask("What does the server say? (ask both sides)", "INFO replication"),
            ask("How large is the backlog?", "CONFIG GET repl-backlog-size"),
        ],
        quick_fix:
            "- `master_link_status:down`: see whether the primary answers from the replica's \
                    machine, and whether the password (`masterauth`) is right.\n- It synchronises \
                    again and again: raise `repl-backlog-size` and the output buffer of replicas."
                .into(),
        investigation: "Read the replica's log: it says why the link broke, and whether it could \
                        resume."
            .into(),
        lasting_fix: "Set a backlog that covers the bytes written during the longest interruption \
                      of the network."
            .into(),
        prevention: "Set `min-replicas-to-write`, where losing writes is worse than refusing them."
            .into(),
    }
}

/// Data is not saved.
pub(super) fn persistence(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "The last snapshot, or the last write to the append-only file, failed.".into(),
        impact: "Data written since then is lost at a restart; by default Redis refuses \
                 writes until a save succeeds."
            .into(),
        diagnosis: vec![
            Step::promql("Since when?", query),
            ask("What failed, and when did the last save succeed?", "INFO persistence"),
            ask("Where does it write to?", "CONFIG GET dir"),
            Step::shell("Is there room?", "df -h /var/lib/redis"),
        ],
        quick_fix:
            "Make room on the disk or give the directory back to Redis' user; then `BGSAVE`.".into(),
        investigation: "`Can't save in background: fork` in the log: the kernel refuses to \
                        overcommit memory; set `vm.overcommit_memory = 1`."
            .into(),
        lasting_fix: "Provide a disk with room for three times the data.".into(),
        prevention: "Watch the age of the last save, and the disk.".into(),
    }
}

/// Commands take long.
pub(super) fn slow(query: impl Into<Expr>) -> Runbook {
    Runbook {
        meaning: "Commands are slow. Redis runs one at a time: all others wait.".into(),
        impact: "Every client is slower, also those with small commands.".into(),
        diagnosis: vec![
            Step::promql("Since when?", query),
            ask("Which commands were slow?", "SLOWLOG GET 20"),
            ask("Which commands take most time in total?", "INFO commandstats"),
            ask("Did the machine slow it down?", "LATENCY LATEST"),
        ],
        quick_fix: "Find the client in the slow log and stop what it does: `KEYS`, a large \
                    `SMEMBERS`, `DEL` of a huge key, a long script."
            .into(),
        investigation: "If small commands are slow, it is the machine: swapping, a fork for a \
                          snapshot, another program on the processor."
            .into(),
        lasting_fix: "Use `SCAN` instead of `KEYS`, `UNLINK` instead of `DEL`, and smaller values."
            .into(),
        prevention: "Deny dangerous commands to applications by ACL.".into(),
    }
}
