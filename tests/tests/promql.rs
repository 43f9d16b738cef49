//! Prometheus's own tool accepts every expression that can be written.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, id},
};

use promql::{Problem, prelude::*};
use proptest::{
    strategy::{Strategy as _, ValueTree as _},
    test_runner::TestRunner,
};

#[path = "../../promql/tests/expressions/corpus.rs"]
mod corpus;
#[path = "../../promql/tests/expressions/definitions.rs"]
mod definitions;
#[path = "../../promql/tests/expressions/generator.rs"]
mod generator;

/// So many random expressions make one file, with the same seed each time.
const RANDOM: usize = 600;

#[test]
fn promtool_accepts_every_form() {
    let expressions = corpus::corpus();
    for style in [Style::default(), Style { scale: 60.0 }] {
        check(&format!("forms-{}", style.scale), &expressions, style);
    }
}

#[test]
fn promtool_accepts_random_expressions() {
    check("random", &random(), Style::default());
}

fn random() -> Vec<Expr> {
    let mut runner = TestRunner::deterministic();
    let strategy = generator::expressions();
    (0..RANDOM)
        .map(|_| strategy.new_tree(&mut runner).expect("every expression is allowed").current())
        .map(|it| it.vector.expr())
        .collect()
}

#[test]
fn expressions_without_problems_are_evaluated_and_carry_their_labels() {
    let random = random().into_iter().filter(|it| !collapses(it));
    // Prometheus prints this one character such that it cannot read it again.
    let readable = random.filter(|it| !it.to_string().contains(r"\ufffd"));
    let sound: Vec<_> = readable.chain(corpus::corpus()).filter(matches_soundly).collect();
    assert!(sound.len() > 100, "only {} expressions are sound", sound.len());
    let (accepted, answer) = evaluate("sound", &sound);
    assert!(accepted, "{answer}");
}

#[test]
fn what_prometheus_cannot_match_is_found() {
    let ambiguous = definitions::OPEN.on(JOB).add(&definitions::OPEN).expr();
    assert!(!matches_soundly(&ambiguous));
    let (accepted, answer) = evaluate("ambiguous", &[ambiguous]);
    assert!(!accepted && answer.contains("many-to-many"), "{answer}");
}

/// Whether the analysis expects Prometheus to find one partner at most for each series.
fn matches_soundly(expr: &Expr) -> bool {
    let of_values = |it: &Problem| {
        use Problem as P;
        matches!(it, P::ShortWindow { .. } | P::DivisionByZero { .. } | P::InvalidQuantile { .. })
    };
    expr.problems(seconds(60)).iter().all(of_values)
}

/// Whether a label is overwritten, so that series may become alike.
fn collapses(expr: &Expr) -> bool {
    let text = expr.to_string();
    text.contains("label_replace") || text.contains("group_right (outcome)")
}

/// Has promtool evaluate the expressions over series of every label, and ask for series that
/// lack a label which they should carry.
fn evaluate(name: &str, expressions: &[Expr]) -> (bool, String) {
    let rules = write(&format!("{name}-rules"), &rules(expressions, Style::default()));
    let mut text = vec![format!(
        "rule_files: [{}]\nevaluation_interval: 30m\ntests:\n- interval: 1m\n  input_series:\n",
        rules.display()
    )];
    for series in series() {
        text.push(format!("  - {{series: '{series}', values: '1+1x180'}}\n"));
    }
    // Most of them give something to look at.
    text.push(format!(
        "  promql_expr_test:\n  - expr: 'count(count by (__name__) ({{__name__=~\"test:expr:.+\"}})) \
         >= bool {}'\n    eval_time: 3h\n    exp_samples: [{{labels: '{{}}', value: 1}}]\n",
        expressions.len() / 2
    ));
    for (i, expr) in expressions.iter().enumerate() {
        for label in expr.labels() {
            text.push(format!(
                "  - expr: 'count({{__name__=\"test:expr:{i}\",{label}=\"\"}}) or vector(0)'\n    \
                 eval_time: 3h\n    exp_samples: [{{labels: '{{}}', value: 0}}]\n"
            ));
        }
    }
    let tests = write(&format!("{name}-tests"), &text.concat());
    let result = promtool(["test", "rules"], &tests);
    for file in [rules, tests] {
        fs::remove_file(file).expect("the file was there");
    }
    result
}

/// Two targets of two jobs, each with every label of the definitions in two values.
fn series() -> Vec<String> {
    let mut all = Vec::new();
    for (job, instance) in [("a", "1"), ("a", "2"), ("b", "1"), ("b", "2")] {
        let target = format!("system=\"shop\",job=\"{job}\",instance=\"{instance}\"");
        all.push(format!("queue_up{{{target}}}"));
        all.push(format!("queue_build_info{{{target},version=\"1\"}}"));
        for queue in ["mail", "bulk"] {
            let queue = format!("{target},queue=\"{queue}\"");
            for name in ["jobs_pending", "last_job_timestamp_seconds", "wait_seconds_count"] {
                all.push(format!("queue_{name}{{{queue}}}"));
            }
            for le in ["0.1", "0.5", "1.0", "2.5", "+Inf"] {
                all.push(format!("queue_wait_seconds_bucket{{{queue},le=\"{le}\"}}"));
            }
            all.extend(
                ["x", "y"].map(|it| format!("queue_worker_busy{{{queue},worker=\"{it}\"}}")),
            );
            for outcome in ["done", "failed"] {
                let outcome = format!("{queue},outcome=\"{outcome}\"");
                all.push(format!("queue_jobs_open{{{outcome}}}"));
                all.push(format!("queue_jobs_finished_total{{{outcome}}}"));
                for le in ["0.1", "0.5", "2.5", "+Inf"] {
                    all.push(format!("queue_run_seconds_bucket{{{outcome},le=\"{le}\"}}"));
                }
            }
        }
    }
    all
}

#[test]
fn promtool_refuses_what_is_none() {
    let file = write("refused", "groups:\n- name: a\n  rules:\n  - {record: a, expr: 'rate('}\n");
    assert!(
        !promtool(["check", "rules"], &file).0,
        "promtool accepts anything, so it proves nothing"
    );
    fs::remove_file(file).expect("the file was there");
}

/// Has promtool read every expression as the expression of a rule.
fn check(name: &str, expressions: &[Expr], style: Style) {
    let file = write(name, &rules(expressions, style));
    let (accepted, answer) = promtool(["check", "rules"], &file);
    assert!(accepted, "{}: {answer}", file.display());
    let found = format!("{} rules found", expressions.len());
    assert!(answer.contains(&found), "not {found}: {answer}");
    fs::remove_file(file).expect("the file was there");
}

/// Rules that record every expression, broken into lines.
fn rules(expressions: &[Expr], style: Style) -> String {
    let mut text = vec!["groups:\n- name: test\n  rules:\n".to_owned()];
    for (i, expr) in expressions.iter().enumerate() {
        let expr = expr.render(style).replace("$__rate_interval", "5m").replace("$__range", "1h");
        let expr = expr.replace('\n', "\n      ");
        // A block, not a quoted text: that is how the generated rules are read by people.
        text.push(format!("  - record: test:expr:{i}\n    expr: |-\n      {expr}\n"));
    }
    text.concat()
}

fn write(name: &str, text: &str) -> PathBuf {
    let file = std::env::temp_dir().join(format!("pulso-promql-{}-{name}.yaml", id()));
    fs::write(&file, text).expect("the folder of temporary files can be written");
    file
}

/// Whether it accepts the file, and all that it says.
fn promtool(command: [&str; 2], file: &Path) -> (bool, String) {
    let output = Command::new("promtool").args(command).arg(file).output();
    let output = output.unwrap_or_else(|error| {
        panic!("running promtool, which comes with Prometheus and must be on the path: {error}")
    });
    let answer = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&answer).into_owned())
}
