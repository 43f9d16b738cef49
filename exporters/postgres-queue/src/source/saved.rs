//! The state file: counting goes on after a restart where it was.
//!
//! It is written before a scrape's answer goes out, so that what was answered is never taken
//! back, and replaced whole, so that a crash leaves the old or the new one.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::{Source, lock, plan::Plan, state::Counting};

/// The layout of the file; another one is not read.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    counting: &'a Counting,
}

#[derive(Deserialize)]
struct Read {
    version: u32,
    counting: Counting,
}

impl Source {
    /// Takes over what the file holds, once, if it is about this table.
    pub(super) fn restore(&self, plan: &Plan) {
        let Some(path) = &self.state_file else { return };
        let state = &mut *lock(&self.state);
        if std::mem::replace(&mut state.restored, true) {
            return;
        }
        match read(path) {
            Ok(Some(counting)) if counting.identity == plan.shape.relation.identity => {
                // The queues keep their places under the cap.
                state.known.extend(counting.counts.keys().map(|it| self.cap.fold(it)));
                state.counting = counting;
                tracing::info!(source = self.name, file = %path.display(), "counting goes on");
            }
            Ok(Some(_)) => tracing::warn!(
                source = self.name,
                file = %path.display(),
                "the state file is about another table: counting starts anew"
            ),
            Ok(None) => {}
            Err(error) => tracing::warn!(
                source = self.name,
                file = %path.display(),
                %error,
                "the state file cannot be read: counting starts anew"
            ),
        }
    }

    /// Writes the state down. A failure costs exactness after a restart, and nothing now.
    pub(super) async fn save(&self) {
        let Some(path) = self.state_file.clone() else { return };
        let text = {
            let state = lock(&self.state);
            serde_json::to_vec(&Written { version: VERSION, counting: &state.counting })
        };
        let written = tokio::task::spawn_blocking(move || {
            let text = text.map_err(io::Error::other)?;
            write(&path, &text)
        });
        let outcome = written.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        if let Err(error) = outcome {
            let note = format!("the state file cannot be written: {error}");
            if lock(&self.state).told.insert(note.clone()) {
                tracing::error!(source = self.name, "{note}");
            }
        }
    }
}

fn read(path: &Path) -> io::Result<Option<Counting>> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let Read { version, counting } = serde_json::from_slice(&text)?;
    if version != VERSION {
        return Err(io::Error::other(format!("it has the layout {version}, not {VERSION}")));
    }
    Ok(Some(counting))
}

/// Replaces the file: the new content is on the disk before it takes the name.
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
    use super::*;

    #[test]
    fn what_is_written_is_read_and_replaced_whole() {
        let path = std::env::temp_dir().join(format!("pulso-state-{}.json", std::process::id()));
        assert!(read(&path).unwrap().is_none());
        for identity in ["a/1", "b/2"] {
            let counting = Counting { identity: identity.to_owned(), ..Counting::default() };
            let text = serde_json::to_vec(&Written { version: VERSION, counting: &counting });
            write(&path, &text.unwrap()).unwrap();
            assert_eq!(read(&path).unwrap().unwrap().identity, identity);
        }
        fs::write(&path, b"{\"version\": 1, \"counting\"").unwrap();
        assert!(read(&path).is_err());
        fs::write(&path, b"{\"version\": 9, \"counting\": {}}").unwrap();
        assert!(read(&path).is_err());
        fs::remove_file(&path).unwrap();
    }
}
