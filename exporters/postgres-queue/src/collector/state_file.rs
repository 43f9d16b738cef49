//! The state file: counting continues after a restart.
//!
//! It is written before the scrape's response is sent, so that a counter never falls below a value
//! that was exported. It is replaced atomically, so that a crash leaves the old or the new file.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::{TableCollector, counting_state::CountingState, lock, plan::Plan};

/// The version of the file's layout; a file of another version is not read.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct SavedRef<'a> {
    version: u32,
    counting: &'a CountingState,
}

#[derive(Deserialize)]
struct Saved {
    version: u32,
    counting: CountingState,
}

impl TableCollector {
    /// Reads the file once, and uses it if it is about this table.
    pub(super) fn restore_state(&self, plan: &Plan) {
        let Some(path) = &self.state_file else { return };
        let state = &mut *lock(&self.state);
        if std::mem::replace(&mut state.restored, true) {
            return;
        }
        match read(path) {
            Ok(Some(counting)) if counting.identity == plan.resolved.relation.identity => {
                // The queues keep their own values of the label under its limit.
                state.queues.extend(counting.counters.keys().map(|it| self.queue_limit.fold(it)));
                state.counting = counting;
                tracing::info!(source = %self.name, file = %path.display(), "counting continues from the state file");
            }
            Ok(Some(_)) => tracing::warn!(
                source = %self.name,
                file = %path.display(),
                "the state file is about another table: counting starts over"
            ),
            Ok(None) => {}
            Err(error) => tracing::warn!(
                source = %self.name,
                file = %path.display(),
                %error,
                "the state file cannot be read: counting starts over"
            ),
        }
    }

    /// Writes the file. A failure makes counting inexact after a restart, but does not fail the
    /// scrape.
    pub(super) async fn save_state(&self) {
        let Some(path) = self.state_file.clone() else { return };
        let text = {
            let state = lock(&self.state);
            serde_json::to_vec(&SavedRef { version: VERSION, counting: &state.counting })
        };
        let written = tokio::task::spawn_blocking(move || {
            let text = text.map_err(io::Error::other)?;
            write(&path, &text)
        });
        let outcome = written.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        if let Err(error) = outcome {
            let note = format!("the state file cannot be written: {error}");
            if lock(&self.state).logged.insert(note.clone()) {
                tracing::error!(source = %self.name, "{note}");
            }
        }
    }
}

fn read(path: &Path) -> io::Result<Option<CountingState>> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let Saved { version, counting } = serde_json::from_slice(&text)?;
    if version != VERSION {
        return Err(io::Error::other(format!("it has the version {version}, not {VERSION}")));
    }
    Ok(Some(counting))
}

/// Replaces the file. The content is on the disk before the file gets its name.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_file_is_replaced_as_a_whole_and_read_back() {
        let path = std::env::temp_dir().join(format!("pulso-state-{}.json", std::process::id()));
        assert!(read(&path).unwrap().is_none());
        for identity in ["a/1", "b/2"] {
            let counting =
                CountingState { identity: identity.to_owned(), ..CountingState::default() };
            let text = serde_json::to_vec(&SavedRef { version: VERSION, counting: &counting });
            write(&path, &text.unwrap()).unwrap();
            assert_eq!(read(&path).unwrap().unwrap().identity, identity);
        }
        fs::write(&path, b"{\"version\": 1, \"counting\"").unwrap();
        assert!(read(&path).is_err());
        fs::write(&path, b"{\"version\": 9, \"counting\": {}}").unwrap();
        assert!(read(&path).is_err());
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn the_layout_is_that_of_version_1() {
        let histogram = json!({"counts": [0, 3], "sum": 1.5});
        let counting = json!({
            "identity": "app/1",
            "finished": {
                "ledger": {
                    "bound": 5, "certain": 4, "exact": false, "holds": {"7": 1},
                    "keys": [["0000000000000000000000000000002a", 7]],
                },
                "tally": {"since": 1, "counts": [[2, ["mail", 1], 3]]},
                "doubtful_until": 9,
            },
            "enqueued": {
                "ledger": {"bound": null, "certain": null, "exact": false, "holds": {}, "keys": []},
                "tally": null,
                "doubtful_until": null,
            },
            "counts": {"mail": {
                "enqueued": 1, "finished": 3, "failed": 1, "cancelled": 0, "retried": 2,
                "errors": {"timeout": 1},
                "wait": histogram, "run": histogram, "latency": histogram,
            }},
            "late": 2,
        });
        let read: CountingState = serde_json::from_value(counting.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), counting);
    }
}
