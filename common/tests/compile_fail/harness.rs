//! Compiles the files in a package's `tests/compile_fail/cases/`, most of which must fail.
//!
//! Lines of a file that begin with `//~` are parts of the compiler's error; a file without such
//! lines must compile. The compiler links the libraries that this test is linked with: a second
//! build of every dependency would take minutes. Only parts of the error are compared, because
//! its whole text changes with each release of the compiler.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Compiles every case with these libraries at hand.
///
/// # Panics
/// Where a case compiles and must not, or fails with another error than it names.
pub(crate) fn check_cases(libraries: &[&str]) {
    let libraries = paths(libraries);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail/cases");
    let entries = fs::read_dir(folder).expect("the folder is part of the package");
    let mut files: Vec<_> = entries.map(|it| it.expect("it can be read").path()).collect();
    files.sort();
    assert!(files.len() > 1, "there is nothing to compile");

    let wrong: Vec<_> = files.iter().filter_map(|it| mistake(it, &libraries)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Describes how the compiler's answer differs from what the file expects.
fn mistake(file: &Path, libraries: &[(&str, PathBuf)]) -> Option<String> {
    let source = fs::read_to_string(file).expect("the folder holds sources only");
    let expected: Vec<_> = source.lines().filter_map(|it| it.strip_prefix("//~ ")).collect();

    let mut rustc = Command::new(Path::new(env!("CARGO")).with_file_name("rustc"));
    rustc.args(["--edition=2024", "--emit=metadata", "--cap-lints=allow", "-o"]);
    let output = concat!(env!("CARGO_PKG_NAME"), "-case.rmeta");
    rustc.arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join(output));
    for (name, path) in libraries {
        rustc.arg("-L").arg(format!("dependency={}", path.with_file_name("").display()));
        rustc.arg("--extern").arg(format!("{name}={}", path.display()));
    }
    let output = rustc.arg(file).output().expect("the compiler that built this test can be run");
    let answer = String::from_utf8_lossy(&output.stderr);

    let is_error = |line: &&str| line.starts_with("error") && !line.contains("aborting due to");
    let errors = answer.lines().filter(is_error).count();
    let as_expected = if expected.is_empty() {
        output.status.success()
    } else {
        errors == 1 && expected.iter().all(|it| answer.contains(it))
    };
    (!as_expected).then(|| format!("{}: expected {expected:#?}, got\n{answer}", file.display()))
}

/// Each library with the file that this test is linked with.
fn paths<'a>(libraries: &[&'a str]) -> Vec<(&'a str, PathBuf)> {
    let output = Command::new(env!("CARGO"))
        .args(["test", "--offline", "--no-run", "--message-format=json"])
        .args(["--package", env!("CARGO_PKG_NAME"), "--test=compile_fail"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the cargo that built this test can be run");
    let messages = String::from_utf8_lossy(&output.stdout);
    let find = |library: &&'a str| {
        let prefix = format!("lib{library}-");
        let is_wanted = |path: &Path| {
            let stem = path.file_stem().and_then(|it| it.to_str());
            path.extension().is_some_and(|it| it == "rlib")
                && stem.is_some_and(|it| it.starts_with(&prefix))
        };
        match messages.split('"').map(Path::new).find(|it| is_wanted(it)) {
            Some(path) => (*library, path.to_owned()),
            None => {
                panic!("cargo names no {library}:\n{}", String::from_utf8_lossy(&output.stderr))
            }
        }
    };
    libraries.iter().map(find).collect()
}
