//! The newest file of each configured glob, for backups: whether there is one, its age and size.

use std::{
    fs::Metadata,
    io,
    time::{SystemTime, UNIX_EPOCH},
};

use glob::{Pattern, glob};
use tokio::time::Instant;

use super::{
    FILES, FileSettings, FilesLabels, NEWEST_AGE, NEWEST_SIZE, NEWEST_TIME, Reading,
    settings::{Roots, distinct},
};
use crate::{
    scrape::{CollectError, Reason, Snapshot},
    settings::SettingsError,
};

#[derive(Debug)]
pub(super) struct Files {
    name: String,
    /// The glob below the mounted root.
    pattern: String,
}

pub(super) fn all(settings: &[FileSettings], roots: &Roots) -> Result<Vec<Files>, SettingsError> {
    distinct("files", settings.iter().map(|it| it.name.as_str()))?;
    let files = |(index, it): (usize, &FileSettings)| {
        let problem = "expected an absolute path with `*`, `?`, `[…]` or `**`, \
                       such as \"/var/backups/*.dump\"";
        let wrong = || SettingsError::at(format!("files[{index}].glob"), problem);
        if !it.glob.starts_with('/') {
            return Err(wrong());
        }
        Pattern::new(&it.glob).map_err(|error| wrong().with_source(error))?;
        let root = Pattern::escape(&roots.rootfs.to_string_lossy());
        let pattern = format!("{}{}", root.trim_end_matches('/'), it.glob);
        Ok(Files { name: it.name.clone(), pattern })
    };
    settings.iter().enumerate().map(files).collect()
}

impl Files {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn read(&self, until: Instant) -> Reading {
        Reading::of(|out| self.write(until, out))
    }

    fn write(&self, until: Instant, out: &mut Snapshot) -> Result<(), CollectError> {
        let (mut count, mut newest, mut failure) = (0_u64, None::<(SystemTime, Metadata)>, None);
        let paths = glob(&self.pattern).map_err(|error| {
            CollectError::new(Reason::Internal, self.doing()).with_source(error)
        })?;
        for path in paths {
            if Instant::now() > until {
                let hint = "start the pattern with the folders that hold the files";
                let error = CollectError::new(Reason::Timeout, self.doing());
                return Err(error
                    .with_hint(hint)
                    .with_source("the pattern matches too many files"));
            }
            let file = match path.map_err(io::Error::from).and_then(|it| it.metadata()) {
                Ok(file) if file.is_file() => file,
                Ok(_) => continue,
                // It has been removed, or is a dangling link.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => {
                    failure.get_or_insert(error);
                    continue;
                }
            };
            count += 1;
            if let Ok(time) = file.modified()
                && newest.as_ref().is_none_or(|it| it.0 < time)
            {
                newest = Some((time, file));
            }
        }
        // A folder that cannot be read may hold files: the count is then unknown, not zero.
        if count > 0 || failure.is_none() {
            self.report(count, newest.as_ref(), out);
        }
        failure.map_or(Ok(()), |error| {
            let reason = match error.kind() {
                io::ErrorKind::PermissionDenied => Reason::Permission,
                _ => Reason::Unavailable,
            };
            Err(CollectError::new(reason, self.doing())
                .with_source(error)
                .with_hint("let the exporter's user read the folders in the pattern"))
        })
    }

    fn report(&self, count: u64, newest: Option<&(SystemTime, Metadata)>, out: &mut Snapshot) {
        let labels = FilesLabels { files: self.name.clone() };
        out.gauge(&FILES, labels.clone(), count as f64);
        if let Some((time, file)) = newest {
            // After a clock was set back, a file can be newer than now: its age is zero.
            let age = time.elapsed().unwrap_or_default().as_secs_f64();
            let time = time.duration_since(UNIX_EPOCH).ok().map(|it| it.as_secs_f64());
            out.gauge(&NEWEST_TIME, labels.clone(), time);
            out.gauge(&NEWEST_AGE, labels.clone(), age);
            out.gauge(&NEWEST_SIZE, labels, file.len() as f64);
        }
    }

    fn doing(&self) -> String {
        format!("searching the files `{}` ({})", self.name, self.pattern)
    }
}
