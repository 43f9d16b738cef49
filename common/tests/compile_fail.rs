//! What must not compile, and why it does not.
//!
//! A file in `compile_fail/` says in lines that begin with `//~` what the compiler must answer;
//! a file without such lines must compile. The compiler is called on the very library that this
//! test is linked with: a second build of every dependency would take minutes, and the whole of
//! a message changes with each release of the compiler.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

#[test]
fn mistakes_do_not_compile() {
    let library = library();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail");
    let entries = fs::read_dir(folder).expect("the folder is part of the package");
    let mut files: Vec<_> = entries.map(|it| it.expect("it can be read").path()).collect();
    files.sort();
    assert!(files.len() > 1, "there is nothing to compile");

    let wrong: Vec<_> = files.iter().filter_map(|it| mistake(it, &library)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with the compiler's answer.
fn mistake(file: &Path, library: &Path) -> Option<String> {
    let source = fs::read_to_string(file).expect("the folder holds sources only");
    let expected: Vec<_> = source.lines().filter_map(|it| it.strip_prefix("//~ ")).collect();

    let output = Command::new(Path::new(env!("CARGO")).with_file_name("rustc"))
        .args(["--edition=2024", "--emit=metadata", "--cap-lints=allow", "-o"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_fail.rmeta"))
        .arg("-L")
        .arg(format!("dependency={}", library.with_file_name("").display()))
        .arg("--extern")
        .arg(format!("common={}", library.display()))
        .arg(file)
        .output()
        .expect("the compiler that built this test can be run");
    let answer = String::from_utf8_lossy(&output.stderr);

    let errors = answer.lines().filter(|it| it.starts_with("error[")).count();
    let sound = if expected.is_empty() {
        output.status.success()
    } else {
        errors == 1 && expected.iter().all(|it| answer.contains(it))
    };
    (!sound).then(|| format!("{}: expected {expected:#?}, got\n{answer}", file.display()))
}

/// The library that this test is linked with.
fn library() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["test", "--offline", "--no-run", "--message-format=json"])
        .args(["--package=common", "--test=compile_fail"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the cargo that built this test can be run");
    let messages = String::from_utf8_lossy(&output.stdout);
    let is_ours = |path: &Path| {
        let stem = path.file_stem().and_then(|it| it.to_str());
        path.extension().is_some_and(|it| it == "rlib")
            && stem.is_some_and(|it| it.starts_with("libcommon-"))
    };
    let mut paths = messages.split('"').map(Path::new);
    match paths.find(|it| is_ours(it)) {
        Some(path) => path.to_owned(),
        None => panic!("cargo names no library:\n{}", String::from_utf8_lossy(&output.stderr)),
    }
}
