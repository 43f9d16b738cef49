//! Wrong expressions do not compile.

#[path = "../../../common/tests/compile_fail/harness.rs"]
mod harness;

#[test]
fn wrong_expressions_do_not_compile() {
    harness::check_cases(&["common", "promql"]);
}

#[test]
fn the_readme_names_every_case() {
    let package = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(package.join("README.md")).expect("the package has one");
    for entry in package.join("tests/compile_fail/cases").read_dir().expect("there are cases") {
        let name = entry.expect("it can be read").path();
        let name = name.file_stem().expect("a file has a name").to_string_lossy();
        assert!(name == "control" || readme.contains(&format!("`{name}`")), "{name} is missing");
    }
}
