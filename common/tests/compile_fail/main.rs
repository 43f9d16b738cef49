//! Wrong metric definitions do not compile.

mod harness;

#[test]
fn wrong_definitions_do_not_compile() {
    harness::check_cases(&["common"]);
}
