//! A Python of the tests' own, with the packages of `requirements.txt`.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The interpreter of a virtual environment that holds the pinned packages; it is made on first
/// use and made again when the pins change.
///
/// # Errors
/// Says what is missing on this machine and how to get it.
pub fn interpreter() -> Result<PathBuf, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let requirements = here.join("requirements.txt");
    let home = here.with_file_name("target").join("python");
    let (python, stamp) = (home.join("bin/python"), home.join("requirements.txt"));
    fs::create_dir_all(&home).map_err(|error| format!("creating {}: {error}", home.display()))?;

    // Test binaries may run side by side; one of them makes the environment.
    let lock = File::create(home.join("lock"))
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|error| format!("locking {}: {error}", home.display()))?;
    let wanted = fs::read(&requirements)
        .map_err(|error| format!("reading {}: {error}", requirements.display()))?;
    if fs::read(&stamp).ok().as_ref() != Some(&wanted) {
        let needs = "this test needs Python 3 with venv and pip: apt-get install python3-venv";
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(home.join("env")), needs)?;
        let _ = fs::remove_file(home.join("bin"));
        std::os::unix::fs::symlink("env/bin", home.join("bin"))
            .map_err(|error| format!("linking {}: {error}", python.display()))?;
        let needs = "this test needs the packages of tests/requirements.txt: pip must reach an \
                     index that holds them, or find them by its `find-links` setting";
        run(
            Command::new(&python).args(["-m", "pip", "install", "-q", "-r"]).arg(requirements),
            needs,
        )?;
        fs::write(&stamp, wanted)
            .map_err(|error| format!("writing {}: {error}", stamp.display()))?;
    }
    drop(lock);
    Ok(python)
}

fn run(command: &mut Command, needs: &str) -> Result<Output, String> {
    let output = command.output().map_err(|error| format!("{needs} ({command:?}: {error})"))?;
    if output.status.success() {
        return Ok(output);
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(format!("{needs} ({command:?}: {}: {})", output.status, text.trim()))
}
