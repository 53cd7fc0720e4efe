/// One line of the report.
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) figure: String,
    pub(crate) floor: String,
    pub(crate) target: String,
    /// True if the target is met; `None` without a target.
    pub(crate) met: Option<bool>,
}

impl Line {
    /// Creates a line for a figure that must be at least a share of its floor.
    pub(crate) fn ratio(what: &str, figure: f64, more: &str, floor: f64, target: f64) -> Self {
        let ratio = figure / floor;
        Self {
            what: what.to_owned(),
            figure: format!("{figure:.0}/s{more}"),
            floor: format!("{floor:.0}/s"),
            target: format!("{:.0} % of the floor: {:.0} %", target * 100.0, ratio * 100.0),
            met: Some(ratio >= target),
        }
    }

    /// Creates a line for a figure that must be at most `most`.
    pub(crate) fn at_most(what: &str, figure: f64, most: f64, unit: &str, more: &str) -> Self {
        Self {
            what: what.to_owned(),
            figure: format!("{figure:.2} {unit}{more}"),
            floor: String::new(),
            target: format!("at most {most} {unit}"),
            met: Some(figure <= most),
        }
    }

    /// Creates a line for a latency that must be at most `most`, and at most `times` that of the same statements in pgbench.
    pub(crate) fn latency(
        what: &str,
        figure: f64,
        more: &str,
        most: f64,
        (floor, times): (f64, f64),
    ) -> Self {
        let ratio = figure / floor;
        Self {
            what: what.to_owned(),
            figure: format!("p99 {figure:.1} ms{more}"),
            floor: format!("p99 {floor:.1} ms"),
            target: format!("p99 {most:.0} ms and {times:.0} times the floor: {ratio:.1} times"),
            met: Some(figure <= most && ratio <= times),
        }
    }

    /// Prints the line immediately, because a run takes minutes.
    pub(crate) fn print(&self) {
        let mark = match self.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        println!("| {} | {} | {} | {} | {mark} |", self.what, self.figure, self.floor, self.target);
    }
}

/// Prints the header of the table.
pub(crate) fn head() {
    println!("| what | figure | floor | target | |\n|---|---|---|---|---|");
}
