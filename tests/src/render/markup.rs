//! A growing piece of HTML or SVG.

use std::fmt;

#[derive(Default)]
pub(super) struct Markup(String);

impl Markup {
    pub(super) fn begin(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(super) fn add(&mut self, part: fmt::Arguments) {
        use fmt::Write;
        // A string takes whatever it is given.
        let _ = self.0.write_fmt(part);
    }

    pub(super) fn end(mut self, text: &str) -> String {
        self.0 += text;
        self.0
    }
}
