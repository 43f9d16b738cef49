//! One scrape's samples, to look values up in.

use std::collections::BTreeMap;

/// The samples of a scrape in the classic text format.
#[derive(Debug, Clone)]
pub struct Samples(Vec<Sample>);

#[derive(Debug, Clone)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Samples {
    /// Reads a scrape. Label values of the tests hold no escaped quotes.
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        Self(lines.filter_map(sample).collect())
    }

    /// The sum of the samples of that name that have these labels; `None` when there is none.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let fits = |it: &&Sample| {
            let has = |(label, value): &(&str, &str)| {
                it.labels.get(*label).is_some_and(|found| found == value)
            };
            it.name == name && labels.iter().all(has)
        };
        let found: Vec<f64> = self.0.iter().filter(fits).map(|it| it.value).collect();
        (!found.is_empty()).then(|| found.iter().sum())
    }

    /// The values that a label has in the samples of that name.
    pub fn values_of(&self, name: &str, label: &str) -> Vec<&str> {
        let named = self.0.iter().filter(|it| it.name == name);
        named.filter_map(|it| it.labels.get(label).map(String::as_str)).collect()
    }

    /// The names that there are samples of.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.0.iter().map(|it| it.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

fn sample(line: &str) -> Option<Sample> {
    let (series, value) = line.rsplit_once(' ')?;
    let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
    let mut parsed = BTreeMap::new();
    let mut rest = labels.strip_suffix('}')?;
    while let Some((label, after)) = rest.split_once("=\"") {
        let (value, after) = after.split_once('"')?;
        parsed.insert(label.trim_start_matches(',').to_owned(), value.to_owned());
        rest = after;
    }
    Some(Sample { name: name.to_owned(), labels: parsed, value: value.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_scrape_says() {
        let text = "# TYPE a gauge\na{x=\"1\",y=\"b c\"} 2\na{x=\"2\",y=\"b c\"} 3.5\nb 1e3\n";
        let samples = Samples::parse(text);
        assert_eq!(samples.sum("a", &[("y", "b c")]), Some(5.5));
        assert_eq!(samples.sum("a", &[("x", "2")]), Some(3.5));
        assert_eq!(samples.sum("a", &[("x", "3")]), None);
        assert_eq!(samples.sum("b", &[]), Some(1000.0));
        assert_eq!(samples.values_of("a", "x"), ["1", "2"]);
        assert_eq!(samples.names(), ["a", "b"]);
    }
}
