//! Programs of the system: their paths, and running helpers to their end.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{StackError, user::User};

/// A command that runs the program in its arguments as `user`, and that the kernel kills when this
/// process ends without having dropped its fixtures.
pub(crate) fn unprivileged(user: Option<User>) -> Command {
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig=KILL");
    if let Some(user) = user {
        command.arg(format!("--reuid={}", user.uid));
        command.arg(format!("--regid={}", user.gid));
        command.arg("--clear-groups");
    }
    command.arg("--");
    command
}

/// Runs a helper program to its end and gives what it wrote.
pub(crate) fn output(command: &mut Command) -> Result<String, StackError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let done = command
        .stdin(Stdio::null())
        .output()
        .map_err(StackError::io(format!("running {program}; scripts/install brings it")))?;
    let stdout = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(stdout);
    }
    let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
    Err(StackError::Program {
        program: format!("{program} {}", args.join(" ")),
        status: done.status,
        output: stdout + &String::from_utf8_lossy(&done.stderr),
    })
}

/// Finds a program in the folders where Debian puts servers.
pub(crate) fn find(name: &str) -> Result<PathBuf, StackError> {
    let places = ["/usr/local/bin", "/usr/bin", "/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    places
        .iter()
        .map(|place| place.join(name))
        .find(|path| path.is_file())
        .ok_or_else(|| StackError::no_program(name, &places))
}

/// Whether an unprivileged user can get there and read it.
pub(crate) fn open_to_all(path: &Path) -> bool {
    let open = |part: &Path| {
        fs::metadata(part).is_ok_and(|entry| entry.permissions().mode() & 0o005 == 0o005)
    };
    path.canonicalize().is_ok_and(|path| path.ancestors().all(open))
}
