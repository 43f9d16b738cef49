//! Prometheus's own tool accepts every expression that can be written.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, id},
};

use common::promql::{Expr, Query as _, Style};
use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::TestRunner,
};

#[path = "../../common/tests/promql/corpus.rs"]
mod corpus;
#[path = "../../common/tests/promql/definitions.rs"]
mod definitions;
#[path = "../../common/tests/promql/generator.rs"]
mod generator;

/// So many random expressions make one file, with the same seed each time.
const RANDOM: usize = 400;

#[test]
fn promtool_accepts_every_form() {
    let expressions = corpus::corpus();
    for style in [Style::default(), Style { scale: 60.0 }] {
        check(&format!("forms-{}", style.scale), &expressions, style);
    }
}

#[test]
fn promtool_accepts_random_expressions() {
    let mut runner = TestRunner::deterministic();
    let strategy = generator::expressions();
    let expressions: Vec<_> = (0..RANDOM)
        .map(|_| strategy.new_tree(&mut runner).expect("every expression is allowed").current())
        .map(|it| it.vector.expr())
        .collect();
    check("random", &expressions, Style::default());
}

#[test]
fn promtool_refuses_what_is_none() {
    let file = write("refused", "groups:\n- name: a\n  rules:\n  - {record: a, expr: 'rate('}\n");
    assert!(!promtool(&file).0, "promtool accepts anything, so it proves nothing");
    fs::remove_file(file).expect("the file was there");
}

/// Has promtool read every expression, broken into lines, as the expression of a rule.
fn check(name: &str, expressions: &[Expr], style: Style) {
    let mut text = String::from("groups:\n- name: test\n  rules:\n");
    for (i, expr) in expressions.iter().enumerate() {
        let expr = expr.render(style).replace("$__rate_interval", "5m").replace("$__range", "1h");
        let expr = expr.replace('\n', "\n      ");
        // A block, not a quoted text: that is how the generated rules are read by people.
        writeln!(text, "  - record: test:expr:{i}\n    expr: |-\n      {expr}")
            .expect("a String takes every text");
    }
    let file = write(name, &text);
    let (accepted, answer) = promtool(&file);
    assert!(accepted, "{}: {answer}", file.display());
    let found = format!("{} rules found", expressions.len());
    assert!(answer.contains(&found), "not {found}: {answer}");
    fs::remove_file(file).expect("the file was there");
}

fn write(name: &str, text: &str) -> PathBuf {
    let file = std::env::temp_dir().join(format!("pulso-promql-{}-{name}.yaml", id()));
    fs::write(&file, text).expect("the folder of temporary files can be written");
    file
}

/// Whether it accepts the rules, and all that it says.
fn promtool(rules: &Path) -> (bool, String) {
    let output = Command::new("promtool").args(["check", "rules"]).arg(rules).output();
    let output = output.unwrap_or_else(|error| {
        panic!("running promtool, which comes with Prometheus and must be on the path: {error}")
    });
    let answer = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&answer).into_owned())
}
