//! Grid positions of panels, computed from their sizes so that none overlap.

use super::model::GridPos;

/// The grid's columns.
pub(crate) const COLUMNS: u32 = 24;

/// Positions of panels of these sizes (width, height), side by side from the line `top` on, and the
/// next free line. Each line is as high as its highest panel and stretched to the grid's width.
pub(crate) fn flow(sizes: &[(u32, u32)], top: u32) -> (Vec<GridPos>, u32) {
    let mut positions = Vec::with_capacity(sizes.len());
    let mut y = top;
    let mut rest = sizes;
    while !rest.is_empty() {
        let (line, next) = rest.split_at(fitting(rest));
        let h = line.iter().map(|(_, height)| *height).max().unwrap_or_default();
        let mut x = 0;
        for w in stretched(line) {
            positions.push(GridPos { h, w, x, y });
            x += w;
        }
        y += h;
        rest = next;
    }
    (positions, y)
}

/// How many of the panels fit side by side; at least one.
fn fitting(sizes: &[(u32, u32)]) -> usize {
    let mut width = 0;
    let fit = sizes.iter().take_while(|(w, _)| {
        width += w;
        width <= COLUMNS
    });
    fit.count().max(1)
}

/// Their widths, with the remaining columns distributed among the panels.
fn stretched(line: &[(u32, u32)]) -> Vec<u32> {
    let mut widths: Vec<u32> = line.iter().map(|(w, _)| (*w).min(COLUMNS)).collect();
    let mut left = COLUMNS - widths.iter().sum::<u32>();
    for i in (0..widths.len()).cycle() {
        if left == 0 {
            break;
        }
        widths[i] += 1;
        left -= 1;
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sizes: &[(u32, u32)], expected: &[(u32, u32, u32, u32)], bottom: u32) {
        let (positions, next) = flow(sizes, 1);
        let positions: Vec<_> = positions.iter().map(|it| (it.x, it.y, it.w, it.h)).collect();
        assert_eq!(positions, expected);
        assert_eq!(next, bottom);
    }

    #[test]
    fn a_full_line_wraps() {
        check(&[(12, 8), (12, 8), (24, 6)], &[(0, 1, 12, 8), (12, 1, 12, 8), (0, 9, 24, 6)], 15);
    }

    #[test]
    fn a_partial_line_is_stretched() {
        check(&[(4, 4), (4, 4), (4, 3)], &[(0, 1, 8, 4), (8, 1, 8, 4), (16, 1, 8, 4)], 5);
        check(&[(5, 4); 4], &[(0, 1, 6, 4), (6, 1, 6, 4), (12, 1, 6, 4), (18, 1, 6, 4)], 5);
        check(&[(7, 4); 3], &[(0, 1, 8, 4), (8, 1, 8, 4), (16, 1, 8, 4)], 5);
    }

    #[test]
    fn no_panels_take_no_space() {
        check(&[], &[], 1);
    }
}
