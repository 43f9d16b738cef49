//! Random typed expressions, each with a text that has every parenthesis.

use promql::prelude::*;
use proptest::prelude::*;

use super::definitions::*;

/// An expression, and the same with every parenthesis.
#[derive(Clone, Debug)]
pub(crate) struct Generated {
    pub(crate) vector: Vector<Finished>,
    pub(crate) parenthesized: String,
}

/// Any text, of letters, control characters or whatever else there is.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<char>(), 0..12).prop_map(String::from_iter)
}

fn leaf() -> impl Strategy<Value = Generated> {
    let queue = prop_oneof![
        3 => Just(None),
        1 => Just(Some("mail".to_owned())),
        1 => text().prop_map(Some),
    ];
    (queue, any::<bool>(), 1..3_600_000_u64, 0..4).prop_map(|(queue, past, millis, form)| {
        let filter: Vec<_> = queue.map(|it| Finished::queue.eq(it)).into_iter().collect();
        let window = std::time::Duration::from_millis(millis);
        let mut counter = FINISHED.filter(filter.clone());
        let mut gauge = OPEN.filter(filter);
        if past {
            (counter, gauge) = (counter.offset(minutes(7)), gauge.offset(minutes(7)));
        }
        let vector = match form {
            0 => gauge.vector(),
            1 => counter.rate(window),
            2 => gauge.predict_linear(window, hours(1)),
            _ => RUN.buckets().rate(window).sum_by((Finished::queue, JOB)).quantile(0.5),
        };
        let parenthesized = vector.to_string();
        Generated { vector, parenthesized }
    })
}

/// Expressions up to some depth.
pub(crate) fn expressions() -> impl Strategy<Value = Generated> {
    leaf().prop_recursive(5, 24, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone(), 0..24_usize).prop_map(pair),
            (inner.clone(), -9.0..9.0, 0..18_usize).prop_map(with_number),
            (inner, 0..14_usize).prop_map(alone),
        ]
    })
}

fn pair((left, right, form): (Generated, Generated, usize)) -> Generated {
    let (l, r) = (left.vector, right.vector);
    let queue = Finished::queue;
    let (operator, vector) = match form {
        0 => ("+", l + r),
        1 => ("-", l - r),
        2 => ("*", l * r),
        3 => ("/", l / r),
        4 => ("%", l % r),
        5 => ("^", l.pow(r)),
        6 => ("and", l.and(r)),
        7 => ("or", l.or(r)),
        8 => ("unless", l.unless(r)),
        9 => ("<", l.lt(r).vector()),
        10 => ("<=", l.le(r).vector()),
        11 => (">", l.gt(r).vector()),
        12 => (">=", l.ge(r).vector()),
        13 => ("==", l.eq(r).vector()),
        14 => ("!=", l.ne(r).vector()),
        15 => ("> bool", l.gt_bool(r)),
        16 => ("- on (queue)", l.on(queue).sub(r)),
        17 => ("/ ignoring (queue)", l.ignoring(queue).div(r)),
        18 => ("* on (queue) group_left ()", l.on(queue).group_left(()).mul(r)),
        19 => ("* on (queue) group_right (outcome)", {
            l.on(queue).group_right(Finished::outcome).mul(r)
        }),
        20 => ("and on ()", l.on(()).and(r)),
        21 => ("or on (queue, job)", l.on((queue, JOB)).or(r)),
        22 => ("unless ignoring (job)", l.ignoring(JOB).unless(r)),
        _ => ("> on (job)", l.on(JOB).gt(r).vector()),
    };
    let parenthesized = format!("({}) {operator} ({})", left.parenthesized, right.parenthesized);
    Generated { vector, parenthesized }
}

fn with_number((of, number, form): (Generated, f64, usize)) -> Generated {
    let (v, text) = (of.vector, of.parenthesized);
    let n = promql::number(number);
    let (vector, parenthesized) = match form {
        0 => (v + number, format!("({text}) + {n}")),
        1 => (v - number, format!("({text}) - {n}")),
        2 => (v.pow(number), format!("({text}) ^ {n}")),
        3 => (number - v, format!("{n} - ({text})")),
        4 => (number * v, format!("{n} * ({text})")),
        5 => (Scalar::from(number) / v, format!("{n} / ({text})")),
        6 => (v % number, format!("({text}) % {n}")),
        7 => (v.gt(number).vector(), format!("({text}) > {n}")),
        8 => (v.lt_bool(number), format!("({text}) < bool {n}")),
        9 => (v.eq_bool(number), format!("({text}) == bool {n}")),
        10 => (v.clamp_min(number), format!("clamp_min({text}, {n})")),
        11 => (v.round_to(number), format!("round({text}, {n})")),
        12 => (v.mul(time() - number), format!("({text}) * (time() - {n})")),
        13 => (time() - (v - number), format!("time() - (({text}) - {n})")),
        14 => (v.ne(vector(number).scalar()).vector(), format!("({text}) != scalar(vector({n}))")),
        15 => (v.add(minutes(5)), format!("({text}) + 300")),
        16 => (v.quantile(number).by(JOB), format!("quantile by (job) ({n}, {text})")),
        _ => (v.ge(number).and(OPEN.lt(0)).vector(), {
            format!("(({text}) >= {n}) and (queue_jobs_open < 0)")
        }),
    };
    Generated { vector, parenthesized }
}

fn alone((of, form): (Generated, usize)) -> Generated {
    let (v, text) = (of.vector, of.parenthesized);
    let (vector, parenthesized) = match form {
        0 => (v.abs(), format!("abs({text})")),
        1 => (v.sum().by((Finished::queue, JOB)), format!("sum by (queue, job) ({text})")),
        2 => (v.max().without(Finished::outcome), format!("max without (outcome) ({text})")),
        3 => (v.sum().labelled(), format!("sum({text})")),
        4 => (v.topk(3).vector(), format!("topk(3, {text})")),
        5 => (v.subquery(minutes(30), minutes(1)).max_over_time(), {
            format!("max_over_time(({text})[30m:1m])")
        }),
        6 => (v.subquery(hours(2), seconds(90)).quantile_over_time(0.5), {
            format!("quantile_over_time(0.5, ({text})[2h:1m30s])")
        }),
        7 => (v.age(), format!("time() - ({text})")),
        8 => (v.absent().vector(), format!("absent({text})")),
        9 => (v.scalar() - OPEN.vector(), format!("scalar({text}) - queue_jobs_open")),
        10 => (v.sort_desc(), format!("sort_desc({text})")),
        11 => (v.timestamp(), format!("timestamp({text})")),
        12 => (v.label_replace(Finished::queue, "$1", JOB, "(.*)"), {
            format!("label_replace({text}, \"queue\", \"$1\", \"job\", \"(.*)\")")
        }),
        _ => (v.clone().div_nonzero(v), format!("({text}) / (({text}) > 0)")),
    };
    Generated { vector, parenthesized }
}
