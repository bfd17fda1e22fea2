//! Medians and Markdown tables.

/// The median; 0 of nothing.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// How many times as much one way took as another, round by round: the median.
#[must_use]
pub fn ratio(own: &[f64], other: &[f64]) -> f64 {
    median(own.iter().zip(other).map(|(own, other)| own / other).collect())
}

/// The mean; 0 of nothing. For figures that a clock of coarse ticks gives.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a benchmark has few rounds")]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Prints a Markdown table: the first column is text, the others are numbers.
pub fn print(head: &[&str], rows: &[Vec<String>]) {
    println!("| {} |", head.join(" | "));
    println!("| --- |{}", " ---: |".repeat(head.len().saturating_sub(1)));
    for row in rows {
        println!("| {} |", row.join(" | "));
    }
}
