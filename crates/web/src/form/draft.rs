//! A form as it stands on a page: what its fields hold and what is wrong with them.

use crate::form::problem::Problem;
use crate::lang::Spoken;

/// What a form's fields hold, and what is wrong with each. A page that shows a fresh
/// form makes one with [`Draft::holding`]; a refused form is shown with the draft that
/// [`FormReader::finish`](crate::FormReader::finish) gave back.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    values: Vec<(String, String)>,
    problems: Vec<(String, Problem)>,
    labels: Vec<(&'static str, &'static str)>,
}

impl Draft {
    /// An empty form.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A form that shows a record: field names and what they hold.
    #[must_use]
    pub fn holding<V: Into<String>>(values: impl IntoIterator<Item = (&'static str, V)>) -> Self {
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Self { values, problems: Vec::new(), labels: Vec::new() }
    }

    pub(crate) fn typed(values: Vec<(String, String)>) -> Self {
        Self { values, problems: Vec::new(), labels: Vec::new() }
    }

    /// The labels that fields have on the page, so that the notice above the form can
    /// say which one a sentence is about.
    #[must_use]
    pub fn labelled(mut self, labels: &[(&'static str, &'static str)]) -> Self {
        self.labels = labels.to_vec();
        self
    }

    /// What the field holds; the first value of several.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Every value of a field that may come several times.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.values.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the field has this value among its own: a check, radio or option is on.
    #[must_use]
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.values(name).any(|held| held == value)
    }

    /// Whether a check or switch is on.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        !matches!(self.value(name), "" | "0" | "false" | "False" | "off")
    }

    /// The sentence beside a field, if it is wrong. The first problem is the one to cure.
    #[must_use]
    pub fn error(&self, name: &str, lang: impl Spoken) -> Option<String> {
        self.problems.iter().find(|(key, _)| key == name).map(|(_, problem)| problem.say(lang.lang()))
    }

    /// Notes a problem found after reading: a name that is taken, a price below cost.
    pub fn refuse(&mut self, name: &str, problem: Problem) {
        self.problems.push((name.to_owned(), problem));
    }

    /// Takes a value out, so that no page and no log can show it.
    pub(crate) fn forget(&mut self, name: &str) {
        self.values.retain(|(key, _)| key != name);
    }

    /// Whether anything is wrong.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !self.problems.is_empty()
    }

    /// How many fields are wrong.
    #[must_use]
    pub fn wrong_count(&self) -> i64 {
        i64::try_from(self.wrong().count()).unwrap_or(i64::MAX)
    }

    /// Each wrong field once, with its first problem, in the order of reading.
    pub fn wrong(&self) -> impl Iterator<Item = (&str, &Problem)> {
        self.problems.iter().enumerate().filter_map(|(index, (name, problem))| {
            let is_first = !self.problems[..index].iter().any(|(earlier, _)| earlier == name);
            is_first.then_some((name.as_str(), problem))
        })
    }

    /// The wrong fields with their sentences, for the notice above a form; each begins
    /// with the field's label where [`Draft::labelled`] gave one.
    #[must_use]
    pub fn errors(&self, lang: impl Spoken) -> Vec<(String, String)> {
        let sentence = |name: &str, problem: &Problem| {
            let said = problem.say(lang.lang());
            let label = self.labels.iter().find(|(field, _)| *field == name);
            label.map_or_else(|| said.clone(), |(_, label)| format!("{label}: {said}"))
        };
        self.wrong().map(|(name, problem)| (name.to_owned(), sentence(name, problem))).collect()
    }

    /// The problems, for a JSON answer.
    #[must_use]
    pub fn into_problems(self) -> Vec<(String, Problem)> {
        self.problems
    }
}
