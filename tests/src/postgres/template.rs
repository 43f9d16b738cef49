//! An empty data directory per release, made once by `initdb` and then copied: so that a start is
//! fast.

use std::{
    path::Path,
    process::Command,
    sync::{Mutex, PoisonError},
};

use super::{
    PASSWORD, SUPERUSER,
    install::{Install, servers},
};
use crate::{
    StackError,
    folder::{Folder, publish},
    process::{output, unprivileged},
    user::User,
};

/// One at a time makes a template in this process; another process moves its own to the place.
static MAKING: Mutex<()> = Mutex::new(());

/// Copies the empty data directory of a release to `data`, for `user` to own.
pub(super) fn copy(install: &Install, user: Option<User>, data: &Path) -> Result<(), StackError> {
    let uid = user.map_or_else(|| rustix::process::getuid().as_raw(), |user| user.uid);
    let template = servers().join(format!("data-{}-{uid}", install.release()?));
    let making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    if !template.is_dir() {
        make(install, user, &template)?;
    }
    drop(making);
    output(Command::new("cp").arg("-a").arg(template).arg(data)).map(drop)
}

/// Copies a running server to `data`, so that a server there follows it.
pub(super) fn follow(
    install: &Install,
    user: Option<User>,
    data: &Path,
    primary: &str,
) -> Result<(), StackError> {
    let mut backup = unprivileged(user);
    backup.arg(install.program("pg_basebackup")).arg("-D").arg(data).args(["-d", primary]);
    backup.args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]);
    output(backup.current_dir(data.parent().unwrap_or(data))).map(drop)
}

fn make(install: &Install, user: Option<User>, template: &Path) -> Result<(), StackError> {
    let folder = Folder::new("initdb", user)?;
    let password = folder.write("password", PASSWORD)?;
    let data = folder.join("data");
    let mut initdb = unprivileged(user);
    initdb.arg(install.program("initdb")).arg("--pwfile").arg(password).arg("-D").arg(&data);
    initdb.args(["-U", SUPERUSER, "--auth=scram-sha-256", "--no-sync"]);
    initdb.args(["--encoding=UTF8", "--locale=C.UTF-8"]);
    output(initdb.current_dir(folder.path()))?;
    publish(&data, template)
}
