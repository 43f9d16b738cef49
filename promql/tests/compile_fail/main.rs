//! Wrong expressions do not compile.

#[path = "../../../common/tests/compile_fail/harness.rs"]
mod harness;

#[test]
fn wrong_expressions_do_not_compile() {
    harness::check_cases(&["common", "promql"]);
}
