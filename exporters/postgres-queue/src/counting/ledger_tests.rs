//! Single situations, each with its reason.

use super::*;

const MINUTE: Micros = 60_000_000;

const RULES: Rules =
    Rules { database_clock: true, lookback: 15 * MINUTE, skew: 0, settle: 0, max_keys: 1000 };

fn watch(now: Micros) -> Watch {
    Watch { now, oldest: None, prepared: vec![], sees_all: true }
}

fn row(id: &str, at: Micros) -> Stamped {
    Stamped { key: Key::new(id, 0, at), at }
}

fn started(now: Micros) -> Ledger {
    let mut ledger = Ledger::default();
    ledger.take_in(&watch(now), &RULES, &[], None);
    ledger
}

#[test]
fn counting_starts_at_the_start() {
    let mut ledger = Ledger::default();
    let watch = Watch { oldest: Some(900 * MINUTE), ..watch(901 * MINUTE) };
    assert_eq!(ledger.read_from(&watch, &RULES), 900 * MINUTE);
    let before = row("1", 900 * MINUTE + 1);
    assert_eq!(ledger.take_in(&watch, &RULES, &[before], None), [false]);
    let late = row("2", 900 * MINUTE);
    assert_eq!(ledger.take_in(&watch, &RULES, &[late, before], None), [true, false]);
}

#[test]
fn an_open_transaction_holds_the_bound_and_not_the_count() {
    let mut ledger = started(100 * MINUTE);
    for minute in 101..110 {
        let watch = Watch { oldest: Some(100 * MINUTE + 1), ..watch(minute * MINUTE) };
        let row = row(&minute.to_string(), minute * MINUTE - 1);
        assert_eq!(ledger.take_in(&watch, &RULES, &[row], None), [true]);
        assert_eq!(ledger.bound(), Some(100 * MINUTE + 1));
        assert!(ledger.is_exact());
    }
    assert_eq!(ledger.len(), 9);
}

#[test]
fn a_transaction_open_for_long_gives_way_to_the_look_back() {
    let mut ledger = started(100 * MINUTE);
    let long = Watch { oldest: Some(80 * MINUTE), ..watch(101 * MINUTE) };
    ledger.take_in(&long, &RULES, &[], None);
    assert!(!ledger.is_exact());
    let longer = Watch { oldest: Some(80 * MINUTE), ..watch(200 * MINUTE) };
    ledger.take_in(&longer, &RULES, &[], None);
    assert_eq!(ledger.bound(), Some(185 * MINUTE));
    ledger.take_in(&watch(201 * MINUTE), &RULES, &[], None);
    assert!(ledger.is_exact(), "it is over");
}

#[test]
fn hidden_transactions_make_it_say_so() {
    let mut ledger = Ledger::default();
    ledger.take_in(&Watch { sees_all: false, ..watch(100 * MINUTE) }, &RULES, &[], None);
    assert_eq!((ledger.bound(), ledger.is_exact()), (Some(85 * MINUTE), false));
}

#[test]
fn the_applications_clocks_make_it_say_so() {
    let rules = Rules { database_clock: false, skew: MINUTE, ..RULES };
    let mut ledger = Ledger::default();
    ledger.take_in(&watch(100 * MINUTE), &rules, &[], None);
    assert_eq!((ledger.bound(), ledger.is_exact()), (Some(84 * MINUTE), false));
}

#[test]
fn a_prepared_transaction_holds_the_bound_of_when_it_was_open() {
    let mut ledger = started(100 * MINUTE);
    let open = Watch { oldest: Some(101 * MINUTE), ..watch(102 * MINUTE) };
    ledger.take_in(&open, &RULES, &[], None);
    for minute in [103, 105, 107] {
        let prepared =
            Watch { prepared: vec![Prepared { id: "7".into() }], ..watch(minute * MINUTE) };
        ledger.take_in(&prepared, &RULES, &[], None);
        assert_eq!((ledger.bound(), ledger.is_exact()), (Some(101 * MINUTE), true));
    }
    assert_eq!(
        ledger.take_in(&watch(108 * MINUTE), &RULES, &[row("1", 101 * MINUTE)], None),
        [true]
    );
    assert_eq!(ledger.bound(), Some(108 * MINUTE));
}

#[test]
fn of_a_transaction_prepared_before_the_start_nothing_is_known() {
    let prepared = |now| Watch { prepared: vec![Prepared { id: "7".into() }], ..watch(now) };
    let mut ledger = Ledger::default();
    ledger.take_in(&prepared(100 * MINUTE), &RULES, &[], None);
    assert_eq!((ledger.bound(), ledger.is_exact()), (Some(85 * MINUTE), false));
    ledger.take_in(&prepared(101 * MINUTE), &RULES, &[], None);
    assert!(!ledger.is_exact());
    ledger.take_in(&watch(102 * MINUTE), &RULES, &[], None);
    assert!(ledger.is_exact());
}

#[test]
fn one_open_for_long_and_then_prepared_is_not_taken_for_young() {
    let mut ledger = started(100 * MINUTE);
    ledger.take_in(&Watch { oldest: Some(60 * MINUTE), ..watch(101 * MINUTE) }, &RULES, &[], None);
    let prepared = Watch { prepared: vec![Prepared { id: "7".into() }], ..watch(102 * MINUTE) };
    ledger.take_in(&prepared, &RULES, &[], None);
    assert!(!ledger.is_exact());
}

#[test]
fn a_clock_set_back_does_not_stop_the_count() {
    let mut ledger = started(100 * MINUTE);
    let back = watch(50 * MINUTE);
    assert_eq!(ledger.read_from(&back, &RULES), 50 * MINUTE);
    let old = row("1", 60 * MINUTE);
    assert_eq!(ledger.take_in(&back, &RULES, &[old], None), [false], "it was counted before");
    assert!(!ledger.is_exact());
    let rows = [row("2", 50 * MINUTE + 1), old];
    assert_eq!(ledger.take_in(&watch(51 * MINUTE), &RULES, &rows, None), [true, false]);
    assert!(ledger.is_exact());
}

#[test]
fn what_does_not_fit_one_reading_comes_with_the_next() {
    let mut ledger = started(100 * MINUTE);
    let rows = [row("1", 101 * MINUTE), row("2", 102 * MINUTE)];
    let now = watch(110 * MINUTE);
    assert_eq!(ledger.take_in(&now, &RULES, &rows[..1], Some(102 * MINUTE)), [true]);
    assert_eq!((ledger.bound(), ledger.is_exact()), (Some(102 * MINUTE), true));
    assert_eq!(ledger.take_in(&now, &RULES, &rows[1..], None), [true]);
}

#[test]
fn a_held_bound_does_not_stop_a_reading_in_parts() {
    let mut ledger = started(100 * MINUTE);
    let held = Watch { oldest: Some(100 * MINUTE), ..watch(110 * MINUTE) };
    ledger.take_in(&held, &RULES, &[row("1", 101 * MINUTE)], Some(102 * MINUTE));
    assert_eq!((ledger.bound(), ledger.is_exact()), (Some(102 * MINUTE), false));
}

#[test]
fn too_much_to_remember_is_forgotten_and_said() {
    let mut ledger = started(100 * MINUTE);
    let rules = Rules { max_keys: 10, ..RULES };
    let rows: Vec<_> = (1..=20).map(|it| row(&it.to_string(), 100 * MINUTE + it)).collect();
    let held = Watch { oldest: Some(100 * MINUTE), ..watch(101 * MINUTE) };
    assert_eq!(ledger.take_in(&held, &rules, &rows, None), [true; 20]);
    assert_eq!((ledger.len(), ledger.is_exact()), (5, false));
    let again: Vec<_> = rows.into_iter().filter(|it| it.at >= ledger.bound().unwrap()).collect();
    assert_eq!(ledger.take_in(&held, &rules, &again, None), [false; 5]);
}
