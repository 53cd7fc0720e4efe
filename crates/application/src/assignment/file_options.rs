use haat_domain::assignment::IfAssigned;
use haat_domain::job::JobFacts;

/// Options of an assignment file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileOptions {
    /// The file's name in the store.
    pub file: String,
    /// The handling of retailers that another sales rep serves already.
    pub if_assigned: IfAssigned,
    /// Allows sales reps to exceed their capacity.
    pub force: bool,
    /// The reason for the change.
    pub reason: Option<String>,
    /// Saves the changes as a plan.
    pub plan: bool,
    /// Validates and returns the result without saving.
    pub validate_only: bool,
    /// The request id, for the audit log.
    pub request_id: String,
}

impl FileOptions {
    /// Returns the options as facts of a job.
    pub(super) fn facts(&self) -> JobFacts {
        let flag = |flag: bool| if flag { "yes" } else { "no" }.to_owned();
        let mut facts: JobFacts = [
            ("file", self.file.clone()),
            ("ifAssigned", self.if_assigned.as_str().to_owned()),
            ("force", flag(self.force)),
            ("plan", flag(self.plan)),
            ("validateOnly", flag(self.validate_only)),
            ("requestId", self.request_id.clone()),
        ]
        .map(|(name, text)| (name.to_owned(), text))
        .into();
        if let Some(reason) = &self.reason {
            facts.insert("reason".to_owned(), reason.clone());
        }
        facts
    }

    /// Parses the facts of a job; returns `None` for those of a version with other options.
    #[must_use]
    pub fn of(facts: &JobFacts) -> Option<Self> {
        let flag = |name| facts.get(name).map(|text| text == "yes");
        Some(Self {
            file: facts.get("file")?.clone(),
            if_assigned: IfAssigned::from_name(facts.get("ifAssigned")?)?,
            force: flag("force")?,
            reason: facts.get("reason").cloned(),
            plan: flag("plan")?,
            validate_only: flag("validateOnly")?,
            request_id: facts.get("requestId")?.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_survive_the_round_trip_through_facts() {
        let plain = FileOptions { file: "f".into(), request_id: "r".into(), ..FileOptions::default() };
        let all = FileOptions {
            if_assigned: IfAssigned::Move,
            force: true,
            reason: Some("why".into()),
            plan: true,
            validate_only: true,
            ..plain.clone()
        };
        for options in [plain, all] {
            assert_eq!(FileOptions::of(&options.facts()), Some(options));
        }
        assert_eq!(FileOptions::of(&JobFacts::new()), None);
    }
}
