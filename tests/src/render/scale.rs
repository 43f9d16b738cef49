//! Axes: from values to pixels, and where the ticks are.

/// From values to pixels, on a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    start: f64,
    end: f64,
}

impl Scale {
    pub(super) fn new((low, high): (f64, f64), (start, end): (f64, f64)) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        Self { low, high, start, end }
    }

    pub(super) fn at(&self, value: f64) -> f64 {
        self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)
    }

    pub(super) fn high(&self) -> f64 {
        self.high
    }

    pub(super) fn low(&self) -> f64 {
        self.low
    }

    /// Round values that are at least `apart` pixels from one another, in steps of
    /// 1, 2 or 5 × 10ⁿ of the value divided by `divisor`.
    pub(super) fn ticks(&self, apart: f64, divisor: f64) -> Vec<f64> {
        let most = ((self.end - self.start).abs() / apart).floor().max(1.0);
        let rough = (self.high - self.low) / divisor / most;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|it| it * power);
        let step = step.into_iter().find(|it| *it >= rough * 0.999).unwrap_or(rough) * divisor;
        let first = (self.low / step).ceil();
        let count = ((self.high / step).floor() - first).max(0.0);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an axis has a few ticks"
        )]
        let count = count as u32;
        (0..=count).map(|it| (first + f64::from(it)) * step).collect()
    }
}

/// Round times at least `apart` pixels from one another, and the seconds between them.
pub(super) fn time_ticks(from: f64, to: f64, pixels: f64, apart: f64) -> (Vec<f64>, f64) {
    let steps = [
        1.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0,
        10_800.0, 21_600.0, 43_200.0, 86_400.0,
    ];
    let least = (to - from) / (pixels / apart).max(1.0);
    let step = steps.into_iter().find(|it| *it >= least).unwrap_or(604_800.0);
    let mut ticks = Vec::new();
    let mut tick = (from / step).ceil() * step;
    while tick <= to {
        ticks.push(tick);
        tick += step;
    }
    (ticks, step)
}

/// A small number of things, rounded down.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rows, ticks and colours are few"
)]
pub(super) fn whole(value: f64) -> usize {
    value.max(0.0) as usize
}

/// A rounded top for an axis, a little over the highest value.
pub(super) fn headroom(high: f64) -> f64 {
    if high <= 0.0 { 1.0 } else { high * 1.08 }
}

/// Grafana's classic palette.
pub(super) const PALETTE: [&str; 14] = [
    "#73BF69", "#F2CC0C", "#8AB8FF", "#FF780A", "#F2495C", "#5794F2", "#B877D9", "#705DA0",
    "#37872D", "#FADE2A", "#447EBC", "#C15C17", "#890F02", "#0A437C",
];

/// A colour of Grafana's by its name.
pub(super) fn color(name: &str) -> &str {
    match name {
        "green" => "#73BF69",
        "dark-green" => "#37872D",
        "yellow" => "#FADE2A",
        "orange" => "#FF9830",
        "red" => "#F2495C",
        "blue" => "#5794F2",
        "purple" => "#B877D9",
        "text" => "#CCCCDC",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let scale = Scale::new((0.0, 97.0), (200.0, 0.0));
        assert_eq!(scale.ticks(30.0, 1.0), [0.0, 20.0, 40.0, 60.0, 80.0]);
        let minutes = Scale::new((0.0, 400.0), (200.0, 0.0));
        assert_eq!(minutes.ticks(50.0, 60.0), [0.0, 120.0, 240.0, 360.0]);
    }

    #[test]
    fn times_are_round() {
        let (ticks, step) = time_ticks(3610.0, 7210.0, 600.0, 100.0);
        assert!((step - 600.0).abs() < f64::EPSILON);
        assert_eq!(ticks, [4200.0, 4800.0, 5400.0, 6000.0, 6600.0, 7200.0]);
    }
}
